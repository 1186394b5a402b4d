#include "web/platform/browser_platform.h"

#include <cstdlib>
#include <cstdio>

#include "web/platform/browser_glue.h"

namespace kubewalk::platform {

namespace {

std::string taken(char* text) {
    std::string out = text ? text : "";
    std::free(text);
    return out;
}

constexpr const char* mirror_names[] = {"title", "lesson", "tasks", "terminal", "selection", "status", "controls", "print"};

}  // namespace

double BrowserPlatform::now() const { return kw_now(); }
void BrowserPlatform::request_frame() { kw_request_frame(); }
void BrowserPlatform::request_frame_in(double seconds) { kw_request_frame_in(seconds); }

void BrowserPlatform::set_clipboard(std::string_view text) {
    // Also what our own paste gives when the browser hides its clipboard from us.
    pasted = std::string(text);
    kw_set_clipboard(pasted.c_str());
}

void BrowserPlatform::set_text_input(const app::TextInput& input) {
    text_wanted = input.wanted;
    kw_set_text_input(input.wanted ? 1 : 0, input.x * zoom, input.y * zoom, input.line_height * zoom);
}

std::optional<std::string> BrowserPlatform::load(std::string_view key) {
    char* text = kw_load(std::string(key).c_str());
    if (!text) return std::nullopt;
    return taken(text);
}

bool BrowserPlatform::store(std::string_view key, std::string_view value) {
    return kw_store(std::string(key).c_str(), std::string(value).c_str()) != 0;
}

void BrowserPlatform::forget(std::string_view key) { kw_forget(std::string(key).c_str()); }
void BrowserPlatform::choose_file(std::string_view accept) { kw_choose_file(std::string(accept).c_str()); }

std::optional<app::GivenFile> BrowserPlatform::given_file() {
    char* name = kw_given(0);
    if (!name) return std::nullopt;
    app::GivenFile file;
    file.name = taken(name);
    file.content = taken(kw_given(1));
    return file;
}

void BrowserPlatform::download_picture(std::string_view name, const app::Region& region) {
    picture_name = std::string(name);
    picture = region;
}

void BrowserPlatform::print() { kw_print(); }
void BrowserPlatform::reload() { kw_reload(); }
bool BrowserPlatform::new_release() const { return kw_new_release() != 0; }

std::string BrowserPlatform::fragment() { return taken(kw_fragment()); }
void BrowserPlatform::set_fragment(std::string_view fragment) { kw_set_fragment(std::string(fragment).c_str()); }
std::string BrowserPlatform::address() { return taken(kw_address()); }
float BrowserPlatform::device_scale() { return static_cast<float>(kw_device_scale()); }
bool BrowserPlatform::reduced_motion() { return kw_reduced_motion() != 0; }
bool BrowserPlatform::prefers_light() { return kw_prefers_light() != 0; }
std::string BrowserPlatform::language() { return taken(kw_language()); }
void BrowserPlatform::open_link(std::string_view url) { kw_open_link(std::string(url).c_str()); }

void BrowserPlatform::download(std::string_view name, std::string_view mime, std::string_view content) {
    kw_download(std::string(name).c_str(), std::string(mime).c_str(), std::string(content).c_str());
}

void BrowserPlatform::set_page_language(std::string_view language) { kw_set_page_language(std::string(language).c_str()); }

std::string_view BrowserPlatform::font(std::string_view name) {
    if (auto found = fonts.find(name); found != fonts.end()) return found->second;
    if (kw_font(std::string(name).c_str()) != 0) return fonts.find(name)->second;
    // One that the page did not begin with comes as every file of the site does.
    const std::string path = "fonts/" + std::string(name);
    auto file = files.find(path);
    if (file == files.end()) kw_file(path.c_str());
    if (file == files.end() || file->second.empty()) return {};
    ++generation;
    std::string_view bytes = fonts[std::string(name)] = std::move(file->second);
    files.erase(file);
    return bytes;
}

std::optional<std::string> BrowserPlatform::site_file(std::string_view name) {
    auto found = files.find(name);
    if (found != files.end()) return found->second;
    if (kw_file(std::string(name).c_str()) != 0) return files.find(name)->second;
    return std::nullopt;
}

void BrowserPlatform::mirror(app::MirrorPart part, std::string_view text) {
    kw_mirror(mirror_names[static_cast<int>(part)], std::string(text).c_str());
}

}  // namespace kubewalk::platform
