// One request through nginx as ingress-nginx configures it: host, location, redirects, access lists, upstream,
// retries, headers. Upstream: kubernetes/ingress-nginx rootfs/etc/nginx/template/nginx.tmpl,
// rootfs/etc/nginx/lua/lua_ingress.lua; nginx src/http/ngx_http_special_response.c.

#include <algorithm>

#include "core/addons/ingress/controller.h"
#include "core/base/text.h"

namespace kubewalk::addons {

using namespace ingress;

struct IngressNginx::Exchange {
    Exchange(const net::HttpRequest& its_request, const net::Peer& its_peer) : request(its_request), peer(its_peer) {}

    const net::HttpRequest& request;
    const net::Peer& peer;
    const VirtualHost* server = nullptr;
    const Location* location = nullptr;
    std::string path;          // normalized, without query
    std::string query;         // with "?", or empty
    std::string scheme;        // as the upstream is told
    std::string host;          // the Host header, or X-Forwarded-Host where that is believed
    net::Ip client;
    std::string id;            // X-Request-ID
    // For the access log.
    std::string upstream;
    std::string alternative;
    std::string upstream_addresses;
    std::string upstream_status;
    Duration upstream_time{};
    std::size_t upstream_length = 0;
    Duration took{};
};

namespace {

// What nginx's own work costs per request.
constexpr Duration own_time = microseconds(300);
// A request that comes back to this nginx again and again ends by its own time-outs.
constexpr int deepest = 8;
constexpr int most_tries = 3;  // proxy_next_upstream_tries

// src/http/ngx_http_special_response.c; server_tokens is off.
net::HttpResponse page(int status, std::string_view title, std::string_view detail = {}) {
    net::HttpResponse response;
    response.status = status;
    response.headers["content-type"] = "text/html";
    response.body = cat("<html>\r\n<head><title>", title, "</title></head>\r\n<body>\r\n<center><h1>", detail.empty() ? title : "400 Bad Request",
                        "</h1></center>\r\n");
    if (!detail.empty())
        append(response.body, "<center>", detail, "</center>\r\n");
    append(response.body, "<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n");
    return response;
}

net::HttpResponse page_of(int status) {
    struct Title {
        int status;
        std::string_view text;
    };
    // nginx's wording, which is not everywhere that of the RFC.
    static constexpr Title titles[] = {{301, "301 Moved Permanently"}, {302, "302 Found"}, {307, "307 Temporary Redirect"},
                                       {308, "308 Permanent Redirect"}, {403, "403 Forbidden"}, {404, "404 Not Found"},
                                       {502, "502 Bad Gateway"}, {503, "503 Service Temporarily Unavailable"}, {504, "504 Gateway Time-out"}};
    for (const auto& title : titles)
        if (title.status == status)
            return page(status, title.text);
    return page(status, cat(status));
}

net::HttpResponse redirect(int status, std::string location) {
    auto response = page_of(status);
    response.headers["location"] = std::move(location);
    return response;
}

bool within(const std::vector<net::Prefix>& ranges, const net::Ip& ip) {
    return std::any_of(ranges.begin(), ranges.end(), [&ip](const net::Prefix& range) { return range.contains(ip); });
}

// $1, $2, ... of nginx's rewrite; other dollars stay.
std::string expand(std::string_view target, const Regex::Groups& groups) {
    std::string out;
    for (std::size_t i = 0; i < target.size(); ++i) {
        const bool digit = target[i] == '$' && i + 1 < target.size() && target[i + 1] >= '0' && target[i + 1] <= '9';
        if (!digit) {
            out += target[i];
            continue;
        }
        const auto group = static_cast<std::size_t>(target[++i] - '0');
        if (group < groups.size())
            out += groups[group];
    }
    return out;
}

std::string host_without_port(std::string_view host) {
    return std::string(host.starts_with('[') ? host.substr(0, host.find(']') + 1) : host.substr(0, host.find(':')));
}

// resty.cookie's bake
std::string set_cookie(const CookieAffinity& cookie, std::string_view key, const Upstream& upstream, std::string_view location_path, bool https) {
    auto text = cat(cookie.name, "=", key, "|", Balancer::backend_key(upstream));
    if (!cookie.max_age.empty())
        append(text, "; Max-Age=", cookie.max_age);
    if (!cookie.domain.empty())
        append(text, "; Domain=", cookie.domain);
    append(text, "; Path=", cookie.path.empty() ? location_path : std::string_view(cookie.path));
    if (cookie.secure.value_or(https))
        text += "; Secure";
    text += "; HttpOnly";
    if (!cookie.same_site.empty())
        append(text, "; SameSite=", cookie.same_site);
    return text;
}

// "[01/Jan/2026:00:03:12 +0000]"
std::string access_time(Time now) {
    static constexpr std::string_view months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const auto stamp = to_rfc3339(now);
    const auto month = parse_int(std::string_view(stamp).substr(5, 2)).value_or(1);
    return cat("[", stamp.substr(8, 2), "/", months[month - 1], "/", stamp.substr(0, 4), ":", stamp.substr(11, 8), " +0000]");
}

// Seconds with three decimals.
std::string seconds_text(Duration duration) {
    const auto ms = duration.whole_ms();
    const auto rest = ms % 1000;
    return cat(ms / 1000, ".", rest < 100 ? "0" : "", rest < 10 ? "0" : "", rest);
}

std::string header_of(const net::HttpRequest& request, std::string_view name, std::string_view fallback = {}) {
    const auto found = request.headers.find(std::string(name));
    return found == request.headers.end() ? std::string(fallback) : found->second;
}

void add_to(std::string& list, std::string_view piece) { append(list, list.empty() ? "" : ", ", piece); }

}  // namespace

std::optional<net::Certificate> IngressNginx::tls_certificate(std::string_view server_name, const net::Peer& peer) {
    if (peer.local.port != 443)
        return std::nullopt;
    const auto* certificate = certificate_for_name(configuration_->servers, server_name);
    return certificate ? *certificate : fake_certificate();
}

net::HttpResponse IngressNginx::serve_http(const net::HttpRequest& request, const net::Peer& peer) {
    if (peer.local.port == 10254) {
        net::HttpResponse health;
        health.headers["content-type"] = "text/plain; charset=utf-8";
        health.status = request.path == "/healthz" ? 200 : 404;
        health.body = health.status == 200 ? "ok" : "404 page not found\n";
        return health;
    }
    if (peer.local.port == 443 && !peer.tls)
        return page(400, "400 The plain HTTP request was sent to HTTPS port", "The plain HTTP request was sent to HTTPS port");
    if (in_flight_ >= deepest) {
        auto response = page_of(504);
        response.took = configuration_->settings.read_timeout;
        return response;
    }
    ++in_flight_;
    Exchange exchange(request, peer);
    const auto question = request.path.find('?');
    exchange.path = normalize_path(std::string_view(request.path).substr(0, question));
    exchange.query = question == std::string::npos ? std::string() : request.path.substr(question);
    exchange.scheme = peer.tls ? "https" : "http";
    exchange.host = request.host;
    exchange.client = peer.client.ip;
    if (configuration_->settings.use_forwarded_headers) {
        exchange.scheme = header_of(request, "x-forwarded-proto", exchange.scheme);
        exchange.host = header_of(request, "x-forwarded-host", exchange.host);
        const auto sender = header_of(request, "x-forwarded-for");
        if (const auto ip = net::Ip::parse(trim(std::string_view(sender).substr(0, sender.find(',')))))
            exchange.client = *ip;
    }
    constexpr std::string_view digits = "0123456789abcdef";
    exchange.id = header_of(request, "x-request-id");
    for (int i = 0; exchange.id.size() < 32 && i < 32; ++i)
        exchange.id += digits[random_.below(16)];
    exchange.took = own_time;
    auto response = answer(exchange);
    response.took = exchange.took;
    // A certificate of its own is what makes the browser told to stay with HTTPS.
    const auto& settings = configuration_->settings;
    if (peer.tls && settings.hsts && certificate_for_name(configuration_->servers, request.host))
        response.headers["strict-transport-security"] =
            cat("max-age=", settings.hsts_max_age, settings.hsts_include_subdomains ? "; includeSubDomains" : "");
    if (exchange.location && !exchange.location->upstream.empty())
        log_access(exchange, response);
    if (request.method == "HEAD")
        response.body.clear();
    --in_flight_;
    return response;
}

// redirect_to_https of lua_ingress.lua: a certificate has to be configured for the name that was asked for. Every
// host of an Ingress with a tls section has one: a Secret's, or the default one where no entry names the host.
bool IngressNginx::to_https(const Exchange& exchange) const {
    const Annotations& annotations = exchange.location->annotations;
    // no-tls-redirect-locations: certificates are asked for there before there is one.
    if (exchange.location->path.starts_with("/.well-known/acme-challenge"))
        return false;
    return annotations.force_ssl_redirect ||
           (annotations.ssl_redirect && certificate_for_name(configuration_->servers, exchange.request.host));
}

// Everything that ends before an upstream is asked, in nginx's order of phases.
net::HttpResponse IngressNginx::answer(Exchange& exchange) {
    exchange.server = select_server(configuration_->servers, exchange.request.host);
    if (!exchange.server)
        return page_of(404);
    const auto selected = select_location(*exchange.server, exchange.path);
    if (!selected.location)
        return page_of(404);
    exchange.location = selected.location;
    const Location& location = *selected.location;
    const Annotations& annotations = location.annotations;
    const auto own_scheme = exchange.peer.tls ? "https" : "http";
    if (!annotations.app_root.empty() && exchange.path == "/")
        return redirect(302, cat(own_scheme, "://", exchange.request.host, annotations.app_root));
    if (selected.add_slash)
        return redirect(301, cat(own_scheme, "://", host_without_port(exchange.request.host), exchange.path, "/", exchange.query));
    if (!annotations.redirect_url.empty())
        return redirect(annotations.redirect_code, annotations.redirect_url);
    if (exchange.scheme == "http" && to_https(exchange)) {
        std::string uri = exchange.request.path;
        if (!annotations.preserve_trailing_slash && uri.ends_with('/'))
            uri.pop_back();
        return redirect(configuration_->settings.redirect_code, cat("https://", host_without_port(exchange.host), uri));
    }
    if (location.upstream.empty())
        return page_of(404);
    const auto found = configuration_->upstreams.find(location.upstream);
    exchange.upstream = location.upstream;
    if (found == configuration_->upstreams.end() || found->second.endpoints.empty())
        return page_of(503);
    if (within(annotations.denied, exchange.client) || (!annotations.allowed.empty() && !within(annotations.allowed, exchange.client)))
        return page_of(403);
    const Upstream& upstream = balancer_.route(*configuration_, found->second, exchange.request);
    if (&upstream != &found->second)
        exchange.alternative = upstream.name;
    return proxy(exchange, upstream);
}

// rewrite "(?i)PATH" TARGET break;
std::string IngressNginx::rewritten(const Location& location, std::string_view uri) const {
    if (!location.rewrite)
        return std::string(uri);
    const auto groups = location.rewrite->search(uri);
    return groups ? expand(location.annotations.rewrite_target, *groups) : std::string(uri);
}

net::HttpRequest IngressNginx::upstream_request(const Exchange& exchange) const {
    const Annotations& annotations = exchange.location->annotations;
    net::HttpRequest request = exchange.request;
    request.tls.reset();
    if (annotations.https_backend)
        request.tls = "";  // proxy_ssl_server_name is off
    request.path = exchange.location->rewrites() ? cat(rewritten(*exchange.location, exchange.path), exchange.query) : exchange.request.path;
    request.host = annotations.upstream_vhost.empty() ? exchange.request.host : annotations.upstream_vhost;
    const auto client = exchange.client.text();
    auto& headers = request.headers;
    for (const std::string_view name : {"x-forwarded-for", "x-forwarded-host"})
        if (const auto given = headers.find(std::string(name)); given != headers.end())
            headers[cat("x-original-", name.substr(2))] = given->second;
    headers["x-request-id"] = exchange.id;
    headers["x-real-ip"] = client;
    headers["x-forwarded-for"] = client;
    headers["x-forwarded-host"] = exchange.host;
    headers["x-forwarded-port"] = exchange.peer.local.port == 443 ? "443" : "80";
    for (const auto* name : {"x-forwarded-proto", "x-forwarded-scheme", "x-scheme"})
        headers[name] = exchange.scheme;
    if (!annotations.forwarded_prefix.empty() && exchange.location->rewrites())
        headers["x-forwarded-prefix"] = annotations.forwarded_prefix;
    headers.erase("connection");
    headers.erase("proxy");
    return request;
}

// The address to dial; the name of an ExternalName Service is looked up.
std::optional<net::SocketAddress> IngressNginx::address_of(const Endpoint& endpoint, Duration& took) {
    if (const auto ip = net::Ip::parse(endpoint.address))
        return net::SocketAddress{*ip, endpoint.port};
    const auto resolution = net::resolve(*network_, netns_, options_.files, net::Libc::musl, endpoint.address, net::WantFamilies::ipv4_only);
    took = took + resolution.elapsed;
    if (resolution.addresses.empty())
        return std::nullopt;
    return net::SocketAddress{resolution.addresses.front(), endpoint.port};
}

// Connects to one endpoint after the other until one answers (proxy_next_upstream error timeout).
net::HttpResponse IngressNginx::proxy(Exchange& exchange, const Upstream& upstream) {
    const Annotations& annotations = exchange.location->annotations;
    const auto request = upstream_request(exchange);
    const auto configuration = configuration_;  // a request that is under way keeps what it began with
    std::set<std::string> failed;
    int status = 502;
    for (int tries = 0; tries < most_tries; ++tries) {
        const Choice choice = balancer_.choose(upstream, exchange.request, failed, now());
        if (!choice.endpoint)
            return page_of(503);
        if (tries > 0 && failed.count(choice.endpoint->text()) != 0 && !upstream.sticky)
            break;  // no other endpoint is left
        Duration spent{};
        const auto address = address_of(*choice.endpoint, spent);
        if (!address) {
            exchange.took = exchange.took + spent;
            return page_of(503);
        }
        add_to(exchange.upstream_addresses, address->text());
        const auto dialled = network_->connect(netns_, *address, cat(request.method, " ", request.path), annotations.connect_timeout);
        spent = spent + std::min(dialled.connection.elapsed, annotations.connect_timeout);
        if (dialled.outcome == net::Outcome::delivered) {
            auto answered = network_->http(dialled.id, request);
            network_->disconnect(dialled.id);
            const bool late = answered.ok() && answered.value().took > annotations.read_timeout;
            if (answered.ok() && !late && answered.value().status != 0) {
                auto response = answered.take();
                exchange.upstream_time = spent + response.took;
                exchange.took = exchange.took + exchange.upstream_time;
                exchange.upstream_length = response.body.size();
                add_to(exchange.upstream_status, cat(response.status));
                response.certificate.reset();
                response.headers.erase("server");  // more_clear_headers VirtualHost
                const auto& path = exchange.location->path;
                const bool wanted = upstream.cookie_locations.count({exchange.server->host, path}) != 0;
                if (!choice.cookie.empty() && wanted)
                    response.headers["set-cookie"] = set_cookie(upstream.cookie, choice.cookie, upstream, path, exchange.peer.tls);
                return response;
            }
            spent = late ? annotations.read_timeout : spent;
            status = late || (!answered.ok() && answered.error().reason == "Timeout") ? 504 : 502;
        } else {
            status = dialled.outcome == net::Outcome::timeout || dialled.outcome == net::Outcome::dropped ? 504 : 502;
        }
        exchange.took = exchange.took + spent;
        add_to(exchange.upstream_status, cat(status));
        failed.insert(choice.endpoint->text());
    }
    return page_of(status);
}

// $remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer"
// "$http_user_agent" $request_length $request_time [$proxy_upstream_name] [$proxy_alternative_upstream_name]
// $upstream_addr $upstream_response_length $upstream_response_time $upstream_status $req_id
void IngressNginx::log_access(const Exchange& exchange, const net::HttpResponse& response) {
    const auto& request = exchange.request;
    std::size_t length = request.method.size() + request.path.size() + request.host.size() + request.body.size() + 21;
    for (const auto& [name, value] : request.headers)
        length += name.size() + value.size() + 4;
    const auto or_dash = [](const std::string& text) { return text.empty() ? std::string("-") : text; };
    const bool asked = !exchange.upstream_addresses.empty();
    write(cat(exchange.client.text(), " - - ", access_time(now()), " \"", request.method, " ", request.path, " HTTP/1.1\" ", response.status, " ",
              response.body.size(), " \"", header_of(request, "referer", "-"), "\" \"", header_of(request, "user-agent", "-"), "\" ", length, " ",
              seconds_text(exchange.took), " [", or_dash(exchange.upstream), "] [", exchange.alternative, "] ",
              or_dash(exchange.upstream_addresses), " ", asked ? cat(exchange.upstream_length) : "-", " ",
              asked ? seconds_text(exchange.upstream_time) : "-", " ", or_dash(exchange.upstream_status), " ", exchange.id));
}

}  // namespace kubewalk::addons
