// loop: notices when forwarding leads back here. Upstream: coredns plugin/loop.

#include "core/addons/coredns/plugins.h"
#include "core/base/text.h"

namespace kubewalk::addons::coredns {

using net::DnsMessage;
using net::DnsType;

namespace {

class Loop final : public Handler {
public:
    Loop(std::string zone, std::uint16_t port, int instance) : zone_(std::move(zone)), port_(port), instance_(instance) {}
    std::string_view name() const override { return "loop"; }

    Served serve(Query& query, const DnsMessage& message, const Chain& chain, std::size_t position) const override {
        constexpr int tolerated = 2;
        auto& state = query.state;
        const auto watch = state.loops.find(instance_);
        if (message.question.type == DnsType::HINFO && watch != state.loops.end() &&
            net::same_dns_name(message.question.name, watch->second.name) && ++watch->second.seen > tolerated)
            state.fatal = cat("[FATAL] plugin/loop: Loop (", query.peer.client.text(), " -> :", port_,
                              ") detected for zone ", quoted(zone_),
                              ", see https://coredns.io/plugins/loop#troubleshooting. Query: \"HINFO ",
                              watch->second.name, "\"");
        if (!state.fatal.empty())
            return Served::failure({});
        return next(query, message, chain, position, name());
    }

private:
    std::string zone_;
    std::uint16_t port_;
    int instance_;
};

}  // namespace

Result<void> setup_loop(const Setup& setup, PluginSetup& into) {
    if (setup.directives.size() > 1)
        return plain_error("this plugin can only be used once per Server Block");
    if (!setup.directives.front().args.empty())
        return setup.argument_error(setup.directives.front());
    into.settings().loop = true;
    into.chain.push_back(std::make_shared<Loop>(setup.zones.empty() ? "." : setup.zones.front(), setup.port, setup.instance));
    return {};
}

}  // namespace kubewalk::addons::coredns
