// The desktop window: SDL2 and OpenGL 3.

#include "web/ui/imgui.h"  // before the backends: it turns on the vector operators

#include <SDL.h>
#include <SDL_opengl.h>
#include <imgui_impl_opengl3.h>
#include <imgui_impl_sdl2.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/api/json.h"
#include "core/base/text.h"
#include "web/app/session_backend.h"
#include "web/platform/run.h"
#include "web/platform/runner.h"

namespace kubewalk::platform {

namespace {

// Where Debian puts the fonts that the build cuts down: what is used before there are any.
struct SystemFont {
    const char* name;
    const char* path;
};
constexpr SystemFont system_fonts[] = {
    {"Inter-Regular.otf", "/usr/share/fonts/opentype/inter/Inter-Regular.otf"},
    {"Inter-SemiBold.otf", "/usr/share/fonts/opentype/inter/Inter-SemiBold.otf"},
    {"JetBrainsMono-Regular.ttf", "/usr/share/fonts/truetype/jetbrains-mono/JetBrainsMono-Regular.ttf"},
    {"NotoSansSC-Regular.otf", "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc"},
};

bool exists(const std::string& path) {
    return std::ifstream(path).good();
}

std::string content_of(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(file), {});
}

// A folder of lessons that somebody writes: looked at from time to time, read when one of its files has changed.
class WatchedFolder {
public:
    explicit WatchedFolder(const std::string& path) : path_(std::filesystem::absolute(path).lexically_normal()) {
        if (path_.filename().empty()) path_ = path_.parent_path();
    }

    // What it holds, when that is not what it held the last time.
    std::optional<app::GivenFile> changed() {
        std::map<std::string, std::filesystem::file_time_type> stamps;
        std::error_code error;
        for (std::filesystem::recursive_directory_iterator at(path_, error), end; !error && at != end; at.increment(error)) {
            if (at.depth() >= 1) at.disable_recursion_pending();
            const std::string extension = at->path().extension().string();
            if (at->is_regular_file(error) && (extension == ".json" || extension == ".md" || extension == ".yaml") && stamps.size() < 1000)
                stamps.emplace(at->path().lexically_relative(path_).generic_string(), at->last_write_time(error));
        }
        if (stamps == stamps_) return std::nullopt;
        stamps_ = std::move(stamps);
        api::Value files = api::Value::object();
        for (const auto& [name, stamp] : stamps_) files.set(name, content_of(path_ / name));
        return app::GivenFile{path_.filename().string() + "/", api::to_json(files)};
    }

private:
    std::filesystem::path path_;
    std::map<std::string, std::filesystem::file_time_type> stamps_;
};
constexpr int folder_look_ms = 500;

class NativePlatform final : public app::Platform {
public:
    NativePlatform() {
        if (char* path = SDL_GetPrefPath("KubeWalk", "KubeWalk")) {
            store_ = path;
            SDL_free(path);
        }
        if (char* path = SDL_GetBasePath()) {
            base_ = path;
            SDL_free(path);
        }
    }

    double now() const override {
        return static_cast<double>(SDL_GetPerformanceCounter()) / static_cast<double>(SDL_GetPerformanceFrequency());
    }
    void request_frame() override { frame_wanted = true; }
    void request_frame_in(double seconds) override { wake_in_s = seconds; }

    void set_clipboard(std::string_view text) override { SDL_SetClipboardText(std::string(text).c_str()); }
    std::string clipboard() override {
        char* text = SDL_GetClipboardText();
        std::string out = text ? text : "";
        SDL_free(text);
        return out;
    }
    // Dear ImGui's SDL2 backend tells the input method itself.
    void set_text_input(const app::TextInput&) override {}

    std::optional<std::string> load(std::string_view key) override {
        std::ifstream file(store_ + std::string(key), std::ios::binary);
        if (!file) return std::nullopt;
        return std::string(std::istreambuf_iterator<char>(file), {});
    }
    bool store(std::string_view key, std::string_view value) override {
        std::ofstream file(store_ + std::string(key), std::ios::binary);
        file.write(value.data(), static_cast<std::streamsize>(value.size()));
        return file.good();
    }

