#include "web/app/share.h"

#include <algorithm>
#include <iterator>
#include <span>
#include <utility>

#include "core/api/json.h"
#include "core/base/base64.h"
#include "web/app/scenarios.h"

namespace kubewalk::app {

namespace {

constexpr std::size_t most_bytes = 8000;
constexpr std::size_t most_actions = 400;
// What a stranger's link may cost: the page replays it before it shows anything.
constexpr int most_workers = 12;
constexpr Time last_instant = Time{} + minutes(30);
constexpr std::string_view prefix = "s=";

// Their places are what links hold: new kinds go to the end.
using Kind = cluster::Action::Kind;
constexpr Kind kinds[] = {Kind::command, Kind::interrupt, Kind::apply, Kind::trace, Kind::component, Kind::fault, Kind::type, Kind::end_input, Kind::edited};
// The first format knew fewer, and one terminal only.
constexpr Kind first_kinds[] = {Kind::command, Kind::apply, Kind::trace, Kind::type, Kind::end_input, Kind::edited};

// [at, kind, text, input, terminal], without what is empty at the end.
api::Value packed(const cluster::Action& action) {
    const auto kind = std::find(std::begin(kinds), std::end(kinds), action.kind) - std::begin(kinds);
    api::Value list = api::Value::array({action.at.ns, static_cast<std::int64_t>(kind), action.text});
    if (!action.input.empty() || action.terminal > 0) list.push_back(action.input);
    if (action.terminal > 0) list.push_back(static_cast<std::int64_t>(action.terminal));
    return list;
}

std::optional<cluster::Action> unpacked(const api::Value& list, std::span<const Kind> known) {
    const std::int64_t kind = list[1].as_int(-1);
    const std::int64_t terminal = list[4].as_int();
    if (kind < 0 || kind >= static_cast<std::int64_t>(known.size()) || terminal < 0 ||
        terminal >= static_cast<std::int64_t>(cluster::Session::most_terminals))
        return std::nullopt;
    return cluster::Action{known[static_cast<std::size_t>(kind)], 0, Time{list[0].as_int()}, list[2].str(), list[3].str(),
                           static_cast<std::size_t>(terminal)};
}

cluster::Options options_of(const api::Value& value) {
    cluster::Options options;
    options.scenario = "sock-shop";
    for (const Scenario& known : scenarios())
        if (known.id == value["scenario"].as_string()) options.scenario = known.id;
    options.workers = static_cast<int>(std::clamp<std::int64_t>(value["workers"].as_int(2), 1, most_workers));
    options.cloud = value["cloud"].as_bool();
    options.pod_network_cidr = value["podCIDR"].str();  // checked when the cluster is built
    options.service_cidr = value["serviceCIDR"].str();
    options.cluster_dns = value["clusterDNS"].str();
    if (value["flannel"].as_string() == "host-gw") options.flannel_backend = "host-gw";
    if (value["policies"].as_string() == "none") options.policy_controller = "none";
    options.unprivileged_icmp = value["icmp"].as_bool(true);
    options.seed = static_cast<std::uint64_t>(value["seed"].as_int(1));
    return options;
}

}  // namespace

std::string encode_share(const Shared& shared, ShareBound bound) {
    const bool bounded = bound == ShareBound::link;
    if (bounded && !shared.actions.empty() && shared.actions.back().at > last_instant) return {};
    const cluster::Options& options = shared.options;
    api::Value list = api::Value::array();
    for (const cluster::Action& action : shared.actions)
        list.push_back(packed(action));
    api::Value value = api::Value::object({{"v", 2},
                                           {"scenario", options.scenario},
                                           {"workers", options.workers},
                                           {"cloud", options.cloud},
                                           {"podCIDR", options.pod_network_cidr},
                                           {"serviceCIDR", options.service_cidr},
                                           {"clusterDNS", options.cluster_dns},
                                           {"flannel", options.flannel_backend},
                                           {"policies", options.policy_controller},
                                           {"icmp", options.unprivileged_icmp},
                                           {"seed", static_cast<std::int64_t>(options.seed)},
                                           {"lesson", shared.lesson},
                                           {"acts", list}});
    if (shared.until) value.set("until", bounded ? std::min(*shared.until, last_instant).ns : shared.until->ns);
    std::string out = std::string(prefix) + to_base64(api::to_json(value), Base64::url);
    return bounded && out.size() > most_bytes ? std::string() : out;
}

std::optional<Shared> decode_share(std::string_view fragment, ShareBound bound) {
    const bool bounded = bound == ShareBound::link;
    if (!fragment.starts_with(prefix) || (bounded && fragment.size() > most_bytes)) return std::nullopt;
    auto text = from_base64(fragment.substr(prefix.size()), Base64::url);
    if (!text) return std::nullopt;
    auto parsed = api::parse_json(*text);
    if (!parsed.ok()) return std::nullopt;
    const api::Value& value = parsed.value();
    const std::int64_t version = value["v"].as_int();
    if (version != 1 && version != 2) return std::nullopt;
    const auto fits = [&](Time at) { return at >= Time{} && (!bounded || at <= last_instant); };
    Shared shared;
    if (bounded) shared.limit = last_instant;
    shared.options = options_of(value);
    shared.lesson = value["lesson"].str();
    for (const api::Value& item : value["acts"].items()) {
        auto action = version == 1 ? unpacked(item, first_kinds) : unpacked(item, kinds);
        if (!action || !fits(action->at) || (bounded && shared.actions.size() >= most_actions)) return std::nullopt;
        // The first format kept a request's two ends apart.
        if (version == 1 && action->kind == Kind::trace) action->text += " " + std::exchange(action->input, {});
        shared.actions.push_back(std::move(*action));
    }
    if (value.contains("until")) {
        shared.until = Time{value["until"].as_int()};
        if (!fits(*shared.until)) return std::nullopt;
    }
    return shared;
}

}  // namespace kubewalk::app
