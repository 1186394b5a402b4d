// tcpdump -i IFACE [-n] [-c COUNT] [FILTER...]: what passes an interface. Beside it, on the same command line,
// other programs make the traffic ("tcpdump -ni cni0 & ping ..."); by itself it goes on until it is interrupted
// or has seen enough. Upstream: the-tcpdump-group/tcpdump tcpdump.c (4.99).

#include "core/net/capture.h"
#include "core/net/node_stack.h"
#include "core/shell/programs.h"

namespace kubewalk::shell {

namespace {

std::string default_interface(const net::NetNamespace& view) {
    for (const auto& interface_ : view.interfaces)
        if (interface_.kind != net::InterfaceKind::loopback && interface_.up)
            return interface_.name;
    return "lo";
}

}  // namespace

int tcpdump_main(Process& process) {
    const auto options = parse_options(process.args, "n v e q l p t A X U", "i c s");
    const auto* view = process.context.network.view(process.context.netns);
    if (!view)
        return 1;
    const std::string device(options.value("i", default_interface(*view)));
    if (!process.context.net_raw)
        return process.fail(1, "tcpdump: ", device, ": You don't have permission to perform this capture on that device\n",
                            "(socket: Operation not permitted)\n");
    const auto filter = net::CaptureFilter::parse(options.operands);
    if (!filter.ok())
        return process.fail(1, "tcpdump: ", filter.error().message, "\n");
    const auto most = parse_int(options.value("c", "0")).value_or(0);
    if (options.has("c") && most <= 0)
        return process.fail(1, "tcpdump: invalid packet count ", options.value("c"), "\n");
    const auto id = process.context.network.start_capture(process.context.netns, device, filter.value(), static_cast<std::size_t>(most));
    if (id == 0)
        return process.fail(1, "tcpdump: ", device, ": No such device exists\n(No such device exists)\n");
    process.context.captures.push_back(id);
    const bool any = device == "any";
    process.fail(0, any ? "tcpdump: data link type LINUX_SLL2\n" : "",
                 "tcpdump: verbose output suppressed, use -v[v]... for full protocol decode\nlistening on ", device, ", link-type ",
                 any ? "LINUX_SLL2 (Linux cooked v2)" : "EN10MB (Ethernet)", ", snapshot length 262144 bytes\n");
    return 0;
}

std::size_t print_capture(const net::Network& network, std::uint64_t id, std::size_t from, std::string& out) {
    const net::Capture* capture = network.capture(id);
    if (!capture)
        return from;
    for (; from < capture->packets.size(); ++from)
        append(out, net::capture_line(capture->packets[from], capture->interface_ == "any"), "\n");
    return from;
}

void end_capture(net::Network& network, std::uint64_t id, std::string& err) {
    const net::Capture* capture = network.capture(id);
    if (!capture)
        return;
    const auto count = capture->packets.size();
    append(err, count, count == 1 ? " packet" : " packets", " captured\n", count, count == 1 ? " packet" : " packets",
           " received by filter\n0 packets dropped by kernel\n");
    network.stop_capture(id);
}

void end_captures(ProcessContext& context, Completed& completed) {
    for (const std::uint64_t id : context.captures) {
        print_capture(context.network, id, 0, completed.out);
        end_capture(context.network, id, completed.err);
    }
    context.captures.clear();
}

}  // namespace kubewalk::shell
