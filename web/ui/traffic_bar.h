#pragma once
// The bar below the Traffic view: where from, where to, how often. Both ends can be typed, chosen from a
// list, or picked on the canvas.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "web/ui/dropdown.h"
#include "web/ui/text_input.h"
#include "web/ui/ui.h"

namespace kubewalk::ui {

enum class Picking : unsigned char { nothing, source, target };

class TrafficBar {
public:
    static constexpr float height = 58;
    // The URL comes first: a narrower view has no cross-hairs, a very narrow one no counts either.
    static constexpr bool aims(float view_width) { return view_width >= 700; }
    static constexpr bool tight(float view_width) { return view_width < 540; }

    // `area` is the whole view; the bar stands at its lower edge.
    void draw(Ui& ui, const Rect& area);
    Picking picking() const { return picking_; }
    void pick(Picking what) { picking_ = what; }
    // What was clicked on the canvas: "laptop", "node/node-1", "pod/ns/name", and how it is dialled.
    void take(std::string_view place, const std::string& url);
    const std::string& from() const { return from_; }
    // The room that the notice above the bar takes; 0 when there is nothing to say.
    float notice_height(Ui& ui, const Rect& area) const;

private:
    enum class Mistake : unsigned char { none, sender, url };
    Mistake mistake(const Ui& ui) const;
    std::string notice(const Ui& ui) const;
    void draw_notice(Ui& ui, const Rect& area) const;
    void begin(const Ui& ui);
    void send(Ui& ui);
    void follow(const Ui& ui);
    void draw_target(Ui& ui, const Rect& box);

    TextField url_;
    std::string from_ = "laptop";
    int count_ = 1;
    Picking picking_ = Picking::nothing;
    std::uint64_t session_ = ~std::uint64_t{0};  // Model::session that both ends are about
    const net::Trace* shown_ = nullptr;          // the request that both ends are of
    std::string refused_from_, refused_url_;     // what could not be sent
    bool sent_ = false;                          // the next one is the bar's own: its words stay
};

// A place ("laptop", "node/node-1", "pod/ns/name") as it fits into `width`: of a Pod at least the beginning of its name.
std::string shown_place(const Fonts& fonts, std::string_view place, const TextStyle& style, float width);

// How a Service is dialled from that place.
std::string url_of_service(const Ui& ui, const view::ServiceBox& service, std::string_view from);

}  // namespace kubewalk::ui
