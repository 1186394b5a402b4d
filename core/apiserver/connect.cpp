// pods/log and pods/exec: the API server finds the node and the container and dials the kubelet.
// Upstream: pkg/registry/core/pod/strategy.go (LogLocation, ExecLocation), pkg/registry/core/pod/rest.

#include "core/apiserver/subresources.h"
#include "core/base/text.h"

namespace kubewalk::apiserver::subresource {

using api::Value;

namespace {

std::vector<std::string> names_in(const Value& pod, std::string_view list) {
    std::vector<std::string> names;
    for (const auto& container : pod["spec"][list].items())
        names.push_back(container["name"].str());
    return names;
}

bool has_container(const Value& pod, std::string_view name) {
    for (std::string_view list : {"containers", "initContainers", "ephemeralContainers"})
        for (const auto& container : pod["spec"][list].items())
            if (container["name"].as_string() == name)
                return true;
    return false;
}

// podutil's validateContainer: the one that is meant, or why it cannot be said.
Answer<std::string> container_for(const Value& pod, const std::string& asked) {
    const auto pod_name = api::name_of(pod);
    if (!asked.empty()) {
        if (!has_container(pod, asked))
            return status::bad_request(cat("container ", asked, " is not valid for pod ", pod_name));
        return asked;
    }
    const auto names = names_in(pod, "containers");
    const auto init_names = names_in(pod, "initContainers");
    if (names.size() == 1)
        return names[0];
    if (names.empty())
        return status::bad_request(cat("a container name must be specified for pod ", pod_name));
    auto message = cat("a container name must be specified for pod ", pod_name, ", choose one of: [", join(names, " "), "]");
    if (!init_names.empty())
        append(message, " or one of the init containers: [", join(init_names, " "), "]");
    return status::bad_request(message);
}

Failure from_kubelet(const Error& error) {
    Failure failure;
    failure.reason = error.reason;
    failure.message = error.message;
    failure.code = error.reason == "BadRequest" ? 400 : error.reason == "NotFound" ? 404 : 500;
    return failure;
}

bool is_true(const std::string& text) { return text == "true" || text == "1"; }

}  // namespace

Answer<Value> log(Core& core, Registry&, Call& call) {
    const auto& kind = *call.route.kind;
    const Value& pod = core.get(kind, call.route.namespace_name, call.route.name);
    if (pod.is_null())
        return status::not_found(kind, call.route.name);
    auto container = container_for(pod, call.query("container"));
    if (!container.ok())
        return container.failure();
    const auto node = pod["spec"]["nodeName"].str();
    if (node.empty())
        return Value("");  // not scheduled: nothing to read, and no error
    LogOptions options;
    options.previous = is_true(call.query("previous"));
    options.timestamps = is_true(call.query("timestamps"));
    options.tail_lines = parse_int(call.query("tailLines"));
    options.since_seconds = parse_int(call.query("sinceSeconds"));
    options.limit_bytes = parse_int(call.query("limitBytes"));
    if (!core.dialer)
        return status::internal("no connection to nodes");
    auto text = core.dialer->logs({node, call.route.namespace_name, call.route.name, container.value()}, options);
    if (!text.ok())
        return from_kubelet(text.error());
    return Value(text.take());
}

// What a real server sends as streams comes back as one object (simplifications.json: "exec-not-streamed").
Answer<Value> exec(Core& core, Registry&, Call& call) {
    const auto& kind = *call.route.kind;
    const Value pod = core.get(kind, call.route.namespace_name, call.route.name);
    if (pod.is_null())
        return status::not_found(kind, call.route.name);
    auto container = container_for(pod, call.query("container"));
    if (!container.ok())
        return container.failure();
    const auto node = pod["spec"]["nodeName"].str();
    if (node.empty())
        return status::bad_request(cat("pod ", call.route.name, " does not have a host assigned"));
    const auto& command = call.query("command");
    if (command.empty())
        return status::bad_request("you must specify at least 1 command for the container");
    std::vector<std::string> argv;
    for (auto piece : split(command, '\n'))
        argv.emplace_back(piece);
    if (!core.dialer)
        return status::internal("no connection to nodes");
    auto result = core.dialer->exec({node, call.route.namespace_name, call.route.name, container.value(), call.query("tty") == "true"}, argv,
                                    call.request.body["stdin"].str());
    if (!result.ok())
        return from_kubelet(result.error());
    return Value::object({{"stdout", result.value().stdout_text},
                          {"stderr", result.value().stderr_text},
                          {"exitCode", result.value().exit_code},
                          {"elapsedNs", result.value().elapsed.ns}});
}

// One exchange over a forwarded connection comes back as one object, as exec's does.
Answer<Value> port_forward(Core& core, Registry&, Call& call) {
    const auto& kind = *call.route.kind;
    const Value pod = core.get(kind, call.route.namespace_name, call.route.name);
    if (pod.is_null())
        return status::not_found(kind, call.route.name);
    const auto node = pod["spec"]["nodeName"].str();
    if (node.empty())
        return status::bad_request(cat("pod ", call.route.name, " does not have a host assigned"));
    const auto port = parse_int(call.query("ports")).value_or(0);
    if (port < 1 || port > 65535)
        return status::bad_request(cat("port ", quoted(call.query("ports")), " must be > 0"));
    if (!core.dialer)
        return status::internal("no connection to nodes");
    const Value& body = call.request.body;
    ProxyRequest request;
    request.scheme = body["scheme"].str("http");
    request.method = body["method"].str("GET");
    request.path = body["path"].str("/");
    request.host = body["host"].str();
    request.body = body["body"].str();
    for (const auto& [name, value] : body["headers"].members())
        request.headers[name] = value.str();
    auto answer = core.dialer->forward({node, call.route.namespace_name, call.route.name, {}}, static_cast<std::uint16_t>(port), request);
    if (!answer.ok())
        return from_kubelet(answer.error());
    Value headers = Value::object();
    for (const auto& [name, value] : answer.value().headers)
        headers.set(name, value);
    return Value::object({{"status", answer.value().status},
                          {"headers", headers},
                          {"body", answer.value().body},
                          {"elapsedNs", answer.value().elapsed.ns}});
}

}  // namespace kubewalk::apiserver::subresource
