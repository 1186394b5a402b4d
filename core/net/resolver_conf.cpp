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
    case Libc::go: return {15, 1 << 20, 1 << 20};
    }
    return {15, 30, 5};
}

void read_options(ResolvConf& conf, const std::vector<std::string_view>& words, Bounds bounds) {
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
        if (words[i] == "rotate")
            conf.rotate = true;
        if (words[i] == "use-vc" || words[i] == "usevc" || words[i] == "tcp")
            conf.use_vc = true;
    }
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
            conf.search.assign(words.begin() + 1, words.end());
            if (words[0] == "domain")
                conf.search.resize(1);
        } else if (words[0] == "options") {
            read_options(conf, words, bounds_of(libc));
        }
    }
    if (conf.nameservers.empty())
        conf.nameservers.push_back(Ip::v4(127, 0, 0, 1));
    if (libc == Libc::musl && conf.rotate)
        conf.rotate = false;  // musl asks all of them at once
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
