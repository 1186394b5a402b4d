// What only eyes would notice: the packet's card, the ring of the focus, presenter mode's sizes, the scenarios' rows.

#include <algorithm>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "core/base/text.h"
#include "tests/ui/harness.h"
#include "web/ui/imgui.h"

using namespace kubewalk;
using namespace kubewalk::ui_tests;
using app::ActionKind;

namespace {

std::vector<ui::Item> below(const Harness& h, std::string_view prefix) {
    std::vector<ui::Item> out;
    for (const ui::Item& item : h.interface.items().items())
        if (item.path.starts_with(prefix)) out.push_back(item);
    return out;
}

void resize(Harness& h, float width, float height) {
    const float zoom = h.interface.zoom();
    ImGui::GetIO().DisplaySize = ImVec2(width / zoom, height / zoom);
    h.frames(4);
}

constexpr std::pair<float, float> sizes[] = {{1024, 700}, {1366, 768}, {1440, 900}, {2560, 1440}};

}  // namespace

TEST_CASE("the packet's card stands inside the picture, and off the box that the packet is in") {
    Harness h;
    h.platform.still = true;
    CHECK(h.click("view/tabs/traffic"));
    for (const auto& [width, height] : sizes) {
        resize(h, width, height);
        const ui::Rect panel = h.interface.items().find("panel/traffic")->box;
        const int steps = static_cast<int>(h.state.model.traffic.steps.size());
        REQUIRE(steps > 3);
        for (int step = 0; step < steps; ++step) {
            h.state.step = step;
            h.frames(2);
            INFO(width, "x", height, " hop ", step + 1);
            const ui::Item* card = h.interface.items().find("view/traffic/card");
            if (!card) continue;  // its place is no box of the picture
            CHECK(panel.Contains(card->box));
            const ui::Item* bar = h.interface.items().find("view/traffic/send");
            REQUIRE(bar);
            CHECK(card->box.Max.y < bar->box.Min.y);
            const ui::Item* here = h.interface.items().find("view/traffic/stage/" + h.state.model.traffic.steps[static_cast<std::size_t>(step)].element);
            if (!here) continue;
            ui::Rect shared = here->box;
            shared.ClipWith(card->box);
            const float covered = shared.IsInverted() ? 0 : shared.GetArea();
            CHECK(covered < here->box.GetArea() * 0.25f);
        }
    }
}

TEST_CASE("the ring of the keyboard's focus is around a control, inside the window, at every step of Tab") {
    Harness h;
    for (const auto& [width, height] : {sizes[0], sizes[2]}) {
        resize(h, width, height);
        CHECK(h.click("view/tabs/cluster"));  // the keyboard goes on from where the mouse was
        int rings = 0;
        for (int i = 0; i < 24; ++i) {
            h.key(ImGuiKey_Tab);
            const ui::Item* ring = h.interface.items().find("focus-ring");
            if (!ring) continue;
            ++rings;
            CHECK(ring->box.Min.x >= -4);
            CHECK(ring->box.Max.x <= width + 4);
            CHECK(ring->box.Max.y <= height + 4);
            const auto& all = h.interface.items().items();
            CHECK(std::any_of(all.begin(), all.end(), [&](const ui::Item& item) {
                return item.path != "focus-ring" && std::abs(item.box.Min.x - ring->box.Min.x) < 1 && std::abs(item.box.Min.y - ring->box.Min.y) < 1;
            }));
        }
        CHECK(rings > 10);
        h.key(ImGuiKey_Escape);
    }
}

TEST_CASE("presenter mode: a third larger, and everything is still in the window") {
    Harness h;
    h.state.presenting = true;
    for (const auto& [width, height] : sizes) {
        resize(h, width, height);
        const ImVec2 display = ImGui::GetIO().DisplaySize;
        CHECK(h.interface.zoom() == doctest::Approx(1.3f));
        for (const char* view : {"architecture", "cluster", "traffic", "dns"}) {
            CHECK(h.click(std::string("view/tabs/") + view));
            INFO(view, " at ", width, "x", height);
            for (const char* path : {"topbar/menu/open", "time/play", "time/scrubber", "view/tabs/dns"}) {
                const ui::Item* item = h.interface.items().find(path);
                REQUIRE_MESSAGE(item, path);
                CHECK(item->box.Min.x >= 0);
                CHECK(item->box.Max.x <= display.x);
                CHECK(item->box.Max.y <= display.y);
            }
        }
    }
}

