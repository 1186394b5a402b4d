// kubectl port-forward: a port of this machine leads to a port of one Pod, through the API server and the kubelet.
// Upstream: k8s.io/kubectl/pkg/cmd/portforward/portforward.go, k8s.io/client-go/tools/portforward/portforward.go,
// k8s.io/kubectl/pkg/util/service_port.go.

#include "core/base/text.h"
#include "core/kubectl/pods_of.h"
#include "core/kubectl/resource_args.h"

namespace kubewalk::kubectl::command {

using api::Value;

namespace {

struct Forward {
    std::uint16_t local = 0;
    std::uint16_t remote = 0;
};

// "8080:80", "8080", ":80"
struct Spec {
    std::string local;
    std::string remote;
};

Spec split_port(std::string_view text) {
    const auto colon = text.find(':');
    if (colon == std::string_view::npos)
        return {std::string(text), std::string(text)};
    return {std::string(text.substr(0, colon)), std::string(text.substr(colon + 1))};
}

Answer<std::int64_t> container_port(const Value& pod, std::string_view name) {
    for (const auto& container : pod["spec"]["containers"].items())
        for (const auto& port : container["ports"].items())
            if (port["name"].as_string() == name)
                return port["containerPort"].as_int();
    return Refusal::plain(cat("Pod '", api::name_of(pod), "' does not have a named port '", name, "'"));
}

// LookupContainerPortNumberByServicePort
Answer<std::int64_t> target_port(const Value& service, const Value& pod, std::int64_t wanted) {
    for (const auto& port : service["spec"]["ports"].items()) {
        if (port["port"].as_int() != wanted)
            continue;
        const Value& target = port["targetPort"];
        if (service["spec"]["clusterIP"].as_string() == "None")
            return wanted;
        if (target.is_string())
            return container_port(pod, target.as_string());
        return target.as_int() == 0 ? wanted : target.as_int();
    }
    return Refusal::plain(cat("Service ", api::name_of(service), " does not have a service port ", wanted));
}

Answer<Spec> through_service(const Value& service, const Value& pod, Spec spec) {
    auto number = parse_int(spec.remote);
    if (!number) {
        for (const auto& port : service["spec"]["ports"].items())
            if (port["name"].as_string() == spec.remote)
                number = port["port"].as_int();
        if (!number)
            return Refusal::plain(cat("Service '", api::name_of(service), "' does not have a named port '", spec.remote, "'"));
        if (spec.local == spec.remote)
            spec.local = cat(*number);
    }
    auto target = target_port(service, pod, *number);
    if (!target.ok())
        return target.refusal();
    return Spec{spec.local, cat(target.value())};
}

Answer<Spec> of_pod(const Value& pod, Spec spec) {
    if (spec.remote.empty())
        return Refusal::plain("remote port cannot be empty");
    if (parse_int(spec.remote))
        return spec;
    auto target = container_port(pod, spec.remote);
    if (!target.ok())
        return target.refusal();
    if (spec.local == spec.remote)
        spec.local = cat(target.value());
    return Spec{spec.local, cat(target.value())};
}

Answer<std::uint16_t> port_number(std::string_view which, const std::string& text) {
    const auto number = parse_int(text);
    if (!number || *number < 0 || *number > 65535)
        return Refusal::plain(cat("error parsing ", which, " port '", text, "': strconv.ParseUint: parsing ", quoted(text), ": ",
                                  number ? "value out of range" : "invalid syntax"));
    return static_cast<std::uint16_t>(*number);
}

Answer<Forward> forward_of(const Spec& spec) {
    auto local = port_number("local", spec.local.empty() ? "0" : spec.local);
    if (!local.ok())
        return local.refusal();
    auto remote = port_number("remote", spec.remote);
    if (!remote.ok())
        return remote.refusal();
    if (remote.value() == 0)
        return Refusal::plain("remote port must be > 0");
    return Forward{local.value(), remote.value()};
}

std::string host_port(std::string_view address, std::uint16_t port) {
    return address.find(':') == std::string_view::npos ? cat(address, ":", port) : cat("[", address, "]:", port);
}

class Forwarding final : public Waiting<Forwarding> {
public:
    Forwarding(const Server& server, const Value& pod, std::vector<Forward> forwards, std::vector<std::string> addresses)
        : server_(server), pod_(api::name_of(pod)), namespace_(api::namespace_of(pod)), uid_(api::uid_of(pod)),
          forwards_(std::move(forwards)), addresses_(std::move(addresses)) {}

    // The tunnel ends with its Pod.
    bool poll(Time, Output& more) override {
        if (!lost_) {
            auto pod = server_.quiet().get(api::kind::pods, namespace_, pod_);
            lost_ = !pod.ok() ? pod.refusal().is("NotFound") : api::uid_of(pod.value()) != uid_ || is_over(pod.value());
        }
        if (!lost_)
            return false;
        more.err += "error: lost connection to pod\n";
        more.exit = 1;
        return true;
    }

