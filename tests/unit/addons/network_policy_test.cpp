// NetworkPolicies as rules. The expected lines are what `iptables-save` shows on nodes with kube-router v2
// (names and hashes: pkg/controllers/netpol/{network_policy_controller,pod,policy}.go; for instance
// github.com/k3s-io/k3s/issues/5611, whose cluster runs the same controller).

#include <doctest/doctest.h>

#include "core/addons/network_policy/policy_rules.h"
#include "core/api/labels.h"
#include "core/api/yaml.h"
#include "core/base/random.h"
#include "core/base/text.h"
#include "core/yaml/yaml.h"

using namespace kubewalk;
using namespace kubewalk::addons;
using api::Value;

namespace {

net::Ip ip(std::string_view text) { return *net::Ip::parse(text); }

Value object(std::string_view yaml_text) {
    auto documents = yaml::parse(yaml_text);
    return api::to_value(documents.value().front().root).value();
}

Value pod(std::string_view space, std::string_view name, std::string_view address, std::string_view node, std::string_view app) {
    return object(cat("metadata: {namespace: ", space, ", name: ", name, ", labels: {app: ", app,
                      "}}\nspec: {containers: [{name: c, ports: [{name: web, containerPort: 8080, protocol: TCP}]}]}\n"
                      "status: {phase: Running, podIP: ", address, ", hostIP: ", node, "}\n"));
}

Value policy(std::string_view name, std::string_view spec) {
    return object(cat("metadata: {namespace: shop, name: ", name, "}\nspec: ", spec, "\n"));
}

struct Node {
    net::NetNamespace host{1, "node-1", std::make_shared<net::ChainNames>()};
    PolicyObjects objects;
    PolicyConfig config;

    Node() {
        config.node_ip = ip("192.168.122.12");
        objects.set_namespace(object("metadata: {name: shop, labels: {kubernetes.io/metadata.name: shop}}"));
        objects.set_namespace(object("metadata: {name: other, labels: {kubernetes.io/metadata.name: other}}"));
        objects.set_pod(pod("shop", "web", "10.244.1.2", "192.168.122.12", "web"));
        objects.set_pod(pod("shop", "db", "10.244.1.3", "192.168.122.12", "db"));
        objects.set_pod(pod("other", "far", "10.244.2.2", "192.168.122.13", "far"));
    }
    void sync() { sync_policy_rules(host, objects, config); }
    std::string save() const { return net::save_text(host.rules(), Time{}); }
    bool has(std::string_view line) const { return save().find(cat(line, "\n")) != std::string::npos; }

    net::TargetKind judge(std::string_view from, std::string_view to, std::uint16_t port, net::Protocol protocol = net::Protocol::tcp,
                          std::uint32_t state = net::ctstate::fresh, net::UseIndex index = net::UseIndex::yes) {
        net::Packet packet;
        packet.tuple = {ip(from), ip(to), 40000, port, protocol};
        packet.kind = protocol == net::Protocol::icmp ? net::PacketKind::echo_request : net::PacketKind::syn;
        net::Dice dice(std::vector<bool>{});
        net::Evaluation at{packet, state, "cni0", "cni0", host, host.recent, dice, Time{}, true};
        return host.rules().evaluate(net::TableId::filter, net::chain_forward, at, nullptr, index).kind;
    }
    bool passes(std::string_view from, std::string_view to, std::uint16_t port, net::Protocol protocol = net::Protocol::tcp) {
        return judge(from, to, port, protocol) == net::TargetKind::accept;
    }
};

}  // namespace

