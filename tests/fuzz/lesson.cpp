// Lessons, packs, courses, progress and completion files. An input is files, each behind a line "== NAME".

#include <algorithm>

#include "core/api/json.h"
#include "core/lesson/check.h"
#include "core/lesson/completion.h"
#include "core/lesson/pack.h"
#include "core/lesson/prose.h"
#include "core/lesson/structure.h"
#include "tests/fuzz/driver/door.h"
#include "tests/fuzz/driver/seeds.h"

namespace kubewalk::fuzz {

namespace {

constexpr std::string_view mark = "== ";

lesson::LessonFiles files_of(std::string_view text) {
    lesson::LessonFiles files;
    std::string* file = nullptr;
    while (!text.empty()) {
        const auto line = take_until(text, '\n');
        if (line.starts_with(mark))
            file = &files[std::string(line.substr(mark.size()))];
        else if (file)
            append(*file, line, "\n");
    }
    return files;
}

void try_progress(const lesson::Lesson& lesson, std::string_view text) {
    lesson::Progress progress(lesson);
    if (!progress.load(text).ok())
        return;
    expect(progress.step() >= 0 && progress.step() < static_cast<int>(lesson.steps.size()), "progress stands at a step that there is");
    const auto saved = progress.save();
    lesson::Progress again(lesson);
    expect(again.load(saved).ok(), "kept progress does not read");
    expect(again.save() == saved, "progress kept twice", [&] { return saved; });
}

int run(const std::uint8_t* bytes, std::size_t size) {
    const auto text = text_of(bytes, size);
    const auto files = files_of(text);
    const auto lesson = lesson::parse_lesson("some-lesson", files);
    if (lesson.ok()) {
        expect(!lesson.value().steps.empty(), "a lesson without steps");
        for (const auto& step : lesson.value().steps)
            for (const auto& task : step.tasks)
                expect(lesson::validate_check(task.check).ok(), "a check that was let through");
        (void)lesson::check_prose(lesson.value(), {});
        for (const auto& [name, content] : files)
            try_progress(lesson.value(), content);
        const auto pack = lesson::make_pack({{"some-lesson", files}}, {});
        if (pack.ok()) {
            expect(lesson::is_pack(pack.value()), "a pack says that it is one");
            const auto read = lesson::parse_pack(pack.value());
            expect(read.ok(), "a pack that was made does not read", [&] { return read.error().message; });
            // JSON holds text: what is no UTF-8 comes back mended.
            const bool is_text = std::all_of(files.begin(), files.end(), [](const auto& file) { return api::parse_json(api::to_json(file.second)).value_or({}).as_string() == file.second; });
            expect(!is_text || (read.value().lessons.size() == 1 && read.value().lessons.begin()->second.texts == lesson.value().texts), "a pack holds its lesson");
        }
    } else {
        expect(!lesson.error().message.empty(), "a lesson is refused without a word");
    }
    for (const auto& [name, content] : files) {
        if (const auto course = lesson::parse_course(content); !course.ok())
            expect_told(course.error(), content);
        if (const auto pack = lesson::parse_pack(content); !pack.ok())
            expect(!pack.error().message.empty(), "a pack is refused without a word");
        // Nobody has the lesson: what is judged is the file's form, at no cluster's cost.
        if (const auto findings = lesson::verify_completion(content, [](std::string_view) { return nullptr; }); !findings.ok())
            expect(!findings.error().message.empty(), "a completion file is refused without a word");
        (void)lesson::typography_problem(content);
        (void)lesson::parse_glossary(content);
    }
    if (const auto folder = lesson::pack_of_folder("some-lesson", files); !folder.ok())
        expect(!folder.error().message.empty(), "a folder is refused without a word");
    return 0;
}

}  // namespace

Door lesson() {
    Door door{run, {}, {"== lesson.json\n", "== text.en.md\n", "== text.zh-CN.md\n", "== start.yaml\n", "== course.json\n", "\"steps\":", "\"tasks\":", "\"check\":", "\"all\":", "\"any\":", "\"not\":", "\"object\":", "\"path\":", "\"equals\":", "\"wrong\":", "\"predict\":", "<!-- tab.title -->", "<!--", "-->", "\"kubewalk\": \"completion\"", "\"kubewalk\": \"lessons\"", "\"sittings\":", "\"actions\":", "\"format\": 1"}};
    const auto structures = texts_in("lessons", "lesson.json"), english = texts_in("lessons", ".en.md"), chinese = texts_in("lessons", ".zh-CN.md");
    for (std::size_t i = 0; i < structures.size() && i < 12; ++i)
        door.seeds.push_back(cat("== lesson.json\n", structures[i], "== text.en.md\n", i + 1 < english.size() ? english[i + 1] : "", "== text.zh-CN.md\n", i + 1 < chinese.size() ? chinese[i + 1] : ""));
    door.seeds.push_back("== lesson.json\n{\"start\": {\"scenario\": \"empty\", \"workers\": 1}, \"steps\": [{\"id\": \"s\", \"tasks\": [{\"id\": \"map\", \"check\": {\"object\": {\"kind\": \"ConfigMap\", \"name\": \"notes\"}, \"exists\": true}, \"solution\": [\"kubectl create configmap notes\"]}]}]}\n== text.en.md\n<!-- title -->\nT\n<!-- s.title -->\nS\n<!-- s.body -->\nB\n<!-- s.hint -->\nh\n<!-- s.solution -->\ns\n<!-- map.text -->\nmap\n== x\n{\"lesson\":\"some-lesson\",\"step\":0,\"done\":[\"map\"],\"predictions\":{\"a\":\"b\"},\"sittings\":[]}\n");
    for (const auto& course : texts_in("lessons", "course.json"))
        door.seeds.push_back(cat("== course.json\n", course));
    door.seeds.push_back("== completion.json\n{\"kubewalk\": \"completion\", \"format\": 1, \"release\": \"0.1.0\", \"lesson\": \"welcome\", \"learner\": \"me\", \"seed\": 1, \"sittings\": [{\"actions\": [{\"step\": 1, \"at\": 5, \"kind\": \"command\", \"text\": \"ls\"}], \"done\": [{\"task\": \"a\", \"steps\": 3, \"at\": 4}], \"steps\": 3, \"at\": 6, \"outcome\": \"00\"}]}\n");
    door.longest = 20000;
    door.runs = 400;
    return door;
}

}  // namespace kubewalk::fuzz
