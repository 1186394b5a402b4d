#include "core/kubelet/data_program.h"

#include <algorithm>

#include "core/api/json.h"
#include "core/api/quantity.h"
#include "core/base/text.h"
#include "core/kubelet/runtime.h"
#include "core/kubelet/shell_program.h"
#include "core/shell/program.h"

namespace kubewalk::kubelet {
namespace {

// "I0101 00:02:17.123456       1" of "2026-01-01T00:02:17.123456Z": klog's head of a line of process 1.
std::string klog_head(std::string_view time) {
    return cat("I", time.substr(5, 2), time.substr(8, 2), " ", time.substr(11, 15), "       1");
}

// "01/Jan/2026:00:02:17 +0000", as the access logs of nginx and Apache have it, of "2026-01-01T00:02:17Z".
std::string log_time(std::string_view time) {
    static constexpr std::string_view months = "JanFebMarAprMayJunJulAugSepOctNovDec";
    const auto month = static_cast<std::size_t>(parse_int(time.substr(5, 2)).value_or(1) - 1);
    return cat(time.substr(8, 2), "/", months.substr(month * 3, 3), "/", time.substr(0, 4), ":", time.substr(11, 8), " +0000");
}

// A program that ends up calling itself answers nobody: this is where its own time-out strikes.
constexpr int max_in_flight = 8;
constexpr Duration loop_timeout = seconds(5);
constexpr int oom_killed = 137;  // 128 + SIGKILL
constexpr Duration allocation_time = milliseconds(900);  // until a process has touched the memory it wants

std::string_view base_name(std::string_view path) { return path.substr(path.rfind('/') + 1); }

bool process_matches(const api::Value& process, const std::vector<std::string>& argv) {
    const std::string_view argv0 = argv.empty() ? std::string_view() : std::string_view(argv[0]);
    const auto subcommand = process["subcommand"].as_string();
    if (!subcommand.empty() && (argv.size() < 2 || argv[1] != subcommand))
        return false;
    for (const auto& pattern : process["match"].items()) {
        if (glob_match(pattern.as_string(), argv0) || glob_match(pattern.as_string(), base_name(argv0)))
            return true;
    }
    return false;
}

// Among the shell programs of the image: by name, or by a flavour's '*' (busybox:*).
bool has_program(const Image& image, std::string_view argv0) {
    const auto name = base_name(argv0);
    for (const std::string_view entry : image.programs) {
        const auto colon = entry.find(':');
        const auto flavour = colon == std::string_view::npos ? std::string_view() : entry.substr(0, colon);
        const auto offered = entry.substr(colon == std::string_view::npos ? 0 : colon + 1);
        if (offered == name || (offered == "*" && shell::find_program(flavour, name)))
            return true;
    }
    return false;
}

// ["2s", "4s"] or "2s".
Duration duration_in(const api::Value& value, Random& random) {
    const auto at = [](const api::Value& text) { return parse_go_duration(text.as_string()).value_or(Duration{}); };
    if (!value.is_array())
        return at(value);
    const Duration low = at(value[0]);
    const Duration high = at(value[1]);
    return low + milliseconds(static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>((high - low).whole_ms()) + 1)));
}

// Go's flag forms: -port=80, --port=80, -port 80.
std::string flag_value(const std::vector<std::string>& argv, std::string_view flag) {
    for (std::size_t i = 1; i < argv.size(); ++i) {
        std::string_view arg = argv[i];
        if (arg.empty() || arg[0] != '-')
            continue;
        arg.remove_prefix(arg.substr(0, 2) == "--" ? 2 : 1);
        if (arg == flag && i + 1 < argv.size())
            return argv[i + 1];
        if (arg.size() > flag.size() && arg.substr(0, flag.size()) == flag && arg[flag.size()] == '=')
            return std::string(arg.substr(flag.size() + 1));
    }
    return {};
}

