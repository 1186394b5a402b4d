#include "core/controllers/nodeipam/range_allocator.h"

#include "core/api/names.h"
#include "core/base/text.h"

namespace kubewalk::controllers {

using api::Value;

namespace {

std::uint32_t to_number(const api::IpBytes& ip) {
    std::uint32_t number = 0;
    for (int i = 0; i < 4; ++i)
        number = number << 8 | ip.bytes[i];
    return number;
}

}  // namespace

CidrSet::CidrSet(std::string_view cluster_cidr, int node_mask_size) : mask_size_(node_mask_size) {
    const auto cidr = api::parse_cidr(cluster_cidr);
    if (!cidr || cidr->ip.size != 4 || cidr->prefix > node_mask_size || node_mask_size - cidr->prefix > 16)
        return;  // nothing can be given out
    const auto mask = cidr->prefix == 0 ? 0u : ~0u << (32 - cidr->prefix);
    base_ = to_number(cidr->ip) & mask;
    count_ = 1u << (node_mask_size - cidr->prefix);
}

std::string CidrSet::text_of(std::uint32_t index) const {
    const std::uint32_t ip = base_ + (index << (32 - mask_size_));
    return cat(ip >> 24, ".", (ip >> 16) & 255, ".", (ip >> 8) & 255, ".", ip & 255, "/", mask_size_);
}

std::optional<std::uint32_t> CidrSet::index_of(std::string_view text) const {
    const auto cidr = api::parse_cidr(text);
    if (!cidr || cidr->ip.size != 4)
        return std::nullopt;
    const std::uint32_t index = (to_number(cidr->ip) - base_) >> (32 - mask_size_);
    return index < count_ ? std::optional(index) : std::nullopt;
}

std::optional<std::string> CidrSet::allocate_next() {
    for (std::uint32_t i = 0; i < count_; ++i) {
        const std::uint32_t candidate = (next_ + i) % count_;
        if (!used_.insert(candidate).second)
            continue;
        next_ = (candidate + 1) % count_;
        return text_of(candidate);
    }
    return std::nullopt;
}

void CidrSet::occupy(std::string_view cidr) {
    if (const auto index = index_of(cidr))
        used_.insert(*index);
}

void CidrSet::release(std::string_view cidr) {
    if (const auto index = index_of(cidr))
        used_.erase(*index);
}

RangeAllocator::RangeAllocator(client::Environment environment, const ControllerOptions& options)
    : ControllerOf(environment, "cidrAllocator", "system:serviceaccount:kube-system:node-controller"),
      cidrs_(options.cluster_cidr, options.node_cidr_mask_size),
      enabled_(options.allocate_node_cidrs) {
    watch(api::kind::nodes);
}

void RangeAllocator::changed(std::size_t, const client::Change& change) {
    const std::string name(api::name_of(change.object));
    const std::string cidr = change.object["spec"]["podCIDR"].str();
    if (change.type == client::WatchType::deleted) {
        const auto given = given_.find(name);
        cidrs_.release(given != given_.end() ? given->second : cidr);
        given_.erase(name);
        return;
    }
    if (!cidr.empty()) {
        cidrs_.occupy(cidr);
        given_[name] = cidr;
    } else if (!given_.contains(name)) {
        enqueue(name);
    }
}

client::Outcome RangeAllocator::reconcile(const std::string& key) {
    const Value node = informer(0).get(key);
    if (!enabled_ || node.is_null() || given_.contains(key) || !node["spec"]["podCIDR"].as_string().empty())
        return client::Outcome::done();
    const auto cidr = cidrs_.allocate_next();
    if (!cidr) {
        recorder().record(simulation(), node, client::EventType::normal, "CIDRNotAvailable",
                          cat("Node ", key, " status is now: CIDRNotAvailable"));
        return client::Outcome::failed(
            cat("failed to allocate cidr from cluster cidr: CIDR allocation failed; there are no remaining CIDRs left "
                "to allocate in the accepted range"));
    }
    const Value patch = Value::object({{"spec", Value::object({{"podCIDR", *cidr}, {"podCIDRs", Value::array({Value(*cidr)})}})}});
    auto patched = client().patch(api::kind::nodes, {}, key, client::PatchType::strategic, patch);
    if (!patched.ok()) {
        cidrs_.release(*cidr);
        recorder().record(simulation(), node, client::EventType::normal, "CIDRAssignmentFailed",
                          cat("Node ", key, " status is now: CIDRAssignmentFailed"));
        return client::Outcome::failed(patched.error());
    }
    given_[key] = *cidr;
    return client::Outcome::done();
}

}  // namespace kubewalk::controllers
