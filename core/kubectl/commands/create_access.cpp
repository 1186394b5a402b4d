// Roles, bindings, service accounts and their tokens. Upstream: k8s.io/kubectl/pkg/cmd/create (create_role.go,
// create_clusterrole.go, create_rolebinding.go, create_clusterrolebinding.go, create_serviceaccount.go,
// create_token.go).

#include <algorithm>
#include <map>

#include "core/base/text.h"
#include "core/kubectl/custom_kinds.h"
#include "core/kubectl/creating.h"
#include "core/kubectl/printers/printers.h"

namespace kubewalk::kubectl::command {

using api::Value;

namespace {

constexpr std::string_view rbac = "rbac.authorization.k8s.io";
constexpr std::string_view rbac_version = "rbac.authorization.k8s.io/v1";
constexpr std::string_view resource_verbs[] = {"*",      "get",   "delete", "list",             "create", "update", "patch",
                                               "watch",  "proxy", "deletecollection", "use",    "bind",   "escalate", "impersonate"};
constexpr std::string_view path_verbs[] = {"*", "get", "post", "put", "delete", "patch", "head", "options"};

// Verbs that only go with certain resources.
struct SpecialVerb {
    std::string_view verb;
    std::string_view group;
    std::string_view resource;
};
constexpr SpecialVerb special_verbs[] = {{"use", "policy", "podsecuritypolicies"},
                                         {"use", "extensions", "podsecuritypolicies"},
                                         {"bind", rbac, "roles"},
                                         {"bind", rbac, "clusterroles"},
                                         {"escalate", rbac, "roles"},
                                         {"escalate", rbac, "clusterroles"},
                                         {"impersonate", "", "users"},
                                         {"impersonate", "", "serviceaccounts"},
                                         {"impersonate", "", "groups"},
                                         {"impersonate", "authentication.k8s.io", "userextras"}};

bool is_one_of(std::span<const std::string_view> list, std::string_view word) {
    return std::find(list.begin(), list.end(), word) != list.end();
}

std::vector<std::string> unique(const std::vector<std::string>& words) {
    std::vector<std::string> once;
    for (const auto& word : words)
        if (std::find(once.begin(), once.end(), word) == once.end())
            once.push_back(word);
    return once;
}

std::vector<std::string> verbs_of(const Run& run) {
    auto verbs = unique(run.flags.list("verb"));
    if (std::find(verbs.begin(), verbs.end(), "*") != verbs.end())
        return {"*"};
    return verbs;
}

Value array_of(const std::vector<std::string>& words) {
    Value array = Value::array();
    for (const auto& word : words)
        array.push_back(word);
    return array;
}

struct Resource {
    std::string group;
    std::string name;  // with its subresource
};

// "pods", "deployments.apps", "pods/log", "rs.apps": what the rule is about.
Answer<Resource> resource_named(Server& server, const std::string& word, const std::vector<std::string>& verbs) {
    const auto slash = word.find('/');
    const std::string type = word.substr(0, slash);
    const auto dot = type.find('.');
    std::string name = type.substr(0, dot);
    std::string group = dot == std::string::npos ? std::string() : type.substr(dot + 1);
    if (name.empty())
        return Refusal::plain("resource must be specified if apiGroup/subresource specified");
    const auto* kind = name == "*" ? nullptr : kind_called(server, type);
    bool known = kind != nullptr || name == "*";
    if (kind) {
        name = kind->resource;
        group = kind->group;
    }
    for (const auto& verb : verbs) {
        const auto meant = [&](const SpecialVerb& special) { return special.verb == verb; };
        if (name == "*" || std::none_of(std::begin(special_verbs), std::end(special_verbs), meant))
            continue;
        const bool goes = std::any_of(std::begin(special_verbs), std::end(special_verbs), [&](const SpecialVerb& special) {
            return special.verb == verb && special.group == group && special.resource == name;
        });
        if (!goes)
            return Refusal::plain(cat("can not perform '", verb, "' on '", name, "' in group '", group, "'"));
        known = true;
    }
    if (!known)
        return Refusal::plain(group.empty() ? cat("the server doesn't have a resource type ", quoted(name))
                                            : cat("the server doesn't have a resource type ", quoted(name), " in group ", quoted(group)));
    return Resource{group, slash == std::string::npos ? name : name + word.substr(slash)};
}

// One rule a group, in the order of their names, then one for paths.
Answer<Value> rules_of(Run& run, const std::vector<std::string>& verbs) {
    std::map<std::string, std::vector<std::string>> by_group;
    for (const auto& word : run.flags.list("resource")) {
        auto resource = resource_named(run.server, word, verbs);
        if (!resource.ok())
            return resource.refusal();
        if (word == "*") {
            by_group = {{std::string(), {"*"}}};
            break;
        }
        auto& names = by_group[resource.value().group];
        if (std::find(names.begin(), names.end(), resource.value().name) == names.end())
            names.push_back(resource.value().name);
    }
    Value rules = Value::array();
    const auto names = unique(run.flags.list("resource-name"));
    for (const auto& [group, resources] : by_group) {
        Value rule = Value::object(
            {{"verbs", array_of(verbs)}, {"apiGroups", Value::array({group})}, {"resources", array_of(resources)}});
        if (!names.empty())
            rule.set("resourceNames", array_of(names));
        rules.push_back(std::move(rule));
    }
    if (const auto paths = run.flags.list("non-resource-url"); !paths.empty())
        rules.push_back(Value::object({{"verbs", array_of(verbs)}, {"nonResourceURLs", array_of(paths)}}));
    return rules;
}

void warn_of_unusual(Run& run, const std::vector<std::string>& verbs) {
    for (const auto& verb : verbs)
        if (!is_one_of(resource_verbs, verb))
            run.err(cat("Warning: '", verb, "' is not a standard resource verb\n"));
}

std::string wrong_path(const Run& run, const std::vector<std::string>& verbs) {
    const auto paths = run.flags.list("non-resource-url");
    if (paths.empty())
        return {};
    for (const auto& verb : verbs)
        if (!is_one_of(path_verbs, verb))
            return cat("invalid verb: '", verb, "' for nonResourceURL");
    for (const auto& path : paths) {
        if (path == "*")
            continue;
        if (!path.starts_with('/'))
            return "nonResourceURL should start with /";
        if (path.find('*') < path.size() - 1)
            return "nonResourceURL only supports wildcard matches when '*' is at the end";
    }
    return {};
}

void add_rule_flags(FlagSet& set) {
    add_create_flags(set);
    set.list("verb", "What may be done; several separated by commas")
        .list("resource", "With what: pods, deployments.apps, pods/log")
        .array("resource-name", "Only with objects of these names; may come again");
}

void add_subject_flags(FlagSet& set) {
    set.array("user", "A user's name; may come again")
        .array("group", "A group's name; may come again")
        .array("serviceaccount", "NAMESPACE:NAME; may come again");
}

void create_binding(Run& run, const api::Kind& kind, std::string_view role_kind, const std::string& role) {
    Value object = object_with_name(rbac_version, kind.kind, run.args()[0]);
    object.set("roleRef", Value::object({{"apiGroup", rbac}, {"kind", role_kind}, {"name", role}}));
    Value subjects;
    if (auto wrong = add_subjects(run, subjects))
        return run.fail(*wrong);
    if (!subjects.is_null())
        object.set("subjects", std::move(subjects));
    create_and_print(run, kind, std::move(object), "created");
}

}  // namespace

void create_role_flags(FlagSet& set) { add_rule_flags(set); }
void create_role(Run& run) {
    if (!one_name(run))
        return;
    const auto verbs = verbs_of(run);
    if (verbs.empty())
        return run.fail("at least one verb must be specified");
    warn_of_unusual(run, verbs);
    if (run.flags.list("resource").empty())
        return run.fail("at least one resource must be specified");
    auto rules = rules_of(run, verbs);
    if (!rules.ok())
        return run.fail(rules.refusal());
    Value object = object_with_name(rbac_version, "Role", run.args()[0]);
    object.set("rules", rules.take());
    create_and_print(run, api::kind::roles, std::move(object), "created");
}

void create_cluster_role_flags(FlagSet& set) {
    add_rule_flags(set);
    set.list("non-resource-url", "Paths that are no resource's, such as /healthz")
        .list("aggregation-rule", "Take the rules of all ClusterRoles with these labels: KEY=VALUE,...");
}
void create_cluster_role(Run& run) {
    if (!one_name(run))
        return;
    const auto verbs = verbs_of(run);
    const auto resources = run.flags.list("resource");
    const auto paths = run.flags.list("non-resource-url");
    Value object = object_with_name(rbac_version, "ClusterRole", run.args()[0]);
    if (run.flags.has("aggregation-rule")) {
        if (!verbs.empty() || !resources.empty() || !paths.empty() || run.flags.has("resource-name"))
            return run.fail("aggregation rule must be specified without nonResourceURLs, verbs, resources or resourceNames");
        auto labels = parse_labels(join(run.flags.list("aggregation-rule"), ","));
        if (!labels.ok())
            return run.fail(labels.refusal());
        object.edit("aggregationRule").set("clusterRoleSelectors", Value::array({Value::object({{"matchLabels", labels.take()}})}));
        object.set("rules", Value());
        return create_and_print(run, api::kind::cluster_roles, std::move(object), "created");
    }
    if (verbs.empty())
        return run.fail("at least one verb must be specified");
    if (resources.empty() && paths.empty())
        return run.fail("one of resource or nonResourceURL must be specified");
    if (!resources.empty())
        warn_of_unusual(run, verbs);
    auto rules = rules_of(run, verbs);
    if (!rules.ok())
        return run.fail(rules.refusal());
    if (const auto wrong = wrong_path(run, verbs); !wrong.empty())
        return run.fail(wrong);
    object.set("rules", rules.take());
    create_and_print(run, api::kind::cluster_roles, std::move(object), "created");
}

void create_role_binding_flags(FlagSet& set) {
    add_create_flags(set);
    add_subject_flags(set);
    set.text("clusterrole", "The ClusterRole that is given").text("role", "The Role that is given");
}
void create_role_binding(Run& run) {
    if (!one_name(run))
        return;
    const auto role = run.flags.text("role");
    const auto cluster_role = run.flags.text("clusterrole");
    if (role.empty() == cluster_role.empty())
        return run.fail("exactly one of clusterrole or role must be specified");
    create_binding(run, api::kind::role_bindings, role.empty() ? "ClusterRole" : "Role", role.empty() ? cluster_role : role);
}

void create_cluster_role_binding_flags(FlagSet& set) {
    add_create_flags(set);
    add_subject_flags(set);
    set.text("clusterrole", "The ClusterRole that is given");
}
void create_cluster_role_binding(Run& run) {
    if (!run.flags.has("clusterrole"))
        return run.fail("required flag(s) \"clusterrole\" not set");
    if (one_name(run))
        create_binding(run, api::kind::cluster_role_bindings, "ClusterRole", run.flags.text("clusterrole"));
}

void create_service_account_flags(FlagSet& set) { add_create_flags(set); }
void create_service_account(Run& run) {
    if (one_name(run))
        create_and_print(run, api::kind::service_accounts, object_with_name("v1", "ServiceAccount", run.args()[0]), "created");
}

void create_token_flags(FlagSet& set) {
    add_output_flags(set);
    set.array("audience", "Whom the token is for; the API server without one")
        .duration("duration", "How long it shall be good for; 0s: as the server likes", "0s")
        .text("bound-object-kind", "Good only as long as an object lives: Node, Pod or Secret")
        .text("bound-object-name", "The name of that object")
        .text("bound-object-uid", "Its uid, when not that of the one that exists");
}

void create_token(Run& run) {
    if (!one_name(run))
        return;
    const auto duration = run.flags.duration("duration");
    const auto kind = run.flags.text("bound-object-kind");
    const auto name = run.flags.text("bound-object-name");
    if (duration.ns < 0)
        return run.fail("--duration must be greater than or equal to 0");
    if (duration.ns % seconds(1).ns != 0)
        return run.fail("--duration cannot be expressed in units less than seconds");
    for (const auto& audience : run.flags.list("audience"))
        if (audience.empty())
            return run.fail("--audience must not be an empty string");
    if (kind.empty() && !name.empty())
        return run.fail("--bound-object-name can only be set if --bound-object-kind is provided");
    if (kind.empty() && run.flags.has("bound-object-uid"))
        return run.fail("--bound-object-uid can only be set if --bound-object-kind is provided");
    if (!kind.empty() && kind != "Node" && kind != "Pod" && kind != "Secret")
        return run.fail("supported --bound-object-kind values are Node, Pod, Secret");
    if (!kind.empty() && name.empty())
        return run.fail("--bound-object-name is required if --bound-object-kind is provided");
    Value object = Value::object({{"apiVersion", "authentication.k8s.io/v1"}, {"kind", "TokenRequest"}});
    auto& spec = object.edit("spec");
    spec.set("audiences", array_of(run.flags.list("audience")));
    if (duration.ns > 0)
        spec.set("expirationSeconds", duration.whole_seconds());
    if (!kind.empty()) {
        spec.set("boundObjectRef", Value::object({{"apiVersion", "v1"}, {"kind", kind}, {"name", name}}));
        if (run.flags.has("bound-object-uid"))
            spec.edit("boundObjectRef").set("uid", run.flags.text("bound-object-uid"));
    }
    auto request = run.server.request(client::Method::post,
                                      cat(api::object_path(api::kind::service_accounts, run.namespace_name(), run.args()[0]), "/token"));
    request.body = std::move(object);
    auto answer = run.server.answer(std::move(request));
    if (!answer.ok())
        return run.fail(Refusal::plain(cat("failed to create token: ", answer.refusal().text)));
    if (!run.flags.has("output"))
        return run.out(cat(answer.value()["status"]["token"].as_string(), "\n"));
    auto printer = make_printer(run, {});
    if (!printer.ok())
        return run.fail(printer.refusal());
    auto text = printer.value().print(nullptr, answer.value());
    return text.ok() ? run.out(text.value()) : run.fail(text.refusal());
}

}  // namespace kubewalk::kubectl::command
