// glibc's stub resolver. Upstream: glibc 2.36 resolv/res_query.c (__res_context_search,
// __res_context_query), resolv/res_send.c (__res_context_send, send_dg).

#include <algorithm>

#include "core/net/resolver_engine.h"

namespace kubewalk::net {

namespace {

enum class HErrno : std::uint8_t { success, host_not_found, no_data, try_again, no_recovery };

// What __res_context_query says about one name.
struct Answer {
    HErrno status = HErrno::try_again;
    bool servfail = false;   // the last message seen was SERVFAIL: the search goes on
    bool connection_refused = false;  // nobody took the packet: the search ends
};

bool asks_next_server(DnsCode code) {
    return code == DnsCode::servfail || code == DnsCode::notimp || code == DnsCode::refused;
}

class Glibc {
public:
    explicit Glibc(ResolverEngine& engine)
        : engine_(engine), one_at_a_time_(engine.conf.single_request), reopens_(engine.conf.single_request_reopen),
          protocol_(engine.conf.use_vc ? Protocol::tcp : Protocol::udp) {
        constexpr std::uint16_t edns_buffer = 1200;  // RESOLV_EDNS_BUFFER_SIZE
        if (engine.conf.edns0)
            engine.edns = DnsEdns{edns_buffer, false, {}};
        engine.authentic_data = engine.conf.trust_ad;
    }

    HErrno search(std::string_view name);

private:
    // One round at one server (send_dg, send_vc): every type there and back.
    struct Round {
        std::vector<ResolverQuery> answers;
        bool good = false;        // an answer to go by
        bool bad = false;         // SERVFAIL, NOTIMP or REFUSED: the next server is asked
        bool got_somewhere = false;
        bool half = false;        // one type was answered, the other was not
        bool truncated = false;
    };
    Round ask_server(std::size_t server, std::string_view name, Duration wait, Protocol protocol);
    // Asks for every type at once, server after server, attempt after attempt.
    Answer query(std::string_view name);
    Answer judge(const std::vector<ResolverQuery>& answers);
    Duration timeout(std::size_t server) const;

