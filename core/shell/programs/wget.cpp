// wget, BusyBox's and GNU's. Upstream: busybox networking/wget.c; wget 1.21 src/{http,connect,host}.c.

#include <algorithm>

#include "core/shell/access.h"
#include "core/shell/programs.h"
#include "core/shell/programs/http.h"

namespace kubewalk::shell {

namespace {

constexpr std::string_view wget_flags = "q c spider=spider no-check-certificate=k S quiet=q nv no-verbose=nv 4 6";
constexpr std::string_view wget_values =
    "O T P U header=header post-data=post-data timeout=T tries=t t output-document=O user-agent=U Y";

struct Wget {
    Options options;
    Url url;
    net::HttpRequest request;
    std::string saved_as;  // "" or "-": standard output
    Duration timeout{};
};

Duration seconds_of(std::string_view text, Duration fallback) {
    auto number = parse_int(text);
    return number ? seconds(*number) : fallback;
}

std::optional<Wget> read_arguments(Process& process, std::string_view agent, Duration timeout) {
    Wget wget;
    // "-nv" and "-T5" style arguments.
    wget.options = parse_options(process.args, wget_flags, wget_values);
    auto url = wget.options.operands.empty() ? std::nullopt : parse_url(wget.options.operands.front(), "http");
    if (!url)
        return std::nullopt;
    wget.url = *url;
    wget.timeout = seconds_of(wget.options.value("T"), timeout);
    auto& request = wget.request;
    request.method = wget.options.has("post-data") ? "POST" : wget.options.has("spider") ? "HEAD" : "GET";
    request.host = host_header(wget.url);
    request.path = wget.url.path;
    request.body = wget.options.value("post-data");
    request.headers["user-agent"] = wget.options.value("U", agent);
    for (const auto& option : wget.options.options) {
        if (option.name != "header")
            continue;
        const auto colon = option.value.find(':');
        const auto name = to_lower(option.value.substr(0, colon));
        const auto value =
            colon == std::string::npos ? std::string() : std::string(trim(option.value.substr(colon + 1)));
        if (name == "host")
            request.host = value;
        else
            request.headers[name] = value;
    }
    auto name = wget.url.path.substr(0, wget.url.path.find('?'));
    name = name.substr(name.rfind('/') + 1);
    wget.saved_as = wget.options.value("O", name.empty() ? "index.html" : name);
    return wget;
}

// Why it could not be saved, "" when it was.
std::string_view save(Process& process, const Wget& wget, const std::string& body) {
    if (wget.saved_as == "-" || wget.saved_as == "/dev/null") {
        process.print(wget.saved_as == "-" ? body : std::string());
        return {};
    }
    const auto path = absolute_path(process.context, wget.saved_as);
    const auto refusal = write_refusal(process.context, path);
    if (refusal.empty())
        process.context.files[path] = body;
    return refusal;
}

bool redirects(const net::HttpResponse& response) {
    return (response.status == 301 || response.status == 302 || response.status == 303 || response.status == 307 ||
            response.status == 308) &&
           response.headers.count("location") > 0;
}

// Follows redirections; the limits are the programs' own.
Fetch follow(Process& process, Wget& wget, int limit) {
    Fetch result;
    for (int i = 0; i <= limit; ++i) {
        result = fetch(process, {wget.url.host, wget.url.port, {}}, wget.request, wget.timeout);
        if (result.error != FetchError::none || !redirects(result.response))
            break;
        const auto location = result.response.headers.at("location");
        auto next = location[0] == '/' ? std::optional<Url>(wget.url) : parse_url(location, "http");
        if (!next)
            break;
        if (location[0] == '/')
            next->path = location;
        wget.url = *next;
        wget.request.host = host_header(wget.url);
        wget.request.path = wget.url.path;
    }
    return result;
}

}  // namespace

int busybox_wget_main(Process& process) {
    auto wget = read_arguments(process, "Wget", seconds(900));
    if (!wget)
        return process.fail(1,
                            "BusyBox v1.36.1 multi-call binary.\n\nUsage: wget [-cqS] [--spider] [-O FILE] URL...\n");
    const bool quiet = wget->options.has("q");
    if (wget->url.scheme != "http")
        return process.fail(1, "wget: not an http or ftp url: ", wget->options.operands.front(), "\n");
    const auto result = follow(process, *wget, 5);
    if (result.error == FetchError::name)
        return process.fail(1, "wget: bad address '", wget->url.host,
                            wget->url.explicit_port ? cat(":", wget->url.port) : "", "'\n");
    if (!quiet)
        process.fail(0, "Connecting to ", host_header(wget->url), " (",
                     net::SocketAddress{result.address, wget->url.port}.text(), ")\n");
    if (result.error == FetchError::connect) {
        if (result.timed_out && wget->options.has("T"))
            return process.fail(1, "wget: download timed out\n");
        return process.fail(1, "wget: can't connect to remote host (", result.address.text(), "): ", result.reason,
                            "\n");
    }
    if (result.error == FetchError::exchange)
        return process.fail(1, result.timed_out ? "wget: download timed out\n"
                                                : "wget: error getting response: Connection reset by peer\n");
    const auto& response = result.response;
    if (response.status < 200 || response.status >= 300)
        return process.fail(1, "wget: server returned error: HTTP/1.1 ", response.status, " ",
                            net::http_reason(response.status), "\n");
    if (wget->options.has("spider")) {
        if (!quiet)
            process.fail(0, "remote file exists\n");
        return 0;
    }
    if (!quiet) {
        const auto name = wget->saved_as;
        if (name == "-")
            process.fail(0, "writing to stdout\n");
        else
            process.fail(0, "saving to '", name, "'\n");
    }
    save(process, *wget, response.body);
    if (!quiet) {
        // The progress bar once, at its end.
        auto label = wget->saved_as;
        label.resize(20, ' ');
        const auto count = cat(response.body.size());
        process.fail(
            0, label, " 100% |********************************| ",
            std::string(count.size() < 5 ? 5 - count.size() : 0, ' '), count, "  0:00:00 ETA\n",
            wget->saved_as == "-" ? std::string("written to stdout\n") : cat("'", wget->saved_as, "' saved\n"));
    }
    return 0;
}

int gnu_wget_main(Process& process) {
    auto wget = read_arguments(process, "Wget/1.21.3", net::syn_give_up);
    if (!wget)
        return process.fail(
            1, "wget: missing URL\nUsage: wget [OPTION]... [URL]...\n\nTry `wget --help' for more options.\n");
    const bool quiet = wget->options.has("q");
    if (wget->options.operands.front().find("://") == std::string::npos)
        wget->options.operands.front().insert(0, "http://");
    const auto say = [&](const auto&... pieces) {
        if (!quiet)
            process.fail(0, pieces...);
    };
    const auto stamp = to_rfc3339(process.context.simulation.now());
    say("--", stamp.substr(0, 10), " ", stamp.substr(11, 8), "--  ", wget->url.scheme, "://", host_header(wget->url),
        wget->url.path, "\n");
    const auto where = cat(wget->url.host, " (", wget->url.host, ")");
    if (wget->url.scheme != "http")
        return process.fail(1, "Unsupported scheme.\n");
    const bool literal = net::Ip::parse(wget->url.host).has_value();
    if (!literal)
        say("Resolving ", where, "... ");
    const auto result = follow(process, *wget, 20);
    if (result.error == FetchError::name) {
        say("failed: ", net::resolver_error_text(process.context.libc, result.resolution.error),
            ".\nwget: unable to resolve host address '", wget->url.host, "'\n");
        return 4;
    }
    std::vector<std::string> addresses;
    for (const auto& ip : result.resolution.addresses)
        addresses.push_back(ip.text());
    if (!literal)
        say(join(addresses, ", "), "\n");
    say("Connecting to ", wget->url.host,
        literal ? std::string() : cat(" (", wget->url.host, ")|", result.address.text(), "|"), ":", wget->url.port,
        "... ");
    if (result.error == FetchError::connect) {
        say("failed: ", result.reason, ".\n");
        return 4;
    }
    say("connected.\nHTTP request sent, awaiting response... ");
    if (result.error == FetchError::exchange) {
        say("No data received.\n");
        return 4;
    }
    const auto& response = result.response;
    say(response.status, " ", net::http_reason(response.status), "\n");
    if (response.status >= 400) {
        say(stamp.substr(0, 10), " ", stamp.substr(11, 8), " ERROR ", response.status, ": ",
            net::http_reason(response.status), ".\n");
        return 8;
    }
    if (wget->options.has("spider"))
        return 0;
    const auto type =
        response.headers.count("content-type") > 0 ? response.headers.at("content-type") : std::string();
    say("Length: ", response.body.size(), type.empty() ? "" : cat(" [", type.substr(0, type.find(';')), "]"),
        "\nSaving to: '", wget->saved_as == "-" ? "STDOUT" : wget->saved_as, "'\n");
    if (const auto refusal = save(process, *wget, response.body); !refusal.empty())
        return process.fail(1, "wget: can't open '", wget->saved_as, "': ", refusal, "\n");
    return 0;
}

}  // namespace kubewalk::shell
