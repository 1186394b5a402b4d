// coredns/coredns-kubernetes.json: the tables of CoreDNS's own tests.

#include "core/base/text.h"
#include "core/cli/vectors/dns_judge.h"
#include "core/cli/vectors/runner.h"

namespace kubewalk::cli {

namespace {

// A CNAME stands before the records of its target.
bool cname_order(const std::vector<net::DnsRecord>& answer) {
    for (std::size_t i = 0; i < answer.size(); ++i)
        if (answer[i].type == net::DnsType::CNAME)
            for (std::size_t j = 0; j < i; ++j)
                if (net::same_dns_name(answer[j].name, answer[i].data))
                    return false;
    return true;
}

std::string text_of(std::string_view code, const std::vector<net::DnsRecord> (&sections)[3]) {
    return cat(code, " answer [", dns_section_text(sections[0], CompareTtl::yes), "] authority [",
               dns_section_text(sections[1], CompareTtl::yes), "] additional [",
               dns_section_text(sections[2], CompareTtl::yes), "]");
}

// In the tests behind the fixture "serve" every namespace exists but two (handler_test.go,
// GetNamespaceByName); the fixture lists only those with objects.
void add_namespace_of(std::string_view name, addons::coredns::Index& index) {
    const auto lower_name = to_lower(name);
    const auto labels = split(lower_name, '.');
    for (std::size_t i = 1; i < labels.size(); ++i) {
        const auto above = labels[i - 1];
        if ((labels[i] == "svc" || labels[i] == "pod") && above != "pod-nons" && above != "nsnoexist")
            index.set_namespace(api::Value::object({{"metadata", api::Value::object({{"name", above}})}}));
    }
}

// What an answer holds beyond the cluster's zone can only have come from an upstream; upstream's tests put a double
// there that knows just that.
Result<net::DnsMessage> ask(const DnsFixtureServer& server, std::string_view corefile, std::string_view name, net::DnsType type,
                            const std::vector<net::DnsRecord>& expected) {
    std::vector<net::DnsRecord> outside;
    for (const auto& record : expected)
        if (!net::in_dns_zone(record.name, "cluster.local.") && record.type == type && !net::in_dns_zone(net::absolute_name(name), record.name))
            outside.push_back(record);
    if (outside.empty() || corefile.find("k8s_external") != std::string_view::npos)
        return server.ask(corefile, name, type);
    DnsFixtureServer with_upstream = server;
    with_upstream.upstream = [outside](const net::DnsMessage& query) {
        auto reply = net::dns_reply(query);
        for (const auto& record : outside)
            if (net::same_dns_name(record.name, query.question.name))
                reply.answer.push_back(record);
        return reply;
    };
    return with_upstream.ask(corefile, name, type);
}

void judge(const DnsFixtureServer& server, std::string_view corefile, const api::Value& one, std::string_view id,
           Report& report) {
    const auto type = net::parse_dns_type(one.path("question", "type").as_string());
    if (!type)
        return report.skip(id, "record type that the plugin does not know");
    std::vector<net::DnsRecord> expected[3] = {dns_records_of(one["answer"]), dns_records_of(one["authority"]),
                                               dns_records_of(one["additional"])};
    auto found = ask(server, corefile, one.path("question", "name").as_string(), *type, expected[0]);
    if (!found)
        return report.fail(id, "an answer", found.error().message);
    const auto& message = found.value();
    const std::vector<net::DnsRecord> got[3] = {message.answer, message.authority, message.additional};
    for (std::size_t i = 0; i < 3; ++i)
        take_any_ttl(expected[i], got[i]);
    if (!cname_order(message.answer))
        return report.fail(id, "CNAME before the records of its target", text_of("", got));
    report.check(id, text_of(one["rcode"].as_string(), expected), text_of(net::dns_code_name(message.code), got));
}

}  // namespace

void run_coredns(const api::Value& root, Report& report) {
    for (const auto& suite : root["suites"].items()) {
        const auto name = suite["suite"].as_string();
        DnsFixtureServer server;
        server.index = dns_index(root["fixtures"][suite["fixture"].as_string()]);
        server.synced = name != "api-not-synced";
        for (const auto& one : suite["cases"].items()) {
            const auto& question = one["question"];
            const auto id = cat(name, "/", question["name"].as_string(), "/", question["type"].as_string());
            if (suite["fixture"].as_string() == "serve")
                add_namespace_of(question["name"].as_string(), server.index);
            if (name.substr(0, 12) == "multicluster")
                report.skip(id, "the MCS API is not simulated");
            else
                judge(server, suite["corefile"].as_string(), one, id, report);
        }
    }
}

}  // namespace kubewalk::cli
