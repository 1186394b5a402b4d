// What a learner breaks: cables and the size of the connection tracking table.

#include "core/net/faults.h"

#include "core/net/network.h"
#include "core/net/network_state.h"

namespace kubewalk::net {

void Network::set_link_fault(std::string_view machine, const LinkFault& fault) {
    const auto it = state_->machine_by_name.find(machine);
    if (it == state_->machine_by_name.end())
        return;
    ++state_->wiring;
    if (fault.sound())
        state_->link_faults.erase(it->second);
    else
        state_->link_faults[it->second] = fault;
}

LinkFault Network::link_fault(std::string_view machine) const {
    if (state_->link_faults.empty())
        return {};
    const auto it = state_->machine_by_name.find(machine);
    return it == state_->machine_by_name.end() ? LinkFault{} : state_->link_fault(it->second);
}

bool Network::set_conntrack_max(std::string_view machine, std::size_t entries) {
    NodeStack* found = stack(machine);
    if (!found)
        return false;
    found->root().conntrack.settings.max = entries;
    return true;
}

}  // namespace kubewalk::net