// Of one flag, or of the first in a list that is given.
std::string first_flag(const std::vector<std::string>& argv, const api::Value& flags) {
    std::string text;
    for (const auto& flag : flags.is_array() ? flags.items() : std::span(&flags, 1)) {
        if (text.empty() && flag.is_string())
            text = flag_value(argv, flag.as_string());
    }
    return text;
}

// "/catalogue/{id}" against "/catalogue/3395a43e"; a final '*' takes the rest as {rest}.
bool match_path(std::string_view pattern, std::string_view path, std::map<std::string, std::string>& words) {
    while (true) {
        if (pattern == "*") {
            words["rest"] = path;
            return true;
        }
        if (pattern.empty() || path.empty())
            return pattern.empty() && path.empty();
        if (pattern[0] == '{') {
            const auto close = pattern.find('}');
            const auto end = path.find('/');
            const auto piece = path.substr(0, end);
            if (close == std::string_view::npos || piece.empty())
                return false;
            words[std::string(pattern.substr(1, close - 1))] = piece;
            pattern.remove_prefix(close + 1);
            path.remove_prefix(piece.size());
        } else if (pattern[0] == path[0]) {
            pattern.remove_prefix(1);
            path.remove_prefix(1);
        } else {
            return false;
        }
    }
}

std::string refused_text(net::Outcome outcome, const net::SocketAddress& to) {
    switch (outcome) {
    case net::Outcome::refused:
        return cat("connect ECONNREFUSED ", to.text());
    case net::Outcome::unreachable:
        return cat("connect EHOSTUNREACH ", to.text());
    default:
        return cat("connect ETIMEDOUT ", to.text());
    }
}

std::uint16_t listener_port(const api::Value& listener, const std::vector<std::string>& argv,
                            const std::map<std::string, std::string>& environment) {
    std::string text = first_flag(argv, listener["flag"]);
    if (const auto variable = environment.find(listener["env"].str()); text.empty() && variable != environment.end())
        text = variable->second;
    if (const auto colon = text.rfind(':'); colon != std::string::npos)
        text.erase(0, colon + 1);  // ":8080", "0.0.0.0:8080"
    return static_cast<std::uint16_t>(parse_int(text).value_or(listener["port"].as_int()));
}

}  // namespace

std::optional<std::vector<std::uint16_t>> described_ports(const Image& image, const std::vector<std::string>& argv,
                                                          const std::map<std::string, std::string>& environment,
                                                          const std::vector<std::int64_t>& declared) {
    const auto processes = image.processes.items();
    auto process = std::find_if(processes.begin(), processes.end(), [&](const api::Value& one) { return process_matches(one, argv); });
    if (process == processes.end() && image.generic)
        process = processes.begin();
    if (process == processes.end())
        return std::nullopt;
    std::vector<std::uint16_t> ports;
    for (const auto& listener : (*process)["listen"].items()) {
        if (listener["declared"].as_bool())
            ports.insert(ports.end(), declared.begin(), declared.end());
        else
            ports.push_back(listener_port(listener, argv, environment));
    }
    return ports;
}

std::unique_ptr<Program> create_image_program(const Image& image, const ProgramContext& context,
                                              const ContainerConfig& config, const ProgramRegistry& registry) {
    const std::string_view argv0 = context.argv.empty() ? std::string_view() : std::string_view(context.argv[0]);
    for (const auto& process : image.processes.items()) {
        if (process_matches(process, context.argv))
            return std::make_unique<DataProgram>(context, image, process, config.ports);
    }
    if (auto native = registry.create(context))
        return native;
    if (has_program(image, argv0))
        return std::make_unique<ShellProgram>(context, image, config);
    // Nobody knows what stands in an image that nobody described.
    if (image.generic && !image.processes.empty())
        return std::make_unique<DataProgram>(context, image, image.processes[0], config.ports);
    return nullptr;
}

