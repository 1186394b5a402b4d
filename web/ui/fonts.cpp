#include "web/ui/fonts.h"

#include <algorithm>
#include <cmath>

namespace kubewalk::ui {

namespace {

// Ascent and descent of the em, from the fonts' hhea tables.
struct Metrics {
    float ascent;
    float descent;
};
constexpr Metrics metrics[] = {
    {0.96875f, 0.2415f},  // Inter
    {0.96875f, 0.2415f},  // Inter SemiBold
    {1.02f, 0.3f},        // JetBrains Mono
};
constexpr const char* files[] = {"Inter-Regular.otf", "Inter-SemiBold.otf", "JetBrainsMono-Regular.ttf"};

constexpr Metrics chinese_metrics = {1.16f, 0.288f};

// Dear ImGui's font size is the height from ascent to descent; CSS means the em.
float height_of(const Metrics& m, float em) {
    return em * (m.ascent + m.descent);
}

float height_of(const TextStyle& style) {
    return height_of(metrics[static_cast<int>(style.face)], style.size);
}

constexpr float reference_em = 16;

ImFont* add(std::string_view bytes, bool merge, unsigned number, const Metrics& m) {
    ImFontConfig config;
    config.FontDataOwnedByAtlas = false;
    config.MergeMode = merge;
    config.FontNo = number;
    // stb_truetype draws a little lighter than browsers do.
    config.RasterizerMultiply = 1.12f;
    // The atlas does not write to what it does not own.
    return ImGui::GetIO().Fonts->AddFontFromMemoryTTF(const_cast<char*>(bytes.data()), static_cast<int>(bytes.size()), height_of(m, reference_em), &config);
}

}  // namespace

bool Fonts::stale(const app::Platform& platform, bool chinese) const {
    return generation_ != platform.fonts_generation() || (chinese && !chinese_);
}

bool Fonts::load(app::Platform& platform, bool chinese) {
    chinese_ = chinese_ || chinese;
    std::string_view han = chinese_ ? platform.font(app::chinese_font) : std::string_view();
    std::string_view bytes[3];
    for (int i = 0; i < 3; ++i) bytes[i] = platform.font(files[i]);
    generation_ = platform.fonts_generation();
    ImGui::GetIO().Fonts->Clear();
    bool complete = true;
    for (int i = 0; i < 3; ++i) {
        fonts_[i] = bytes[i].empty() ? nullptr : add(bytes[i], false, 0, metrics[i]);
        if (!fonts_[i]) {
            complete = false;
            fonts_[i] = ImGui::GetIO().Fonts->AddFontDefault();
            continue;
        }
        // Debian's collection holds the simplified Chinese face as number 2.
        bool collection = han.starts_with("ttcf");
        if (!han.empty()) add(han, true, collection ? 2 : 0, chinese_metrics);
    }
    ImGui::GetIO().FontDefault = fonts_[0];
    return complete;
}

float Fonts::width(std::string_view text, const TextStyle& style) const {
    if (text.empty()) return 0;
    ImFont* face = font(style.face);
    return face->CalcTextSizeA(height_of(style), FLT_MAX, 0, text.data(), text.data() + text.size()).x;
}

namespace {

// Dear ImGui draws with letters of the nearest whole height, whose baseline stands at the rounded-up ascent, and scales both.
float ascent_of(const TextStyle& style) {
    const Metrics& m = metrics[static_cast<int>(style.face)];
    const float height = height_of(style), drawn = std::max(1.0f, std::round(height));
    return std::ceil(m.ascent / (m.ascent + m.descent) * drawn) * height / drawn;
}

}  // namespace

float Fonts::glyph_top(const TextStyle& style, float line_top, float line_height) const {
    const Metrics& m = metrics[static_cast<int>(style.face)];
    float baseline = line_top + (line_height - (m.ascent + m.descent) * style.size) * 0.5f + m.ascent * style.size;
    return std::round(std::round(baseline) - ascent_of(style));
}

float Fonts::baseline(const TextStyle& style, float top) const {
    return top + ascent_of(style);
}

bool Fonts::covers(std::string_view text, Face face) const {
    while (!text.empty()) {
        unsigned c = decode_character(text);
        if (c > 0x7f && !font(face)->IsGlyphInFont(static_cast<ImWchar>(c))) return false;
        text.remove_prefix(character_length(text));
    }
    return true;
}

namespace {

TextSink* text_sink = nullptr;

}  // namespace

void set_text_sink(TextSink* sink) {
    text_sink = sink;
}

void draw_text(ImDrawList* list, const Fonts& fonts, Vec line_top_left, float line_height, const TextStyle& style,
               std::string_view text) {
    if (text.empty()) return;
    Vec at(std::round(line_top_left.x), fonts.glyph_top(style, line_top_left.y, line_height));
    int first = list->IdxBuffer.Size;
    list->AddText(fonts.font(style.face), height_of(style), at, style.color, text.data(), text.data() + text.size());
    if (text_sink) text_sink->text(list, first, list->IdxBuffer.Size, Vec(at.x, fonts.baseline(style, at.y)), fonts.width(text, style), style, text);
}

void draw_text_in(ImDrawList* list, const Fonts& fonts, const Rect& box, const TextStyle& style, std::string_view text,
                  Align align) {
    float width = fonts.width(text, style);
    std::string shortened;
    if (width > box.GetWidth() + 0.5f) {
        shortened = elide(fonts, text, style, box.GetWidth());
        text = shortened;
        width = fonts.width(text, style);
    }
    float x = box.Min.x;
    if (align == Align::center) x += (box.GetWidth() - width) * 0.5f;
    if (align == Align::right) x += box.GetWidth() - width;
    draw_text(list, fonts, Vec(x, box.Min.y), box.GetHeight(), style, text);
}

std::string elide(const Fonts& fonts, std::string_view text, const TextStyle& style, float max_width) {
    if (fonts.width(text, style) <= max_width) return std::string(text);
    float rest = max_width - fonts.width("…", style);
    std::size_t end = 0;
    float width = 0;
    while (end < text.size()) {
        std::size_t length = character_length(text.substr(end));
        width += fonts.width(text.substr(end, length), style);
        if (width > rest) break;
        end += length;
    }
    return std::string(text.substr(0, end)) + "…";
}

std::string elide_middle(const Fonts& fonts, std::string_view text, const TextStyle& style, float max_width) {
    if (fonts.width(text, style) <= max_width) return std::string(text);
    for (std::size_t keep = text.size(); keep > 4; --keep) {
        std::size_t head = keep * 3 / 5;
        std::size_t tail = keep - head;
        std::string out = std::string(text.substr(0, head)) + "…" + std::string(text.substr(text.size() - tail));
        if (fonts.width(out, style) <= max_width) return out;
    }
    return elide(fonts, text, style, max_width);
}

std::size_t character_length(std::string_view text) {
    if (text.empty()) return 0;
    auto first = static_cast<unsigned char>(text[0]);
    std::size_t length = first < 0x80 ? 1 : first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc0 ? 2 : 1;
    return length <= text.size() ? length : 1;
}

unsigned decode_character(std::string_view text) {
    if (text.empty()) return 0;
    unsigned codepoint = 0;
    ImTextCharFromUtf8(&codepoint, text.data(), text.data() + text.size());
    return codepoint;
}

bool is_cjk(unsigned c) {
    return (c >= 0x2e80 && c <= 0x9fff) || (c >= 0xf900 && c <= 0xfaff) || (c >= 0xff00 && c <= 0xffef) ||
           (c >= 0x3000 && c <= 0x303f);
}

}  // namespace kubewalk::ui
