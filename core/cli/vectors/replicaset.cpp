// controllers/replicaset.json: which Pods go first, and the status.
#include <algorithm>

#include "core/api/json.h"
#include "core/base/text.h"
#include "core/cli/vectors/runner.h"
#include "core/controllers/replicaset/replica_set_util.h"

namespace kubewalk::cli {

namespace {

using api::Value;
using controllers::Objects;

Objects objects(const Value& list) {
    const auto items = list.items();
    return Objects(items.begin(), items.end());
}

Time some_time() { return parse_rfc3339("2026-11-24T00:00:00Z").value_or(Time{}); }

std::string names(const Objects& pods) {
    std::vector<std::string> list;
    for (const auto& pod : pods)
        list.push_back(cat(api::name_of(pod), "/", api::uid_of(pod)));
    std::sort(list.begin(), list.end());
    return join(list, " ");
}

// terminatingReplicas came after the recorded release (beta and on since 1.35); times are the test's own.
Value comparable(Value status) {
    status.erase("terminatingReplicas");
    for (std::size_t i = 0; i < status["conditions"].size(); ++i)
        status.edit("conditions").edit_at(i).erase("lastTransitionTime");
    return status;
}

}  // namespace

void run_replicaset(const Value& root, Report& report) {
    for (const auto& one : root["cases"].items()) {
        const auto id = one["id"].as_string();
        const auto function = one["func"].as_string();
        const Value& args = one["args"];
        if (function == "getPodsToDelete") {
            const Objects chosen =
                controllers::replicaset::pods_to_delete(objects(args["filteredPods"]), objects(args["relatedPods"]),
                                                        static_cast<std::size_t>(args["diff"].as_int()), some_time());
            report.check(id, names(objects(one["result"][0])), names(chosen));
        } else if (function == "calculateStatus") {
            std::optional<std::string> error;
            if (const auto& text = args["manageReplicasErr"]["error"]; text.is_string())
                error = text.str();
            const Value status = controllers::replicaset::calculate_status(args["rs"], objects(args["filteredPods"]),
                                                                           {}, error, some_time());
            report.check(id, api::to_json(comparable(one["result"][0])), api::to_json(comparable(status)));
        } else {
            report.skip(id, cat("no runner for ", function));
        }
    }
}

}  // namespace kubewalk::cli