DataProgram::DataProgram(const ProgramContext& context, const Image& image, const api::Value& process,
                         std::vector<std::int64_t> declared_ports)
    : simulation_(&context.simulation), network_(&context.network), netns_(context.netns), libc_(image.libc),
      name_(process["name"].str(image.id)), hostname_(context.pod_name), node_(context.node),
      pod_(cat(context.pod_namespace, "/", context.pod_name)), argv_(context.argv), environment_(context.shared_environment),
      file_system_(context.file_system), disks_(context.disks), memory_limit_(context.memory_limit),
      process_(&process), draw_(draw_of(process["usage"], argv_)), declared_ports_(std::move(declared_ports)),
      random_(context.simulation.random().stream(cat(context.pod_uid, "/", context.container))) {
    const auto file = [&](const char* path) {
        const auto found = context.files.find(path);
        return found == context.files.end() ? std::string() : found->second;
    };
    files_ = {file("/etc/resolv.conf"), file("/etc/hosts")};
    if (process["resolver"].as_string() == "go")
        libc_ = net::Libc::go;
    const std::string hostname_file = file("/etc/hostname");
    if (const auto name = trim(hostname_file); !name.empty())
        hostname_ = name;
}

void DataProgram::start() {
    started_ = now();
    for (const auto& line : (*process_)["log"]["start"].items())
        print(now(), fill(line.as_string(), {}));
    simulation_->schedule(id(), duration_in((*process_)["start"], random_), initialize);
}

void DataProgram::on_event(const sim::Event& event) {
    if (event.code == initialize)
        initialize_now();
    else if (event.code == end)
        finish(*simulation_, static_cast<int>(event.number));
    else if (event.code == memory_check && memory_limit_ > 0 && draw_.memory > memory_limit_)
        finish(*simulation_, oom_killed, "OOMKilled");
}

void DataProgram::set_memory_limit(std::int64_t bytes) {
    memory_limit_ = bytes;
    if (bytes > 0 && draw_.memory > bytes)
        simulation_->schedule(id(), allocation_time, memory_check);
}

// Checks what the program cannot do without, then opens its sockets.
void DataProgram::initialize_now() {
    if (memory_limit_ > 0 && draw_.memory > memory_limit_)
        simulation_->schedule(id(), allocation_time, memory_check);
    for (const auto& need : (*process_)["requires"].items()) {
        const Call result = call(need, {});
        if (result.ok)
            continue;
        print(now(), fill(need["log"].as_string("{error}"), {{"error", result.error}}));
        const int allowed = static_cast<int>(need["attempts"].as_int());
        if (allowed > 0 && ++initialize_attempts_ >= allowed) {
            simulation_->schedule(id(), result.took, end, sim::Urgency::work, static_cast<std::uint64_t>(need["exit"].as_int(1)));
            return;
        }
        // It tries for ever: that alone keeps nobody waiting.
        const Duration pause = duration_in(need["retry"], random_);
        simulation_->schedule(id(), result.took + pause, initialize, sim::Urgency::background);
        return;
    }
    listen();
    const auto& exits = (*process_)["exit"];
    if (exits.is_object())
        simulation_->schedule(id(), duration_in(exits["after"], random_), end, sim::Urgency::work,
                              static_cast<std::uint64_t>(exits["code"].as_int()));
}

std::uint16_t DataProgram::port_of(const api::Value& listener) const { return listener_port(listener, argv_, *environment_); }

void DataProgram::listen() {
    std::vector<std::uint16_t> ports;
    for (const auto& listener : (*process_)["listen"].items()) {
        if (listener["declared"].as_bool())
            ports.insert(ports.end(), declared_ports_.begin(), declared_ports_.end());
        else
            ports.push_back(port_of(listener));
        if (listener["tls"].as_bool())
            tls_ports_.push_back(ports.back());
    }
    for (const std::uint16_t port : ports) {
        const auto bound = network_->listen(netns_, {net::Protocol::tcp, {}, port, id(), name_});
        if (!bound.ok()) {
            print(now(), fill((*process_)["log"]["bind_failed"].as_string("listen tcp :{port}: bind: address already in use"),
                              {{"port", cat(port)}}));
            finish(*simulation_, 1);
            return;
        }
    }
    const std::string port = ports.empty() ? std::string() : cat(ports[0]);
    for (const auto& line : (*process_)["log"]["listening"].items())
        print(now(), fill(line.as_string(), {{"port", port}}));
}

