// kubelet/pod-phase.json: Pod spec and container statuses -> phase.

#include "core/cli/vectors/runner.h"
#include "core/kubelet/status.h"

namespace kubewalk::cli {

void run_kubelet_pod_phase(const api::Value& root, Report& report) {
    for (const auto& test : root["cases"].items()) {
        const auto& args = test["args"];
        const auto statuses = args["info"].items();
        const auto terminal = args["podIsTerminal"].as_bool() ? kubelet::Terminal::yes : kubelet::Terminal::no;
        report.check(test["id"].as_string(), test["result"][0].as_string(),
                     kubelet::pod_phase(args["pod"]["spec"], {statuses.begin(), statuses.end()}, terminal));
    }
}

}  // namespace kubewalk::cli
