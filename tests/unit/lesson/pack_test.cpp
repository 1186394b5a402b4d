#include <doctest/doctest.h>

#include "core/api/json.h"
#include "core/cluster/cluster.h"
#include "core/cluster/release.h"
#include "core/cluster/script.h"
#include "core/lesson/completion.h"
#include "core/lesson/pack.h"
#include "core/lesson/recorder.h"
#include "core/lesson/replay.h"

using namespace kubewalk;

namespace {

cluster::Options small() {
    cluster::Options options;
    options.scenario = "empty";
    options.workers = 1;
    options.policy_controller = "none";
    return options;
}

void type(cluster::Session& session, std::string_view line) {
    const auto commands = cluster::parse_script(line);
    REQUIRE(commands.ok());
    for (const auto& command : commands.value())
        cluster::run_command(session, command);
}

// A lesson with two tasks: make a ConfigMap, then a Pod that runs.
lesson::LessonFiles two_tasks() {
    return {{"lesson.json", R"({"start": {"scenario": "empty", "workers": 1}, "steps": [
  {"id": "s", "tasks": [
    {"id": "map", "check": {"object": {"kind": "ConfigMap", "name": "notes"}, "exists": true}, "solution": ["kubectl create configmap notes"]},
    {"id": "pod", "check": {"object": {"kind": "Pod", "name": "web"}, "path": "status.phase", "equals": "Running"},
     "solution": ["kubectl run web --image=nginx", "settle"],
     "wrong": [{"script": ["kubectl run web --image=nginx:nonsense", "sleep 20s"],
                "check": {"object": {"kind": "Pod", "name": "web"}, "path": "status.phase", "equals": "Pending"}, "message": "pod.image"}]}]}]})"},
            {"text.en.md", "<!-- title -->\nT\n<!-- s.title -->\nS\n<!-- s.body -->\nB\n<!-- s.hint -->\nh\n<!-- s.solution -->\ns\n"
                           "<!-- map.text -->\nmap\n<!-- pod.text -->\npod\n<!-- pod.image -->\nimage\n"}};
}

lesson::Lesson parsed(const lesson::LessonFiles& files) {
    auto lesson = lesson::parse_lesson("two", files);
    REQUIRE_MESSAGE(lesson.ok(), lesson.error().message);
    return lesson.take();
}

std::string refusal(std::string_view pack) {
    const auto read = lesson::parse_pack(pack);
    return read.ok() ? "" : read.error().message;
}

bool all_ok(const std::vector<lesson::Finding>& findings) {
    for (const auto& finding : findings)
        if (!finding.ok) {
            MESSAGE(finding.what << ": " << finding.why);
            return false;
        }
    return true;
}

}  // namespace

TEST_CASE("the release in the program is the project's") {
    CHECK(cluster::kubewalk_release == KUBEWALK_VERSION);
}

TEST_CASE("a pack holds lessons as they are in their folders, and is read back") {
    const auto pack = lesson::make_pack({{"two", two_tasks()}}, "");
    REQUIRE_MESSAGE(pack.ok(), pack.error().message);
    const auto read = lesson::parse_pack(pack.value());
    REQUIRE_MESSAGE(read.ok(), read.error().message);
    CHECK(read.value().lessons.at("two").steps.front().tasks.size() == 2);
    CHECK(read.value().course.order() == std::vector<std::string>{"two"});
}

TEST_CASE("an unpacked pack is what was packed") {
    const auto two = two_tasks();
    const std::string order = "{\"parts\": [{\"id\": \"p\", \"title\": {\"en\": \"P\"}, \"lessons\": [\"two\"]}]}";
    const auto unpacked = lesson::unpack(lesson::make_pack({{"two", two}}, order).value());
    REQUIRE_MESSAGE(unpacked.ok(), unpacked.error().message);
    CHECK(unpacked.value().lessons.at("two") == two);
    const auto course = lesson::parse_course(unpacked.value().course);
    REQUIRE(course.ok());
    CHECK(course.value().order() == std::vector<std::string>{"two"});
    CHECK(lesson::unpack(lesson::make_pack({{"two", two}}, "").value()).value().course.empty());
    CHECK(lesson::unpack(R"({"kubewalk": "lessons", "format": 1, "lessons": {"../x": {}}})").error().message.find("small letters") != std::string::npos);
}

