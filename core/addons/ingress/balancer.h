#pragma once
// Which endpoint of an upstream gets the request: in turn, by the session cookie, or of the canary.
// Upstream: kubernetes/ingress-nginx rootfs/etc/nginx/lua/balancer.lua, balancer/{round_robin,sticky,
// sticky_balanced}.lua.

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/addons/ingress/configuration.h"
#include "core/base/random.h"

namespace kubewalk::addons::ingress {

// The value of one cookie of a Cookie header; nothing when it is not there.
std::optional<std::string> cookie_value(std::string_view header, std::string_view name);

struct Choice {
    const Endpoint* endpoint = nullptr;
    std::string cookie;  // the key to be handed to the client; empty: none is set
};

// A value type: it belongs to a checkpoint.
class Balancer {
public:
    explicit Balancer(Random random) : random_(random) {}

    // The upstream itself or its canary, whichever the request is for.
    const Upstream& route(const Configuration& configuration, const Upstream& upstream, const net::HttpRequest& request);
    // An endpoint that is not among those that failed before (unless there is no other).
    Choice choose(const Upstream& upstream, const net::HttpRequest& request, const std::set<std::string>& failed, Time now);

    // What marks a session cookie as this upstream's.
    static std::string backend_key(const Upstream& upstream);

private:
    Random random_;
    std::map<std::string, std::size_t, std::less<>> turns_;
};

}  // namespace kubewalk::addons::ingress
