#include "core/cluster/dialer.h"

#include "core/base/text.h"
#include "core/net/node_stack.h"

namespace kubewalk::cluster {

kubelet::Kubelet* KubeletDialer::dial(const std::string& node, Error& error) const {
    auto* agent = cluster_.kubelet(node);
    const std::string address = agent ? agent->options().ip.text() : node;
    const net::NodeStack* stack = cluster_.network().stack(node);
    const std::string& server = cluster_.layout().control_plane;
    const bool cut = node != server && (cluster_.network().link_fault(node).cut || cluster_.network().link_fault(server).cut);
    if (agent && (cut || !stack || !stack->up)) {
        error = Error{"InternalError", cat("error dialing backend: dial tcp ", address, ":10250: connect: no route to host"), {}, 0, 0};
        return nullptr;
    }
    if (agent && !cluster_.simulation().paused(agent->id()))
        return agent;
    error = Error{"InternalError", cat("error dialing backend: dial tcp ", address, ":10250: connect: connection refused"), {}, 0, 0};
    return nullptr;
}

Result<apiserver::ExecResult> KubeletDialer::exec(const apiserver::ContainerAddress& address, const std::vector<std::string>& argv,
                                                  const std::string& stdin_text) {
    Error error;
    auto* agent = dial(address.node, error);
    if (!agent)
        return error;
    KUBEWALK_TRY(completed, agent->exec(address.namespace_name, address.pod, address.container, argv, stdin_text, address.tty));
    return apiserver::ExecResult{completed.exit, std::move(completed.out), std::move(completed.err), completed.elapsed};
}

Result<std::string> KubeletDialer::logs(const apiserver::ContainerAddress& address, const apiserver::LogOptions& options) {
    Error error;
    auto* agent = dial(address.node, error);
    if (!agent)
        return error;
    kubelet::LogOptions wanted;
    wanted.previous = options.previous;
    wanted.timestamps = options.timestamps;
    wanted.tail_lines = options.tail_lines;
    if (options.since_seconds)
        wanted.since = cluster_.simulation().now() - seconds(*options.since_seconds);
    KUBEWALK_TRY(text, agent->logs(address.namespace_name, address.pod, address.container, wanted));
    if (options.limit_bytes && static_cast<std::int64_t>(text.size()) > *options.limit_bytes)
        text.resize(static_cast<std::size_t>(*options.limit_bytes));
    return text;
}

}  // namespace kubewalk::cluster
