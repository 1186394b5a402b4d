#include "core/apiserver/rbac_escalation.h"

#include <algorithm>
#include <vector>

#include "core/apiserver/authorization.h"
#include "core/base/text.h"

namespace kubewalk::apiserver {

using api::Value;

namespace {

constexpr std::string_view group = "rbac.authorization.k8s.io";

// One right: a rule with one entry in each of its lists.
struct Right {
    std::string_view verb, group, resource, name, url;
};

std::vector<std::string_view> texts(const Value& list) {
    std::vector<std::string_view> result;
    for (const auto& item : list.items())
        result.push_back(item.as_string());
    return result;
}

// BreakdownRule.
std::vector<Right> rights_of(const Value& rule) {
    std::vector<Right> rights;
    for (const auto verb : texts(rule["verbs"])) {
        for (const auto api_group : texts(rule["apiGroups"]))
            for (const auto resource : texts(rule["resources"])) {
                if (rule["resourceNames"].empty())
                    rights.push_back({verb, api_group, resource, {}, {}});
                for (const auto name : texts(rule["resourceNames"]))
                    rights.push_back({verb, api_group, resource, name, {}});
            }
        for (const auto url : texts(rule["nonResourceURLs"]))
            rights.push_back({verb, {}, {}, {}, url});
    }
    return rights;
}

bool has(const Value& list, std::string_view text) {
    const auto items = list.items();
    return std::any_of(items.begin(), items.end(), [&](const Value& one) { return one.as_string() == text || one.as_string() == "*"; });
}

// "*/scale" covers the subresource of everything.
bool resource_covered(const Value& resources, std::string_view resource) {
    if (has(resources, resource))
        return true;
    const auto slash = resource.find('/');
    return slash != std::string_view::npos && has(resources, cat("*", resource.substr(slash)));
}

bool url_covered(const Value& urls, std::string_view url) {
    for (const auto own : texts(urls))
        if (own == "*" || own == url || (own.ends_with('*') && url.starts_with(own.substr(0, own.size() - 1))))
            return true;
    return false;
}

bool covers(const Value& rule, const Right& right) {
    if (!has(rule["verbs"], right.verb))
        return false;
    if (!right.url.empty())
        return url_covered(rule["nonResourceURLs"], right.url);
    const bool all_names = rule["resourceNames"].empty();
    return has(rule["apiGroups"], right.group) && resource_covered(rule["resources"], right.resource) &&
           (all_names || (!right.name.empty() && has(rule["resourceNames"], right.name)));
}

// %q of Go for a list of texts: ["get" "list"].
std::string quoted_list(const std::vector<std::string_view>& list) {
    std::vector<std::string> pieces;
    for (const auto text : list)
        pieces.push_back(quoted(text));
    return cat("[", join(pieces, " "), "]");
}

// CompactRules and CompactString: rights that differ in their verb alone stand together.
std::string described(const std::vector<Right>& missing) {
    struct Line {
        Right of;
        std::vector<std::string_view> verbs;
    };
    std::vector<Line> lines;
    for (const auto& right : missing) {
        const auto same = std::find_if(lines.begin(), lines.end(), [&](const Line& line) {
            return line.of.group == right.group && line.of.resource == right.resource && line.of.name == right.name && line.of.url == right.url;
        });
        auto& line = same == lines.end() ? lines.emplace_back(Line{right, {}}) : *same;
        if (std::find(line.verbs.begin(), line.verbs.end(), right.verb) == line.verbs.end())
            line.verbs.push_back(right.verb);
    }
    std::vector<std::string> texts_of_lines;
    for (const auto& line : lines) {
        std::vector<std::string> parts;
        if (line.of.url.empty()) {
            parts.push_back(cat("APIGroups:", quoted_list({line.of.group})));
            parts.push_back(cat("Resources:", quoted_list({line.of.resource})));
        } else {
            parts.push_back(cat("NonResourceURLs:", quoted_list({line.of.url})));
        }
        if (!line.of.name.empty())
            parts.push_back(cat("ResourceNames:", quoted_list({line.of.name})));
        parts.push_back(cat("Verbs:", quoted_list(line.verbs)));
        texts_of_lines.push_back(cat("{", join(parts, ", "), "}"));
    }
    std::sort(texts_of_lines.begin(), texts_of_lines.end());
    return join(texts_of_lines, "\n");
}

bool may(Core& core, const Call& call, std::string_view verb, std::string_view resource, std::string_view namespace_name, std::string_view name) {
    const Attributes attributes{call.user, verb, group, resource, {}, namespace_name, name, {}};
    return core.authorizer.authorize(attributes).allowed;
}

// The rules that a binding's role has; none for a role that does not exist.
Value rules_of_role(const Core& core, const Value& reference, std::string_view namespace_name) {
    const bool whole_cluster = reference["kind"].as_string() == "ClusterRole";
    return core.get(whole_cluster ? api::kind::cluster_roles : api::kind::roles, whole_cluster ? std::string_view() : namespace_name,
                    reference["name"].as_string())["rules"];
}

}  // namespace

Answer<Done> confirm_no_escalation(Core& core, const Call& call, const api::Kind& kind, const Value& object, const Value& old) {
    if (kind.group != group || core.options.authorization == AuthorizationMode::always_allow || call.user.in_group("system:masters"))
        return Done{};
    const bool is_binding = kind.kind.ends_with("Binding");
    const auto space = kind.namespaced() ? call.route.namespace_name : std::string();
    Value rules;
    if (is_binding) {
        if (!old.is_null() && old["roleRef"] == object["roleRef"] && old["subjects"] == object["subjects"])
            return Done{};
        const auto role = object["roleRef"]["kind"].as_string() == "ClusterRole" ? "clusterroles" : "roles";
        if (may(core, call, "bind", role, space, object["roleRef"]["name"].as_string()))
            return Done{};
        rules = rules_of_role(core, object["roleRef"], space);
    } else {
        if (!old.is_null() && old["rules"] == object["rules"] && old["aggregationRule"] == object["aggregationRule"])
            return Done{};
        if (may(core, call, "escalate", kind.resource, space, api::name_of(object)))
            return Done{};
        rules = object["rules"];
    }
    const auto own = core.authorizer.rules_for(call.user, space);
    std::vector<Right> missing;
    for (const auto& rule : rules.items())
        for (const auto& right : rights_of(rule))
            if (std::none_of(own.begin(), own.end(), [&](const Value& one) { return covers(one, right); }))
                missing.push_back(right);
    if (missing.empty())
        return Done{};
    std::vector<std::string_view> groups(call.user.groups.begin(), call.user.groups.end());
    return status::forbidden(kind, api::name_of(object),
                             cat("user ", quoted(call.user.name), " (groups=", quoted_list(groups),
                                 ") is attempting to grant RBAC permissions not currently held:\n", described(missing)));
}

}  // namespace kubewalk::apiserver
