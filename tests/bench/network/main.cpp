#include <string_view>

#include "bench.h"
#include "core/base/text.h"

namespace kubewalk::bench {

void line(const std::string& name, double value, const char* unit) {
    std::printf("%s\t%.3f\t%s\n", name.c_str(), value, unit);
    std::fflush(stdout);
}

net::Ip cluster_ip(int service) {
    return net::Ip::v4(10, 96, static_cast<std::uint8_t>(1 + service / 250), static_cast<std::uint8_t>(service % 250 + 1));
}

// Above 200 nodes a cluster takes 10.128.0.0/11; here every node has a /22 of it, for 50,000 Pods on 100 nodes.
net::Ip pod_ip(int node, int number) {
    return net::Ip::from_v4_number(net::Ip::v4(10, 128, 0, 0).v4_number() + static_cast<std::uint32_t>(node) * 1024 + 2 +
                                   static_cast<std::uint32_t>(number));
}

net::Ip node_ip(int node) { return net::Ip::v4(172, 16, 0, static_cast<std::uint8_t>(11 + node)); }

std::string node_name(int node) { return cat("node-", node); }

int endpoint_node(int service, int endpoint) { return (service * endpoints_each + endpoint) % nodes; }

api::Value service_object(int service) {
    const auto ports = api::Value::array({api::Value::object({{"name", "http"}, {"protocol", "TCP"}, {"port", 80}})});
    const auto ip = cluster_ip(service).text();
    return api::Value::object(
        {{"metadata", api::Value::object({{"name", cat("s", service)}, {"namespace", "default"}})},
         {"spec", api::Value::object({{"type", "ClusterIP"}, {"clusterIP", ip}, {"clusterIPs", api::Value::array({ip})}, {"ports", ports}})}});
}

api::Value slice_object(int service, int turn) {
    auto list = api::Value::array();
    for (int e = 0; e < endpoints_each; ++e) {
        const int node = endpoint_node(service, e);
        // The Pod's number on its node; the first endpoint comes and goes.
        const int number = (service * endpoints_each + e) / nodes + (e == 0 ? 500 * (turn % 2) : 0);
        list.push_back(api::Value::object({{"addresses", api::Value::array({pod_ip(node, number).text()})},
                                           {"nodeName", node_name(node)},
                                           {"conditions", api::Value::object({{"ready", true}})}}));
    }
    return api::Value::object(
        {{"addressType", "IPv4"},
         {"metadata",
          api::Value::object({{"name", cat("s", service, "-1")},
                              {"namespace", "default"},
                              {"labels", api::Value::object({{"kubernetes.io/service-name", cat("s", service)}})}})},
         {"ports", api::Value::array({api::Value::object({{"name", "http"}, {"protocol", "TCP"}, {"port", 8080}})})},
         {"endpoints", list}});
}

}  // namespace kubewalk::bench

int main(int argc, char** argv) {
    const std::string_view only = argc > 1 ? argv[1] : "";
    if (only.empty() || only == "proxy")
        kubewalk::bench::kube_proxy();
    if (only.empty() || only == "requests")
        kubewalk::bench::requests();
    if (only.empty() || only == "dns")
        kubewalk::bench::dns();
    return 0;
}