    void forget(std::string_view key) override { std::remove((store_ + std::string(key)).c_str()); }
    // Files are dropped onto the window.
    std::optional<app::GivenFile> given_file() override {
        if (given.empty()) return std::nullopt;
        app::GivenFile file = std::move(given.front());
        given.erase(given.begin());
        return file;
    }

    std::string fragment() override { return fragment_; }
    void set_fragment(std::string_view fragment) override { fragment_ = std::string(fragment); }
    std::string address() override { return "kubewalk:"; }

    float device_scale() override { return ImGui::GetIO().DisplayFramebufferScale.x; }
    bool reduced_motion() override { return std::getenv("KUBEWALK_REDUCED_MOTION") != nullptr; }
    bool prefers_light() override { return false; }
    std::string language() override {
        const char* language = std::getenv("LANG");
        return language ? language : "en";
    }
    void set_page_language(std::string_view) override {}
    void open_link(std::string_view url) override { SDL_OpenURL(std::string(url).c_str()); }
    void download(std::string_view name, std::string_view, std::string_view content) override {
        std::ofstream file(std::string(name), std::ios::binary);
        file.write(content.data(), static_cast<std::streamsize>(content.size()));
    }

    std::string_view font(std::string_view name) override {
        const auto [kept, fresh] = fonts_.try_emplace(std::string(name));
        if (!fresh) return kept->second;
        std::vector<std::string> places = {cat(base_, "fonts/", name), cat(base_, "../fonts/", name)};
        for (const SystemFont& font : system_fonts)
            if (name == font.name) places.push_back(font.path);
        for (const std::string& path : places)
            if (kept->second.empty() && exists(path)) kept->second = content_of(path);
        return kept->second;
    }
    int fonts_generation() const override { return 0; }
    void mirror(app::MirrorPart, std::string_view) override {}

    // A lesson's folder opens, and opens anew with every change; anything else is read once.
    void give(const std::string& path) {
        if (std::filesystem::is_directory(path))
            watched.emplace(path);
        else
            given.push_back({path.substr(path.find_last_of('/') + 1), content_of(path)});
    }
    // True when the watched folder has changed.
    bool look_at_folder() {
        auto changed = watched ? watched->changed() : std::nullopt;
        if (!changed) return false;
        given.push_back(std::move(*changed));
        return true;
    }

    std::vector<app::GivenFile> given;
    std::optional<WatchedFolder> watched;
    bool frame_wanted = true;
    double wake_in_s = 0;

private:
    std::string store_;
    std::string base_;
    std::map<std::string, std::string, std::less<>> fonts_;  // that were asked for; "" where there is none
    std::string fragment_;
};

struct Window {
    SDL_Window* window = nullptr;
    SDL_GLContext context = nullptr;

