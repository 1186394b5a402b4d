// The course: its parts, the lessons of each in order, and how far the learner is.

#include <cmath>

#include "web/ui/dialogs.h"
#include "web/ui/rich_text.h"
#include "web/ui/widgets.h"

namespace kubewalk::ui {

namespace {

class CourseDialog : public Panel {
public:
    void draw(Ui& ui, const Rect& area) override;

private:
    float draw_part(Ui& ui, const app::CoursePart& part, Vec at, float width, int* number);
    float draw_lesson(Ui& ui, const app::LessonTitle& lesson, Vec at, float width, int number);
};

// A ring that fills as tasks are done; a tick when all are.
void draw_progress(Ui& ui, Vec center, const app::LessonTitle& lesson, int number) {
    const Theme& theme = ui.theme();
    ImDrawList* list = ui.list();
    constexpr float radius = 14;
    if (lesson.tasks > 0 && lesson.done >= lesson.tasks) {
        list->AddCircleFilled(center, radius, theme.green);
        draw_icon(list, Icon::check, center, 13, theme.dark ? theme.background : theme.on_accent);
        return;
    }
    list->AddCircle(center, radius, theme.line, 0, 2.5f);
    if (lesson.done > 0) {
        float share = static_cast<float>(lesson.done) / static_cast<float>(lesson.tasks);
        list->PathArcTo(center, radius, -IM_PI * 0.5f, -IM_PI * 0.5f + 2 * IM_PI * share, 32);
        list->PathStroke(theme.green, 0, 2.5f);
    }
    draw_text_in(list, ui.fonts, Rect(center - Vec(14, 14), center + Vec(14, 14)), {Face::strong, 12, theme.dim}, std::to_string(number), Align::center);
}

float CourseDialog::draw_lesson(Ui& ui, const app::LessonTitle& lesson, Vec at, float width, int number) {
    const Theme& theme = ui.theme();
    bool current = ui.model().lesson.open() && ui.model().lesson.slug == lesson.slug;
    RichText title = rich(lesson.title);
    ParagraphStyle style{14, 20, theme.text};
    float inner = width - 66 - 52;
    float height = std::max(48.0f, measure_rich(ui, title, style, inner) + 26);
    Rect box = rect(at.x, at.y, width, height);
    Press state = press(ui, box, lesson.slug, lesson.title, 10);
    box_with_line(ui.list(), box, current ? theme.selected_row : theme.raised, state.hovered || current ? theme.selected_line : theme.line, 10);
    draw_progress(ui, Vec(at.x + 28, at.y + height * 0.5f), lesson, number);
    draw_rich(ui, at + Vec(56, 13), title, style, inner);
    std::string count = lesson.tasks > 0 ? ui.state.words.format("course.tasks", {std::to_string(lesson.done), std::to_string(lesson.tasks)}) : std::string();
    draw_text_in(ui.list(), ui.fonts, Rect(box.Max.x - 62, at.y, box.Max.x - 14, box.Max.y), {Face::text, 12, theme.dim}, count, Align::right);
    if (state.clicked) {
        ui.state.settings.mode = app::Mode::learn;
        ui.state.queue(app::ActionKind::open_lesson, lesson.slug);
        ui.state.dialog = app::Dialog::none;
    }
    return height;
}

float CourseDialog::draw_part(Ui& ui, const app::CoursePart& part, Vec at, float width, int* number) {
    Scope scope(ui, part.id);
    float y = at.y;
    draw_text(ui.list(), ui.fonts, Vec(at.x, y), 24, {Face::strong, 13, ui.theme().blue_text}, part.title);
    y += 32;
    for (const app::LessonTitle& lesson : part.lessons) y += draw_lesson(ui, lesson, Vec(at.x, y), width, ++*number) + 8;
    return y - at.y + 14;
}

void CourseDialog::draw(Ui& ui, const Rect& area) {
    begin_area(ui, area, "list");
    Vec start = ImGui::GetCursorScreenPos();
    const auto& course = ui.model().course;
    int lessons = 0, done = 0;
    for (const app::CoursePart& part : course)
        for (const app::LessonTitle& lesson : part.lessons) {
            ++lessons;
            done += lesson.tasks > 0 && lesson.done >= lesson.tasks ? 1 : 0;
        }
    std::string about = ui.state.words.format("course.progress", {std::to_string(done), std::to_string(lessons)});
    draw_text(ui.list(), ui.fonts, start + Vec(24, 0), 20, ui.dim(13.5f), about);
    bool wide = area.GetWidth() > 700;
    float gap = 24, inner = area.GetWidth() - 48 - 10;
    float width = wide ? std::floor((inner - gap) * 0.5f) : inner;
    float heights[2] = {36, 36};
    int number = 0;
    for (const app::CoursePart& part : course) {
        // The shorter column takes the next part; on small screens there is one.
        int column = wide && heights[1] < heights[0] ? 1 : 0;
        Vec at = start + Vec(24 + static_cast<float>(column) * (width + gap), heights[column]);
        heights[column] += draw_part(ui, part, at, width, &number);
    }
    content_size(Vec(1, std::max(heights[0], heights[1]) + 12));
    end_area(ui);
}

}  // namespace

std::unique_ptr<Panel> make_course_dialog() {
    return std::make_unique<CourseDialog>();
}

}  // namespace kubewalk::ui
