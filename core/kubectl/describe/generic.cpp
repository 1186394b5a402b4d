#include "core/kubectl/describe/describe.h"

#include "core/kubectl/jsonpath.h"

namespace kubewalk::kubectl::describe {

using api::Value;

namespace {

bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_letter(char c) { return is_upper(c) || (c >= 'a' && c <= 'z'); }

// smartLabelFor: "holderIdentity" -> "Holder Identity", "apiVersion" -> "API Version".
std::string label_for(std::string_view field) {
    for (const char c : field)
        if (!is_letter(c) && c != '-')
            return std::string(field);
    std::vector<std::string> words;
    for (std::size_t i = 0; i < field.size(); ++i) {
        const bool starts = i == 0 || (is_upper(field[i]) && (!is_upper(field[i - 1]) ||
                                                              (i + 1 < field.size() && !is_upper(field[i + 1]))));
        if (starts)
            words.emplace_back();
        words.back().push_back(field[i]);
    }
    for (auto& word : words) {
        const auto lower = to_lower(word);
        if (lower == "api" || lower == "url" || lower == "uid" || lower == "guid")
            for (char& c : word)
                c = is_upper(c) ? c : static_cast<char>(c - 'a' + 'A');
        else if (lower == word && !word.empty() && is_letter(word[0]))
            word[0] = static_cast<char>(word[0] - 'a' + 'A');
    }
    return join(words, " ");
}

bool is_skipped(std::string_view path) {
    for (std::string_view skipped :
         {".metadata.managedFields", ".metadata.name", ".metadata.namespace", ".metadata.labels", ".metadata.annotations"})
        if (path == skipped)
            return true;
    return false;
}

std::string scalar_text(const Value& value) { return value.is_null() ? "<nil>" : JsonPath::text_of(value); }

void content(Writer& w, int level, const Value& object, const std::string& prefix) {
    for (const auto& [field, value] : object.members()) {
        const auto path = cat(prefix, ".", field);
        if (is_skipped(path))
            continue;
        if (value.is_object()) {
            w.line(level, label_for(field), ":");
            content(w, level + 1, value, path);
        } else if (value.is_array()) {
            w.line(level, label_for(field), ":");
            for (const auto& child : value.items()) {
                if (child.is_object())
                    content(w, level + 1, child, path);
                else
                    w.line(level + 1, scalar_text(child));
            }
        } else {
            w.line(level, label_for(field), ":\t", scalar_text(value));
        }
    }
}

}  // namespace

void generic(const Subject& subject, Writer& w) {
    const auto& object = subject.object;
    w.line(0, "Name:\t", api::name_of(object));
    w.line(0, "Namespace:\t", api::namespace_of(object));
    labels(w, "Labels", object["metadata"]["labels"]);
    annotations(w, "Annotations", object["metadata"]["annotations"]);
    content(w, 0, object, "");
    events(w, subject);
}

}  // namespace kubewalk::kubectl::describe
