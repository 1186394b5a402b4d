#include "core/controllers/history/controller_history.h"

#include <algorithm>
#include <tuple>

#include "core/api/json.h"
#include "core/base/text.h"

namespace kubewalk::controllers::history {

namespace {

// Go's json.Marshal escapes what could be taken for HTML.
std::string go_json(const Value& value) {
    std::string text;
    for (const char c : api::to_json(value)) {
        if (c == '<')
            text += "\\u003c";
        else if (c == '>')
            text += "\\u003e";
        else if (c == '&')
            text += "\\u0026";
        else
            text.push_back(c);
    }
    return text;
}

}  // namespace

Value template_patch(const Value& owner) {
    Value pod_template = owner["spec"]["template"];
    pod_template.set("$patch", "replace");
    return Value::object({{"spec", Value::object({{"template", pod_template}})}});
}

std::string hash_of(const Value& data, std::optional<std::int64_t> collisions) {
    std::string text = go_json(data);
    if (collisions)
        append(text, *collisions);
    std::uint32_t hash = 2166136261u;
    for (const char c : text)
        hash = (hash * 16777619u) ^ static_cast<unsigned char>(c);
    return safe_encode(hash);
}

Value new_revision(const Value& owner, const Value& data, std::int64_t number, std::string_view hash) {
    Value labels = owner["spec"]["template"]["metadata"]["labels"];
    labels.set(hash_label, hash);
    Value metadata = Value::object({{"name", cat(api::name_of(owner), "-", hash)},
                                    {"namespace", owner["metadata"]["namespace"]},
                                    {"labels", labels},
                                    {"ownerReferences", Value::array({api::controller_ref(owner)})}});
    if (const auto& annotations = owner["metadata"]["annotations"]; !annotations.empty())
        metadata.set("annotations", annotations);
    return Value::object({{"apiVersion", "apps/v1"},
                          {"kind", "ControllerRevision"},
                          {"metadata", metadata},
                          {"data", data},
                          {"revision", number}});
}

void sort_revisions(Objects& revisions) {
    const auto rank = [](const Value& one) {
        return std::tuple(one["revision"].as_int(), one["metadata"]["creationTimestamp"].as_string(), api::name_of(one));
    };
    std::sort(revisions.begin(), revisions.end(),
              [&rank](const Value& a, const Value& b) { return rank(a) < rank(b); });
}

std::int64_t next_number(const Objects& sorted) { return sorted.empty() ? 1 : sorted.back()["revision"].as_int() + 1; }

bool same_data(const Value& a, const Value& b) { return a["data"] == b["data"]; }

Value apply_revision(const Value& owner, const Value& revision) {
    Value pod_template = revision["data"]["spec"]["template"];
    pod_template.erase("$patch");
    Value restored = owner;
    restored.edit("spec").set("template", pod_template);
    return restored;
}

Objects to_truncate(const Objects& sorted, const std::set<std::string, std::less<>>& live, std::int64_t limit) {
    Objects history;
    for (const auto& revision : sorted)
        if (!live.contains(api::name_of(revision)))
            history.push_back(revision);
    const auto count = static_cast<std::int64_t>(history.size());
    if (limit < 0 || count <= limit)
        return {};
    history.resize(static_cast<std::size_t>(count - limit));
    return history;
}

}  // namespace kubewalk::controllers::history
