#pragma once
// The one place where web/ui includes Dear ImGui: with its vector operators and its internals, which
// custom widgets are made of.

#ifndef IMGUI_DEFINE_MATH_OPERATORS
#define IMGUI_DEFINE_MATH_OPERATORS
#endif
#include <imgui.h>
#include <imgui_internal.h>

namespace kubewalk::ui {

using Vec = ImVec2;
using Rect = ImRect;
using Color = ImU32;

inline Rect rect(float x, float y, float w, float h) {
    return {x, y, x + w, y + h};
}

inline Rect inset(const Rect& r, float by) {
    return {r.Min.x + by, r.Min.y + by, r.Max.x - by, r.Max.y - by};
}

}  // namespace kubewalk::ui
