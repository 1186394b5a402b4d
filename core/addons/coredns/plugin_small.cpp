// Plugins of a few lines each: whoami, chaos, any, minimal, local, header, and settings that change nothing
// a query could show here (debug, cancel, timeouts, multisocket, root, metadata, nsid, bufsize), bind.
// Upstream: coredns plugin/{whoami,chaos,any,minimal,local,header,bind,...}.

#include <algorithm>

#include "core/addons/coredns/backend.h"
#include "core/addons/coredns/coredns.h"
#include "core/addons/coredns/plugins.h"
#include "core/base/text.h"

namespace kubewalk::addons::coredns {

using net::DnsClass;
using net::DnsCode;
using net::DnsMessage;
using net::DnsRecord;
using net::DnsType;

namespace {

class WhoAmI final : public Handler {
public:
    std::string_view name() const override { return "whoami"; }
    Served serve(Query& query, const DnsMessage& message, const Chain&, std::size_t) const override {
        auto reply = net::dns_reply(message);
        reply.authoritative = true;
        const auto& client = query.peer.client;
        const auto& qname = message.question.name;
        reply.additional.push_back({qname, client.ip.family == net::Family::ipv6 ? DnsType::AAAA : DnsType::A, 0,
                                    client.ip.text()});
        reply.additional.push_back({cat("_", net::protocol_name(query.peer.protocol), qname == "." ? "" : ".", qname),
                                    DnsType::SRV, 0, cat("0 0 ", client.port, " .")});
        return {std::move(reply), DnsCode::noerror, {}, name()};
    }
};

class Chaos final : public Handler {
public:
    Chaos(std::string version, std::vector<std::string> authors)
        : version_(std::move(version)), authors_(std::move(authors)) {}
    std::string_view name() const override { return "chaos"; }
    Served serve(Query& query, const DnsMessage& message, const Chain& chain, std::size_t position) const override {
        const auto& question = message.question;
        const auto qname = to_lower(question.name);
        std::vector<std::string> texts;
        if (qname == "authors.bind.")
            texts = authors_;
        else if (qname == "version.bind." || qname == "version.server.")
            texts = {version_};
        else if (qname == "hostname.bind." || qname == "id.server.")
            texts = {query.host_name};
        if (question.dns_class != DnsClass::CH || question.type != DnsType::TXT || texts.empty())
            return next(query, message, chain, position, name());
        auto reply = net::dns_reply(message);
        for (const auto& text : texts)
            reply.answer.push_back({question.name, DnsType::TXT, 0, quoted(text)});
        return {std::move(reply), DnsCode::noerror, {}, name()};
    }

private:
    std::string version_;
    std::vector<std::string> authors_;
};

class Any final : public Handler {
public:
    std::string_view name() const override { return "any"; }
    Served serve(Query& query, const DnsMessage& message, const Chain& chain, std::size_t position) const override {
        if (message.question.type != DnsType::ANY)
            return next(query, message, chain, position, name());
        auto reply = net::dns_reply(message);
        reply.answer.push_back({message.question.name, DnsType::HINFO, 8482, "\"ANY obsoleted\" \"See RFC 8482\""});
        return {std::move(reply), DnsCode::noerror, {}, name()};
    }
};

class Minimal final : public Handler {
public:
    std::string_view name() const override { return "minimal"; }
    Served serve(Query& query, const DnsMessage& message, const Chain& chain, std::size_t position) const override {
        auto served = next(query, message, chain, position, name());
        if (served.message && served.message->code == DnsCode::noerror && !served.message->answer.empty()) {
            served.message->authority.clear();
            served.message->additional.clear();
        }
        return served;
    }
};

class Local final : public Handler {
public:
    std::string_view name() const override { return "local"; }
    Served serve(Query& query, const DnsMessage& message, const Chain& chain, std::size_t position) const override {
        static constexpr std::string_view apexes[] = {"localhost.", "0.in-addr.arpa.", "127.in-addr.arpa.",
                                                      "255.in-addr.arpa."};
        const auto qname = to_lower(message.question.name);
        const auto type = message.question.type;
        auto reply = net::dns_reply(message);
        const bool below = qname.size() > apexes[0].size() && qname.compare(0, apexes[0].size(), apexes[0]) == 0;
        std::string_view zone;
        for (auto apex : apexes)
            if (net::in_dns_zone(qname, apex))
                zone = apex;
        if (!below && zone.empty())
            return next(query, message, chain, position, name());
        const auto add = [&](DnsType what, std::string data) {
            reply.answer.push_back({message.question.name, what, ttl, std::move(data)});
        };
        const bool is_localhost = below || qname == apexes[0];
        if (is_localhost && type == DnsType::A)
            add(type, "127.0.0.1");
        else if (is_localhost && type == DnsType::AAAA)
            add(type, "::1");
        else if (!below && qname == zone && type == DnsType::NS)
            add(type, "localhost.");
        else if (!below && qname == zone && type == DnsType::SOA)
            reply.answer.push_back(soa(qname));
        else if (qname == "1.0.0.127.in-addr.arpa." && type == DnsType::PTR)
            add(type, "localhost.");
        if (reply.answer.empty()) {
            const bool exists = below || qname == zone || qname == "1.0.0.127.in-addr.arpa.";
            reply.code = exists ? DnsCode::noerror : DnsCode::nxdomain;
            reply.authority.push_back(soa(below ? std::string_view(qname) : zone));
        }
        return {std::move(reply), DnsCode::noerror, {}, name()};
    }

private:
    static constexpr std::uint32_t ttl = 604800;
    static DnsRecord soa(std::string_view origin) {
        return {std::string(origin), DnsType::SOA, ttl, cat("localhost. root.localhost. 1 0 0 0 ", ttl)};
    }
};

class Header final : public Handler {
public:
    struct Rule {
        bool response = true;
        bool set = true;
        bool DnsMessage::* flag = nullptr;
    };
    explicit Header(std::vector<Rule> rules) : rules_(std::move(rules)) {}
    std::string_view name() const override { return "header"; }
    Served serve(Query& query, const DnsMessage& message, const Chain& chain, std::size_t position) const override {
        auto changed = message;
        for (const auto& rule : rules_)
            if (!rule.response)
                changed.*rule.flag = rule.set;
        auto served = next(query, changed, chain, position, name());
        if (served.message)
            for (const auto& rule : rules_)
                if (rule.response)
                    *served.message.*rule.flag = rule.set;
        return served;
    }

private:
    std::vector<Rule> rules_;
};

Result<void> no_arguments(const Setup& setup) {
    if (!setup.only().args.empty())
        return setup.argument_error(setup.only());
    return {};
}

template <typename Plugin>
Result<void> add_plain(const Setup& setup, PluginSetup& into) {
    if (auto fine = no_arguments(setup); !fine)
        return fine;
    into.chain.push_back(std::make_shared<Plugin>());
    return {};
}

}  // namespace

Result<void> setup_whoami(const Setup& setup, PluginSetup& into) { return add_plain<WhoAmI>(setup, into); }
Result<void> setup_any(const Setup& setup, PluginSetup& into) { return add_plain<Any>(setup, into); }
Result<void> setup_minimal(const Setup& setup, PluginSetup& into) { return add_plain<Minimal>(setup, into); }
Result<void> setup_local(const Setup& setup, PluginSetup& into) { return add_plain<Local>(setup, into); }

Result<void> setup_chaos(const Setup& setup, PluginSetup& into) {
    const auto& args = setup.only().args;
    std::vector<std::string> authors(args.begin() + std::min<std::ptrdiff_t>(1, static_cast<std::ptrdiff_t>(args.size())),
                                     args.end());
    std::sort(authors.begin(), authors.end());
    authors.erase(std::unique(authors.begin(), authors.end()), authors.end());
    into.server.chaos = true;
    into.chain.push_back(std::make_shared<Chaos>(args.empty() ? cat("CoreDNS-", coredns_version) : args[0], authors));
    return {};
}

Result<void> setup_header(const Setup& setup, PluginSetup& into) {
    std::vector<Header::Rule> rules;
    for (const auto& directive : setup.directives) {
        for (const auto& property : directive.block) {
            std::vector<std::string> words = {property.name};
            words.insert(words.end(), property.args.begin(), property.args.end());
            Header::Rule rule;
            if (words[0] == "query" || words[0] == "response") {
                rule.response = words[0] == "response";
                words.erase(words.begin());
            }
            if (words.empty() || (words[0] != "set" && words[0] != "clear"))
                return setup.error(property.line, cat("unknown action ", words.empty() ? "" : words[0]));
            if (words.size() < 2)
                return plain_error("invalid length for flags, at least one should be provided");
            rule.set = words[0] == "set";
            for (std::size_t i = 1; i < words.size(); ++i) {
                const auto flag = to_lower(words[i]);
                rule.flag = flag == "aa"   ? &DnsMessage::authoritative
                            : flag == "ra" ? &DnsMessage::recursion_available
                            : flag == "rd" ? &DnsMessage::recursion_desired
                                           : nullptr;
                if (!rule.flag)
                    return plain_error(cat("unknown/unsupported flag ", words[i]));
                rules.push_back(rule);
            }
        }
    }
    into.chain.push_back(std::make_shared<Header>(std::move(rules)));
    return {};
}

Result<void> setup_bind(const Setup& setup, PluginSetup& into) {
    for (const auto& directive : setup.directives) {
        for (const auto& text : directive.args) {
            if (auto ip = net::Ip::parse(text))
                into.server.bind.push_back(*ip);
            else
                return plain_error(cat("not a valid IP address or interface name: ", quoted(text)));
        }
        if (directive.args.empty())
            return plain_error("at least one address or interface name is expected");
    }
    return {};
}

// -- without an effect on queries -------------------------------------------------------------------

Result<void> setup_debug(const Setup& setup, PluginSetup&) { return no_arguments(setup); }
Result<void> setup_metadata(const Setup&, PluginSetup&) { return {}; }
Result<void> setup_nsid(const Setup&, PluginSetup&) { return {}; }
Result<void> setup_root(const Setup&, PluginSetup&) { return {}; }
Result<void> setup_timeouts(const Setup&, PluginSetup&) { return {}; }
Result<void> setup_cancel(const Setup& setup, PluginSetup&) {
    if (!setup.only().args.empty())
        if (auto timeout = duration_of(setup.only().args[0]); !timeout)
            return timeout.error();
    return {};
}
Result<void> setup_multisocket(const Setup& setup, PluginSetup&) {
    if (!setup.only().args.empty())
        if (auto count = number_of(setup.only().args[0]); !count)
            return plain_error(cat("invalid num sockets: ", setup.only().args[0]));
    return {};
}

namespace {

// Bounds the size that a client may ask for.
class BufferSize final : public Handler {
public:
    explicit BufferSize(std::uint16_t size) : size_(size) {}
    std::string_view name() const override { return "bufsize"; }
    Served serve(Query& query, const DnsMessage& message, const Chain& chain, std::size_t position) const override {
        if (!message.edns || message.edns->udp_size <= size_)
            return next(query, message, chain, position, name());
        auto bounded = message;
        bounded.edns->udp_size = size_;
        return next(query, bounded, chain, position, name());
    }

private:
    std::uint16_t size_;
};

}  // namespace

Result<void> setup_bufsize(const Setup& setup, PluginSetup& into) {
    constexpr std::int64_t standard = 1232;
    const auto& args = setup.only().args;
    if (args.size() > 1)
        return setup.argument_error(setup.only());
    const auto size = args.empty() ? standard : parse_int(args[0]).value_or(0);
    if (size < 512 || size > 4096)
        return plain_error("provided argument for bufsize is not in range (512-4096)");
    into.chain.push_back(std::make_shared<BufferSize>(static_cast<std::uint16_t>(size)));
    return {};
}

}  // namespace kubewalk::addons::coredns
