#include "core/apiserver/flow_control.h"

#include "core/base/text.h"

namespace kubewalk::apiserver {

using api::Value;

namespace {

constexpr std::string_view flow_version = "flowcontrol.apiserver.k8s.io/v1";
constexpr std::string_view keeps_spec = "apf.kubernetes.io/autoupdate-spec";
constexpr Duration ensured_every = minutes(1);

struct Level {
    std::string_view name;
    int shares;
    int lendable;
    int queues = 0;  // 0: what is too much is rejected
    int hand = 0;
};
constexpr int queue_length = 50;
constexpr Level all_levels[] = {{"catch-all", 5, 0},           {"system", 30, 33, 64, 6},        {"node-high", 40, 25, 64, 6},     {"leader-election", 10, 0, 16, 4},
                            {"workload-high", 40, 50, 128, 6}, {"workload-low", 100, 90, 128, 6}, {"global-default", 20, 50, 128, 6}};

struct Flow {
    std::string_view name;
    std::string_view level;
    int precedence;
    std::string_view by;         // "ByUser", "ByNamespace", or ""
    std::string_view subjects;   // "Group:x,User:y,ServiceAccount:ns/z"
    std::string_view resources;  // "verbs;groups;resources;cluster", a rule a line; lists with commas, "core" for the group ""
    std::string_view paths = {}; // "verbs;paths"
};
constexpr std::string_view everything = "*;*;*;cluster", every_path = "*;*";
constexpr std::string_view everybody = "Group:system:unauthenticated,Group:system:authenticated";
constexpr Flow flows[] = {
    {"exempt", "exempt", 1, "", "Group:system:masters", everything, every_path},
    {"probes", "exempt", 2, "", everybody, {}, "get;/healthz,/readyz,/livez"},
    {"system-leader-election", "leader-election", 100, "ByUser",
     "User:system:kube-controller-manager,User:system:kube-scheduler,ServiceAccount:kube-system/*", "get,create,update;coordination.k8s.io;leases"},
    {"endpoint-controller", "workload-high", 150, "ByUser",
     "User:system:kube-controller-manager,ServiceAccount:kube-system/endpoint-controller,ServiceAccount:kube-system/endpointslicemirroring-controller",
     "get,create,update;core;endpoints"},
    {"workload-leader-election", "leader-election", 200, "ByUser", "ServiceAccount:kube-system/*", "get,create,update;coordination.k8s.io;leases"},
    {"system-node-high", "node-high", 400, "ByUser", "Group:system:nodes", "*;core;nodes,nodes/status;cluster\n*;coordination.k8s.io;leases"},
    {"system-nodes", "system", 500, "ByUser", "Group:system:nodes", everything, every_path},
    {"kube-controller-manager", "workload-high", 800, "ByNamespace", "User:system:kube-controller-manager", everything, every_path},
    {"kube-scheduler", "workload-high", 800, "ByNamespace", "User:system:kube-scheduler", everything, every_path},
    {"kube-system-service-accounts", "workload-high", 900, "ByNamespace", "ServiceAccount:kube-system/*", everything, every_path},
    {"service-accounts", "workload-low", 9000, "ByUser", "Group:system:serviceaccounts", everything, every_path},
    {"global-default", "global-default", 9900, "ByUser", everybody, everything, every_path},
    {"catch-all", "catch-all", 10000, "ByUser", everybody, everything, every_path},
};

Value words_of(std::string_view words) {
    Value list = Value::array();
    for (const auto word : split(words, ','))
        list.push_back(word == "core" ? std::string_view() : word);
    return list;
}

Value flow_subject(std::string_view text) {
    const auto colon = text.find(':');
    const auto kind = text.substr(0, colon), name = text.substr(colon + 1);
    if (kind == "ServiceAccount") {
        const auto [space, account] = api::split_key(name);
        return Value::object({{"kind", kind}, {"serviceAccount", Value::object({{"name", account}, {"namespace", space}})}});
    }
    return Value::object({{"kind", kind}, {kind == "User" ? "user" : "group", Value::object({{"name", name}})}});
}

Value flow_rule(const Flow& flow) {
    Value rule = Value::object();
    for (const auto subject : split(flow.subjects, ','))
        rule.edit("subjects").push_back(flow_subject(subject));
    for (const auto line : split(flow.resources, '\n')) {
        const auto parts = split(line, ';');
        if (parts.size() < 3)
            continue;
        Value one = Value::object({{"verbs", words_of(parts[0])}, {"apiGroups", words_of(parts[1])}, {"resources", words_of(parts[2])}, {"namespaces", words_of("*")}});
        if (parts.size() > 3)
            one.set("clusterScope", true);
        rule.edit("resourceRules").push_back(std::move(one));
    }
    if (const auto parts = split(flow.paths, ';'); parts.size() == 2)
        rule.edit("nonResourceRules").push_back(Value::object({{"verbs", words_of(parts[0])}, {"nonResourceURLs", words_of(parts[1])}}));
    return rule;
}

Value flow_object(const api::Kind& kind, std::string_view name, Value spec) {
    const Value metadata =
        Value::object({{"name", name}, {"generation", 1}, {"annotations", Value::object({{keeps_spec, "true"}})}});
    return Value::object({{"apiVersion", flow_version}, {"kind", kind.kind}, {"metadata", metadata}, {"spec", std::move(spec)}, {"status", Value::object()}});
}

Value flow_spec(const Level& level) {
    Value response = Value::object({{"type", level.queues == 0 ? "Reject" : "Queue"}});
    if (level.queues != 0)
        response.set("queuing", Value::object({{"handSize", level.hand}, {"queueLengthLimit", queue_length}, {"queues", level.queues}}));
    return Value::object({{"type", "Limited"},
                          {"limited", Value::object({{"lendablePercent", level.lendable}, {"limitResponse", std::move(response)},
                                                     {"nominalConcurrencyShares", level.shares}})}});
}

Value flow_spec(const Flow& flow) {
    Value spec = Value::object({{"matchingPrecedence", flow.precedence},
                                {"priorityLevelConfiguration", Value::object({{"name", flow.level}})},
                                {"rules", Value::array({flow_rule(flow)})}});
    if (!flow.by.empty())
        spec.set("distinguisherMethod", Value::object({{"type", flow.by}}));
    return spec;
}

Value dangling(std::string_view level, bool there, Time now) {
    return Value::object({{"type", "Dangling"},
                          {"status", there ? "False" : "True"},
                          {"reason", there ? "Found" : "NotFound"},
                          {"message", cat("This FlowSchema references the PriorityLevelConfiguration object named ", quoted(level),
                                          there ? " and it exists" : " but there is no such object")},
                          {"lastTransitionTime", to_rfc3339(now)}});
}

std::string flow_key(const api::Kind& kind, std::string_view name) { return cat(kind.resource, "|", name); }

}  // namespace

std::vector<BootstrapObject> flow_control_objects() {
    std::vector<BootstrapObject> objects;
    const auto& level_kind = api::kind::priority_level_configurations;
    const Value exempt = Value::object({{"lendablePercent", 0}, {"nominalConcurrencyShares", 0}});
    objects.push_back({&level_kind, flow_object(level_kind, "exempt", Value::object({{"type", "Exempt"}, {"exempt", exempt}}))});
    for (const auto& level : all_levels)
        objects.push_back({&level_kind, flow_object(level_kind, level.name, flow_spec(level))});
    for (const auto& flow : flows)
        objects.push_back({&api::kind::flow_schemas, flow_object(api::kind::flow_schemas, flow.name, flow_spec(flow))});
    return objects;
}

FlowControl::FlowControl(client::Environment environment)
    : ControllerOf(environment, "api-priority-and-fairness-config-consumer-v1", "system:apiserver") {
    watch(api::kind::flow_schemas);
    watch(api::kind::priority_level_configurations);
}

void FlowControl::changed(std::size_t index, const client::Change& change) {
    const auto& kind = index == schemas ? api::kind::flow_schemas : api::kind::priority_level_configurations;
    const auto name = api::name_of(change.object);
    if (change.type == client::WatchType::deleted || (!change.before.is_null() && change.before["spec"] != change.object["spec"]))
        enqueue_after(cat("ensure:", flow_key(kind, name)), ensured_every, sim::Urgency::background);
    if (index == schemas && change.type != client::WatchType::deleted)
        enqueue(flow_key(kind, name));
    if (index == levels && change.type != client::WatchType::modified)
        for (const auto& [key, schema] : cache(schemas))
            if (schema["spec"]["priorityLevelConfiguration"]["name"].as_string() == name)
                enqueue(flow_key(api::kind::flow_schemas, key));
}

// What the server keeps comes back when it was deleted, and as it was where nobody said otherwise by the annotation.
client::Outcome FlowControl::restore(const BootstrapObject& wanted, const Value& found) {
    if (found.is_null()) {
        const auto made = client().create(*wanted.kind, wanted.object);
        return made.ok() || made.error().reason == "AlreadyExists" ? client::Outcome::done() : client::Outcome::failed(made.error());
    }
    if (found["spec"] == wanted.object["spec"] || found["metadata"]["annotations"][keeps_spec].as_string() != "true")
        return client::Outcome::done();
    Value fixed = found;
    fixed.set("spec", wanted.object["spec"]);
    const auto written = client().update(*wanted.kind, fixed);
    return written.ok() ? client::Outcome::done() : client::Outcome::failed(written.error());
}

client::Outcome FlowControl::reconcile(const std::string& key) {
    constexpr std::string_view ensure = "ensure:";
    const bool ensures = key.starts_with(ensure);
    const std::string_view rest = std::string_view(key).substr(ensures ? ensure.size() : 0);
    const auto name = rest.substr(rest.find('|') + 1);
    if (ensures) {
        const bool of_schema = rest.starts_with(api::kind::flow_schemas.resource);
        for (const auto& wanted : flow_control_objects())
            if (api::name_of(wanted.object) == name && (wanted.kind == &api::kind::flow_schemas) == of_schema)
                return restore(wanted, informer(of_schema ? schemas : levels).get(name));
        return client::Outcome::done();
    }
    const Value schema = informer(schemas).get(name);
    if (schema.is_null())
        return client::Outcome::done();
    const auto level = schema["spec"]["priorityLevelConfiguration"]["name"].as_string();
    const Value condition = dangling(level, !informer(levels).get(level).is_null(), now());
    for (const auto& known : schema["status"]["conditions"].items())
        if (known["type"] == condition["type"] && known["status"] == condition["status"] && known["message"] == condition["message"])
            return client::Outcome::done();
    Value updated = schema;
    updated.edit("status").set("conditions", Value::array({condition}));
    const auto written = client().update_status(api::kind::flow_schemas, updated);
    return written.ok() || written.error().reason == "NotFound" ? client::Outcome::done() : client::Outcome::failed(written.error());
}

}  // namespace kubewalk::apiserver
