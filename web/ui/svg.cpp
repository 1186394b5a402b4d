#include "web/ui/svg.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "web/ui/html.h"

namespace kubewalk::ui {

namespace {

std::string number(float value) {
    char text[24];
    std::snprintf(text, sizeof text, "%.1f", static_cast<double>(value));
    std::string out = text;
    if (out.ends_with(".0")) out.resize(out.size() - 2);
    return out == "-0" ? "0" : out;
}

std::string paint(Color color) {
    char text[48];
    std::snprintf(text, sizeof text, "fill=\"#%02x%02x%02x\"", (color >> IM_COL32_R_SHIFT) & 255, (color >> IM_COL32_G_SHIFT) & 255,
                  (color >> IM_COL32_B_SHIFT) & 255);
    std::string out = text;
    if (unsigned alpha = (color >> IM_COL32_A_SHIFT) & 255; alpha != 255) {
        std::snprintf(text, sizeof text, " fill-opacity=\"%.3g\"", static_cast<double>(alpha) / 255);
        out += text;
    }
    return out;
}

Color average(Color a, Color b, Color c) {
    Color out = 0;
    for (int shift : {0, 8, 16, 24}) out |= (((a >> shift) & 255) + ((b >> shift) & 255) + ((c >> shift) & 255)) / 3 << shift;
    return out;
}

}  // namespace

SvgRecorder::~SvgRecorder() {
    if (recording_) set_text_sink(nullptr);
}

void SvgRecorder::begin() {
    recording_ = true;
    set_text_sink(this);
}

std::vector<std::string> SvgRecorder::words() const {
    std::vector<std::string> out;
    for (const Text& text : texts_) out.push_back(text.words);
    return out;
}

void SvgRecorder::text(const ImDrawList* list, int first_index, int end_index, Vec baseline, float width, const TextStyle& style,
                       std::string_view words) {
    texts_.push_back({list, first_index, end_index, baseline, width, style, std::string(words)});
}

void SvgRecorder::flush(const Rect& area) {
    if (polygon_.size() >= 3 && (color_ & IM_COL32_A_MASK) != 0) {
        out_ += "<path " + paint(color_) + " d=\"M";
        for (const Vec& p : polygon_) out_ += number(p.x - area.Min.x) + " " + number(p.y - area.Min.y) + " ";
        out_.back() = 'Z';
        out_ += "\"/>\n";
    }
    polygon_.clear();
    corners_.clear();
}

void SvgRecorder::add_text(const Text& text, const Rect& area) {
    bool code = text.style.face == Face::code;
    out_ += "<text x=\"" + number(text.baseline.x - area.Min.x) + "\" y=\"" + number(text.baseline.y - area.Min.y) + "\" font-size=\"" +
            number(text.style.size) + "\" " + (code ? "class=\"c\" " : text.style.face == Face::strong ? "class=\"s\" " : "") +
            "textLength=\"" + number(text.width) + "\" lengthAdjust=\"spacingAndGlyphs\" xml:space=\"preserve\" " + paint(text.style.color) +
            ">" + html_text(text.words) + "</text>\n";
}

// Triangles that go on around one corner are one polygon again.
void SvgRecorder::add_list(const ImDrawList& list, const Rect& area) {
    auto next_text = std::find_if(texts_.begin(), texts_.end(), [&](const Text& one) { return one.list == &list; });
    auto following = [&] {
        do ++next_text;
        while (next_text != texts_.end() && next_text->list != &list);
    };
    for (const ImDrawCmd& command : list.CmdBuffer) {
        if (command.ElemCount == 0) continue;
        Rect clip(command.ClipRect.x, command.ClipRect.y, command.ClipRect.z, command.ClipRect.w);
        clip.ClipWith(area);
        if (clip.GetWidth() <= 0 || clip.GetHeight() <= 0) continue;
        std::string id = "c" + std::to_string(++clip_count_);
        clips_ += "<clipPath id=\"" + id + "\"><path d=\"M" + number(clip.Min.x - area.Min.x) + " " + number(clip.Min.y - area.Min.y) + "H" +
                  number(clip.Max.x - area.Min.x) + "V" + number(clip.Max.y - area.Min.y) + "H" + number(clip.Min.x - area.Min.x) + "Z\"/></clipPath>\n";
        out_ += "<g clip-path=\"url(#" + id + ")\">\n";
        int index = static_cast<int>(command.IdxOffset), end = index + static_cast<int>(command.ElemCount);
        while (next_text != texts_.end() && next_text->first < index) following();
        while (index < end) {
            if (next_text != texts_.end() && index == next_text->first) {
                flush(area);
                add_text(*next_text, area);
                index = std::max(next_text->end, index + 3);
                following();
                continue;
            }
            const ImDrawIdx* corner = list.IdxBuffer.Data + index;
            const ImDrawVert* base = list.VtxBuffer.Data + command.VtxOffset;
            const ImDrawVert &a = base[corner[0]], &b = base[corner[1]], &c = base[corner[2]];
            Color color = a.col == b.col && b.col == c.col ? a.col : average(a.col, b.col, c.col);
            bool goes_on = !corners_.empty() && color == color_ && corners_.front() == corner[0] && corners_.back() == corner[1];
            if (goes_on) {
                polygon_.push_back(c.pos);
                corners_.push_back(corner[2]);
            } else {
                flush(area);
                color_ = color;
                polygon_ = {a.pos, b.pos, c.pos};
                corners_ = {corner[0], corner[1], corner[2]};
            }
            index += 3;
        }
        flush(area);
        out_ += "</g>\n";
    }
}

void SvgRecorder::add_window(const ImGuiWindow& window, const Rect& area) {
    add_list(*window.DrawList, area);
    for (const ImGuiWindow* child : window.DC.ChildWindows)
        if (child->Active && !child->Hidden) add_window(*child, area);
}

std::string SvgRecorder::end(const Rect& area, Color background) {
    set_text_sink(nullptr);
    recording_ = false;
    const auto& children = ImGui::GetCurrentWindow()->DC.ChildWindows;
    if (!children.empty()) add_window(*children.back(), area);
    std::string size = "width=\"" + number(area.GetWidth()) + "\" height=\"" + number(area.GetHeight()) + "\"";
    return "<svg xmlns=\"http://www.w3.org/2000/svg\" " + size + " viewBox=\"0 0 " + number(area.GetWidth()) + " " + number(area.GetHeight()) +
           "\" font-family=\"Inter, system-ui, sans-serif\">\n<style>.s{font-weight:600}.c{font-family:'JetBrains Mono',monospace}</style>\n<defs>\n" +
           clips_ + "</defs>\n<rect " + size + " " + paint(background) + "/>\n" + out_ + "</svg>\n";
}

}  // namespace kubewalk::ui
