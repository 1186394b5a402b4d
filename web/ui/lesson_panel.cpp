// The lesson at the left: prose, a prediction, tasks that tick themselves, hint, solution, back, next.

#include <algorithm>
#include <cmath>
#include <map>

#include "web/ui/markdown.h"
#include "web/ui/panels.h"
#include "web/ui/widgets.h"

namespace kubewalk::ui {

namespace {

using app::ActionKind;

class LessonPanel : public Panel {
public:
    void draw(Ui& ui, const Rect& area) override;

private:
    float draw_outline(Ui& ui, Vec at, float width);
    float draw_body(Ui& ui, Vec at, float width);
    float draw_prediction(Ui& ui, const app::LessonPrediction& prediction, Vec at, float width);
    float draw_choice(Ui& ui, const app::LessonPrediction& prediction, const app::LessonChoice& choice, Vec at, float width);
    float draw_task(Ui& ui, const app::LessonTask& task, Vec at, float width);
    void draw_task_mark(Ui& ui, const app::LessonTask& task, Vec mark);
    void press_strip(Ui& ui, const Rect& body);
    bool draw_strip(Ui& ui, const Rect& body);
    float draw_note(Ui& ui, std::string_view id, std::string_view title, std::string_view text, Vec at, float width);
    float draw_solution(Ui& ui, Vec at, float width);
    void draw_footer(Ui& ui, const Rect& area);
    void draw_list(Ui& ui, const Rect& area);

    const Document& document(std::string_view id, std::string_view text) { return texts_[std::string(id)].get(text); }

