#include "core/view/inspect.h"

#include <algorithm>

#include "core/api/kinds.h"
#include "core/base/sort.h"
#include "core/base/text.h"
#include "core/cluster/cluster.h"
#include "core/cluster/decision.h"
#include "core/net/conntrack.h"
#include "core/net/node_stack.h"
#include "core/view/objects.h"

namespace kubewalk::view {

std::optional<Scheduling> scheduling(const cluster::Session& session, const sim::ObjectRef& pod) {
    if (pod.resource != "pods")
        return std::nullopt;
    const auto object = session.cluster().peek(api::kind::pods, pod.namespace_name, pod.name);
    if (object.is_null() || api::controller_of(object)["kind"].as_string() == "Node")
        return std::nullopt;
    // The decision that was made, seen from the instant before it; else the one that would be made now.
    std::optional<scheduler::Decision> decision;
    if (auto made = session.explain_scheduling(pod.namespace_name, pod.name); made.ok())
        decision = std::move(made.value());
    else
        decision = cluster::scheduling_decision(session.cluster(), pod.namespace_name, pod.name);
    if (!decision)
        return std::nullopt;
    Scheduling out;
    out.node = decision->node;
    out.message = decision->message;
    out.evaluated = decision->evaluated;
    for (const auto& verdict : decision->nodes) {
        SchedulingRow row;
        row.node = verdict.node;
        row.fits = verdict.status.ok();
        row.chosen = verdict.node == decision->node;
        if (!row.fits) {
            row.plugin = verdict.status.plugin;
            row.reason = verdict.status.message();
        }
        for (const auto& score : verdict.scores)
            row.scores.push_back({std::string(score.plugin), score.raw, score.normalized, score.weight});
        row.total = verdict.total;
        out.rows.push_back(std::move(row));
    }
    sort_stably(out.rows, [](const SchedulingRow& a, const SchedulingRow& b) {
        if (a.chosen != b.chosen)
            return a.chosen;
        return a.fits != b.fits ? a.fits : a.total > b.total;
    });
    return out;
}

namespace {

RequestWay way_of(const apiserver::RequestRecord& record) {
    RequestWay way;
    way.id = record.entry;
    way.at = record.at;
    way.agent = record.agent;
    way.method = client::method_name(record.method);
    way.path = record.path;
    way.code = record.code;
    way.message = record.message;
    way.stages = record.facts();
    return way;
}

bool is_about(const apiserver::RequestRecord& record, const sim::ObjectRef& object) {
    if (record.resource != object.resource || record.namespace_name != object.namespace_name)
        return false;
    // A create names no object in its path; what was written tells.
    return record.name == object.name || (record.name.empty() && record.store_key.ends_with(cat("/", object.name)));
}

}  // namespace

std::vector<RequestWay> requests_about(const cluster::Session& session, const sim::ObjectRef& object, std::size_t most) {
    std::vector<RequestWay> ways;
    const auto& requests = session.cluster().api().requests();
    for (std::size_t i = 0; i < requests.size() && ways.size() < most; ++i)
        if (is_about(requests.recent(i), object))
            ways.push_back(way_of(requests.recent(i)));
    return ways;
}

std::optional<RequestWay> request_way(const cluster::Session& session, sim::CauseId id) {
    const auto* record = session.cluster().api().requests().find(id);
    if (!record)
        return std::nullopt;
    return way_of(*record);
}

std::vector<sim::Entry> cri_calls(const cluster::Session& session, const sim::ObjectRef& object, std::size_t most) {
    std::vector<sim::Entry> calls;
    const auto agent = object.resource == "nodes" ? cat("kubelet/", object.name) : std::string();
    const auto& log = session.log();
    for (std::size_t i = log.size(); i-- > log.first() && calls.size() < most;)
        if (log.kind(i) == sim::EntryKind::cri && (agent.empty() ? log.object(i) == sim::ObjectView(object) : log.component(i) == agent))
            calls.push_back(log[i]);
    std::reverse(calls.begin(), calls.end());
    return calls;
}

std::vector<TrackedFlow> tracked_flows(const cluster::Session& session, const std::string& node, const std::string& address, std::size_t most) {
    std::vector<TrackedFlow> flows;
    const auto* stack = session.cluster().network().stack(node);
    if (!stack)
        return flows;
    const auto wanted = net::Ip::parse(address);
    const Time now = session.now();
    const auto entries = stack->root().conntrack.list(now);
    for (auto entry = entries.rbegin(); entry != entries.rend() && flows.size() < most; ++entry) {
        const auto& there = entry->original;
        const auto& back = entry->reply;
        if (wanted && there.source != *wanted && there.destination != *wanted && back.source != *wanted && back.destination != *wanted)
            continue;
        auto end = [](const net::Ip& ip, std::uint16_t port) { return net::SocketAddress{ip, port}.text(); };
        TrackedFlow flow;
        flow.protocol = net::protocol_name(there.protocol);
        if (entry->tcp != net::TcpState::none)
            flow.state = net::tcp_state_name(entry->tcp);
        flow.client = end(there.source, there.source_port);
        flow.dialled = end(there.destination, there.destination_port);
        flow.answering = end(back.source, back.source_port);
        flow.answered = end(back.destination, back.destination_port);
        flow.dnat = entry->dnat();
        flow.snat = entry->snat();
        flow.answered_yet = entry->seen_reply;
        flow.expires_s = (entry->expires - now).ns / 1'000'000'000;
        flow.line = net::conntrack_line(*entry, now);
        flows.push_back(std::move(flow));
    }
    return flows;
}

std::vector<EventRow> events_about(const cluster::Session& session, const sim::ObjectRef& object) {
    std::vector<EventRow> rows;
    const auto* kind = api::find_by_any_name(object.resource);
    if (!kind)
        return rows;
    const auto wanted = cat(to_lower(kind->kind), "/", object.name);
    for (auto& row : events(session, SIZE_MAX / 2))
        if (row.object == wanted && (row.namespace_name == object.namespace_name || object.namespace_name.empty()))
            rows.push_back(std::move(row));
    return rows;
}

}  // namespace kubewalk::view
