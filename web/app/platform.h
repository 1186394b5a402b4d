#pragma once
// What the application needs from where it runs: the browser's page or a desktop window. The two
// implementations stand in web/platform; tests have a third that only remembers.

#include <optional>
#include <string>
#include <string_view>

namespace kubewalk::app {

// Parts of the page's DOM twin of the canvas, for screen readers, find-in-page and translation. `lesson` and
// `print` are HTML made by ui/html.h, `controls` and `tasks` are JSON, the others plain text.
enum class MirrorPart : unsigned char { title, lesson, tasks, terminal, selection, status, controls, print };

// A file that the learner gave the page, by dialog or by drag and drop; or a folder: its name ends in '/', and its
// content is JSON, {"path from it": "text", ...}. A folder comes again whenever something in it has changed.
struct GivenFile {
    std::string name;
    std::string content;
};

// A part of the canvas in CSS pixels.
struct Region {
    float x = 0;
    float y = 0;
    float width = 0;
    float height = 0;
};

// Where the caret is, so that an input method opens its window beside it (CSS pixels).
struct TextInput {
    bool wanted = false;
    float x = 0;
    float y = 0;
    float line_height = 0;
    friend bool operator==(const TextInput&, const TextInput&) = default;
};

// Fetched only where Chinese, or a sign that the first fonts lack, is read or written.
inline constexpr std::string_view chinese_font = "NotoSansSC-Regular.otf";

class Platform {
public:
    virtual ~Platform() = default;

    // Seconds on a clock that never goes back; for animation and frame budgets, never for the model.
    virtual double now() const = 0;
    // Draws another frame as soon as possible, or after `seconds`.
    virtual void request_frame() = 0;
    virtual void request_frame_in(double seconds) = 0;

    virtual void set_clipboard(std::string_view text) = 0;
    virtual std::string clipboard() = 0;
    virtual void set_text_input(const TextInput& input) = 0;

    // The browser's store or a file. store() is false when there is no room or no permission.
    virtual std::optional<std::string> load(std::string_view key) = 0;
    virtual bool store(std::string_view key, std::string_view value) = 0;
    virtual void forget(std::string_view key) = 0;

    // Behind the '#' of the address bar, without it.
    virtual std::string fragment() = 0;
    virtual void set_fragment(std::string_view fragment) = 0;
    // The page's address without fragment, for share links.
    virtual std::string address() = 0;

    virtual float device_scale() = 0;  // device pixels per CSS pixel
    virtual bool reduced_motion() = 0;
    virtual bool prefers_light() = 0;
    virtual std::string language() = 0;  // "zh-CN", "en-US", ...

    virtual void open_link(std::string_view url) = 0;
    virtual void download(std::string_view name, std::string_view mime, std::string_view content) = 0;
    // Opens the system's file dialog; what was chosen (or dropped on the page) comes by given_file().
    virtual void choose_file(std::string_view /*accept*/) {}
    virtual std::optional<GivenFile> given_file() { return std::nullopt; }
    // The pixels of the frame that is drawn next, as a PNG download.
    virtual void download_picture(std::string_view /*name*/, const Region& /*region*/) {}
    // Prints MirrorPart::print.
    virtual void print() {}
    // Loads the page anew (a new release is there).
    virtual void reload() {}
    virtual bool new_release() const { return false; }
    virtual void set_page_language(std::string_view language) = 0;  // the one that is shown

    // A font file's bytes, which live as long as the platform; none while it is on its way (or missing). Asking for
    // one that is not there starts fetching it, as site_file("fonts/NAME") does; fonts_generation() changes when it has arrived.
    virtual std::string_view font(std::string_view name) = 0;
    virtual int fonts_generation() const = 0;

    // Another file of the site ("schema/kubernetes-docs.json"); nothing while it is on its way, "" when it could
    // not be fetched (it is tried again, ever more rarely). Asking for one that is not there starts fetching it
    // and draws a frame when it has arrived.
    virtual std::optional<std::string> site_file(std::string_view) { return std::nullopt; }
    // Changes when one has arrived, or could not be fetched.
    virtual int site_files_generation() const { return 0; }

    virtual void mirror(MirrorPart part, std::string_view text) = 0;
};

}  // namespace kubewalk::app
