#include "core/controllers/nodeipam/range_allocator.h"

#include "core/api/names.h"
#include "core/base/text.h"

namespace kubewalk::controllers {

using api::Value;

namespace {

// The subnets' numbers are the bits between the two prefix lengths; both families keep within 16 of them (as upstream).
constexpr int most_bits = 16;

std::vector<std::string> pod_cidrs(const Value& node) {
    std::vector<std::string> cidrs;
    for (const auto& cidr : node["spec"]["podCIDRs"].items())
        cidrs.push_back(cidr.str());
    if (cidrs.empty() && !node["spec"]["podCIDR"].as_string().empty())
        cidrs.push_back(node["spec"]["podCIDR"].str());
    return cidrs;
}

}  // namespace

CidrSet::CidrSet(std::string_view cluster_cidr, int node_mask_size) : mask_size_(node_mask_size) {
    const auto cidr = api::parse_cidr(cluster_cidr);
    if (!cidr || node_mask_size > cidr->ip.size * 8 || cidr->prefix > node_mask_size || node_mask_size - cidr->prefix > most_bits)
        return;  // nothing can be given out
    base_ = cidr->ip;
    for (int bit = cidr->prefix; bit < base_.size * 8; ++bit)
        base_.bytes[bit / 8] = static_cast<std::uint8_t>(base_.bytes[bit / 8] & ~(0x80 >> (bit % 8)));
    count_ = 1u << (node_mask_size - cidr->prefix);
}

std::string CidrSet::text_of(std::uint32_t index) const {
    api::IpBytes ip = base_;
    for (int bit = mask_size_ - 1; index > 0; --bit, index >>= 1)
        if (index & 1)
            ip.bytes[bit / 8] = static_cast<std::uint8_t>(ip.bytes[bit / 8] | 0x80 >> (bit % 8));
    return cat(api::ip_text(ip), "/", mask_size_);
}

std::optional<std::uint32_t> CidrSet::index_of(std::string_view text) const {
    const auto cidr = api::parse_cidr(text);
    if (count_ == 0 || !cidr || cidr->ip.size != base_.size)
        return std::nullopt;
    std::uint32_t index = 0;
    int bits = 0;
    while ((1u << bits) < count_)
        ++bits;
    for (int bit = 0; bit < mask_size_; ++bit) {
        const int mask = 0x80 >> (bit % 8);
        const bool one = (cidr->ip.bytes[bit / 8] & mask) != 0;
        if (bit >= mask_size_ - bits)
            index = index << 1 | (one ? 1u : 0u);
        else if (one != ((base_.bytes[bit / 8] & mask) != 0))
            return std::nullopt;  // outside
    }
    return index;
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
      enabled_(options.allocate_node_cidrs) {
    for (const std::string_view cidr : split(options.cluster_cidr, ','))
        sets_.emplace_back(cidr, cidr.find(':') == std::string_view::npos ? options.node_cidr_mask_size : options.node_cidr_mask_size_ipv6);
    watch(api::kind::nodes);
}

std::optional<RangeAllocator::Cidrs> RangeAllocator::allocate() {
    Cidrs cidrs;
    for (CidrSet& set : sets_) {
        auto cidr = set.allocate_next();
        if (!cidr) {
            release(cidrs);
            return std::nullopt;
        }
        cidrs.push_back(std::move(*cidr));
    }
    return cidrs;
}

void RangeAllocator::release(const Cidrs& cidrs) {
    for (std::size_t i = 0; i < cidrs.size() && i < sets_.size(); ++i)
        sets_[i].release(cidrs[i]);
}

void RangeAllocator::changed(std::size_t, const client::Change& change) {
    const std::string name(api::name_of(change.object));
    const Cidrs cidrs = pod_cidrs(change.object);
    if (change.type == client::WatchType::deleted) {
        const auto given = given_.find(name);
        release(given != given_.end() ? given->second : cidrs);
        given_.erase(name);
        return;
    }
    if (!cidrs.empty()) {
        for (std::size_t i = 0; i < cidrs.size() && i < sets_.size(); ++i)
            sets_[i].occupy(cidrs[i]);
        given_[name] = cidrs;
    } else if (!given_.contains(name)) {
        enqueue(name);
    }
}

client::Outcome RangeAllocator::reconcile(const std::string& key) {
    const Value node = informer(0).get(key);
    if (!enabled_ || node.is_null() || given_.contains(key) || !node["spec"]["podCIDR"].as_string().empty())
        return client::Outcome::done();
    const auto cidrs = allocate();
    if (!cidrs) {
        recorder().record(simulation(), node, client::EventType::normal, "CIDRNotAvailable",
                          cat("Node ", key, " status is now: CIDRNotAvailable"));
        return client::Outcome::failed(
            cat("failed to allocate cidr from cluster cidr: CIDR allocation failed; there are no remaining CIDRs left "
                "to allocate in the accepted range"));
    }
    Value list = Value::array();
    for (const std::string& cidr : *cidrs)
        list.push_back(cidr);
    const Value patch = Value::object({{"spec", Value::object({{"podCIDR", cidrs->front()}, {"podCIDRs", std::move(list)}})}});
    auto patched = client().patch(api::kind::nodes, {}, key, client::PatchType::strategic, patch);
    if (!patched.ok()) {
        release(*cidrs);
        recorder().record(simulation(), node, client::EventType::normal, "CIDRAssignmentFailed",
                          cat("Node ", key, " status is now: CIDRAssignmentFailed"));
        return client::Outcome::failed(patched.error());
    }
    given_[key] = *cidrs;
    return client::Outcome::done();
}

}  // namespace kubewalk::controllers
