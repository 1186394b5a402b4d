// ipsets: what a member matches. Behaviour: ipset(8).

#include <doctest/doctest.h>

#include "core/net/ipset.h"
#include "core/net/netfilter.h"

using namespace kubewalk;
using namespace kubewalk::net;

namespace {

Packet packet(std::string_view source, std::string_view destination, std::uint16_t port, Protocol protocol = Protocol::tcp) {
    Packet out;
    out.tuple = {*Ip::parse(source), *Ip::parse(destination), 40000, port, protocol};
    return out;
}

IpSetDirections way(std::string_view text) { return IpSetDirections::parse(text); }

}  // namespace

TEST_CASE("hash:net: the narrowest network decides, nomatch makes holes") {
    IpSet set(IpSetType::hash_net, Family::ipv4);
    set.add(IpSetEntry::net(*Prefix::parse("0.0.0.0/1")));
    set.add(IpSetEntry::net(*Prefix::parse("128.0.0.0/1")));
    set.add(IpSetEntry::net(*Prefix::parse("10.244.2.0/24")), IpSet::Effect::nomatch);
    CHECK(set.matches(packet("10.0.0.1", "93.184.216.34", 443), way("dst")));
    CHECK(set.matches(packet("10.0.0.1", "192.168.1.1", 443), way("dst")));
    CHECK(set.matches(packet("10.0.0.1", "10.244.1.3", 80), way("dst")));
    CHECK_FALSE(set.matches(packet("10.0.0.1", "10.244.2.3", 80), way("dst")));
    CHECK(set.matches(packet("10.244.2.3", "10.244.2.3", 80), way("src")) == false);
    CHECK(set.remove(IpSetEntry::net(*Prefix::parse("10.244.2.0/24"))));
    CHECK(set.matches(packet("10.0.0.1", "10.244.2.3", 80), way("dst")));
    CHECK(set.members() == std::vector<std::string>{"0.0.0.0/1", "128.0.0.0/1"});
}

TEST_CASE("sets with ports look at address, protocol and port") {
    IpSet set(IpSetType::hash_ip_port, Family::ipv4);
    set.add(IpSetEntry::ip_port(*Ip::parse("10.96.0.10"), Protocol::udp, 53));
    CHECK(set.matches(packet("10.0.0.1", "10.96.0.10", 53, Protocol::udp), way("dst,dst")));
    CHECK_FALSE(set.matches(packet("10.0.0.1", "10.96.0.10", 53, Protocol::tcp), way("dst,dst")));
    CHECK_FALSE(set.matches(packet("10.96.0.10", "10.0.0.1", 53, Protocol::udp), way("dst,dst")));
    CHECK(set.matches(packet("10.96.0.10", "10.0.0.1", 53, Protocol::udp), way("src,dst")));
    CHECK(set.members() == std::vector<std::string>{"10.96.0.10,udp:53"});
    IpSet ranges(IpSetType::hash_ip_port_net, Family::ipv4);
    ranges.add(IpSetEntry::ip_port_net(*Ip::parse("1.2.3.4"), Protocol::tcp, 80, *Prefix::parse("203.0.113.0/25")));
    CHECK(ranges.matches(packet("203.0.113.9", "1.2.3.4", 80), way("dst,dst,src")));
    CHECK_FALSE(ranges.matches(packet("203.0.113.200", "1.2.3.4", 80), way("dst,dst,src")));
    IpSet ports(IpSetType::bitmap_port, Family::ipv4);
    ports.add(IpSetEntry::bitmap(30001));
    CHECK(ports.matches(packet("10.0.0.1", "192.168.122.12", 30001), way("dst")));
    CHECK_FALSE(ports.matches(packet("10.0.0.1", "192.168.122.12", 30002), way("dst")));
}

TEST_CASE("rules that ask sets, in both printings; ipset save") {
    ChainNames names;
    const Rule rule = Rule().comment("Kubernetes service lb portal").match_set("KUBE-LOAD-BALANCER", "dst,dst").jump(names.id("KUBE-LOAD-BALANCER"));
    CHECK(restore_text(rule, names.id("KUBE-SERVICES"), names) ==
          "-A KUBE-SERVICES -m comment --comment \"Kubernetes service lb portal\" -m set --match-set KUBE-LOAD-BALANCER dst,dst -j KUBE-LOAD-BALANCER");
    CHECK(save_text(Rule().match_set("A", "src", Negate::yes).drop(), names.id("T"), names) == "-A T -m set ! --match-set A src -j DROP");
    IpSets sets;
    sets.ensure("KUBE-NODE-PORT-TCP", IpSetType::bitmap_port).add(IpSetEntry::bitmap(30001));
    CHECK(ipset_save_text(sets) == "create KUBE-NODE-PORT-TCP bitmap:port range 0-65535\nadd KUBE-NODE-PORT-TCP 30001\n");
}
