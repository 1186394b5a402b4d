// loop: notices when forwarding leads back here. Upstream: coredns plugin/loop.

#include "core/addons/coredns/plugins.h"
#include "core/base/text.h"

namespace kubewalk::addons::coredns {

using net::DnsMessage;
using net::DnsType;

namespace {

class Loop final : public Handler {
public:
    explicit Loop(std::string zone, std::uint16_t port) : zone_(std::move(zone)), port_(port) {}
    std::string_view name() const override { return "loop"; }

    Served serve(Query& query, const DnsMessage& message, const Chain& chain, std::size_t position) const override {
        constexpr int tolerated = 2;
        auto& state = query.state;
        if (message.question.type == DnsType::HINFO && !state.loop_name.empty() &&
            net::same_dns_name(message.question.name, state.loop_name) && ++state.loops_seen > tolerated)
            state.fatal = cat("[FATAL] plugin/loop: Loop (", query.peer.client.text(), " -> :", port_,
                              ") detected for zone ", quoted(zone_),
                              ", see https://coredns.io/plugins/loop#troubleshooting. Query: \"HINFO ",
                              state.loop_name, "\"");
        if (!state.fatal.empty())
            return Served::failure({});
        return next(query, message, chain, position, name());
    }

private:
    std::string zone_;
    std::uint16_t port_;
};

}  // namespace

Result<void> setup_loop(const Setup& setup, PluginSetup& into) {
    if (setup.directives.size() > 1)
        return plain_error("this plugin can only be used once per Server Block");
    if (!setup.directives.front().args.empty())
        return setup.argument_error(setup.directives.front());
    into.settings().loop = true;
    into.chain.push_back(std::make_shared<Loop>(setup.zones.empty() ? "." : setup.zones.front(), setup.port));
    return {};
}

}  // namespace kubewalk::addons::coredns
