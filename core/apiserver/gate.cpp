#include "core/apiserver/gate.h"

#include "core/apiserver/aggregation.h"
#include "core/apiserver/reviews.h"
#include "core/apiserver/tokens.h"
#include "core/base/text.h"

namespace kubewalk::apiserver {

namespace {

std::string_view header(const client::Request& request, const std::string& name) {
    const auto found = request.headers.find(name);
    return found == request.headers.end() ? std::string_view() : std::string_view(found->second);
}

// For paths that are no resource the verb is the method in lower case.
std::string_view non_resource_verb(client::Method method) {
    static constexpr std::string_view names[] = {"get", "post", "put", "patch", "delete"};
    return names[static_cast<int>(method)];
}

std::string_view review_verb(client::Method method) { return method == client::Method::post ? "create" : "get"; }

Failure refuse(const Attributes& attributes, const Decision& decision) {
    auto why = refusal_of(attributes);
    if (decision.reason && !decision.reason->empty())
        append(why, ": ", *decision.reason);
    Failure failure;
    failure.code = 403;
    failure.reason = "Forbidden";
    failure.group = attributes.group;
    failure.kind = attributes.resource;
    failure.name = attributes.name;
    if (attributes.resource.empty()) {
        failure.message = cat("forbidden: ", why);
        return failure;
    }
    const auto what = attributes.group.empty() ? std::string(attributes.resource) : cat(attributes.resource, ".", attributes.group);
    failure.message = attributes.name.empty() ? cat(what, " is forbidden: ", why) : cat(what, " ", quoted(attributes.name), " is forbidden: ", why);
    return failure;
}

Failure unauthorized() {
    Failure failure;
    failure.code = 401;
    failure.reason = "Unauthorized";
    failure.message = "Unauthorized";
    return failure;
}

void remember(RequestRecord& record, const UserInfo& user) {
    record.user = user.name;
    record.groups.assign(user.groups.begin(), user.groups.end());
    record.credential = user.credential;
}

// kubectl --as and --as-group: each needs the verb "impersonate" on what it makes itself out to be.
Answer<const UserInfo*> impersonate(Core& core, const client::Request& request, const UserInfo& user, RequestRecord& record, UserInfo& acting) {
    const auto name = header(request, "Impersonate-User");
    std::vector<std::string_view> groups;
    for (const auto group : split(header(request, "Impersonate-Group"), '\n'))
        if (!group.empty())
            groups.push_back(group);
    if (name.empty() && groups.empty())
        return &user;
    if (name.empty()) {
        return status::internal(cat("requested [{Group  ", groups[0], "  authentication.k8s.io/v1  }] without impersonating a user"));
    }
    const auto may = [&](std::string_view resource, std::string_view space, std::string_view what) -> Answer<Done> {
        const Attributes attributes{user, "impersonate", {}, resource, {}, space, what, {}};
        const auto decision = core.options.authorization == AuthorizationMode::always_allow ? Decision{true, {}, nullptr} : core.authorizer.authorize(attributes);
        if (decision.allowed)
            return Done{};
        return refuse(attributes, decision);
    };
    const auto account = service_account_of(name);
    const auto one = account.name.empty() ? may("users", {}, name) : may("serviceaccounts", account.namespace_name, account.name);
    if (!one.ok())
        return one.failure();
    for (const auto group : groups)
        if (const auto allowed = may("groups", {}, group); !allowed.ok())
            return allowed.failure();
    acting.name = name;
    acting.credential = user.credential;
    acting.groups.assign(groups.begin(), groups.end());
    if (groups.empty() && !account.name.empty())
        acting.groups = {"system:serviceaccounts", cat("system:serviceaccounts:", account.namespace_name)};
    if (name == "system:anonymous")
        acting.groups.emplace_back("system:unauthenticated");
    else if (!acting.in_group("system:authenticated") && !acting.in_group("system:unauthenticated"))
        acting.groups.emplace_back("system:authenticated");
    record.impersonated_by = user.name;
    return &acting;
}

}  // namespace

Answer<const UserInfo*> authenticate(Core& core, const client::Request& request, RequestRecord& record, UserInfo& acting) {
    const UserInfo* user = nullptr;
    if (const auto bearer = header(request, "Authorization"); bearer.starts_with("Bearer ")) {
        const auto name = user_of_token(core, bearer.substr(7));
        if (name.empty())
            return unauthorized();
        user = &core.users.find(name);
    } else {
        user = &core.users.find(request.user);
    }
    auto counts_as = impersonate(core, request, *user, record, acting);
    remember(record, counts_as.ok() ? *counts_as.value() : *user);
    return counts_as;
}

Answer<Done> authorise(Core& core, Call& call) {
    const auto* served = call.route.served;
    const auto* review = served ? nullptr : find_review(call.request.path);
    const bool anonymous_path = !served && !review;
    Attributes attributes{call.user,
                          anonymous_path ? non_resource_verb(call.request.method) : review ? review_verb(call.request.method) : verb_name(call.route.verb),
                          served ? served->group : review ? review->group : std::string_view(),
                          served ? served->resource : review ? review->resource : std::string_view(),
                          call.route.subresource,
                          review ? review_namespace(call.request.path) : std::string_view(call.route.namespace_name),
                          call.route.name,
                          anonymous_path ? std::string_view(call.request.path) : std::string_view(),
                          call.query("fieldSelector")};
    const auto elsewhere = served || !leads_elsewhere(core, call.request) ? std::nullopt : aggregated_route(call.request);
    if (elsewhere && !elsewhere->resource.empty()) {
        attributes.verb = elsewhere->verb;
        attributes.group = elsewhere->group;
        attributes.resource = elsewhere->resource;
        attributes.subresource = elsewhere->subresource;
        attributes.namespace_name = elsewhere->namespace_name;
        attributes.name = elsewhere->name;
        attributes.path = {};
    }
    // A Namespace is asked for in itself (requestinfo.go).
    if (served && served->group.empty() && served->resource == "namespaces")
        attributes.namespace_name = call.route.name;
    auto& record = call.record;
    record.verb = attributes.verb;
    record.group = attributes.group;
    record.resource = attributes.resource;
    record.subresource = attributes.subresource;
    record.namespace_name = attributes.namespace_name;
    record.name = attributes.name;
    const auto decision = core.options.authorization == AuthorizationMode::always_allow ? Decision{true, "AlwaysAllow", nullptr}
                                                                                         : core.authorizer.authorize(attributes);
    record.authorised = decision.allowed;
    record.authorizer = decision.authorizer;
    record.reason = decision.reason;
    if (decision.allowed)
        return Done{};
    return refuse(attributes, decision);
}

}  // namespace kubewalk::apiserver
