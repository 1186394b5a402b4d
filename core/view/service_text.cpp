// Mirrors kubernetes/pkg/printers/internalversion/printers.go, getServiceExternalIP and makePortString.

#include "core/view/service_text.h"

#include "core/base/text.h"

namespace kubewalk::view {

using api::Value;

std::string external_address(const Value& service) {
    const auto& spec = service["spec"];
    const auto type = spec["type"].as_string();
    if (type == "ExternalName")
        return spec["externalName"].str();
    std::vector<std::string> addresses;
    if (type == "LoadBalancer")
        for (const auto& ingress : service["status"]["loadBalancer"]["ingress"].items())
            addresses.push_back(ingress["ip"].str(ingress["hostname"].as_string()));
    for (const auto& address : spec["externalIPs"].items())
        addresses.push_back(address.str());
    if (addresses.empty())
        return type == "LoadBalancer" ? "<pending>" : "<none>";
    return join(addresses, ",");
}

std::string port_list(const Value& service) {
    std::vector<std::string> ports;
    for (const auto& port : service["spec"]["ports"].items()) {
        const auto node_port = port["nodePort"].as_int();
        ports.push_back(cat(port["port"].as_int(), node_port > 0 ? cat(":", node_port) : std::string(), "/",
                            port["protocol"].as_string("TCP")));
    }
    return ports.empty() ? "<none>" : join(ports, ",");
}

}  // namespace kubewalk::view
