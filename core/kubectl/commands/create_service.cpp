// Upstream: k8s.io/kubectl/pkg/cmd/create/create_service.go.

#include "core/api/names.h"
#include "core/base/text.h"
#include "core/kubectl/creating.h"

namespace kubewalk::kubectl::command {

using api::Value;

namespace {

// parsePorts: "5678:8080" -> port 5678, targetPort 8080; "80:http" has a name as target.
Answer<Value> parse_port(const std::string& spec) {
    const auto colon = spec.find(':');
    const auto left = spec.substr(0, colon);
    const auto port = parse_int(left);
    if (!port)
        return Refusal::plain(cat("strconv.ParseUint: parsing ", quoted(left), ": invalid syntax"));
    if (const auto wrong = api::is_valid_port_num(*port); !wrong.empty() && *port != 0)
        return Refusal::plain(join(wrong, ","));
    Value entry = Value::object({{"name", replace_all(spec, ":", "-")}, {"port", *port}, {"protocol", "TCP"}});
    if (colon == std::string::npos) {
        entry.set("targetPort", *port);
        return entry;
    }
    const auto target = spec.substr(colon + 1);
    if (const auto number = parse_int(target)) {
        if (const auto wrong = api::is_valid_port_num(*number); !wrong.empty())
            return Refusal::plain(join(wrong, ","));
        entry.set("targetPort", *number);
    } else {
        if (const auto wrong = api::is_valid_port_name(target); !wrong.empty())
            return Refusal::plain(join(wrong, ","));
        entry.set("targetPort", target);
    }
    return entry;
}

void create_of_type(Run& run, std::string_view type) {
    if (!one_name(run))
        return;
    const auto address = run.flags.text("clusterip");
    const auto specs = run.flags.list("tcp");
    if (specs.empty() && address != "None" && type != "ExternalName")
        return run.fail("at least one tcp port specifier must be provided");
    if (type == "ExternalName")
        if (const auto name = run.flags.text("external-name"); !api::is_dns1123_subdomain(name).empty())
            return run.fail(cat("invalid service external name ", name));
    Value object = object_with_name("v1", "Service", run.args()[0]);
    const Value labels = Value::object({{"app", run.args()[0]}});
    object.edit("metadata").set("labels", labels);
    auto& service = object.edit("spec");
    service.set("type", type);
    service.set("selector", labels);
    for (const auto& spec : specs) {
        auto port = parse_port(spec);
        if (!port.ok())
            return run.fail(port.refusal());
        if (const auto node_port = run.flags.integer("node-port"); node_port != 0)
            port.value().set("nodePort", node_port);
        service.edit("ports").push_back(port.take());
    }
    if (!address.empty())
        service.set("clusterIP", address);
    if (type == "ExternalName")
        service.set("externalName", run.flags.text("external-name"));
    object.edit("status").set("loadBalancer", Value::object());
    create_and_print(run, api::kind::services, std::move(object), "created");
}

void add_service_flags(FlagSet& set) {
    add_create_flags(set);
    set.list("tcp", "PORT[:TARGETPORT]; several separated by commas");
}

}  // namespace

void create_cluster_ip_flags(FlagSet& set) {
    add_service_flags(set);
    set.text("clusterip", "The address, or None for a headless Service");
}
void create_cluster_ip(Run& run) { create_of_type(run, "ClusterIP"); }

void create_node_port_flags(FlagSet& set) {
    add_service_flags(set);
    set.integer("node-port", "The port on every node; 0: one that is free", "0");
}
void create_node_port(Run& run) { create_of_type(run, "NodePort"); }

void create_load_balancer_flags(FlagSet& set) { add_service_flags(set); }
void create_load_balancer(Run& run) { create_of_type(run, "LoadBalancer"); }

void create_external_name_flags(FlagSet& set) {
    add_service_flags(set);
    set.text("external-name", "The name outside that it stands for");
}
void create_external_name(Run& run) {
    if (!run.flags.has("external-name"))
        return run.fail("required flag(s) \"external-name\" not set");
    create_of_type(run, "ExternalName");
}

}  // namespace kubewalk::kubectl::command
