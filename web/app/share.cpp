#include "web/app/share.h"

#include <algorithm>

#include "core/api/json.h"
#include "web/app/scenarios.h"

namespace kubewalk::app {

namespace {

constexpr std::size_t most_bytes = 8000;
constexpr std::size_t most_acts = 400;
// What a stranger's link may cost: the page replays it before it shows anything.
constexpr int most_workers = 12;
constexpr Duration longest = minutes(30);
constexpr std::string_view prefix = "s=";
constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

std::string to_base64(std::string_view data) {
    std::string out;
    std::uint32_t bits = 0;
    int have = 0;
    for (char c : data) {
        bits = (bits << 8) | static_cast<unsigned char>(c);
        have += 8;
        while (have >= 6) {
            have -= 6;
            out.push_back(alphabet[(bits >> have) & 63]);
        }
    }
    if (have > 0) out.push_back(alphabet[(bits << (6 - have)) & 63]);
    return out;
}

std::optional<std::string> from_base64(std::string_view text) {
    std::string out;
    std::uint32_t bits = 0;
    int have = 0;
    for (char c : text) {
        std::size_t value = alphabet.find(c);
        if (value == std::string_view::npos) return std::nullopt;
        bits = (bits << 6) | static_cast<std::uint32_t>(value);
        have += 6;
        if (have >= 8) {
            have -= 8;
            out.push_back(static_cast<char>((bits >> have) & 255));
        }
    }
    return out;
}

}  // namespace

std::string encode_share(const Shared& shared, ShareBound bound) {
    const cluster::Options& options = shared.options;
    api::Value list = api::Value::array();
    for (const ShareAct& act : shared.acts)
        list.push_back(api::Value::array({act.at.ns, static_cast<int>(act.kind), act.text, act.text2}));
    api::Value value = api::Value::object({{"v", 1},
                                           {"scenario", options.scenario},
                                           {"workers", options.workers},
                                           {"cloud", options.cloud},
                                           {"podCIDR", options.pod_network_cidr},
                                           {"serviceCIDR", options.service_cidr},
                                           {"flannel", options.flannel_backend},
                                           {"policies", options.policy_controller},
                                           {"icmp", options.unprivileged_icmp},
                                           {"seed", static_cast<std::int64_t>(options.seed)},
                                           {"lesson", shared.lesson},
                                           {"acts", list}});
    std::string out = std::string(prefix) + to_base64(api::to_json(value));
    return bound == ShareBound::link && out.size() > most_bytes ? std::string() : out;
}

std::optional<Shared> decode_share(std::string_view fragment, ShareBound bound) {
    const bool bounded = bound == ShareBound::link;
    if (!fragment.starts_with(prefix) || (bounded && fragment.size() > most_bytes)) return std::nullopt;
    auto text = from_base64(fragment.substr(prefix.size()));
    if (!text) return std::nullopt;
    auto parsed = api::parse_json(*text);
    if (!parsed.ok() || parsed.value()["v"].as_int() != 1) return std::nullopt;
    const api::Value& value = parsed.value();
    Shared shared;
    shared.options.scenario = "sock-shop";
    for (const Scenario& known : scenarios())
        if (known.id == value["scenario"].as_string()) shared.options.scenario = known.id;
    shared.lesson = value["lesson"].str();
    shared.options.workers = static_cast<int>(std::clamp<std::int64_t>(value["workers"].as_int(2), 1, most_workers));
    shared.options.cloud = value["cloud"].as_bool();
    shared.options.pod_network_cidr = value["podCIDR"].str();  // checked when the cluster is built
    shared.options.service_cidr = value["serviceCIDR"].str();
    if (value["flannel"].as_string() == "host-gw") shared.options.flannel_backend = "host-gw";
    if (value["policies"].as_string() == "none") shared.options.policy_controller = "none";
    shared.options.unprivileged_icmp = value["icmp"].as_bool(true);
    shared.options.seed = static_cast<std::uint64_t>(value["seed"].as_int(1));
    for (const api::Value& item : value["acts"].items()) {
        std::int64_t kind = item[1].as_int(-1);
        if (kind < 0 || kind > static_cast<int>(ShareKind::edited) || (bounded && shared.acts.size() >= most_acts)) return std::nullopt;
        const Time at{item[0].as_int()};
        if (at < Time{} || (bounded && at > Time{} + longest)) return std::nullopt;
        shared.acts.push_back({at, static_cast<ShareKind>(kind), item[2].str(), item[3].str()});
    }
    return shared;
}

}  // namespace kubewalk::app
