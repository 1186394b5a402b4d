// -o kyaml: YAML in its flow style, every string quoted. Upstream: sigs.k8s.io/yaml/kyaml.

#include <algorithm>

#include "core/base/text.h"
#include "core/kubectl/printers/printers.h"

namespace kubewalk::kubectl {

using api::Value;

namespace {

// A key that cannot be taken for anything else needs no quotes.
std::string key_text(std::string_view key) {
    const bool plain = !key.empty() && std::all_of(key.begin(), key.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.' || c == '/';
    });
    const auto lower = to_lower(key);
    bool ambiguous = key.empty() || (key[0] >= '0' && key[0] <= '9') || key[0] == '-' || key[0] == '.';
    for (std::string_view word : {"y", "n", "yes", "no", "on", "off", "true", "false", "null", "~"})
        ambiguous = ambiguous || lower == word;
    return plain && !ambiguous ? std::string(key) : quoted(key);
}

std::string scalar_text(const Value& value) {
    if (value.is_string())
        return quoted(value.as_string());
    return value.is_null() ? "null" : JsonPath::text_of(value);
}

void write(std::string& out, const Value& value, int level);

void write_members(std::string& out, const Value& value, int level) {
    for (const auto& [key, member] : value.members()) {
        append(out, std::string(static_cast<std::size_t>(2 * (level + 1)), ' '), key_text(key), ": ");
        write(out, member, level + 1);
        out += ",\n";
    }
    append(out, std::string(static_cast<std::size_t>(2 * level), ' '));
}

void write(std::string& out, const Value& value, int level) {
    if (value.is_object()) {
        if (value.empty()) {
            out += "{}";
            return;
        }
        out += "{\n";
        write_members(out, value, level);
        out += "}";
        return;
    }
    if (!value.is_array()) {
        out += scalar_text(value);
        return;
    }
    if (value.empty()) {
        out += "[]";
        return;
    }
    const auto items = value.items();
    const bool objects = std::all_of(items.begin(), items.end(), [](const Value& item) { return item.is_object() && !item.empty(); });
    if (objects) {  // [{ ... }, { ... }]
        bool first = true;
        out += "[";
        for (const auto& item : items) {
            out += first ? "{\n" : ", {\n";
            first = false;
            write_members(out, item, level);
            out += "}";
        }
        out += "]";
        return;
    }
    out += "[\n";
    const std::string indent(static_cast<std::size_t>(2 * (level + 1)), ' ');
    for (const auto& item : items) {
        out += indent;
        write(out, item, level + 1);
        out += ",\n";
    }
    append(out, std::string(static_cast<std::size_t>(2 * level), ' '), "]");
}

}  // namespace

std::string to_kyaml(const Value& value) {
    std::string out = "---\n";
    write(out, value, 0);
    return out + "\n";
}

}  // namespace kubewalk::kubectl
