#include "core/api/int_or_string.h"
#include "core/kubectl/describe/describe.h"

namespace kubewalk::kubectl::describe {

using api::Value;

namespace {

std::string host_port(std::string_view address, std::int64_t port) {
    return address.find(':') == std::string_view::npos ? cat(address, ":", port) : cat("[", address, "]:", port);
}

// formatEndpointSlices: three ready addresses, then how many more.
class AddressList {
public:
    void add(const Value& endpoint, const Value* port) {
        const auto& ready = endpoint["conditions"]["ready"];
        if (!ready.is_null() && !ready.as_bool())
            return;
        if (shown_.size() < 3)
            shown_.push_back(port ? host_port(endpoint["addresses"][0].as_string(), (*port)["port"].as_int())
                                  : endpoint["addresses"][0].str());
        ++count_;
    }
    std::string str() const {
        const auto list = join(shown_, ",");
        return count_ > 3 ? cat(list, " + ", count_ - 3, " more...") : list;
    }

private:
    std::vector<std::string> shown_;
    int count_ = 0;
};

std::string load_balancer_text(const Value& ingress) {
    std::vector<std::string> texts;
    for (const auto& entry : ingress.items()) {
        const auto ip = entry["ip"].as_string();
        auto text = ip.empty() ? entry["hostname"].str() : std::string(ip);
        if (!ip.empty() && !entry["ipMode"].is_null())
            append(text, " (", entry["ipMode"].as_string(), ")");
        texts.push_back(std::move(text));
    }
    return join(texts, ", ");
}

void port_lines(Writer& w, const Value& port, const Value& slices) {
    const auto own_name = port["name"].as_string();
    const auto name = own_name.empty() ? std::string_view("<unset>") : own_name;
    const auto protocol = port["protocol"].as_string("TCP");
    w.line(0, "Port:\t", name, "\t", port["port"].as_int(), "/", protocol);
    w.line(0, "TargetPort:\t", api::int_or_string_text(port["targetPort"]), "/", protocol);
    if (!port["appProtocol"].is_null())
        w.line(0, "AppProtocol:\t", port["appProtocol"].as_string());
    if (port["nodePort"].as_int() != 0)
        w.line(0, "NodePort:\t", name, "\t", port["nodePort"].as_int(), "/", protocol);
    w.line(0, "Endpoints:\t", endpoints_of_slices(slices, own_name));
}

}  // namespace

std::string endpoints_of_slices(const Value& slices, std::string_view port_name) {
    if (slices.empty())
        return "<none>";
    AddressList list;
    for (const auto& slice : slices.items()) {
        if (slice["ports"].empty())
            for (const auto& endpoint : slice["endpoints"].items())
                list.add(endpoint, nullptr);
        for (const auto& port : slice["ports"].items())
            if (port["name"].as_string() == port_name)
                for (const auto& endpoint : slice["endpoints"].items())
                    list.add(endpoint, &port);
    }
    return list.str();
}

void service(const Subject& subject, Writer& w) {
    const Value& object = subject.object;
    const auto& spec = object["spec"];
    auto list = subject.server.list(*api::find_kind("discovery.k8s.io/v1", "EndpointSlice"), api::namespace_of(object),
                                    cat("kubernetes.io/service-name=", api::name_of(object)));
    const Value slices = list.ok() ? list.value()["items"] : Value();
    metadata(w, object);
    w.line(0, "Selector:\t", format_labels(spec["selector"]));
    w.line(0, "Type:\t", spec["type"].as_string());
    if (!spec["ipFamilyPolicy"].is_null())
        w.line(0, "IP Family Policy:\t", spec["ipFamilyPolicy"].as_string());
    w.line(0, "IP Families:\t", or_none(joined(spec["ipFamilies"], ",")));
    w.line(0, "IP:\t", spec["clusterIP"].as_string());
    w.line(0, "IPs:\t", or_none(joined(spec["clusterIPs"], ",")));
    if (!spec["externalIPs"].empty())
        w.line(0, "External IPs:\t", joined(spec["externalIPs"], ","));
    if (const auto ip = spec["loadBalancerIP"].as_string(); !ip.empty())
        w.line(0, "Desired LoadBalancer IP:\t", ip);
    if (const auto name = spec["externalName"].as_string(); !name.empty())
        w.line(0, "External Name:\t", name);
    if (const auto& ingress = object["status"]["loadBalancer"]["ingress"]; !ingress.empty())
        w.line(0, "LoadBalancer Ingress:\t", load_balancer_text(ingress));
    for (const auto& port : spec["ports"].items())
        port_lines(w, port, slices);
    w.line(0, "Session Affinity:\t", spec["sessionAffinity"].as_string());
    if (const auto policy = spec["externalTrafficPolicy"].as_string(); !policy.empty())
        w.line(0, "External Traffic Policy:\t", policy);
    if (!spec["internalTrafficPolicy"].is_null())
        w.line(0, "Internal Traffic Policy:\t", spec["internalTrafficPolicy"].as_string());
    if (spec["healthCheckNodePort"].as_int() != 0)
        w.line(0, "HealthCheck NodePort:\t", spec["healthCheckNodePort"].as_int());
    if (!spec["loadBalancerSourceRanges"].empty())
        w.line(0, "LoadBalancer Source Ranges:\t", joined(spec["loadBalancerSourceRanges"], ","));
    if (!spec["trafficDistribution"].is_null())
        w.line(0, "Traffic Distribution:\t", spec["trafficDistribution"].as_string());
    events(w, subject);
}

}  // namespace kubewalk::kubectl::describe