std::optional<Program::Obeys> DataProgram::terminate() {
    const auto& sigterm = (*process_)["sigterm"];
    if (sigterm["ignored"].as_bool())
        return std::nullopt;
    for (const auto& line : sigterm["log"].items())
        print(now(), fill(line.as_string(), {}));
    return Obeys{duration_in(sigterm["after"], random_), static_cast<int>(sigterm["exit"].as_int(143))};
}

const api::Value& DataProgram::find_route(const net::HttpRequest& request, Words& words) const {
    const auto question = request.path.find('?');
    const std::string_view path = std::string_view(request.path).substr(0, question);
    words["query"] = question == std::string::npos ? "" : request.path.substr(question);
    words["path"] = path;
    words["method"] = request.method;
    words["host"] = request.host;
    words["body"] = request.body;
    for (const auto& route : (*process_)["routes"].items()) {
        const auto pattern = split(route["match"].as_string(), ' ');
        const bool any_method = pattern.size() == 1 || pattern[0] == "*";
        const auto until = parse_go_duration(route["until"].as_string());
        if (until && now() - started_ > *until)
            continue;
        if (!any_method && pattern[0] != request.method && !(request.method == "HEAD" && pattern[0] == "GET"))
            continue;
        Words captured = words;
        if (match_path(pattern.back(), path, captured)) {
            words = std::move(captured);
            return route;
        }
    }
    return api::null_value();
}

bool DataProgram::speaks_tls(std::uint16_t port) const { return std::find(tls_ports_.begin(), tls_ports_.end(), port) != tls_ports_.end(); }

// A certificate that the program has made for itself, unless the image says more.
std::optional<net::Certificate> DataProgram::tls_certificate(std::string_view, const net::Peer& peer) {
    if (!speaks_tls(peer.local.port))
        return std::nullopt;
    const auto& described = (*process_)["certificate"];
    net::Certificate certificate{described["subject"].str(hostname_), {}, {}};
    certificate.issuer = described["issuer"].str(certificate.subject);
    for (const auto& name : described["names"].items())
        certificate.names.push_back(name.str());
    return certificate;
}

net::HttpResponse DataProgram::serve_http(const net::HttpRequest& request, const net::Peer& peer) {
    if (!peer.tls && speaks_tls(peer.local.port))  // as Go's and most others' servers say it
        return {.status = 400, .headers = {{"content-type", "text/plain; charset=utf-8"}}, .body = "Client sent an HTTP request to an HTTPS server.\n", .took = {}};
    ++requests_;
    if (const auto type = request.headers.find("content-type"); type != request.headers.end() && type->second == "application/grpc" &&
                                                                (*process_)["grpc"].is_object())
        return serve_grpc(request);
    Words words;
    words["client"] = peer.client.ip.text();
    words["client_port"] = cat(peer.client.port);
    const auto& route = find_route(request, words);
    net::HttpResponse response;
    if (++in_flight_ > max_in_flight) {
        response.status = 500;
        response.body = "Error: ESOCKETTIMEDOUT\n";
        response.took = loop_timeout;
    } else if (route.is_null()) {
        const auto& missing = (*process_)["not_found"];
        response = make_reply(missing, words, {});
        if (!missing["status"].is_int())
            response.status = 404;
    } else {
        response = answer(route, words);
    }
    --in_flight_;
    words["status"] = cat(response.status);
    words["bytes"] = cat(response.body.size());
    words["agent"] = request.headers.count("user-agent") ? request.headers.at("user-agent") : "-";
    words["ms"] = cat(response.took.whole_ms());
    if (const auto line = (*process_)["log"]["access"].as_string(); !line.empty())
        print(now(), fill(line, words));
    if (request.method == "HEAD")
        response.body.clear();
    return response;
}

