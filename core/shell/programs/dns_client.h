#pragma once
// A program that speaks DNS itself: its servers, and questions that wait for one answer each.

#include "core/shell/program.h"

namespace kubewalk::shell {

class DnsClient {
public:
    explicit DnsClient(Process& process)
        : conf(net::ResolvConf::parse(process.resolver_files().resolv_conf, net::Libc::glibc)), process_(process) {}

    net::ResolvConf conf;
    std::uint16_t port = 53;

    net::SocketAddress server(std::size_t index) const { return {conf.nameservers[index], port}; }

    // Asks that server only, an address or a name. False when the name is unknown.
    bool use_server(std::string_view text) {
        auto ip = net::Ip::parse(text);
        if (!ip) {
            auto resolution = process_.resolve(text);
            if (resolution.addresses.empty())
                return false;
            ip = resolution.addresses.front();
        }
        conf.nameservers = {*ip};
        return true;
    }

    // As dig and nslookup of BIND do: the search list where it applies. Adds the time it took.
    std::vector<net::ResolverQuery> search(std::string_view name, net::DnsType type,
                                           net::UseSearch use = net::UseSearch::yes) {
        net::DigOptions options;
        options.search = use;
        return search(name, type, options);
    }
    std::vector<net::ResolverQuery> search(std::string_view name, net::DnsType type, const net::DigOptions& options) {
        auto queries = net::dig(asker(), conf, name, type, options);
        for (const auto& query : queries)
            process_.wait(query.elapsed);
        return queries;
    }

    // All questions to one server side by side; unanswered ones are repeated after `timeout`/`tries`.
    std::vector<std::optional<net::DnsMessage>> all_at_once(
        std::size_t index, const std::vector<std::pair<std::string, net::DnsType>>& questions, Duration timeout,
        int tries) {
        std::vector<std::optional<net::DnsMessage>> answers(questions.size());
        const Duration patience{timeout.ns / tries};
        for (int attempt = 0; attempt < tries; ++attempt) {
            Duration longest{};
            for (std::size_t i = 0; i < questions.size(); ++i) {
                if (answers[i])
                    continue;
                auto exchange = asker()(
                    server(index),
                    net::dns_query(static_cast<std::uint16_t>(i + 1), questions[i].first, questions[i].second),
                    patience, net::Protocol::udp);
                const bool answered = exchange.outcome == net::Outcome::delivered;
                if (answered)
                    answers[i] = std::move(exchange.answer);
                longest = std::max(longest, answered ? exchange.elapsed : patience);
            }
            process_.wait(longest);
        }
        return answers;
    }

    // getnameinfo: /etc/hosts, then PTR. Empty when nobody knows.
    std::string name_of(const net::Ip& ip) {
        for (const auto& entry : net::parse_hosts(process_.resolver_files().hosts))
            if (entry.ip == ip)
                return entry.names.front();
        const auto reverse = net::reverse_name(ip.text());
        const auto queries = search(*reverse, net::DnsType::PTR, net::UseSearch::no);
        for (const auto& record : queries.back().answer.answer)
            if (record.type == net::DnsType::PTR)
                return record.data.substr(0, record.data.size() - 1);
        return {};
    }

    net::AskServer asker() {
        return [this](net::SocketAddress to, const net::DnsMessage& query, Duration give_up, net::Protocol protocol) {
            return process_.context.network.dns(process_.context.netns, {to.ip, port}, query, give_up, protocol);
        };
    }

private:
    Process& process_;
};

}  // namespace kubewalk::shell
