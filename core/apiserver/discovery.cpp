#include "core/apiserver/discovery.h"

#include <algorithm>

#include "core/apiserver/aggregation.h"
#include "core/apiserver/computed.h"
#include "core/apiserver/health.h"
#include "core/apiserver/reviews.h"
#include "core/apiserver/subresources.h"
#include "core/base/base64.h"
#include "core/base/sha256.h"
#include "core/base/text.h"

namespace kubewalk::apiserver {

using api::Value;

namespace {

Value names(std::string_view list) {
    Value result = Value::array();
    for (auto piece : split(list, ','))
        if (!piece.empty())
            result.push_back(piece);
    return result;
}

std::string group_version(std::string_view group, std::string_view version) {
    return group.empty() ? std::string(version) : cat(group, "/", version);
}

Value resource_list(const Core& core, std::string_view group, std::string_view version) {
    constexpr std::string_view all_verbs = "create,delete,deletecollection,get,list,patch,update,watch";
    const auto verbs_of = [&](const api::Kind& kind) {
        const auto* computed = find_computed(kind);
        return computed ? computed->verbs : all_verbs;
    };
    struct Row {
        std::string name;
        Value value;
    };
    std::vector<Row> rows;
    const auto add_kind = [&](const api::Kind& kind, bool scales) {
        Value entry = Value::object({{"name", kind.resource},
                                     {"singularName", kind.singular},
                                     {"namespaced", kind.namespaced()},
                                     {"kind", kind.kind},
                                     {"verbs", names(verbs_of(kind))}});
        if (!kind.short_names.empty())
            entry.set("shortNames", names(kind.short_names));
        if (!kind.categories.empty())
            entry.set("categories", names(kind.categories));
        rows.push_back({std::string(kind.resource), std::move(entry)});
        auto add = [&](std::string_view name, std::string_view its_kind, std::string_view its_group,
                       std::string_view its_version, std::string_view verbs) {
            Value sub = Value::object({{"name", cat(kind.resource, "/", name)},
                                       {"singularName", ""},
                                       {"namespaced", kind.namespaced()},
                                       {"kind", its_kind},
                                       {"verbs", names(verbs)}});
            if (its_group != group)
                sub.set("group", its_group);
            if (its_group != group || its_version != version)
                sub.set("version", its_version);
            rows.push_back({cat(kind.resource, "/", name), std::move(sub)});
        };
        if (kind.status == api::StatusSubresource::yes)
            add("status", kind.kind, group, version, "get,patch,update");
        for (const auto& sub : subresources())
            if (sub.group == group && sub.resource == kind.resource)
                add(sub.name, sub.kind, sub.kind_group, sub.kind_version, sub.verbs);
        if (scales)
            add("scale", "Scale", "autoscaling", "v1", "get,patch,update");
    };
    for (const auto& kind : api::kinds())
        if (kind.group == group && kind.version == version)
            add_kind(kind, false);
    if (rows.empty() && group_priority(group) == 0)
        for (const auto& custom : core.customs.all())
            if (custom.kind().group == group && custom.kind().version == version)
                add_kind(custom.kind(), !custom.scale().is_null());
    for (const auto& review : reviews())
        if (review.group == group && review.version == version)
            rows.push_back({std::string(review.resource), Value::object({{"name", review.resource},
                                                                         {"singularName", review.singular},
                                                                         {"namespaced", review.namespaced},
                                                                         {"kind", review.kind},
                                                                         {"verbs", names("create")}})});
    if (rows.empty())
        return {};
    std::sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) { return a.name < b.name; });
    Value resources = Value::array();
    for (auto& row : rows)
        resources.push_back(std::move(row.value));
    return Value::object({{"kind", "APIResourceList"},
                          {"apiVersion", "v1"},
                          {"groupVersion", group_version(group, version)},
                          {"resources", std::move(resources)}});
}

