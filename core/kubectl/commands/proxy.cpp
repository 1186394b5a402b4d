// kubectl proxy: the API server at a port of this machine, in the user's name. It has nothing to do with kube-proxy.
// Upstream: k8s.io/kubectl/pkg/cmd/proxy/proxy.go, pkg/proxy/proxy_server.go.

#include "core/api/json.h"
#include "core/api/wire_json.h"
#include "core/base/regex.h"
#include "core/base/text.h"
#include "core/client/query.h"
#include "core/kubectl/command.h"

namespace kubewalk::kubectl::command {

using api::Value;

namespace {

using Patterns = std::vector<Regex>;

Answer<Patterns> patterns_of(const Run& run, std::string_view flag) {
    Patterns patterns;
    const auto text = run.flags.text(flag);
    if (text.empty())
        return patterns;
    for (const auto piece : split(text, ',')) {
        auto regex = Regex::compile(piece);
        if (!regex.ok())
            return Refusal::plain(regex.error().message);
        patterns.push_back(regex.take());
    }
    return patterns;
}

bool any_matches(const Patterns& patterns, std::string_view text) {
    for (const auto& pattern : patterns)
        if (pattern.matches(text))
            return true;
    return false;
}

// net.SplitHostPort, or the whole where there is no port.
std::string host_of(std::string_view header) {
    if (header.starts_with('[')) {
        const auto close = header.find("]:");
        return std::string(close == std::string_view::npos ? header : header.substr(1, close - 1));
    }
    return std::string(header.substr(0, header.find(':')));
}

std::optional<client::Method> method_of(std::string_view name) {
    for (const auto method : {client::Method::get, client::Method::post, client::Method::put, client::Method::patch, client::Method::del})
        if (client::method_name(method) == name)
            return method;
    return name == "HEAD" ? std::optional(client::Method::get) : std::nullopt;
}

LocalResponse plain(int status, std::string text) {
    return {status, {{"content-type", "text/plain; charset=utf-8"}}, std::move(text), {}};
}

// Programs that people look at get indented JSON (the API server's isPrettyPrint).
bool for_people(const LocalRequest& request) {
    const auto agent = request.headers.find("user-agent");
    if (agent == request.headers.end())
        return false;
    for (const std::string_view name : {"curl", "Wget", "Mozilla/5.0"})
        if (agent->second.starts_with(name))
            return true;
    return false;
}

struct Settings {
    std::string address;
    std::uint16_t port = 0;
    std::string prefix;
    Patterns accept_hosts, accept_paths, reject_paths, reject_methods;
    bool filter = true;
};

class Proxying final : public Waiting<Proxying> {
public:
    Proxying(const Server& server, Settings settings) : server_(server), settings_(std::move(settings)) {}

    bool poll(Time, Output&) override { return false; }
    std::vector<LocalPort> ports() const override { return {{settings_.address, settings_.port}}; }
    void opened(const std::vector<LocalPort>& ports, Output& more) override {
        append(more.out, "Starting to serve on ", ports.front().address, ":", ports.front().port, "\n");
    }
    void not_opened(const LocalPort& port, Output& more) override {
        append(more.err, "error: listen tcp ", port.address, ":", port.port, ": bind: address already in use\n");
        more.exit = 1;
    }

    LocalResponse serve(const LocalPort&, const LocalRequest& request, Time, Output& more) override {
        if (request.tls)
            return {0, {}, {}, {}};
        const auto question = request.path.find('?');
        std::string path = request.path.substr(0, question);
        if (!path.starts_with(settings_.prefix))
            return plain(404, "404 page not found\n");
        if (!settings_.prefix.starts_with("/api")) {
            path.erase(0, settings_.prefix.size());
            if (!path.starts_with('/'))
                path.insert(0, "/");
        }
        if (settings_.filter && !accepts(request, path))
            return plain(403, "Forbidden\n");
        const auto method = method_of(request.method);
        if (!method)
            return plain(405, "405 method not allowed\n");
        client::Request call = server_.request(*method, path);
        client::read_query(question == std::string::npos ? std::string_view() : std::string_view(request.path).substr(question + 1), call);
        for (const auto& [name, value] : request.headers)
            if (name != "content-length")
                call.headers[name == "content-type" ? "Content-Type" : name == "accept" ? "Accept" : name] = value;
        if (!request.body.empty())
            call.body = api::parse_json(request.body).value_or(Value(request.body));
        return answer(request, server_.send(std::move(call)), more);
    }

private:
    bool accepts(const LocalRequest& request, const std::string& path) const {
        return !any_matches(settings_.reject_paths, path) && !any_matches(settings_.reject_methods, request.method) &&
               any_matches(settings_.accept_paths, path) && any_matches(settings_.accept_hosts, host_of(request.host));
    }

