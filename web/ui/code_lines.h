#pragma once
// Read-only monospaced text: only the lines in sight are drawn.

#include <string>
#include <string_view>
#include <vector>

#include "web/ui/ui.h"

namespace kubewalk::ui {

struct CodeSpan {
    std::size_t begin = 0;  // bytes of the line
    std::size_t end = 0;
    Color color = 0;
};

class CodeLines {
public:
    // Splits anew only when the text changed. `keep`: a line must contain it (any case); "" keeps all.
    void set(const std::string& text, std::string_view keep = {});
    // `paint` adds coloured spans of a line; what it leaves is drawn in the theme's text colour.
    using Paint = void (*)(const Theme& theme, std::string_view line, std::vector<CodeSpan>& spans);
    void draw(Ui& ui, const Rect& area, std::string_view id, Paint paint);
    std::size_t size() const { return lines_.size(); }

private:
    std::string text_;
    std::string keep_;
    std::vector<std::string_view> lines_;
    std::size_t longest_ = 0;
};

}  // namespace kubewalk::ui
