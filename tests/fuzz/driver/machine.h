#pragma once
// A machine with a shell and a neighbour: what the doors of core/shell run in. Made anew for every input.

#include "core/shell/shell.h"

namespace kubewalk::fuzz {

struct Machine {
    sim::Simulation simulation{1};
    net::Network network{simulation};
    shell::ProcessContext context{simulation, network, 0, {}, {}, {}, {}, {}, net::Libc::musl, 0, true, true};

    Machine() {
        simulation.register_service(network);
        context.netns = network.add_machine("client", net::Ip::v4(192, 168, 122, 1), 24, std::nullopt);
        network.add_machine("server", net::Ip::v4(192, 168, 122, 11), 24, std::nullopt);
        context.hostname = "client";
        context.programs = {"*"};
        context.environment = {{"HOME", "/root"}, {"A", "a b"}};
        context.files = {{"/etc/resolv.conf", "nameserver 192.168.122.11\noptions timeout:1 attempts:1\n"}, {"/etc/hosts", "127.0.0.1\tlocalhost\n192.168.122.11 server\n"},
                         {"/etc/passwd", "root:x:0:0:root:/root:/bin/sh\n"}, {"/tmp/a.json", "{\"a\": [1, {\"b\": null}]}\n"}, {"/tmp/lines", "one 1\ntwo 2\nthree 3\n"}};
    }
};

}  // namespace kubewalk::fuzz
