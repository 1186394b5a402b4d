// The inspector's Manifest: the editor, what is wrong with the text, and Apply.

#include "web/ui/code_editor.h"
#include "web/ui/panels.h"
#include "web/ui/selection_header.h"
#include "web/ui/widgets.h"
#include "web/ui/yaml_paint.h"

namespace kubewalk::ui {

namespace {

using app::ActionKind;

// A check runs when nothing was typed for this long.
constexpr double debounce_s = 0.25;

class ManifestPanel : public Panel {
public:
    void draw(Ui& ui, const Rect& area) override;

private:
    void follow(Ui& ui);
    void check(Ui& ui);
    void draw_tools(Ui& ui, const Rect& area, float y);
    float draw_find(Ui& ui, const Rect& area, float y);
    void draw_footer(Ui& ui, const Rect& area);
    std::vector<CodeProblem> problems(const Ui& ui) const;
    bool changed() const { return editor_.buffer.text() != original_; }

    CodeEditor editor_;
    sim::ObjectRef object_;
    std::uint64_t session_ = 0;
    std::string original_;       // what Revert goes back to
    std::string checked_;        // sent to be checked last
    std::uint64_t seen_version_ = 0;
    double typed_at_ = 0;
    std::uint64_t applies_ = 0;
    bool pending_apply_ = false;
    TextField find_;
    bool finding_ = false;
};

// Another object was chosen, or the live one moved on while nothing was edited here.
void ManifestPanel::follow(Ui& ui) {
    const app::Model& model = ui.model();
    const app::Inspected& inspected = model.inspected;
    bool other = !(object_ == inspected.object) || session_ != model.session;
    bool live_moved = !other && inspected.manifest != original_ && !changed() && inspected.exists;
    if (other || live_moved) {
        std::size_t caret = other ? 0 : editor_.buffer.caret();
        object_ = inspected.object;
        session_ = model.session;
        original_ = inspected.manifest;
        editor_.buffer.reset(original_);
        editor_.buffer.move_to(caret, Selecting::no);
        seen_version_ = editor_.buffer.version();
        checked_ = original_;
    }
    if (model.applies != applies_) {
        applies_ = model.applies;
        if (pending_apply_ && model.apply_ok) {
            original_ = editor_.buffer.text();
            std::string said;
            for (const std::string& line : model.apply_lines) said += (said.empty() ? "" : "  ·  ") + line;
            ui.state.notify(said.empty() ? std::string(ui.t("editor.applied")) : said);
        }
        if (pending_apply_ && !model.apply_ok && !model.problems.empty()) editor_.reveal(std::max(0, model.problems[0].error.line - 1));
        pending_apply_ = false;
    }
}

void ManifestPanel::check(Ui& ui) {
    if (editor_.buffer.version() != seen_version_) {
        seen_version_ = editor_.buffer.version();
        typed_at_ = ui.now;
    }
    if (editor_.buffer.text() == checked_) return;
    double since = ui.now - typed_at_;
    if (since < debounce_s) {
        ui.wake_in(debounce_s - since + 0.01);
        return;
    }
    checked_ = editor_.buffer.text();
    ui.state.queue(ActionKind::refresh_checks, checked_);
    ui.animating = true;
}

std::vector<CodeProblem> ManifestPanel::problems(const Ui& ui) const {
    const app::Model& model = ui.model();
    std::vector<CodeProblem> out;
    // Positions belong to the text that was checked; while typing goes on they stay where they were.
    if (model.checked_text.empty() || (!changed() && model.checked_text != editor_.buffer.text())) return out;
    for (const cluster::ManifestProblem& problem : model.problems)
        out.push_back({problem.error.line, problem.error.column, problem.error.message});
    return out;
}

void ManifestPanel::draw_tools(Ui& ui, const Rect& area, float y) {
    float x = area.Max.x - 16;
    auto take = [&] {
        x -= 30;
        Rect box = rect(x, y, 30, 28);
        x -= 4;
        return box;
    };
    ButtonOptions quiet;
    quiet.kind = ButtonKind::quiet;
    quiet.size = 14;
    if (icon_button(ui, take(), "find", Icon::search, ui.t("editor.find"), quiet)) {
        finding_ = !finding_;
        if (finding_) find_.focus_next_frame();
    }
    quiet.enabled = editor_.buffer.can_redo();
    if (icon_button(ui, take(), "redo", Icon::redo, ui.t("editor.redo"), quiet)) editor_.buffer.redo();
    quiet.enabled = editor_.buffer.can_undo();
    if (icon_button(ui, take(), "undo", Icon::undo, ui.t("editor.undo"), quiet)) editor_.buffer.undo();
}

float ManifestPanel::draw_find(Ui& ui, const Rect& area, float y) {
    if (editor_.wants_find()) {
        finding_ = true;
        find_.focus_next_frame();
        if (std::string_view selected = editor_.buffer.selected(); !selected.empty() && selected.find('\n') == std::string_view::npos)
            find_.buffer.reset(std::string(selected));
    }
    if (!finding_) {
        editor_.find({});
        return y;
    }
    FieldOptions options;
    options.placeholder = ui.t("editor.find");
    options.face = Face::code;
    options.size = 12;
    FieldEvent event = find_.draw(ui, Rect(area.Min.x + 15, y, area.Max.x - 150, y + 30), "find-text", ui.t("editor.find"), options);
    editor_.find(find_.buffer.text());
    if (event == FieldEvent::changed) editor_.find_next(Toward::forward);
    if (event == FieldEvent::submitted) editor_.find_next(ImGui::GetIO().KeyShift ? Toward::back : Toward::forward);
    std::string count = ui.state.words.format("editor.matches", {std::to_string(editor_.match_number()), std::to_string(editor_.matches())});
    draw_text_in(ui.list(), ui.fonts, Rect(area.Max.x - 144, y, area.Max.x - 54, y + 30), ui.dim(12), count);
    ButtonOptions quiet;
    quiet.kind = ButtonKind::quiet;
    quiet.size = 11;
    if (icon_button(ui, rect(area.Max.x - 48, y, 30, 30), "close-find", Icon::cross, ui.t("editor.find"), quiet)) finding_ = false;
    return y + 38;
}

void ManifestPanel::draw_footer(Ui& ui, const Rect& area) {
    const Theme& theme = ui.theme();
    const app::Model& model = ui.model();
    float y = area.Max.y - 16 - 37;
    ButtonOptions options;
    options.rounding = 9;
    options.size = 14;
    std::vector<CodeProblem> wrong = problems(ui);
    ButtonOptions apply = options;
    apply.kind = ButtonKind::primary;
    apply.enabled = changed() && wrong.empty() && editor_.buffer.text() == checked_;
    std::string label(ui.t("editor.apply"));
    float width = button_width(ui, label, 14, 18);
    if (button(ui, rect(area.Min.x + 15, y, width, 37), "apply", label, apply)) {
        pending_apply_ = true;
        applies_ = model.applies;
        ui.state.queue(ActionKind::apply_manifest, editor_.buffer.text());
    }
    std::string revert(ui.t("editor.revert"));
    float revert_width = button_width(ui, revert, 14, 16);
    ButtonOptions back = options;
    back.enabled = changed();
    if (button(ui, rect(area.Max.x - 16 - revert_width, y, revert_width, 37), "revert", revert, back)) {
        editor_.buffer.replace_all(original_, 0);
        checked_.clear();
    }
    // Between them: how the text stands, in a word and a sign.
    Rect said(area.Min.x + 15 + width + 14, y, area.Max.x - 16 - revert_width - 10, y + 37);
    bool checking = editor_.buffer.text() != checked_;
    std::string text(ui.t(checking ? "editor.checking" : "editor.ok"));
    Color color = theme.dim;
    if (!wrong.empty()) {
        text = ui.state.words.format(wrong.size() == 1 ? "editor.problem" : "editor.problems", {std::to_string(wrong.size())});
        color = theme.rose_text;
        draw_icon(ui.list(), Icon::warning, Vec(said.Min.x + 7, said.GetCenter().y), 13, theme.rose);
        said.Min.x += 20;
    } else if (!changed()) {
        return;
    } else if (!checking) {
        draw_icon(ui.list(), Icon::check, Vec(said.Min.x + 7, said.GetCenter().y), 11, theme.green);
        said.Min.x += 20;
    }
    draw_text_in(ui.list(), ui.fonts, said, {Face::text, 12.5f, color}, text);
}

void ManifestPanel::draw(Ui& ui, const Rect& area) {
    follow(ui);
    float header = area.Min.y;
    float y = draw_selection_header(ui, Rect(area.Min, Vec(area.Max.x - (has_selected_object(ui) ? 108 : 0), area.Max.y)));
    if (!has_selected_object(ui)) return;
    if (original_.empty() && !changed()) {
        draw_text_in(ui.list(), ui.fonts, rect(area.Min.x + 16, y, area.GetWidth() - 32, 24), ui.dim(13), ui.t("nothing.exists"));
        return;
    }
    if (!editor_.assist.complete) {
        app::State& state = ui.state;
        editor_.assist.complete = [&state](std::string_view text, std::size_t caret) {
            return state.backend() ? state.backend()->complete_manifest(text, caret) : cluster::Completion{};
        };
        editor_.assist.explain = [&state](std::string_view text, std::size_t offset) {
            return state.backend() ? state.backend()->explain_field(text, offset) : cluster::FieldHelp{};
        };
    }
    draw_tools(ui, area, header + 4);
    y = draw_find(ui, area, y);
    editor_.draw(ui, Rect(area.Min.x + 15, y, area.Max.x - 16, area.Max.y - 66), "editor", ui.t("editor.label"), paint_yaml, problems(ui));
    check(ui);
    draw_footer(ui, area);
}

}  // namespace

std::unique_ptr<Panel> make_manifest_panel() {
    return std::make_unique<ManifestPanel>();
}

}  // namespace kubewalk::ui