TEST_CASE("the base chains carry upstream's signed comments") {
    Node node;
    node.sync();
    CHECK(node.has("-A INPUT -m comment --comment \"kube-router netpol - 4IA2OSFRMVNDXBVV\" -j KUBE-ROUTER-INPUT"));
    CHECK(node.has("-A OUTPUT -m comment --comment \"kube-router netpol - VEAAIY32XVBHCSCY\" -j KUBE-ROUTER-OUTPUT"));
    CHECK(node.has("-A KUBE-ROUTER-INPUT -p tcp -m comment --comment \"allow LOCAL TCP traffic to node ports - LR7XO7NXDBGQJD2M\" "
                   "-m addrtype --dst-type LOCAL -m multiport --dports 30000:32767 -j RETURN"));
    CHECK(node.has("-A KUBE-ROUTER-INPUT -p udp -m comment --comment \"allow LOCAL UDP traffic to node ports - 76UCBPIZNGJNWNUZ\" "
                   "-m addrtype --dst-type LOCAL -m multiport --dports 30000:32767 -j RETURN"));
    CHECK(node.has("-A KUBE-NWPLCY-DEFAULT -m comment --comment \"rule to mark traffic matching a network policy\" -j MARK "
                   "--set-xmark 0x10000/0x10000"));
    CHECK(node.has("-A KUBE-NWPLCY-COMMON -p icmp -m comment --comment \"allow icmp echo requests\" -m icmp --icmp-type 8 -j ACCEPT"));
    // As k3s places it: behind kube-proxy's rules, so that those may refuse first.
    for (std::string_view hook : {"INPUT", "FORWARD", "OUTPUT"})
        CHECK(node.has(cat("-A ", hook, " -m comment --comment \"KUBE-ROUTER rule to explicitly ACCEPT traffic that comply to network "
                           "policies\" -m mark --mark 0x20000/0x20000 -j ACCEPT")));
}

TEST_CASE("each local Pod has a chain; without policies the default chain lets everything pass") {
    Node node;
    node.sync();
    const std::string chain = pod_firewall_chain("shop", "web");
    CHECK(chain.starts_with("KUBE-POD-FW-"));
    CHECK(node.has(cat("-A ", chain, " -s 10.244.1.2/32 -m comment --comment \"run through default egress network policy chain\" "
                       "-j KUBE-NWPLCY-DEFAULT")));
    CHECK(node.has(cat("-A ", chain, " -m comment --comment \"rule to log dropped traffic POD name:web namespace: shop\" -m mark ! "
                       "--mark 0x10000/0x10000 -m limit --limit 10/min --limit-burst 10 -j NFLOG --nflog-group 100")));
    CHECK(node.has(cat("-A ", chain, " -m comment --comment \"rule to REJECT traffic destined for POD name:web namespace: shop\" "
                       "-m mark ! --mark 0x10000/0x10000 -j REJECT --reject-with icmp-port-unreachable")));
    CHECK(node.has(cat("-A ", chain, " -j MARK --set-xmark 0x0/0x10000")));
    CHECK(node.has(cat("-A KUBE-ROUTER-FORWARD -d 10.244.1.2/32 -m physdev --physdev-is-bridged -m comment --comment \"rule to jump "
                       "traffic destined to POD name:web namespace: shop to chain ", chain, "\" -j ", chain)));
    CHECK(node.save().find(pod_firewall_chain("other", "far")) == std::string::npos);  // another node's Pod
    CHECK(node.passes("10.244.1.2", "10.244.1.3", 8080));
    CHECK(node.passes("10.244.2.2", "10.244.1.3", 8080));
}

TEST_CASE("default deny, then an exception; replies and the node itself always pass") {
    Node node;
    node.objects.set_policy(policy("deny", "{podSelector: {}, policyTypes: [Ingress]}"));
    node.sync();
    CHECK(node.judge("10.244.1.2", "10.244.1.3", 8080) == net::TargetKind::reject);
    CHECK(node.judge("10.244.1.2", "10.244.1.3", 8080, net::Protocol::tcp, net::ctstate::established) == net::TargetKind::accept);
    CHECK(node.passes("10.244.1.2", "10.244.2.2", 8080));  // egress is not judged
    CHECK(node.passes("10.244.1.2", "10.244.1.3", 0, net::Protocol::icmp));  // kube-router lets echo requests pass
    node.objects.set_policy(policy("allow", "{podSelector: {matchLabels: {app: db}}, policyTypes: [Ingress], ingress: [{from: "
                                            "[{podSelector: {matchLabels: {app: web}}}], ports: [{protocol: TCP, port: web}]}]}"));
    node.sync();
    CHECK(node.passes("10.244.1.2", "10.244.1.3", 8080));
    CHECK_FALSE(node.passes("10.244.1.2", "10.244.1.3", 8081));
    CHECK_FALSE(node.passes("10.244.1.2", "10.244.1.3", 8080, net::Protocol::udp));
    CHECK_FALSE(node.passes("10.244.2.2", "10.244.1.3", 8080));
    const std::string line = cat("-A ", policy_chain("shop", "allow"), " -p tcp -m comment --comment \"rule to ACCEPT traffic from source pods "
                                 "to dest pods selected by policy name allow namespace shop\" -m set --match-set KUBE-SRC-");
    CHECK(node.save().find(line) != std::string::npos);
    node.objects.delete_policy("shop/deny");
    node.objects.delete_policy("shop/allow");
    node.sync();
    CHECK(node.passes("10.244.2.2", "10.244.1.3", 8080));
    CHECK(node.save().find("KUBE-NWPLCY-" + policy_chain("shop", "allow").substr(12)) == std::string::npos);
    CHECK(node.host.ipsets.empty());
}

