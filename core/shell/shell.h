#pragma once
// Programs that run inside a container, on a node or on the learner's laptop. Each sees nothing but
// its process context.
//
// How an image names its programs (ProcessContext::programs): "NAME" or "FLAVOUR:NAME". NAME is what is
// typed; FLAVOUR says whose program it is where several exist, because their output differs:
//   busybox:NAME      BusyBox's applet: sh, wget, nslookup, ping, nc, ip, netstat, traceroute, ...
//   busybox-1.28:nslookup   BusyBox before 1.29, whose nslookup asks the C library
//   NAME alone        the usual one of a distribution: dash as sh, GNU coreutils, GNU wget, curl, BIND's
//                     dig, host and nslookup, iputils' ping, iproute2's ip and ss, glibc's getent
//   busybox:*         every applet of that flavour; "*": every program without a flavour (a node, a laptop)
// An entry whose program nobody wrote yet (programs.cpp has the table) is as good as missing.

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/net/network.h"
#include "core/net/resolver.h"

namespace kubewalk::shell {

struct Completed;

// A program that another room brings along (kubectl and trace on the learner's laptop).
using BroughtProgram = std::function<Completed(const std::vector<std::string>& argv, std::string_view input)>;

// What `ps` shows of somebody else.
struct RunningProcess {
    int pid = 1;
    std::int64_t uid = 0;
    std::string command;  // with its arguments
};

// A place in a container's file system that something is mounted at.
struct MountPoint {
    std::string path;         // "" for the root file system
    std::string_view device;  // as /proc/mounts names it
    std::string_view type;
    std::string_view options;  // what follows "rw" or "ro"
    bool read_only = false;
    bool volume = false;   // the Pod's, not the runtime's own
    bool content = false;  // of a ConfigMap and its like: its files are links into ..data (pkg/volume/util/atomic_writer.go)
};

// What a container's kernel holds against its processes, and what it tells them of the machine.
struct Confinement {
    std::int64_t gid = -1;             // -1: not asked for
    std::vector<std::int64_t> groups;  // supplementary ones
    std::uint64_t capabilities = 0;    // the bounding set
    bool read_only_root = false;
    bool no_new_privileges = false;
    int processors = 2;
    std::int64_t memory = 0;  // the machine's, bytes
    std::int64_t disk = 0;
    std::vector<MountPoint> mounts{};
};

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
    std::vector<std::uint64_t> captures{};  // of the tcpdumps that are running
    std::vector<std::string> folders{};     // that exist though nothing may lie in them: mounts
    // Of a brought program that wants to go on after its call has returned (kubectl, watch): which stage of its
    // pipeline it is; -1 where nobody could wait for it (substitutions, redirected loops, another program's inside).
    int stage = -1;
    // Programs and commands that are inside one another, and commands that ran since the outermost began: shells in shells
    // share one bound on each (interpret.cpp).
    int nesting = 0;
    int commands = 0;
    // Of its PID namespace, by PID: what runs there all the time.
    std::vector<RunningProcess> processes{};
    // The command lines of what runs in this context, each inside the one before.
    std::vector<std::string> command_lines{};
    // Null outside of containers: nobody is held back there.
    std::shared_ptr<const Confinement> confinement{};
};

struct Completed {
    int exit = 0;
    std::string out;
    std::string err;
    Duration elapsed{};  // virtual time the command took (time-outs, sleeps)
};

// Runs argv in the context. Exit 127 and the runtime's own message when the image lacks the program:
// "exec: \"curl\": executable file not found in $PATH" (without a newline), or for a path
// "exec: \"/bin/curl\": stat /bin/curl: no such file or directory".
Completed run(ProcessContext& context, const std::vector<std::string>& argv, std::string_view input = {});

// A program of that name would be found.
bool has_program(const ProcessContext& context, std::string_view name);

// A command line as a POSIX shell runs it (core/shell/syntax.h says how much of one): the image need
// not contain a shell.
Completed run_line(ProcessContext& context, std::string_view line, std::string_view input = {});
// The same, but a tcpdump that has not seen enough goes on: context.captures.
Completed run_line_and_go_on(ProcessContext& context, std::string_view line, std::string_view input = {});

// Prints what the capture has seen beyond the first `from` packets; how many it has seen now.
std::size_t print_capture(const net::Network& network, std::uint64_t id, std::size_t from, std::string& out);
// Stops it; tcpdump's last words go to `err`.
void end_capture(net::Network& network, std::uint64_t id, std::string& err);
// All of the context's.
void end_captures(ProcessContext& context, Completed& completed);

}  // namespace kubewalk::shell
