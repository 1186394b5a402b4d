#include "web/app/lookups.h"

#include <algorithm>

#include "core/cluster/cluster.h"
#include "core/view/dns_origin.h"

namespace kubewalk::app {

namespace {

bool asks_for_names(const net::Connection& connection) {
    return connection.protocol == net::Protocol::udp && connection.server.port == 53;
}

}  // namespace

void fill_lookups(const cluster::Session& session, Model& model) {
    model.lookups.clear();
    model.search = {};
    // The shown request's; when it needed no name, the last one that did.
    auto has_lookups = [&](int index) {
        if (index < 0 || !model.requests[static_cast<std::size_t>(index)].trace) return false;
        const auto& all = model.requests[static_cast<std::size_t>(index)].trace->connections;
        return std::any_of(all.begin(), all.end(), asks_for_names);
    };
    int index = model.request;
    if (!has_lookups(index))
        for (index = static_cast<int>(model.requests.size()) - 1; index >= 0 && !has_lookups(index);) --index;
    if (index < 0) return;
    const SentRequest& request = model.requests[static_cast<std::size_t>(index)];
    model.search = {index, request.from, request.lookup["name"].str(), {}};
    const auto& queries = request.lookup["queries"].items();
    std::size_t asked = 0;
    for (std::size_t i = 0; i < request.trace->connections.size(); ++i) {
        const net::Connection& connection = request.trace->connections[i];
        if (!asks_for_names(connection)) continue;
        DnsLookup lookup{connection.request_line, connection.response_line, connection.server.text(), connection.endpoint.text(),
                         connection.endpoint_name, connection.outcome, connection.elapsed, static_cast<int>(i), connection.depth};
        bool known = connection.depth == 0 && asked < queries.size();
        if (connection.resolv_conf && model.search.resolv_conf.empty()) model.search.resolv_conf = *connection.resolv_conf;
        lookup.origin = view::dns_origin(session, *request.trace, i, known ? queries[asked] : api::Value());
        if (known) {
            lookup.records_known = true;
            for (const api::Value& record : queries[asked++]["answer"].items()) lookup.records.push_back(record["data"].str());
        }
        model.lookups.push_back(std::move(lookup));
    }
}

}  // namespace kubewalk::app
