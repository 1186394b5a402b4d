#include "web/ui/icons.h"

#include <cmath>

namespace kubewalk::ui {

namespace {

struct Pen {
    ImDrawList* list;
    Vec center;
    float unit;  // half of the square
    Color color;
    float thickness;

    Vec at(float x, float y) const { return {center.x + x * unit, center.y + y * unit}; }
    void line(float ax, float ay, float bx, float by) const { list->AddLine(at(ax, ay), at(bx, by), color, thickness); }
    void path(std::initializer_list<Vec> points, bool closed = false) const {
        for (const Vec& p : points) list->PathLineTo(at(p.x, p.y));
        list->PathStroke(color, closed ? ImDrawFlags_Closed : 0, thickness);
    }
    void fill(std::initializer_list<Vec> points) const {
        for (const Vec& p : points) list->PathLineTo(at(p.x, p.y));
        list->PathFillConvex(color);
    }
    void bar(float left, float right, float top, float bottom) const {
        list->AddRectFilled(at(left, top), at(right, bottom), color, unit * 0.12f);
    }
    void circle(float x, float y, float radius) const {
        list->AddCircle(at(x, y), radius * unit, color, 0, thickness);
    }
    void arc(float radius, float from, float to) const {
        list->PathArcTo(center, radius * unit, from, to);
        list->PathStroke(color, 0, thickness);
    }
};

void arrow_back(const Pen& pen) {
    pen.arc(0.62f, -2.6f, 2.2f);
    pen.path({{-0.95f, -0.62f}, {-0.52f, -0.32f}, {-0.2f, -0.72f}});
}

}  // namespace

void draw_icon(ImDrawList* list, Icon icon, Vec center, float size, Color color) {
    Pen pen{list, center, size * 0.5f, color, ImMax(1.4f, size * 0.1f)};
    switch (icon) {
    case Icon::logo: draw_logo(list, center, size); break;
    case Icon::play: pen.fill({{-0.5f, -0.75f}, {0.75f, 0}, {-0.5f, 0.75f}}); break;
    case Icon::pause:
        pen.bar(-0.6f, -0.16f, -0.75f, 0.75f);
        pen.bar(0.16f, 0.6f, -0.75f, 0.75f);
        break;
    case Icon::to_start:
        pen.bar(-0.8f, -0.58f, -0.75f, 0.75f);
        pen.fill({{0.75f, -0.75f}, {0.75f, 0.75f}, {-0.45f, 0}});
        break;
    case Icon::step_back: pen.fill({{0.5f, -0.75f}, {0.5f, 0.75f}, {-0.75f, 0}}); break;
    case Icon::step_forward:
        pen.fill({{-0.75f, -0.75f}, {0.45f, 0}, {-0.75f, 0.75f}});
        pen.bar(0.58f, 0.8f, -0.75f, 0.75f);
        break;
    case Icon::chevron_left: pen.path({{0.28f, -0.6f}, {-0.32f, 0}, {0.28f, 0.6f}}); break;
    case Icon::chevron_right: pen.path({{-0.28f, -0.6f}, {0.32f, 0}, {-0.28f, 0.6f}}); break;
    case Icon::chevron_up: pen.path({{-0.6f, 0.28f}, {0, -0.32f}, {0.6f, 0.28f}}); break;
    case Icon::chevron_down: pen.path({{-0.6f, -0.28f}, {0, 0.32f}, {0.6f, -0.28f}}); break;
    case Icon::check: pen.path({{-0.62f, 0.05f}, {-0.16f, 0.5f}, {0.62f, -0.48f}}); break;
    case Icon::cross:
        pen.line(-0.5f, -0.5f, 0.5f, 0.5f);
        pen.line(-0.5f, 0.5f, 0.5f, -0.5f);
        break;
    case Icon::theme:
        pen.circle(0, 0, 0.78f);
        list->PathArcTo(center, pen.unit * 0.78f, IM_PI * 0.5f, IM_PI * 1.5f);
        list->PathFillConvex(color);
        break;
    case Icon::share:
        pen.line(0, -0.9f, 0, 0.25f);
        pen.path({{-0.42f, -0.5f}, {0, -0.92f}, {0.42f, -0.5f}});
        pen.path({{-0.45f, -0.1f}, {-0.75f, -0.1f}, {-0.75f, 0.85f}, {0.75f, 0.85f}, {0.75f, -0.1f}, {0.45f, -0.1f}});
        break;
    case Icon::warning:
        pen.path({{0, -0.82f}, {0.9f, 0.75f}, {-0.9f, 0.75f}}, true);
        pen.line(0, -0.25f, 0, 0.25f);
        list->AddCircleFilled(pen.at(0, 0.5f), pen.thickness * 0.6f, color);
        break;
    case Icon::lock:
        list->AddRect(pen.at(-0.65f, -0.1f), pen.at(0.65f, 0.85f), color, pen.unit * 0.2f, 0, pen.thickness);
        list->PathArcTo(pen.at(0, -0.2f), pen.unit * 0.42f, IM_PI, IM_PI * 2);
        list->PathStroke(color, 0, pen.thickness);
        break;
    case Icon::search:
        pen.circle(-0.15f, -0.15f, 0.55f);
        pen.line(0.28f, 0.28f, 0.8f, 0.8f);
        break;
    case Icon::plus:
        pen.line(-0.7f, 0, 0.7f, 0);
        pen.line(0, -0.7f, 0, 0.7f);
        break;
    case Icon::folder:
        pen.path({{-0.85f, 0.65f}, {-0.85f, -0.6f}, {-0.25f, -0.6f}, {-0.02f, -0.32f}, {0.85f, -0.32f}, {0.85f, 0.65f}}, true);
        break;
    case Icon::save:
        pen.line(0, -0.8f, 0, 0.3f);
        pen.path({{-0.42f, -0.1f}, {0, 0.34f}, {0.42f, -0.1f}});
        pen.path({{-0.8f, 0.35f}, {-0.8f, 0.8f}, {0.8f, 0.8f}, {0.8f, 0.35f}});
        break;
    case Icon::menu:
        for (float x : {-0.66f, 0.0f, 0.66f}) list->AddCircleFilled(pen.at(x, 0), pen.unit * 0.18f, color);
        break;
    case Icon::undo: arrow_back(pen); break;
    case Icon::redo:
        pen.arc(0.62f, 0.95f, 5.75f);
        pen.path({{0.95f, -0.62f}, {0.52f, -0.32f}, {0.2f, -0.72f}});
        break;
    case Icon::copy:
        list->AddRect(pen.at(-0.8f, -0.8f), pen.at(0.35f, 0.35f), color, pen.unit * 0.2f, 0, pen.thickness);
        pen.path({{0.62f, -0.35f}, {0.8f, -0.35f}, {0.8f, 0.8f}, {-0.35f, 0.8f}, {-0.35f, 0.62f}});
        break;
    case Icon::restart: arrow_back(pen); break;
    case Icon::pointer: pen.fill({{-0.5f, -0.8f}, {0.7f, 0.3f}, {-0.5f, 0.7f}}); break;
    case Icon::filter:
        pen.path({{-0.85f, -0.7f}, {0.85f, -0.7f}, {0.2f, 0.1f}, {0.2f, 0.8f}, {-0.2f, 0.55f}, {-0.2f, 0.1f}}, true);
        break;
    case Icon::next_change:
        list->AddCircleFilled(pen.at(-0.7f, 0), pen.unit * 0.24f, color);
        pen.line(-0.3f, 0, 0.3f, 0);
        pen.path({{0.05f, -0.32f}, {0.36f, 0}, {0.05f, 0.32f}});
        pen.circle(0.74f, 0, 0.24f);
        break;
    case Icon::branch:
        pen.circle(-0.45f, -0.62f, 0.26f);
        pen.circle(-0.45f, 0.62f, 0.26f);
        pen.circle(0.5f, -0.3f, 0.26f);
        pen.line(-0.45f, -0.36f, -0.45f, 0.36f);
        pen.path({{0.5f, -0.04f}, {0.36f, 0.24f}, {-0.45f, 0.34f}});
        break;
    case Icon::power:
        list->PathArcTo(pen.at(0, 0.08f), pen.unit * 0.68f, -0.9f, IM_PI + 0.9f);
        list->PathStroke(color, 0, pen.thickness);
        pen.line(0, -0.9f, 0, -0.05f);
        break;
    case Icon::plug:
        pen.path({{-0.5f, -0.35f}, {0.5f, -0.35f}, {0.5f, 0.05f}, {0, 0.5f}, {-0.5f, 0.05f}}, true);
        pen.line(-0.25f, -0.85f, -0.25f, -0.35f);
        pen.line(0.25f, -0.85f, 0.25f, -0.35f);
        pen.line(0, 0.5f, 0, 0.95f);
        break;
    case Icon::target:
        pen.circle(0, 0, 0.55f);
        pen.line(0, -0.95f, 0, -0.3f);
        pen.line(0, 0.95f, 0, 0.3f);
        pen.line(-0.95f, 0, -0.3f, 0);
        pen.line(0.95f, 0, 0.3f, 0);
        break;
    case Icon::pin:
        pen.path({{-0.35f, -0.8f}, {0.35f, -0.8f}, {0.25f, -0.1f}, {0.6f, 0.2f}, {-0.6f, 0.2f}, {-0.25f, -0.1f}}, true);
        pen.line(0, 0.2f, 0, 0.9f);
        break;
    case Icon::replace:
        pen.line(-0.85f, -0.4f, 0.75f, -0.4f);
        pen.path({{0.4f, -0.75f}, {0.78f, -0.4f}, {0.4f, -0.05f}});
        pen.line(-0.75f, 0.45f, 0.85f, 0.45f);
        pen.path({{-0.4f, 0.1f}, {-0.78f, 0.45f}, {-0.4f, 0.8f}});
        break;
    case Icon::away:
        pen.path({{-0.1f, -0.75f}, {-0.75f, -0.75f}, {-0.75f, 0.75f}, {0.75f, 0.75f}, {0.75f, 0.1f}});
        pen.line(-0.15f, 0.15f, 0.8f, -0.8f);
        pen.path({{0.3f, -0.85f}, {0.85f, -0.85f}, {0.85f, -0.3f}});
        break;
    case Icon::bulb:
        pen.circle(0, -0.2f, 0.6f);
        pen.line(-0.3f, 0.62f, 0.3f, 0.62f);
        pen.line(-0.18f, 0.9f, 0.18f, 0.9f);
        break;
    }
}

void draw_zhongwen(ImDrawList* list, Vec center, float size, Color color) {
    Pen zhong{list, center - Vec(size * 0.54f, 0), size * 0.5f, color, ImMax(1.2f, size * 0.085f)};
    zhong.path({{-0.72f, -0.5f}, {0.72f, -0.5f}, {0.72f, 0.28f}, {-0.72f, 0.28f}}, true);
    zhong.line(0, -0.95f, 0, 0.95f);
    Pen wen{list, center + Vec(size * 0.54f, 0), size * 0.5f, color, zhong.thickness};
    wen.line(-0.1f, -0.95f, 0.1f, -0.7f);
    wen.line(-0.9f, -0.52f, 0.9f, -0.52f);
    wen.path({{0.5f, -0.5f}, {0.3f, 0.05f}, {-0.15f, 0.55f}, {-0.85f, 0.92f}});
    wen.path({{-0.5f, -0.5f}, {-0.3f, 0.05f}, {0.15f, 0.55f}, {0.85f, 0.92f}});
}

void draw_logo(ImDrawList* list, Vec center, float size) {
    float half = size * 0.5f;
    const Vec corners[] = {{0, -1}, {0.9f, -0.5f}, {0.9f, 0.5f}, {0, 1}, {-0.9f, 0.5f}, {-0.9f, -0.5f}};
    int first = list->VtxBuffer.Size;
    for (const Vec& corner : corners) list->PathLineTo(center + corner * half);
    list->PathFillConvex(IM_COL32_WHITE);
    ImGui::ShadeVertsLinearColorGradientKeepAlpha(list, first, list->VtxBuffer.Size, center - Vec(half, half),
                                                  center + Vec(half, half), IM_COL32(91, 140, 255, 255),
                                                  IM_COL32(45, 212, 191, 255));
}

}  // namespace kubewalk::ui
