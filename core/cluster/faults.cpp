#include "core/cluster/faults.h"

#include <algorithm>

#include "core/base/text.h"
#include "core/cluster/cluster.h"
#include "core/net/node_stack.h"

namespace kubewalk::cluster {

namespace {

using Words = std::vector<std::string_view>;

Error usage(std::string_view line) { return {"Usage", cat("usage: ", line), {}, 0, 0}; }

Result<void> no_machine(std::string_view name) { return Error{"NotFound", cat("nodes ", quoted(name), " not found"), {}, 0, 0}; }

void note(Cluster& cluster, std::string_view id, const std::vector<std::string>& arguments) {
    cluster.simulation().record(sim::EntryKind::action, "learner", {"nodes", "", arguments.front()}, {std::string(id), arguments});
}

// "200ms", "1.5s".
std::optional<Duration> delay_of(std::string_view text) {
    const auto delay = parse_go_duration(text);
    return delay && delay->ns > 0 ? delay : std::nullopt;
}

// "30%", "0.5%" -> of a million.
std::optional<std::uint32_t> share_of(std::string_view text) {
    if (text.empty() || text.back() != '%')
        return std::nullopt;
    text.remove_suffix(1);
    const auto point = text.find('.');
    const auto whole = parse_int(text.substr(0, point));
    std::int64_t parts = 0;
    if (point != std::string_view::npos) {
        std::string digits(text.substr(point + 1));
        if (digits.empty() || digits.size() > 4)
            return std::nullopt;
        digits.resize(4, '0');
        const auto fraction = parse_int(digits);
        if (!fraction)
            return std::nullopt;
        parts = *fraction;
    }
    if (!whole || *whole < 0 || *whole > 100 || (*whole == 100 && parts > 0))
        return std::nullopt;
    return static_cast<std::uint32_t>(*whole * 10'000 + parts);
}

Result<void> apply_link(Cluster& cluster, const Words& words) {
    constexpr std::string_view form = "link cut NODE | link slow NODE 200ms | link drop NODE 30% | link restore NODE";
    if (words.size() < 3)
        return usage(form);
    const std::string_view verb = words[1];
    const std::string node(words[2]);
    if (cluster.network().machine(node) == 0)
        return no_machine(node);
    net::LinkFault fault = cluster.network().link_fault(node);
    if (verb == "cut" && words.size() == 3) {
        fault.cut = true;
        note(cluster, "fault.link.cut", {node});
    } else if (verb == "restore" && words.size() == 3) {
        fault = {};
        note(cluster, "fault.link.restore", {node});
    } else if (verb == "slow" && words.size() == 4) {
        const auto delay = delay_of(words[3]);
        if (!delay)
            return usage(form);
        fault.delay = *delay;
        note(cluster, "fault.link.slow", {node, std::string(words[3])});
    } else if (verb == "drop" && words.size() == 4) {
        const auto share = share_of(words[3]);
        if (!share)
            return usage(form);
        fault.loss_per_million = *share;
        note(cluster, "fault.link.drop", {node, std::string(words[3])});
    } else {
        return usage(form);
    }
    cluster.network().set_link_fault(node, fault);
    return {};
}

Result<void> apply_node(Cluster& cluster, const Words& words) {
    if (words.size() != 3 || (words[1] != "stop" && words[1] != "start"))
        return usage("node stop NODE | node start NODE");
    if (!cluster.kubelet(words[2]))
        return no_machine(words[2]);
    const std::string node(words[2]);
    const bool on = words[1] == "start";
    note(cluster, on ? "fault.node.start" : "fault.node.stop", {node});
    cluster.set_node_power(node, on ? Power::on : Power::off);
    return {};
}

// As an administrator shows it: the limit comes down to what is in the table already.
Result<void> apply_conntrack(Cluster& cluster, const Words& words) {
    if (words.size() != 3 || (words[1] != "fill" && words[1] != "restore"))
        return usage("conntrack fill NODE | conntrack restore NODE");
    const std::string node(words[2]);
    const net::NodeStack* stack = cluster.network().stack(node);
    if (!stack)
        return no_machine(node);
    const bool fill = words[1] == "fill";
    const std::size_t present = stack->root().conntrack.list(cluster.simulation().now()).size();
    const std::size_t limit = fill ? std::max<std::size_t>(present, 1) : net::ConntrackSettings{}.max;
    note(cluster, fill ? "fault.conntrack.fill" : "fault.conntrack.restore", {node, cat(limit)});
    cluster.network().set_conntrack_max(node, limit);
    return {};
}

Result<void> apply_component(Cluster& cluster, const Words& words) {
    if (words.size() < 3 || words.size() > 4 || (words[1] != "stop" && words[1] != "start"))
        return usage("component stop|start NAME [NODE]");
    const std::string name = words.size() == 4 ? cat(words[2], "/", words[3]) : std::string(words[2]);
    return cluster.set_component_running(name, words[1] == "start");
}

struct Fault {
    std::string_view word;
    Result<void> (*apply)(Cluster&, const Words&);
};
constexpr Fault faults[] = {
    {"link", apply_link},
    {"node", apply_node},
    {"conntrack", apply_conntrack},
    {"component", apply_component},
};

}  // namespace

Result<void> apply_fault(Cluster& cluster, std::string_view line) {
    const auto words = fields(line);
    for (const Fault& fault : faults)
        if (!words.empty() && words[0] == fault.word)
            return fault.apply(cluster, words);
    return usage("link | node | conntrack | component ...");
}

}  // namespace kubewalk::cluster
