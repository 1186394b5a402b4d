// Upstream: k8s.io/kubectl/pkg/cmd/create/create_service.go.

#include "core/base/text.h"
#include "core/kubectl/creating.h"

namespace kubewalk::kubectl::command {

using api::Value;

namespace {

// "5678:8080" -> port 5678, targetPort 8080, name "5678-8080".
Answer<Value> ports_of(const Run& run) {
    Value ports = Value::array();
    for (const auto& spec : run.flags.list("tcp")) {
        const auto colon = spec.find(':');
        const auto port = parse_int(spec.substr(0, colon));
        const auto target = colon == std::string::npos ? spec : spec.substr(colon + 1);
        if (!port)
            return Refusal::plain(cat("invalid tcp port mapping: ", spec));
        const auto number = parse_int(target);
        Value entry = Value::object({{"name", replace_all(spec, ":", "-")},
                                     {"port", *port},
                                     {"protocol", "TCP"},
                                     {"targetPort", number ? Value(*number) : Value(target)}});
        if (const auto node_port = run.flags.integer("node-port"); node_port > 0)
            entry.set("nodePort", node_port);
        ports.push_back(std::move(entry));
    }
    return ports;
}

void create_of_type(Run& run, std::string_view type) {
    if (!one_name(run))
        return;
    auto ports = ports_of(run);
    if (!ports.ok())
        return run.fail(ports.refusal());
    const bool headless = run.flags.text("clusterip") == "None";
    if (ports.value().empty() && !headless && type != "ExternalName")
        return run.fail("at least one tcp port specifier must be provided");
    Value object = object_with_name("v1", "Service", run.args()[0]);
    const Value labels = Value::object({{"app", run.args()[0]}});
    object.edit("metadata").set("labels", labels);
    object.edit("spec").set("type", type);
    object.edit("spec").set("selector", labels);
    if (!ports.value().empty())
        object.edit("spec").set("ports", ports.take());
    if (run.flags.has("clusterip"))
        object.edit("spec").set("clusterIP", run.flags.text("clusterip"));
    if (type == "ExternalName")
        object.edit("spec").set("externalName", run.flags.text("external-name"));
    create_and_print(run, api::kind::services, std::move(object), "created");
}

}  // namespace

void create_service_flags(FlagSet& set) {
    add_create_flags(set);
    set.list("tcp", "PORT[:TARGETPORT]")
        .text("clusterip", "The address, or None for a headless Service")
        .text("external-name", "The name outside that it stands for")
        .integer("node-port", "The port on the nodes", "0");
}

void create_cluster_ip(Run& run) { create_of_type(run, "ClusterIP"); }
void create_node_port(Run& run) { create_of_type(run, "NodePort"); }
void create_service(Run& run) { create_of_type(run, "LoadBalancer"); }
void create_external_name(Run& run) {
    if (!run.flags.has("external-name"))
        return run.fail("required flag(s) \"external-name\" not set");
    create_of_type(run, "ExternalName");
}

}  // namespace kubewalk::kubectl::command
