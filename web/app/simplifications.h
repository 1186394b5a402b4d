#pragma once
// Where the model is simpler than life, and the page says so: assets/simplifications.json.
// {"simplifications": [{"id", "text": {"en", "zh-CN"}, "upstream", "where": [panel id, ...]}]}

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace kubewalk::app {

struct Simplification {
    std::string id;
    std::map<std::string, std::string, std::less<>> text;  // by language
    std::string upstream;             // where the real thing is described
    std::vector<std::string> where{};  // ids of the panels that show it, as in web/ui/panels.cpp

    bool belongs_to(std::string_view panel) const;
    // In English where a language is missing.
    std::string_view words(std::string_view language) const;
};

// Empty when the text is malformed.
std::vector<Simplification> parse_simplifications(std::string_view json);

}  // namespace kubewalk::app
