#pragma once
// Typefaces and the drawing of single lines of text. Sizes are CSS sizes (the em); a line stands in
// its line box as CSS would place it.

#include <string>
#include <string_view>

#include "web/app/platform.h"
#include "web/ui/imgui.h"

namespace kubewalk::ui {

enum class Face : unsigned char { text, strong, code };

struct TextStyle {
    Face face = Face::text;
    float size = 14;
    Color color = 0;
};

class Fonts {
public:
    // Loads what the platform has; call again when its generation changed. False when there is no Inter.
    bool load(app::Platform& platform, bool chinese);
    // Between frames: something has arrived or another language was chosen.
    bool stale(const app::Platform& platform, bool chinese) const;

    ImFont* font(Face face) const { return fonts_[static_cast<int>(face)]; }
    float width(std::string_view text, const TextStyle& style) const;
    // Top of the glyphs' box so that the baseline is where CSS would put it in that line box.
    float glyph_top(const TextStyle& style, float line_top, float line_height) const;
    // The baseline of a text whose glyphs' box begins at `top`.
    float baseline(const TextStyle& style, float top) const;
    // Advance of one cell of the code face.
    float cell(float size) const { return width("0", {Face::code, size, 0}); }
    // Whether every character of the text can be drawn.
    bool covers(std::string_view text, Face face) const;

private:
    ImFont* fonts_[3] = {};
    int generation_ = -1;
    bool chinese_ = false;
};

// Is told of every text that is drawn while it is set: where its triangles stand in the list, and what it says.
class TextSink {
public:
    virtual ~TextSink() = default;
    virtual void text(const ImDrawList* list, int first_index, int end_index, Vec baseline, float width, const TextStyle& style,
                      std::string_view text) = 0;
};
void set_text_sink(TextSink* sink);  // null: nobody

void draw_text(ImDrawList* list, const Fonts& fonts, Vec line_top_left, float line_height, const TextStyle& style,
               std::string_view text);
enum class Align : unsigned char { left, center, right };
// One line, vertically centred; cut with an ellipsis where it does not fit.
void draw_text_in(ImDrawList* list, const Fonts& fonts, const Rect& box, const TextStyle& style, std::string_view text,
                  Align align = Align::left);
std::string elide(const Fonts& fonts, std::string_view text, const TextStyle& style, float max_width);
// Cut in the middle: the ends of names and paths matter.
std::string elide_middle(const Fonts& fonts, std::string_view text, const TextStyle& style, float max_width);

// Length in bytes of the UTF-8 character at the beginning of text (1 when malformed).
std::size_t character_length(std::string_view text);
unsigned decode_character(std::string_view text);
bool is_cjk(unsigned codepoint);

}  // namespace kubewalk::ui
