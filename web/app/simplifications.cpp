#include "web/app/simplifications.h"

#include <algorithm>

#include "core/api/json.h"

namespace kubewalk::app {

bool Simplification::belongs_to(std::string_view panel) const {
    return std::find(where.begin(), where.end(), panel) != where.end();
}

std::string_view Simplification::words(std::string_view language) const {
    auto found = text.find(language);
    if (found == text.end()) found = text.find("en");
    return found == text.end() ? std::string_view(id) : std::string_view(found->second);
}

std::vector<Simplification> parse_simplifications(std::string_view json) {
    std::vector<Simplification> out;
    auto parsed = api::parse_json(json);
    if (!parsed.ok()) return out;
    for (const api::Value& entry : parsed.value()["simplifications"].items()) {
        Simplification one;
        one.id = entry["id"].str();
        one.upstream = entry["upstream"].str();
        for (const auto& member : entry["text"].members()) one.text[std::string(member.key)] = member.value.str();
        for (const api::Value& place : entry["where"].items()) one.where.push_back(place.str());
        out.push_back(std::move(one));
    }
    return out;
}

}  // namespace kubewalk::app
