// Upstream: resolv.conf(5), glibc resolv/res_init.c, musl src/network/resolvconf.c, Go net/dnsconfig_unix.go.

#include <algorithm>

#include "core/base/text.h"
#include "core/net/resolver.h"

namespace kubewalk::net {

namespace {

// Upper bounds that each library sets on the numbers of `options`.
struct Bounds {
    int ndots;
    int timeout_s;
    int attempts;
};
constexpr Bounds bounds_of(Libc libc) {
    switch (libc) {
    case Libc::glibc: return {15, 30, 5};
    case Libc::musl: return {15, 60, 10};
    // Go takes any number of attempts; a million questions in a row would keep the simulation from ever going on.
    case Libc::go: return {15, 1 << 20, 50};
    }
    return {15, 30, 5};
}

// Words of `options` without a number; not every library knows each.
struct Flag {
    std::string_view word;
    bool ResolvConf::* member;
    bool glibc, musl, go;
};
constexpr Flag flags[] = {
    {"rotate", &ResolvConf::rotate, true, false, true},  // musl asks all servers at once
    {"use-vc", &ResolvConf::use_vc, true, false, true},
    {"usevc", &ResolvConf::use_vc, false, false, true},
    {"tcp", &ResolvConf::use_vc, false, false, true},
    {"edns0", &ResolvConf::edns0, true, false, false},
    {"trust-ad", &ResolvConf::trust_ad, true, false, true},
    {"single-request", &ResolvConf::single_request, true, false, true},
    {"single-request-reopen", &ResolvConf::single_request_reopen, true, false, false},
    {"single-request-reopen", &ResolvConf::single_request, false, false, true},
    {"no-tld-query", &ResolvConf::no_tld_query, true, false, false},
    {"no_tld_query", &ResolvConf::no_tld_query, true, false, false},
    {"no-aaaa", &ResolvConf::no_aaaa, true, false, false},
};

void read_options(ResolvConf& conf, const std::vector<std::string_view>& words, Libc libc) {
    const Bounds bounds = bounds_of(libc);
    auto number = [](std::string_view word, std::string_view prefix, int minimum, int maximum, int& into) {
        if (word.substr(0, prefix.size()) != prefix)
            return;
        if (auto n = parse_int(word.substr(prefix.size())))
            into = static_cast<int>(std::clamp<std::int64_t>(*n, minimum, maximum));
    };
    for (std::size_t i = 1; i < words.size(); ++i) {
        number(words[i], "ndots:", 0, bounds.ndots, conf.ndots);
        number(words[i], "timeout:", 1, bounds.timeout_s, conf.timeout_s);
        number(words[i], "attempts:", 1, bounds.attempts, conf.attempts);
        for (const auto& flag : flags) {
            const bool known = libc == Libc::glibc ? flag.glibc : libc == Libc::musl ? flag.musl : flag.go;
            if (known && flag.word == words[i])
                conf.*flag.member = true;
        }
    }
}

// musl copies the rest of the line into 256 bytes; a longer list is not taken over.
bool musl_takes(const std::vector<std::string_view>& words) {
    constexpr std::size_t room = 256;
    std::size_t length = 0;
    for (std::size_t i = 1; i < words.size(); ++i)
        length += words[i].size() + (i > 1 ? 1 : 0);
    return length < room;
}

}  // namespace

ResolvConf ResolvConf::parse(std::string_view text, Libc libc) {
    constexpr std::size_t max_nameservers = 3;
    ResolvConf conf;
    for (auto line : split(text, '\n')) {
        auto words = fields(line);
        if (words.empty() || words[0][0] == '#' || words[0][0] == ';')
            continue;
        if (words[0] == "nameserver" && words.size() > 1) {
            if (auto ip = Ip::parse(words[1]); ip && conf.nameservers.size() < max_nameservers)
                conf.nameservers.push_back(*ip);
        } else if (words[0] == "search" || (words[0] == "domain" && words.size() > 1)) {
            if (libc == Libc::musl && !musl_takes(words))
                continue;
            conf.search.assign(words.begin() + 1, words.end());
            if (words[0] == "domain" && libc != Libc::musl)  // musl reads both lines alike
                conf.search.resize(1);
        } else if (words[0] == "options") {
            read_options(conf, words, libc);
        }
    }
    if (conf.nameservers.empty())
        conf.nameservers.push_back(Ip::v4(127, 0, 0, 1));
    return conf;
}

std::vector<HostsEntry> parse_hosts(std::string_view text) {
    std::vector<HostsEntry> entries;
    for (auto line : split(text, '\n')) {
        auto words = fields(line.substr(0, line.find('#')));
        if (words.size() < 2)
            continue;
        if (auto ip = Ip::parse(words[0]))
            entries.push_back({*ip, {words.begin() + 1, words.end()}});
    }
    return entries;
}

}  // namespace kubewalk::net
