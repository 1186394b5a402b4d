#pragma once
// One packet there and what comes back; only core/net's own files include it.

#include <string>
#include <string_view>

#include "core/net/network.h"
#include "core/net/path_memo.h"

namespace kubewalk::net {

struct Network::Exchange {
    NamespaceId from = 0;
    Packet packet;          // its source is filled in by the first routing decision
    PacketKind answer_kind = PacketKind::syn_ack;
    Duration give_up{};
    // results
    Outcome outcome = Outcome::timeout;
    std::string_view error;
    Tuple sent;             // as the client's socket shows it
    NamespaceId server = 0;
    Tuple arrived;          // as the server's socket shows it
    Listener listener;
    Duration elapsed{};
    int answer_ttl = 0;
    IcmpCode icmp = IcmpCode::none;
    Ip reporter;
    int mtu = 0;
    int retransmissions = 0;
    bool by_chance = false;  // a bad wire has swallowed the packet or its answer
    std::string question;    // payloads as tcpdump words them; empty unless somebody captures
    std::string reply;
    std::uint16_t reply_length = 0;
    bool answered = false;   // by a socket, with a packet of answer_kind
    Passage passage;

    FlowEnds ends() const { return {from, server, sent, arrived}; }
};

}  // namespace kubewalk::net
