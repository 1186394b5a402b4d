#include "core/controllers/servicecidrs/servicecidrs_controller.h"

#include "core/api/names.h"
#include "core/controllers/controller_utils.h"

namespace kubewalk::controllers {

namespace {

constexpr std::string_view finalizer = "networking.k8s.io/service-cidr-finalizer";
constexpr std::string_view managed_by = "ipaddress.kubernetes.io/managed-by";
// So long the allocators may not have heard of the deletion.
constexpr Duration deletion_grace_period = seconds(10);

bool within(const api::IpBytes& ip, const api::Cidr& cidr) {
    if (ip.size != cidr.ip.size)
        return false;
    for (int bit = 0; bit < cidr.prefix; ++bit)
        if (((ip.bytes[bit / 8] ^ cidr.ip.bytes[bit / 8]) & (0x80 >> (bit % 8))) != 0)
            return false;
    return true;
}

bool has_address(const Value& range, const api::IpBytes& ip) {
    for (const auto& text : range["spec"]["cidrs"].items())
        if (const auto cidr = api::parse_cidr(text.as_string()); cidr && within(ip, *cidr))
            return true;
    return false;
}

bool has_prefix(const Value& range, const api::Cidr& inner) {
    for (const auto& text : range["spec"]["cidrs"].items())
        if (const auto cidr = api::parse_cidr(text.as_string()); cidr && cidr->prefix <= inner.prefix && within(inner.ip, *cidr))
            return true;
    return false;
}

bool has_finalizer(const Value& range) {
    for (const auto& one : range["metadata"]["finalizers"].items())
        if (one.as_string() == finalizer)
            return true;
    return false;
}

const api::Kind& range_kind() { return *api::find_kind("networking.k8s.io/v1", "ServiceCIDR"); }

}  // namespace

ServiceCIDRsController::ServiceCIDRsController(client::Environment environment)
    : ControllerOf(environment, "service-cidr-controller", "system:serviceaccount:kube-system:service-cidrs-controller") {
    watch(range_kind());
    watch(*api::find_kind("networking.k8s.io/v1", "IPAddress"));
}

// What an address or another range decides about is a range that is going.
void ServiceCIDRsController::changed(std::size_t index, const client::Change& change) {
    if (index == ranges && change.type != client::WatchType::deleted)
        enqueue(api::key_of(change.object));
    for (const auto& [key, range] : cache(ranges))
        if (api::is_deleting(range))
            enqueue(key);
}

client::Outcome ServiceCIDRsController::reconcile(const std::string& key) {
    const Value range = informer(ranges).get(key);
    if (range.is_null())
        return client::Outcome::done();
    if (api::is_deleting(range)) {
        if (!may_go(range))
            return say(range, false, "Terminating",
                       "There are still IPAddresses referencing the ServiceCIDR, please remove them or create a new ServiceCIDR");
        if (const auto left = time_of(range["metadata"]["deletionTimestamp"]) + deletion_grace_period - now(); left > Duration{})
            return client::Outcome::again_after(left);
        return finish(range);
    }
    if (!has_finalizer(range)) {
        const Value patch = Value::object({{"metadata", Value::object({{"finalizers", Value::array({finalizer})}})}});
        const auto added = client().patch(range_kind(), {}, key, client::PatchType::strategic, patch);
        if (!added.ok() && added.error().reason != "NotFound")
            return client::Outcome::failed(added.error());
    }
    return say(range, true, "", "Kubernetes Service CIDR is ready");
}

// canDeleteCIDR
bool ServiceCIDRsController::may_go(const Value& range) const {
    const auto covered = [&](const auto& contains) {
        for (const auto& [key, other] : cache(ranges))
            if (key != api::name_of(range) && contains(other))
                return true;
        return false;
    };
    bool has_parent = true;
    for (const auto& text : range["spec"]["cidrs"].items())
        if (const auto cidr = api::parse_cidr(text.as_string()))
            has_parent = has_parent && covered([&](const Value& other) { return has_prefix(other, *cidr); });
    if (has_parent)
        return true;
    for (const auto& [key, address] : cache(addresses)) {
        const auto ip = api::parse_ip(key);
        if (!ip || address["metadata"]["labels"][managed_by].as_string() != "ipallocator.k8s.io" || !has_address(range, *ip))
            continue;
        if (!covered([&](const Value& other) { return has_address(other, *ip); }))
            return false;
    }
    return true;
}

client::Outcome ServiceCIDRsController::finish(const Value& range) {
    if (!has_finalizer(range))
        return client::Outcome::done();
    const Value patch = Value::object({{"metadata", Value::object({{"$deleteFromPrimitiveList/finalizers", Value::array({finalizer})}})}});
    const auto gone = client().patch(range_kind(), {}, api::name_of(range), client::PatchType::strategic, patch);
    return gone.ok() || gone.error().reason == "NotFound" ? client::Outcome::done() : client::Outcome::failed(gone.error());
}

client::Outcome ServiceCIDRsController::say(const Value& range, bool ready, std::string_view reason, std::string_view message) {
    const auto& known = condition_of(range, "Ready");
    const std::string_view status = ready ? "True" : "False";
    if (known["status"].as_string() == status && known["reason"].as_string() == reason && known["message"].as_string() == message)
        return client::Outcome::done();
    const Value condition = Value::object({{"type", "Ready"},
                                           {"status", status},
                                           {"lastTransitionTime", to_rfc3339(now())},
                                           {"reason", reason},
                                           {"message", message}});
    const Value patch = Value::object({{"status", Value::object({{"conditions", Value::array({condition})}})}});
    const auto written = client().patch(range_kind(), {}, api::name_of(range), client::PatchType::strategic, patch, "status");
    return written.ok() || written.error().reason == "NotFound" ? client::Outcome::done() : client::Outcome::failed(written.error());
}

}  // namespace kubewalk::controllers