TEST_CASE("scenarios stand in rows of equal height, none over another, in both languages") {
    Harness h;
    for (const char* language : {"en", "zh-CN"})
        for (const auto& [width, height] : {std::pair{1024.0f, 700.0f}, {1440.0f, 900.0f}, {844.0f, 390.0f}}) {
            h.state.set_language(language);
            resize(h, width, height);
            h.state.dialog = app::Dialog::scenarios;
            h.frames(4);
            auto cards = below(h, "dialog/scenarios/list/");
            std::erase_if(cards, [](const ui::Item& item) { return item.box.GetHeight() < 60; });
            REQUIRE(cards.size() > 3);
            INFO(language, " at ", width, "x", height);
            for (std::size_t i = 0; i < cards.size(); ++i) {
                CHECK(cards[i].box.Max.x <= width);
                for (std::size_t k = i + 1; k < cards.size(); ++k) {
                    CHECK_FALSE(cards[i].box.Overlaps(cards[k].box));
                    if (cards[i].box.Min.y == cards[k].box.Min.y) CHECK(cards[i].box.GetHeight() == doctest::Approx(cards[k].box.GetHeight()));
                }
            }
            h.state.dialog = app::Dialog::none;
            h.frames(2);
        }
}

TEST_CASE("a request whose name led nowhere says so, whatever became of the lookup's packets") {
    Harness h;
    CHECK(h.click("view/tabs/traffic"));
    app::Model& model = h.state.model;
    model.traffic.outcome = net::Outcome::delivered;
    model.outcome = net::Outcome::unresolved;
    model.requests[static_cast<std::size_t>(model.request)].unresolved = true;
    model.requests[static_cast<std::size_t>(model.request)].host = "nowhere.example";
    ++model.revision;
    h.frames(3);
    REQUIRE(h.has("view/traffic/outcome"));
    CHECK(h.interface.items().find("view/traffic/outcome")->label == "name not found");
    REQUIRE(h.has("inspector/hops/unresolved"));
    CHECK(h.interface.items().find("inspector/hops/unresolved")->label.find("nowhere.example") != std::string::npos);
    CHECK(h.platform.mirrored[app::MirrorPart::selection].find("name not found") != std::string::npos);
}

TEST_CASE("why a request could not be sent stands above the bar, whole, and over no box of the picture") {
    Harness h;
    CHECK(h.click("view/tabs/traffic"));
    h.state.model.request_error = Error{"NotFound", "unknown place \"pod/sock-shop/carts-gone\": use laptop, internet, node/NAME or pod/[NAMESPACE/]NAME", {}, 0, 0};
    for (const auto& [width, height] : {std::pair{1024.0f, 700.0f}, {1440.0f, 900.0f}}) {
        resize(h, width, height);
        const ui::Item* notice = h.interface.items().find("view/traffic/notice");
        REQUIRE(notice);
        CHECK(h.interface.items().find("panel/traffic")->box.Contains(notice->box));
        CHECK(notice->box.Max.y <= h.interface.items().find("view/traffic/url")->box.Min.y);
        for (const ui::Item& box : below(h, "view/traffic/stage/"))
            if (box.visible && box.path.find("/stage/", 20) == std::string::npos) CHECK(std::min(box.box.Max.y, notice->box.Min.y + 1) <= notice->box.Min.y + 1);
    }
}

TEST_CASE("histories: a button beside the clock says how many there are and leads back to each") {
    Harness h;
    CHECK_FALSE(h.has("time/histories/open"));
    h.state.model.branches = {{7, Time{100'000'000'000}, Time{250'000'000'000}, "kubectl delete pod x"}, {9, Time{110'000'000'000}, Time{150'000'000'000}, ""}};
    for (const auto& [width, height] : {std::pair{1440.0f, 900.0f}, {844.0f, 390.0f}, {390.0f, 844.0f}}) {
        resize(h, width, height);
        const ui::Item* button = h.interface.items().find("time/histories/open");
        REQUIRE(button);
        CHECK(button->box.Max.x < h.interface.items().find("time/scrubber")->box.Min.x + 1);
        CHECK(h.click("time/histories/open"));
        REQUIRE(h.has("time/histories/9"));
        CHECK(h.click("time/histories/7"));
        REQUIRE(h.last(ActionKind::return_to));
        CHECK(h.last(ActionKind::return_to)->number == 7);
        h.backend->done.clear();
    }
}