TEST_CASE("a hostile pack is refused with a sentence, whatever is in it") {
    CHECK(refusal("").find("no lesson pack") != std::string::npos);
    CHECK(refusal("[]").find("no lesson pack") != std::string::npos);
    CHECK(refusal(std::string(5u << 20, ' ')).find("larger than 4 MiB") != std::string::npos);
    CHECK(refusal(std::string(100'000, '[')).find("no lesson pack") != std::string::npos);
    CHECK(refusal(R"({"kubewalk": "lessons", "format": 2})").find("newer form") != std::string::npos);
    CHECK(refusal(R"({"kubewalk": "lessons", "format": 1, "lessons": {}})").find("from 1 to 100") != std::string::npos);
    CHECK(refusal(R"({"kubewalk": "lessons", "format": 1, "lessons": {"../x": {}}})").find("small letters") != std::string::npos);
    CHECK(refusal(R"({"kubewalk": "lessons", "format": 1, "lessons": {"x": {"../../etc": ""}}})").find("no file of a lesson") != std::string::npos);
    CHECK(refusal(R"({"kubewalk": "lessons", "format": 1, "lessons": {"x": {"lesson.json": 1}}})").find("no text") != std::string::npos);
    CHECK(refusal(R"({"kubewalk": "lessons", "format": 1, "lessons": {"x": {"lesson.json": "{}"}}})").find("x/lesson.json:1: a lesson needs") == 0);
    lesson::LessonFiles greedy = two_tasks();
    greedy["lesson.json"] = R"({"start": {"workers": 100000}, "steps": []})";
    const auto pack = lesson::make_pack({{"two", greedy}}, "");
    REQUIRE_FALSE(pack.ok());
    CHECK(pack.error().message.find("from 0 to 200") != std::string::npos);
}

TEST_CASE("a teacher's mistake is told with its line and what to do") {
    auto files = two_tasks();
    auto& json = files["lesson.json"];
    json = "{\n  \"steps\": [\n    {\n      \"id\": \"s\",\n      \"tasks\": [\n        {\n          \"id\": \"t\",\n          \"check\": "
           "{\n            \"behaves\": { \"adress\": \"x\" }\n          },\n          \"solution\": [\"settle\"]\n        }\n      ]\n    }\n  ]\n}\n";
    const auto wrong = lesson::parse_lesson("x", files);
    REQUIRE_FALSE(wrong.ok());
    CHECK(wrong.error().message.starts_with("lesson.json:9: steps[0].tasks[0].check.behaves.adress: unknown key \"adress\"; known here: from, url"));
}

TEST_CASE("a wrong answer is tried on the way and leaves nothing behind") {
    CHECK(all_ok(lesson::replay(parsed(two_tasks()))));
}

TEST_CASE("from what was done to the skeleton of a lesson that passes its own check") {
    cluster::Session session(small());
    REQUIRE(!session.cluster().failure());
    type(session, "kubectl create configmap notes --from-literal=a=b");
    type(session, "kubectl get pods --no-such-flag");
    CHECK(session.apply("apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\nspec:\n  containers:\n  - name: c\n    image: nginx\n").ok);
    type(session, "settle");
    type(session, "kubectl get pods");
    const auto files = lesson::record_lesson(session, nullptr);
    REQUIRE_MESSAGE(files.ok(), files.error().message);
    CHECK(files.value().contains("text.zh-CN.md"));
    const auto lesson = parsed(files.value());
    REQUIRE(lesson.steps.size() == 3);
    CHECK(lesson.steps[1].tasks[0].check["object"]["kind"].as_string() == "Pod");
    CHECK(all_ok(lesson::replay(lesson)));
}

TEST_CASE("nothing done, nothing recorded") {
    cluster::Session session(small());
    CHECK_FALSE(lesson::record_lesson(session, nullptr).ok());
}

TEST_CASE("a completion file is replayed: it shows what was done, and a forged one does not") {
    const auto lesson = parsed(two_tasks());
    const auto find = [&](std::string_view slug) { return slug == "two" ? &lesson : nullptr; };
    auto opened = lesson::open_lesson(lesson);
    REQUIRE(opened.ok());
    auto& session = *opened.value();
    CHECK(session.actions().empty());
    lesson::Progress progress(lesson);
    progress.update(session);
    type(session, "kubectl create configmap notes");
    progress.update(session);
    const std::string half = lesson::completion(progress, session, "Ada");
    type(session, "kubectl run web --image=nginx");
    type(session, "settle");
    progress.update(session);
    session.advance(seconds(7));
    const std::string text = lesson::completion(progress, session, "Ada");
    const auto verdict = lesson::verify_completion(text, find);
    REQUIRE_MESSAGE(verdict.ok(), verdict.error().message);
    CHECK(all_ok(verdict.value()));

    const auto early = lesson::verify_completion(half, find);
    REQUIRE(early.ok());
    CHECK(early.value().back().what == "task pod");
    CHECK_FALSE(early.value().back().ok);

    const std::string forged = [&] {
        std::string changed = text;
        changed.replace(changed.find("--image=nginx"), 13, "--image=ngixx");
        return changed;
    }();
    const auto caught = lesson::verify_completion(forged, find);
    REQUIRE(caught.ok());
    CHECK_FALSE(caught.value().back().ok);
    CHECK_FALSE(lesson::verify_completion("{}", find).ok());
    CHECK_FALSE(lesson::verify_completion(R"({"kubewalk": "completion", "format": 1, "lesson": "x"})", find).ok());
}

TEST_CASE("an earlier sitting counts in the file of a later one") {
    const auto lesson = parsed(two_tasks());
    const auto find = [&](std::string_view) { return &lesson; };
    std::string kept;
    {
        auto first = lesson::open_lesson(lesson);
        lesson::Progress progress(lesson);
        type(*first.value(), "kubectl create configmap notes");
        progress.update(*first.value());
        kept = progress.save();
    }
    auto second = lesson::open_lesson(lesson);
    lesson::Progress progress(lesson);
    REQUIRE(progress.load(kept).ok());
    type(*second.value(), "kubectl run web --image=nginx");
    type(*second.value(), "settle");
    progress.update(*second.value());
    const auto verdict = lesson::verify_completion(lesson::completion(progress, *second.value(), ""), find);
    REQUIRE(verdict.ok());
    CHECK(all_ok(verdict.value()));
}

TEST_CASE("what was undone is not shown as done") {
    const auto lesson = parsed(two_tasks());
    auto opened = lesson::open_lesson(lesson);
    auto& session = *opened.value();
    lesson::Progress progress(lesson);
    session.advance(seconds(1));
    const Time before = session.now();
    session.advance(seconds(1));
    type(session, "kubectl create configmap notes");
    progress.update(session);
    CHECK(progress.moments().contains("map"));
    session.seek(before);
    progress.update(session);
    CHECK_FALSE(progress.moments().contains("map"));
    CHECK(progress.status("map").state == lesson::TaskState::done);  // what was achieved stays achieved
}

TEST_CASE("a folder becomes a pack: one lesson, or several with their course") {
    const auto one = lesson::pack_of_folder("my-lesson", two_tasks());
    REQUIRE_MESSAGE(one.ok(), one.error().message);
    const auto alone = lesson::parse_pack(one.value());
    REQUIRE(alone.ok());
    CHECK(alone.value().course.order() == std::vector<std::string>{"my-lesson"});

    std::map<std::string, std::string> files;
    for (const auto& [name, text] : two_tasks()) {
        files["second/" + name] = text;
        files["first/" + name] = text;
    }
    files["README.md"] = "for teachers";
    files["second/sources.md"] = "not for learners";
    files["deep/er/lesson.json"] = "{}";
    files["course.json"] = R"({"parts": [{"id": "p", "title": {"en": "P", "zh-CN": "P"}, "lessons": ["second", "first"]}]})";
    const auto several = lesson::pack_of_folder("lessons", files);
    REQUIRE_MESSAGE(several.ok(), several.error().message);
    CHECK(lesson::parse_pack(several.value()).value().course.order() == std::vector<std::string>{"second", "first"});

    const auto none = lesson::pack_of_folder("pictures", {{"a.md", "x"}});
    REQUIRE_FALSE(none.ok());
    CHECK(none.error().message.find("no lesson.json") != std::string::npos);
    const auto broken = lesson::pack_of_folder("my-lesson", {{"lesson.json", "{"}});
    REQUIRE_FALSE(broken.ok());
    CHECK(broken.error().message.find("my-lesson/lesson.json") != std::string::npos);
}