    static LocalResponse answer(const LocalRequest& request, client::Response response, Output& more) {
        if (response.code == 0) {
            append(more.err, "Error while proxying request: ", response.failure, "\n");
            return plain(500, response.failure + "\n");
        }
        LocalResponse out;
        out.status = response.code;
        out.headers = std::move(response.headers);
        if (response.body.is_string()) {
            out.headers.emplace("content-type", "text/plain");
            out.body = response.body.str();
        } else {
            out.headers["content-type"] = "application/json";
            out.body = for_people(request) ? api::to_wire_json(response.body, 2) : api::to_wire_json(response.body) + "\n";
        }
        for (const auto& warning : response.warnings)
            out.headers["warning"] = cat("299 - ", quoted(warning));
        if (request.method == "HEAD")
            out.body.clear();
        return out;
    }

    Server server_;
    Settings settings_;
};

}  // namespace

void proxy_flags(FlagSet& set) {
    set.integer("port", "The port to listen at; 0: any", "8001", 'p')
        .text("address", "The address to listen at", 0, "127.0.0.1")
        .text("accept-hosts", "Expressions for hosts that are accepted", 0, "^localhost$,^127\\.0\\.0\\.1$,^\\[::1\\]$")
        .text("accept-paths", "Expressions for paths that are accepted", 0, "^.*")
        .text("reject-paths", "Expressions for paths that are refused", 0, "^/api/.*/pods/.*/exec,^/api/.*/pods/.*/attach")
        .text("reject-methods", "Expressions for methods that are refused", 0, "^$")
        .text("api-prefix", "The path under which the API stands", 0, "/")
        .text("www", "Serves files of a folder (not supported here)", 'w')
        .text("www-prefix", "The path under which files stand (not supported here)", 'P', "/static/")
        .text("unix-socket", "Listens at a socket file (not supported here)", 'u')
        .boolean("disable-filter", "Accepts every request")
        .boolean("append-server-path", "Accepted")
        .duration("keepalive", "Accepted", "0s");
}

void proxy(Run& run) {
    if (run.flags.has("www"))
        return run.fail("serving files (--www) is not part of this kubectl: it would show a folder of your own machine");
    if (run.flags.has("unix-socket"))
        return run.fail("socket files (--unix-socket) are not part of this kubectl: use --port");
    Settings settings;
    settings.address = run.flags.text("address");
    const auto port = run.flags.integer("port");
    if (port < 0 || port > 65535)
        return run.fail(cat("listen tcp: address ", port, ": invalid port"));
    settings.port = static_cast<std::uint16_t>(port);
    settings.prefix = run.flags.text("api-prefix");
    if (!settings.prefix.ends_with('/'))
        settings.prefix += '/';
    if (!settings.prefix.starts_with('/'))
        settings.prefix.insert(0, "/");
    settings.filter = !run.flags.is("disable-filter");
    if (!settings.filter)
        run.err("Request filter disabled, your proxy is vulnerable to XSRF attacks, please be cautious\n");
    struct Listed {
        std::string_view flag;
        Patterns* patterns;
    };
    const Listed lists[] = {{"accept-hosts", &settings.accept_hosts}, {"accept-paths", &settings.accept_paths},
                            {"reject-paths", &settings.reject_paths}, {"reject-methods", &settings.reject_methods}};
    for (const auto& list : lists) {
        auto read = patterns_of(run, list.flag);
        if (!read.ok())
            return run.fail(read.refusal());
        *list.patterns = read.take();
    }
    run.go_on(std::make_unique<Proxying>(run.server, std::move(settings)));
}

}  // namespace kubewalk::kubectl::command
