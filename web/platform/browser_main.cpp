// The page: input from JavaScript into Dear ImGui, frames only when something asks for them. SDL2 is not
// needed here: its Emscripten driver would have to be kept away from keyboard, clipboard and input
// methods, and pointer and size are a few lines.

#include <emscripten.h>
#include <emscripten/html5.h>

#include <algorithm>
#include <cfloat>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "web/app/session_backend.h"
#include "web/platform/browser_glue.h"
#include "web/platform/browser_platform.h"
#include "web/platform/key_codes.h"
#include "web/platform/run.h"
#include "web/platform/runner.h"

namespace kubewalk::platform {

namespace {

// What moves or types is answered at once. What decides something may need the second file of the program (cmake/split): until that
// is there it is kept, and all that follows with it, in order.
enum class Input : unsigned char { light, decisive };

constexpr double patience_s = 0.6;
constexpr std::string_view terminal_path = "bottom/terminal/input";

// Lives as long as the page; main() returns at once.
struct Page {
    BrowserPlatform platform;
    std::unique_ptr<Runner> runner;
    EMSCRIPTEN_WEBGL_CONTEXT_HANDLE context = 0;
    int after_input = 0;   // Dear ImGui needs a few frames to settle hovering and focus
    double last_frame = 0;
    int frames = 0;
    bool ready = false;
    bool lost = false;
    int cursor = -2;
    int theme = -1;
    ImVec2 pointer{-FLT_MAX, -FLT_MAX};
    bool light_press = false;  // the button went down where that decides nothing
    bool whole = false;        // the second file is there
    std::vector<std::function<void()>> held;
    double held_since = 0;
    std::string said;          // why it is held

    bool open_context();
    void frame();
    void input();