TEST_CASE("a policy for both directions judges each by its own rules") {
    // In one chain, as kube-router has it, the ingress rule would let the packet out of web as well.
    Node node;
    node.objects.set_policy(policy("both", "{podSelector: {}, policyTypes: [Ingress, Egress], ingress: [{}]}"));
    node.sync();
    CHECK_FALSE(node.passes("10.244.1.2", "10.244.1.3", 8080));
    CHECK(node.passes("10.244.2.2", "10.244.1.3", 8080));
}

TEST_CASE("blocks with exceptions, and /0 in two halves") {
    Node node;
    node.objects.set_policy(policy("blocks", "{podSelector: {matchLabels: {app: web}}, policyTypes: [Egress], egress: [{to: [{ipBlock: "
                                             "{cidr: 0.0.0.0/0, except: [10.244.2.0/24]}}]}]}"));
    node.sync();
    INFO(node.save(), net::ipset_save_text(node.host.ipsets));
    CHECK(node.passes("10.244.1.2", "93.184.216.34", 443));
    CHECK(node.passes("10.244.1.2", "10.244.1.3", 80));
    CHECK_FALSE(node.passes("10.244.1.2", "10.244.2.2", 80));
}

TEST_CASE("Pods that come, change their labels and go") {
    Node node;
    node.objects.set_policy(policy("from-web", "{podSelector: {matchLabels: {app: db}}, policyTypes: [Ingress], ingress: [{from: "
                                               "[{podSelector: {matchLabels: {app: web}}}]}]}"));
    node.sync();
    CHECK(node.passes("10.244.1.2", "10.244.1.3", 80));
    CHECK(node.objects.set_pod(pod("shop", "web", "10.244.1.2", "192.168.122.12", "else")));
    CHECK_FALSE(node.objects.set_pod(pod("shop", "web", "10.244.1.2", "192.168.122.12", "else")));  // nothing new
    node.sync();
    CHECK_FALSE(node.passes("10.244.1.2", "10.244.1.3", 80));
    CHECK(node.objects.delete_pod("shop/db"));
    node.sync();
    CHECK(node.save().find(pod_firewall_chain("shop", "db")) == std::string::npos);
}

namespace {

// The specification in its own words, for the property below: selected and not let in by any rule means no.
struct Oracle {
    struct Known {
        std::string space, app, address;
    };
    struct Rule {
        std::string space, app;  // "": any of the policy's namespace / any
        std::uint16_t port = 0;
    };
    struct Said {
        std::string space, selects;
        bool ingress = false;
        std::vector<Rule> rules;
    };
    std::vector<Known> pods;
    std::vector<Said> policies;

    const Known& at(std::string_view address) const {
        for (const Known& known : pods)
            if (known.address == address)
                return known;
        return pods.front();
    }
    bool direction(const Known& judged, const Known& peer, bool ingress, std::uint16_t port) const {
        bool selected = false, allowed = false;
        for (const Said& said : policies) {
            if (said.ingress != ingress || said.space != judged.space || (!said.selects.empty() && said.selects != judged.app))
                continue;
            selected = true;
            for (const Rule& rule : said.rules)
                allowed |= (rule.space.empty() ? peer.space == said.space : peer.space == rule.space) &&
                           (rule.app.empty() || rule.app == peer.app) && (rule.port == 0 || rule.port == port);
        }
        return !selected || allowed;
    }
    bool passes(std::string_view from, std::string_view to, std::uint16_t port) const {
        return direction(at(from), at(to), false, port) && direction(at(to), at(from), true, port);
    }
};

std::string selector(std::string_view label, std::string_view value) {
    return value.empty() ? "{}" : cat("{matchLabels: {", label, ": ", value, "}}");
}

}  // namespace

