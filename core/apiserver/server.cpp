#include "core/apiserver/server.h"

#include "core/api/conversion.h"
#include "core/api/custom_kinds.h"
#include "core/api/yaml.h"
#include "core/apiserver/aggregation.h"
#include "core/apiserver/bootstrap_policy.h"
#include "core/apiserver/computed.h"
#include "core/apiserver/custom/custom_scale.h"
#include "core/apiserver/discovery.h"
#include "core/apiserver/flow_control.h"
#include "core/apiserver/gate.h"
#include "core/apiserver/managed_fields.h"
#include "core/apiserver/negotiation.h"
#include "core/apiserver/registry.h"
#include "core/apiserver/reviews.h"
#include "core/apiserver/service_ranges.h"
#include "core/apiserver/subresources.h"
#include "core/apiserver/table.h"
#include "core/apiserver/watch_backlog.h"
#include "core/base/sha256.h"
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
    {"", "componentstatuses", "v1 ComponentStatus is deprecated in v1.19+"},
    {"", "endpoints", "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice"},
};

int code_of(const Call& call) {
    if (find_review(call.request.path))
        return 201;
    const bool creates = call.route.verb == Verb::create && call.route.subresource != "exec" && call.route.subresource != "portforward";
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

// One object or a list of them, as the client's version has it; anything else (a Status, a Scale) as it is.
Value in_served_form(const Core& core, const Route& route, const Value& body) {
    const auto& kind = *route.kind;
    if (api::is_custom(kind)) {
        const auto* custom = core.customs.find(kind);
        return custom ? custom->in_this_version(body) : body;
    }
    if (body["kind"].as_string() == kind.kind)
        return api::convert(body, kind, *route.served);
    if (body["kind"].as_string() != kind.list())
        return body;
    Value items = Value::array();
    for (const auto& item : body["items"].items())
        items.push_back(api::convert(item, kind, *route.served));
    Value list = body;
    list.set("apiVersion", route.served->api_version());
    list.set("items", std::move(items));
    return list;
}

// Whether a request cannot even begin without etcd. Those that write come as far as the write: decoding, admission
// and validation work from memory.
bool asks_etcd(const Core& core, const Call& call) {
    const Route& route = call.route;
    if (!route.subresource.empty() && route.subresource != "status")
        return true;
    switch (route.verb) {
        case Verb::get: return true;
        case Verb::list: return call.query("resourceVersion") != "0";
        case Verb::update:
        case Verb::patch:
        case Verb::remove: return core.get(*route.kind, route.namespace_name, route.name).is_null();
        case Verb::remove_collection: return true;
        case Verb::create:
        case Verb::watch: return false;
    }
    return true;
}

// start-kube-apiserver-identity-lease-controller. Upstream: pkg/controlplane/apiserver/server.go, k8s.io/apiserver/pkg/reconcilers.
constexpr std::string_view own_host = "control-plane";
std::string identity_lease_name() {
    constexpr std::size_t half = 16;
    const auto digest = sha256(own_host);
    const auto name = cat("apiserver-", to_lower(base32({reinterpret_cast<const char*>(digest.data()), half})));
    return name.substr(0, name.find('='));
}
Value identity_lease(const Core& core, Random& random) {
    const auto name = identity_lease_name();
    return Value::object({{"apiVersion", "coordination.k8s.io/v1"},
                          {"kind", "Lease"},
                          {"metadata", Value::object({{"name", name},
                                                      {"namespace", "kube-system"},
                                                      {"labels", Value::object({{"apiserver.kubernetes.io/identity", "kube-apiserver"},
                                                                                {"kubernetes.io/hostname", own_host}})}})},
                          {"spec", Value::object({{"holderIdentity", cat(name, "_", random.uuid())},
                                                  {"leaseDurationSeconds", 3600},
                                                  {"renewTime", to_rfc3339_micro(core.simulation.now())}})}});
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
    core_.authorizer.forget();
    core_.customs.forget();
    requests_.clear();
}

std::string ApiServer::refusal() const {
    return cat("dial tcp ", core_.options.address, ": connect: connection refused");
}

const api::Kind* ApiServer::custom_kind(std::string_view api_version, std::string_view kind) const {
    for (const auto& custom : core_.customs.all())
        if (custom.kind().kind == kind && custom.kind().api_version() == api_version)
            return &custom.kind();
    return nullptr;
}

void ApiServer::set_available(bool available) {
    if (core_.state.available && !available)
        core_.state.watches.close_all(core_.simulation, core_.state.random);
    if (available && !core_.state.available && core_.options.authorization == AuthorizationMode::node_rbac)
        bootstrap();
    core_.state.available = available;
}

// What the post-start hooks make: rbac/bootstrap-roles, scheduling/bootstrap-system-priority-classes.
void ApiServer::bootstrap() {
    Random random = core_.simulation.random().stream("apiserver/bootstrap");
    for (auto& [kind, object] : bootstrap_objects())
        core_.install(*kind, std::move(object), random);
    for (auto& [kind, object] : flow_control_objects())
        core_.install(*kind, std::move(object), random);
    register_own_groups(core_, random);
    core_.install(*api::find_kind("networking.k8s.io/v1", "ServiceCIDR"), default_service_cidr(core_), random);
    const auto& leases = *api::find_kind("coordination.k8s.io/v1", "Lease");
    core_.state.identity_lease = store_key(leases, "kube-system", identity_lease_name());
    core_.install(leases, identity_lease(core_, random), random);
    core_.publish();
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
    RequestRecord& record = begin(request);
    Response response = answer(request, record, request.query.contains("dryRun"));
    record.watches_told = core_.publish();
    return response;
}

RequestRecord& ApiServer::begin(const Request& request) {
    RequestRecord& record = requests_.begin();
    record.entry = core_.simulation.log().size() + 1;
    record.at = core_.simulation.now();
    record.agent = request.agent;
    record.method = request.method;
    record.path = request.path;
    record.heartbeat = request.heartbeat;
    return record;
}

// Authentication, the rest, and the entry in the cause log.
Response ApiServer::answer(const Request& request, RequestRecord& record, bool dry_run) {
    UserInfo acting;
    auto user = authenticate(core_, request, record, acting);
    Call call{request, parse_route(request, core_.customs), {}, record, user.ok() ? *user.value() : acting, record.entry, dry_run};
    Response response = user.ok() ? handle(call) : user.failure().response();
    response.warnings = std::move(call.warnings);
    record.code = response.code;
    if (!response.ok())
        record.message = response.body["message"].as_string();
    if (record.entry != 0)
        log(call, response);
    return response;
}

Response ApiServer::peek(const Request& request) {
    const Route route = parse_route(request, core_.customs);
    const bool reads = route.verb == Verb::get || route.verb == Verb::list || route.verb == Verb::watch;
    const bool tries = request.query.contains("dryRun");
    const bool reaches_out = route.subresource == "exec" || route.subresource == "portforward" || route.subresource == "proxy" ||
                             (route.kind ? find_computed(*route.kind) != nullptr : leads_elsewhere(core_, request));
    if ((!reads && !tries) || reaches_out)
        return status::method_not_allowed().response();
    // Chance and allocations go on as if nobody had asked.
    const State before = core_.state;
    RequestRecord unseen;
    Response response = answer(request, unseen, true);
    core_.state = before;
    return response;
}

Response ApiServer::handle(Call& call) {
    if (auto authorised = authorise(core_, call); !authorised.ok())
        return authorised.failure().response();
    if (call.route.kind)
        for (const auto& entry : deprecations)
            if (entry.resource == call.route.kind->resource && entry.group == call.route.kind->group)
                call.warnings.emplace_back(entry.warning);
    const auto* custom = call.route.kind ? core_.customs.find(*call.route.kind) : nullptr;
    if (custom)
        if (auto warning = custom->deprecation(); !warning.empty())
            call.warnings.push_back(std::move(warning));
    const auto& part = call.route.subresource;
    const bool objects = call.route.kind && (part.empty() || part == "status" || part == "scale" || part == "resize");
    const auto form = objects || find_review(call.request.path) ? negotiate(accept_of(call.request), objects) : Form{};
    if (!form)
        return not_acceptable().response();
    auto answer = dispatch(call);
    if (!answer.ok())
        return answer.failure().response();
    Response response;
    response.code = call.code != 0 ? call.code : code_of(call);
    response.body = answer.take();
    response.headers = std::move(call.headers);
    if (call.route.verb == Verb::watch)
        return response;
    if (call.route.kind && form->as != Form::As::table && !call.request.without_managed_fields)
        response.body = with_managed_fields(core_, call, std::move(response.body));
    if (form->as == Form::As::metadata || form->as == Form::As::metadata_list) {
        auto metadata = to_metadata(*call.route.kind, response.body, form->as);
        if (!metadata.ok())
            return metadata.failure().response();
        response.body = metadata.take();
    } else if (form->as == Form::As::table)
        response.body = to_table(core_, call, response.body);
    else if (call.route.kind != call.route.served || custom)
        response.body = in_served_form(core_, call.route, response.body);
    if (form->yaml && !response.body.is_string()) {
        response.body = Value(api::to_yaml(response.body));
        response.headers["content-type"] = "application/yaml";
    }
    return response;
}

Answer<Value> ApiServer::dispatch(Call& call) {
    const Route& route = call.route;
    if (const auto* review = find_review(call.request.path))
        return call.request.method == client::Method::post ? review->handle(core_, call) : status::method_not_allowed();
    if (!route.kind && leads_elsewhere(core_, call.request))
        return hand_on(core_, call, *aggregated_route(call.request));
    if (route.unknown)
        return status::unknown_path();
    if (!route.kind)
        return non_resource(core_, call);
    if (const auto* computed = find_computed(*route.kind)) {
        for (auto verb : split(computed->verbs, ','))
            if (verb == verb_name(route.verb) && route.subresource.empty()) {
                Registry registry(core_);
                return computed->handle(core_, registry, call);
            }
        return status::method_not_allowed();
    }
    if (!core_.state.storage_answers && asks_etcd(core_, call))
        return call.request.method == client::Method::get ? status::read_timeout() : status::write_timeout();
    Registry registry(core_);
    if (!route.subresource.empty() && route.subresource != "status") {
        if (const auto* custom = core_.customs.find(*route.kind); custom && route.subresource == "scale" && !custom->scale().is_null())
            return custom_scale(core_, registry, call, *custom);
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
        case Verb::watch: return watch_until_now(core_, call, wants_table(accept_of(call.request)));
    }
    return status::method_not_allowed();
}

void ApiServer::log(const Call& call, const Response& response) {
    sim::ObjectView object;
    if (call.route.kind) {
        object = {call.route.kind->resource, call.route.namespace_name, call.route.name};
        if (object.name.empty() && call.route.verb == Verb::create && response.ok())
            object.name = api::name_of(response.body);
    }
    std::string whole;
    if (call.route.verb == Verb::watch)
        whole = with_query(call.request);
    core_.simulation.record(sim::EntryKind::api_call, call.request.agent, object,
                            {"api.call", {client::method_name(call.request.method), whole.empty() ? call.request.path : whole, cat(response.code)}},
                            call.request.heartbeat);
}

Result<client::WatchId> ApiServer::watch(const Request& request, sim::ComponentId target, std::uint32_t event_code) {
    if (!core_.state.available)
        return Error{"ConnectionRefused", refusal(), {}};
    sim::Simulation::CauseScope scope(core_.simulation, core_.simulation.current_cause());
    core_.housekeeping();
    Request asked = request;
    asked.query["watch"] = "true";
    RequestRecord& record = begin(asked);
    UserInfo acting;
    auto user = authenticate(core_, asked, record, acting);
    Call call{asked, parse_route(asked, core_.customs), {}, record, user.ok() ? *user.value() : acting, record.entry, false};
    auto refuse = [&](const Failure& failure) -> Error {
        const auto response = failure.response();
        record.code = response.code;
        record.message = failure.message;
        log(call, response);
        return client::to_error(response);
    };
    if (!user.ok())
        return refuse(user.failure());
    if (auto authorised = authorise(core_, call); !authorised.ok())
        return refuse(authorised.failure());
    if (!call.route.kind || call.route.verb != Verb::watch)
        return refuse(status::unknown_path());
    const auto& kind = *call.route.kind;
    auto filter = Filter::parse(kind, call.route.namespace_name, asked.query);
    if (!filter.ok())
        return refuse(filter.failure());

    auto backlog = watch_backlog(core_, call, filter.value());
    if (!backlog.ok())
        return refuse(backlog.failure());
    Response response;
    response.code = record.code = 200;
    log(call, response);
    return core_.state.watches.open(core_.simulation, core_.state.random, core_.store, {&kind, call.route.served, filter.take()},
                                    {target, event_code}, backlog.take());
}

client::Transport::WatchBatch ApiServer::read(client::WatchId watch) { return core_.state.watches.read(watch); }

void ApiServer::unwatch(client::WatchId watch) { core_.state.watches.close(watch); }

}  // namespace kubewalk::apiserver
