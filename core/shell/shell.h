#pragma once
// Programs that run inside a container, on a node or on the learner's laptop. Each sees nothing but
// its process context.

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/net/network.h"
#include "core/net/resolver.h"

namespace kubewalk::shell {

struct Completed;

// A program that another room brings along (kubectl and trace on the learner's laptop).
using BroughtProgram = std::function<Completed(const std::vector<std::string>& argv, std::string_view input)>;

// What a process has: files, environment, network namespace, capabilities, and which programs its
// image contains.
struct ProcessContext {
    sim::Simulation& simulation;
    net::Network& network;
    net::NamespaceId netns = 0;
    std::string hostname;
    std::map<std::string, std::string> files;        // absolute path -> content
    std::map<std::string, std::string> environment;  // as the container started with
    std::vector<std::string> programs;  // names in the image: "sh", "cat", "busybox:wget", "curl", "netshoot:dig"
    std::map<std::string, BroughtProgram> brought;  // found before `programs`
    net::Libc libc = net::Libc::glibc;
    std::int64_t uid = 0;
    bool net_raw = true;      // CAP_NET_RAW
    bool ping_group = true;   // gid within net.ipv4.ping_group_range
};

struct Completed {
    int exit = 0;
    std::string out;
    std::string err;
    Duration elapsed{};  // virtual time the command took (time-outs, sleeps)
};

// Runs argv in the context. Exit 127 and the runtime's own message when the image lacks the program:
// "exec: \"curl\": executable file not found in $PATH".
Completed run(ProcessContext& context, const std::vector<std::string>& argv, std::string_view input = {});

// Splits a command line as a POSIX shell does (quotes, backslashes), and runs lists with ; && || and
// pipes through `sh -c`.
Completed run_line(ProcessContext& context, std::string_view line, std::string_view input = {});

}  // namespace kubewalk::shell
