// errors and log: what CoreDNS writes about queries. Upstream: coredns plugin/{errors,log}.

#include <cstdio>

#include "core/addons/coredns/backend.h"
#include "core/addons/coredns/plugins.h"
#include "core/addons/coredns/regex.h"
#include "core/base/text.h"

namespace kubewalk::addons::coredns {

using net::DnsCode;
using net::DnsMessage;

namespace {

// `consolidate PERIOD REGEXP [LEVEL] [show_first]`: errors that fit are counted and told once a period.
struct Consolidate {
    Duration period{};
    Regex pattern;
    std::string level = "ERROR";
    bool show_first = false;
    std::string key;
};

class Errors final : public Handler {
public:
    explicit Errors(std::vector<Consolidate> patterns) : patterns_(std::move(patterns)) {}
    std::string_view name() const override { return "errors"; }

    Served serve(Query& query, const DnsMessage& message, const Chain& chain, std::size_t position) const override {
        auto served = next(query, message, chain, position, name());
        if (served.error.empty())
            return served;
        std::string_view level = "ERROR";
        for (const auto& pattern : patterns_) {
            if (!pattern.pattern.matches(served.error))
                continue;
            auto& seen = query.state.consolidations[pattern.key];
            ++seen.count;
            if (!seen.running)
                query.state.timers.push_back({Timer::Kind::consolidate, pattern.period, pattern.key});
            const bool first = !seen.running;
            seen.running = true;
            if (!first || !pattern.show_first)
                return served;
            level = pattern.level;
            break;
        }
        query.state.log.push_back(cat("[", level, "] plugin/errors: ", static_cast<int>(served.code), " ",
                                      to_lower(message.question.name), " ",
                                      net::dns_type_name(message.question.type), ": ", served.error));
        return served;
    }

    void on_timer(const Timer& timer, Query& query) const override {
        for (const auto& pattern : patterns_) {
            if (timer.kind != Timer::Kind::consolidate || timer.key != pattern.key)
                continue;
            const auto seen = query.state.consolidations[pattern.key];
            query.state.consolidations.erase(pattern.key);
            if (seen.count > 1 || (seen.count == 1 && !pattern.show_first))
                query.state.log.push_back(cat("[", pattern.level, "] plugin/errors: ", seen.count, " errors like '",
                                              pattern.pattern.pattern(), "' occurred in last ",
                                              go_duration(pattern.period)));
        }
    }

private:
    std::vector<Consolidate> patterns_;
};

// Which answers are logged: `class all|success|denial|error`.
enum LogClass : unsigned { success = 1, denial = 2, error = 4, all = 7 };

std::string flags_of(const DnsMessage& message) {
    std::vector<std::string> flags;
    if (message.response)
        flags.push_back("qr");
    if (message.authoritative)
        flags.push_back("aa");
    if (message.truncated)
        flags.push_back("tc");
    if (message.recursion_desired)
        flags.push_back("rd");
    if (message.recursion_available)
        flags.push_back("ra");
    return join(flags, ",");
}

constexpr std::string_view common_format =
    R"({remote}:{port} - {>id} "{type} {class} {name} {proto} {size} {>do} {>bufsize}" {rcode} {>rflags} {rsize} {duration})";

struct LogRule {
    std::vector<std::string> zones;
    std::string format;
    unsigned classes = all;
};

class Log final : public Handler {
public:
    explicit Log(std::vector<LogRule> rules) : rules_(std::move(rules)) {}
    std::string_view name() const override { return "log"; }

    Served serve(Query& query, const DnsMessage& message, const Chain& chain, std::size_t position) const override {
        const auto before = query.elapsed;
        auto served = next(query, message, chain, position, name());
        for (const auto& rule : rules_) {
            if (matching_zone(rule.zones, message.question.name).empty())
                continue;
            auto reply = served.message ? *served.message : net::dns_reply(message, served.code);
            reply.edns = message.edns;
            const bool empty = reply.code == DnsCode::noerror && reply.answer.empty();
            const unsigned kind = reply.code == DnsCode::nxdomain || empty  ? denial
                                  : reply.code == DnsCode::noerror          ? success
                                                                            : error;
            if ((rule.classes & kind) != 0)
                query.state.log.push_back(cat("[INFO] ", line(rule.format, query, message, reply, before)));
            break;
        }
        return served;
    }

private:
    static std::string value(std::string_view label, const Query& query, const DnsMessage& message,
                             const DnsMessage& reply, Duration before) {
        const auto address = [](const net::Ip& ip) {
            return ip.family == net::Family::ipv6 ? cat("[", ip.text(), "]") : ip.text();
        };
        if (label == "remote")
            return address(query.peer.client.ip);
        if (label == "port")
            return cat(query.peer.client.port);
        if (label == "local")
            return address(query.peer.local.ip);
        if (label == ">id")
            return cat(message.id);
        if (label == ">opcode")
            return "0";
        if (label == "type")
            return std::string(net::dns_type_name(message.question.type));
        if (label == "class")
            return std::string(net::dns_class_name(message.question.dns_class));
        if (label == "name")
            return to_lower(message.question.name);
        if (label == "proto")
            return std::string(net::protocol_name(query.peer.protocol));
        if (label == "size")
            return cat(net::wire_size(message));
        if (label == ">do")
            return message.edns && message.edns->dnssec_ok ? "true" : "false";
        if (label == ">bufsize")
            return cat(query.peer.protocol == net::Protocol::tcp ? 65535 : net::udp_size(message));
        if (label == "rcode")
            return std::string(net::dns_code_name(reply.code));
        if (label == "rsize")
            return cat(net::wire_size(reply));
        if (label == ">rflags")
            return flags_of(reply);
        if (label == "duration") {
            char took[32];
            std::snprintf(took, sizeof took, "%.9fs", (query.elapsed - before).seconds());
            return took;
        }
        return label.substr(0, 1) == "/" ? "-" : cat("{", label, "}");
    }

