// lessons check [DIR]

#include <filesystem>

#include "core/base/text.h"
#include "core/cli/command.h"
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
    int passed = 0, failed = 0;
    auto count = [&](std::string_view slug, std::string_view what, bool ok, std::string_view why) {
        ++(ok ? passed : failed);
        if (!ok)
            print(cat("FAIL ", slug, ": ", what, ": ", why, "\n"));
    };
    std::vector<std::string> folders;
    std::error_code problem;
    if (std::filesystem::exists(root + "/lesson.json", problem))
        folders.push_back(root);
    else if (const auto names = list_folder(root); names.ok())
        for (const auto& name : names.value())
            if (std::filesystem::exists(name + "/lesson.json", problem))
                folders.push_back(name);
    if (folders.empty()) {
        print_error(cat("kubewalk: no lesson under ", root, "\n"));
        return 2;
    }
    for (const auto& folder : folders) {
        const auto parsed = read_lesson(folder);
        count(folder, "is well formed", parsed.ok(), parsed.ok() ? "" : parsed.error().message);
        if (!parsed.ok())
            continue;
        for (const auto language : languages)
            count(folder, cat("has a text in ", language), parsed.value().texts.contains(std::string(language)), "the file is missing");
        for (const auto& finding : lesson::replay(parsed.value()))
            count(folder, finding.what, finding.ok, finding.why);
        print(cat(folder, ": checked\n"));
    }
    print(cat(passed, " passed, ", failed, " failed, 0 skipped\n"));
    return failed == 0 ? 0 : 1;
}

}  // namespace kubewalk::cli
