// rewrite: questions are changed on their way in, answers on their way out.
// Upstream: coredns plugin/rewrite/{rewrite,name,ttl,type,class,rcode,cname_target,reverter}.go.

#include <algorithm>

#include "core/addons/coredns/plugins.h"
#include "core/addons/coredns/regex.h"
#include "core/base/text.h"

namespace kubewalk::addons::coredns {

using net::DnsClass;
using net::DnsCode;
using net::DnsMessage;
using net::DnsRecord;
using net::DnsType;

namespace {

enum class Match : std::uint8_t { exact, prefix, suffix, substring, regex };
enum class Part : std::uint8_t { name, value };
enum class Mode : std::uint8_t { stop, go_on };

struct MatchName {
    std::string_view word;
    Match match;
};
constexpr MatchName match_names[] = {{"exact", Match::exact},
                                     {"prefix", Match::prefix},
                                     {"suffix", Match::suffix},
                                     {"substring", Match::substring},
                                     {"regex", Match::regex}};

std::string normalised(std::string_view name) { return to_lower(net::absolute_name(name)); }

bool ends_with(std::string_view text, std::string_view end) {
    return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

// "{1}" and its like become the groups of the match.
std::string fill(std::string text, const std::vector<std::string>& groups) {
    for (std::size_t i = 0; i < groups.size(); ++i)
        text = replace_all(text, cat("{", i, "}"), groups[i]);
    return text;
}

// Does a name fit, and what are its groups.
struct Pattern {
    Match match = Match::exact;
    std::string text;
    std::optional<Regex> regex;

    std::optional<std::vector<std::string>> groups(const std::string& name) const {
        bool fits = false;
        switch (match) {
        case Match::exact: fits = name == text; break;
        case Match::prefix: fits = name.compare(0, text.size(), text) == 0; break;
        case Match::suffix: fits = ends_with(name, text); break;
        case Match::substring: fits = name.find(text) != std::string::npos; break;
        case Match::regex: return regex->find(name);
        }
        return fits ? std::optional<std::vector<std::string>>(std::in_place) : std::nullopt;
    }
};

// What happens to each record of an answer.
struct ResponseRule {
    enum class Kind : std::uint8_t { regex, remap, suffix, ttl } kind = Kind::regex;
    Part part = Part::name;
    std::optional<Regex> regex;
    std::string from;
    std::string to;
    std::uint32_t min_ttl = 0;
    std::uint32_t max_ttl = 0;

    std::string changed(const std::string& text) const {
        if (kind == Kind::regex) {
            auto groups = regex->find(text);
            return groups ? fill(to, *groups) : text;
        }
        if (kind == Kind::remap && text == from)
            return to;
        const bool ends = ends_with(text, kind == Kind::remap ? "." + from : from);
        return ends ? text.substr(0, text.size() - from.size()) + to : text;
    }

    void apply(DnsRecord& record) const {
        if (kind == Kind::ttl) {
            record.ttl = std::min(std::max(record.ttl, min_ttl), max_ttl);
        } else if (part == Part::name) {
            record.name = changed(record.name);
        } else {
            // The name inside the record's data: the last word, of a SOA the first.
            switch (record.type) {
            case DnsType::SRV:
            case DnsType::MX:
            case DnsType::CNAME:
            case DnsType::NS:
            case DnsType::NAPTR:
            case DnsType::PTR: {
                const auto at = record.data.rfind(' ') + 1;
                record.data = record.data.substr(0, at) + changed(record.data.substr(at));
                break;
            }
            case DnsType::SOA: {
                const auto end = record.data.find(' ');
                record.data = changed(record.data.substr(0, end)) + record.data.substr(end);
                break;
            }
            default: break;
            }
        }
    }
};

// Everything a rule does once its condition holds.
struct Rule {
    enum class Kind : std::uint8_t { name, type, dns_class, ttl, rcode, cname, edns0 } kind = Kind::name;
    Mode mode = Mode::stop;
    Pattern pattern;
    std::string replacement;
    bool automatic = false;  // answers get the asked name back
    std::vector<ResponseRule> responses;
    std::uint16_t from = 0;  // type, class or code; `any`: whatever it is
    std::uint16_t to = 0;
    bool any = false;
};

std::string replaced(const Rule& rule, const std::string& name, const std::vector<std::string>& groups) {
    const auto& text = rule.pattern.text;
    switch (rule.pattern.match) {
    case Match::exact: return rule.replacement;
    case Match::prefix: return rule.replacement + name.substr(text.size());
    case Match::suffix: return name.substr(0, name.size() - text.size()) + rule.replacement;
    case Match::substring: return replace_all(name, text, rule.replacement);
    case Match::regex: return fill(rule.replacement, groups);
    }
    return name;
}

bool valid_name(std::string_view name) {
    constexpr std::size_t longest_name = 255;
    constexpr std::size_t longest_label = 63;
    if (name.empty() || name.size() > longest_name)
        return false;
    if (name == ".")
        return true;
    for (auto label : split(name.back() == '.' ? name.substr(0, name.size() - 1) : name, '.'))
        if (label.empty() || label.size() > longest_label)
            return false;
    return true;
}

class Rewrite final : public Handler {
public:
    explicit Rewrite(std::vector<Rule> rules) : rules_(std::move(rules)) {}
    std::string_view name() const override { return "rewrite"; }

    Served serve(Query& query, const DnsMessage& message, const Chain& chain, std::size_t position) const override {
        DnsMessage changed = message;
        std::vector<ResponseRule> responses;
        std::vector<const Rule*> later;
        bool any = false;
        for (const auto& rule : rules_) {
            if (!apply(rule, message, changed, responses, later))
                continue;
            if (!valid_name(changed.question.name))
                return Served::failure(cat("invalid name after rewrite: ", changed.question.name));
            any = true;
            if (rule.mode == Mode::stop)
                break;
        }
        auto served = next(query, changed, chain, position, name());
        if (!any)
            return served;
        if (!served.message)
            served.message = net::dns_reply(changed, served.code);
        auto& reply = *served.message;
        reply.question = message.question;
        for (auto* section : {&reply.authority, &reply.answer, &reply.additional})
            for (auto& record : *section)
                for (auto rule = responses.rbegin(); rule != responses.rend(); ++rule)
                    rule->apply(record);
        for (const auto* rule : later)
            after(*rule, query, reply);
        return served;
    }

private:
    static bool apply(const Rule& rule, const DnsMessage& original, DnsMessage& changed,
                      std::vector<ResponseRule>& responses, std::vector<const Rule*>& later) {
        const auto name = to_lower(changed.question.name);
        switch (rule.kind) {
        case Rule::Kind::type:
            if (changed.question.type != static_cast<DnsType>(rule.from))
                return false;
            changed.question.type = static_cast<DnsType>(rule.to);
            return true;
        case Rule::Kind::dns_class:
            if (changed.question.dns_class != static_cast<DnsClass>(rule.from))
                return false;
            changed.question.dns_class = static_cast<DnsClass>(rule.to);
            return true;
        case Rule::Kind::cname: later.push_back(&rule); return true;
        case Rule::Kind::edns0: return true;
        case Rule::Kind::name:
        case Rule::Kind::ttl:
        case Rule::Kind::rcode: break;
        }
        const auto groups = rule.pattern.groups(name);
        if (!groups)
            return false;
        if (rule.kind == Rule::Kind::rcode)
            later.push_back(&rule);
        if (rule.kind == Rule::Kind::name) {
            changed.question.name = replaced(rule, name, *groups);
            if (rule.automatic)
                for (auto part : {Part::name, Part::value}) {
                    ResponseRule back{ResponseRule::Kind::remap, part, {}, changed.question.name, name, 0, 0};
                    responses.push_back(std::move(back));
                }
        }
        (void)original;
        responses.insert(responses.end(), rule.responses.begin(), rule.responses.end());
        return true;
    }

    static void after(const Rule& rule, Query& query, DnsMessage& reply) {
        if (rule.kind == Rule::Kind::rcode) {
            if (rule.any || reply.code == static_cast<DnsCode>(rule.from))
                reply.code = static_cast<DnsCode>(rule.to);
            return;
        }
        // cname: an alias that fits leads to another target, whose records are looked up anew.
        for (const auto& record : reply.answer) {
            if (record.type != DnsType::CNAME)
                continue;
            const auto target = to_lower(record.data);
            const auto groups = rule.pattern.groups(target);
            if (!groups)
                continue;
            const auto to = replaced(rule, target, *groups);
            std::vector<DnsRecord> answer = {{record.name, DnsType::CNAME, record.ttl, to}};
            if (reply.question.type != DnsType::CNAME)
                if (auto found = look_up(query, to, reply.question.type))
                    answer.insert(answer.end(), found->answer.begin(), found->answer.end());
            reply.answer = std::move(answer);
            return;
        }
    }

    std::vector<Rule> rules_;
};

// -- the Corefile's words ---------------------------------------------------------------------------

Result<Pattern> pattern_of(std::string_view word, std::string_view text, std::string_view unknown) {
    for (const auto& known : match_names) {
        if (known.word != word)
            continue;
        Pattern pattern{known.match, known.match == Match::regex ? std::string(text) : normalised(text), {}};
        if (known.match == Match::regex) {
            auto regex = Regex::compile(text);
            if (!regex)
                return plain_error(cat("invalid regex pattern in a rewrite rule: ", text));
            pattern.regex = regex.take();
        }
        return pattern;
    }
    return plain_error(std::string(unknown));
}

Result<void> read_answer_rules(std::string_view kind, const std::vector<std::string>& args, std::size_t at, Rule& rule) {
    if (args.size() - at < 2)
        return plain_error(cat("invalid arguments for ", kind, " rule"));
    std::string last;
    while (at < args.size()) {
        if (last.empty() && args[at] != "answer")
            return plain_error(cat("exceeded the number of arguments for a non-answer rule argument for ", kind, " rule"));
        if (args[at] == "answer")
            ++at;
        if (at == args.size())
            return plain_error(cat("type missing for answer rule for ", kind, " rule"));
        last = args[at++];
        if (last == "auto") {
            rule.automatic = true;
            continue;
        }
        if (last != "name" && last != "value")
            return plain_error(cat("invalid type ", quoted(last), " for answer rule for ", kind, " rule"));
        if (args.size() - at < 2)
            return plain_error(cat(last, " answer rule for ", kind, " rule: 2 arguments required"));
        auto regex = Regex::compile(args[at]);
        if (!regex)
            return plain_error(cat(last, " answer rule for ", kind, " rule: invalid regex pattern in a rewrite rule: ", args[at]));
        rule.responses.push_back({ResponseRule::Kind::regex, last == "name" ? Part::name : Part::value, regex.take(),
                                  {}, normalised(args[at + 1]), 0, 0});
        at += 2;
    }
    return {};
}

Result<void> read_name(const std::vector<std::string>& args, Rule& rule) {
    if (args.size() < 2)
        return plain_error("too few arguments for a name rule");
    const std::string kind = args.size() == 2 ? "exact" : to_lower(args[0]);
    const auto& from = args[args.size() == 2 ? 0 : 1];
    const auto& to = args[args.size() == 2 ? 1 : 2];
    KUBEWALK_TRY(pattern, pattern_of(kind, from,
                                     cat("name rule supports only exact, prefix, suffix, substring, and regex name "
                                         "matching, received: ", kind)));
    rule.pattern = std::move(pattern);
    rule.replacement = normalised(to);
    const auto match = rule.pattern.match;
    if (args.size() > 3)
        if (auto read = read_answer_rules(kind, args, 3, rule); !read)
            return read.error();
    if (match == Match::exact)
        rule.automatic = true;
    if (match == Match::suffix && rule.automatic) {  // the same the other way round
        rule.automatic = false;
        for (auto part : {Part::value, Part::name})
            rule.responses.insert(rule.responses.begin(),
                                  {ResponseRule::Kind::suffix, part, {}, rule.replacement, rule.pattern.text, 0, 0});
    }
    return {};
}

// "30", "30-", "-30", "5-30".
Result<void> read_ttl(const std::vector<std::string>& args, Rule& rule) {
    if (args.size() < 2)
        return plain_error(cat("too few (", args.size(), ") arguments for a ttl rule"));
    if (args.size() > 3)
        return plain_error("many few arguments for a ttl rule");
    const auto& text = args.back();
    constexpr std::int64_t largest = 2147483647;
    const auto dash = text.find('-');
    const auto low = text.substr(0, dash);
    const auto high = dash == std::string::npos ? low : text.substr(dash + 1);
    const auto min = low.empty() ? std::optional<std::int64_t>(0) : parse_int(low);
    const auto max = high.empty() ? std::optional<std::int64_t>(largest) : parse_int(high);
    if (!min || !max || *min > *max || *min < 0 || (low.empty() && high.empty()))
        return plain_error(cat("invalid TTL '", text, "' for a ttl rule"));
    KUBEWALK_TRY(pattern,
                 pattern_of(args.size() == 2 ? "exact" : to_lower(args[0]), args[args.size() - 2],
                            "ttl rule supports only exact, prefix, suffix, substring, and regex name matching"));
    rule.pattern = std::move(pattern);
    rule.responses.push_back({ResponseRule::Kind::ttl, Part::name, {}, {}, {}, static_cast<std::uint32_t>(*min),
                              static_cast<std::uint32_t>(*max)});
    return {};
}

// "[exact|...] NAME FROM TO".
Result<void> read_rcode(const std::vector<std::string>& args, Rule& rule) {
    if (args.size() < 3)
        return plain_error(cat("too few (", args.size(), ") arguments for a rcode rule"));
    if (args.size() > 4)
        return plain_error(cat("too many (", args.size(), ") arguments for a rcode rule"));
    const auto code = [](const std::string& text) -> std::optional<int> {
        if (auto named = net::parse_dns_code(text))
            return static_cast<int>(*named);
        if (auto number = parse_int(text); number && *number >= 0 && *number <= 23)
            return static_cast<int>(*number);
        return std::nullopt;
    };
    const auto& from = args[args.size() - 2];
    const auto to = code(args.back());
    rule.any = from == "*";
    const auto old = rule.any ? std::optional<int>(0) : code(from);
    if (!old || !to)
        return plain_error(cat("invalid arguments for an rcode rule"));
    KUBEWALK_TRY(pattern, pattern_of(args.size() == 3 ? "exact" : to_lower(args[0]), args[args.size() - 3],
                                     "rcode rule supports only exact, prefix, suffix, substring, and regex name matching"));
    rule.pattern = std::move(pattern);
    rule.from = static_cast<std::uint16_t>(*old);
    rule.to = static_cast<std::uint16_t>(*to);
    return {};
}

Result<void> read_cname(const std::vector<std::string>& args, Rule& rule) {
    if (args.size() < 2 || args.size() > 3)
        return plain_error("too few arguments for a cname rule");
    KUBEWALK_TRY(pattern, pattern_of(args.size() == 2 ? "exact" : to_lower(args[0]), args[args.size() - 2],
                                     cat("unknown cname rewrite match type: ", args[0])));
    rule.pattern = std::move(pattern);
    rule.replacement = rule.pattern.match == Match::regex ? args.back() : normalised(args.back());
    return {};
}

std::optional<std::uint16_t> class_number(std::string_view word) {
    for (auto known : {DnsClass::IN, DnsClass::CH, DnsClass::HS, DnsClass::ANY})
        if (net::same_dns_name(net::dns_class_name(known), word))
            return static_cast<std::uint16_t>(known);
    return std::nullopt;
}

Result<void> read_type_or_class(const std::vector<std::string>& args, std::string_view kind, Rule& rule) {
    if (args.size() != 2)
        return plain_error(cat(kind, " rules must have exactly two arguments"));
    std::optional<std::uint16_t> numbers[2];
    for (std::size_t i = 0; i < 2; ++i) {
        if (kind == "class") {
            numbers[i] = class_number(args[i]);
        } else if (auto type = net::parse_dns_type(args[i])) {
            numbers[i] = static_cast<std::uint16_t>(*type);
        }
        if (!numbers[i])
            return plain_error(cat("invalid ", kind, " ", quoted(args[i])));
    }
    rule.from = *numbers[0];
    rule.to = *numbers[1];
    return {};
}

Result<Rule> read_rule(std::vector<std::string> args) {
    if (args.empty())
        return plain_error("no rule type specified for rewrite");
    const std::string first = args.front();
    Rule rule;
    auto kind = to_lower(args.front());
    if (kind == "continue" || kind == "stop") {
        if (args.size() < 2)
            return plain_error(cat(kind, " rule must begin with a rule type"));
        rule.mode = kind == "stop" ? Mode::stop : Mode::go_on;
        args.erase(args.begin());
        kind = to_lower(args.front());
    }
    args.erase(args.begin());
    Result<void> read;
    if (kind == "answer") {
        return plain_error("response rewrites must begin with a name rule");
    } else if (kind == "name") {
        read = read_name(args, rule);
    } else if (kind == "ttl") {
        rule.kind = Rule::Kind::ttl;
        read = read_ttl(args, rule);
    } else if (kind == "rcode") {
        rule.kind = Rule::Kind::rcode;
        read = read_rcode(args, rule);
    } else if (kind == "cname") {
        rule.kind = Rule::Kind::cname;
        read = read_cname(args, rule);
    } else if (kind == "type" || kind == "class") {
        rule.kind = kind == "type" ? Rule::Kind::type : Rule::Kind::dns_class;
        read = read_type_or_class(args, kind, rule);
    } else if (kind == "edns0") {
        rule.kind = Rule::Kind::edns0;  // options that no server here reads
    } else {
        return plain_error(cat("invalid rule type ", quoted(first)));
    }
    if (!read)
        return read.error();
    return rule;
}

}  // namespace

Result<void> setup_rewrite(const Setup& setup, PluginSetup& into) {
    std::vector<Rule> rules;
    for (const auto& directive : setup.directives) {
        auto words = directive.args;
        if (words.size() < 2)
            for (const auto& property : directive.block) {
                words.push_back(property.name);
                words.insert(words.end(), property.args.begin(), property.args.end());
            }
        KUBEWALK_TRY(rule, read_rule(std::move(words)));
        rules.push_back(std::move(rule));
    }
    into.chain.push_back(std::make_shared<Rewrite>(std::move(rules)));
    return {};
}

}  // namespace kubewalk::addons::coredns