    bool open() {
        SDL_GL_SetAttribute(SDL_GL_CONTEXT_PROFILE_MASK, SDL_GL_CONTEXT_PROFILE_CORE);
        SDL_GL_SetAttribute(SDL_GL_CONTEXT_MAJOR_VERSION, 3);
        SDL_GL_SetAttribute(SDL_GL_CONTEXT_MINOR_VERSION, 2);
        window = SDL_CreateWindow("KubeWalk", SDL_WINDOWPOS_CENTERED, SDL_WINDOWPOS_CENTERED, 1440, 900,
                                  SDL_WINDOW_OPENGL | SDL_WINDOW_RESIZABLE | SDL_WINDOW_ALLOW_HIGHDPI);
        if (window) context = SDL_GL_CreateContext(window);
        if (context) SDL_GL_SetSwapInterval(1);
        return context != nullptr;
    }
    ~Window() {
        if (context) SDL_GL_DeleteContext(context);
        if (window) SDL_DestroyWindow(window);
    }
};

// False when the window was closed.
bool take_input(const SDL_Event& event, bool* hidden) {
    ImGui_ImplSDL2_ProcessEvent(&event);
    if (event.type == SDL_QUIT) return false;
    if (event.type == SDL_WINDOWEVENT) {
        if (event.window.event == SDL_WINDOWEVENT_CLOSE) return false;
        if (event.window.event == SDL_WINDOWEVENT_MINIMIZED || event.window.event == SDL_WINDOWEVENT_HIDDEN) *hidden = true;
        if (event.window.event == SDL_WINDOWEVENT_RESTORED || event.window.event == SDL_WINDOWEVENT_SHOWN) *hidden = false;
    }
    return true;
}

void loop(NativePlatform& platform, Runner& runner, SDL_Window* window) {
    bool hidden = false;
    // Dear ImGui needs a few frames after each input to settle hovering and focus.
    int after_input = 3;
    for (;;) {
        SDL_Event event;
        bool got = false;
        bool idle = hidden || !(runner.interface().animating() || platform.frame_wanted || after_input > 0);
        if (idle) {
            double wake = hidden ? 0 : runner.interface().wake_in_s();
            int wait_ms = wake > 0 ? static_cast<int>(wake * 1000) + 1 : 0;
            const bool only_looks = platform.watched && !hidden && (wait_ms == 0 || wait_ms > folder_look_ms);
            if (only_looks) wait_ms = folder_look_ms;
            got = wait_ms > 0 ? SDL_WaitEventTimeout(&event, wait_ms) != 0 : SDL_WaitEvent(&event) != 0;
            // Looking at the folder draws nothing.
            if (!got && only_looks && !platform.look_at_folder()) continue;
        } else {
            got = SDL_PollEvent(&event) != 0;
        }
        for (; got; got = SDL_PollEvent(&event) != 0) {
            if (!take_input(event, &hidden)) return;
            if (event.type == SDL_DROPFILE) {
                platform.give(event.drop.file);
                SDL_free(event.drop.file);
                platform.look_at_folder();
            }
            after_input = 3;
        }
        if (hidden) continue;
        if (after_input > 0) --after_input;
        platform.frame_wanted = false;
        runner.prepare();
        ImGui_ImplSDL2_NewFrame();
        int width = 0, height = 0;
        SDL_GL_GetDrawableSize(window, &width, &height);
        runner.frame(width, height);
        SDL_GL_SwapWindow(window);
    }
}

}  // namespace

int run(int count, char** arguments) {
    if (count > 2 || (count == 2 && arguments[1][0] == '-')) {
        std::fprintf(stderr, "usage: %s [FOLDER OR FILE]\nA lesson's folder is opened, and opened anew whenever something in it changes.\n", arguments[0]);
        return 2;
    }
    SDL_SetHint(SDL_HINT_IME_SHOW_UI, "1");
    SDL_SetHint(SDL_HINT_MOUSE_FOCUS_CLICKTHROUGH, "1");
    if (SDL_Init(SDL_INIT_VIDEO) != 0) {
        std::fprintf(stderr, "kubewalk: no window: %s\n", SDL_GetError());
        return 1;
    }
    int exit = 0;
    {
        Window window;
        if (!window.open()) {
            std::fprintf(stderr, "kubewalk: OpenGL 3.2 is needed: %s\n", SDL_GetError());
            exit = 1;
        } else {
            NativePlatform platform;
            Runner runner(platform);
            runner.state().set_backend(app::make_session_backend(platform));
            ImGui_ImplSDL2_InitForOpenGL(window.window, window.context);
            runner.start_graphics("#version 150");
            if (count == 2) platform.give(arguments[1]);
            platform.look_at_folder();
            loop(platform, runner, window.window);
            runner.stop_graphics();
            ImGui_ImplSDL2_Shutdown();
        }
    }
    SDL_Quit();
    return exit;
}

}  // namespace kubewalk::platform
