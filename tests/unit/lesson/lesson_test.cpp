#include <doctest/doctest.h>

#include "core/api/json.h"
#include "core/lesson/check.h"
#include "core/lesson/course.h"
#include "core/lesson/lesson.h"

using namespace kubewalk;

namespace {

std::map<std::string, std::string> small_lesson() {
    return {{"lesson.json", R"({"start": {"scenario": "empty"}, "steps": [{"id": "s", "predict": [{"id": "p", "choices": ["a", "b"], "answer": "b"}],
              "tasks": [{"id": "t", "check": {"ran": "kubectl*"}, "solution": ["kubectl version"]}]}]})"},
            {"text.en.md",
             "<!-- title -->\nT\n<!-- s.title -->\nS\n<!-- s.body -->\nBody **x**\n\nmore\n<!-- s.hint -->\nh\n<!-- s.solution -->\ns\n"
             "<!-- p.question -->\nq\n<!-- p.a -->\na\n<!-- p.b -->\nb\n<!-- p.explain -->\ne\n<!-- t.text -->\ntask\n"}};
}

std::string error_of(const std::map<std::string, std::string>& files) {
    const auto parsed = lesson::parse_lesson("x", files);
    return parsed.ok() ? "" : parsed.error().message;
}

}  // namespace

TEST_CASE("a lesson from its files") {
    const auto parsed = lesson::parse_lesson("x", small_lesson());
    REQUIRE_MESSAGE(parsed.ok(), error_of(small_lesson()));
    CHECK(parsed.value().text("en", "s.body") == "Body **x**\n\nmore");
    CHECK(parsed.value().text("fr", "title") == "T");
    CHECK(parsed.value().text("en", "nothing") == "nothing");
}

TEST_CASE("mistakes of a teacher are named with their place") {
    auto files = small_lesson();
    files["lesson.json"] = "{\"steps\": [}";
    CHECK(error_of(files).starts_with("lesson.json:1: "));
    files = small_lesson();
    files["text.en.md"] += "<!-- t.text -->\nagain\n";
    CHECK(error_of(files).find("stands there twice") != std::string::npos);
    files = small_lesson();
    files["text.zh-CN.md"] = "<!-- title -->\nT\n";
    CHECK(error_of(files).find("text.zh-CN.md: the text \"") == 0);
    files = small_lesson();
    files["lesson.json"] = R"({"steps": [{"id": "s", "tasks": [{"id": "t", "check": {"runs": "x"}, "solution": ["x"]}]}]})";
    CHECK(error_of(files).find("task t: a check needs one of") != std::string::npos);
    files["lesson.json"] = R"({"stepz": []})";
    CHECK(error_of(files).find("unknown key \"stepz\"") != std::string::npos);
}

TEST_CASE("the order of the course") {
    const auto parsed = lesson::parse_course(
        R"({"parts": [{"id": "p", "title": {"en": "Part", "zh-CN": "部分"}, "lessons": ["b", "a"]}, {"id": "q", "title": {"en": "Q"}, "lessons": ["c"]}]})");
    REQUIRE(parsed.ok());
    const auto& course = parsed.value();
    CHECK(course.order() == std::vector<std::string>{"b", "a", "c"});
    CHECK(course.part_of("a")->title("zh-CN") == "部分");
    CHECK(course.part_of("c")->title("zh-CN") == "Q");
    CHECK(course.part_of("d") == nullptr);
    CHECK(course.next("a") == "c");
    CHECK(course.next("c").empty());
    CHECK(course.next("d").empty());
    CHECK(lesson::course_gaps(course, {"a", "b", "c"}).empty());
    CHECK(lesson::course_gaps(course, {"a", "b", "d"}) ==
          std::vector<std::string>{"lesson \"d\" is missing in course.json", "course.json names the lesson \"c\", which is not there"});
}

TEST_CASE("mistakes in the order of the course") {
    const auto error = [](std::string_view json) {
        const auto parsed = lesson::parse_course(json);
        return parsed.ok() ? std::string() : parsed.error().message;
    };
    CHECK(error("{\"parts\": [}").starts_with("course.json:1: "));
    CHECK(error("{}") == "course.json: a course needs parts");
    CHECK(error(R"({"partz": []})") == "course.json: the course: unknown key \"partz\"");
    CHECK(error(R"({"parts": [{"id": "p", "title": "P", "lessons": ["a"]}]})").find("needs a title in English") != std::string::npos);
    CHECK(error(R"({"parts": [{"id": "p", "title": {"en": "P"}, "lessons": []}]})") == "course.json: part p: has no lessons");
    CHECK(error(R"({"parts": [{"id": "p", "title": {"en": "P"}, "lessons": ["a", "a"]}]})") == "course.json: lesson \"a\" stands there twice");
}

TEST_CASE("patterns") {
    CHECK(lesson::matches_pattern("kubectl*get s*", "kubectl -n a get svc"));
    CHECK(lesson::matches_pattern("*", ""));
    CHECK_FALSE(lesson::matches_pattern("a*b", "ac"));
    CHECK(lesson::matches_pattern("a*b*c", "aXbXbXc"));
    CHECK_FALSE(lesson::matches_pattern("", "x"));
}

TEST_CASE("progress is kept and taken up again, and refuses a stranger's") {
    const auto parsed = lesson::parse_lesson("x", small_lesson());
    REQUIRE(parsed.ok());
    lesson::Progress progress(parsed.value());
    progress.predict("p", "a");
    lesson::Progress other(parsed.value());
    REQUIRE(other.load(progress.save()).ok());
    CHECK(other.predicted("p") == "a");
    CHECK_FALSE(other.load(R"({"lesson": "y"})").ok());
    CHECK_FALSE(other.load("not json").ok());
    REQUIRE(other.load(R"({"lesson": "x", "step": 99999999999})").ok());
    CHECK(other.step() == 0);
}
