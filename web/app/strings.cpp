#include "web/app/strings.h"

#include "core/api/json.h"

namespace kubewalk::app {

bool Strings::add(std::string_view language, std::string_view json) {
    auto parsed = api::parse_json(json);
    if (parsed.ok()) add_table(language, parsed.value());
    return parsed.ok();
}

void Strings::add_table(std::string_view language, const api::Value& words) {
    Table& table = tables_[std::string(language)];
    for (const auto& member : words.members()) table[member.key] = member.value.str();
}

void Strings::select(std::string_view language) {
    language_ = knows(language) ? std::string(language) : "en";
}

const std::string* Strings::find(std::string_view id) const {
    for (std::string_view language : {std::string_view(language_), std::string_view("en")}) {
        auto table = tables_.find(language);
        if (table == tables_.end()) continue;
        auto text = table->second.find(id);
        if (text != table->second.end()) return &text->second;
    }
    return nullptr;
}

bool Strings::has(std::string_view id) const {
    return find(id) != nullptr;
}

std::string_view Strings::operator()(std::string_view id) const {
    if (const std::string* text = find(id)) return *text;
    return missing_.emplace(std::string(id), std::string(id)).first->second;
}

namespace {

// Whether `line` is `pattern`, whose {0}, {1} stand for anything.
bool fits(std::string_view line, std::string_view pattern, std::vector<std::string>& arguments) {
    arguments.clear();
    while (true) {
        const std::size_t open = pattern.find('{');
        if (open == std::string_view::npos) return line == pattern;
        if (!line.starts_with(pattern.substr(0, open))) return false;
        line.remove_prefix(open);
        pattern.remove_prefix(open + 3);
        const std::string_view after = pattern.substr(0, pattern.find('{'));
        const std::size_t end = after.empty() ? line.size() : pattern.size() == after.size() ? line.rfind(after) : line.find(after);
        if (end == std::string_view::npos || end == 0) return false;
        arguments.emplace_back(line.substr(0, end));
        line.remove_prefix(end);
    }
}

constexpr std::string_view said_prefix = "said:";

}  // namespace

std::optional<std::string> Strings::said(std::string_view line) const {
    const auto table = tables_.find(language_);
    if (table == tables_.end()) return std::nullopt;
    std::vector<std::string> arguments;
    for (auto entry = table->second.lower_bound(said_prefix); entry != table->second.end() && entry->first.starts_with(said_prefix); ++entry)
        if (fits(line, std::string_view(entry->first).substr(said_prefix.size()), arguments)) return format(entry->first, arguments);
    return std::nullopt;
}

std::string Strings::format(std::string_view id, const std::vector<std::string>& arguments) const {
    const std::string* text = find(id);
    if (!text) {
        // An unknown fact still shows what it is about.
        std::string out(id);
        for (const std::string& argument : arguments) out.append(" ").append(argument);
        return out;
    }
    std::string out;
    for (std::size_t i = 0; i < text->size(); ++i) {
        char c = (*text)[i];
        if (c == '{' && i + 2 < text->size() && (*text)[i + 2] == '}' && (*text)[i + 1] >= '0' && (*text)[i + 1] <= '9') {
            auto index = static_cast<std::size_t>((*text)[i + 1] - '0');
            if (index < arguments.size()) out += arguments[index];
            i += 2;
        } else {
            out.push_back(c);
        }
    }
    return out;
}

}  // namespace kubewalk::app
