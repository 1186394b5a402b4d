// Upstream: k8s.io/kubectl/pkg/describe/describe.go (IngressDescriber, IngressClassDescriber).

#include <set>

#include "core/kubectl/describe/describe.h"

namespace kubewalk::kubectl::describe {

using api::Value;

namespace {

std::string load_balancer_text(const Value& balancer) {
    std::set<std::string> addresses;
    for (const auto& entry : balancer["ingress"].items()) {
        const auto ip = entry["ip"].as_string();
        if (const auto address = ip.empty() ? entry["hostname"].as_string() : ip; !address.empty())
            addresses.emplace(address);
    }
    return join({addresses.begin(), addresses.end()}, ",");
}

std::string port_name(const Value& service, const Value& wanted) {
    std::string name;
    for (const auto& port : service["spec"]["ports"].items()) {
        const bool by_number = wanted["number"].as_int() != 0 && wanted["number"] == port["port"];
        const bool by_name = !wanted["name"].as_string().empty() && wanted["name"] == port["name"];
        if (by_number || by_name)
            name = port["name"].str();
    }
    return name;
}

std::string backend_text(const Subject& subject, const Value& backend) {
    const Value& service = backend["service"];
    if (service.is_object()) {
        const auto name = service["name"].as_string();
        const auto number = service["port"]["number"].as_int();
        const auto text = cat(name, ":", number != 0 ? cat(number) : service["port"]["name"].str());
        const auto namespace_name = api::namespace_of(subject.object);
        auto slices = subject.server.list(api::kind::endpoint_slices, namespace_name, cat("kubernetes.io/service-name=", name));
        if (!slices.ok())
            return cat(text, " (<error: ", slices.refusal().text, ">)");
        auto object = subject.server.get(api::kind::services, namespace_name, name);
        if (!object.ok())
            return cat(text, " (<error: ", object.refusal().text, ">)");
        return cat(text, " (", endpoints_of_slices(slices.value()["items"], port_name(object.value(), service["port"])), ")");
    }
    const Value& resource = backend["resource"];
    if (resource.is_object())
        return cat("APIGroup: ", resource["apiGroup"].as_string("<none>"), ", Kind: ", resource["kind"].as_string(),
                   ", Name: ", resource["name"].as_string());
    return {};
}

void tls_lines(Writer& w, const Value& list) {
    w.line(0, "TLS:");
    for (const auto& tls : list.items()) {
        const auto secret = tls["secretName"].as_string();
        const auto hosts = joined(tls["hosts"], ",");
        if (secret.empty())
            w.line(1, "SNI routes ", hosts);
        else
            w.line(1, secret, " terminates ", hosts);
    }
}

}  // namespace

void ingress(const Subject& subject, Writer& w) {
    const Value& object = subject.object;
    const auto& spec = object["spec"];
    w.line(0, "Name:\t", api::name_of(object));
    labels(w, "Labels", object["metadata"]["labels"]);
    w.line(0, "Namespace:\t", api::namespace_of(object));
    w.line(0, "Address:\t", load_balancer_text(object["status"]["loadBalancer"]));
    w.line(0, "Ingress Class:\t", spec["ingressClassName"].as_string("<none>"));
    const auto fallback = spec["defaultBackend"].is_object() ? backend_text(subject, spec["defaultBackend"]) : std::string("<default>");
    w.line(0, "Default backend:\t", fallback);
    if (!spec["tls"].empty())
        tls_lines(w, spec["tls"]);
    w.line(0, "Rules:\n  Host\tPath\tBackends");
    w.line(1, "----\t----\t--------");
    int count = 0;
    for (const auto& rule : spec["rules"].items()) {
        if (!rule["http"].is_object())
            continue;
        ++count;
        const auto host = rule["host"].as_string();
        w.line(1, host.empty() ? "*" : host, "\t");
        for (const auto& path : rule["http"]["paths"].items())
            w.line(2, "\t", path["path"].as_string(), " \t", backend_text(subject, path["backend"]));
    }
    if (count == 0)
        w.line(1, "*\t*\t", fallback);
    annotations(w, "Annotations", object["metadata"]["annotations"]);
    events(w, subject);
}

void ingress_class(const Subject& subject, Writer& w) {
    const Value& object = subject.object;
    w.line(0, "Name:\t", api::name_of(object));
    labels(w, "Labels", object["metadata"]["labels"]);
    annotations(w, "Annotations", object["metadata"]["annotations"]);
    w.line(0, "Controller:\t", object["spec"]["controller"].as_string());
    if (const Value& parameters = object["spec"]["parameters"]; parameters.is_object()) {
        w.line(0, "Parameters:");
        if (!parameters["apiGroup"].is_null())
            w.line(1, "APIGroup:\t", parameters["apiGroup"].as_string());
        w.line(1, "Kind:\t", parameters["kind"].as_string());
        w.line(1, "Name:\t", parameters["name"].as_string());
    }
    events(w, subject);
}

}  // namespace kubewalk::kubectl::describe
