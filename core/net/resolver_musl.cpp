// musl's stub resolver: every nameserver at once, the first usable answer counts, a name that exists
// without addresses ends the search. Upstream: musl 1.2.3 src/network/lookup_name.c
// (name_from_dns_search, name_from_dns), src/network/res_msend.c.

#include <algorithm>
#include <optional>

#include "core/net/resolver_engine.h"

namespace kubewalk::net {

namespace {

enum class Status : std::uint8_t { found, keep_searching, no_name, again, fail };

class Musl {
public:
    explicit Musl(ResolverEngine& engine) : engine_(engine) {}

    Status search(std::string_view name);

private:
    Status look_up(std::string_view name);
    // res_msend: resends what is unanswered `attempts` times within the time-out.
    std::vector<std::optional<DnsMessage>> send_all(std::string_view name);
    void one_round(std::string_view name, std::vector<std::optional<DnsMessage>>& answers, Duration wait);

    ResolverEngine& engine_;
};

// One round: unanswered questions go to all servers; SERVFAIL is asked again at once, twice per question.
void Musl::one_round(std::string_view name, std::vector<std::optional<DnsMessage>>& answers, Duration wait) {
    const auto types = engine_.types();
    int servfail_retries = 2 * static_cast<int>(types.size());
    Duration longest{};
    for (std::size_t i = 0; i < types.size(); ++i) {
        if (answers[i])
            continue;
        Duration fastest = wait;
        for (std::size_t server = 0; server < engine_.conf.nameservers.size(); ++server) {
            auto query = engine_.send(server, name, types[i], wait);
            Duration taken = query.elapsed;
            if (answered(query) && query.answer.truncated && !(answers[i] && !answers[i]->truncated)) {
                // TCP to the server that answered (since 1.2.4)
                query = engine_.send(server, name, types[i], wait, Protocol::tcp);
                taken = taken + query.elapsed;
            }
            while (answered(query) && query.answer.code == DnsCode::servfail && servfail_retries > 0) {
                --servfail_retries;
                query = engine_.send(server, name, types[i], wait);
                taken = taken + query.elapsed;
            }
            const bool usable = answered(query) &&
                                (query.answer.code == DnsCode::noerror || query.answer.code == DnsCode::nxdomain);
            if (usable && (!answers[i] || taken < fastest)) {
                answers[i] = query.answer;
                fastest = taken;
            }
        }
        longest = std::max(longest, fastest);
    }
    engine_.result.elapsed = engine_.result.elapsed + longest;
}

std::vector<std::optional<DnsMessage>> Musl::send_all(std::string_view name) {
    std::vector<std::optional<DnsMessage>> answers(engine_.types().size());
    const Duration interval{seconds(engine_.conf.timeout_s).ns / engine_.conf.attempts};
    for (int attempt = 0; attempt < engine_.conf.attempts; ++attempt) {
        if (std::all_of(answers.begin(), answers.end(), [](const auto& a) { return a.has_value(); }))
            break;
        one_round(name, answers, interval);
    }
    return answers;
}

Status Musl::look_up(std::string_view name) {
    bool found = false;
    auto answers = send_all(absolute_name(name));
    for (const auto& answer : answers) {
        if (!answer)
            return Status::again;
        if (answer->code == DnsCode::nxdomain)
            return Status::keep_searching;
        if (answer->code != DnsCode::noerror)
            return Status::fail;
    }
    for (const auto& answer : answers)
        found |= engine_.take_addresses(*answer);
    return found ? Status::found : Status::no_name;
}

Status Musl::search(std::string_view name) {
    const bool searches = count_dots(name) < static_cast<std::size_t>(engine_.conf.ndots) && !absolute(name);
    if (absolute(name))
        name.remove_suffix(1);
    if (name.empty() || absolute(name))
        return Status::no_name;
    if (searches) {
        for (const auto& domain : engine_.conf.search) {
            if (domain == "." || name.size() + 1 + domain.size() >= 256)
                continue;  // no name can be built from it (since 1.2.4; before, a malformed query was sent)
            auto status = look_up(std::string(name) + "." + domain);
            if (status != Status::keep_searching)
                return status;
        }
    }
    return look_up(name);
}

}  // namespace

void resolve_musl(ResolverEngine& engine, std::string_view name) {
    switch (Musl(engine).search(name)) {
    case Status::found: break;
    case Status::keep_searching:
    case Status::no_name: engine.result.error = "EAI_NONAME"; break;
    case Status::again: engine.result.error = "EAI_AGAIN"; break;
    case Status::fail: engine.result.error = "EAI_FAIL"; break;
    }
}

}  // namespace kubewalk::net
