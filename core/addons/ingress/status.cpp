// Where the Ingresses can be reached: every minute into their status.
// Upstream: kubernetes/ingress-nginx internal/ingress/status/status.go. Left out: electing who of several
// replicas writes; they all write the same (simplifications.json: "ingress-nginx-leader").

#include <algorithm>

#include "core/addons/ingress/controller.h"
#include "core/base/text.h"

namespace kubewalk::addons {

using api::Value;

namespace {

Value address_entry(std::string_view address) {
    return Value::object({{net::Ip::parse(address) ? "ip" : "hostname", address}});
}

bool is_ready(const Value& pod) {
    for (const auto& condition : pod["status"]["conditions"].items())
        if (condition["type"].as_string() == "Ready")
            return condition["status"].as_string() == "True";
    return false;
}

// GetNodeIPs: external addresses; without any the internal ones.
std::vector<std::string> node_addresses(const Value& node) {
    for (const std::string_view type : {"ExternalIP", "InternalIP"}) {
        std::vector<std::string> found;
        for (const auto& address : node["status"]["addresses"].items())
            if (address["type"].as_string() == type)
                found.push_back(address["address"].str());
        if (!found.empty())
            return found;
    }
    return {};
}

// statusAddressFromService
std::vector<std::string> service_addresses(const Value& service) {
    const Value& spec = service["spec"];
    const auto type = spec["type"].as_string();
    std::vector<std::string> found;
    if (type == "ExternalName")
        return {spec["externalName"].str()};
    if (type == "ClusterIP" || (type == "NodePort" && spec["externalIPs"].empty()))
        return {spec["clusterIP"].str()};
    for (const auto& ingress : service["status"]["loadBalancer"]["ingress"].items())
        found.push_back(ingress["ip"].str(ingress["hostname"].as_string()));
    for (const auto& ip : spec["externalIPs"].items())
        if (std::find(found.begin(), found.end(), ip.as_string()) == found.end())
            found.push_back(ip.str());
    return found;
}

}  // namespace

void IngressNginx::status_soon() {
    const auto urgency = status_differs() ? sim::Urgency::work : sim::Urgency::background;
    if (status_event_ != 0)
        simulation().cancel(status_event_);
    status_event_ = simulation().schedule(owner_, std::max(next_status_ - now(), Duration{}), status_due, urgency);
}

// Is there an Ingress that does not say yet where it can be reached?
bool IngressNginx::status_differs() const {
    for (const auto& [key, object] : informers_[ingresses].cache()) {
        const Value& present = object["status"]["loadBalancer"]["ingress"];
        const bool same = present == addresses_ || (present.empty() && addresses_.empty());
        if (ours(object) && (addresses_.is_null() || !same))
            return true;
    }
    return false;
}

void IngressNginx::update_status() {
    status_event_ = 0;
    addresses_ = running_addresses();
    write_status(addresses_);
}

Value IngressNginx::running_addresses() const {
    std::vector<std::string> found;
    if (!options_.publish_service.empty()) {
        found = service_addresses(informers_[services].get(options_.publish_service));
    } else {
        for (const auto& pod : own_pods()) {
            const auto node = pod["spec"]["nodeName"].as_string();
            if (pod["status"]["phase"].as_string() != "Running" || !is_ready(pod))
                continue;
            const auto object = client_.heartbeats().get(api::kind::nodes, {}, node);
            if (!object.ok())
                continue;
            for (auto& address : node_addresses(object.value()))
                if (std::find(found.begin(), found.end(), address) == found.end())
                    found.push_back(std::move(address));
        }
    }
    std::sort(found.begin(), found.end());
    Value list = Value::array();
    for (const auto& address : found)
        list.push_back(address_entry(address));
    return list;
}

std::vector<Value> IngressNginx::own_pods() const {
    std::vector<std::string> selector;
    for (const auto& [key, value] : own_pod_["metadata"]["labels"].members())
        if (key != "pod-template-hash" && key != "controller-revision-hash" && key != "pod-template-generation")
            selector.push_back(cat(key, "=", value.as_string()));
    const auto list = client_.heartbeats().list(api::kind::pods, options_.pod_namespace, {join(selector, ","), {}});
    std::vector<Value> pods;
    if (list.ok())
        for (const auto& pod : list.value()["items"].items())
            pods.push_back(pod);
    return pods;
}

void IngressNginx::write_status(const Value& addresses) {
    for (const auto& [key, object] : informers_[ingresses].cache()) {
        const Value& present = object["status"]["loadBalancer"]["ingress"];
        if (!ours(object) || present == addresses || (present.empty() && addresses.empty()))
            continue;
        auto current = client_.get(api::kind::ingresses, api::namespace_of(object), api::name_of(object));
        if (!current.ok())
            continue;
        Value updated = current.take();
        if (addresses.empty())
            updated.set("status", Value::object({{"loadBalancer", Value::object()}}));
        else
            updated.edit_path("status", "loadBalancer").set("ingress", addresses);
        klog('I', "status.go:311", cat("\"updating Ingress status\" namespace=", quoted(api::namespace_of(object)), " ingress=",
                                       quoted(api::name_of(object))));
        if (const auto written = client_.update_status(api::kind::ingresses, updated); !written.ok())
            klog('W', "status.go:315", cat("error updating ingress rule: ", written.error().message));
    }
}

void IngressNginx::shut_down() {
    klog('I', "nginx.go:393", "\"Shutting down controller queues\"");
    if (!open_ || own_pods().size() > 1)
        return;
    klog('I', "status.go:135", "\"removing value from ingress status\"");
    write_status(Value::array());
}

}  // namespace kubewalk::addons
