#pragma once
// A part of the interface as lines: what one frame drew, as an SVG with real text. Shapes come from Dear ImGui's
// triangles (drawn without softened edges in that frame), text from draw_text().

#include <string>
#include <vector>

#include "web/ui/fonts.h"
#include "web/ui/imgui.h"

namespace kubewalk::ui {

class SvgRecorder final : public TextSink {
public:
    SvgRecorder() = default;
    ~SvgRecorder() override;
    SvgRecorder(const SvgRecorder&) = delete;
    SvgRecorder& operator=(const SvgRecorder&) = delete;

    void begin();
    // Everything that the child window begun last, and its own children, have drawn since begin().
    std::string end(const Rect& area, Color background);

    // What was written since begin(), in the order it was drawn.
    std::vector<std::string> words() const;

    void text(const ImDrawList* list, int first_index, int end_index, Vec baseline, float width, const TextStyle& style,
              std::string_view text) override;

private:
    struct Text {
        const ImDrawList* list;
        int first;
        int end;
        Vec baseline;
        float width;
        TextStyle style;
        std::string words;
    };
    void add_window(const ImGuiWindow& window, const Rect& area);
    void add_list(const ImDrawList& list, const Rect& area);
    void add_text(const Text& text, const Rect& area);
    void flush(const Rect& area);

    bool recording_ = false;
    std::vector<Text> texts_;
    std::string out_;
    std::string clips_;
    int clip_count_ = 0;
    std::vector<Vec> polygon_;
    std::vector<ImDrawIdx> corners_;
    Color color_ = 0;
};

}  // namespace kubewalk::ui
