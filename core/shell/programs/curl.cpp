// curl. Upstream: curl 8 src/tool_*.c, lib/{connect,hostip,http}.c; exit codes as in its manual.

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "core/net/x509.h"
#include "core/shell/access.h"
#include "core/shell/programs.h"
#include "core/shell/programs/http.h"

namespace kubewalk::shell {

namespace {

constexpr std::string_view curl_flags =
    "s silent=s S show-error=S v verbose=v i include=i I head=I k insecure=k L location=L f fail=f g globoff=g "
    "4 ipv4=4 6 ipv6=6 N no-buffer=N compressed=compressed http1.1=http1.1";
constexpr std::string_view curl_values =
    "o output=o w write-out=w H header=H X request=X d data=d data-raw=d m max-time=m connect-timeout=connect-timeout "
    "resolve=resolve cacert=cacert A user-agent=A b cookie=b u user=u e referer=e retry=retry max-redirs=max-redirs";

constexpr std::string_view version = "8.5.0";

Duration limit_of(std::string_view text, Duration fallback) {
    if (text.empty())
        return fallback;
    auto duration = parse_go_duration(std::string(text) + "s");
    return duration && duration->ns > 0 ? *duration : fallback;
}

std::string decimal(Duration duration) {
    char buffer[32];
    std::snprintf(buffer, sizeof buffer, "%.6f", duration.seconds());
    return buffer;
}

// "content-type" as servers usually spell it.
std::string header_case(std::string_view name) {
    std::string out(name);
    bool upper = true;
    for (auto& c : out) {
        if (upper && c >= 'a' && c <= 'z')
            c = static_cast<char>(c - 'a' + 'A');
        upper = c == '-';
    }
    return out;
}

std::string head_of(const net::HttpResponse& response) {
    auto head = cat("HTTP/1.1 ", response.status, " ", net::http_reason(response.status), "\r\n");
    for (const auto& [name, value] : response.headers)
        append(head, header_case(name), ": ", value, "\r\n");
    if (response.headers.count("content-length") == 0)
        append(head, "Content-Length: ", response.body.size(), "\r\n");
    return head + "\r\n";
}

class Curl {
public:
    explicit Curl(Process& process)
        : process_(process), options_(parse_options(process.args, curl_flags, curl_values)) {}

    int run() {
        if (!options_.unknown.empty())
            return process_.fail(2, "curl: option ", options_.unknown,
                                 ": is unknown\ncurl: try 'curl --help' or 'curl --manual' for more information\n");
        if (options_.operands.empty())
            return process_.fail(
                2, "curl: (2) no URL specified\ncurl: try 'curl --help' or 'curl --manual' for more information\n");
        int exit = 0;
        for (const auto& operand : options_.operands)
            exit = transfer(operand);
        return exit;
    }

private:
    template <typename... Pieces>
    int error(int code, const Pieces&... pieces) {
        if (!options_.has("s") || options_.has("S"))
            process_.fail(0, "curl: (", code, ") ", pieces..., "\n");
        return code;
    }
    template <typename... Pieces>
    void info(const Pieces&... pieces) {
        if (options_.has("v"))
            process_.fail(0, "* ", pieces..., "\n");
    }

    // What the lookup found of that family, as curl prints it.
    std::string addresses(net::Family family) const {
        std::string out;
        for (const auto& address : fetched_.resolution.addresses)
            if (address.family == family)
                append(out, out.empty() ? "" : ", ", address.text());
        return out.empty() ? std::string("(none)") : out;
    }

    net::HttpRequest request(const Url& url) const {
        net::HttpRequest request;
        request.method = options_.has("I") ? "HEAD" : options_.has("d") ? "POST" : "GET";
        request.method = options_.value("X", request.method);
        request.host = host_header(url);
        request.path = url.path;
        request.headers["user-agent"] = options_.value("A", cat("curl/", version));
        request.headers["accept"] = "*/*";
        for (const auto& option : options_.options) {
            if (option.name == "d")
                append(request.body, request.body.empty() ? "" : "&", option.value);
            if (option.name == "b")
                request.headers["cookie"] = option.value;
            if (option.name != "H")
                continue;
            const auto colon = option.value.find(':');
            if (colon == std::string::npos)
                continue;
            const auto name = to_lower(option.value.substr(0, colon));
            const auto value = std::string(trim(option.value.substr(colon + 1)));
            if (name == "host")
                request.host = value;
            else if (value.empty())
                request.headers.erase(name);
            else
                request.headers[name] = value;
        }
        if (options_.has("d")) {
            request.headers["content-length"] = cat(request.body.size());
            request.headers.emplace("content-type", "application/x-www-form-urlencoded");
        }
        return request;
    }

    // --resolve HOST:PORT:ADDRESS
    std::optional<net::Ip> resolved(const Url& url) const {
        for (const auto& option : options_.options) {
            const auto prefix = cat(url.host, ":", url.port, ":");
            if (option.name == "resolve" && option.value.compare(0, prefix.size(), prefix) == 0)
                return net::Ip::parse(option.value.substr(prefix.size()));
        }
        return std::nullopt;
    }

