// netpol/cyclonus.json: which Pod reaches which, port by port. The policies become rules on two nodes, as
// kube-router writes them, and every probe is a packet that walks from Pod to Pod through both nodes' rules.

#include <map>
#include <memory>
#include <set>

#include "core/addons/network_policy/policy_rules.h"
#include "core/api/kinds.h"
#include "core/api/rules.h"
#include "core/base/text.h"
#include "core/cli/vectors/runner.h"
#include "core/net/network.h"

namespace kubewalk::cli {

namespace {

using api::Value;

struct NodeOfCase {
    std::string name;
    net::Ip ip;
};

// Two nodes, every Pod on one of them by a cable of its own and a host route, as policy-only plugins have it.
class Lab {
public:
    explicit Lab(const Value& pods) : template_(pods[0]) {
        for (const auto& node : nodes_) {
            network_.add_machine(node.name, node.ip, 24, std::nullopt);
            network_.prepare_node(node.name);
        }
        for (const Value& pod : pods.items())
            known_ips_[cat(pod["namespace"].as_string(), "/", pod["name"].as_string())] = pod["ip"].str();
    }

    void set_namespaces(const Value& namespaces) {
        std::set<std::string> gone = namespaces_;
        for (const auto& [name, labels] : namespaces.members()) {
            gone.erase(std::string(name));
            namespaces_.insert(std::string(name));
            objects_.set_namespace(Value::object({{"metadata", Value::object({{"name", name}, {"labels", labels}})}}));
        }
        for (const std::string& name : gone) {
            objects_.delete_namespace(name);
            namespaces_.erase(name);
        }
    }

    void set_pods(const Value& labels_of_pods) {
        std::set<std::string> gone;
        for (const auto& [key, pod] : pods_)
            gone.insert(key);
        for (const auto& [key, labels] : labels_of_pods.members()) {
            gone.erase(std::string(key));
            place(std::string(key), labels);
        }
        for (const std::string& key : gone) {
            objects_.delete_pod(key);
            network_.remove_namespace(pods_.at(key).ns);
            pods_.erase(key);
        }
    }

    net::Network& network() { return network_; }
    addons::PolicyObjects& objects() { return objects_; }

    void sync() {
        for (const auto& node : nodes_) {
            addons::PolicyConfig config;
            config.node_ip = node.ip;
            addons::sync_policy_rules(network_.stack(node.name)->root(), objects_, config);
        }
    }

    // "x/a -> y/b" of all pairs that the packet does not get through.
    std::string blocked(net::Protocol protocol, std::uint16_t port) {
        std::string out;
        for (const auto& [from, source] : pods_)
            for (const auto& [to, destination] : pods_) {
                if (from == to)
                    continue;
                net::Network::EchoOptions options;
                options.size = 60;
                if (network_.probe(source.ns, {destination.ip, port}, protocol, options).outcome != net::Outcome::delivered)
                    append(out, from, " -> ", to, "\n");
            }
        return out;
    }

private:
    struct Placed {
        net::NamespaceId ns = 0;
        net::Ip ip;
    };

    void place(const std::string& key, const Value& labels) {
        const auto slash = key.find('/');
        // Neighbours of the same name share a node; others talk across.
        const std::size_t own = key.back() == 'b' ? 1 : 0;
        if (!pods_.contains(key)) {
            if (!known_ips_.contains(key))
                known_ips_[key] = cat("192.168.77.", ++extra_);
            Placed placed;
            placed.ip = *net::Ip::parse(known_ips_[key]);
            placed.ns = network_.add_namespace(nodes_[own].name, key);
            connect(placed, own, cat("veth", ++cables_));
            for (const std::uint16_t port : {std::uint16_t{80}, std::uint16_t{81}})
                for (const auto protocol : {net::Protocol::tcp, net::Protocol::udp, net::Protocol::sctp})
                    (void)network_.listen(placed.ns, {protocol, {}, port, 0, "agnhost"});
            pods_[key] = placed;
        }
        Value pod = Value::object({{"metadata", Value::object({{"namespace", key.substr(0, slash)},
                                                               {"name", key.substr(slash + 1)},
                                                               {"labels", labels}})}});
        pod.edit_path("spec", "containers") = Value::array({Value::object({{"ports", template_["ports"]}})});
        pod.set("status", Value::object({{"phase", "Running"},
                                         {"podIP", known_ips_[key]},
                                         {"hostIP", nodes_[own].ip.text()}}));
        objects_.set_pod(pod);
    }

