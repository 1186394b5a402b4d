// scheduler/filter.json: one plugin's verdict about one Pod on one Node.
#include <algorithm>

#include "core/base/text.h"
#include "core/cli/vectors/runner.h"
#include "core/cli/vectors/scheduler_fixture.h"

namespace kubewalk::cli {

namespace {

using api::Value;

// Since 1.32 a request beyond what the Node has in all cannot be resolved by evicting Pods: the mark lets a
// reviewed rewrite tell those cases from the others.
std::string_view mark(const scheduler::PodInfo& pod, const scheduler::NodeInfo& node, std::string_view plugin) {
    if (plugin != "NodeResourcesFit")
        return "";
    bool beyond = false;
    for (const auto name : {"cpu", "memory", "ephemeral-storage"})
        beyond = beyond || pod.requests.get(name) > node.allocatable.get(name);
    for (const auto& [name, amount] : pod.requests.scalars)
        beyond = beyond || amount > node.allocatable.get(name);
    return beyond ? " [more than the node has]" : "";
}

std::string text_of(std::string_view code, std::vector<std::string> reasons) {
    std::sort(reasons.begin(), reasons.end());
    return reasons.empty() ? std::string(code) : cat(code, ": ", join(reasons, ", "));
}

}  // namespace

void run_scheduler_filter(const Value& root, Report& report) {
    for (const auto& one : root["cases"].items()) {
        const auto id = one["id"].as_string();
        const auto type = one["receiverType"].as_string();
        const auto* entry = scheduler::find_plugin(plugin_name(type));
        if (!entry) {
            report.skip(id, cat("no plugin ", type));
            continue;
        }
        const auto args = plugin_args(one, type);
        const auto snapshot = snapshot_of(one["given"]);
        const scheduler::PodInfo pod(one["args"]["pod"]);
        const auto node = node_info(one["args"]["nodeInfo"]);
        const auto plugin = entry->create(args);
        // Upstream's test of this name calls Filter without PreFilter.
        if (one["test"].as_string() != "TestPreFilterDisabled")
            (void)plugin->pre_filter(pod, snapshot);
        const auto status = plugin->filter(pod, *node);
        std::vector<std::string> reasons;
        for (const auto& reason : one["result"][0]["reasons"].items())
            reasons.push_back(reason.str());
        const auto note = status.ok() ? std::string_view() : mark(pod, *node, entry->name);
        report.check(id, cat(text_of(one["result"][0]["code"].as_string(), reasons), note),
                     cat(text_of(scheduler::code_name(status.code), status.reasons), note));
    }
}

}  // namespace kubewalk::cli
