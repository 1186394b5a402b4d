#include "core/addons/coredns/zone_text.h"

#include "core/base/text.h"
#include "core/net/address.h"

namespace kubewalk::addons::coredns {

using net::DnsRecord;
using net::DnsType;

namespace {

constexpr std::uint32_t default_ttl = 3600;

std::string below(std::string_view name, std::string_view origin) {
    if (name == "@")
        return std::string(origin);
    if (!name.empty() && name.back() == '.')
        return std::string(name);
    return origin == "." ? cat(name, ".") : cat(name, ".", origin);
}

// "300", "1h30m", "2d": seconds.
std::optional<std::uint32_t> ttl_of(std::string_view text) {
    std::uint64_t sum = 0;
    std::uint64_t number = 0;
    bool digits = false;
    for (char c : text) {
        if (c >= '0' && c <= '9') {
            number = number * 10 + static_cast<std::uint64_t>(c - '0');
            digits = true;
            continue;
        }
        const char lower = static_cast<char>(c | 0x20);
        const std::uint64_t unit = lower == 's'   ? 1
                                   : lower == 'm' ? 60
                                   : lower == 'h' ? 3600
                                   : lower == 'd' ? 86400
                                   : lower == 'w' ? 604800
                                                  : 0;
        if (!digits || unit == 0)
            return std::nullopt;
        sum += number * unit;
        number = 0;
    }
    if (!digits)
        return std::nullopt;
    return static_cast<std::uint32_t>(sum + number);
}

// Blanks, and the parentheses that let a record go on in the next line.
bool separates(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '(' || c == ')'; }

// Words; one in quotes keeps them.
std::vector<std::string> words_of(std::string_view line) {
    std::vector<std::string> words;
    for (std::size_t i = 0; i < line.size();) {
        if (separates(line[i])) {
            ++i;
            continue;
        }
        std::string word;
        if (line[i] == '"') {
            word.push_back(line[i++]);
            while (i < line.size() && line[i] != '"') {
                if (line[i] == '\\' && i + 1 < line.size())
                    word.push_back(line[i++]);
                word.push_back(line[i++]);
            }
            word.push_back('"');
            ++i;
        } else {
            while (i < line.size() && !separates(line[i]))
                word.push_back(line[i++]);
        }
        words.push_back(std::move(word));
    }
    return words;
}

Error bad(std::string_view what, std::string_view token) {
    return {"ParseError", cat("dns: ", what, ": ", quoted(token), " at line: 1:", token.size()), {}, 0, 0};
}

// The data in presentation form, names made absolute.
Result<std::string> data_of(DnsType type, std::vector<std::string> words, std::string_view origin) {
    const auto need = [&](std::size_t count) { return words.size() >= count; };
    switch (type) {
    case DnsType::A:
    case DnsType::AAAA: {
        const auto ip = need(1) ? net::Ip::parse(words[0]) : std::nullopt;
        if (!ip || (ip->family == net::Family::ipv4) != (type == DnsType::A))
            return bad(type == DnsType::A ? "bad A A" : "bad AAAA AAAA", need(1) ? words[0] : "");
        return ip->text();
    }
    case DnsType::NS:
    case DnsType::CNAME:
    case DnsType::PTR:
        if (!need(1))
            return bad(cat("bad ", net::dns_type_name(type)), "");
        return below(words[0], origin);
    case DnsType::MX:
        if (!need(2) || !parse_int(words[0]))
            return bad("bad MX Pref", need(1) ? words[0] : "");
        return cat(words[0], " ", below(words[1], origin));
    case DnsType::SRV:
        if (!need(4) || !parse_int(words[0]) || !parse_int(words[1]) || !parse_int(words[2]))
            return bad("bad SRV Priority", need(1) ? words[0] : "");
        return cat(words[0], " ", words[1], " ", words[2], " ", below(words[3], origin));
    case DnsType::SOA: {
        if (!need(7))
            return bad("bad SOA zone parameter", need(1) ? words.back() : "");
        std::string out = cat(below(words[0], origin), " ", below(words[1], origin));
        for (std::size_t i = 2; i < 7; ++i) {
            const auto number = ttl_of(words[i]);
            if (!number)
                return bad("bad SOA zone parameter", words[i]);
            append(out, " ", *number);
        }
        return out;
    }
    case DnsType::TXT:
    case DnsType::SPF:
        for (auto& word : words)
            if (word.front() != '"')
                word = quoted(word);
        return join(words, " ");
    default: return join(words, " ");
    }
}

// [TTL] [CLASS] TYPE DATA in either order of the first two; `ttl` is what counts without one.
Result<DnsRecord> record_of(std::string name, const std::vector<std::string>& words, std::size_t at,
                            std::uint32_t ttl, std::string_view origin) {
    for (; at < words.size(); ++at) {
        if (const auto type = net::parse_dns_type(words[at]); type && *type != DnsType::ANY) {
            KUBEWALK_TRY(data, data_of(*type, {words.begin() + static_cast<std::ptrdiff_t>(at) + 1, words.end()}, origin));
            return DnsRecord{std::move(name), *type, ttl, std::move(data)};
        }
        if (words[at] == "IN" || words[at] == "in" || words[at] == "CH")
            continue;
        if (const auto own = ttl_of(words[at]))
            ttl = *own;
        else
            return bad("not a TTL", words[at]);
    }
    return bad("unexpected newline", "");
}

}  // namespace

Result<DnsRecord> parse_record(std::string_view text, std::string_view origin) {
    const auto words = words_of(text);
    if (words.empty())
        return bad("empty owner name", "");
    return record_of(below(words[0], origin), words, 1, default_ttl, origin);
}

Result<std::vector<DnsRecord>> parse_zone(std::string_view text, std::string_view zone) {
    // Parentheses join lines; comments go.
    std::vector<std::string> lines(1);
    int depth = 0;
    bool in_quotes = false;
    bool in_comment = false;
    for (char c : text) {
        if (c == '\n') {
            in_comment = false;
            if (depth > 0)
                lines.back().push_back(' ');
            else
                lines.emplace_back();
        } else if (in_comment || (c == ';' && !in_quotes)) {
            in_comment = true;
        } else if (!in_quotes && (c == '(' || c == ')')) {
            depth += c == '(' ? 1 : -1;
            lines.back().push_back(' ');
        } else {
            in_quotes ^= c == '"';
            lines.back().push_back(c);
        }
    }
    std::vector<DnsRecord> records;
    std::string origin(zone);
    std::string owner = origin;
    std::uint32_t ttl = default_ttl;
    for (const auto& line : lines) {
        const auto words = words_of(line);
        if (words.empty())
            continue;
        if (words[0] == "$ORIGIN" && words.size() > 1) {
            origin = below(words[1], origin);
        } else if (words[0] == "$TTL" && words.size() > 1) {
            ttl = ttl_of(words[1]).value_or(default_ttl);
        } else {
            const bool has_owner = line[0] != ' ' && line[0] != '\t';
            if (has_owner)
                owner = to_lower(below(words[0], origin));
            KUBEWALK_TRY(record, record_of(owner, words, has_owner ? 1 : 0, ttl, origin));
            records.push_back(std::move(record));
        }
    }
    return records;
}

}  // namespace kubewalk::addons::coredns
