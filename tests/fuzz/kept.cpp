// What the browser keeps and exported files hold (web/app/shelf.h): taken in, given out, and taken in again it is the same.

#include <map>

#include "tests/fuzz/driver/door.h"
#include "web/app/shelf.h"

namespace kubewalk::fuzz {

namespace {

// A browser that keeps everything, as far as a shelf asks.
class Store final : public app::Platform {
public:
    std::map<std::string, std::string, std::less<>> kept;

    double now() const override { return 0; }
    void request_frame() override {}
    void request_frame_in(double) override {}
    void set_clipboard(std::string_view) override {}
    std::string clipboard() override { return {}; }
    void set_text_input(const app::TextInput&) override {}
    std::optional<std::string> load(std::string_view key) override {
        const auto found = kept.find(key);
        return found == kept.end() ? std::nullopt : std::optional(found->second);
    }
    bool store(std::string_view key, std::string_view value) override {
        kept[std::string(key)] = value;
        return true;
    }
    void forget(std::string_view key) override { kept.erase(std::string(key)); }
    std::string fragment() override { return {}; }
    void set_fragment(std::string_view) override {}
    std::string address() override { return {}; }
    float device_scale() override { return 1; }
    bool reduced_motion() override { return false; }
    bool prefers_light() override { return false; }
    std::string language() override { return "en"; }
    void open_link(std::string_view) override {}
    void download(std::string_view, std::string_view, std::string_view) override {}
    void set_page_language(std::string_view) override {}
    std::string_view font(std::string_view) override { return {}; }
    int fonts_generation() const override { return 0; }
    void mirror(app::MirrorPart, std::string_view) override {}
};

// What a file that was taken in gives back, taken in by a browser that has nothing yet.
int run(const std::uint8_t* bytes, std::size_t size) {
    const auto text = text_of(bytes, size);
    Store damaged;
    damaged.store("kubewalk.clusters", text);
    (void)app::Shelf(damaged).clusters();
    (void)app::Shelf(damaged).export_all(text, {"welcome"});

    Store first;
    app::Shelf shelf(first);
    const auto imported = shelf.import_all(text);
    if (!imported.ok)
        return 0;
    const std::vector<std::string> lessons = {"welcome", "node"};
    expect(shelf.clusters().size() <= 50, "clusters are bounded");
    for (const auto& name : shelf.clusters())
        expect(!shelf.cluster(name).empty(), "a name without its cluster", [&] { return quoted(name); });
    const auto file = shelf.export_all(imported.settings, lessons);
    Store second;
    app::Shelf other(second);
    expect(other.import_all(file).ok, "an exported file is taken in");
    expect(other.clusters() == shelf.clusters(), "the same clusters in the same order");
    expect(other.export_all(imported.settings, lessons) == file, "exported twice");
    return 0;
}

}  // namespace

Door kept() {
    Door door{run, {"{\"kubewalk\":1,\"settings\":{\"theme\":\"dark\"},\"progress\":{\"welcome\":\"{}\",\"node\":\"x\"},\"clusters\":[{\"name\":\"a\",\"session\":\"s=1\"},{\"name\":\"b b\",\"session\":\"s=2\"}]}", "[\"a\",\"b\"]"},
              {"\"kubewalk\":1", "\"settings\":", "\"progress\":", "\"clusters\":", "{\"name\":\"\",\"session\":\"\"}", "{\"name\":\"a\",\"session\":\"s=\"},", "\"\\u0000\"", "null", "\"name\":\" a \""}};
    door.runs = 1200;
    return door;
}

}  // namespace kubewalk::fuzz
