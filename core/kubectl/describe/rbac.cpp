// Roles and bindings. Upstream: k8s.io/kubectl/pkg/describe/describe.go (RoleDescriber, RoleBindingDescriber),
// pkg/util/rbac/rbac.go (BreakdownRule, CompactRules, SortableRuleSlice).

#include <map>
#include <tuple>

#include "core/base/sort.h"
#include "core/kubectl/describe/describe.h"

namespace kubewalk::kubectl::describe {

using api::Value;

namespace {

// One line of the table: one resource of one group, or one path.
struct Line {
    std::string group;
    std::string resource;
    std::string path;
    std::string name;
    bool names_given = false;
    std::vector<std::string> verbs;

    auto key() const { return std::tie(group, resource, path, name, names_given); }
};

std::vector<std::string> texts(const Value& list) {
    std::vector<std::string> found;
    for (const auto& text : list.items())
        found.push_back(text.str());
    return found;
}

void add(std::vector<Line>& lines, Line line) {
    for (auto& known : lines)
        if (known.key() == line.key()) {
            known.verbs.insert(known.verbs.end(), line.verbs.begin(), line.verbs.end());
            return;
        }
    lines.push_back(std::move(line));
}

std::vector<Line> lines_of(const Value& rules) {
    std::vector<Line> lines;
    for (const auto& rule : rules.items()) {
        const auto verbs = texts(rule["verbs"]);
        for (const auto& group : texts(rule["apiGroups"]))
            for (const auto& resource : texts(rule["resources"])) {
                if (rule["resourceNames"].empty())
                    add(lines, {group, resource, {}, {}, false, verbs});
                for (const auto& name : texts(rule["resourceNames"]))
                    add(lines, {group, resource, {}, name, true, verbs});
            }
        for (const auto& path : texts(rule["nonResourceURLs"]))
            add(lines, {{}, {}, path, {}, false, verbs});
    }
    return lines;
}

std::string combined(const Line& line) {
    if (line.resource.empty())
        return {};
    const auto slash = line.resource.find('/');
    return cat(line.resource.substr(0, slash), line.group.empty() ? "" : ".", line.group,
               slash == std::string::npos ? std::string() : line.resource.substr(slash));
}

// PolicyRule's String(): rules sort by that text.
std::string sort_key(const Line& line) {
    std::string key = "PolicyRule{";
    std::vector<std::string> parts;
    if (!line.verbs.empty())
        parts.push_back(cat("Verbs:[", join(line.verbs, " "), "]"));
    if (!line.group.empty() || !line.resource.empty())
        parts.push_back(cat("APIGroups:[", line.group, "]"));
    if (!line.resource.empty())
        parts.push_back(cat("Resources:[", line.resource, "]"));
    if (line.names_given)
        parts.push_back(cat("ResourceNames:[", line.name, "]"));
    if (!line.path.empty())
        parts.push_back(cat("NonResourceURLs:[", line.path, "]"));
    return key + join(parts, ", ");
}

void head(const Subject& subject, Writer& w) {
    const auto& object = subject.object;
    w.line(0, "Name:\t", api::name_of(object));
    labels(w, "Labels", object["metadata"]["labels"]);
    annotations(w, "Annotations", object["metadata"]["annotations"]);
}

}  // namespace

std::string rule_lines(const Value& rules) {
    auto lines = lines_of(rules);
    sort_stably(lines, [](const Line& a, const Line& b) { return sort_key(a) < sort_key(b); });
    std::string text;
    for (const auto& line : lines)
        append(text, combined(line), "\t[", line.path, "]\t[", line.name, "]\t[", join(line.verbs, " "), "]\n");
    return text;
}

void role(const Subject& subject, Writer& w) {
    head(subject, w);
    w.line(0, "PolicyRule:");
    w.line(1, "Resources\tNon-Resource URLs\tResource Names\tVerbs");
    w.line(1, "---------\t-----------------\t--------------\t-----");
    const std::string lines = rule_lines(subject.object["rules"]);
    for (const auto line : split(lines, '\n'))
        if (!line.empty())
            w.line(1, line);
}

void role_binding(const Subject& subject, Writer& w) {
    head(subject, w);
    const auto& reference = subject.object["roleRef"];
    w.line(0, "Role:");
    w.line(1, "Kind:\t", reference["kind"].as_string());
    w.line(1, "Name:\t", reference["name"].as_string());
    w.line(0, "Subjects:");
    w.line(1, "Kind\tName\tNamespace");
    w.line(1, "----\t----\t---------");
    for (const auto& entry : subject.object["subjects"].items())
        w.line(1, entry["kind"].as_string(), "\t", entry["name"].as_string(), "\t", entry["namespace"].as_string());
}

}  // namespace kubewalk::kubectl::describe
