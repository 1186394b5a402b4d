// lessons check [DIR|PACK] | pack DIR FILE | unpack FILE DIR | verify FILE [DIR] | record SCRIPT DIR

#include <algorithm>
#include <filesystem>
#include <fstream>

#include <kubewalk/embedded.h>

#include "core/base/text.h"
#include "core/cli/command.h"
#include "core/cluster/cluster.h"
#include "core/cluster/script.h"
#include "core/lesson/course.h"
#include "core/lesson/completion.h"
#include "core/lesson/pack.h"
#include "core/lesson/prose.h"
#include "core/lesson/recorder.h"
#include "core/lesson/replay.h"

namespace kubewalk::cli {

namespace {

std::string slug_of(const std::string& folder) { return std::filesystem::path(folder).filename().string(); }

Result<lesson::LessonFiles> read_files(const std::string& folder) {
    lesson::LessonFiles files;
    KUBEWALK_TRY(names, list_folder(folder));
    for (const auto& path : names) {
        const std::string name = std::filesystem::path(path).filename().string();
        if (!lesson::is_lesson_file(name))
            continue;
        KUBEWALK_TRY(text, read_file(path));
        files[name] = std::move(text);
    }
    return files;
}

Result<lesson::Lesson> read_lesson(const std::string& folder) {
    KUBEWALK_TRY(files, read_files(folder));
    return lesson::parse_lesson(slug_of(folder), files);
}

// The languages every lesson has.
constexpr std::string_view languages[] = {"en", "zh-CN"};

using Glossary = std::vector<lesson::Term>;

class Findings {
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
void check_course(const std::string& root, const std::vector<std::string>& folders, Findings& findings) {
    const std::string path = root + "/course.json";
    const auto text = read_file(path);
    if (!text.ok())
        return print(cat(path, ": none; the lessons are shown by name\n"));
    const auto course = lesson::parse_course(text.value());
    findings.count(path, "is well formed", course.ok(), course.ok() ? "" : course.error().message);
    if (!course.ok())
        return;
    for (const auto& part : course.value().parts)
        for (const auto language : languages)
            findings.count(path, cat("part ", part.id, " has a title in ", language), part.titles.contains(language), "it is missing");
    std::vector<std::string> slugs;
    for (const auto& folder : folders)
        slugs.push_back(std::filesystem::path(folder).filename().string());
    const auto gaps = lesson::course_gaps(course.value(), slugs);
    findings.count(path, "names every lesson and nothing else", gaps.empty(), join(gaps, "; "));
}

void check_parsed(const std::string& name, const lesson::Lesson& lesson, const Glossary& glossary, Findings& findings) {
    for (const auto language : languages)
        findings.count(name, cat("has a text in ", language), lesson.texts.contains(std::string(language)), cat("text.", language, ".md is missing"));
    for (const auto& finding : lesson::check_prose(lesson, glossary))
        findings.count(name, finding.what, finding.ok, finding.why);
    for (const auto& finding : lesson::replay(lesson))
        findings.count(name, finding.what, finding.ok, finding.why);
    print(cat(name, ": checked\n"));
}

void check_lesson(const std::string& folder, const Glossary& glossary, Findings& findings) {
    const auto parsed = read_lesson(folder);
    findings.count(folder, "is well formed", parsed.ok(), parsed.ok() ? "" : parsed.error().message);
    if (parsed.ok())
        check_parsed(folder, parsed.value(), glossary, findings);
}

std::string without_slash(std::string path) {
    while (path.size() > 1 && path.ends_with('/'))
        path.pop_back();
    return path;
}

int fail(std::string_view message) {
    print_error(cat("kubewalk: ", message, "\n"));
    return 1;
}

bool write_file(const std::string& path, std::string_view text) {
    std::ofstream file(path, std::ios::binary);
    file.write(text.data(), static_cast<std::streamsize>(text.size()));
    return file.flush().good();
}

// May come from anybody: what is no pack by its size alone is not read.
Result<std::string> read_pack(const std::string& path) {
    std::error_code problem;
    if (std::filesystem::is_regular_file(path, problem) && std::filesystem::file_size(path, problem) > lesson::most_pack_bytes)
        return Error{"Invalid", cat("the pack is larger than ", lesson::most_pack_bytes >> 20, " MiB"), {}, 0, 0};
    return read_file(path);
}

enum class Existing : unsigned char { kept, written_over };

// "" when the file can be written without harm to what is there; else why not.
std::string objection(const std::string& path, Existing existing) {
    std::error_code problem;
    const auto status = std::filesystem::symlink_status(path, problem);
    if (std::filesystem::is_symlink(status))
        return cat(path, " is a link to somewhere else; remove it first");
    if (std::filesystem::is_directory(status))
        return cat(path, " is a folder; remove it first");
    if (std::filesystem::exists(status) && existing == Existing::kept)
        return cat(path, " is there already; choose another folder, or write over it with --force");
    return {};
}

// All of them or, where one of them must not be written, none.
Result<void> write_files(const std::map<std::string, std::string>& files, Existing existing) {
    for (const auto& [path, text] : files)
        if (auto why = objection(path, existing); !why.empty())
            return Error{"AlreadyExists", std::move(why), {}, 0, 0};
    for (const auto& [path, text] : files) {
        std::error_code problem;
        std::filesystem::create_directories(std::filesystem::path(path).parent_path(), problem);
        if (!write_file(path, text))
            return Error{"Invalid", cat("cannot write ", path), {}, 0, 0};
    }
    return {};
}

// A lesson's folder, a folder of lessons, or a pack.
int check(const std::vector<std::string>& arguments) {
    const std::string root = without_slash(arguments.empty() ? "lessons" : arguments[0]);
    const auto read = lesson::parse_glossary(embedded::find("assets/glossary.json"));
    if (!read.ok())
        return fail(read.error().message);
    const Glossary& glossary = read.value();
    Findings findings;
    std::error_code problem;
    if (std::filesystem::is_regular_file(root, problem)) {
        const auto text = read_pack(root);
        const auto pack = text.ok() ? lesson::parse_pack(text.value()) : Result<lesson::Pack>(text.error());
        findings.count(root, "is a lesson pack", pack.ok(), pack.ok() ? "" : pack.error().message);
        if (pack.ok())
            for (const auto& [slug, lesson] : pack.value().lessons)
                check_parsed(slug, lesson, glossary, findings);
        return findings.end();
    }
    if (std::filesystem::exists(root + "/lesson.json", problem)) {
        check_lesson(root, glossary, findings);
        return findings.end();
    }
    const auto folders = lesson_folders(root);
    if (folders.empty()) {
        print_error(cat("kubewalk: no lesson under ", root, " (a lesson is a folder with a lesson.json)\n"));
        return 2;
    }
    check_course(root, folders, findings);
    for (const auto& folder : folders)
        check_lesson(folder, glossary, findings);
    return findings.end();
}

int pack(const std::vector<std::string>& arguments) {
    const std::string root = without_slash(arguments[0]);
    std::map<std::string, lesson::LessonFiles> lessons;
    std::error_code problem;
    auto folders = lesson_folders(root);
    if (std::filesystem::exists(root + "/lesson.json", problem))
        folders = {root};
    for (const auto& folder : folders) {
        auto files = read_files(folder);
        if (!files.ok())
            return fail(files.error().message);
        lessons[slug_of(folder)] = files.take();
    }
    const auto course = read_file(root + "/course.json");
    const auto text = lesson::make_pack(lessons, course.ok() ? std::string_view(course.value()) : std::string_view());
    if (!text.ok())
        return fail(text.error().message);
    if (!write_file(arguments[1], text.value()))
        return fail(cat("cannot write ", arguments[1]));
    print(cat(arguments[1], ": ", lessons.size(), " lessons, ", text.value().size(), " bytes\n"));
    return 0;
}

int unpack(const std::vector<std::string>& arguments, Existing existing) {
    const auto text = read_pack(arguments[0]);
    const auto unpacked = text.ok() ? lesson::unpack(text.value()) : Result<lesson::Unpacked>(text.error());
    if (!unpacked.ok())
        return fail(cat(arguments[0], ": ", unpacked.error().message));
    const std::string root = without_slash(arguments[1]);
    std::map<std::string, std::string> files;
    for (const auto& [slug, lesson] : unpacked.value().lessons) {
        const std::string folder = cat(root, "/", slug);
        std::error_code problem;
        if (const auto status = std::filesystem::symlink_status(folder, problem); std::filesystem::exists(status) && !std::filesystem::is_directory(status))
            return fail(cat(folder, " is there already and no folder; remove it first"));
        for (const auto& [name, content] : lesson)
            files[cat(folder, "/", name)] = content;
    }
    if (!unpacked.value().course.empty())
        files[root + "/course.json"] = unpacked.value().course;
    if (const auto written = write_files(files, existing); !written.ok())
        return fail(written.error().message);
    print(cat(root, ": ", unpacked.value().lessons.size(), " lessons, ", files.size(), " files\n"));
    return 0;
}

int verify(const std::vector<std::string>& arguments) {
    const std::string root = without_slash(arguments.size() > 1 ? arguments[1] : "lessons");
    const auto text = read_file(arguments[0]);
    if (!text.ok())
        return fail(text.error().message);
    std::map<std::string, lesson::Lesson, std::less<>> known;
    const auto find = [&](std::string_view slug) -> const lesson::Lesson* {
        if (!lesson::is_slug(slug))
            return nullptr;
        auto parsed = read_lesson(cat(root, "/", slug));
        return parsed.ok() ? &known.insert_or_assign(std::string(slug), parsed.take()).first->second : nullptr;
    };
    const auto verified = lesson::verify_completion(text.value(), find);
    if (!verified.ok())
        return fail(cat(arguments[0], ": ", verified.error().message));
    Findings findings;
    for (const auto& finding : verified.value()) {
        findings.count(arguments[0], finding.what, finding.ok, finding.why);
        if (finding.ok)
            print(cat("ok   ", finding.what, "\n"));
    }
    return findings.end();
}

// What the page's button does, from a script of a session.
int record(const Invocation& invocation, const std::vector<std::string>& arguments, Existing existing) {
    const std::string folder = without_slash(arguments[1]);
    // Told before the script is played.
    if (auto why = objection(folder + "/lesson.json", existing); !why.empty())
        return fail(why);
    const auto script = read_file(arguments[0]);
    if (!script.ok())
        return fail(script.error().message);
    const auto commands = cluster::parse_script(script.value());
    if (!commands.ok())
        return fail(commands.error().message);
    cluster::Session session(invocation.cluster);
    if (const auto& failure = session.cluster().failure())
        return fail(failure->message);
    for (const auto& command : commands.value())
        cluster::run_command(session, command);
    const auto files = lesson::record_lesson(session, nullptr);
    if (!files.ok())
        return fail(files.error().message);
    std::map<std::string, std::string> wanted;
    for (const auto& [name, text] : files.value())
        wanted[cat(folder, "/", name)] = text;
    if (const auto written = write_files(wanted, existing); !written.ok())
        return fail(written.error().message);
    print(cat(folder, ": written; now give it words, and try `kubewalk lessons check ", folder, "`\n"));
    return 0;
}

}  // namespace

int run_lessons(const Invocation& invocation) {
    auto arguments = invocation.arguments;
    const std::string verb = arguments.empty() ? "" : arguments.front();
    if (!arguments.empty())
        arguments.erase(arguments.begin());
    const auto forced = std::find(arguments.begin(), arguments.end(), "--force");
    const auto existing = forced == arguments.end() ? Existing::kept : Existing::written_over;
    const bool writes = verb == "record" || verb == "unpack";
    if (writes && forced != arguments.end())
        arguments.erase(forced);
    if (verb == "check" && arguments.size() <= 1)
        return check(arguments);
    if (verb == "pack" && arguments.size() == 2)
        return pack(arguments);
    if (verb == "verify" && (arguments.size() == 1 || arguments.size() == 2))
        return verify(arguments);
    if (verb == "record" && arguments.size() == 2)
        return record(invocation, arguments, existing);
    if (verb == "unpack" && arguments.size() == 2)
        return unpack(arguments, existing);
    print_error("usage: kubewalk lessons check [DIR|PACK]     plays every lesson: start, solutions, known mistakes\n"
                "       kubewalk lessons pack DIR FILE        one file that holds the lessons of a folder\n"
                "       kubewalk lessons unpack FILE DIR      the folders again; --force writes over files that are there\n"
                "       kubewalk lessons verify FILE [DIR]    replays a completion file that a learner handed in\n"
                "       kubewalk lessons record SCRIPT DIR    the skeleton of a lesson from a script; --force as above\n");
    return 2;
}

}  // namespace kubewalk::cli
