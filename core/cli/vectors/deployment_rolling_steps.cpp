// deployment/rolling-controller-steps.json: Deployment and ReplicaSets in, writes out.
#include "core/api/json.h"
#include "core/base/text.h"
#include "core/cli/vectors/runner.h"
#include "core/controllers/deployment/steps.h"

namespace kubewalk::cli {

namespace {

using api::Value;
using controllers::Objects;
using namespace controllers::deployment;

Objects objects(const Value& list) {
    const auto items = list.items();
    return Objects(items.begin(), items.end());
}

Value shown(const Writes& writes) {
    Value list = Value::array();
    for (const auto& write : writes) {
        const bool update = write.verb == ReplicaSetWrite::Verb::update;
        Value entry = Value::object({{"name", api::name_of(write.replica_set)},
                                     {"resource", "replicasets"},
                                     {"subresource", ""},
                                     {"verb", update ? "update" : "delete"}});
        if (update) {
            entry.set("replicas", write.to);
            entry.set("annotations", write.replica_set["metadata"]["annotations"]);
        }
        list.push_back(entry);
    }
    return list;
}

// What the step returned (null: only its writes count), then the writes.
Value call(std::string_view function, const Value& args) {
    const Value& d = args["deployment"];
    Writes writes;
    Value answer;
    if (function == "reconcileNewReplicaSet") {
        answer = reconcile_new_replica_set(objects(args["allRSs"]), args["newRS"], d, writes).value_or(false);
    } else if (function == "reconcileOldReplicaSets") {
        answer = reconcile_old_replica_sets(objects(args["allRSs"]), objects(args["oldRSs"]), args["newRS"], d, writes);
    } else if (function == "cleanupUnhealthyReplicas") {
        Objects olds = objects(args["oldRSs"]);
        answer = cleanup_unhealthy_replicas(olds, d, args["maxCleanupCount"].as_int(), writes);
    } else if (function == "scaleDownOldReplicaSetsForRollingUpdate") {
        answer = scale_down_old_replica_sets(objects(args["allRSs"]), objects(args["oldRSs"]), d, writes);
    } else if (function == "scale") {
        scale(d, args["newRS"], objects(args["oldRSs"]), writes);
    } else if (function == "cleanupDeployment") {
        cleanup_deployment(objects(args["oldRSs"]), d, writes);
    } else {
        return {};
    }
    return Value::array({answer, shown(writes)});
}

// Where one recorded step ran inside another, the test double's list begins with what the outer one wrote.
Value own_writes(const Value& writes, std::string_view function, std::string_view test, std::size_t count) {
    const bool nested = function == "scaleDownOldReplicaSetsForRollingUpdate" &&
                        test == "TestDeploymentController_reconcileOldReplicaSets";
    if (!nested || writes.size() <= count)
        return writes;
    Value own = Value::array();
    for (std::size_t i = writes.size() - count; i < writes.size(); ++i)
        own.push_back(writes[i]);
    return own;
}

// The recorded results in the same form. The ReplicaSets that cleanupUnhealthyReplicas returned came from
// upstream's test double and are empty; its count and its writes tell all.
Value expected(std::string_view function, const Value& result, const Value& writes) {
    if (function == "scale" || function == "cleanupDeployment")
        return Value::array({Value(), writes});
    return Value::array({function == "cleanupUnhealthyReplicas" ? result[1] : result[0], writes});
}

}  // namespace

void run_deployment_rolling_steps(const Value& root, Report& report) {
    for (const auto& one : root["cases"].items()) {
        const auto function = one["func"].as_string();
        const Value found = call(function, one["args"]);
        if (found.is_null()) {
            report.skip(one["id"].as_string(), cat("no runner for ", function));
        } else {
            const Value& result = one["result"];
            const Value writes =
                own_writes(result[result.size() - 1], function, one["test"].as_string(), found[1].size());
            report.check(one["id"].as_string(), api::to_json(expected(function, result, writes)), api::to_json(found));
        }
    }
}

}  // namespace kubewalk::cli
