#include "core/cluster/node_transport.h"

#include "core/base/text.h"
#include "core/cluster/cluster.h"
#include "core/net/node_stack.h"

namespace kubewalk::cluster {

bool NodeTransport::reaches() const {
    const net::Network& network = cluster_.network();
    const std::string& server = cluster_.layout().control_plane;
    if (machine_ == server)
        return true;
    const net::NodeStack* far = network.stack(server);
    return far && far->up && !network.link_fault(server).cut && !network.link_fault(machine_).cut;
}

// Nobody answers to ARP: both are on one network.
std::string NodeTransport::failure() const {
    return cat("dial tcp ", cluster_.layout().node_ip(0).text(), ":6443: connect: no route to host");
}

client::Response NodeTransport::send(const client::Request& request) {
    if (reaches())
        return cluster_.api().send(request);
    client::Response none;
    none.failure = failure();
    return none;
}

Result<client::WatchId> NodeTransport::watch(const client::Request& request, sim::ComponentId target, std::uint32_t event_code) {
    if (reaches())
        return cluster_.api().watch(request, target, event_code);
    return Error{"ConnectionRefused", failure(), {}, 0, 0};
}

client::Transport::WatchBatch NodeTransport::read(client::WatchId watch) {
    if (reaches())
        return cluster_.api().read(watch);
    cluster_.api().unwatch(watch);
    return {{}, true};
}

const client::Cache* NodeTransport::state(client::WatchId watch) const { return cluster_.api().state(watch); }

void NodeTransport::unwatch(client::WatchId watch) { cluster_.api().unwatch(watch); }

}  // namespace kubewalk::cluster
