#pragma once
// A hand-made Model that looks like a lesson in the middle of sock-shop, and a Platform that only
// remembers: the interface's tests need no cluster and no window.

#include <map>
#include <string>
#include <vector>

#include "web/app/model.h"
#include "web/app/platform.h"
#include "web/app/strings.h"

namespace kubewalk::ui_tests {

app::Model demo_model();
// The real words, read from assets/strings.
void add_demo_strings(app::Strings& words);

class FakePlatform : public app::Platform {
public:
    double now() const override { return clock ? clock() : now_s; }
    double (*clock)() = nullptr;  // a real one, for what has a share of a frame's time
    void request_frame() override {}
    void request_frame_in(double) override {}
    void set_clipboard(std::string_view text) override { clipboard_text = std::string(text); }
    std::string clipboard() override { return clipboard_text; }
    void set_text_input(const app::TextInput&) override {}
    std::optional<std::string> load(std::string_view key) override;
    bool store(std::string_view key, std::string_view value) override;
    void forget(std::string_view key) override { kept.erase(std::string(key)); }
    std::optional<app::GivenFile> given_file() override {
        if (given.empty()) return std::nullopt;
        app::GivenFile file = given.front();
        given.erase(given.begin());
        return file;
    }
    void choose_file(std::string_view accept) override { asked_for = std::string(accept); }
    std::string fragment() override { return {}; }
    void set_fragment(std::string_view) override {}
    std::string address() override { return address_text; }
    float device_scale() override { return 1; }
    bool reduced_motion() override { return still; }
    bool prefers_light() override { return false; }
    std::string language() override { return "en"; }
    void open_link(std::string_view url) override { opened = url; }
    void download(std::string_view name, std::string_view, std::string_view content) override { downloads[std::string(name)] = std::string(content); }
    void set_page_language(std::string_view) override {}
    bool new_release() const override { return released; }
    void reload() override { ++reloads; }
    std::string_view font(std::string_view name) override;
    int fonts_generation() const override { return 0; }
    void mirror(app::MirrorPart part, std::string_view text) override { mirrored[part] = std::string(text); }

    std::string opened;
    std::vector<app::GivenFile> given;
    std::string asked_for;
    std::string address_text = "test:";
    std::map<std::string, std::string> downloads;
    bool full = false;  // the store has no room
    bool released = false;  // another release is there
    int reloads = 0;
    double now_s = 0;
    bool still = false;
    std::string clipboard_text;
    std::map<std::string, std::string, std::less<>> kept;
    std::map<app::MirrorPart, std::string> mirrored;
};

}  // namespace kubewalk::ui_tests
