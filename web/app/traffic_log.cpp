#include "web/app/traffic_log.h"

#include <algorithm>

#include "core/base/sort.h"
#include "core/base/text.h"
#include "core/cluster/cluster.h"
#include "core/net/resolver.h"

namespace kubewalk::app {

namespace {

constexpr std::size_t most_probes = 12;

// What the learner asked for comes first on the canvas; lookups are one click away.
int first_connection(const net::Trace& trace) {
    int chosen = 0;
    for (std::size_t i = 0; i < trace.connections.size(); ++i)
        if (trace.connections[i].depth == 0 && trace.connections[i].protocol != net::Protocol::udp) chosen = static_cast<int>(i);
    return chosen;
}

bool is_lookup(const net::Connection& connection) { return connection.protocol == net::Protocol::udp && connection.server.port == 53; }

// Who looks at a lookup of a request wants to know how the request ended.
net::Outcome outcome_of(const SentRequest& request, int shown, net::Outcome of_shown) {
    if (request.unresolved) return net::Outcome::unresolved;
    if (!request.trace || static_cast<std::size_t>(shown) >= request.trace->connections.size()) return of_shown;
    const auto& all = request.trace->connections;
    const net::Connection& own = all[static_cast<std::size_t>(first_connection(*request.trace))];
    return is_lookup(all[static_cast<std::size_t>(shown)]) && !is_lookup(own) ? own.outcome : of_shown;
}

std::string shown_title(const Model& model) {
    return model.request < 0 ? std::string() : model.requests[static_cast<std::size_t>(model.request)].title;
}

// Where a batch's requests ended, in the order in which their endpoints were first met.
std::vector<EndpointCount> count_endpoints(const Model& model, int batch) {
    std::vector<EndpointCount> counts;
    for (const SentRequest& request : model.requests) {
        if (request.batch != batch || !request.trace || request.trace->connections.empty()) continue;
        const net::Connection& connection = request.trace->connections[static_cast<std::size_t>(first_connection(*request.trace))];
        bool good = !request.unresolved && connection.outcome == net::Outcome::delivered;
        std::string name = good ? connection.endpoint_name : std::string();
        auto found = std::find_if(counts.begin(), counts.end(), [&](const EndpointCount& one) { return one.name == name; });
        if (found == counts.end()) {
            std::string node = connection.request.empty() ? std::string() : connection.request.back().node;
            counts.push_back({name, good ? connection.endpoint.text() : std::string(), good ? node : std::string(), 0, 0});
            found = counts.end() - 1;
        }
        ++found->requests;
        found->failed += good ? 0 : 1;
    }
    sort_stably(counts, [](const EndpointCount& a, const EndpointCount& b) {
        return a.name.empty() != b.name.empty() ? b.name.empty() : a.name < b.name;
    });
    return counts;
}

// A program that looked names up and did nothing else (nslookup in a Pod): no request of the session's.
bool only_asked(const cluster::Session& session, const std::shared_ptr<const net::Trace>& trace) {
    const auto& all = trace->connections;
    const bool names = !all.empty() && std::all_of(all.begin(), all.end(), [](const net::Connection& one) { return one.depth > 0 || is_lookup(one); });
    const auto& records = session.requests();
    return names && std::none_of(records.begin(), records.end(), [&](const cluster::RequestRecord& record) { return record.result.trace == trace; });
}

// What the resolver's first question was about, as it was typed: without the first domain of the search list.
std::string_view asked_first(const net::Trace& trace) {
    for (const net::Connection& one : trace.connections) {
        const auto words = fields(one.request_line);
        if (one.depth > 0 || !one.resolv_conf || words.size() != 2) continue;
        std::string_view name = words[1];
        if (name.ends_with('.')) name.remove_suffix(1);
        const auto search = net::ResolvConf::parse(*one.resolv_conf, net::Libc::glibc).search;
        if (!search.empty() && name.ends_with(cat(".", search.front()))) name.remove_suffix(search.front().size() + 1);
        return name;
    }
    return {};
}

// Did anybody know an address? "NOERROR 10.98.3.17"; other answers are a code alone, or nothing but the name's.
bool nobody_knew(const net::Trace& trace) {
    return std::none_of(trace.connections.begin(), trace.connections.end(), [](const net::Connection& one) {
        return one.depth == 0 && one.outcome == net::Outcome::delivered && one.response_line.starts_with("NOERROR ");
    });
}

// "nowhere.example" of "http://nowhere.example:80/".
std::string_view host_of(std::string_view url) {
    if (const auto scheme = url.find("://"); scheme != std::string_view::npos) url.remove_prefix(scheme + 3);
    return url.substr(0, url.find_first_of(":/?"));
}

// What a command of a terminal wanted to reach.
std::string url_in(std::string_view command) {
    for (const std::string_view word : fields(command))
        if (word.find("://") != std::string_view::npos) return std::string(word);
    return {};
}

// The name a request was made with, where its client looked it up first. Who was refused had said no name yet.
std::string_view looked_up(const net::Trace& trace, const net::Connection& request) {
    if (request.request_headers.empty()) return asked_first(trace);
    std::string_view host;
    for (const auto& [name, value] : request.request_headers)
        if (name == "host") host = std::string_view(value).substr(0, value.find(':'));
    for (const net::Connection& one : trace.connections) {
        const auto words = fields(one.request_line);
        if (!host.empty() && one.protocol == net::Protocol::udp && words.size() == 2 && words[1].starts_with(host) && words[1].substr(host.size()).starts_with(".")) return host;
    }
    return {};
}

// What was asked for, as a URL: the name that was typed, else the address that was dialled.
std::string url_of(const cluster::RequestRecord& record) {
    if (record.to.find("://") != std::string::npos) return record.to;
    const auto colon = record.to.rfind(':');
    std::string host = record.to.substr(0, colon), port = colon == std::string::npos ? std::string() : record.to.substr(colon);
    bool safe = false;
    if (record.result.trace && !record.result.trace->connections.empty()) {
        const net::Connection& request = record.result.trace->connections[static_cast<std::size_t>(first_connection(*record.result.trace))];
        safe = request.tls;
        if (const auto name = looked_up(*record.result.trace, request); !name.empty()) host = name;
    }
    if (port == (safe ? ":443" : ":80")) port.clear();
    const auto words = fields(record.line);
    return cat(safe ? "https://" : "http://", host, port, words.size() > 1 && words[1].starts_with("/") ? words[1] : std::string_view("/"));
}

}  // namespace

void TrafficLog::reset(Model& model) {
    batches_.clear();
    probes_.clear();
    sent_ = 0;
    model.requests.clear();
    forget_seen(model);
}

void TrafficLog::forget_seen(Model& model) {
    seen_ = 0;
    model.request = -1;
    model.connection = 0;
}

void TrafficLog::begin_batch(int count) {
    std::erase_if(batches_, [&](const Batch& batch) { return batch.after >= sent_; });
    if (count > 1) batches_.push_back({sent_, count});
}

int TrafficLog::batch_of(std::size_t request) const {
    for (std::size_t i = 0; i < batches_.size(); ++i)
        if (request >= batches_[i].after && request < batches_[i].after + static_cast<std::size_t>(batches_[i].count)) return static_cast<int>(i) + 1;
    return 0;
}

void TrafficLog::follow_probe(const cluster::Session& session, int index, Model& model) {
    if (index < 0 || static_cast<std::size_t>(index) >= model.probes.size()) return;
    const ProbeTarget& target = model.probes[static_cast<std::size_t>(index)];
    auto result = session.probe("node/" + target.node, target.url, 1);
    model.request_error = result.ok() ? Error{} : result.error();
    if (!result.ok() || result.value().empty()) return;
    SentRequest request{cat("kubelet ", target.kind, " probe → ", target.pod), result.value().front().trace, "node/" + target.node};
    request.url = target.url;
    request.probe = true;
    probes_.push_back(std::move(request));
    if (probes_.size() > most_probes) probes_.erase(probes_.begin());
}

void TrafficLog::pin(Model& model) const {
    std::shared_ptr<const net::Trace> shown = model.request < 0 ? nullptr : model.requests[static_cast<std::size_t>(model.request)].trace;
    if (!shown || model.pinned.trace)
        model.pinned = {};
    else
        model.pinned = {shown_title(model), shown, model.connection, model.traffic, model.outcome};
}

void TrafficLog::collect(const cluster::Session& session, Model& model) {
    model.requests.clear();
    // Lookups typed in the terminals stand between the requests, in the order they were made.
    std::vector<const cluster::TranscriptEntry*> asked;
    for (std::size_t terminal = 0; terminal < session.terminals(); ++terminal)
        for (const cluster::TranscriptEntry& entry : session.transcript(terminal))
            if (entry.result.trace && (entry.result.data["queries"].is_array() || only_asked(session, entry.result.trace))) asked.push_back(&entry);
    sort_stably(asked, [](const auto* a, const auto* b) { return a->at < b->at; });
    std::size_t typed = 0;
    auto add_lookups = [&](Time until) {
        for (; typed < asked.size() && asked[typed]->at <= until; ++typed) {
            const cluster::CommandResult& result = asked[typed]->result;
            const bool dig = result.data["queries"].is_array();
            model.requests.push_back({asked[typed]->command, result.trace, dig ? result.data["from"].str() : result.trace->connections.front().client_name, {},
                                      dig ? result.data : api::Value()});
            SentRequest& request = model.requests.back();
            // A recorded answer is its code alone: who asked knows whether there was an address in it.
            request.unresolved = !dig && result.exit != 0 && nobody_knew(*result.trace);
            if (!request.unresolved) continue;
            request.host = std::string(asked_first(*result.trace));
            request.url = url_in(asked[typed]->command);
        }
    };
    const auto& records = session.requests();
    sent_ = records.size();
    for (std::size_t i = 0; i < records.size(); ++i) {
        const cluster::RequestRecord& record = records[i];
        add_lookups(record.at);
        SentRequest request{cat(record.from, " → ", record.to, "  ", record.line), record.result.trace, record.from, url_of(record)};
        request.unresolved = record.result.outcome == net::Outcome::unresolved;
        request.host = std::string(host_of(request.url));
        request.batch = batch_of(i);
        model.requests.push_back(std::move(request));
    }
    add_lookups(session.now());
    model.requests.insert(model.requests.end(), probes_.begin(), probes_.end());
}

void TrafficLog::fill(const cluster::Session& session, Model& model, const Needs& needs) {
    collect(session, model);
    int last = static_cast<int>(model.requests.size()) - 1;
    if (model.requests.size() > seen_ || model.request > last) {
        model.request = last;
        model.connection = 0;
        if (last >= 0 && model.requests.back().trace) model.connection = first_connection(*model.requests.back().trace);
    }
    seen_ = model.requests.size();
    model.traffic = {};
    model.counts.clear();
    if (model.request >= 0) {
        const SentRequest& shown = model.requests[static_cast<std::size_t>(model.request)];
        if (shown.trace) model.traffic = view::traffic_scene(session, *shown.trace, model.connection);
        model.outcome = outcome_of(shown, model.connection, model.traffic.outcome);
        if (shown.batch > 0) model.counts = count_endpoints(model, shown.batch);
    }
    model.compared.clear();
    bool other = model.pinned.trace && model.request >= 0 && model.requests[static_cast<std::size_t>(model.request)].trace != model.pinned.trace;
    if (other) model.compared = view::compare_hops(model.pinned.scene, model.traffic);
    model.stage = {};
    model.probes.clear();
    if (needs.view != View::traffic) return;
    model.stage = view::traffic_stage(session);
    if (!needs.probes) return;
    for (const view::Probe& probe : view::probes(session)) model.probes.push_back({probe.pod, probe.node, probe.kind, probe.url, probe.period});
}

}  // namespace kubewalk::app