    int transfer(const std::string& operand) {
        auto url = parse_url(operand, "http");
        if (!url || url->host.empty())
            return error(3, "URL using bad/illegal format or missing URL");
        if (url->scheme != "http" && url->scheme != "https")
            return error(1, "Protocol \"", url->scheme, "\" not supported or disabled in libcurl");
        constexpr int most_redirects = 50;
        net::HttpRequest sent = request(*url);
        int exit = 0;
        for (int redirects = 0;; ++redirects) {
            exit = one(*url, sent);
            const auto location = fetched_.response.headers.find("location");
            const bool moved = exit == 0 && options_.has("L") && fetched_.response.status / 100 == 3 &&
                               location != fetched_.response.headers.end();
            if (!moved)
                break;
            if (redirects == most_redirects)
                return error(47, "Maximum (50) redirects followed");
            const auto target = location->second;
            if (target[0] == '/') {
                url->path = target;
            } else if (auto next = parse_url(target, "http")) {
                url = next;
            }
            sent.host = host_header(*url);
            sent.path = url->path;
        }
        if (options_.has("w"))
            write_out(*url);
        return exit;
    }

    int one(const Url& url, const net::HttpRequest& sent) {
        const auto begin = process_.elapsed;
        const auto whole = limit_of(options_.value("m"), hours(24));
        const auto connect_limit =
            std::min(whole, limit_of(options_.value("connect-timeout"), std::min(net::syn_give_up, seconds(300))));
        net::HttpRequest inside = sent;
        if (url.scheme == "https")
            inside.tls = net::Ip::parse(url.host) ? std::string() : url.host;  // an address is never sent as a server name
        fetched_ = fetch(process_, {url.host, url.port, resolved(url)}, inside, connect_limit,
                         options_.has("4")   ? net::WantFamilies::ipv4_only
                         : options_.has("6") ? net::WantFamilies::ipv6_only
                                             : net::WantFamilies::both,
                         [&](const net::Certificate& certificate) { return distrust(certificate, url); });
        total_ = process_.elapsed - begin;
        if (total_ > whole)
            process_.elapsed = begin + whole;
        if (fetched_.error == FetchError::name) {
            if (total_ > whole)
                return error(28, "Resolving timed out after ", whole.whole_ms(), " milliseconds");
            info("Could not resolve host: ", url.host);
            info("Closing connection");
            return error(6, "Could not resolve host: ", url.host);
        }
        if (!net::Ip::parse(url.host)) {
            info("Host ", url.host, ":", url.port, " was resolved.");
            info("IPv6: ", addresses(net::Family::ipv6));
            info("IPv4: ", addresses(net::Family::ipv4));
        }
        info("  Trying ", net::SocketAddress{fetched_.address, url.port}.text(), "...");
        if (fetched_.error == FetchError::connect)
            return connect_failed(url, connect_limit);
        info("Connected to ", url.host, " (", fetched_.address.text(), ") port ", url.port);
        if (fetched_.error == FetchError::tls)
            return error(35, "OpenSSL/3.0.13: error:0A00010B:SSL routines::", fetched_.reason);
        if (fetched_.certificate)
            show_certificate(*fetched_.certificate);
        if (fetched_.error == FetchError::certificate)
            return not_trusted();
        if (options_.has("v")) {
            process_.fail(0, "> ", sent.method, " ", sent.path, " HTTP/1.1\n> Host: ", sent.host, "\n");
            // curl's own headers stand before those that were asked for.
            constexpr std::array<std::string_view, 2> own = {"user-agent", "accept"};
            for (const auto name : own)
                if (const auto found = sent.headers.find(std::string(name)); found != sent.headers.end())
                    process_.fail(0, "> ", header_case(name), ": ", found->second, "\n");
            for (const auto& [name, value] : sent.headers)
                if (std::find(own.begin(), own.end(), name) == own.end())
                    process_.fail(0, "> ", header_case(name), ": ", value, "\n");
            process_.fail(0, "> \n");
        }
        if (fetched_.error == FetchError::exchange || total_ > whole) {
            if (fetched_.timed_out || total_ > whole)
                return error(28, "Operation timed out after ", whole.whole_ms(),
                             " milliseconds with 0 bytes received");
            return error(56, "Recv failure: Connection reset by peer");
        }
        if (fetched_.response.status == 0 && fetched_.response.body.empty())
            return error(52, "Empty reply from server");
        return show(url);
    }

