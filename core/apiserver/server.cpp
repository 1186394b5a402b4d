#include "core/apiserver/server.h"

#include "core/apiserver/discovery.h"
#include "core/apiserver/registry.h"
#include "core/apiserver/subresources.h"
#include "core/apiserver/table.h"
#include "core/base/text.h"

namespace kubewalk::apiserver {

using api::Value;
using client::Request;
using client::Response;

namespace {

// Kinds whose use the server warns of. Upstream: zz_generated.prerelease-lifecycle.go.
struct Deprecation {
    std::string_view group;
    std::string_view resource;
    std::string_view warning;
};
constexpr Deprecation deprecations[] = {
    {"", "endpoints", "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice"},
};

// Certificates and tokens name these; RBAC is not simulated.
bool is_known_user(std::string_view user) {
    return user == "kubernetes-admin" || (user.starts_with("system:") && user != "system:anonymous");
}

bool is_public_path(std::string_view path) {
    return path == "/version" || path == "/healthz" || path == "/livez" || path == "/readyz";
}

int code_of(const Call& call) {
    const bool creates = call.route.verb == Verb::create && call.route.subresource != "exec";
    return call.route.kind && creates ? 201 : 200;
}

std::string with_query(const Request& request) {
    std::string text = request.path;
    char separator = '?';
    for (const auto& [key, value] : request.query) {
        append(text, separator, key, "=", value);
        separator = '&';
    }
    return text;
}

std::string_view accept_of(const Request& request) {
    auto found = request.headers.find("Accept");
    return found == request.headers.end() ? std::string_view() : std::string_view(found->second);
}

}  // namespace

ApiServer::ApiServer(sim::Simulation& simulation, store::Store& store, const api::Schema& schema, Options options)
    : core_(simulation, store, schema, std::move(options)) {
    core_.state.random = simulation.random().stream("apiserver");
}

void ApiServer::load(const std::shared_ptr<const void>& state) {
    core_.state = *static_cast<const State*>(state.get());
    steps_.clear();
}

std::string ApiServer::refusal() const {
    return cat("dial tcp ", core_.options.address, ": connect: connection refused");
}

void ApiServer::set_available(bool available) {
    if (core_.state.available && !available)
        core_.state.watches.close_all(core_.simulation, core_.state.random);
    core_.state.available = available;
}

Response ApiServer::send(const Request& request) {
    if (!core_.state.available) {
        Response response;
        response.failure = refusal();
        return response;
    }
    if (request.unrecorded)
        return peek(request);
    // Whoever asks keeps the own cause: a request is an effect, what follows from it comes by watches.
    sim::Simulation::CauseScope scope(core_.simulation, core_.simulation.current_cause());
    core_.housekeeping();
    steps_.clear();
    Call call{request, parse_route(request), {}, steps_, core_.simulation.log().size() + 1,
              request.query.contains("dryRun")};
    Response response = handle(call);
    response.warnings = std::move(call.warnings);
    log(call, response);
    core_.publish();
    return response;
}

Response ApiServer::peek(const Request& request) {
    std::vector<sim::Fact> steps;
    Call call{request, parse_route(request), {}, steps, 0, true};
    const bool reads = call.route.verb == Verb::get || call.route.verb == Verb::list;
    if (!reads || call.route.subresource == "exec")
        return status::method_not_allowed().response();
    Response response = handle(call);
    response.warnings = std::move(call.warnings);
    return response;
}

Response ApiServer::handle(Call& call) {
    if (auto authorised = authorise(call); !authorised.ok())
        return authorised.failure().response();
    if (call.route.kind)
        for (const auto& entry : deprecations)
            if (entry.resource == call.route.kind->resource && entry.group == call.route.kind->group)
                call.warnings.emplace_back(entry.warning);
    auto answer = dispatch(call);
    if (!answer.ok())
        return answer.failure().response();
    Response response;
    response.code = code_of(call);
    response.body = answer.take();
    const bool objects = call.route.kind && call.route.subresource.empty();
    if (objects && wants_table(accept_of(call.request)))
        response.body = to_table(*call.route.kind, response.body, core_.simulation.now(), call.query("includeObject"));
    return response;
}

Answer<Done> ApiServer::authorise(Call& call) const {
    const std::string user = call.request.user.empty() ? "system:anonymous" : call.request.user;
    call.step("apiserver.authn", {user});
    const auto* kind = call.route.kind;
    const auto verb = std::string(verb_name(call.route.verb));
    const bool allowed = is_known_user(user) || (!kind && is_public_path(call.request.path));
    call.step("apiserver.authz",
              {allowed ? "allow" : "deny", user, verb, kind ? kind->group_resource() : call.request.path});
    if (allowed)
        return Done{};
    if (!kind) {
        Failure failure;
        failure.code = 403;
        failure.reason = "Forbidden";
        failure.message = cat("forbidden: User ", quoted(user), " cannot ", verb, " path ", quoted(call.request.path));
        return failure;
    }
    auto resource = std::string(kind->resource);
    if (!call.route.subresource.empty())
        append(resource, "/", call.route.subresource);
    auto why = cat("User ", quoted(user), " cannot ", verb, " resource ", quoted(resource), " in API group ",
                   quoted(kind->group));
    if (!kind->namespaced() || call.route.namespace_name.empty())
        append(why, " at the cluster scope");
    else
        append(why, " in the namespace ", quoted(call.route.namespace_name));
    return status::forbidden(*kind, call.route.name, why);
}

Answer<Value> ApiServer::dispatch(Call& call) {
    const Route& route = call.route;
    if (route.unknown)
        return status::unknown_path();
    if (!route.kind)
        return non_resource(core_, call.request);
    Registry registry(core_);
    if (!route.subresource.empty() && route.subresource != "status") {
        const auto* sub = find_subresource(*route.kind, route.subresource);
        if (!sub)
            return status::unknown_path();
        for (auto verb : split(sub->verbs, ','))
            if (verb == verb_name(route.verb))
                return sub->handle(core_, registry, call);
        return status::method_not_allowed();
    }
    if (route.subresource == "status" && route.kind->status == api::StatusSubresource::no)
        return status::unknown_path();
    const bool whole_collection = route.kind->namespaced() && route.namespace_name.empty();
    switch (route.verb) {
        case Verb::get: return registry.get(call);
        case Verb::list: return registry.list(call);
        case Verb::create:
            if (!route.name.empty() || whole_collection)
                break;
            return registry.create(call);
        case Verb::update:
            if (route.name.empty())
                break;
            return registry.update(call);
        case Verb::patch:
            if (route.name.empty())
                break;
            return registry.patch(call);
        case Verb::remove:
            if (!route.subresource.empty())
                break;
            return registry.remove(call);
        case Verb::remove_collection:
            if (whole_collection || route.kind->kind == "Namespace")
                break;
            return registry.remove_collection(call);
        case Verb::watch: return status::bad_request("a watch is opened by Transport::watch");
    }
    return status::method_not_allowed();
}

void ApiServer::log(const Call& call, const Response& response) {
    sim::ObjectRef object;
    if (call.route.kind) {
        object.resource = call.route.kind->resource;
        object.namespace_name = call.route.namespace_name;
        object.name = call.route.name;
        if (object.name.empty() && call.route.verb == Verb::create && response.ok())
            object.name = api::name_of(response.body);
    }
    const auto method = std::string(client::method_name(call.request.method));
    const auto path = call.route.verb == Verb::watch ? with_query(call.request) : call.request.path;
    core_.simulation.record(sim::EntryKind::api_call, call.request.agent, std::move(object),
                            {"api.call", {method, path, cat(response.code)}}, call.request.heartbeat);
}

Result<client::WatchId> ApiServer::watch(const Request& request, sim::ComponentId target, std::uint32_t event_code) {
    if (!core_.state.available)
        return Error{"ConnectionRefused", refusal(), {}};
    sim::Simulation::CauseScope scope(core_.simulation, core_.simulation.current_cause());
    core_.housekeeping();
    steps_.clear();
    Request asked = request;
    asked.query["watch"] = "true";
    Call call{asked, parse_route(asked), {}, steps_, core_.simulation.log().size() + 1, false};
    auto refuse = [&](const Failure& failure) -> Error {
        const auto response = failure.response();
        log(call, response);
        return client::to_error(response);
    };
    if (auto authorised = authorise(call); !authorised.ok())
        return refuse(authorised.failure());
    if (!call.route.kind || call.route.verb != Verb::watch)
        return refuse(status::unknown_path());
    const auto& kind = *call.route.kind;
    auto filter = Filter::parse(kind, call.route.namespace_name, asked.query);
    if (!filter.ok())
        return refuse(filter.failure());

    std::vector<client::WatchEvent> backlog;
    const auto since = parse_int(call.query("resourceVersion")).value_or(0);
    const auto prefix = store_prefix(kind, call.route.namespace_name);
    if (since == 0) {  // from any version: what there is comes first
        for (auto it = core_.store.first(prefix); core_.store.within(it, prefix); ++it)
            if (filter.value().matches(it->second.value))
                backlog.push_back({client::WatchType::added, it->second.value, 0, false});
    } else {
        const auto changes = core_.store.changes_after(since, prefix);
        if (!changes.ok())
            return refuse(status::expired(cat("too old resource version: ", since, " (", core_.store.revision(), ")")));
        for (const auto& [revision, change] : changes.value())
            if (auto event = WatchHub::seen_by(filter.value(), revision, change))
                backlog.push_back(std::move(*event));
    }
    Response response;
    response.code = 200;
    log(call, response);
    return core_.state.watches.open(core_.simulation, core_.state.random, kind, filter.take(), target, event_code,
                                    std::move(backlog));
}

client::Transport::WatchBatch ApiServer::read(client::WatchId watch) { return core_.state.watches.read(watch); }

void ApiServer::unwatch(client::WatchId watch) { core_.state.watches.close(watch); }

}  // namespace kubewalk::apiserver