    std::map<std::string, MarkdownCache> texts_;
    std::string shown_;  // lesson and step that hint and solution belong to
    bool hint_ = false;
    bool solution_ = false;
    bool scroll_to_note_ = false;
    // The task that is next: where it stands, and the strip that stands in for it while that is out of sight.
    std::size_t current_ = 0;
    Rect task_, tasks_;
    Rect strip_;
    bool scroll_to_task_ = false;
};

MarkdownStyle prose(const Ui& ui, Color color, float size = 13.5f, float line = 20.5f) {
    MarkdownStyle style;
    style.paragraph = {size, line, color};
    style.strong = ui.theme().text;
    return style;
}

// A telephone held sideways has no height to give away.
float footer_margin(const Rect& area) {
    return area.GetHeight() < 380 ? 9 : 20;
}

constexpr float strip_most = 88;

}  // namespace

float LessonPanel::draw_choice(Ui& ui, const app::LessonPrediction& prediction, const app::LessonChoice& choice, Vec at,
                               float width) {
    const Theme& theme = ui.theme();
    bool answered = !prediction.picked.empty();
    bool picked = prediction.picked == choice.id;
    bool right = prediction.answer == choice.id;
    MarkdownStyle style = prose(ui, theme.text, 13, 19);
    const Document& text = document(prediction.id + "." + choice.id, choice.text);
    float height = measure_markdown(ui, text, style, width - 44) + 14;
    Rect box = rect(at.x, at.y, width, height);
    Press state;
    if (!answered) state = press(ui, box, choice.id, choice.text);
    Color fill = theme.raised, line = theme.line;
    if (answered && right) {
        fill = theme.green_tint;
        line = theme.green;
    } else if (answered && picked) {
        fill = theme.rose_tint;
        line = theme.rose;
    } else if (state.hovered) {
        line = theme.selected_line;
    }
    box_with_line(ui.list(), box, fill, line, 8);
    Vec mark(box.Min.x + 18, box.Min.y + 16.5f);
    if (answered && (right || picked))
        draw_icon(ui.list(), right ? Icon::check : Icon::cross, mark, 12, right ? theme.green : theme.rose);
    else
        ui.list()->AddCircle(mark, 6, theme.faint, 0, 1.5f);
    draw_markdown(ui, Vec(box.Min.x + 34, box.Min.y + 7), text, style, width - 44);
    if (state.clicked) ui.state.queue(ActionKind::predict, prediction.id, choice.id);
    return height;
}

float LessonPanel::draw_prediction(Ui& ui, const app::LessonPrediction& prediction, Vec at, float width) {
    const Theme& theme = ui.theme();
    Scope scope(ui, prediction.id);
    MarkdownStyle style = prose(ui, theme.text, 13, 19.5f);
    std::string question = ui.state.words.format("lesson.prediction", {std::string(ui.t("lesson.predict")), prediction.question});
    const Document& text = document(prediction.id, question);
    float height = measure_markdown(ui, text, style, width - 27) + 18;
    Rect box = rect(at.x, at.y, width, height);
    ui.list()->AddRectFilled(box.Min, box.Max, theme.amber_tint, 8, ImDrawFlags_RoundCornersRight);
    ui.list()->AddRectFilled(box.Min, Vec(box.Min.x + 3, box.Max.y), theme.amber);
    draw_markdown(ui, box.Min + Vec(15, 9), text, style, width - 27);
    float y = box.Max.y;
    for (const app::LessonChoice& choice : prediction.choices) {
        y += 6;
        y += draw_choice(ui, prediction, choice, Vec(at.x, y), width);
    }
    if (!prediction.picked.empty() && !prediction.explanation.empty()) {
        y += 8;
        const Document& why = document(prediction.id + ".why", prediction.explanation);
        y += draw_markdown(ui, Vec(at.x + 2, y), why, prose(ui, theme.dim, 13, 19.5f), width - 4);
    }
    return y - at.y;
}

float LessonPanel::draw_task(Ui& ui, const app::LessonTask& task, Vec at, float width) {
    const Theme& theme = ui.theme();
    Scope scope(ui, "task");
    MarkdownStyle style = prose(ui, theme.text, 13.5f, 20);
    const Document& text = document("task." + task.id, task.text);
    float inner = width - 50;
    float text_height = measure_markdown(ui, text, style, inner);
    MarkdownStyle note = prose(ui, theme.rose_text, 13, 19);
    const Document* message = task.message.empty() ? nullptr : &document("message." + task.id, task.message);
    float height = text_height + 16 + (message ? 6 + measure_markdown(ui, *message, note, inner) : 0);
    Rect box = rect(at.x, at.y, width, height);
    bool wrong = task.state == lesson::TaskState::wrong;
    box_with_line(ui.list(), box, theme.raised, wrong ? theme.rose : theme.line, 9);
    draw_task_mark(ui, task, box.Min + Vec(19, 18));
    draw_markdown(ui, box.Min + Vec(38, 8), text, style, inner);
    if (message) draw_markdown(ui, box.Min + Vec(38, 14 + text_height), *message, note, inner);
    return height;
}

void LessonPanel::draw_task_mark(Ui& ui, const app::LessonTask& task, Vec mark) {
    const Theme& theme = ui.theme();
    if (task.state == lesson::TaskState::done) {
        ui.list()->AddCircleFilled(mark, 9, theme.green);
        draw_icon(ui.list(), Icon::check, mark, 10, theme.dark ? theme.background : theme.on_accent);
    } else if (task.state == lesson::TaskState::wrong) {
        draw_icon(ui.list(), Icon::warning, mark, 16, theme.rose);
    } else {
        ui.list()->AddCircle(mark, 8, theme.faint, 0, 2);
    }
}

// Before the text's own items, which it lies upon: what is asked first has the mouse.
void LessonPanel::press_strip(Ui& ui, const Rect& body) {
    if (scroll_to_task_) {
        // All tasks where they find room.
        const bool all = tasks_.Max.y - task_.Min.y < body.GetHeight() - 20;
        ImGui::SetScrollY(ImGui::GetScrollY() + (all ? tasks_ : task_).Max.y + 14 - body.Max.y);
        scroll_to_task_ = false;
        ui.animating = true;
    }
    const app::LessonView& lesson = ui.model().lesson;
    if (strip_.GetHeight() <= 0 || current_ >= lesson.tasks.size()) return;
    Scope scope(ui, "strip");
    scroll_to_task_ = press(ui, strip_, lesson.tasks[current_].id, lesson.tasks[current_].text, 9).clicked;
}

// While the task is below the fold it is said at the panel's foot, with its state; a click leads there.
bool LessonPanel::draw_strip(Ui& ui, const Rect& body) {
    const Theme& theme = ui.theme();
    const app::LessonView& lesson = ui.model().lesson;
    const Rect before = strip_;
    strip_ = Rect();
    if (!lesson.tasks.empty() && task_.Max.y > body.Max.y) {
        const app::LessonTask& task = lesson.tasks[current_];
        const bool done = task.state == lesson::TaskState::done;
        const MarkdownStyle style = prose(ui, theme.text, 13.5f, 20);
        const Document& text = done && lesson.tasks.size() > 1 ? document("strip.done", ui.t("lesson.all_done")) : document("task." + task.id, task.text);
        const float width = task_.GetWidth(), inner = width - 38 - 44;
        const float whole = measure_markdown(ui, text, style, inner) + 16;
        const float height = std::min({whole, strip_most, std::floor(body.GetHeight() * 0.4f)});
        const Rect box = rect(task_.Min.x, body.Max.y - height, width, height);
        // A task whose first line is in sight speaks for itself.
        if (task_.Min.y + 28 > box.Min.y) {
            strip_ = box;
            const Color clear = with_alpha(theme.panel, 0);
            const Rect ground(body.Min.x, box.Min.y - 8, body.Max.x, body.Max.y);
            ui.list()->AddRectFilledMultiColor(Vec(ground.Min.x, ground.Min.y - 28), Vec(ground.Max.x, ground.Min.y), clear, clear, theme.panel, theme.panel);
            ui.list()->AddRectFilled(ground.Min, ground.Max, theme.panel);
            const bool wrong = task.state == lesson::TaskState::wrong, over = ImGui::IsMouseHoveringRect(box.Min, box.Max);
            box_with_line(ui.list(), box, theme.raised, wrong ? theme.rose : done ? theme.green : over ? theme.blue : theme.selected_line, 9);
            draw_task_mark(ui, task, box.Min + Vec(19, 18));
            ui.list()->PushClipRect(box.Min, box.Max - Vec(0, 4), true);
            draw_markdown(ui, box.Min + Vec(38, 8), text, style, inner);
            ui.list()->PopClipRect();
            if (whole > height) {
                const Color see_through = with_alpha(theme.raised, 0);
                ui.list()->AddRectFilledMultiColor(Vec(box.Min.x + 36, box.Max.y - 22), box.Max - Vec(40, 2), see_through, see_through, theme.raised, theme.raised);
            }
            draw_icon(ui.list(), Icon::chevron_down, Vec(box.Max.x - 20, box.Max.y - 18), 11, over ? theme.text : theme.dim);
            if (lesson.tasks.size() > 1 && height > 44) {
                const std::string number = std::to_string(current_ + 1) + "/" + std::to_string(lesson.tasks.size());
                draw_text_in(ui.list(), ui.fonts, Rect(box.Max.x - 40, box.Min.y + 6, box.Max.x, box.Min.y + 24), {Face::text, 11.5f, theme.dim}, number, Align::center);
            }
        }
    }
    if (strip_.Min.y != before.Min.y || strip_.Max.y != before.Max.y) ui.animating = true;  // it is to be pressed from the next frame on
    return strip_.GetHeight() > 0;
}

float LessonPanel::draw_note(Ui& ui, std::string_view id, std::string_view title, std::string_view text, Vec at,
                             float width) {
    const Theme& theme = ui.theme();
    MarkdownStyle style = prose(ui, theme.text, 13, 19.5f);
    const Document& body = document(id, text);
    float height = measure_markdown(ui, body, style, width - 28) + 44;
    Rect box = rect(at.x, at.y, width, height);
    box_with_line(ui.list(), box, mix(theme.panel, theme.blue_tint, 0.45f), theme.selected_line, 9);  // inline code has the full tint
    draw_icon(ui.list(), Icon::bulb, box.Min + Vec(20, 21), 14, theme.blue_text);
    draw_text(ui.list(), ui.fonts, box.Min + Vec(34, 10), 20, {Face::strong, 13, theme.blue_text}, title);
    draw_markdown(ui, box.Min + Vec(14, 34), body, style, width - 28);
    return height;
}

// The recorded solution of each open task, with a button that does it.
float LessonPanel::draw_solution(Ui& ui, Vec at, float width) {
    const app::LessonView& lesson = ui.model().lesson;
    float y = at.y;
    if (!lesson.solution.empty()) y += draw_note(ui, "solution", ui.t("lesson.solution"), lesson.solution, at, width) + 10;
    for (const app::LessonTask& task : lesson.tasks) {
        if (task.solution.empty()) continue;
        Scope scope(ui, task.id);
        std::string script = "```\n";
        for (const std::string& line : task.solution) script += line + "\n";
        script += "```";
        const Document& text = document("script." + task.id, script);
        MarkdownStyle style = prose(ui, ui.theme().dim);
        y += draw_markdown(ui, Vec(at.x, y), text, style, width) + 6;
        std::string label(ui.t("lesson.do_it"));
        if (button(ui, rect(at.x, y, button_width(ui, label) + 8, 28), "run", label))
            ui.state.queue(ActionKind::run_solution, task.id);
        y += 38;
    }
    return y - at.y;
}

// For the teacher: all steps, which one it is, and a way to each.
float LessonPanel::draw_outline(Ui& ui, Vec at, float width) {
    const Theme& theme = ui.theme();
    const app::LessonView& lesson = ui.model().lesson;
    Scope scope(ui, "steps");
    float y = at.y;
    for (int i = 0; i < static_cast<int>(lesson.outline.size()); ++i) {
        const app::LessonStepTitle& step = lesson.outline[static_cast<std::size_t>(i)];
        Rect box = rect(at.x, y, width, 30);
        Press state = press(ui, box, std::to_string(i + 1), step.title, 7);
        bool now = i == lesson.step;
        if (now || state.hovered) ui.list()->AddRectFilled(box.Min, box.Max, now ? theme.selected_row : theme.hover, 7);
        bool done = !step.tasks.empty() && step.done == static_cast<int>(step.tasks.size());
        if (done)
            draw_icon(ui.list(), Icon::check, Vec(at.x + 16, y + 15), 10, theme.green);
        else
            draw_text_in(ui.list(), ui.fonts, rect(at.x + 6, y, 20, 30), {Face::strong, 12, now ? theme.text : theme.faint}, std::to_string(i + 1), Align::center);
        draw_text_in(ui.list(), ui.fonts, Rect(at.x + 34, y, box.Max.x - 8, box.Max.y), {now ? Face::strong : Face::text, 13, now ? theme.text : theme.dim}, step.title);
        if (state.clicked) ui.state.queue(ActionKind::lesson_step, i);
        y += 31;
    }
    ui.list()->AddLine(Vec(at.x, y + 7), Vec(at.x + width, y + 7), theme.line_soft);
    return y + 16 - at.y;
}

float LessonPanel::draw_body(Ui& ui, Vec at, float width) {
    const Theme& theme = ui.theme();
    const app::LessonView& lesson = ui.model().lesson;
    float y = at.y;
    if (ui.state.presenting) y += draw_outline(ui, at, width);
    RichText title = rich(lesson.step_title);
    for (Run& run : title) run.face = Face::strong;
    y += draw_rich(ui, Vec(at.x, y), title, {19, 25, theme.text}, width) + 10;
    y += draw_markdown(ui, Vec(at.x, y), document("body", lesson.body), prose(ui, theme.dim), width) + 12;
    for (const app::LessonPrediction& prediction : lesson.predictions)
        y += draw_prediction(ui, prediction, Vec(at.x, y), width) + 12;
    current_ = 0;
    while (current_ + 1 < lesson.tasks.size() && lesson.tasks[current_].state == lesson::TaskState::done) ++current_;
    tasks_ = Rect(at.x, y, at.x + width, y);
    for (std::size_t i = 0; i < lesson.tasks.size(); ++i) {
        const float height = draw_task(ui, lesson.tasks[i], Vec(at.x, y), width);
        tasks_.Max.y = y + height;
        if (i == current_) task_ = rect(at.x, y, width, height);
        y += height + 10;
    }
    if (hint_ && !lesson.hint.empty())
        y += draw_note(ui, "hint", ui.t("lesson.hint"), lesson.hint, Vec(at.x, y), width) + 10;
    if (solution_) y += draw_solution(ui, Vec(at.x, y), width);
    return y - at.y;
}

void LessonPanel::draw_footer(Ui& ui, const Rect& area) {
    const app::LessonView& lesson = ui.model().lesson;
    float y = area.Max.y - footer_margin(area) - 37;
    ButtonOptions options;
    options.rounding = 9;
    options.size = 14;
    bool has_solution = !lesson.solution.empty();
    for (const app::LessonTask& task : lesson.tasks) has_solution = has_solution || !task.solution.empty();

    std::string next(ui.t(lesson.step + 1 < lesson.steps ? "lesson.next" : lesson.next.empty() ? "lesson.finish" : "lesson.next_lesson"));
    float next_width = button_width(ui, next, 14, 16) + 12;
    ButtonOptions primary = options;
    primary.kind = ButtonKind::primary;
    Rect next_box = rect(area.Max.x - 20 - next_width, y, next_width, 37);
    if (button(ui, next_box, "next", next + " ›", primary)) {
        bool last = lesson.step + 1 >= lesson.steps;
        if (!last)
            ui.state.queue(ActionKind::lesson_step, lesson.step + 1);
        else if (!lesson.next.empty())
            ui.state.queue(ActionKind::open_lesson, lesson.next);
        else
            ui.state.dialog = app::Dialog::course;
    }
    Rect back_box = rect(next_box.Min.x - 8 - 38, y, 38, 37);
    ButtonOptions back = options;
    back.enabled = lesson.step > 0;
    back.size = 12;
    if (icon_button(ui, back_box, "back", Icon::chevron_left, ui.t("lesson.back"), back))
        ui.state.queue(ActionKind::lesson_step, lesson.step - 1);

    // In front of a class nothing is given away.
    if (ui.state.presenting) return;
    // Both go in what is left; narrow panels squeeze them.
    std::string hint(ui.t("lesson.hint")), solution(ui.t("lesson.solution"));
    float hint_width = button_width(ui, hint, 14, 16), solution_width = button_width(ui, solution, 14, 16);
    float room = back_box.Min.x - 8 - (area.Min.x + 20) - 8;
    float squeeze = ImMin(1.0f, room / (hint_width + solution_width));
    Rect hint_box = rect(area.Min.x + 20, y, std::floor(hint_width * squeeze), 37);
    ButtonOptions toggle = options;
    toggle.enabled = !lesson.hint.empty();
    toggle.selected = hint_ && toggle.enabled;
    if (button(ui, hint_box, "hint", hint, toggle)) {
        hint_ = !hint_;
        scroll_to_note_ = hint_;
    }
    toggle.enabled = has_solution;
    toggle.selected = solution_ && has_solution;
    if (button(ui, rect(hint_box.Max.x + 8, y, std::floor(solution_width * squeeze), 37), "solution", solution, toggle)) {
        solution_ = !solution_;
        scroll_to_note_ = solution_;
    }
}

// No lesson is open: the ones there are.
void LessonPanel::draw_list(Ui& ui, const Rect& area) {
    begin_area(ui, area, "list");
    Vec at = ImGui::GetCursorScreenPos() + Vec(20, 20);
    Vec start = at;
    float width = area.GetWidth() - 40;
    draw_text(ui.list(), ui.fonts, at, 25, ui.strong(19), ui.t("lesson.choose"));
    at.y += 40;
    for (const app::CoursePart& part : ui.model().course) {
        draw_text(ui.list(), ui.fonts, at, 20, ui.dim(12), part.title);
        at.y += 24;
        for (const app::LessonTitle& title : part.lessons) {
            Rect box = rect(at.x, at.y, width, 38);
            Press state = press(ui, box, title.slug, title.title, 9);
            box_with_line(ui.list(), box, ui.theme().raised, state.hovered ? ui.theme().selected_line : ui.theme().line, 9);
            draw_text_in(ui.list(), ui.fonts, Rect(at + Vec(14, 9), box.Max - Vec(14, 9)), ui.strong(14), title.title);
            if (state.clicked) ui.state.queue(ActionKind::open_lesson, title.slug);
            at.y += 46;
        }
        at.y += 14;
    }
    content_size(Vec(1, at.y - start.y + 20));
    end_area(ui);
}

void LessonPanel::draw(Ui& ui, const Rect& area) {
    const Theme& theme = ui.theme();
    ui.list()->AddRectFilled(area.Min, area.Max, theme.panel);
    ui.list()->AddLine(Vec(area.Max.x - 0.5f, area.Min.y), Vec(area.Max.x - 0.5f, area.Max.y), theme.line);
    const app::LessonView& lesson = ui.model().lesson;
    if (!lesson.open()) {
        draw_list(ui, area);
        return;
    }
    std::string key = lesson.slug + "/" + std::to_string(lesson.step);
    bool fresh = shown_ != key;
    if (fresh) {
        shown_ = key;
        hint_ = solution_ = false;
        texts_.clear();
    }
    Rect body(area.Min.x, area.Min.y, area.Max.x - 1, area.Max.y - 37 - 2 * footer_margin(area) + 1);
    begin_area(ui, body, "body");
    if (fresh) ImGui::SetScrollY(0);
    if (fresh) strip_ = Rect();
    press_strip(ui, body);
    Vec at = ImGui::GetCursorScreenPos();
    float height = draw_body(ui, at + Vec(20, 20), area.GetWidth() - 40);
    content_size(Vec(1, height + 40));
    if (scroll_to_note_) {
        ImGui::SetScrollY(ImGui::GetScrollMaxY() + height);
        scroll_to_note_ = false;
    }
    // What goes on below is announced by a fade, over the text: in the text's own window.
    if (!draw_strip(ui, body) && ImGui::GetScrollY() < ImGui::GetScrollMaxY() - 1) {
        Color clear = with_alpha(theme.panel, 0);
        ui.list()->AddRectFilledMultiColor(Vec(body.Min.x, body.Max.y - 36), body.Max, clear, clear, theme.panel, theme.panel);
    }
    end_area(ui);
    draw_footer(ui, area);
}

std::unique_ptr<Panel> make_lesson_panel() {
    return std::make_unique<LessonPanel>();
}

}  // namespace kubewalk::ui