    static std::string line(std::string_view format, const Query& query, const DnsMessage& message,
                            const DnsMessage& reply, Duration before) {
        std::string out;
        while (!format.empty()) {
            const auto open = format.find('{');
            const auto close = open == std::string_view::npos ? open : format.find('}', open);
            if (close == std::string_view::npos)
                break;
            out += format.substr(0, open);
            out += value(format.substr(open + 1, close - open - 1), query, message, reply, before);
            format.remove_prefix(close + 1);
        }
        out += format;
        return out;
    }

    std::vector<LogRule> rules_;
};

Result<Consolidate> read_consolidate(const Setup& setup, const Property& property, std::string key) {
    const auto& args = property.args;
    if (args.size() < 2 || args.size() > 4)
        return setup.argument_error(property);
    const auto period = parse_go_duration(args[0]);
    if (!period)
        return setup.error(property.line, cat("invalid period: ", duration_of(args[0]).error().message));
    auto pattern = Regex::compile(args[1]);
    if (!pattern)
        return setup.error(property.line, cat("invalid regexp: ", pattern.error().message));
    Consolidate out{*period, pattern.take(), "ERROR", false, std::move(key)};
    for (std::size_t i = 2; i < args.size(); ++i) {
        if (args[i] == "show_first") {
            out.show_first = true;
        } else if (args[i] == "warning" || args[i] == "error" || args[i] == "info" || args[i] == "debug") {
            out.level = args[i] == "warning" ? "WARNING" : args[i] == "error" ? "ERROR" : args[i] == "info" ? "INFO" : "DEBUG";
        } else {
            return setup.error(property.line, cat("unknown log level argument in consolidate: ", args[i]));
        }
    }
    return out;
}

}  // namespace

Result<void> setup_errors(const Setup& setup, PluginSetup& into) {
    if (auto twice = setup.more_than_once())
        return *twice;
    const auto& directive = setup.only();
    if (directive.args.size() > 1)
        return setup.argument_error(directive);
    if (!directive.args.empty() && directive.args[0] != "stdout")
        return plain_error(cat("invalid log file: ", directive.args[0]));
    std::vector<Consolidate> patterns;
    for (const auto& property : directive.block) {
        if (property.name == "stacktrace")
            continue;
        if (property.name != "consolidate")
            return setup.error(property.line, cat("unknown directive: ", property.name));
        KUBEWALK_TRY(pattern, read_consolidate(setup, property, cat(setup.instance, "/", patterns.size())));
        patterns.push_back(std::move(pattern));
    }
    into.chain.push_back(std::make_shared<Errors>(std::move(patterns)));
    return {};
}

Result<void> setup_log(const Setup& setup, PluginSetup& into) {
    std::vector<LogRule> rules;
    for (const auto& directive : setup.directives) {
        LogRule rule{{"."}, std::string(common_format), 0};
        auto zones = directive.args;
        // The last word with a blank or a brace in it is the format.
        if (!zones.empty() && zones.back().find('{') != std::string::npos) {
            rule.format = replace_all(replace_all(zones.back(), "{combined}", cat(common_format, " {>opcode}")),
                                      "{common}", common_format);
            zones.pop_back();
        }
        if (!zones.empty()) {
            rule.zones.clear();
            for (const auto& zone : zones)
                for (auto& normal : normalised_zones(zone))
                    rule.zones.push_back(std::move(normal));
        }
        for (const auto& property : directive.block) {
            if (property.name != "class" || property.args.empty())
                return setup.argument_error(property);
            for (const auto& word : property.args) {
                const unsigned kind = word == "all"       ? all
                                      : word == "success" ? success
                                      : word == "denial"  ? denial
                                      : word == "error"   ? error
                                                          : 0u;
                if (kind == 0)
                    return plain_error(cat("invalid Class: ", word));
                rule.classes |= kind;
            }
        }
        if (rule.classes == 0)
            rule.classes = all;
        rules.push_back(std::move(rule));
    }
    into.chain.push_back(std::make_shared<Log>(std::move(rules)));
    return {};
}

}  // namespace kubewalk::addons::coredns