TEST_CASE("what the last sync wrote and nobody touched stays: the tables are those of a full sync") {
    Random random(7);
    const auto key = [](std::uint64_t number) { return cat("p", number); };
    Node node;
    Written written;
    TouchedPods touched;
    for (int step = 0; step < 400; ++step) {
        const auto touch = [&](std::string_view name) {
            if (touched)
                touched->push_back(cat("shop/", name));
        };
        for (std::uint64_t i = random.below(4); i > 0; --i) {
            const std::string name = key(random.below(12));
            if (random.below(3) == 0)
                node.objects.delete_pod(cat("shop/", name));
            else
                node.objects.set_pod(pod("shop", name, cat("10.244.1.", 10 + random.below(20)), random.below(4) == 0 ? "192.168.122.13" : "192.168.122.12", "web"));
            touch(name);
        }
        if (random.below(40) == 0)  // somebody else's hand in the table
            node.host.edit_rules().replace_chain(net::TableId::filter, node.host.rules().names().id("KUBE-ROUTER-FORWARD"), {});
        if (random.below(30) == 0)
            node.objects.set_policy(policy("deny", "{podSelector: {}, policyTypes: [Ingress]}"));
        if (random.below(15) == 0)
            node.objects.delete_policy("shop/deny");
        if (random.below(25) == 0)
            touched.reset();
        sync_policy_rules(node.host, node.objects, node.config, &written, touched);
        touched.emplace();
        Node fresh;
        fresh.objects = node.objects;
        fresh.sync();
        REQUIRE(node.save() == fresh.save());
    }
}

TEST_CASE("random policies: the rules say what the specification says, read in order or by the index") {
    Random random(20);
    const std::string spaces[] = {"shop", "other"};
    const std::string apps[] = {"", "a", "b", "c"};
    for (int round = 0; round < 40; ++round) {
        Node node;
        node.objects = {};
        Oracle oracle;
        for (const auto& space : spaces) {
            node.objects.set_namespace(object(cat("metadata: {name: ", space, ", labels: {kubernetes.io/metadata.name: ", space, "}}")));
            for (int i = 1; i <= 5; ++i) {
                const std::string address = cat("10.244.1.", (space == "shop" ? 10 : 20) + i), app = apps[1 + random.below(3)];
                node.objects.set_pod(pod(space, cat("p", i), address, "192.168.122.12", app));
                oracle.pods.push_back({space, app, address});
            }
        }
        for (std::uint64_t count = random.below(4), i = 0; i <= count; ++i) {
            Oracle::Said said{spaces[random.below(2)], apps[random.below(4)], random.below(2) == 0, {}};
            std::string rules;
            for (std::uint64_t more = random.below(3), j = 0; j < more; ++j) {
                Oracle::Rule rule{random.below(2) ? std::string() : spaces[random.below(2)], apps[random.below(4)],
                                  static_cast<std::uint16_t>(random.below(2) ? 0 : 80)};
                append(rules, j ? ", " : "", "{", said.ingress ? "from" : "to", ": [{podSelector: ", selector("app", rule.app),
                       rule.space.empty() ? std::string() : cat(", namespaceSelector: ", selector("kubernetes.io/metadata.name", rule.space)),
                       "}]", rule.port ? ", ports: [{protocol: TCP, port: 80}]" : "", "}");
                said.rules.push_back(rule);
            }
            node.objects.set_policy(object(cat("metadata: {namespace: ", said.space, ", name: n", i, "}\nspec: {podSelector: ",
                                               selector("app", said.selects), ", policyTypes: [", said.ingress ? "Ingress" : "Egress", "], ",
                                               said.ingress ? "ingress" : "egress", ": [", rules, "]}\n")));
            oracle.policies.push_back(said);
        }
        node.sync();
        for (const auto& from : oracle.pods)
            for (const auto& to : oracle.pods)
                for (const std::uint16_t port : {std::uint16_t{80}, std::uint16_t{81}}) {
                    if (from.address == to.address)
                        continue;
                    const auto indexed = node.judge(from.address, to.address, port);
                    CHECK(indexed == node.judge(from.address, to.address, port, net::Protocol::tcp, net::ctstate::fresh, net::UseIndex::no));
                    CHECK((indexed == net::TargetKind::accept) == oracle.passes(from.address, to.address, port));
                }
    }
}