    // Why curl would not go on: nobody on this network is a public authority, so only --cacert makes one.
    std::string distrust(const net::Certificate& certificate, const Url& url) const {
        if (options_.has("k"))
            return {};
        const auto* file = options_.has("cacert") ? process_.file(options_.value("cacert")) : nullptr;
        const auto authority = file ? net::read_certificate(*file) : std::nullopt;
        if (!authority || authority->subject != certificate.issuer)
            return certificate.issuer == certificate.subject ? "SSL certificate problem: self-signed certificate"
                                                             : "SSL certificate problem: unable to get local issuer certificate";
        if (!net::certificate_fits(certificate, url.host))
            return cat("SSL: no alternative certificate subject name matches target host name '", url.host, "'");
        return {};
    }

    void show_certificate(const net::Certificate& certificate) {
        info("SSL connection using TLSv1.3 / TLS_AES_256_GCM_SHA384 / X25519 / RSASSA-PSS");
        info("Server certificate:");
        info(" subject: CN=", certificate.subject);
        info(" issuer: CN=", certificate.issuer);
        if (options_.has("k"))
            info(" SSL certificate verify result: ", certificate.issuer == certificate.subject ? "self-signed certificate (18)" : "unable to get local issuer certificate (20)",
                 ", continuing anyway.");
    }

    int not_trusted() {
        const int code = error(60, fetched_.reason);
        if (!options_.has("s") || options_.has("S"))
            process_.fail(0, "More details here: https://curl.se/docs/sslcerts.html\n\n"
                             "curl failed to verify the legitimacy of the server and therefore could not\n"
                             "establish a secure connection to it. To learn more about this situation and\n"
                             "how to fix it, please visit the web page mentioned above.\n");
        return code;
    }

    int connect_failed(const Url& url, Duration connect_limit) {
        const auto taken = total_.whole_ms();
        if (fetched_.timed_out && (options_.has("m") || options_.has("connect-timeout")) &&
            connect_limit < net::syn_give_up)
            return error(28, "Connection timed out after ", taken, " milliseconds");
        if (fetched_.timed_out)
            return error(28, "Failed to connect to ", url.host, " port ", url.port, " after ", taken,
                         " ms: Couldn't connect to server");
        info("connect to ", fetched_.address.text(), " port ", url.port, " failed: ", fetched_.reason);
        info("Failed to connect to ", url.host, " port ", url.port, " after ", taken,
             " ms: Couldn't connect to server");
        info("Closing connection");
        return error(7, "Failed to connect to ", url.host, " port ", url.port, " after ", taken,
                     " ms: Couldn't connect to server");
    }

    int show(const Url& url) {
        const auto& response = fetched_.response;
        if (options_.has("v")) {
            const auto head = head_of(response);  // ends with an empty line
            for (auto line : split(std::string_view(head).substr(0, head.size() - 1), '\n'))
                process_.fail(0, "< ", trim(line), "\n");
            info("Connection #0 to host ", url.host, " left intact");
        }
        if (options_.has("f") && response.status >= 400)
            return error(22, "The requested URL returned error: ", response.status);
        std::string shown;
        if (options_.has("i") || options_.has("I"))
            shown = head_of(response);
        if (!options_.has("I"))
            shown += response.body;
        const auto file = options_.value("o", "-");
        if (file == "-")
            process_.print(shown);
        else if (file != "/dev/null") {
            const auto path = absolute_path(process_.context, file);
            if (const auto refusal = write_refusal(process_.context, path); !refusal.empty()) {
                if (!options_.has("s"))
                    process_.fail(0, "Warning: Failed to open the file ", file, ": ", refusal, "\n");
                return error(23, "Failure writing output to destination");
            }
            process_.context.files[path] = shown;
        }
        return 0;
    }

    void write_out(const Url& url) {
        const auto& response = fetched_.response;
        const bool answered = fetched_.error == FetchError::none;
        char code[8];
        std::snprintf(code, sizeof code, "%03d", answered ? response.status : 0);
        auto text = std::string(options_.value("w"));
        const auto type = response.headers.find("content-type");
        const std::pair<std::string_view, std::string> variables[] = {
            {"%{http_code}", code},
            {"%{response_code}", code},
            {"%{remote_ip}", fetched_.error == FetchError::name ? std::string() : fetched_.address.text()},
            {"%{remote_port}", cat(url.port)},
            {"%{local_ip}", fetched_.local.ip.text()},
            {"%{time_total}", decimal(total_)},
            {"%{time_connect}", decimal(fetched_.resolution.elapsed + fetched_.connect_elapsed)},
            {"%{time_namelookup}", decimal(fetched_.resolution.elapsed)},
            {"%{size_download}", cat(response.body.size())},
            {"%{content_type}", type == response.headers.end() ? std::string() : type->second},
            {"%{url_effective}", cat(url.scheme, "://", host_header(url), url.path)},
            {"\\n", "\n"},
            {"\\t", "\t"},
        };
        for (const auto& [name, value] : variables)
            text = replace_all(text, name, value);
        process_.print(text);
    }

    Process& process_;
    Options options_;
    Fetch fetched_;
    Duration total_{};
};

}  // namespace

int curl_main(Process& process) { return Curl(process).run(); }

}  // namespace kubewalk::shell
