#pragma once
// Keeps the page's DOM twin in step: what a canvas cannot say to a screen reader, find-in-page or a
// translator. Sends only what changed.

#include <array>
#include <string>

#include "web/ui/ui.h"

namespace kubewalk::ui {

class Mirror {
public:
    void update(Ui& ui);
    // The whole lesson as it goes on paper: every step with its tasks, no solutions.
    static std::string lesson_for_print(const Ui& ui);

private:
    void send(Ui& ui, app::MirrorPart part, std::string text);
    void send_controls(Ui& ui);
    std::array<std::string, 8> sent_;
    std::uint64_t revision_ = ~std::uint64_t{0};
    std::string language_;
    int play_ = -1;
    std::string toast_;
    double controls_at_ = -10;
    bool controls_pending_ = true;
};

}  // namespace kubewalk::ui