    ResolverEngine& engine_;
    bool one_at_a_time_;  // single-request; also set once a server answered one of two questions only
    bool reopens_;
    Protocol protocol_;
    std::size_t sent_ = 0;  // `options rotate` starts each query at the next server
};

Duration Glibc::timeout(std::size_t server) const {
    std::int64_t seconds_to_wait = static_cast<std::int64_t>(engine_.conf.timeout_s) << server;
    if (server > 0)
        seconds_to_wait /= static_cast<std::int64_t>(engine_.conf.nameservers.size());
    return seconds(std::max<std::int64_t>(seconds_to_wait, 1));
}

Answer Glibc::judge(const std::vector<ResolverQuery>& answers) {
    bool found = false;
    DnsCode code = DnsCode::noerror;
    for (const auto& query : answers) {
        if (!answered(query))
            continue;
        if (query.answer.code == DnsCode::noerror)
            found |= engine_.take_addresses(query.answer);
        else if (code == DnsCode::noerror)
            code = query.answer.code;
    }
    if (found)
        return {HErrno::success};
    switch (code) {
    case DnsCode::nxdomain: return {HErrno::host_not_found};
    case DnsCode::servfail: return {HErrno::try_again, true};
    case DnsCode::noerror: return {HErrno::no_data};
    default: return {HErrno::no_recovery};
    }
}

Glibc::Round Glibc::ask_server(std::size_t server, std::string_view name, Duration wait, Protocol protocol) {
    Round round;
    Duration longest{};
    Duration sum{};
    for (auto type : engine_.types()) {
        round.answers.push_back(engine_.send(server, name, type, wait, protocol));
        const auto& last = round.answers.back();
        longest = std::max(longest, last.elapsed);
        sum = sum + last.elapsed;
        round.got_somewhere |= !refused(last);
        if (answered(last)) {
            (asks_next_server(last.answer.code) ? round.bad : round.good) = true;
            round.truncated |= last.answer.truncated;
        } else {
            round.half = true;
            if (one_at_a_time_)
                break;  // the second question waits for the first answer
        }
    }
    round.half = round.half && round.good;
    engine_.result.elapsed = engine_.result.elapsed + (one_at_a_time_ || protocol == Protocol::tcp ? sum : longest);
    return round;
}

Answer Glibc::query(std::string_view name) {
    const std::size_t servers = engine_.conf.nameservers.size();
    const std::size_t offset = engine_.conf.rotate ? sent_++ : 0;
    bool got_somewhere = false;
    bool servfail = false;
    for (int attempt = 0; attempt < engine_.conf.attempts; ++attempt) {
        for (std::size_t i = 0; i < servers; ++i) {
            const std::size_t server = (offset + i) % servers;
            auto round = ask_server(server, name, timeout(i), protocol_);
            // One of two answers: perhaps the server or a NAT on the way cannot do two at once. First one
            // question at a time, then each from a socket of its own.
            while (round.half && !(one_at_a_time_ && reopens_)) {
                (one_at_a_time_ ? reopens_ : one_at_a_time_) = true;
                round = ask_server(server, name, timeout(i), protocol_);
            }
            if (round.truncated && protocol_ == Protocol::udp)
                round = ask_server(server, name, timeout(i), Protocol::tcp);
            got_somewhere |= round.got_somewhere;
            for (const auto& query : round.answers)
                if (answered(query))
                    servfail = query.answer.code == DnsCode::servfail;
            if (round.good) {
                if (round.bad)  // the other type's answer is dropped
                    std::erase_if(round.answers, [](const auto& q) { return asks_next_server(q.answer.code); });
                return judge(round.answers);
            }
        }
    }
    return {HErrno::try_again, servfail, !got_somewhere};
}

HErrno Glibc::search(std::string_view name) {
    const std::size_t dots = count_dots(name);
    const bool trailing_dot = absolute(name);
    bool got_nodata = false;
    bool got_servfail = false;
    bool tried_as_is = false;
    bool root_on_list = false;
    HErrno last = HErrno::host_not_found;
    std::optional<HErrno> saved;
    if (dots >= static_cast<std::size_t>(engine_.conf.ndots) || trailing_dot) {
        auto answer = query(absolute_name(name));
        if (answer.status == HErrno::success || trailing_dot)
            return answer.status;
        saved = answer.status;
        tried_as_is = true;
    }
    if (!trailing_dot) {
        for (std::string_view domain : engine_.conf.search) {
            if (!domain.empty() && domain[0] == '.')
                domain.remove_prefix(1);
            root_on_list |= domain.empty();
            const auto candidate = domain.empty() ? std::string(name) : std::string(name) + "." + std::string(domain);
            auto answer = query(absolute_name(candidate));
            last = answer.status;
            if (answer.status == HErrno::success)
                return answer.status;
            if (answer.connection_refused)
                return HErrno::try_again;
            got_nodata |= answer.status == HErrno::no_data;
            got_servfail |= answer.servfail;
            const bool goes_on =
                answer.status == HErrno::no_data || answer.status == HErrno::host_not_found || answer.servfail;
            if (!goes_on)
                break;
        }
    }
    const bool as_is_allowed = dots > 0 || engine_.conf.search.empty() || !engine_.conf.no_tld_query;
    if (!tried_as_is && !root_on_list && as_is_allowed) {
        last = query(absolute_name(name)).status;
        if (last == HErrno::success)
            return last;
    }
    if (saved)
        return *saved;
    if (got_nodata)
        return HErrno::no_data;
    // getaddrinfo for one family goes through gethostbyname2_r, which reports the last query (measured, 2.36).
    const bool reports_servfail = got_servfail && engine_.families == WantFamilies::both;
    return reports_servfail ? HErrno::try_again : last;
}

}  // namespace

void resolve_glibc(ResolverEngine& engine, std::string_view name) {
    switch (Glibc(engine).search(name)) {
    case HErrno::success: break;
    case HErrno::host_not_found: engine.result.error = "EAI_NONAME"; break;
    case HErrno::no_data: engine.result.error = "EAI_NODATA"; break;
    case HErrno::try_again: engine.result.error = "EAI_AGAIN"; break;
    case HErrno::no_recovery: engine.result.error = "EAI_FAIL"; break;
    }
}

}  // namespace kubewalk::net
