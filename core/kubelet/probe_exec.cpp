// Upstream: pkg/probe/exec/exec.go.

#include "core/base/text.h"
#include "core/kubelet/kubelet.h"

namespace kubewalk::kubelet {

Kubelet::ProbeResult Kubelet::probe_exec(const ContainerWorker& container, const api::Value& action, Duration timeout) {
    const Container* instance = runtime_.container(container.id);
    if (!instance || instance->state != ContainerState::running)
        return {false, "container is not running"};
    std::vector<std::string> argv;
    for (const auto& word : action["command"].items())
        argv.push_back(word.str());
    runtime_.note("ExecSync", *instance, join(argv, " "));
    const auto done = run_in(*instance, argv);
    if (done.elapsed > timeout)
        return {false, cat("command timed out: ", quoted(join(argv, " ")), " timed out after ", go_duration(timeout))};
    return {done.exit == 0, cat(done.out, done.err)};
}

}  // namespace kubewalk::kubelet
