// deployment/rolling-arithmetic.json: one function of deployment_util per case.
#include "core/api/json.h"
#include "core/base/text.h"
#include "core/cli/vectors/runner.h"
#include "core/controllers/deployment/deployment_util.h"

namespace kubewalk::cli {

namespace {

using api::Value;
using controllers::Objects;
namespace deployment = controllers::deployment;

Objects objects(const Value& list) {
    const auto items = list.items();
    return Objects(items.begin(), items.end());
}

// Go prints null where JSON input had nothing.
Value without_nulls(const Value& value) {
    if (value.is_array()) {
        Value list = Value::array();
        for (const auto& item : value.items())
            list.push_back(without_nulls(item));
        return list;
    }
    if (!value.is_object())
        return value;
    Value object = Value::object();
    for (const auto& member : value.members())
        if (!member.value.is_null())
            object.set(member.key, without_nulls(member.value));
    return object;
}

template <typename T>
Value with_error(const Result<T>& result, const T& otherwise) {
    return Value::array({Value(result.ok() ? result.value() : otherwise),
                         result.ok() ? Value() : Value::object({{"error", result.error().message}})});
}

Value list_value(const Objects& list) {
    Value array = Value::array();
    for (const auto& one : list)
        array.push_back(one);
    return array;
}

Value call(std::string_view function, const Value& args) {
    const Value& d = args["deployment"];
    if (function == "FindNewReplicaSet")
        return Value::array({deployment::find_new_replica_set(d, objects(args["rsList"]))});
    if (function == "FindOldReplicaSets") {
        const auto olds = deployment::find_old_replica_sets(d, objects(args["rsList"]));
        return Value::array({list_value(olds.required), list_value(olds.all)});
    }
    if (function == "ResolveFenceposts") {
        const auto posts =
            deployment::resolve_fenceposts(args["maxSurge"], args["maxUnavailable"], args["desired"].as_int());
        const auto found = posts.value_or({});
        return Value::array(
            {found.surge, found.unavailable, posts.ok() ? Value() : Value::object({{"error", posts.error().message}})});
    }
    if (function == "MaxUnavailable")
        return Value::array({deployment::max_unavailable(d)});
    if (function == "MinAvailable")
        return Value::array({deployment::min_available(d)});
    if (function == "MaxSurge")
        return Value::array({deployment::max_surge(d)});
    if (function == "NewRSNewReplicas")
        return with_error(deployment::new_rs_new_replicas(d, objects(args["allRSs"]), args["newRS"]), std::int64_t{0});
    if (function == "GetProportion")
        return Value::array({deployment::proportion(args["rs"], args["d"], args["deploymentReplicasToAdd"].as_int(),
                                                    args["deploymentReplicasAdded"].as_int())});
    if (function == "IsSaturated")
        return Value::array({deployment::is_saturated(d, args["rs"])});
    if (function == "DeploymentComplete")
        return Value::array({deployment::is_complete(d, args["newStatus"])});
    if (function == "DeploymentProgressing")
        return Value::array({deployment::is_progressing(d, args["newStatus"])});
    return {};
}

}  // namespace

void run_deployment_rolling_arithmetic(const Value& root, Report& report) {
    for (const auto& one : root["cases"].items()) {
        const Value found = call(one["func"].as_string(), one["args"]);
        if (found.is_null())
            report.skip(one["id"].as_string(), cat("no runner for ", one["func"].as_string()));
        else
            report.check(one["id"].as_string(), api::to_json(without_nulls(one["result"])),
                         api::to_json(without_nulls(found)));
    }
}

}  // namespace kubewalk::cli