    void connect(const Placed& placed, std::size_t own, const std::string& cable) {
        net::NodeStack& stack = *network_.stack(nodes_[own].name);
        stack.add_veth(cable, "", placed.ns, "eth0", 1500);
        net::NetNamespace& inside = stack.edit(placed.ns);
        inside.add_address("eth0", {placed.ip, 32});
        net::Route out;
        out.device = "eth0";
        inside.set_route(out);
        net::Route in;
        in.destination = {placed.ip, 32};
        in.device = cable;
        stack.root().set_route(in);
        net::Route across;
        across.destination = {placed.ip, 32};
        across.via = nodes_[own].ip;
        across.device = "eth0";
        network_.stack(nodes_[1 - own].name)->root().set_route(across);
    }

    const std::vector<NodeOfCase> nodes_ = {{"node-1", net::Ip::v4(172, 16, 0, 1)}, {"node-2", net::Ip::v4(172, 16, 0, 2)}};
    Value template_;
    sim::Simulation simulation_{1};
    net::Network network_{simulation_};
    addons::PolicyObjects objects_;
    std::map<std::string, Placed> pods_;
    std::map<std::string, std::string> known_ips_;
    std::set<std::string> namespaces_;
    int extra_ = 0, cables_ = 0;
};

void apply_policy(Lab& lab, const Value& action) {
    for (const std::string_view verb : {"createPolicy", "updatePolicy"}) {
        Value policy = action[verb];
        if (policy.is_null())
            continue;
        if (const api::Rules* rules = api::find_rules(api::kind::network_policies); rules && rules->defaults)
            rules->defaults(policy);
        lab.objects().set_policy(policy);
    }
    if (const Value& gone = action["deletePolicy"]; !gone.is_null())
        lab.objects().delete_policy(cat(gone["Namespace"].as_string(), "/", gone["Name"].as_string()));
}

net::Protocol protocol_of(std::string_view text) {
    return text == "UDP" ? net::Protocol::udp : text == "SCTP" ? net::Protocol::sctp : net::Protocol::tcp;
}

// "x/a -> x/b E" without the reason, and without a Pod that talks to itself (../shared/vectors/README.md).
std::string expected_of(const Value& lines) {
    std::set<std::string> pairs;
    for (const Value& line : lines.items()) {
        const auto words = fields(line.as_string());
        if (words.size() >= 3 && words[0] != words[2])
            pairs.insert(cat(words[0], " -> ", words[2], "\n"));
    }
    return join({pairs.begin(), pairs.end()}, "");
}

void judge(Lab& lab, const Value& step, const std::string& id, Report& report) {
    std::vector<std::string> ports;
    const Value& probe = step["probe"];
    if (probe["allAvailable"].as_bool()) {
        ports = {"TCP/80", "TCP/81", "UDP/80", "UDP/81", "SCTP/80", "SCTP/81"};
    } else {
        ports.push_back(cat(probe["protocol"].as_string(), "/", probe["port"].is_string() ? probe["port"].str() : cat(probe["port"].as_int())));
    }
    for (const std::string& port : ports) {
        const auto slash = port.find('/');
        const std::string number = port.substr(slash + 1);
        // "serve-81-tcp" is what every Pod of the cases calls its port 81.
        const auto value = parse_int(number.starts_with("serve-") ? number.substr(6, number.rfind('-') - 6) : number);
        const std::string found = lab.blocked(protocol_of(port.substr(0, slash)), static_cast<std::uint16_t>(value.value_or(0)));
        const Value& lines = step["blocked"][port].is_null() ? step["blocked"][cat(port.substr(0, slash), "/", value.value_or(0))]
                                                             : step["blocked"][port];
        report.check(cat(id, " / ", port), expected_of(lines), found);
    }
}

}  // namespace

void run_netpol_cyclonus(const Value& root, Report& report) {
    for (const Value& test : root["cases"].items()) {
        Lab lab(root["pods"]);
        int number = 0;
        for (const Value& step : test["steps"].items()) {
            for (const Value& action : step["actions"].items())
                apply_policy(lab, action);
            lab.set_namespaces(step["namespaces"]);
            lab.set_pods(step["podLabels"]);
            lab.sync();
            judge(lab, step, cat(test["id"].as_int(), " ", test["description"].as_string(), " / step ", ++number), report);
        }
    }
}

}  // namespace kubewalk::cli
