#pragma once
// Network's state; only core/net's own files include it.

#include <map>
#include <memory>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/net/network.h"
#include "core/net/node_stack.h"
#include "core/net/path_memo.h"

namespace kubewalk::net {

// An interface on a wire between machines.
struct WireEnd {
    std::uint32_t machine = 0;
    std::string interface_;
};

// An open exchange.
struct Dial {
    NamespaceId client = 0;
    Tuple tuple;              // as the client's socket shows it
    NamespaceId server = 0;
    Tuple arrived;            // as it reached the server
    sim::ComponentId owner = 0;
    std::uint64_t recording = 0;   // 0: not recorded
    std::size_t connection = 0;    // its index in that recording's trace
    mutable Passage passage;       // no part of what the exchange is
};

// Who listens there; null when nobody does.
const Listener* listener_in(const NetNamespace& where, Protocol protocol, const SocketAddress& local);

struct Network::State {
    std::shared_ptr<ChainNames> chain_names = std::make_shared<ChainNames>();
    std::vector<std::shared_ptr<NodeStack>> machines;  // null once removed
    std::map<std::string, std::uint32_t, std::less<>> machine_by_name;
    std::vector<std::uint32_t> machine_of_namespace;   // by NamespaceId; no_machine where gone
    std::unordered_map<Ip, WireEnd, IpHash> wires;     // never iterated but to erase
    std::vector<std::uint32_t> balancers;              // machines, oldest first
    std::set<std::uint32_t> internet;                  // machines that are none of the cluster's
    std::map<std::uint64_t, std::shared_ptr<Dial>> dials;
    std::uint64_t next_dial = 1;
    std::map<std::uint32_t, LinkFault> link_faults;    // by machine; sound cables are not there
    std::map<std::uint64_t, Capture> captures;
    std::uint64_t next_capture = 1;
    std::uint64_t wiring = 0;  // counts changes of machines, cables and what hangs on them

    static constexpr std::uint32_t no_machine = 0xffffffff;

    // The machine for change; copies what a checkpoint shares.
    NodeStack* edit_machine(std::uint32_t index) {
        if (index >= machines.size() || !machines[index])
            return nullptr;
        if (machines[index].use_count() > 1)
            machines[index] = std::make_shared<NodeStack>(*machines[index]);
        return machines[index].get();
    }
    LinkFault link_fault(std::uint32_t machine) const {
        if (link_faults.empty())
            return {};
        const auto it = link_faults.find(machine);
        return it == link_faults.end() ? LinkFault{} : it->second;
    }
    const NodeStack* machine(std::uint32_t index) const { return index < machines.size() ? machines[index].get() : nullptr; }
    std::uint32_t machine_index(NamespaceId id) const {
        return id < machine_of_namespace.size() ? machine_of_namespace[id] : no_machine;
    }
    const NetNamespace* find(NamespaceId id) const {
        const NodeStack* stack = machine(machine_index(id));
        return stack ? stack->find(id) : nullptr;
    }
    // For sockets and what is learned: no change of what packets are judged by.
    NetNamespace* edit(NamespaceId id) {
        NodeStack* stack = edit_machine(machine_index(id));
        return stack ? stack->find_for_walk(id) : nullptr;
    }
    // Null when there is none; a copy of its own when a checkpoint holds it too.
    std::shared_ptr<Dial> edit_dial(std::uint64_t id) {
        const auto it = dials.find(id);
        if (it == dials.end())
            return nullptr;
        if (it->second.use_count() > 1)
            it->second = std::make_shared<Dial>(*it->second);
        return it->second;
    }
};

}  // namespace kubewalk::net
