// What an expression may ask about permissions. Upstream: k8s.io/apiserver/pkg/cel/library/authz.go.

#include "core/api/cel/program.h"
#include "core/api/names.h"
#include "core/base/text.h"

namespace kubewalk::api::cel {

namespace authorizer_library {
namespace {

using Args = std::span<const Val>;

enum Part : std::size_t { user, group, resource, subresource, namespace_name, name, path, part_count };
constexpr std::string_view authorizer = "kubernetes.authorization.Authorizer", group_check = "kubernetes.authorization.GroupCheck",
                           resource_check = "kubernetes.authorization.ResourceCheck", path_check = "kubernetes.authorization.PathCheck",
                           decision_type = "kubernetes.authorization.Decision";

Val with(const Val& before, std::string_view type, Part part, std::string_view text) {
    Opaque made = before.opaque();
    made.name = type;
    made.parts.resize(part_count);
    made.parts[part] = text;
    return Val::opaque(std::move(made));
}

Result<Val> to_path(Calling&, Args a) {
    if (trim(a[1].text()).empty())
        return cel_error("path must not be empty");
    return with(a[0], path_check, path, a[1].text());
}
Result<Val> to_group(Calling&, Args a) { return with(a[0], group_check, group, a[1].text()); }
Result<Val> to_account(Calling&, Args a) {
    if (!is_dns1123_label(a[1].text()).empty())
        return cel_error("Invalid service account namespace");
    if (!is_dns1123_subdomain(a[2].text()).empty())
        return cel_error("Invalid service account name");
    return with(a[0], authorizer, user, cat("system:serviceaccount:", a[1].text(), ":", a[2].text()));
}
Result<Val> to_resource(Calling&, Args a) {
    if (trim(a[1].text()).empty())
        return cel_error("resource must not be empty");
    return with(a[0], resource_check, resource, a[1].text());
}
template <Part part>
Result<Val> narrowed(Calling&, Args a) {
    return with(a[0], resource_check, part, a[1].text());
}
// Selectors narrow what is asked for, and authorizers that know none ignore them.
Result<Val> unchanged(Calling&, Args a) { return a[0]; }

Result<Val> check_permission(Calling& calling, Args a) {
    if (!calling.host)
        return no_such_overload();
    constexpr std::int64_t cost_of_a_check = 350'000;
    calling.cost += cost_of_a_check;
    const auto& parts = a[0].opaque().parts;
    const auto decision = calling.host->authorize({parts[user], std::string(a[1].text()), parts[group], parts[resource], parts[subresource],
                                                   parts[namespace_name], parts[name], parts[path]});
    return Val::opaque({std::string(decision_type), decision.allowed ? "allowed" : "", {}, {decision.reason}});
}
Result<Val> is_allowed(Calling&, Args a) { return Val::boolean(!a[0].opaque().text.empty()); }
Result<Val> has_failed(Calling&, Args) { return Val::boolean(false); }
Result<Val> error_text(Calling&, Args) { return Val::string(""); }
Result<Val> reason(Calling&, Args a) { return Val::string(a[0].opaque().parts[0]); }

constexpr FunctionLine lines[] = {
    {"path", "kubernetes.authorization.Authorizer.(string) -> kubernetes.authorization.PathCheck", to_path},
    {"group", "kubernetes.authorization.Authorizer.(string) -> kubernetes.authorization.GroupCheck", to_group},
    {"serviceAccount", "kubernetes.authorization.Authorizer.(string, string) -> kubernetes.authorization.Authorizer", to_account},
    {"resource", "kubernetes.authorization.GroupCheck.(string) -> kubernetes.authorization.ResourceCheck", to_resource},
    {"subresource", "kubernetes.authorization.ResourceCheck.(string) -> kubernetes.authorization.ResourceCheck", narrowed<subresource>},
    {"namespace", "kubernetes.authorization.ResourceCheck.(string) -> kubernetes.authorization.ResourceCheck", narrowed<namespace_name>},
    {"name", "kubernetes.authorization.ResourceCheck.(string) -> kubernetes.authorization.ResourceCheck", narrowed<name>},
    {"fieldSelector", "kubernetes.authorization.ResourceCheck.(string) -> kubernetes.authorization.ResourceCheck", unchanged},
    {"labelSelector", "kubernetes.authorization.ResourceCheck.(string) -> kubernetes.authorization.ResourceCheck", unchanged},
    {"check", "kubernetes.authorization.PathCheck.(string) -> kubernetes.authorization.Decision|"
              "kubernetes.authorization.ResourceCheck.(string) -> kubernetes.authorization.Decision", check_permission},
    {"allowed", "kubernetes.authorization.Decision.() -> bool", is_allowed},
    {"errored", "kubernetes.authorization.Decision.() -> bool", has_failed},
    {"error", "kubernetes.authorization.Decision.() -> string", error_text},
    {"reason", "kubernetes.authorization.Decision.() -> string", reason},
};

}  // namespace
}  // namespace authorizer_library

std::span<const FunctionLine> authorizer_functions() { return authorizer_library::lines; }

}  // namespace kubewalk::api::cel
