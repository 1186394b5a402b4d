#include "core/apiserver/custom/json_path.h"

#include "core/api/json.h"
#include "core/base/text.h"

namespace kubewalk::apiserver {

using api::Value;

namespace {

// A name up to the next dot or bracket; a backslash takes the dot's meaning away.
std::string take_name(std::string_view& path) {
    std::string name;
    while (!path.empty() && path[0] != '.' && path[0] != '[') {
        if (path[0] == '\\' && path.size() > 1)
            path.remove_prefix(1);
        name += path[0];
        path.remove_prefix(1);
    }
    return name;
}

std::string_view unquoted(std::string_view text) {
    text = trim(text);
    const bool marked = text.size() >= 2 && (text.front() == '\'' || text.front() == '"') && text.back() == text.front();
    return marked ? text.substr(1, text.size() - 2) : text;
}

std::string text_of(const Value& value) { return value.is_string() ? value.str() : api::to_json(value); }

// "?(@.type=='Ready')"
bool fits(const Value& item, std::string_view filter) {
    filter.remove_prefix(2);
    filter.remove_suffix(1);
    const auto equals = filter.find("==");
    const bool wants_equal = equals != std::string_view::npos;
    const auto differs = wants_equal ? equals : filter.find("!=");
    auto left = trim(filter.substr(0, differs));
    if (!left.starts_with("@"))
        return false;
    const auto found = at_json_path(item, left.substr(1));
    if (differs == std::string_view::npos)
        return !found.empty();
    const auto wanted = unquoted(filter.substr(differs + 2));
    return !found.empty() && (text_of(found.front()) == wanted) == wants_equal;
}

std::vector<Value> inside(const std::vector<Value>& from, std::string_view selector) {
    std::vector<Value> found;
    for (const auto& value : from) {
        if (selector == "*") {
            for (const auto& item : value.items())
                found.push_back(item);
            for (const auto& [name, member] : value.members())
                found.push_back(member);
        } else if (selector.starts_with("?(") && selector.ends_with(")")) {
            for (const auto& item : value.items())
                if (fits(item, selector))
                    found.push_back(item);
        } else if (const auto index = parse_int(selector)) {
            const auto size = static_cast<std::int64_t>(value.size());
            if (const auto at = *index < 0 ? size + *index : *index; value.is_array() && at >= 0 && at < size)
                found.push_back(value[static_cast<std::size_t>(at)]);
        } else if (const auto name = replace_all(unquoted(selector), "\\.", "."); value.contains(name)) {
            found.push_back(value[name]);
        }
    }
    return found;
}

}  // namespace

std::vector<Value> at_json_path(const Value& object, std::string_view path) {
    std::vector<Value> at{object};
    while (!path.empty() && !at.empty()) {
        if (path[0] == '[') {
            const auto end = path.find(path.starts_with("[?(") ? ")]" : "]");
            if (end == std::string_view::npos)
                return {};
            const std::size_t close = path.starts_with("[?(") ? end + 1 : end;
            at = inside(at, path.substr(1, close - 1));
            path.remove_prefix(close + 1);
            continue;
        }
        if (path[0] == '.')
            path.remove_prefix(1);
        const auto name = take_name(path);
        if (name.empty())
            continue;
        std::vector<Value> next;
        for (const auto& value : at)
            if (value.contains(name))
                next.push_back(value[name]);
        at = std::move(next);
    }
    return at;
}

void set_at_json_path(Value& object, std::string_view path, Value value) {
    Value* at = &object;
    while (!path.empty()) {
        if (path[0] == '.')
            path.remove_prefix(1);
        const auto name = take_name(path);
        if (name.empty())
            return;
        at = &at->edit(name);
    }
    *at = std::move(value);
}

}  // namespace kubewalk::apiserver