// The calls in their order, then the reply; a call that fails ends it unless it is optional.
net::HttpResponse DataProgram::answer(const api::Value& route, Words& words) {
    std::vector<Call> calls;
    Duration took = duration_in(route["time"], random_);
    for (const auto& description : route["calls"].items()) {
        Call result = call(description, words);
        took = took + result.took;
        const bool refused_answer = description["check"].as_bool() && result.status >= 400;
        const bool failed = !result.ok || refused_answer;
        if (failed && !description["optional"].as_bool()) {
            words["error"] = result.ok ? cat("status ", result.status) : result.error;
            const auto& fail = description["fail"].is_object() ? description["fail"]
                               : route["fail"].is_object()     ? route["fail"]
                                                               : (*process_)["fail"];
            auto response = make_reply(fail, words, calls);
            if (!fail["status"].is_int())
                response.status = 500;
            response.took = took;
            if (const auto line = fail["log"].as_string(); !line.empty())
                print(now(), fill(line, words));
            return response;
        }
        if (failed && !description["log"].as_string().empty())
            print(now(), fill(description["log"].as_string(), {{"error", result.error}}));
        words[cat("ok:", calls.size())] = failed ? description["bad"].str("err") : "OK";
        words[cat("body:", calls.size())] = result.body;
        calls.push_back(std::move(result));
    }
    auto response = route["reply"]["root"].is_string() ? serve_file(route["reply"], words) : make_reply(route["reply"], words, calls);
    response.took = took;
    return response;
}

net::HttpResponse DataProgram::serve_file(const api::Value& reply, const Words& words) const {
    const std::string& path = words.at("path");
    const bool folder = path.empty() || path.back() == '/';
    const std::string file = cat(reply["root"].as_string(), path, folder ? "index.html" : "");
    const std::string* content = disks_ ? disks_->read(file_system_, file) : nullptr;
    if (!content) {
        const auto& missing = folder && reply["no_index"].is_object() ? reply["no_index"] : (*process_)["not_found"];
        auto response = make_reply(missing, words, {});
        if (!missing["status"].is_int())
            response.status = 404;
        return response;
    }
    auto response = make_reply(reply, words, {});
    response.body = *content;
    response.headers["content-type"] = file.ends_with(".html")  ? "text/html"
                                       : file.ends_with(".json") ? "application/json"
                                       : file.ends_with(".css")  ? "text/css"
                                                                 : "text/plain";
    return response;
}

// grpc.health.v1.Health/Check; see probe_grpc.cpp for the form.
net::HttpResponse DataProgram::serve_grpc(const net::HttpRequest& request) const {
    net::HttpResponse response;
    response.headers["content-type"] = "application/grpc";
    const auto& services = (*process_)["grpc"];
    if (request.path != "/grpc.health.v1.Health/Check") {
        response.headers["grpc-status"] = "12";
        response.headers["grpc-message"] = cat("unknown method ", request.path);
    } else if (!services.contains(request.body)) {
        response.headers["grpc-status"] = "5";
        response.headers["grpc-message"] = "unknown service";
    } else {
        response.headers["grpc-status"] = "0";
        response.body = services[request.body].str();
    }
    return response;
}

