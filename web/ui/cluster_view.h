#pragma once
// The Cluster view's two halves: camera, search and tools (cluster_view.cpp), and what is drawn on its board
// (cluster_drawing.cpp).

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "web/ui/canvas.h"
#include "web/ui/cluster_layout.h"
#include "web/ui/cluster_overview.h"
#include "web/ui/panel.h"
#include "web/ui/text_input.h"

namespace kubewalk::ui {

class ClusterView : public Panel {
public:
    void draw(Ui& ui, const Rect& area) override;

private:
    void refresh_layout(Ui& ui, const Rect& stage);
    void gather_relations(Ui& ui);
    void move_camera(Ui& ui, const Rect& stage);
    void zoom(Vec around, float factor);
    void fit(const Rect& stage);
    void draw_toolbar(Ui& ui, const Rect& area);
    void draw_search(Ui& ui, const Rect& box);
    void search(Ui& ui, FieldEvent event);
    void go_to(Vec point, float least);
    void draw_cards(Ui& ui);
    bool press_cell(Ui& ui);
    static bool tools_below(const Rect& area) { return area.GetWidth() < 680; }
    void draw_columns(Ui& ui);
    // From one box's right edge to another's left edge.
    struct Line {
        Rect from, to;
        Color color;
        bool dashed;
    };
    struct Lines {
        std::vector<Line> faint, bright;
    };
    Lines gather_lines(const Ui& ui) const;
    void draw_lines(Ui& ui, const std::vector<Line>& lines, float thickness);
    void draw_server(Ui& ui, const PlacedServer& server);
    void draw_server_title(Ui& ui, const PlacedServer& server);
    void draw_summary(Ui& ui, const PlacedServer& server);
    void draw_chip(Ui& ui, const PlacedChip& chip);
    void draw_workload(Ui& ui, const PlacedWorkload& placed);
    void draw_service(Ui& ui, const PlacedService& placed);

    bool visible(const Rect& box) const { return board_.at(box).Overlaps(clip_); }
    bool letters(float size) const { return size * board_.scale >= 5.5f; }  // smaller ones are not drawn
    bool lit(std::string_view resource, const std::string& space, const std::string& name) const;
    // Fades what the search does not mean.
    float strength(const std::string& space, const std::string& name) const;
    Press item(Ui& ui, const Rect& box, std::string_view resource, const std::string& space, const std::string& name,
               std::string_view words, float rounding);
    Color namespace_color(const Ui& ui, const std::string& name) const;

    Board board_;
    Rect clip_;
    ClusterLayout layout_;
    ClusterChoice choice_;
    ClusterChoice laid_out_;
    std::uint64_t revision_ = ~std::uint64_t{0};
    // The camera follows the content until somebody moves it. To begin with it stays near enough to read.
    enum class Camera : unsigned char { opening, fitted, free } camera_ = Camera::opening;
    std::string hovered_;  // "resource/namespace/name" of the frame before
    std::string now_hovered_;
    std::set<std::string, std::less<>> related_;
    std::string focus_;
    TextField search_;
    std::string wanted_;
    std::string found_for_;             // what hits_ were found for
    bool hits_stale_ = true;            // the layout is another one since
    sim::ObjectRef gone_to_;            // the hit that was gone to last
    std::vector<ClusterHit> hits_;
    std::vector<std::size_t> hit_cards_;  // their cards, ascending
    std::size_t hit_ = 0;               // the one that was gone to last, from 1
    bool pressed_ground_ = false;       // in this frame
    ClusterMemory memory_;
    std::uint64_t session_ = 0;         // Model::session that memory_ is about
};

// "resource/namespace/name".
std::string cluster_key(std::string_view resource, std::string_view space, std::string_view name);

}  // namespace kubewalk::ui
