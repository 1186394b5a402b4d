#include "web/app/language_pack.h"

#include "core/api/json.h"
#include "core/base/text.h"

namespace kubewalk::app {

std::string language_pack_file(std::string_view language) {
    return cat("languages/", language, ".json");
}

PackState take_language(Platform& platform, std::string_view language, Strings& words, std::vector<Simplification>& simplifications) {
    const auto text = platform.site_file(language_pack_file(language));
    // Words without letters would be a page of boxes.
    if (platform.font(chinese_font).empty()) {
        const auto font = platform.site_file(cat("fonts/", chinese_font));
        return (text && text->empty()) || (font && font->empty()) ? PackState::missing : PackState::coming;
    }
    if (!text) return PackState::coming;
    const auto pack = api::parse_json(*text);
    if (!pack.ok()) return PackState::missing;
    words.add_table(language, pack.value()["strings"]);
    for (Simplification& one : simplifications)
        if (const auto& said = pack.value()["simplifications"][one.id]; said.is_string()) one.text[std::string(language)] = said.str();
    return PackState::here;
}

}  // namespace kubewalk::app