// What the data says, and what the arguments ask for besides (stress --vm-bytes 150M).
DataProgram::Draw DataProgram::draw_of(const api::Value& described, const std::vector<std::string>& argv) {
    const auto asked = [&](std::string_view flag) { return api::Quantity::from(api::Value(first_flag(argv, described[flag]))); };
    constexpr std::int64_t usual_milli_cpu = 2;
    constexpr std::int64_t usual_memory = std::int64_t{24} << 20;
    Draw draw;
    draw.milli_cpu = described["cpu"].is_null() ? usual_milli_cpu : api::Quantity::from(described["cpu"]).milli_value();
    if (!described["cpu_flag"].is_null())
        draw.milli_cpu += asked("cpu_flag").milli_value();
    draw.each_request = parse_go_duration(described["per_request"].as_string("1ms")).value_or(Duration{});
    draw.memory = described["memory"].is_null() ? usual_memory : api::Quantity::from(described["memory"]).value();
    if (!described["memory_flag"].is_null()) {
        const std::int64_t times = parse_int(first_flag(argv, described["memory_times_flag"])).value_or(1);
        draw.memory += asked("memory_flag").value() * std::max<std::int64_t>(times, 1);
    }
    return draw;
}

Usage DataProgram::usage(Time started, Time at) const {
    return {Duration{(at - started).ns / 1000 * draw_.milli_cpu} + draw_.each_request * requests_, draw_.memory};
}

net::HttpResponse DataProgram::make_reply(const api::Value& reply, const Words& words, const std::vector<Call>& calls) const {
    net::HttpResponse response;
    response.headers["content-type"] = reply["type"].str("text/html; charset=utf-8");
    if (reply["from"].is_int() && static_cast<std::size_t>(reply["from"].as_int()) < calls.size()) {
        const Call& source = calls[static_cast<std::size_t>(reply["from"].as_int())];
        response.status = source.status;
        response.body = source.body;
        response.headers = source.headers;
    }
    response.status = static_cast<int>(reply["status"].as_int(response.status));
    for (const auto& header : reply["headers"].members())
        response.headers[header.key] = fill(header.value.as_string(), words);
    const auto& body = reply["body"];
    if (body.is_string())
        response.body = fill(body.as_string(), words);
    else if (!body.is_null())
        response.body = fill(api::to_json(body), words);
    if (body.is_object() || body.is_array())
        response.headers["content-type"] = reply["type"].str("application/json");
    return response;
}

// {name} from the request, {env:NAME}, {hostname}, {pod}, {node}, {ip}, {time}; others stay as they are.
std::string DataProgram::fill(std::string_view text, const Words& words) const {
    std::string out;
    while (!text.empty()) {
        const auto open = text.find('{');
        out.append(text.substr(0, open));
        if (open == std::string_view::npos)
            break;
        text.remove_prefix(open);
        const auto close = text.find('}');
        const std::string word(close == std::string_view::npos ? std::string_view() : text.substr(1, close - 1));
        const auto known = words.find(word);
        std::string value;
        bool filled = true;
        if (known != words.end())
            value = known->second;
        else if (word == "hostname")
            value = hostname_;
        else if (word == "pod")
            value = pod_.substr(pod_.find('/') + 1);
        else if (word == "node")
            value = node_;
        else if (word == "time")
            value = to_rfc3339(now());
        else if (word == "klog")
            value = klog_head(to_rfc3339_micro(now()));
        else if (word == "log_time")
            value = log_time(to_rfc3339(now()));
        else if (word == "ip" && !network_->addresses(netns_).empty())
            value = network_->addresses(netns_)[0].text();
        else if (word.substr(0, 4) == "env:" && environment_->count(word.substr(4)))
            value = environment_->at(word.substr(4));
        else
            filled = word.substr(0, 4) == "env:";
        out += filled ? value : "{";
        text.remove_prefix(filled ? close + 1 : 1);
    }
    return out;
}

std::string DataProgram::serve_bytes(const std::string& bytes, const net::Peer&) {
    for (const auto& rule : (*process_)["bytes"].items()) {
        if (glob_match(rule["request"].as_string("*"), bytes))
            return fill(rule["reply"].as_string(), {{"request", bytes}});
    }
    return {};
}

