#include <doctest/doctest.h>

#include "core/api/json.h"
#include "core/lesson/check.h"
#include "core/lesson/lesson.h"

using namespace kubewalk;

namespace {

std::map<std::string, std::string> small_lesson() {
    return {{"lesson.json", R"({"start": {"scenario": "empty"}, "steps": [{"id": "s", "predict": [{"id": "p", "choices": ["a", "b"], "answer": "b"}],
              "tasks": [{"id": "t", "check": {"ran": "kubectl*"}, "solution": ["kubectl version"]}]}]})"},
            {"text.en.md",
             "<!-- title -->\nT\n<!-- part -->\nP\n<!-- s.title -->\nS\n<!-- s.body -->\nBody **x**\n\nmore\n<!-- s.hint -->\nh\n<!-- s.solution -->\ns\n"
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
