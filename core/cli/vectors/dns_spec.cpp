// dns-spec/dns-spec.json: the examples and rules of the Kubernetes DNS specification.

#include <algorithm>

#include "core/base/text.h"
#include "core/cli/vectors/dns_judge.h"
#include "core/cli/vectors/runner.h"

namespace kubewalk::cli {

namespace {

using net::DnsCode;
using net::DnsRecord;
using net::DnsType;

constexpr std::string_view corefile = "kubernetes cluster.local in-addr.arpa ip6.arpa {\n  ttl 5\n}";

api::Value endpoint(std::string_view ip, std::string_view hostname, bool ready = true) {
    auto value = api::Value::object({{"addresses", api::Value::array({ip})},
                                     {"conditions", api::Value::object({{"ready", ready}})}});
    if (!hostname.empty())
        value.set("hostname", hostname);
    return value;
}

api::Value port(std::string_view name, int number) {
    return api::Value::object({{"name", name}, {"protocol", "TCP"}, {"port", number}});
}

api::Value slice(std::string_view service, std::vector<api::Value> endpoints, std::vector<api::Value> ports,
                 std::string_view name = "slice") {
    api::Value list = api::Value::array();
    for (auto& one : endpoints)
        list.push_back(std::move(one));
    api::Value port_list = api::Value::array();
    for (auto& one : ports)
        port_list.push_back(std::move(one));
    return api::Value::object(
        {{"metadata",
          api::Value::object({{"name", name},
                              {"namespace", "default"},
                              {"labels", api::Value::object({{"kubernetes.io/service-name", service}})}})},
         {"endpoints", list},
         {"ports", port_list}});
}

DnsFixtureServer server_for(const api::Value& root) {
    DnsFixtureServer server;
    server.index = dns_index(root["fixtures"]);
    server.index.set_namespace(
        api::Value::object({{"metadata", api::Value::object({{"name", "default"}})}}));
    return server;
}

// The endpoints that an example of a headless Service speaks of. One without a name of its own gets a
// label from the server; the example's is illustrative.
void add_headless_endpoints(const api::Value& example, DnsFixtureServer& server, std::vector<DnsRecord>& expected) {
    std::vector<api::Value> endpoints;
    int next_address = 1;
    for (auto& record : expected) {
        const auto words = fields(record.data);
        if (record.type == DnsType::SRV) {
            const auto label = words[3].substr(0, words[3].find('.'));
            const auto ip = cat("10.3.0.", next_address++);
            const bool assigned = parse_int(label).has_value();
            endpoints.push_back(endpoint(ip, assigned ? "" : label));
            if (assigned)
                record.data = replace_all(record.data, label, replace_all(ip, ".", "-"));
        } else if (record.type == DnsType::PTR) {
            endpoints.push_back(endpoint(net::address_of_reverse_name(record.name),
                                         record.data.substr(0, record.data.find('.'))));
        } else {
            const bool named = record.name.find("headless") != 0;
            endpoints.push_back(endpoint(record.data, named ? record.name.substr(0, record.name.find('.')) : ""));
        }
    }
    if (expected.front().type == DnsType::PTR)  // the address is the endpoint's, not the other example's Service
        server.index.remove_service("default/kubernetes");
    (void)example;
    server.index.set_endpoint_slice(slice("headless", std::move(endpoints), {port("https", 443)}));
}

// Priority and weight are illustrative: "10 100 443 x" -> "443 x".
std::vector<DnsRecord> without_weights(std::vector<DnsRecord> records) {
    for (auto& record : records) {
        const auto words = fields(record.data);
        if (record.type == DnsType::SRV && words.size() == 4)
            record.data = cat(words[2], " ", words[3]);
    }
    return records;
}

void run_example(const api::Value& root, const api::Value& example, Report& report) {
    const auto& question = example["question"];
    const auto id = cat(example["section"].as_string(), "/", question["name"].as_string(), "/",
                        question["type"].as_string());
    auto server = server_for(root);
    auto expected = dns_records_of(example["answer"]);
    if (example["section"].as_string().find("Headless") != std::string_view::npos)
        add_headless_endpoints(example, server, expected);
    server.upstream = [&expected](const net::DnsMessage& query) {
        auto reply = net::dns_reply(query);
        for (const auto& record : expected)
            if (net::same_dns_name(record.name, query.question.name))
                reply.answer.push_back(record);
        return reply;
    };
    auto found = server.ask(corefile, question["name"].as_string(),
                            net::parse_dns_type(question["type"].as_string()).value_or(DnsType::A));
    if (!found)
        return report.fail(id, "an answer", found.error().message);
    report.check(id, dns_section_text(without_weights(expected), CompareTtl::no),
                 dns_section_text(without_weights(found.value().answer), CompareTtl::no));
}

// -- the rules, each on a small cluster ---------------------------------------------------------

std::string ask(const DnsFixtureServer& server, std::string_view name, DnsType type) {
    auto found = server.ask(corefile, name, type);
    if (!found)
        return found.error().message;
    return cat(net::dns_code_name(found.value().code), " ", dns_section_text(found.value().answer, CompareTtl::no));
}

std::size_t count(const DnsFixtureServer& server, std::string_view name, DnsType type) {
    auto found = server.ask(corefile, name, type);
    return found ? found.value().answer.size() : 0;
}

DnsFixtureServer headless_server(const api::Value& root, std::vector<api::Value> endpoints,
                                 std::vector<api::Value> ports) {
    auto server = server_for(root);
    server.index.set_endpoint_slice(slice("headless", std::move(endpoints), std::move(ports)));
    return server;
}

struct Rule {
    std::string_view id;
    bool (*holds)(const api::Value& root);
};

constexpr std::string_view headless = "headless.default.svc.cluster.local.";

const Rule specified_rules[] = {
    {"case-insensitive",
     [](const api::Value& root) {
         return count(server_for(root), "KUBERNETES.Default.SVC.Cluster.LOCAL.", DnsType::A) == 1;
     }},
    {"unnamed-port-no-srv",
     [](const api::Value& root) {
         auto server = headless_server(root, {endpoint("10.3.0.1", "a")}, {port("", 443)});
         return count(server, cat("_https._tcp.", headless), DnsType::SRV) == 0;
     }},
    {"headless-no-ready",
     [](const api::Value& root) {
         auto server = headless_server(root, {endpoint("10.3.0.1", "a", false)}, {port("https", 443)});
         return ask(server, headless, DnsType::A) == "NXDOMAIN " &&
                ask(server, headless, DnsType::AAAA) == "NXDOMAIN ";
     }},
    {"headless-ready-only",
     [](const api::Value& root) {
         auto server = headless_server(root, {endpoint("10.3.0.1", "a"), endpoint("10.3.0.2", "b", false)},
                                       {port("https", 443)});
         return count(server, headless, DnsType::A) == 1 &&
                count(server, cat("_https._tcp.", headless), DnsType::SRV) == 1 &&
                ask(server, "2.0.3.10.in-addr.arpa.", DnsType::PTR) == "NXDOMAIN ";
     }},
    {"hostname-precedence",
     [](const api::Value& root) {
         auto server =
             headless_server(root, {endpoint("10.3.0.1", "pet"), endpoint("10.3.0.2", "")}, {port("https", 443)});
         return count(server, cat("pet.", headless), DnsType::A) == 1 &&
                count(server, cat("10-3-0-1.", headless), DnsType::A) == 0 &&
                count(server, cat("10-3-0-2.", headless), DnsType::A) == 1;
     }},
    {"multi-ip-hostname",
     [](const api::Value& root) {
         auto server =
             headless_server(root, {endpoint("10.3.0.1", "pet"), endpoint("10.3.0.2", "pet")}, {port("https", 443)});
         return count(server, cat("pet.", headless), DnsType::A) == 2;
     }},
    {"srv-count",
     [](const api::Value& root) {
         auto server =
             headless_server(root, {endpoint("10.3.0.1", "a"), endpoint("10.3.0.2", "b"), endpoint("10.3.0.3", "")},
                             {port("http", 80), port("https", 443)});
         return count(server, cat("_http._tcp.", headless), DnsType::SRV) +
                    count(server, cat("_https._tcp.", headless), DnsType::SRV) == 6;
     }},
    {"dns-version",
     [](const api::Value& root) {
         return ask(server_for(root), "dns-version.cluster.local.", DnsType::TXT) ==
                "NOERROR dns-version.cluster.local. TXT \"1.1.0\"";
     }},
    {"srv-additional",
     [](const api::Value& root) {
         auto found =
             server_for(root).ask(corefile, "_https._tcp.kubernetes.default.svc.cluster.local.", DnsType::SRV);
         return found && found.value().additional.size() == 2;
     }},
};

}  // namespace

void run_dns_spec(const api::Value& root, Report& report) {
    for (const auto& example : root["examples"].items())
        run_example(root, example, report);
    for (const auto& rule : root["rules"].items()) {
        const auto id = rule["id"].as_string();
        const auto* known =
            std::find_if(std::begin(specified_rules), std::end(specified_rules), [id](const auto& r) { return r.id == id; });
        if (known == std::end(specified_rules))
            report.fail(id, rule["text"].as_string(), "no check of this rule");
        else
            report.check(id, "holds", known->holds(root) ? "holds" : "does not hold");
    }
}

}  // namespace kubewalk::cli
