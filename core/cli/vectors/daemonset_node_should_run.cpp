// controllers/daemonset-node-should-run.json: whether a Node gets, and keeps, the DaemonSet's Pod.
#include "core/base/text.h"
#include "core/cli/vectors/runner.h"
#include "core/controllers/daemon/util.h"

namespace kubewalk::cli {

void run_daemonset_node_should_run(const api::Value& root, Report& report) {
    const auto text = [](bool run, bool stay) { return cat("run ", run, ", continue ", stay); };
    for (const auto& one : root["cases"].items()) {
        const auto verdict = controllers::daemon::node_should_run(one["args"]["node"], one["args"]["ds"]);
        report.check(one["id"].as_string(), text(one["result"][0].as_bool(), one["result"][1].as_bool()),
                     text(verdict.should_run, verdict.should_continue));
    }
}

}  // namespace kubewalk::cli
