#include "core/cluster/manifest_help.h"

#include <algorithm>

#include "core/api/kinds.h"
#include "core/api/schema.h"
#include "core/api/type_text.h"
#include "core/base/sort.h"
#include "core/base/text.h"
#include "core/cluster/cluster.h"
#include "core/yaml/cursor.h"

namespace kubewalk::cluster {

namespace {

using yaml::Cursor;

// Fields whose value names something that lives in the cluster.
struct Reference {
    std::string_view path_end;
    std::string_view kind;
};
constexpr Reference references[] = {
    {"metadata.namespace", "Namespace"},
    {"serviceAccountName", "ServiceAccount"},
    {"nodeName", "Node"},
    {"configMap.name", "ConfigMap"},
    {"configMapRef.name", "ConfigMap"},
    {"configMapKeyRef.name", "ConfigMap"},
    {"secretName", "Secret"},
    {"secretRef.name", "Secret"},
    {"secretKeyRef.name", "Secret"},
    {"imagePullSecrets.name", "Secret"},
    {"claimName", "PersistentVolumeClaim"},
    {"storageClassName", "StorageClass"},
    {"ingressClassName", "IngressClass"},
    {"priorityClassName", "PriorityClass"},
    {"backend.service.name", "Service"},
    {"spec.serviceName", "Service"},
};

// What a field is for. The generated client has no text for a field that holds an object of its own type: the type's stands for it.
std::string text_of(const Cluster& cluster, const api::Type& owner, const api::Field& field) {
    const auto own = cluster.field_documentation(owner.name, field.name);
    const auto* inner = api::inner_type(field.ref);
    return std::string(own.empty() && inner ? cluster.field_documentation(inner->name, "") : own);
}

// A field and the type that has it.
struct Found {
    const api::Type* owner = nullptr;
    const api::Field* field = nullptr;
};

const api::Type* root_type(const Cluster& cluster, const Cursor& cursor) {
    const auto* kind = api::find_kind(cursor.api_version, cursor.kind);
    return kind ? cluster.schema().find(kind->schema) : nullptr;
}

Found field_at(const api::Type* type, const std::vector<std::string>& path) {
    Found found;
    for (std::size_t i = 0; i < path.size(); ++i) {
        if (!type)
            return {};
        const auto* field = type->find(path[i]);
        if (!field)
            return {};
        found = {type, field};
        if (i + 1 == path.size())
            break;
        // A map's keys are the author's own words: what follows belongs to its values.
        if (field->ref.form == api::Form::map)
            ++i;
        if (i + 1 >= path.size())
            return {};
        type = api::inner_type(field->ref);
    }
    return found;
}

std::string insertion(const api::Field& field, int column) {
    const std::string indent(static_cast<std::size_t>(column), ' ');
    switch (field.ref.form) {
        case api::Form::object:
        case api::Form::map: return cat(field.name, ":\n", indent, "  ");
        case api::Form::list: return cat(field.name, ":\n", indent, "  - ");
        default: return field.name + ": ";
    }
}

// Begins with what was typed: 2; has it somewhere inside: 1; else 0.
int likeness(std::string_view candidate, std::string_view typed) {
    const auto found = to_lower(std::string(candidate)).find(to_lower(std::string(typed)));
    return found == 0 ? 2 : found != std::string::npos ? 1 : 0;
}

void keep_alike(std::vector<Suggestion>& suggestions, std::string_view typed) {
    std::erase_if(suggestions, [&](const Suggestion& one) { return likeness(one.label, typed) == 0; });
    sort_stably(suggestions, [&](const Suggestion& a, const Suggestion& b) {
        const int left = likeness(a.label, typed), right = likeness(b.label, typed);
        return left != right ? left > right : a.required > b.required;
    });
}

void add_value(std::vector<Suggestion>& suggestions, std::string_view value) {
    if (value.empty())  // an enum's "": nobody needs to be told to leave it out
        return;
    for (const auto& known : suggestions)
        if (known.label == value)
            return;
    suggestions.push_back({std::string(value), std::string(value), {}, {}, false});
}

void suggest_keys(const Cluster& cluster, const Cursor& cursor, const api::Type& type, std::vector<Suggestion>& out) {
    for (const auto& field : type.fields) {
        if (std::find(cursor.siblings.begin(), cursor.siblings.end(), field.name) != cursor.siblings.end())
            continue;
        // What controllers write is not for manifests.
        if (cursor.path.empty() && field.name == "status")
            continue;
        out.push_back({field.name, insertion(field, cursor.column), api::type_text(field.ref),
                       text_of(cluster, type, field), field.required});
    }
}

void suggest_head(const Cursor& cursor, std::vector<Suggestion>& out) {
    if (!cursor.path.empty())
        return;
    for (const std::string_view key : {"apiVersion", "kind", "metadata", "spec"})
        if (std::find(cursor.siblings.begin(), cursor.siblings.end(), key) == cursor.siblings.end())
            out.push_back({std::string(key), key == "metadata" || key == "spec" ? cat(key, ":\n  ") : cat(key, ": "), {}, {}, true});
}

void suggest_names(const Cluster& cluster, const Cursor& cursor, std::vector<Suggestion>& out) {
    const auto path = cursor.dotted_path();
    for (const auto& reference : references) {
        if (!path.ends_with(reference.path_end))
            continue;
        for (const auto& kind : api::kinds())
            if (kind.kind == reference.kind)
                for (const auto& object : cluster.peek_list(kind, {}))
                    add_value(out, api::name_of(object));
        return;
    }
}

void suggest_values(const Cluster& cluster, const Cursor& cursor, std::vector<Suggestion>& out) {
    const bool head = cursor.path.size() == 1;
    for (const auto& kind : api::kinds()) {
        if (head && cursor.path[0] == "kind" && (cursor.api_version.empty() || kind.api_version() == cursor.api_version))
            add_value(out, kind.kind);
        if (head && cursor.path[0] == "apiVersion" && (cursor.kind.empty() || kind.kind == cursor.kind || !cursor.word.empty()))
            add_value(out, kind.api_version());
    }
    const auto found = field_at(root_type(cluster, cursor), cursor.path);
    if (!found.field)
        return;
    for (const auto value : found.field->enum_values)
        add_value(out, value);
    if (found.field->ref.form == api::Form::boolean)
        for (const std::string_view value : {"true", "false"})
            add_value(out, value);
    suggest_names(cluster, cursor, out);
}

}  // namespace

Completion complete_manifest(const Cluster& cluster, std::string_view manifest, std::size_t caret) {
    const auto cursor = yaml::cursor_at(manifest, caret);
    Completion completion{cursor.begin, cursor.end, {}};
    auto& out = completion.suggestions;
    if (cursor.place == Cursor::Place::value) {
        suggest_values(cluster, cursor, out);
    } else if (cursor.place == Cursor::Place::key) {
        const api::Type* type = root_type(cluster, cursor);
        if (!type) {
            suggest_head(cursor, out);
        } else {
            if (!cursor.path.empty()) {
                const auto found = field_at(type, cursor.path);
                type = found.field && found.field->ref.form != api::Form::map ? api::inner_type(found.field->ref) : nullptr;
                // Items that are plain values: "- ReadWriteOnce".
                if (found.field && !type)
                    for (const auto value : found.field->enum_values)
                        add_value(out, value);
            }
            if (type)
                suggest_keys(cluster, cursor, *type, out);
        }
    }
    keep_alike(out, cursor.word);
    // Nothing to offer when the only one is what stands there already.
    if (out.size() == 1 && out[0].label == cursor.word)
        out.clear();
    return completion;
}

FieldHelp explain_field(const Cluster& cluster, std::string_view manifest, std::size_t offset) {
    auto cursor = yaml::cursor_at(manifest, offset);
    if (cursor.place == Cursor::Place::elsewhere)
        return {};
    if (cursor.place == Cursor::Place::key)
        cursor.path.push_back(std::string(manifest.substr(cursor.begin, cursor.end - cursor.begin)));
    const auto found = field_at(root_type(cluster, cursor), cursor.path);
    if (!found.field)
        return {};
    FieldHelp help;
    help.path = cursor.dotted_path();
    help.type = api::type_text(found.field->ref);
    help.text = text_of(cluster, *found.owner, *found.field);
    help.required = found.field->required;
    for (const auto value : found.field->enum_values)
        if (!value.empty())
            help.values.emplace_back(value);
    return help;
}

}  // namespace kubewalk::cluster