    template <typename Act>
    void take(Input kind, Act act) {
        if (passes(kind)) {
            act();
        } else {
            if (held.empty()) held_since = kw_now();
            held.push_back(std::move(act));
            input();
        }
    }
    bool passes(Input kind);
    void release();
    void wait_for_rest();
};

Page& page() {
    static Page the_page;
    return the_page;
}

bool Page::open_context() {
    EmscriptenWebGLContextAttributes attributes;
    emscripten_webgl_init_context_attributes(&attributes);
    attributes.majorVersion = 2;
    attributes.alpha = EM_FALSE;
    attributes.depth = EM_FALSE;
    attributes.stencil = EM_FALSE;
    attributes.antialias = EM_FALSE;
    attributes.preserveDrawingBuffer = EM_FALSE;
    context = emscripten_webgl_create_context("#canvas", &attributes);
    if (context <= 0) return false;
    emscripten_webgl_make_context_current(context);
    return runner->start_graphics("#version 300 es");
}

void Page::input() {
    // Dear ImGui takes one press and one release per frame: a few frames let a whole click through.
    after_input = 4;
    kw_request_frame();
}

bool Page::passes(Input kind) {
    if (!whole && kw_rest() == 0) release();
    return whole || (kind == Input::light && held.empty());
}

void Page::release() {
    whole = true;
    for (std::function<void()>& act : std::exchange(held, {})) act();
    app::State& state = runner->state();
    if (!said.empty() && state.toast == said) state.toast.clear();
    said.clear();
}

void Page::wait_for_rest() {
    const int rest = kw_rest();
    if (rest == 0) return release();
    if (rest == 1 && kw_now() - held_since < patience_s) return;
    app::State& state = runner->state();
    said = std::string(state.t(rest == 1 ? "program.coming" : "program.missing"));
    if (state.toast != said) state.notify(said);
}

const char* cursor_name(ImGuiMouseCursor cursor) {
    switch (cursor) {
    case ImGuiMouseCursor_Hand: return "pointer";
    case ImGuiMouseCursor_TextInput: return "text";
    case ImGuiMouseCursor_ResizeEW: return "ew-resize";
    case ImGuiMouseCursor_ResizeNS: return "ns-resize";
    default: return "default";
    }
}

void Page::frame() {
    if (lost || !runner) return;
    if (!held.empty()) wait_for_rest();
    ImGuiIO& io = ImGui::GetIO();
    double now = kw_now();
    io.DeltaTime = last_frame > 0 ? static_cast<float>(std::min(0.25, std::max(0.0001, now - last_frame))) : 1.0f / 60;
    last_frame = now;
    double scale = kw_device_scale();
    int width = std::max(1, kw_canvas_width()), height = std::max(1, kw_canvas_height());
    // A picture is for slides: it is drawn sharper than a plain screen shows it, as far as every graphics card can.
    constexpr double picture_scale = 2, most_pixels = 8192;
    if (runner->state().wanted_picture == app::Picture::png) scale = std::max(scale, std::min(picture_scale, most_pixels / std::max(width, height)));
    int device_width = static_cast<int>(width * scale + 0.5), device_height = static_cast<int>(height * scale + 0.5);
    kw_resize_canvas(device_width, device_height);
    float zoom = platform.zoom = runner->interface().zoom();
    io.DisplaySize = ImVec2(std::floor(static_cast<float>(width) / zoom), std::floor(static_cast<float>(height) / zoom));
    io.DisplayFramebufferScale = ImVec2(static_cast<float>(device_width) / io.DisplaySize.x,
                                        static_cast<float>(device_height) / io.DisplaySize.y);
    runner->prepare();
    runner->frame(device_width, device_height);
    if (!platform.picture_name.empty()) {
        float to_device = io.DisplayFramebufferScale.x;
        const app::Region& region = platform.picture;
        kw_picture(platform.picture_name.c_str(), static_cast<int>(region.x * to_device), static_cast<int>(region.y * to_device),
                   static_cast<int>(region.width * to_device), static_cast<int>(region.height * to_device));
        platform.picture_name.clear();
    }
    ++frames;
    if (after_input > 0) --after_input;
    // On a slow machine several events wait; what they do shows in the frames after the last of them.
    if (ImGui::GetCurrentContext()->InputEventsQueue.Size > 0) after_input = 4;

    if (int wanted = ImGui::GetMouseCursor(); wanted != cursor) {
        cursor = wanted;
        kw_set_cursor(cursor_name(wanted));
    }
    bool light = runner->state().light();
    if (int wanted = static_cast<int>(runner->state().settings.theme) * 2 + (light ? 1 : 0); wanted != theme) {
        theme = wanted;
        bool follows = runner->state().settings.theme == app::ThemeChoice::system || runner->state().address.embed;
        kw_set_theme(light ? "light" : "dark", follows ? "" : light ? "light" : "dark");
    }
    if (!ready && !runner->state().model.loading) {
        ready = true;
        kw_ready();
    }
    if (after_input > 0 || runner->interface().animating())
        kw_request_frame();
    else if (!held.empty())
        kw_request_frame_in(patience_s);  // what is said goes on being said
    else if (runner->interface().wake_in_s() > 0)
        kw_request_frame_in(runner->interface().wake_in_s());
}

void add_modifiers(int modifiers) {
    ImGuiIO& io = ImGui::GetIO();
    io.AddKeyEvent(ImGuiMod_Ctrl, (modifiers & 1) != 0);
    io.AddKeyEvent(ImGuiMod_Shift, (modifiers & 2) != 0);
    io.AddKeyEvent(ImGuiMod_Alt, (modifiers & 4) != 0);
    io.AddKeyEvent(ImGuiMod_Super, (modifiers & 8) != 0);
}

void tap_key(ImGuiKey key) {
    ImGuiIO& io = ImGui::GetIO();
    io.AddKeyEvent(key, true);
    io.AddKeyEvent(key, false);
    page().input();
}

bool over_terminal(ImVec2 at) {
    const ui::Item* item = page().runner->interface().items().find(terminal_path);
    return item && item->visible && item->box.Contains(at);
}

// A key that writes, or moves the caret in what is written.
Input kind_of_key(ImGuiKey key, bool down, int modifiers) {
    if (!down || (key >= ImGuiKey_LeftCtrl && key <= ImGuiKey_RightSuper)) return Input::light;
    constexpr ImGuiKey decide[] = {ImGuiKey_Tab, ImGuiKey_UpArrow, ImGuiKey_DownArrow, ImGuiKey_PageUp, ImGuiKey_PageDown, ImGuiKey_Insert,
                                   ImGuiKey_Enter, ImGuiKey_KeypadEnter, ImGuiKey_Escape, ImGuiKey_F8};
    constexpr int shift = 2;
    const bool writes = page().platform.text_wanted && (modifiers & ~shift) == 0;
    return writes && std::find(std::begin(decide), std::end(decide), key) == std::end(decide) ? Input::light : Input::decisive;
}

}  // namespace

int run(int, char**) {
    Page& the_page = page();
    kw_attach();
    the_page.runner = std::make_unique<Runner>(the_page.platform);
    the_page.runner->state().set_backend(app::make_session_backend(the_page.platform));
    ImGuiIO& io = ImGui::GetIO();
    io.BackendPlatformName = "kubewalk_browser";
    io.ConfigMacOSXBehaviors = kw_is_mac() != 0;
    io.BackendFlags |= ImGuiBackendFlags_HasMouseCursors;
    if (!the_page.open_context()) {
        kw_fail("WebGL 2", "The browser gave no WebGL 2 context for the canvas.");
        return 1;
    }
    the_page.input();
    // The runtime stays alive: everything else happens in callbacks.
    emscripten_exit_with_live_runtime();
    return 0;
}

}  // namespace kubewalk::platform

