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
