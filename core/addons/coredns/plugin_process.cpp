// Plugins that configure the process: reload, ready, health, prometheus.
// Upstream: coredns plugin/{reload,ready,health,metrics}/setup.go.

#include <algorithm>

#include "core/addons/coredns/plugins.h"
#include "core/base/text.h"

namespace kubewalk::addons::coredns {

namespace {

// ":8080", "0.0.0.0:8080", "localhost:8080".
std::optional<net::SocketAddress> address_of(std::string_view text) {
    const auto colon = text.rfind(':');
    auto number = colon == std::string_view::npos ? std::nullopt : parse_int(text.substr(colon + 1));
    if (!number || *number < 1 || *number > 65535)
        return std::nullopt;
    const auto host = text.substr(0, colon);
    const auto ip = host == "localhost" ? net::Ip::v4(127, 0, 0, 1) : net::Ip::parse(host).value_or(net::Ip{});
    return net::SocketAddress{ip, static_cast<std::uint16_t>(*number)};
}

Result<net::SocketAddress> address_argument(const Setup& setup, std::uint16_t fallback) {
    const auto& directive = setup.directives.front();
    if (directive.args.size() > 1)
        return setup.argument_error(directive);
    if (directive.args.empty())
        return net::SocketAddress{{}, fallback};
    if (auto address = address_of(directive.args[0]))
        return *address;
    return plain_error(cat("address ", directive.args[0], ": missing port in address"));
}

}  // namespace

Result<void> setup_reload(const Setup& setup, PluginSetup& into) {
    const auto& args = setup.only().args;
    if (args.size() > 2)
        return setup.argument_error(setup.only());
    auto& settings = into.settings();
    settings.reload = true;
    if (!args.empty()) {
        KUBEWALK_TRY(interval, duration_of(args[0]));
        if (interval < seconds(2))
            return plain_error("interval value must be greater or equal to 2s");
        settings.reload_interval = interval;
    }
    if (args.size() > 1) {
        KUBEWALK_TRY(jitter, duration_of(args[1]));
        if (jitter < seconds(1) && jitter != Duration{})
            return plain_error("jitter value must be greater or equal to 1s");
        settings.reload_jitter = jitter;
    }
    settings.reload_jitter = std::min(settings.reload_jitter, Duration{settings.reload_interval.ns / 2});
    return {};
}

Result<void> setup_ready(const Setup& setup, PluginSetup& into) {
    KUBEWALK_TRY(address, address_argument(setup, 8181));
    into.settings().ready = address;
    return {};
}

Result<void> setup_health(const Setup& setup, PluginSetup& into) {
    KUBEWALK_TRY(address, address_argument(setup, 8080));
    for (const auto& property : setup.only().block) {
        if (property.name != "lameduck")
            return setup.argument_error(property);
        if (property.args.size() != 1)
            return setup.argument_error(property);
        const auto lameduck = parse_go_duration(property.args[0]);
        if (!lameduck)
            return plain_error(
                cat("invalid lameduck duration: ", quoted(property.args[0]), ": ", duration_of(property.args[0]).error().message));
        into.settings().lameduck = *lameduck;
    }
    into.settings().health = address;
    return {};
}

Result<void> setup_prometheus(const Setup& setup, PluginSetup& into) {
    KUBEWALK_TRY(address, address_argument(setup, 9153));
    auto& settings = into.settings();
    settings.metrics = address;
    for (const auto& zone : setup.zones)
        if (std::find(settings.metric_zones.begin(), settings.metric_zones.end(), zone) == settings.metric_zones.end())
            settings.metric_zones.push_back(zone);
    return {};
}

}  // namespace kubewalk::addons::coredns
