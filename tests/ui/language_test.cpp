// A language that the page's program does not carry: it is fetched, and shown once its words and letters are there.

#include <doctest/doctest.h>

#include <map>
#include <optional>

#include "core/lesson/lesson.h"
#include "tests/ui/harness.h"
#include "web/app/language_pack.h"
#include "web/app/lesson_store.h"

using namespace kubewalk;
using namespace kubewalk::ui_tests;

namespace {

// A site whose files come when the test says so.
class Site : public FakePlatform {
public:
    std::optional<std::string> site_file(std::string_view name) override {
        asked[std::string(name)]++;
        const auto found = files.find(name);
        return found == files.end() ? std::nullopt : std::optional(found->second);
    }
    std::string_view font(std::string_view name) override { return name == app::chinese_font && !letters ? std::string_view() : FakePlatform::font(name); }
    void set_page_language(std::string_view language) override { page = language; }

    std::map<std::string, std::string, std::less<>> files;  // "" for one that cannot be fetched
    std::map<std::string, int> asked;
    bool letters = true;
    std::string page;
};

constexpr std::string_view file = "languages/zh-CN.json";
constexpr std::string_view pack = R"({"strings": {"share": "分享"}, "simplifications": {"api-call-instant": "不耗时"}})";

struct Page {
    Page() : state(site) {
        state.words.add("en", R"({"share": "Share", "language.coming": "coming", "language.missing": "missing"})");
        state.load();
        state.model.loading = false;
    }
    void after(double seconds) {
        site.now_s += seconds;
        state.tick();
    }
    Site site;
    app::State state;
};

}  // namespace

TEST_CASE("English asks for no other language") {
    Page page;
    page.after(1);
    CHECK(page.site.asked.empty());
    CHECK(page.site.page == "en");
}

TEST_CASE("Chinese is shown when its words have come, and until then the page stays as it is") {
    Page page;
    page.state.set_language("zh-CN");
    page.after(0.1);
    CHECK(page.state.settings.language == "zh-CN");
    CHECK(page.state.language_awaited());
    CHECK(page.state.t("share") == "Share");
    CHECK(page.site.page == "en");
    CHECK(page.state.toast.empty());  // most of the time it takes no longer than this
    page.after(1);
    CHECK(page.state.toast == "coming");
    page.site.files[std::string(file)] = pack;
    page.after(0.1);
    CHECK(page.state.t("share") == "分享");
    CHECK(page.site.page == "zh-CN");
    CHECK(page.state.toast.empty());
    CHECK_FALSE(page.state.language_awaited());
    CHECK(page.state.simplifications.front().words("zh-CN") == "不耗时");
}

TEST_CASE("words without letters are not shown") {
    Page page;
    page.site.letters = false;
    page.site.files[std::string(file)] = pack;
    page.state.set_language("zh-CN");
    page.after(0.1);
    CHECK(page.state.t("share") == "Share");
    page.site.letters = true;
    page.after(0.1);
    CHECK(page.state.t("share") == "分享");
}

TEST_CASE("Chinese that cannot be fetched is said once; English stays, and what comes later is taken") {
    Page page;
    page.site.files[std::string(file)] = "";
    page.state.model.loading = true;
    page.state.set_language("zh-CN");
    CHECK(page.state.toast == "missing");
    CHECK_FALSE(page.state.language_awaited());
    page.after(60);  // a slow machine: nobody has seen anything yet
    CHECK(page.state.toast == "missing");
    page.state.model.loading = false;
    page.after(10);
    CHECK(page.state.toast.empty());
    page.after(1);
    CHECK(page.state.t("share") == "Share");
    page.site.files.clear();  // on its way again
    page.after(1);
    CHECK(page.state.toast.empty());
    page.site.files[std::string(file)] = pack;
    page.after(1);
    CHECK(page.state.t("share") == "分享");
}

TEST_CASE("who takes English again while Chinese is on its way keeps English") {
    Page page;
    page.state.set_language("zh-CN");
    page.state.set_language("en");
    page.site.files[std::string(file)] = pack;
    page.after(1);
    CHECK(page.state.t("share") == "Share");
    CHECK(page.site.kept["kubewalk.language"] == "en");
}

TEST_CASE("a page that begins in Chinese shows no English first") {
    Site site;
    site.files[std::string(file)] = pack;
    site.kept["kubewalk.settings"] = R"({"language": "zh-CN"})";
    app::State state(site);
    state.words.add("en", R"({"share": "Share"})");
    state.load();
    CHECK(state.t("share") == "分享");
    CHECK(site.page == "zh-CN");
}

TEST_CASE("a picture in somebody's blog leaves no language behind") {
    Site site;
    site.address_text = "https://kubewalk.test/?embed&lang=zh-CN";
    site.files[std::string(file)] = pack;
    app::State state(site);
    state.words.add("en", R"({"share": "Share"})");
    state.load();
    CHECK(state.t("share") == "分享");
    CHECK(site.kept.empty());
}

TEST_CASE("a lesson that the program carries in English takes its Chinese text from the site") {
    Site site;
    app::LessonStore store(site);
    // Here the program carries both languages: what the page leaves out is taken away.
    auto& one = const_cast<lesson::Lesson&>(*store.find("welcome"));
    const std::string title(one.text("zh-CN", "title"));
    REQUIRE(title != one.text("en", "title"));
    one.texts.erase("zh-CN");
    site.files[std::string(file)] = R"({"lessons": {}})";
    store.translate("zh-CN");
    CHECK(store.find("welcome") == &one);
    CHECK(one.text("zh-CN", "title") == title);
    CHECK(site.asked.size() == 1);
}

TEST_CASE("whoever writes Chinese in an English page sees Chinese") {
    if (FakePlatform().font(app::chinese_font).empty()) return;  // this machine has no such letters
    Harness h;
    const int before = ImGui::GetIO().Fonts->Sources.Size;
    CHECK(h.click("bottom/terminal/input"));
    h.type("echo hello");
    CHECK(ImGui::GetIO().Fonts->Sources.Size == before);
    h.type("你好");
    CHECK(ImGui::GetIO().Fonts->Sources.Size > before);
}