    std::vector<LocalPort> ports() const override {
        std::vector<LocalPort> list;
        for (const auto& forward : forwards_)
            for (const auto& address : addresses_)
                list.push_back({address, forward.local});
        return list;
    }
    void opened(const std::vector<LocalPort>& ports, Output& more) override {
        for (std::size_t i = 0; i < ports.size(); ++i) {
            Forward& forward = forwards_[i / addresses_.size()];
            forward.local = ports[i].port;
            append(more.out, "Forwarding from ", host_port(ports[i].address, ports[i].port), " -> ", forward.remote, "\n");
        }
    }
    void not_opened(const LocalPort& port, Output& more) override {
        const auto family = port.address.find(':') == std::string::npos ? "tcp4" : "tcp6";
        append(more.err, "Unable to listen on port ", port.port,
               ": Listeners failed to create with the following errors: [unable to create listener: Error listen ", family, " ",
               host_port(port.address, port.port), ": bind: address already in use]\n");
        append(more.err, "error: unable to listen on any of the requested ports: [");
        for (const auto& forward : forwards_)
            append(more.err, &forward == &forwards_.front() ? "" : " ", "{", forward.local, " ", forward.remote, "}");
        more.err += "]\n";
        more.exit = 1;
    }

    LocalResponse serve(const LocalPort& at, const LocalRequest& request, Time now, Output& more) override {
        append(more.out, "Handling connection for ", at.port, "\n");
        const auto remote = remote_of(at);
        Value headers = Value::object();
        for (const auto& [name, value] : request.headers)
            headers.set(name, value);
        auto answer = ask(remote, Value::object({{"scheme", request.tls ? "https" : "http"}, {"method", request.method}, {"path", request.path},
                                                 {"host", request.host}, {"headers", headers}, {"body", request.body}}));
        if (!answer.ok()) {
            const auto stamp = to_rfc3339_micro(now);
            append(more.err, "E", stamp.substr(5, 2), stamp.substr(8, 2), " ", stamp.substr(11, 15),
                   "   12345 portforward.go:424] \"An error occurred forwarding\" err=", quoted(answer.refusal().text),
                   " logger=\"UnhandledError\" localPort=", at.port, " remotePort=", remote, "\n");
            lost_ = true;  // the stream is closed with it
            return {0, {}, {}, {}};
        }
        const Value& got = answer.value();
        LocalResponse response;
        response.status = static_cast<int>(got["status"].as_int());
        for (const auto& [name, value] : got["headers"].members())
            response.headers[std::string(name)] = value.str();
        response.body = got["body"].str();
        response.took = Duration{got["elapsedNs"].as_int()};
        return response;
    }

    std::optional<LocalCertificate> certificate(const LocalPort& at, const std::string& server_name) override {
        auto answer = ask(remote_of(at), Value::object({{"scheme", "tls"}, {"host", server_name}}));
        if (!answer.ok() || answer.value()["status"].as_int() != 200)
            return std::nullopt;
        const Value& headers = answer.value()["headers"];
        LocalCertificate shown{headers["subject"].str(), headers["issuer"].str(), {}};
        for (const auto name : split(headers["names"].as_string(), ','))
            if (!name.empty())
                shown.names.emplace_back(name);
        return shown;
    }

private:
    static bool is_over(const Value& pod) {
        const auto phase = pod["status"]["phase"].as_string();
        return phase == "Succeeded" || phase == "Failed";
    }
    std::uint16_t remote_of(const LocalPort& at) const {
        for (const auto& forward : forwards_)
            if (forward.local == at.port)
                return forward.remote;
        return 0;
    }
    Answer<Value> ask(std::uint16_t remote, Value body) {
        auto request = server_.request(client::Method::post, cat(api::object_path(api::kind::pods, namespace_, pod_), "/portforward"));
        request.query["ports"] = cat(remote);
        request.body = std::move(body);
        return server_.answer(std::move(request));
    }

    Server server_;
    std::string pod_, namespace_, uid_;
    std::vector<Forward> forwards_;
    std::vector<std::string> addresses_;
    bool lost_ = false;
};

}  // namespace

void port_forward_flags(FlagSet& set) {
    set.list("address", "Addresses to listen at; localhost: 127.0.0.1 and ::1").duration("pod-running-timeout", "Accepted", "1m0s");
}

void port_forward(Run& run) {
    const auto& args = run.args();
    if (args.size() < 2)
        return run.usage_error("TYPE/NAME and list of ports are required for port-forward");
    auto target = parse_target(args[0], "pods");
    if (!target.ok())
        return run.fail(target.refusal());
    auto object = run.server.get(*target.value().kind, run.namespace_name(), target.value().name);
    if (!object.ok())
        return run.fail(object.refusal());
    auto pod = pod_for(run, args[0]);
    if (!pod.ok())
        return run.fail(pod.refusal());
    const bool service = target.value().kind->kind == "Service";
    std::vector<Forward> forwards;
    for (std::size_t i = 1; i < args.size(); ++i) {
        const auto given = split_port(args[i]);
        auto spec = service ? through_service(object.value(), pod.value(), given) : of_pod(pod.value(), given);
        if (!spec.ok())
            return run.fail(spec.refusal());
        auto forward = forward_of(spec.value());
        if (!forward.ok())
            return run.fail(forward.refusal());
        forwards.push_back(forward.value());
    }
    if (const auto phase = pod.value()["status"]["phase"].as_string(); phase != "Running")
        return run.fail(cat("unable to forward port because pod is not running. Current status=", phase));
    std::vector<std::string> addresses;
    auto wanted = run.flags.list("address");
    if (wanted.empty())
        wanted = {"localhost"};
    for (const auto& address : wanted) {
        if (address == "localhost") {
            addresses.insert(addresses.end(), {"127.0.0.1", "::1"});
            continue;
        }
        if (address.find_first_not_of("0123456789abcdefABCDEF.:") != std::string::npos)
            return run.fail(cat(address, " is not a valid IP"));
        addresses.push_back(address);
    }
    run.go_on(std::make_unique<Forwarding>(run.server, pod.value(), std::move(forwards), std::move(addresses)));
}

}  // namespace kubewalk::kubectl::command
