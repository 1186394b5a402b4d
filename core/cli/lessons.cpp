// lessons check [DIR]

#include <filesystem>

#include <kubewalk/embedded.h>

#include "core/base/text.h"
#include "core/cli/command.h"
#include "core/lesson/course.h"
#include "core/lesson/prose.h"
#include "core/lesson/replay.h"

namespace kubewalk::cli {

namespace {

Result<lesson::Lesson> read_lesson(const std::string& folder) {
    std::map<std::string, std::string> files;
    KUBEWALK_TRY(names, list_folder(folder));
    for (const auto& path : names) {
        const std::string name = std::filesystem::path(path).filename().string();
        KUBEWALK_TRY(text, read_file(path));
        files[name] = std::move(text);
    }
    return lesson::parse_lesson(std::filesystem::path(folder).filename().string(), files);
}

// The languages every lesson has.
constexpr std::string_view languages[] = {"en", "zh-CN"};

class Report {
public:
    void count(std::string_view where, std::string_view what, bool ok, std::string_view why) {
        ++(ok ? passed_ : failed_);
        if (!ok)
            print(cat("FAIL ", where, ": ", what, ": ", why, "\n"));
    }
    int end() const {
        print(cat(passed_, " passed, ", failed_, " failed, 0 skipped\n"));
        return failed_ == 0 ? 0 : 1;
    }

private:
    int passed_ = 0, failed_ = 0;
};

std::vector<std::string> lesson_folders(const std::string& root) {
    std::vector<std::string> folders;
    std::error_code problem;
    if (const auto names = list_folder(root); names.ok())
        for (const auto& name : names.value())
            if (std::filesystem::exists(name + "/lesson.json", problem))
                folders.push_back(name);
    return folders;
}

// course.json and the folders beside it name the same lessons.
void check_course(const std::string& root, const std::vector<std::string>& folders, Report& report) {
    const std::string path = root + "/course.json";
    const auto text = read_file(path);
    report.count(path, "is there", text.ok(), text.ok() ? "" : text.error().message);
    if (!text.ok())
        return;
    const auto course = lesson::parse_course(text.value());
    report.count(path, "is well formed", course.ok(), course.ok() ? "" : course.error().message);
    if (!course.ok())
        return;
    for (const auto& part : course.value().parts)
        for (const auto language : languages)
            report.count(path, cat("part ", part.id, " has a title in ", language), part.titles.contains(language), "it is missing");
    std::vector<std::string> slugs;
    for (const auto& folder : folders)
        slugs.push_back(std::filesystem::path(folder).filename().string());
    const auto gaps = lesson::course_gaps(course.value(), slugs);
    report.count(path, "names every lesson and nothing else", gaps.empty(), join(gaps, "; "));
}

void check_lesson(const std::string& folder, const std::vector<lesson::Term>& glossary, Report& report) {
    const auto parsed = read_lesson(folder);
    report.count(folder, "is well formed", parsed.ok(), parsed.ok() ? "" : parsed.error().message);
    if (!parsed.ok())
        return;
    for (const auto language : languages)
        report.count(folder, cat("has a text in ", language), parsed.value().texts.contains(std::string(language)), "the file is missing");
    for (const auto& finding : lesson::check_prose(parsed.value(), glossary))
        report.count(folder, finding.what, finding.ok, finding.why);
    for (const auto& finding : lesson::replay(parsed.value()))
        report.count(folder, finding.what, finding.ok, finding.why);
    print(cat(folder, ": checked\n"));
}

}  // namespace

int run_lessons(const Invocation& invocation) {
    const auto& arguments = invocation.arguments;
    if (arguments.empty() || arguments[0] != "check" || arguments.size() > 2) {
        print_error("usage: kubewalk lessons check [DIR]\n");
        return 2;
    }
    std::string root = arguments.size() > 1 ? arguments[1] : "lessons";
    while (root.size() > 1 && root.ends_with('/'))
        root.pop_back();
    const auto glossary = lesson::parse_glossary(embedded::find("assets/glossary.json"));
    if (!glossary.ok()) {
        print_error(cat("kubewalk: ", glossary.error().message, "\n"));
        return 2;
    }
    Report report;
    std::error_code problem;
    if (std::filesystem::exists(root + "/lesson.json", problem)) {
        check_lesson(root, glossary.value(), report);
        return report.end();
    }
    const auto folders = lesson_folders(root);
    if (folders.empty()) {
        print_error(cat("kubewalk: no lesson under ", root, "\n"));
        return 2;
    }
    check_course(root, folders, report);
    for (const auto& folder : folders)
        check_lesson(folder, glossary.value(), report);
    return report.end();
}

}  // namespace kubewalk::cli
