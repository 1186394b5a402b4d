// Upstream: k8s.io/kubectl/pkg/cmd/expose/expose.go.

#include "core/base/text.h"
#include "core/kubectl/creating.h"
#include "core/kubectl/overrides.h"

namespace kubewalk::kubectl::command {

using api::Value;

namespace {

// Ports that the object itself declares: (port, protocol).
Value declared_ports(const Info& info) {
    Value ports = Value::array();
    if (info.kind->kind == "Service")
        return info.object["spec"]["ports"];
    const auto& spec = info.kind->kind == "Pod" ? info.object["spec"] : info.object["spec"]["template"]["spec"];
    for (const auto& container : spec["containers"].items())
        for (const auto& port : container["ports"].items())
            ports.push_back(Value::object({{"port", port["containerPort"]}, {"protocol", port["protocol"].as_string("TCP")}}));
    return ports;
}

Answer<Value> ports_for(const Run& run, const Info& info) {
    Value ports = Value::array();
    if (run.flags.has("port")) {
        const auto text = run.flags.text("port");
        for (const auto piece : split(text, ','))
            ports.push_back(Value::object({{"port", parse_int(piece).value_or(0)}, {"protocol", run.flags.has("protocol") ? run.flags.text("protocol") : "TCP"}}));
    } else {
        ports = declared_ports(info);
    }
    if (ports.empty())
        return Refusal::plain("couldn't find port via --port flag or introspection");
    const auto target = run.flags.text("target-port");
    for (std::size_t i = 0; i < ports.size(); ++i) {
        auto& port = ports.edit_at(i);
        const auto number = parse_int(target);
        port.set("targetPort", target.empty() ? port["port"] : number ? Value(*number) : Value(target));
        if (ports.size() > 1)
            port.set("name", cat("port-", i + 1));
    }
    return ports;
}

Answer<Value> selector_for(const Run& run, const Info& info) {
    if (run.flags.has("selector")) {
        Value selector = Value::object();
        const auto text = run.flags.text("selector");
        for (const auto pair : split(text, ',')) {
            const auto equals = pair.find('=');
            if (equals == std::string_view::npos)
                return Refusal::plain(cat("unexpected label spec: ", pair));
            selector.set(pair.substr(0, equals), pair.substr(equals + 1));
        }
        return selector;
    }
    const auto& kind = info.kind->kind;
    if (kind == "Pod") {
        if (info.object["metadata"]["labels"].empty())
            return Refusal::plain("couldn't retrieve selectors via --selector flag or introspection: the pod has no labels and cannot be exposed");
        return info.object["metadata"]["labels"];
    }
    if (kind == "Service" || kind == "ReplicationController")
        return info.object["spec"]["selector"];
    if (kind == "Deployment" || kind == "ReplicaSet")
        return info.object["spec"]["selector"]["matchLabels"];
    return Refusal::plain(cat("cannot expose a ", kind));
}

}  // namespace

void expose_flags(FlagSet& set) {
    add_filename_flags(set);
    add_output_flags(set);
    add_dry_run_flag(set);
    add_manager_flag(set, "kubectl-expose");
    add_override_flags(set);
    set.boolean("save-config", "Keep the configuration in an annotation, as apply does")
        .text("name", "The name of the new Service")
        .text("port", "The port of the Service")
        .text("target-port", "The port of the containers")
        .text("protocol", "TCP, UDP or SCTP")
        .text("type", "ClusterIP, NodePort, LoadBalancer or ExternalName")
        .text("selector", "Labels of the Pods")
        .text("cluster-ip", "The address, or None")
        .text("external-ip", "An address outside")
        .text("load-balancer-ip", "The address of the load balancer")
        .text("session-affinity", "None or ClientIP")
        .text("labels", "Labels of the new Service", 'l');
}

void expose(Run& run) {
    Asked asked;
    std::vector<std::string> args = run.args();
    const bool selects = run.flags.has("selector");
    // --selector is the Service's here, not the command's.
    Found found;
    if (selects && !args.empty()) {
        auto target = parse_target(args.size() == 2 ? cat(args[0], "/", args[1]) : args[0], "pods");
        if (!target.ok())
            return run.fail(target.refusal());
        auto object = run.server.get(*target.value().kind, run.namespace_name(), target.value().name);
        if (!object.ok())
            return run.fail(object.refusal());
        found.infos.push_back({target.value().kind, run.namespace_name(), target.value().name, {}, 0, object.take()});
    } else {
        found = find_resources(run, args, asked);
    }
    for (const auto& info : found.infos) {
        auto selector = selector_for(run, info);
        if (!selector.ok())
            return run.fail(selector.refusal());
        auto ports = ports_for(run, info);
        if (!ports.ok())
            return run.fail(ports.refusal());
        Value service = object_with_name("v1", "Service", run.flags.has("name") ? run.flags.text("name") : info.name);
        if (!info.object["metadata"]["labels"].empty())
            service.edit("metadata").set("labels", info.object["metadata"]["labels"]);
        auto& spec = service.edit("spec");
        spec.set("selector", selector.take());
        spec.set("ports", ports.take());
        if (run.flags.has("type"))
            spec.set("type", run.flags.text("type"));
        if (run.flags.has("cluster-ip"))
            spec.set("clusterIP", run.flags.text("cluster-ip"));
        if (run.flags.has("external-ip"))
            spec.set("externalIPs", Value::array({run.flags.text("external-ip")}));
        if (run.flags.has("load-balancer-ip"))
            spec.set("loadBalancerIP", run.flags.text("load-balancer-ip"));
        if (run.flags.has("session-affinity"))
            spec.set("sessionAffinity", run.flags.text("session-affinity"));
        auto changed = overridden(run, std::move(service), api::kind::services);
        if (!changed.ok())
            return run.fail(changed.refusal());
        create_and_print(run, api::kind::services, changed.take(), "exposed");
    }
    run.fail(found.refusals);
}

}  // namespace kubewalk::kubectl::command
