// The lesson at the left: prose, a prediction, tasks that tick themselves, hint, solution, back, next.

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
};

MarkdownStyle prose(const Ui& ui, Color color, float size = 13.5f, float line = 20.5f) {
    MarkdownStyle style;
    style.paragraph = {size, line, color};
    style.strong = ui.theme().text;
    return style;
}

constexpr float footer_height = 76;

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
    Vec mark(box.Min.x + 19, box.Min.y + 18);
    if (task.state == lesson::TaskState::done) {
        ui.list()->AddCircleFilled(mark, 9, theme.green);
        draw_icon(ui.list(), Icon::check, mark, 10, theme.dark ? theme.background : theme.on_accent);
    } else if (wrong) {
        draw_icon(ui.list(), Icon::warning, mark, 16, theme.rose);
    } else {
        ui.list()->AddCircle(mark, 8, theme.faint, 0, 2);
    }
    draw_markdown(ui, box.Min + Vec(38, 8), text, style, inner);
    if (message) draw_markdown(ui, box.Min + Vec(38, 14 + text_height), *message, note, inner);
    return height;
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
    for (const app::LessonTask& task : lesson.tasks) y += draw_task(ui, task, Vec(at.x, y), width) + 10;
    if (hint_ && !lesson.hint.empty())
        y += draw_note(ui, "hint", ui.t("lesson.hint"), lesson.hint, Vec(at.x, y), width) + 10;
    if (solution_) y += draw_solution(ui, Vec(at.x, y), width);
    return y - at.y;
}

void LessonPanel::draw_footer(Ui& ui, const Rect& area) {
    const app::LessonView& lesson = ui.model().lesson;
    float y = area.Max.y - 20 - 37;
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
    Rect body(area.Min.x, area.Min.y, area.Max.x - 1, area.Max.y - footer_height);
    begin_area(ui, body, "body");
    if (fresh) ImGui::SetScrollY(0);
    Vec at = ImGui::GetCursorScreenPos();
    float height = draw_body(ui, at + Vec(20, 20), area.GetWidth() - 40);
    content_size(Vec(1, height + 40));
    if (scroll_to_note_) {
        ImGui::SetScrollY(ImGui::GetScrollMaxY() + height);
        scroll_to_note_ = false;
    }
    bool more = ImGui::GetScrollY() < ImGui::GetScrollMaxY() - 1;
    end_area(ui);
    // What goes on below is announced by a line and a fade.
    if (more) {
        Color clear = with_alpha(theme.panel, 0);
        ui.list()->AddRectFilledMultiColor(Vec(body.Min.x, body.Max.y - 24), body.Max, clear, clear, theme.panel, theme.panel);
    }
    draw_footer(ui, area);
}

std::unique_ptr<Panel> make_lesson_panel() {
    return std::make_unique<LessonPanel>();
}

}  // namespace kubewalk::ui
