// The course: its parts, the lessons of each in order, and how far the learner is.

#include <algorithm>
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
    float draw_part(Ui& ui, const app::CoursePart& part, Vec at, float width, std::size_t columns, int* number);
    void draw_lesson(Ui& ui, const app::LessonTitle& lesson, const Rect& box, int number);
};

constexpr float gap = 8;
constexpr float beside_title = 66 + 52;  // the ring and the count
ParagraphStyle title_style(const Theme& theme) { return {14, 20, theme.text}; }

float lesson_height(Ui& ui, const app::LessonTitle& lesson, float width) {
    return std::max(48.0f, measure_rich(ui, rich(lesson.title), title_style(ui.theme()), width - beside_title) + 26);
}

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

void CourseDialog::draw_lesson(Ui& ui, const app::LessonTitle& lesson, const Rect& box, int number) {
    const Theme& theme = ui.theme();
    bool current = ui.model().lesson.open() && ui.model().lesson.slug == lesson.slug;
    Press state = press(ui, box, lesson.slug, lesson.title, 10);
    box_with_line(ui.list(), box, current ? theme.selected_row : theme.raised, state.hovered || current ? theme.selected_line : theme.line, 10);
    draw_progress(ui, Vec(box.Min.x + 28, box.GetCenter().y), lesson, number);
    const RichText title = rich(lesson.title);
    const float inner = box.GetWidth() - beside_title;
    const float height = measure_rich(ui, title, title_style(theme), inner);
    draw_rich(ui, Vec(box.Min.x + 56, box.Min.y + std::floor((box.GetHeight() - height) * 0.5f)), title, title_style(theme), inner);
    std::string count = lesson.tasks > 0 ? ui.state.words.format("course.tasks", {std::to_string(lesson.done), std::to_string(lesson.tasks)}) : std::string();
    draw_text_in(ui.list(), ui.fonts, Rect(box.Max.x - 62, box.Min.y, box.Max.x - 14, box.Max.y), {Face::text, 12, theme.dim}, count, Align::right);
    if (state.clicked) {
        ui.state.settings.mode = app::Mode::learn;
        ui.state.queue(app::ActionKind::open_lesson, lesson.slug);
        ui.state.dialog = app::Dialog::none;
    }
}

// Rows from left to right: the numbers are read as the text is.
float CourseDialog::draw_part(Ui& ui, const app::CoursePart& part, Vec at, float width, std::size_t columns, int* number) {
    Scope scope(ui, part.id);
    float y = at.y;
    draw_text(ui.list(), ui.fonts, Vec(at.x, y), 24, {Face::strong, 13, ui.theme().blue_text}, part.title);
    y += 32;
    const float one = std::floor((width - gap * static_cast<float>(columns - 1)) / static_cast<float>(columns));
    for (std::size_t first = 0; first < part.lessons.size(); first += columns) {
        const std::size_t end = std::min(first + columns, part.lessons.size());
        float height = 0;
        for (std::size_t i = first; i < end; ++i) height = std::max(height, lesson_height(ui, part.lessons[i], one));
        for (std::size_t i = first; i < end; ++i)
            draw_lesson(ui, part.lessons[i], rect(at.x + static_cast<float>(i - first) * (one + gap), y, one, height), ++*number);
        y += height + gap;
    }
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
    const float width = area.GetWidth() - 48 - 10;
    const std::size_t columns = width > 640 ? 2 : 1;
    int number = 0;
    float y = start.y + 36;
    for (const app::CoursePart& part : course) y += draw_part(ui, part, Vec(start.x + 24, y), width, columns, &number);
    content_size(Vec(1, y - start.y + 12));
    end_area(ui);
}

}  // namespace

std::unique_ptr<Panel> make_course_dialog() {
    return std::make_unique<CourseDialog>();
}

}  // namespace kubewalk::ui
