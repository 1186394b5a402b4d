#include "web/app/lesson_view.h"

namespace kubewalk::app {

namespace {

// text() gives the key itself where there is nothing.
std::string text_of(const lesson::Lesson& lesson, const std::string& language, const std::string& key) {
    std::string_view found = lesson.text(language, key);
    return found == key ? std::string() : std::string(found);
}

int done_in(const lesson::Step& step, const lesson::Progress& progress) {
    int done = 0;
    for (const lesson::Task& task : step.tasks) done += progress.status(task.id).state == lesson::TaskState::done ? 1 : 0;
    return done;
}

}  // namespace

LessonView lesson_view(const lesson::Progress& progress, const lesson::Course& course, const std::string& language) {
    LessonView view;
    const lesson::Lesson& lesson = progress.lesson();
    auto text = [&](const std::string& key) { return text_of(lesson, language, key); };
    view.slug = lesson.slug;
    if (const lesson::CoursePart* part = course.part_of(lesson.slug)) view.part = std::string(part->title(language));
    view.next = course.next(lesson.slug);
    view.title = text("title");
    view.step = progress.step();
    view.steps = static_cast<int>(lesson.steps.size());
    if (view.step < 0 || view.step >= view.steps) return view;
    for (const lesson::Step& step : lesson.steps) {
        LessonStepTitle title{text(step.id + ".title"), text(step.id + ".body"), {}, {}, done_in(step, progress)};
        for (const lesson::Prediction& prediction : step.predictions) {
            title.predictions.push_back({text(prediction.id + ".question"), {}});
            for (const lesson::Choice& choice : prediction.choices) title.predictions.back().choices.push_back(text(prediction.id + "." + choice.id));
        }
        for (const lesson::Task& task : step.tasks) title.tasks.push_back(text(task.id + ".text"));
        view.outline.push_back(std::move(title));
    }
    const lesson::Step& step = lesson.steps[static_cast<std::size_t>(view.step)];
    view.step_title = text(step.id + ".title");
    view.body = text(step.id + ".body");
    view.hint = text(step.id + ".hint");
    view.solution = text(step.id + ".solution");
    view.highlight = step.highlight;
    view.canvas = step.view;
    for (const lesson::Prediction& prediction : step.predictions) {
        LessonPrediction shown{prediction.id, text(prediction.id + ".question"), {}, std::string(progress.predicted(prediction.id)),
                               prediction.answer, text(prediction.id + ".explain")};
        for (const lesson::Choice& choice : prediction.choices) shown.choices.push_back({choice.id, text(prediction.id + "." + choice.id)});
        view.predictions.push_back(std::move(shown));
    }
    for (const lesson::Task& task : step.tasks) {
        const lesson::TaskStatus& status = progress.status(task.id);
        std::string message = status.message.empty() ? std::string() : text(status.message);
        if (status.state == lesson::TaskState::done) message = text(task.id + ".done");
        view.tasks.push_back({task.id, text(task.id + ".text"), status.state, std::move(message), task.solution});
    }
    return view;
}

std::vector<CoursePart> course_view(const lesson::Course& course, const Lessons& lessons, const Shelf& shelf, const std::string& language) {
    std::vector<CoursePart> parts;
    for (const lesson::CoursePart& part : course.parts) {
        CoursePart shown{part.id, std::string(part.title(language)), {}};
        for (const std::string& slug : part.lessons) {
            auto found = lessons.find(slug);
            if (found == lessons.end()) continue;
            LessonTitle title{slug, std::string(found->second.text(language, "title")), 0, 0};
            lesson::Progress progress(found->second);
            // What an older release kept may not fit: then nothing is done yet.
            if (std::string kept = shelf.progress(slug); !kept.empty() && !progress.load(kept).ok()) progress = lesson::Progress(found->second);
            for (const lesson::Step& step : found->second.steps) {
                title.tasks += static_cast<int>(step.tasks.size());
                title.done += done_in(step, progress);
            }
            shown.lessons.push_back(std::move(title));
        }
        parts.push_back(std::move(shown));
    }
    return parts;
}

}  // namespace kubewalk::app