// Called from browser_glue.cpp's JavaScript.
using namespace kubewalk::platform;

extern "C" {

EMSCRIPTEN_KEEPALIVE void kwp_frame() { page().frame(); }
EMSCRIPTEN_KEEPALIVE void kwp_wake() { page().input(); }
EMSCRIPTEN_KEEPALIVE int kwp_frames() { return page().frames; }

// Whether something waits for the second file of the program.
EMSCRIPTEN_KEEPALIVE int kwp_holds() { return page().held.empty() ? 0 : 1; }

EMSCRIPTEN_KEEPALIVE void kwp_pointer(double x, double y, int source) {
    const float zoom = page().platform.zoom;
    const ImVec2 at = x < -1e5 ? ImVec2(-FLT_MAX, -FLT_MAX) : ImVec2(static_cast<float>(x) / zoom, static_cast<float>(y) / zoom);
    page().pointer = at;
    page().take(Input::light, [at, source] {
        ImGuiIO& io = ImGui::GetIO();
        io.AddMouseSourceEvent(source == 1 ? ImGuiMouseSource_TouchScreen : source == 2 ? ImGuiMouseSource_Pen : ImGuiMouseSource_Mouse);
        io.AddMousePosEvent(at.x, at.y);
        page().input();
    });
}

// Whether what stands there is dragged by one finger; everything else scrolls.
EMSCRIPTEN_KEEPALIVE int kwp_drags(double x, double y) {
    ImVec2 at(static_cast<float>(x) / page().platform.zoom, static_cast<float>(y) / page().platform.zoom);
    return page().runner->interface().drags(at) ? 1 : 0;
}

// Two fingers, or one over something that scrolls. A canvas moves with them, everything else scrolls.
EMSCRIPTEN_KEEPALIVE void kwp_pan(double dx, double dy, double x, double y) {
    kwp_pointer(x, y, 1);
    page().take(Input::light, [dx, dy] {
        float zoom = page().platform.zoom;
        page().runner->interface().touch.pan.x += static_cast<float>(dx) / zoom;
        page().runner->interface().touch.pan.y += static_cast<float>(dy) / zoom;
        page().input();
    });
}

EMSCRIPTEN_KEEPALIVE void kwp_pinch(double factor, double x, double y) {
    kwp_pointer(x, y, 1);
    page().take(Input::light, [factor] {
        page().runner->interface().touch.pinch *= static_cast<float>(factor);
        page().input();
    });
}

// A button of the page's twin of the canvas.
EMSCRIPTEN_KEEPALIVE void kwp_press(const char* path) {
    page().take(path == terminal_path ? Input::light : Input::decisive, [path = std::string(path)] {
        page().runner->interface().press_item(path);
        page().input();
        // There, down, up, and what comes of it: more frames than a hand needs, which goes on moving.
        page().after_input = 8;
    });
}

EMSCRIPTEN_KEEPALIVE void kwp_prepare_print() { page().runner->interface().prepare_print(); }

EMSCRIPTEN_KEEPALIVE void kwp_button(int button, int down, int modifiers) {
    if (down != 0) page().light_press = button == 0 && over_terminal(page().pointer);
    page().take(page().light_press ? Input::light : Input::decisive, [button, down, modifiers] {
        add_modifiers(modifiers);
        // The page counts left, middle, right.
        int index = button == 1 ? 2 : button == 2 ? 1 : button;
        if (index >= 0 && index < 5) ImGui::GetIO().AddMouseButtonEvent(index, down != 0);
        page().input();
    });
}

EMSCRIPTEN_KEEPALIVE void kwp_wheel(double x, double y) {
    page().take(Input::light, [x, y] {
        ImGui::GetIO().AddMouseWheelEvent(static_cast<float>(x), static_cast<float>(y));
        page().input();
    });
}

EMSCRIPTEN_KEEPALIVE void kwp_key(const char* code, int down, int modifiers, int repeat) {
    ImGuiKey key = key_of_code(code);
    page().take(kind_of_key(key, down != 0, modifiers), [key, down, modifiers, repeat] {
        add_modifiers(modifiers);
        // Dear ImGui repeats held keys by its own clock, which stands still between frames.
        if (key != ImGuiKey_None && repeat != 0) ImGui::GetIO().AddKeyEvent(key, false);
        if (key != ImGuiKey_None) ImGui::GetIO().AddKeyEvent(key, down != 0);
        page().input();
    });
}

EMSCRIPTEN_KEEPALIVE void kwp_tap(int which) {
    const ImGuiKey key = which == 0 ? ImGuiKey_Backspace : ImGuiKey_Enter;
    page().take(kind_of_key(key, true, 0), [key] { tap_key(key); });
}

EMSCRIPTEN_KEEPALIVE void kwp_text(const char* text) {
    page().take(Input::light, [text = std::string(text)] {
        ImGui::GetIO().AddInputCharactersUTF8(text.c_str());
        page().input();
    });
}

EMSCRIPTEN_KEEPALIVE void kwp_paste(const char* text) {
    page().take(Input::decisive, [text = std::string(text)] {
        page().platform.pasted = text;
        ImGuiIO& io = ImGui::GetIO();
        io.AddKeyEvent(ImGuiMod_Ctrl, true);
        tap_key(ImGuiKey_V);
        io.AddKeyEvent(ImGuiMod_Ctrl, false);
    });
}

EMSCRIPTEN_KEEPALIVE void kwp_focus(int focused) {
    ImGui::GetIO().AddFocusEvent(focused != 0);
    page().input();
}

EMSCRIPTEN_KEEPALIVE void kwp_context(int restored) {
    Page& the_page = page();
    if (restored == 0) {
        the_page.lost = true;
        the_page.runner->stop_graphics();
        return;
    }
    emscripten_webgl_make_context_current(the_page.context);
    the_page.lost = !the_page.runner->start_graphics("#version 300 es");
    the_page.input();
}

EMSCRIPTEN_KEEPALIVE void kwp_font_bytes(const char* file, const char* bytes, int size) {
    page().platform.fonts[file] = std::string(bytes, static_cast<std::size_t>(size));
}

EMSCRIPTEN_KEEPALIVE void kwp_file_bytes(const char* name, const char* bytes, int size, int awaited) {
    page().platform.files[name] = std::string(bytes, static_cast<std::size_t>(size));
    ++page().platform.files_generation;
    if (awaited != 0) page().input();
}

EMSCRIPTEN_KEEPALIVE void kwp_file_missing(const char* name) {
    page().platform.files[name] = {};
    ++page().platform.files_generation;
    page().input();
}

EMSCRIPTEN_KEEPALIVE char* kwp_items() {
    std::string json = page().runner->interface().items().json(page().platform.zoom);
    return strdup(json.c_str());
}

}  // extern "C"
