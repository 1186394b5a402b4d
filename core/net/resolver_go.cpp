// Go's own resolver. Upstream: Go 1.23 src/net/dnsclient_unix.go (nameList, tryOneName,
// goLookupIPCNAMEOrder), src/net/dnsconfig_unix.go.

#include <algorithm>

#include "core/net/resolver_engine.h"

namespace kubewalk::net {

namespace {

enum class Status : std::uint8_t { found, no_such_host, temporary };

class Go {
public:
    explicit Go(ResolverEngine& engine) : engine_(engine) {
        constexpr std::uint16_t edns_buffer = 1232;
        engine.edns = DnsEdns{edns_buffer, false, {}};
        engine.authentic_data = engine.conf.trust_ad;
    }

    Status lookup(std::string_view name);

private:
    std::vector<std::string> name_list(std::string_view name) const;
    // One name and one type, attempt after attempt, server after server.
    Status try_one_name(std::string_view name, DnsType type, Duration& taken);

    ResolverEngine& engine_;
    std::size_t sent_ = 0;
};

std::vector<std::string> Go::name_list(std::string_view name) const {
    constexpr std::size_t longest = 254;
    if (absolute(name))
        return name.size() <= longest ? std::vector<std::string>{std::string(name)} : std::vector<std::string>{};
    if (name.size() >= longest)
        return {};
    std::vector<std::string> names;
    const std::string as_is = std::string(name) + ".";
    const bool enough_dots = count_dots(name) >= static_cast<std::size_t>(engine_.conf.ndots);
    if (enough_dots)
        names.push_back(as_is);
    for (const auto& suffix : engine_.conf.search) {
        if (suffix == ".")
            continue;
        auto candidate = as_is + absolute_name(suffix);
        if (candidate.size() <= longest)
            names.push_back(std::move(candidate));
    }
    if (!enough_dots)
        names.push_back(as_is);
    return names;
}

Status Go::try_one_name(std::string_view name, DnsType type, Duration& taken) {
    const std::size_t servers = engine_.conf.nameservers.size();
    const std::size_t offset = engine_.conf.rotate ? sent_++ : 0;
    Status last = Status::temporary;
    for (int attempt = 0; attempt < engine_.conf.attempts; ++attempt) {
        for (std::size_t i = 0; i < servers; ++i) {
            const auto server = (offset + i) % servers;
            const auto patience = seconds(engine_.conf.timeout_s);
            auto query = engine_.send(server, name, type, patience, engine_.conf.use_vc ? Protocol::tcp : Protocol::udp);
            taken = taken + query.elapsed;
            if (answered(query) && query.answer.truncated && query.protocol == Protocol::udp) {
                query = engine_.send(server, name, type, patience, Protocol::tcp);
                taken = taken + query.elapsed;
            }
            if (!answered(query)) {
                last = Status::temporary;
                continue;
            }
            const auto& answer = query.answer;
            if (answer.code == DnsCode::nxdomain)
                return Status::no_such_host;
            // A referral that leads nowhere, or an error: the next server may know better.
            const bool lame = answer.code == DnsCode::noerror && !answer.authoritative &&
                              !answer.recursion_available && answer.answer.empty() && answer.additional.empty();
            if (lame || answer.code != DnsCode::noerror) {
                last = Status::temporary;
                continue;
            }
            const bool has_type = std::any_of(answer.answer.begin(), answer.answer.end(),
                                              [type](const auto& record) { return record.type == type; });
            if (!has_type)
                return Status::no_such_host;
            engine_.take_addresses(answer);
            return Status::found;
        }
    }
    return last;
}

Status Go::lookup(std::string_view name) {
    std::optional<Status> error;
    for (const auto& candidate : name_list(name)) {
        bool found = false;
        Duration longest{};
        for (auto type : engine_.types()) {
            Duration taken{};
            auto status = try_one_name(candidate, type, taken);
            longest = engine_.conf.single_request ? longest + taken : std::max(longest, taken);
            if (status == Status::found)
                found = true;
            else
                error = status;
        }
        engine_.result.elapsed = engine_.result.elapsed + longest;
        if (found)
            return Status::found;
    }
    return error.value_or(Status::no_such_host);
}

}  // namespace

void resolve_go(ResolverEngine& engine, std::string_view name) {
    switch (Go(engine).lookup(name)) {
    case Status::found: break;
    case Status::no_such_host: engine.result.error = "EAI_NONAME"; break;
    case Status::temporary: engine.result.error = "EAI_AGAIN"; break;
    }
}

}  // namespace kubewalk::net
