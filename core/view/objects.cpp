#include "core/view/objects.h"

#include <algorithm>

#include "core/api/json.h"
#include "core/api/yaml.h"
#include "core/base/sort.h"
#include "core/base/text.h"
#include "core/cluster/cluster.h"

namespace kubewalk::view {

namespace {

using api::Value;

const api::Kind* kind_of(const sim::ObjectRef& object) { return api::find_by_any_name(object.resource); }

Value fetch(const cluster::Session& session, const sim::ObjectRef& object) {
    const auto* kind = kind_of(object);
    return kind ? session.cluster().peek(*kind, object.namespace_name, object.name) : Value();
}

// What the server filled in and nobody edits.
void strip_server_fields(Value& object) {
    object.erase("status");
    auto& metadata = object.edit("metadata");
    for (const std::string_view key : {"uid", "resourceVersion", "generation", "creationTimestamp", "managedFields", "selfLink"})
        metadata.erase(key);
    auto& annotations = metadata.edit("annotations");
    annotations.erase("kubectl.kubernetes.io/last-applied-configuration");
    annotations.erase("deployment.kubernetes.io/revision");
    if (annotations.empty())
        metadata.erase("annotations");
}

}  // namespace

std::string editable_manifest(const cluster::Session& session, const sim::ObjectRef& object) {
    Value live = fetch(session, object);
    if (live.is_null())
        return {};
    // Whoever applied it finds their own text again: only what they wrote.
    const auto applied = live["metadata"]["annotations"]["kubectl.kubernetes.io/last-applied-configuration"].as_string();
    if (!applied.empty()) {
        auto parsed = api::parse_json(applied);
        if (parsed.ok()) {
            Value own = parsed.take();
            if (own["metadata"]["annotations"].empty())
                own.edit("metadata").erase("annotations");
            return api::to_yaml(own);
        }
    }
    strip_server_fields(live);
    return api::to_yaml(live);
}

std::string live_yaml(const cluster::Session& session, const sim::ObjectRef& object) {
    const Value live = fetch(session, object);
    return live.is_null() ? std::string() : api::to_yaml(live);
}

std::string describe(const cluster::Session& session, const sim::ObjectRef& object) {
    std::vector<std::string> argv = {"kubectl", "describe", object.resource, object.name};
    if (!object.namespace_name.empty())
        argv.insert(argv.end(), {"-n", object.namespace_name});
    auto started = kubectl::start(session.cluster().quiet_kubectl_environment(), argv, {});
    return started.output.out + started.output.err;
}

std::vector<EventRow> events(const cluster::Session& session, std::size_t limit) {
    std::vector<EventRow> rows;
    for (const auto& event : session.cluster().peek_list(api::kind::events, "")) {
        EventRow row;
        for (const std::string_view key : {"lastTimestamp", "eventTime", "firstTimestamp"}) {
            if (const auto time = parse_rfc3339(event[key].as_string())) {
                row.last = *time;
                break;
            }
        }
        row.type = event["type"].str();
        row.reason = event["reason"].str();
        row.object = cat(to_lower(event["involvedObject"]["kind"].as_string()), "/", event["involvedObject"]["name"].as_string());
        row.namespace_name = event["involvedObject"]["namespace"].str();
        row.message = event["message"].str();
        row.count = static_cast<int>(std::max<std::int64_t>(1, event["count"].as_int(1)));
        rows.push_back(std::move(row));
    }
    sort_stably(rows, [](const EventRow& a, const EventRow& b) { return a.last < b.last; });
    if (rows.size() > limit)
        rows.erase(rows.begin(), rows.end() - static_cast<std::ptrdiff_t>(limit));
    return rows;
}

std::vector<ApiCallRow> api_calls(const cluster::Session& session, std::size_t limit) {
    std::vector<ApiCallRow> rows;
    const auto& log = session.log();
    for (std::size_t i = log.size(); i-- > log.first() && rows.size() < limit;) {
        if (log.kind(i) != sim::EntryKind::api_call || log.heartbeat(i) || log.arg_count(i) < 3)
            continue;
        rows.push_back({i + 1, log.at(i), std::string(log.component(i)), std::string(log.arg(i, 0)), std::string(log.arg(i, 1)),
                        static_cast<int>(parse_int(log.arg(i, 2)).value_or(0))});
    }
    std::reverse(rows.begin(), rows.end());
    return rows;
}

std::string iptables_save(const cluster::Session& session, const std::string& node) {
    // IPv6's tables stand behind IPv4's where the cluster has both families.
    return session.cluster().iptables_save(node).value_or({}) + session.cluster().iptables_save(node, net::Family::ipv6).value_or({});
}

}  // namespace kubewalk::view