struct Group {
    std::string name;
    std::vector<std::string> versions;  // the preferred one first
    int priority = 0;
};

// Of other servers too, whether they answer or not (handler_apis.go).
std::vector<Group> groups(const Core& core) {
    std::vector<Group> found;
    auto add = [&](std::string_view name, std::string_view version, int priority) {
        if (name.empty())
            return;
        auto group = std::find_if(found.begin(), found.end(), [&](const Group& one) { return one.name == name; });
        if (group == found.end())
            group = found.insert(found.end(), Group{std::string(name), {}, priority});
        if (std::find(group->versions.begin(), group->versions.end(), version) == group->versions.end())
            group->versions.emplace_back(version);
    };
    for (const auto& kind : api::kinds())
        add(kind.group, kind.version, group_priority(kind.group));
    for (const auto& review : reviews())
        add(review.group, review.version, group_priority(review.group));
    constexpr int custom_priority = 1000;
    for (const auto& custom : core.customs.all())
        add(custom.kind().group, custom.kind().version, custom_priority);
    const auto prefix = store_prefix(api::kind::api_services, {});
    for (auto it = core.store.first(prefix); core.store.within(it, prefix); ++it)
        if (const Value& spec = it->second.value["spec"]; !spec["service"].is_null())
            add(spec["group"].as_string(), spec["version"].as_string(), static_cast<int>(spec["groupPriorityMinimum"].as_int()));
    std::stable_sort(found.begin(), found.end(), [](const Group& a, const Group& b) { return a.priority > b.priority; });
    return found;
}

Value group_entry(const Group& group) {
    Value versions = Value::array();
    for (const auto& version : group.versions)
        versions.push_back(Value::object({{"groupVersion", group_version(group.name, version)}, {"version", version}}));
    const Value preferred = versions[std::size_t(0)];
    return Value::object({{"name", group.name}, {"versions", std::move(versions)}, {"preferredVersion", preferred}});
}

Value group_list(const Core& core) {
    Value list = Value::array();
    for (const auto& group : groups(core))
        list.push_back(group_entry(group));
    return Value::object({{"kind", "APIGroupList"}, {"apiVersion", "v1"}, {"groups", std::move(list)}});
}

// What the release v1.36.1 says of its build.
constexpr std::string_view git_commit = "756939600b9a7180fc2df6550a4585b638875e67";
constexpr std::string_view build_date = "2026-05-12T09:51:34Z";

Value version_info(const Core& core) {
    const auto parts = split(std::string_view(core.options.version).substr(1), '.');
    const auto minor = parse_int(parts.size() > 1 ? parts[1] : std::string_view()).value_or(0);
    return Value::object({{"major", parts[0]},
                          {"minor", cat(minor)},
                          {"emulationMajor", parts[0]},
                          {"emulationMinor", cat(minor)},
                          {"minCompatibilityMajor", parts[0]},
                          {"minCompatibilityMinor", cat(minor - 1)},
                          {"gitVersion", core.options.version},
                          {"gitCommit", git_commit},
                          {"gitTreeState", "clean"},
                          {"buildDate", build_date},
                          {"goVersion", "go1.26.2"},
                          {"compiler", "gc"},
                          {"platform", "linux/amd64"}});
}

// Upstream: pkg/routes/openidmetadata.go, pkg/serviceaccount/openidmetadata.go. The key is nobody's: tokens are not really signed
// (assets/simplifications.json: token-signature).
Value openid_configuration(const Core& core) {
    return Value::object({{"issuer", "https://kubernetes.default.svc.cluster.local"},
                          {"jwks_uri", cat("https://", core.options.address, "/openid/v1/jwks")},
                          {"response_types_supported", Value::array({"id_token"})},
                          {"subject_types_supported", Value::array({"public"})},
                          {"id_token_signing_alg_values_supported", Value::array({"RS256"})}});
}

