#pragma once
// What an Ingress asks of ingress-nginx beyond its spec: annotations nginx.ingress.kubernetes.io/..., and the
// ConfigMap's settings that give their defaults. What is not listed here is ignored (simplifications.json:
// "ingress-nginx-annotations"). Upstream: kubernetes/ingress-nginx internal/ingress/annotations,
// internal/ingress/controller/config/config.go.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/api/value.h"
#include "core/base/time.h"
#include "core/net/address.h"

namespace kubewalk::addons::ingress {

// The ConfigMap that --configmap names.
struct Settings {
    bool ssl_redirect = true;
    bool use_forwarded_headers = false;
    bool hsts = true;
    bool hsts_include_subdomains = true;
    std::string hsts_max_age = "31536000";
    int redirect_code = 308;
    std::vector<net::Prefix> allowed;  // whitelist-source-range
    Duration connect_timeout = seconds(5);
    Duration read_timeout = seconds(60);
};
Settings settings_from(const api::Value& config_map);

struct CookieAffinity {
    std::string name = "INGRESSCOOKIE";
    std::string path;  // empty: that of the rule
    std::string domain;
    std::string max_age;
    std::string same_site;
    std::optional<bool> secure;  // unset: as the request came
    bool change_on_failure = false;
};

struct Canary {
    bool enabled = false;
    std::string header;
    std::string header_value;
    std::string header_pattern;
    std::string cookie;
    int weight = 0;
    int weight_total = 100;
};

struct Annotations {
    std::string rewrite_target;
    bool use_regex = false;
    std::string app_root;
    bool ssl_redirect = true;
    bool force_ssl_redirect = false;
    bool preserve_trailing_slash = false;
    std::string redirect_url;  // permanent-redirect or temporal-redirect
    int redirect_code = 0;
    std::vector<net::Prefix> allowed;
    std::vector<net::Prefix> denied;
    bool https_backend = false;
    bool service_upstream = false;
    std::string upstream_vhost;
    std::string forwarded_prefix;
    Duration connect_timeout;
    Duration read_timeout;
    bool sticky = false;
    CookieAffinity cookie;
    Canary canary;
};

Annotations annotations_from(const api::Value& ingress, const Settings& settings);

}  // namespace kubewalk::addons::ingress
