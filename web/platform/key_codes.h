#pragma once
// KeyboardEvent.code (the place of the key, whatever the layout prints on it) -> Dear ImGui's keys.

#include <string_view>

#include "web/ui/imgui.h"

namespace kubewalk::platform {

inline ImGuiKey key_of_code(std::string_view code) {
    struct Named {
        std::string_view code;
        ImGuiKey key;
    };
    constexpr Named named[] = {
        {"Tab", ImGuiKey_Tab}, {"ArrowLeft", ImGuiKey_LeftArrow}, {"ArrowRight", ImGuiKey_RightArrow},
        {"ArrowUp", ImGuiKey_UpArrow}, {"ArrowDown", ImGuiKey_DownArrow}, {"PageUp", ImGuiKey_PageUp},
        {"PageDown", ImGuiKey_PageDown}, {"Home", ImGuiKey_Home}, {"End", ImGuiKey_End}, {"Insert", ImGuiKey_Insert},
        {"Delete", ImGuiKey_Delete}, {"Backspace", ImGuiKey_Backspace}, {"Space", ImGuiKey_Space},
        {"Enter", ImGuiKey_Enter}, {"NumpadEnter", ImGuiKey_KeypadEnter}, {"Escape", ImGuiKey_Escape},
        {"ControlLeft", ImGuiKey_LeftCtrl}, {"ControlRight", ImGuiKey_RightCtrl}, {"ShiftLeft", ImGuiKey_LeftShift},
        {"ShiftRight", ImGuiKey_RightShift}, {"AltLeft", ImGuiKey_LeftAlt}, {"AltRight", ImGuiKey_RightAlt},
        {"MetaLeft", ImGuiKey_LeftSuper}, {"MetaRight", ImGuiKey_RightSuper}, {"Slash", ImGuiKey_Slash},
        {"Minus", ImGuiKey_Minus}, {"Equal", ImGuiKey_Equal}, {"F8", ImGuiKey_F8}, {"Comma", ImGuiKey_Comma}, {"Period", ImGuiKey_Period},
    };
    if (code.size() == 4 && code.substr(0, 3) == "Key") return static_cast<ImGuiKey>(ImGuiKey_A + (code[3] - 'A'));
    if (code.size() == 6 && code.substr(0, 5) == "Digit") return static_cast<ImGuiKey>(ImGuiKey_0 + (code[5] - '0'));
    for (const Named& entry : named)
        if (entry.code == code) return entry.key;
    return ImGuiKey_None;
}

}  // namespace kubewalk::platform
