#include "core/apiserver/allocator.h"

#include <algorithm>

#include "core/api/kinds.h"
#include "core/apiserver/service_families.h"
#include "core/base/text.h"

namespace kubewalk::apiserver {

using api::Value;

namespace {

Failure refused(const Value& service, const Value& bad, std::string_view field, std::string_view detail) {
    return status::invalid(api::kind::services, api::name_of(service), {invalid_value(bad, field, detail)});
}

bool needs_node_ports(const Value& service) {
    const auto type = service["spec"]["type"].as_string();
    return type == "NodePort" ||
           (type == "LoadBalancer" && service["spec"]["allocateLoadBalancerNodePorts"].as_bool(true));
}

bool may_have_node_ports(const Value& service) {
    const auto type = service["spec"]["type"].as_string();
    return type == "NodePort" || type == "LoadBalancer";
}

bool needs_health_check_port(const Value& service) {
    return service["spec"]["type"].as_string() == "LoadBalancer" &&
           service["spec"]["externalTrafficPolicy"].as_string() == "Local";
}

std::vector<int> node_ports_of(const Value& service) {
    std::vector<int> ports;
    for (const auto& port : service["spec"]["ports"].items())
        if (const int number = static_cast<int>(port["nodePort"].as_int()); number != 0)
            ports.push_back(number);
    return ports;
}

std::vector<int> all_ports_of(const Value& service) {
    auto ports = node_ports_of(service);
    if (const int number = static_cast<int>(service["spec"]["healthCheckNodePort"].as_int()); number != 0)
        ports.push_back(number);
    std::sort(ports.begin(), ports.end());
    ports.erase(std::unique(ports.begin(), ports.end()), ports.end());
    return ports;
}

bool has(const std::vector<int>& ports, int port) { return std::find(ports.begin(), ports.end(), port) != ports.end(); }

// -- arithmetic on ranges ------------------------------------------------------------------------

struct Range {
    api::IpBytes base;          // the network's address
    std::uint64_t first = 1;    // offsets that may be given out: [first, end)
    std::uint64_t end = 1;
    std::uint64_t dynamic = 1;  // from here on without being asked for
};

std::optional<Range> range_of(std::string_view cidr) {
    const auto parsed = api::parse_cidr(cidr);
    if (!parsed)
        return std::nullopt;
    Range range;
    range.base = parsed->ip;
    const int bits = parsed->ip.size * 8;
    for (int bit = parsed->prefix; bit < bits; ++bit)
        range.base.bytes[bit / 8] &= static_cast<std::uint8_t>(~(0x80 >> (bit % 8)));
    // Upstream caps what it looks through of an IPv6 range.
    const std::uint64_t size = std::uint64_t{1} << std::min(bits - parsed->prefix, parsed->ip.size == 4 ? 31 : 16);
    range.end = parsed->ip.size == 4 ? size - 1 : size;  // no broadcast address
    // ipallocator.calculateRangeOffset: a sixteenth, between 16 and 256 addresses, is kept for requests.
    range.dynamic = size <= 16 ? 1 : 1 + std::clamp<std::uint64_t>(size / 16, 16, 256);
    return range;
}

std::string address_at(const Range& range, std::uint64_t offset) {
    api::IpBytes ip = range.base;
    for (int i = ip.size - 1; i >= 0 && offset > 0; --i) {
        offset += ip.bytes[i];
        ip.bytes[i] = static_cast<std::uint8_t>(offset & 0xff);
        offset >>= 8;
    }
    return api::ip_text(ip);
}

bool contains(std::string_view cidr, std::string_view ip) {
    const auto parsed = api::parse_cidr(cidr);
    const auto address = api::parse_ip(ip);
    if (!parsed || !address || parsed->ip.size != address->size)
        return false;
    for (int bit = 0; bit < parsed->prefix; ++bit) {
        const int mask = 0x80 >> (bit % 8);
        if ((parsed->ip.bytes[bit / 8] & mask) != (address->bytes[bit / 8] & mask))
            return false;
    }
    return true;
}

// The first free of [low, high), from a random place on and around the end.
template <typename InUse>
std::optional<std::uint64_t> draw(Random& random, std::uint64_t low, std::uint64_t high, InUse in_use) {
    if (low >= high)
        return std::nullopt;
    const std::uint64_t size = high - low;
    const std::uint64_t start = random.below(size);
    for (std::uint64_t i = 0; i < size; ++i) {
        const std::uint64_t candidate = low + (start + i) % size;
        if (!in_use(candidate))
            return candidate;
    }
    return std::nullopt;
}

}  // namespace

void ServiceAllocator::track(const Value& before, const Value& after) {
    auto count = [](auto& book, const auto& key, int by) {
        if ((book[key] += by) == 0)
            book.erase(key);
    };
    for (const auto& [service, by] : {std::pair{&before, -1}, std::pair{&after, 1}}) {
        for (const auto& ip : (*service)["spec"]["clusterIPs"].items())
            if (ip.as_string() != "None")
                count(addresses_, ip.str(), by);
        for (const int port : all_ports_of(*service))
            count(ports_, port, by);
    }
}

Answer<Done> ServiceAllocator::allocate(const ServiceRanges& ranges, Random& random, Value& service,
                                        const Value& old) const {
    keep_allocated_values(service, old);
    normalize_cluster_ips(service, old);
    if (auto families = init_ip_families(ranges, service, old); !families.ok())
        return families;
    if (auto addresses = allocate_addresses(ranges, random, service, old); !addresses.ok())
        return addresses;
    if (auto ports = allocate_ports(ranges, random, service, old); !ports.ok())
        return ports;
    return allocate_health_check_port(ranges, random, service, old);
}

Answer<Done> ServiceAllocator::allocate_addresses(const ServiceRanges& ranges, Random& random, Value& service,
                                                  const Value& old) const {
    if (service["spec"]["type"].as_string() == "ExternalName" ||
        service["spec"]["clusterIPs"][0].as_string() == "None")
        return Done{};
    const Value families = service["spec"]["ipFamilies"];
    const Value asked = service["spec"]["clusterIPs"];
    auto& spec = service.edit("spec");
    for (std::size_t i = 0; i < families.size(); ++i) {
        const auto cidr = cidr_of_family(ranges, families[i].as_string());
        const auto wanted = asked[i].str();
        if (wanted.empty()) {
            auto address = next_address(cidr, random);
            for (const auto& more : ranges.more_cidrs)
                if (address.empty() && family_of(more) == families[i].as_string())
                    address = next_address(more, random);
            if (address.empty())
                return status::internal("failed to allocate a serviceIP: range is full");
            spec.edit("clusterIPs").edit_at(i) = address;
            continue;
        }
        if (old["spec"]["clusterIPs"][i].as_string() == wanted)
            continue;
        std::string why;
        const bool in_more = std::any_of(ranges.more_cidrs.begin(), ranges.more_cidrs.end(), [&](const auto& more) { return contains(more, wanted); });
        if (!contains(cidr, wanted) && !in_more)
            why = cat("the provided IP (", wanted, ") is not in the valid range. The range of valid IPs is ", cidr);
        else if (addresses_.contains(wanted))
            why = "provided IP is already allocated";
        if (!why.empty())
            return refused(service, asked, "spec.clusterIPs", cat("failed to allocate IP ", wanted, ": ", why));
    }
    spec.set("clusterIP", spec["clusterIPs"][0]);
    return Done{};
}

std::string ServiceAllocator::next_address(std::string_view cidr, Random& random) const {
    const auto range = range_of(cidr);
    if (!range)
        return {};
    auto in_use = [&](std::uint64_t offset) { return addresses_.contains(address_at(*range, offset)); };
    auto offset = draw(random, range->dynamic, range->end, in_use);
    if (!offset)
        offset = draw(random, range->first, range->dynamic, in_use);
    return offset ? address_at(*range, *offset) : std::string();
}

std::string ServiceAllocator::refuse_port(const ServiceRanges& ranges, int port) const {
    if (port < ranges.node_port_low || port > ranges.node_port_high)
        return cat("provided port is not in the valid range. The range of valid ports is ", ranges.node_port_low, "-",
                   ranges.node_port_high);
    return ports_.contains(port) ? "provided port is already allocated" : "";
}

int ServiceAllocator::next_port(const ServiceRanges& ranges, Random& random, const std::vector<int>& taken) const {
    const auto low = static_cast<std::uint64_t>(ranges.node_port_low);
    const auto high = static_cast<std::uint64_t>(ranges.node_port_high) + 1;
    // portallocator.calculateRangeOffset: a thirty-second, between 16 and 128 ports, is kept for requests.
    const std::uint64_t size = high - low;
    const std::uint64_t dynamic = size <= 16 ? low : low + std::clamp<std::uint64_t>(size / 32, 16, 128);
    auto in_use = [&](std::uint64_t port) {
        return ports_.contains(static_cast<int>(port)) || has(taken, static_cast<int>(port));
    };
    auto port = draw(random, dynamic, high, in_use);
    if (!port)
        port = draw(random, low, dynamic, in_use);
    return port ? static_cast<int>(*port) : 0;
}

// Ports with the same number share one node port (a Service that speaks TCP and UDP).
Answer<Done> ServiceAllocator::allocate_ports(const ServiceRanges& ranges, Random& random, Value& service,
                                              const Value& old) const {
    if (!may_have_node_ports(service))
        return Done{};
    const auto held = may_have_node_ports(old) ? node_ports_of(old) : std::vector<int>();
    const Value ports = service["spec"]["ports"];
    std::vector<int> taken;                  // by this request
    std::vector<std::pair<int, int>> given;  // Service port -> node port
    for (std::size_t i = 0; i < ports.size(); ++i) {
        const int port = static_cast<int>(ports[i]["port"].as_int());
        int node_port = static_cast<int>(ports[i]["nodePort"].as_int());
        if (node_port == 0 && !needs_node_ports(service))
            continue;
        if (node_port == 0) {
            for (const auto& [service_port, number] : given)
                if (service_port == port)
                    node_port = number;
            for (std::size_t j = i + 1; node_port == 0 && j < ports.size(); ++j)
                if (ports[j]["port"].as_int() == port)
                    node_port = static_cast<int>(ports[j]["nodePort"].as_int());
        }
        if (node_port == 0) {
            node_port = next_port(ranges, random, taken);
            if (node_port == 0)
                return status::internal("failed to allocate a nodePort: range is full");
        } else if (!has(held, node_port) && !has(taken, node_port)) {
            const auto why = refuse_port(ranges, node_port);
            if (!why.empty())
                return refused(service, Value(node_port), cat("spec.ports[", i, "].nodePort"), why);
        }
        taken.push_back(node_port);
        given.emplace_back(port, node_port);
        service.edit_path("spec", "ports").edit_at(i).set("nodePort", node_port);
    }
    return Done{};
}

Answer<Done> ServiceAllocator::allocate_health_check_port(const ServiceRanges& ranges, Random& random, Value& service,
                                                          const Value& old) const {
    if (!needs_health_check_port(service))
        return Done{};
    const int wanted = static_cast<int>(service["spec"]["healthCheckNodePort"].as_int());
    if (wanted == 0) {
        const int port = next_port(ranges, random, node_ports_of(service));
        if (port == 0)
            return status::internal("failed to allocate a HealthCheck NodePort : range is full");
        service.edit("spec").set("healthCheckNodePort", port);
        return Done{};
    }
    if (const auto held = old["spec"]["healthCheckNodePort"].as_int(); held == wanted)
        return Done{};
    else if (held != 0 && needs_health_check_port(old))
        return refused(service, Value(wanted), "spec.healthCheckNodePort",
                       "cannot change healthCheckNodePort on loadBalancer service with externalTraffic=Local during update");
    const auto why = refuse_port(ranges, wanted);
    if (!why.empty())
        return status::internal(cat("failed to allocate requested HealthCheck NodePort ", wanted, ": ", why));
    return Done{};
}

}  // namespace kubewalk::apiserver