Value openid_keys() {
    constexpr int modulus_bytes = 256;
    std::string modulus;
    for (int i = 0; static_cast<int>(modulus.size()) < modulus_bytes; ++i) {
        const auto part = sha256(cat("service-account-key-", i));
        modulus.append(reinterpret_cast<const char*>(part.data()), part.size());
    }
    modulus[0] = static_cast<char>(modulus[0] | 0x80);
    const Value key = Value::object({{"use", "sig"}, {"kty", "RSA"}, {"kid", "kubewalk"}, {"alg", "RS256"},
                                     {"n", to_base64(modulus, Base64::url)}, {"e", "AQAB"}});
    return Value::object({{"keys", Value::array({key})}});
}

// /openapi/v3/apis/GROUP/VERSION of custom kinds: what kubectl explain is made of. Schemas of the server's own kinds are not
// published (simplifications.json: "kubectl-discovery"). Upstream: k8s.io/apiextensions-apiserver/pkg/controller/openapi/builder.
Value published_schemas(const Core& core, std::string_view group, std::string_view version) {
    std::string prefix;
    for (const auto piece : split(group, '.'))
        prefix = prefix.empty() ? std::string(piece) : cat(piece, ".", prefix);
    Value schemas = Value::object();
    for (const auto& custom : core.customs.all()) {
        const auto& kind = custom.kind();
        if (kind.group != group || kind.version != version)
            continue;
        Value schema = custom.schema();
        schema.set("x-kubernetes-group-version-kind", Value::array({Value::object({{"group", group}, {"kind", kind.kind}, {"version", version}})}));
        schemas.set(cat(prefix, ".", version, ".", kind.kind), std::move(schema));
    }
    return Value::object({{"openapi", "3.0.0"},
                          {"info", Value::object({{"title", "Kubernetes CRD Swagger"}, {"version", "v0.1.0"}})},
                          {"components", Value::object({{"schemas", std::move(schemas)}})}});
}

Value api_versions(const Core& core) {
    return Value::object(
        {{"kind", "APIVersions"},
         {"versions", Value::array({"v1"})},
         {"serverAddressByClientCIDRs",
          Value::array({Value::object({{"clientCIDR", "0.0.0.0/0"}, {"serverAddress", core.options.address}})})}});
}

}  // namespace

Answer<Value> non_resource(const Core& core, Call& call) {
    const auto& request = call.request;
    if (request.method != client::Method::get)
        return status::unknown_path();
    std::string_view path = request.path;
    if (is_health_path(path))
        return health(core, call);
    // The roots answer under both names: `curl localhost:8001/api/` is how the documentation asks.
    if (path == "/api/" || path == "/apis/" || path == "/version/")
        path.remove_suffix(1);
    if (path == "/version")
        return version_info(core);
    if (path == "/.well-known/openid-configuration" || path == "/.well-known/openid-configuration/")
        return openid_configuration(core);
    if (path == "/openid/v1/jwks" || path == "/openid/v1/jwks/")
        return openid_keys();
    if (path == "/api")
        return api_versions(core);
    if (path == "/apis")
        return group_list(core);
    const auto parts = split(path, '/');
    if (parts.size() == 6 && parts[1] == "openapi" && parts[2] == "v3" && parts[3] == "apis" && core.customs.serves(parts[4], parts[5]))
        return published_schemas(core, parts[4], parts[5]);
    Value found;
    if (parts.size() == 3 && parts[1] == "api")
        found = resource_list(core, "", parts[2]);
    else if (parts.size() == 4 && parts[1] == "apis")
        found = resource_list(core, parts[2], parts[3]);
    else if (parts.size() == 3 && parts[1] == "apis")
        for (const auto& group : groups(core))
            if (group.name == parts[2]) {
                found = group_entry(group);
                found.set("kind", "APIGroup");
                found.set("apiVersion", "v1");
            }
    if (found.is_null())
        return status::unknown_path();
    return found;
}

}  // namespace kubewalk::apiserver
