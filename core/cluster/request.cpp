#include "core/cluster/request.h"

#include "core/base/text.h"
#include "core/net/node_stack.h"
#include "core/cluster/cluster.h"
#include "core/net/resolver.h"

namespace kubewalk::cluster {

Result<Url> parse_url(std::string_view text) {
    Url url;
    const auto scheme_end = text.find("://");
    if (scheme_end != std::string_view::npos) {
        url.scheme = to_lower(text.substr(0, scheme_end));
        text.remove_prefix(scheme_end + 3);
    }
    if (url.scheme != "http" && url.scheme != "https")
        return Error{"InvalidUrl", cat("unsupported protocol scheme ", quoted(url.scheme)), "scheme", 0, 0};
    url.port = url.scheme == "https" ? 443 : 80;
    const auto path_start = text.find('/');
    std::string_view authority = text.substr(0, path_start);
    if (path_start != std::string_view::npos)
        url.path = text.substr(path_start);
    std::string_view port;
    if (authority.starts_with('[')) {  // [IPv6]:port
        const auto close = authority.find(']');
        if (close == std::string_view::npos)
            return Error{"InvalidUrl", "missing ']' in host", "bracket", 0, 0};
        url.host = authority.substr(1, close - 1);
        if (close + 1 < authority.size() && authority[close + 1] == ':')
            port = authority.substr(close + 2);
    } else {
        const auto colon = authority.rfind(':');
        url.host = authority.substr(0, colon);
        if (colon != std::string_view::npos)
            port = authority.substr(colon + 1);
    }
    if (!port.empty()) {
        const auto number = parse_int(port);
        if (!number || *number < 1 || *number > 65535)
            return Error{"InvalidUrl", cat("invalid port ", quoted(cat(":", port)), " after host"), "port", 0, 0};
        url.port = static_cast<std::uint16_t>(*number);
    }
    if (url.host.empty())
        return Error{"InvalidUrl", "no host in request URL", "host", 0, 0};
    return url;
}

namespace {

// What became of the endpoint of the connection that carried the request.
void describe_endpoint(TraceResult& result, const net::Connection& connection) {
    if (connection.endpoint.ip.unspecified())
        return;
    result.endpoint = connection.endpoint;
    const std::string_view name = connection.endpoint_name;
    if (name.starts_with("pod/"))
        result.endpoint_pod = name.substr(4);
    // The last machine the request passed is where it ended.
    if (!connection.request.empty())
        result.endpoint_node = connection.request.back().node;
    if (connection.outcome == net::Outcome::delivered)
        result.client_address_seen = connection.client_seen.ip.text();
}

}  // namespace

Result<TraceResult> trace_request(Cluster& cluster, std::string_view from, std::string_view text) {
    KUBEWALK_TRY(url, parse_url(text));
    KUBEWALK_TRY(process, cluster.process_at(from));
    auto& network = cluster.network();
    cluster.simulation().record(sim::EntryKind::traffic, from, {}, {"traffic.request", {std::string(from), std::string(text)}});

    TraceResult result;
    net::Network::Recording recording(network);
    std::optional<net::Ip> target = net::Ip::parse(url.host);
    if (!target) {
        const auto* view = network.view(process.netns);
        const auto families = view && view->ipv6() ? net::WantFamilies::both : net::WantFamilies::ipv4_only;
        const net::ResolverFiles files{process.files["/etc/resolv.conf"], process.files["/etc/hosts"]};
        const auto resolution = net::resolve(network, process.netns, files, process.libc, url.host,
                                             families);
        if (!resolution.addresses.empty())
            target = resolution.addresses.front();
    }
    if (target) {
        const auto dialled = network.connect(process.netns, {*target, url.port}, cat("GET ", url.path));
        result.outcome = dialled.outcome;
        if (dialled.outcome == net::Outcome::delivered) {
            net::HttpRequest request;
            request.path = url.path;
            if (url.scheme == "https")  // whoever answers is believed: this looks at the way, not at the certificate
                request.tls = net::Ip::parse(url.host) ? std::string() : url.host;
            const bool default_port = url.port == (url.scheme == "https" ? 443 : 80);
            const std::string name = url.host.find(':') == std::string::npos ? url.host : cat("[", url.host, "]");
            request.host = default_port ? name : cat(name, ":", url.port);
            const auto response = network.http(dialled.id, request);
            if (response.ok()) {
                result.status = response.value().status;
                result.body = response.value().body;
            } else if (response.error().reason == "Timeout") {
                result.outcome = net::Outcome::timeout;
            }
            network.disconnect(dialled.id);
        }
    }
    auto trace = std::make_shared<net::Trace>(recording.trace());
    for (const auto& connection : trace->connections)
        if (connection.depth == 0 && connection.protocol == net::Protocol::tcp)
            describe_endpoint(result, connection);
    result.trace = std::move(trace);
    return result;
}

std::vector<RequestRecord> requests_of(Time at, const std::shared_ptr<const net::Trace>& trace) {
    std::vector<RequestRecord> records;
    for (const auto& connection : trace->connections) {
        if (connection.depth != 0 || connection.protocol != net::Protocol::tcp)
            continue;
        RequestRecord record;
        record.at = at;
        record.from = connection.client_name;
        record.to = connection.server.text();
        record.line = connection.request_line;
        record.result.outcome = connection.outcome;
        record.result.status = static_cast<int>(parse_int(std::string_view(connection.response_line).substr(0, 3)).value_or(0));
        record.result.trace = trace;
        describe_endpoint(record.result, connection);
        records.push_back(std::move(record));
    }
    return records;
}

namespace {

using api::Value;

Value address_json(const net::SocketAddress& address) { return address.text(); }

Value header_json(const net::Header& header) {
    return Value::object({{"src", address_json(header.source)}, {"dst", address_json(header.destination)}});
}

Value hop_json(const net::Hop& hop) {
    Value args = Value::array();
    for (const auto& argument : hop.why.args)
        args.push_back(argument);
    return Value::object({{"node", hop.node},
                          {"at", hop.at},
                          {"in", header_json(hop.in)},
                          {"out", header_json(hop.out)},
                          {"rule", hop.rule},
                          {"verdict", hop.verdict},
                          {"why", Value::object({{"id", hop.why.id}, {"args", args}})}});
}

Value hops_json(const std::vector<net::Hop>& hops) {
    Value out = Value::array();
    for (const auto& hop : hops)
        out.push_back(hop_json(hop));
    return out;
}

void append_hops(std::string& out, std::string_view arrow, const std::vector<net::Hop>& hops) {
    int number = 0;
    for (const auto& hop : hops) {
        append(out, "  ", arrow, " ", ++number, "  ", hop.node, "  ", hop.at, "  ", hop.in.source.text(), " -> ",
               hop.in.destination.text());
        if (!(hop.in.source == hop.out.source) || !(hop.in.destination == hop.out.destination))
            append(out, "  =>  ", hop.out.source.text(), " -> ", hop.out.destination.text());
        append(out, "  ", hop.verdict, "\n");
        if (!hop.rule.empty())
            append(out, "         ", hop.rule, "\n");
    }
}

}  // namespace

api::Value trace_json(const TraceResult& result) {
    Value out = Value::object();
    out.set("outcome", net::outcome_name(result.outcome));
    out.set("status", result.status == 0 ? Value() : Value(result.status));
    Value endpoint;
    if (result.endpoint)
        endpoint = Value::object({{"ip", result.endpoint->ip.text()},
                                  {"port", static_cast<std::int64_t>(result.endpoint->port)},
                                  {"pod", result.endpoint_pod.empty() ? Value() : Value(result.endpoint_pod)},
                                  {"node", result.endpoint_node.empty() ? Value() : Value(result.endpoint_node)}});
    out.set("endpoint", endpoint);
    out.set("clientAddressSeen", result.client_address_seen.empty() ? Value() : Value(result.client_address_seen));
    Value connections = Value::array();
    if (result.trace) {
        for (const auto& connection : result.trace->connections) {
            connections.push_back(Value::object({{"client", address_json(connection.client)},
                                                 {"server", address_json(connection.server)},
                                                 {"protocol", net::protocol_name(connection.protocol)},
                                                 {"request", hops_json(connection.request)},
                                                 {"reply", hops_json(connection.reply)}}));
        }
    }
    out.set("connections", connections);
    return out;
}

std::string trace_text(const TraceResult& result) {
    std::string out;
    if (result.trace) {
        for (const auto& connection : result.trace->connections) {
            out.append(static_cast<std::size_t>(connection.depth) * 2, ' ');
            append(out, net::protocol_name(connection.protocol), " ", connection.client_name, " ", connection.client.text(),
                   " -> ", connection.server.text(), "  ", connection.request_line, "  ",
                   net::outcome_name(connection.outcome), "  ", connection.response_line, "\n");
            for (const auto& [name, value] : connection.request_headers)
                if (name == "host" || name.starts_with("x-forwarded-") || name == "x-real-ip")
                    append(out, "  ", name, ": ", value, "\n");
            append_hops(out, ">", connection.request);
            append_hops(out, "<", connection.reply);
        }
    }
    append(out, net::outcome_name(result.outcome));
    if (result.status != 0)
        append(out, " ", result.status);
    if (result.endpoint)
        append(out, "  endpoint ", result.endpoint->text());
    if (!result.endpoint_pod.empty())
        append(out, " (", result.endpoint_pod, " on ", result.endpoint_node, ")");
    if (!result.client_address_seen.empty())
        append(out, "  client seen as ", result.client_address_seen);
    out += '\n';
    return out;
}

}  // namespace kubewalk::cluster