// -- calls to others ----------------------------------------------------------------------------------

DataProgram::Call DataProgram::call(const api::Value& description, const Words& words) {
    if (description["tcp"].is_string())
        return call_bytes(fill(description["tcp"].as_string(), words), fill(description["send"].as_string(), words));
    return call_http(description["method"].as_string("GET"), fill(description["to"].as_string(), words),
                     fill(description["body"].as_string(), words));
}

DataProgram::Target DataProgram::resolve(std::string_view host, std::uint16_t port) {
    Target target;
    target.address.port = port;
    if (const auto ip = net::Ip::parse(host)) {
        target.ok = true;
        target.address.ip = *ip;
        return target;
    }
    const auto resolution = net::resolve(*network_, netns_, files_, libc_, host, net::WantFamilies::both);
    target.took = resolution.elapsed;
    if (resolution.addresses.empty()) {
        target.error = cat("getaddrinfo ", resolution.error == "EAI_AGAIN" ? "EAI_AGAIN" : "ENOTFOUND", " ", host);
        return target;
    }
    target.ok = true;
    target.address.ip = resolution.addresses[0];
    return target;
}

DataProgram::Call DataProgram::call_http(std::string_view method, std::string_view url, std::string body) {
    Call result;
    if (url.substr(0, 7) == "http://")
        url.remove_prefix(7);
    const auto slash = url.find('/');
    const std::string_view authority = url.substr(0, slash);
    const auto colon = authority.rfind(':');
    const std::string_view host = authority.substr(0, colon);
    const auto port = colon == std::string_view::npos ? 80 : parse_int(authority.substr(colon + 1)).value_or(80);
    const Target target = resolve(host, static_cast<std::uint16_t>(port));
    result.took = target.took;
    if (!target.ok) {
        result.error = target.error;
        return result;
    }
    const auto dialled = network_->connect(netns_, target.address, authority);
    result.took = result.took + dialled.connection.elapsed;
    if (dialled.outcome != net::Outcome::delivered) {
        result.error = refused_text(dialled.outcome, target.address);
        return result;
    }
    net::HttpRequest request;
    request.method = method;
    request.host = authority;
    request.path = slash == std::string_view::npos ? "/" : std::string(url.substr(slash));
    request.body = std::move(body);
    auto response = network_->http(dialled.id, request);
    network_->disconnect(dialled.id);
    if (!response.ok()) {
        result.error = response.error().message;
        return result;
    }
    result.took = result.took + response.value().took;
    result.status = response.value().status;
    result.ok = result.status != 0;  // something that does not speak HTTP answered
    result.error = result.ok ? "" : "Parse Error: Expected HTTP/";
    result.body = std::move(response.value().body);
    result.headers = std::move(response.value().headers);
    return result;
}

DataProgram::Call DataProgram::call_bytes(std::string_view address, std::string_view send) {
    Call result;
    const auto colon = address.rfind(':');
    const auto port = colon == std::string_view::npos ? 0 : parse_int(address.substr(colon + 1)).value_or(0);
    const Target target = resolve(address.substr(0, colon), static_cast<std::uint16_t>(port));
    result.took = target.took;
    if (!target.ok) {
        result.error = target.error;
        return result;
    }
    const auto dialled = network_->connect(netns_, target.address, address);
    result.took = result.took + dialled.connection.elapsed;
    if (dialled.outcome != net::Outcome::delivered) {
        result.error = refused_text(dialled.outcome, target.address);
        return result;
    }
    auto reply = network_->bytes(dialled.id, std::string(send));
    network_->disconnect(dialled.id);
    result.ok = reply.ok() && !reply.value().empty();
    if (!reply.ok())
        result.error = reply.error().message;
    else if (!result.ok)
        result.error = "Connection lost: The server closed the connection.";
    else
        result.body = reply.take();
    return result;
}

}  // namespace kubewalk::kubelet
