#include "core/addons/ingress/annotations.h"

#include "core/base/text.h"

namespace kubewalk::addons::ingress {

namespace {

using api::Value;

constexpr std::string_view prefix = "nginx.ingress.kubernetes.io/";

class Reader {
public:
    explicit Reader(const Value& annotations) : annotations_(annotations) {}

    std::string text(std::string_view name) const { return annotations_[cat(prefix, name)].str(); }
    bool flag(std::string_view name, bool fallback) const { return flag_of(text(name), fallback); }
    std::int64_t number(std::string_view name, std::int64_t fallback) const { return parse_int(text(name)).value_or(fallback); }

    // strconv.ParseBool
    static bool flag_of(std::string_view text, bool fallback) {
        for (const std::string_view word : {"1", "t", "T", "true", "TRUE", "True"})
            if (text == word)
                return true;
        for (const std::string_view word : {"0", "f", "F", "false", "FALSE", "False"})
            if (text == word)
                return false;
        return fallback;
    }

private:
    const Value& annotations_;
};

// "10.0.0.0/8, 192.168.122.1". A word that is neither range nor address spoils the list.
std::vector<net::Prefix> ranges(std::string_view text) {
    std::vector<net::Prefix> list;
    for (const auto piece : split(text, ',')) {
        const auto word = trim(piece);
        if (word.empty())
            continue;
        const auto range = net::Prefix::parse(word);
        if (!range)
            return {};
        list.push_back(*range);
    }
    return list;
}

Duration timeout_of(const Reader& read, std::string_view name, Duration fallback) {
    const auto given = read.number(name, 0);
    return given > 0 ? seconds(given) : fallback;
}

CookieAffinity cookie_from(const Reader& read) {
    CookieAffinity cookie;
    if (auto name = read.text("session-cookie-name"); !name.empty())
        cookie.name = std::move(name);
    cookie.path = read.text("session-cookie-path");
    cookie.domain = read.text("session-cookie-domain");
    cookie.same_site = read.text("session-cookie-samesite");
    if (const auto age = read.text("session-cookie-max-age"); parse_int(age))
        cookie.max_age = age;
    if (const auto secure = read.text("session-cookie-secure"); !secure.empty())
        cookie.secure = Reader::flag_of(secure, false);
    cookie.change_on_failure = read.flag("session-cookie-change-on-failure", false);
    return cookie;
}

Canary canary_from(const Reader& read) {
    Canary canary;
    canary.enabled = read.flag("canary", false);
    canary.header = to_lower(read.text("canary-by-header"));
    canary.header_value = read.text("canary-by-header-value");
    canary.header_pattern = read.text("canary-by-header-pattern");
    canary.cookie = read.text("canary-by-cookie");
    canary.weight = static_cast<int>(read.number("canary-weight", 0));
    canary.weight_total = static_cast<int>(read.number("canary-weight-total", 100));
    return canary;
}

}  // namespace

Settings settings_from(const Value& config_map) {
    Settings settings;
    const Value& data = config_map["data"];
    const auto flag = [&data](std::string_view key, bool fallback) { return Reader::flag_of(data[key].as_string(), fallback); };
    settings.ssl_redirect = flag("ssl-redirect", settings.ssl_redirect);
    settings.use_forwarded_headers = flag("use-forwarded-headers", settings.use_forwarded_headers);
    settings.hsts = flag("hsts", settings.hsts);
    settings.hsts_include_subdomains = flag("hsts-include-subdomains", settings.hsts_include_subdomains);
    settings.hsts_max_age = data["hsts-max-age"].str(settings.hsts_max_age);
    settings.allowed = ranges(data["whitelist-source-range"].as_string());
    if (const auto code = parse_int(data["http-redirect-code"].as_string()).value_or(0); code == 301 || code == 302 || code == 307)
        settings.redirect_code = static_cast<int>(code);
    if (const auto wait = parse_int(data["proxy-connect-timeout"].as_string()).value_or(0); wait > 0)
        settings.connect_timeout = seconds(wait);
    if (const auto wait = parse_int(data["proxy-read-timeout"].as_string()).value_or(0); wait > 0)
        settings.read_timeout = seconds(wait);
    return settings;
}

Annotations annotations_from(const Value& ingress, const Settings& settings) {
    const Reader read(ingress["metadata"]["annotations"]);
    Annotations out;
    out.rewrite_target = read.text("rewrite-target");
    out.use_regex = read.flag("use-regex", false);
    out.app_root = read.text("app-root");
    out.ssl_redirect = read.flag("ssl-redirect", settings.ssl_redirect);
    out.force_ssl_redirect = read.flag("force-ssl-redirect", false);
    out.preserve_trailing_slash = read.flag("preserve-trailing-slash", false);
    // A temporal redirect counts before a permanent one.
    if (out.redirect_url = read.text("temporal-redirect"); !out.redirect_url.empty()) {
        out.redirect_code = static_cast<int>(read.number("temporal-redirect-code", 302));
    } else if (out.redirect_url = read.text("permanent-redirect"); !out.redirect_url.empty()) {
        out.redirect_code = static_cast<int>(read.number("permanent-redirect-code", 301));
    }
    out.allowed = ranges(read.text("whitelist-source-range"));
    if (out.allowed.empty())
        out.allowed = ranges(read.text("allowlist-source-range"));
    if (out.allowed.empty())
        out.allowed = settings.allowed;
    out.denied = ranges(read.text("denylist-source-range"));
    out.https_backend = to_lower(read.text("backend-protocol")) == "https";
    out.service_upstream = read.flag("service-upstream", false);
    out.upstream_vhost = read.text("upstream-vhost");
    out.forwarded_prefix = read.text("x-forwarded-prefix");
    out.connect_timeout = timeout_of(read, "proxy-connect-timeout", settings.connect_timeout);
    out.read_timeout = timeout_of(read, "proxy-read-timeout", settings.read_timeout);
    out.sticky = read.text("affinity") == "cookie";
    out.cookie = cookie_from(read);
    out.canary = canary_from(read);
    return out;
}

}  // namespace kubewalk::addons::ingress
