// errors and log: what CoreDNS writes about queries. Upstream: coredns plugin/{errors,log}.

#include <cstdio>

#include "core/addons/coredns/backend.h"
#include "core/addons/coredns/plugins.h"
#include "core/base/text.h"

namespace kubewalk::addons::coredns {

using net::DnsCode;
using net::DnsMessage;

namespace {

class Errors final : public Handler {
public:
    std::string_view name() const override { return "errors"; }
    Served serve(Query& query, const DnsMessage& message, const Chain& chain, std::size_t position) const override {
        auto served = next(query, message, chain, position, name());
        if (!served.error.empty())
            query.state.log.push_back(cat("[ERROR] plugin/errors: ", static_cast<int>(served.code), " ",
                                          to_lower(message.question.name), " ",
                                          net::dns_type_name(message.question.type), ": ", served.error));
        return served;
    }
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

class Log final : public Handler {
public:
    Log(std::vector<std::string> zones, unsigned classes) : zones_(std::move(zones)), classes_(classes) {}
    std::string_view name() const override { return "log"; }

    Served serve(Query& query, const DnsMessage& message, const Chain& chain, std::size_t position) const override {
        const auto before = query.elapsed;
        auto served = next(query, message, chain, position, name());
        if (matching_zone(zones_, to_lower(message.question.name)).empty())
            return served;
        const auto reply = served.message ? *served.message : net::dns_reply(message, served.code);
        const bool empty = reply.code == DnsCode::noerror && reply.answer.empty();
        const unsigned kind = reply.code == DnsCode::nxdomain || empty  ? denial
                              : reply.code == DnsCode::noerror          ? success
                                                                        : error;
        if ((classes_ & kind) == 0)
            return served;
        char took[32];
        std::snprintf(took, sizeof took, "%.9fs", (query.elapsed - before).seconds());
        const auto client = query.peer.client.ip.family == net::Family::ipv6
                                ? cat("[", query.peer.client.ip.text(), "]")
                                : query.peer.client.ip.text();
        query.state.log.push_back(cat("[INFO] ", client, ":", query.peer.client.port, " - ", message.id, " \"",
                                      net::dns_type_name(message.question.type), " IN ",
                                      to_lower(message.question.name), " udp ", net::wire_size(message),
                                      " false 512\" ", net::dns_code_name(reply.code), " ", flags_of(reply), " ",
                                      net::wire_size(reply), " ", std::string_view(took)));
        return served;
    }

private:
    std::vector<std::string> zones_;
    unsigned classes_;
};

}  // namespace

Result<void> setup_errors(const Setup& setup, PluginSetup& into) {
    if (!setup.directives.front().args.empty() && setup.directives.front().args != std::vector<std::string>{"stdout"})
        return setup.argument_error(setup.directives.front());
    into.chain.push_back(std::make_shared<Errors>());
    return {};
}

Result<void> setup_log(const Setup& setup, PluginSetup& into) {
    for (const auto& directive : setup.directives) {
        unsigned classes = 0;
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
                classes |= kind;
            }
        }
        std::vector<std::string> zones = {"."};
        if (!directive.args.empty())
            zones = normalised_zones(directive.args[0]);
        into.chain.push_back(std::make_shared<Log>(zones, classes == 0 ? static_cast<unsigned>(all) : classes));
    }
    return {};
}

}  // namespace kubewalk::addons::coredns
