#include "web/app/settings.h"

#include <algorithm>
#include <iterator>

#include "core/api/json.h"
#include "core/api/value.h"

namespace kubewalk::app {

namespace {

constexpr std::string_view theme_names[] = {"system", "dark", "light"};

float bounded(const api::Value& value, float fallback, float low, float high) {
    return value.is_number() ? std::clamp(static_cast<float>(value.as_number()), low, high) : fallback;
}

}  // namespace

std::string save_settings(const Settings& settings) {
    const Layout& layout = settings.layout;
    api::Value value = api::Value::object({
        {"theme", theme_names[static_cast<std::size_t>(settings.theme)]},
        {"language", settings.language},
        {"mode", settings.mode == Mode::sandbox ? "sandbox" : "learn"},
        {"view", static_cast<int>(settings.view)},
        {"speed", settings.speed},
        {"left", static_cast<double>(layout.left)},
        {"right", static_cast<double>(layout.right)},
        {"bottom", static_cast<double>(layout.bottom)},
        {"leftFolded", layout.left_folded},
        {"rightFolded", layout.right_folded},
        {"bottomFolded", layout.bottom_folded},
        {"terminalColours", settings.terminal_colours},
    });
    return api::to_json(value);
}

void load_settings(std::string_view text, Settings& settings) {
    auto parsed = api::parse_json(text);
    if (!parsed.ok()) return;
    const api::Value& value = parsed.value();
    for (std::size_t i = 0; i < std::size(theme_names); ++i)
        if (value["theme"].as_string() == theme_names[i]) settings.theme = static_cast<ThemeChoice>(i);
    if (value["language"].is_string()) settings.language = value["language"].as_string() == "zh-CN" ? "zh-CN" : "en";
    if (value["mode"].is_string())
        settings.mode = value["mode"].as_string() == "sandbox" ? Mode::sandbox : Mode::learn;
    std::int64_t view = value["view"].as_int(-1);
    if (view >= 0 && view <= static_cast<int>(View::dns)) settings.view = static_cast<View>(view);
    settings.speed = std::clamp(value["speed"].as_number(settings.speed), 0.1, 100.0);
    Layout& layout = settings.layout;
    layout.left = bounded(value["left"], layout.left, 200, 900);
    layout.right = bounded(value["right"], layout.right, 220, 1200);
    layout.bottom = bounded(value["bottom"], layout.bottom, 80, 1200);
    layout.left_folded = value["leftFolded"].as_bool(layout.left_folded);
    layout.right_folded = value["rightFolded"].as_bool(layout.right_folded);
    layout.bottom_folded = value["bottomFolded"].as_bool(layout.bottom_folded);
    settings.terminal_colours = value["terminalColours"].as_bool(settings.terminal_colours);
}

}  // namespace kubewalk::app
