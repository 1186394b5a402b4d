#pragma once
// Platform for the page. All JavaScript that it needs stands in browser_glue.cpp (compiled into
// kubewalk.js, because the page's Content-Security-Policy allows no inline script).

#include <map>
#include <string>

#include "web/app/platform.h"

namespace kubewalk::platform {

class BrowserPlatform final : public app::Platform {
public:
    double now() const override;
    void request_frame() override;
    void request_frame_in(double seconds) override;
    void set_clipboard(std::string_view text) override;
    std::string clipboard() override { return pasted; }
    void set_text_input(const app::TextInput& input) override;
    std::optional<std::string> load(std::string_view key) override;
    bool store(std::string_view key, std::string_view value) override;
    std::string fragment() override;
    void forget(std::string_view key) override;
    void choose_file(std::string_view accept) override;
    std::optional<app::GivenFile> given_file() override;
    void download_picture(std::string_view name, const app::Region& region) override;
    void print() override;
    void reload() override;
    bool new_release() const override;
    void set_fragment(std::string_view fragment) override;
    std::string address() override;
    float device_scale() override;
    bool reduced_motion() override;
    bool prefers_light() override;
    std::string language() override;
    void open_link(std::string_view url) override;
    void download(std::string_view name, std::string_view mime, std::string_view content) override;
    void set_page_language(std::string_view language) override;
    std::string_view font(std::string_view name) override;
    int fonts_generation() const override { return generation; }
    std::optional<std::string> site_file(std::string_view name) override;
    int site_files_generation() const override { return files_generation; }
    void mirror(app::MirrorPart part, std::string_view text) override;

    // CSS pixels of the page in one of the interface's own (presenter mode draws larger).
    float zoom = 1;
    // Made of the frame that is being drawn.
    std::string picture_name;
    app::Region picture;
    bool text_wanted = false;
    // What the last paste event brought; Ctrl+V arrives after it.
    std::string pasted;
    std::map<std::string, std::string, std::less<>> fonts;  // that have arrived
    int generation = 0;                                     // grows when one has
    std::string failed_font;
    std::map<std::string, std::string, std::less<>> files;  // that have arrived; "" for one that did not
    int files_generation = 0;
};

}  // namespace kubewalk::platform
