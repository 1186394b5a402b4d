// The inspector's Manifest: documents in tabs, what is wrong with the text and what will not do what was meant,
// what applying would change, and Apply.

#include <algorithm>
#include <cmath>

#include "core/base/text.h"
#include "web/ui/code_editor.h"
#include "web/ui/dropdown.h"
#include "web/ui/find_bar.h"
#include "web/ui/manifest_compare_view.h"
#include "web/ui/manifest_templates.h"
#include "web/ui/panels.h"
#include "web/ui/selection_header.h"
#include "web/ui/widgets.h"
#include "web/ui/yaml_paint.h"

namespace kubewalk::ui {

namespace {

using app::ActionKind;

// A check runs when nothing was typed for this long.
constexpr double debounce_s = 0.25;

enum class Mode : unsigned char { edit, diff, three_ways };

// One text. The first document follows what is selected; the others stay until they are closed.
struct ManifestDocument {
    int number = 0;              // in item paths
    std::string title;           // a file's name; "" for one that follows an object
    sim::ObjectRef object;
    CodeEditor editor;
    FindBar find;
    std::string original;        // what Revert goes back to
    std::string checked;         // sent to be checked last
    std::uint64_t seen_version = 0;
    double typed_at = 0;
    Mode mode = Mode::edit;
    bool awaited = false;        // by a command in the terminal (kubectl edit)
    bool changed() const { return editor.buffer.text() != original; }
};

// What is wrong, each at its line. What is missing is one remark for every line that lacks something, the text is still being
// written; what would only follow from that waits.
void add_problems(const Ui& ui, const std::vector<cluster::ManifestProblem>& problems, std::vector<CodeProblem>& out) {
    using Nature = cluster::ManifestProblem::Nature;
    std::vector<std::pair<int, std::string>> missing;
    for (const cluster::ManifestProblem& problem : problems) {
        const Error& error = problem.error;
        if (problem.nature == Nature::wrong) out.push_back({error.line, error.column, ui.state.words.said(error.message).value_or(error.message), Severity::error});
        if (problem.nature != Nature::missing) continue;
        const auto same = std::find_if(missing.begin(), missing.end(), [&](const auto& one) { return one.first == error.line; });
        if (same == missing.end())
            missing.emplace_back(error.line, error.field);
        else
            same->second += ", " + error.field;
    }
    for (const auto& [line, fields] : missing) out.push_back({line, 0, ui.state.words.format("editor.missing", {fields}), Severity::missing});
}

class ManifestPanel : public Panel {
public:
    ManifestPanel() { documents_.push_back(std::make_unique<ManifestDocument>()); }
    void draw(Ui& ui, const Rect& area) override;

private:
    ManifestDocument& now() { return *documents_[shown_]; }
    void follow(Ui& ui);
    void follow_apply(Ui& ui);
    void take_files(Ui& ui);
    void follow_edit(Ui& ui);
    ManifestDocument& open(Ui& ui, std::string title, std::string text, bool saved);
    void open_empty(Ui& ui);
    void close(std::size_t index);
    void check(Ui& ui);
    void apply(Ui& ui);
    void save(Ui& ui);
    bool can_apply(const Ui& ui);
    void draw_tabs(Ui& ui, const Rect& area, float y);
    bool draw_tab(Ui& ui, std::size_t index, const Rect& box);
    void draw_new(Ui& ui, const Rect& box);
    void draw_tools(Ui& ui, const Rect& area, float y);
    void draw_comparison(Ui& ui, const Rect& area);
    void draw_footer(Ui& ui, const Rect& area);
    void draw_empty_panel(Ui& ui, const Rect& area);
    std::vector<CodeProblem> problems(const Ui& ui);
    std::string title_of(const Ui& ui, const ManifestDocument& document) const;

    std::vector<std::unique_ptr<ManifestDocument>> documents_;
    std::size_t shown_ = 0;
    int last_number_ = 0;
    std::uint64_t session_ = 0;
    std::uint64_t applies_ = 0;
    bool pending_apply_ = false;
    bool reveal_mistake_ = false;  // when the next check is back
    cluster::ManifestComparison comparison_;
    std::string compared_;
    std::uint64_t compared_revision_ = 0;
    std::string awaited_text_;  // as the command gave it
};

std::string ManifestPanel::title_of(const Ui& ui, const ManifestDocument& document) const {
    if (!document.title.empty()) return document.title;
    return document.object.name.empty() ? std::string(ui.t("editor.live")) : document.object.name;
}

ManifestDocument& ManifestPanel::open(Ui& ui, std::string title, std::string text, bool saved) {
    auto made = std::make_unique<ManifestDocument>();
    made->number = ++last_number_;
    made->title = std::move(title);
    made->original = saved ? text : std::string();
    made->editor.buffer.reset(std::move(text));
    documents_.push_back(std::move(made));
    shown_ = documents_.size() - 1;
    ui.state.wanted_focus = "inspector/manifest/editor";
    return *documents_.back();
}

void ManifestPanel::open_empty(Ui& ui) {
    open(ui, cat("manifest-", last_number_ + 1, ".yaml"), {}, false);
}

void ManifestPanel::close(std::size_t index) {
    documents_.erase(documents_.begin() + static_cast<std::ptrdiff_t>(index));
    if (shown_ >= index && shown_ > 0) --shown_;
}

// Another object was chosen, or the live one moved on while nothing was edited here.
void ManifestPanel::follow(Ui& ui) {
    const app::Model& model = ui.model();
    const app::Inspected& inspected = model.inspected;
    ManifestDocument& first = *documents_[0];
    bool other = !(first.object == inspected.object) || session_ != model.session;
    bool live_moved = !other && inspected.manifest != first.original && !first.changed() && inspected.exists;
    if (!other && !live_moved) return;
    if (other && first.changed() && session_ == model.session) {
        // What was edited and not applied is kept, beside the newly chosen object.
        auto kept = std::make_unique<ManifestDocument>(std::move(first));
        kept->number = ++last_number_;
        kept->title = kept->object.name;
        documents_.insert(documents_.begin() + 1, std::move(kept));
        *documents_[0] = ManifestDocument();
    }
    ManifestDocument& live = *documents_[0];
    std::size_t caret = other ? 0 : live.editor.buffer.caret();
    if (other) shown_ = 0;
    live.object = inspected.object;
    session_ = model.session;
    live.original = inspected.manifest;
    live.editor.buffer.reset(live.original);
    live.editor.buffer.move_to(caret, Selecting::no);
    live.seen_version = live.editor.buffer.version();
    // Looked at once as it is: what lives may not do what was meant either.
    if (other)
        live.checked.clear();
    else
        live.checked = live.original;
}

void ManifestPanel::follow_apply(Ui& ui) {
    const app::Model& model = ui.model();
    if (model.applies == applies_) return;
    applies_ = model.applies;
    if (!std::exchange(pending_apply_, false)) return;
    ManifestDocument& document = now();
    if (model.apply_ok) {
        document.original = document.editor.buffer.text();
        std::string said;
        for (const std::string& line : model.apply_lines) said += (said.empty() ? "" : "  ·  ") + line;
        ui.state.notify(said.empty() ? std::string(ui.t("editor.applied")) : said);
    } else if (!model.problems.empty()) {
        document.editor.reveal(std::max(0, model.problems[0].error.line - 1));
    }
}

void ManifestPanel::take_files(Ui& ui) {
    for (app::GivenFile& file : ui.state.files) open(ui, file.name, std::move(file.content), false);
    ui.state.files.clear();
}

// What a command wants edited lies in a tab of its own, until the command has it back.
void ManifestPanel::follow_edit(Ui& ui) {
    const auto& editing = ui.model().editing;
    const auto found = std::find_if(documents_.begin(), documents_.end(), [](const auto& document) { return document->awaited; });
    if (!editing) {
        if (found != documents_.end()) close(static_cast<std::size_t>(found - documents_.begin()));
        return;
    }
    if (found == documents_.end()) {
        open(ui, editing->name, editing->text, true).awaited = true;
    } else if (awaited_text_ != editing->text) {
        // It did not like what it was given and opens it again, with its reasons above.
        (*found)->original = editing->text;
        (*found)->editor.buffer.reset(editing->text);
        shown_ = static_cast<std::size_t>(found - documents_.begin());
    }
    awaited_text_ = editing->text;
}

void ManifestPanel::check(Ui& ui) {
    ManifestDocument& document = now();
    if (document.editor.buffer.version() != document.seen_version) {
        document.seen_version = document.editor.buffer.version();
        document.typed_at = ui.now;
    }
    if (document.editor.pasted()) reveal_mistake_ = true;
    if (document.editor.buffer.text() == document.checked) {
        if (reveal_mistake_ && ui.model().checked_text == document.checked) {
            reveal_mistake_ = false;
            int first = 0;
            for (const CodeProblem& problem : problems(ui))
                if (problem.severity == Severity::error && (first == 0 || problem.line < first)) first = problem.line;
            if (first > 0) document.editor.reveal(first - 1);
        }
        return;
    }
    double since = ui.now - document.typed_at;
    if (since < debounce_s) {
        ui.wake_in(debounce_s - since + 0.01);
        return;
    }
    document.checked = document.editor.buffer.text();
    ui.state.queue(ActionKind::refresh_checks, document.checked);
    ui.animating = true;
}

std::vector<CodeProblem> ManifestPanel::problems(const Ui& ui) {
    const app::Model& model = ui.model();
    ManifestDocument& document = now();
    std::vector<CodeProblem> out;
    // Positions belong to the text that was checked; while typing goes on they stay where they were.
    if (model.checked_text.empty() || model.checked_text != document.checked) return out;
    add_problems(ui, model.problems, out);
    // What kubectl apply would remark is about applying: a text that is as the object is has nothing to apply.
    if (document.changed() || document.awaited)
        for (const std::string& warning : model.warnings) out.push_back({0, 0, warning, Severity::warning});
    for (const cluster::ManifestHint& hint : model.hints)
        out.push_back({hint.line, hint.column, ui.state.words.format("hint." + hint.id, hint.args), Severity::hint});
    return out;
}

bool ManifestPanel::can_apply(const Ui& ui) {
    ManifestDocument& document = now();
    if (document.awaited) return true;
    if (!document.changed() || document.editor.buffer.text() != document.checked || ui.model().checked_text != document.checked) return false;
    return ui.model().problems.empty();
}

void ManifestPanel::apply(Ui& ui) {
    if (now().awaited) return ui.state.queue({ActionKind::finish_edit, now().editor.buffer.text(), {}, 1, {}});
    pending_apply_ = true;
    applies_ = ui.model().applies;
    ui.state.queue(ActionKind::apply_manifest, now().editor.buffer.text());
}

void ManifestPanel::save(Ui& ui) {
    std::string name = title_of(ui, now());
    if (!name.ends_with(".yaml") && !name.ends_with(".yml")) name += ".yaml";
    ui.state.platform().download(name, "application/yaml", now().editor.buffer.text());
}

// -- drawing ------------------------------------------------------------------------------------------

// True when it was closed.
bool ManifestPanel::draw_tab(Ui& ui, std::size_t index, const Rect& box) {
    const Theme& theme = ui.theme();
    ManifestDocument& document = *documents_[index];
    Scope scope(ui, index == 0 ? "live" : std::to_string(document.number));
    bool selected = index == shown_;
    std::string title = title_of(ui, document);
    Rect name = index == 0 ? box : Rect(box.Min, Vec(box.Max.x - 22, box.Max.y));
    Press state = press(ui, name, "tab", title, 7);
    if (state.clicked) shown_ = index;
    box_with_line(ui.list(), box, selected ? theme.selected_row : theme.panel, selected || state.hovered ? theme.selected_line : theme.line, 7);
    float left = box.Min.x + 10;
    if (document.changed()) {
        ui.list()->AddCircleFilled(Vec(left + 2, box.GetCenter().y), 3, theme.amber);
        left += 10;
    }
    TextStyle style{Face::text, 12.5f, selected ? theme.text : theme.dim};
    draw_text_in(ui.list(), ui.fonts, Rect(left, box.Min.y, name.Max.x - 4, box.Max.y), style, elide_middle(ui.fonts, title, style, name.Max.x - 4 - left));
    tooltip(ui, title);
    if (index == 0) return false;
    Press cross = press(ui, Rect(box.Max.x - 22, box.Min.y, box.Max.x, box.Max.y), "close", ui.t("editor.close"), 7);
    draw_icon(ui.list(), Icon::cross, Vec(box.Max.x - 12, box.GetCenter().y), 8, cross.hovered ? theme.text : theme.faint);
    return cross.clicked;
}

void ManifestPanel::draw_new(Ui& ui, const Rect& box) {
    ButtonOptions quiet;
    quiet.kind = ButtonKind::quiet;
    quiet.size = 12;
    Scope scope(ui, "new");
    if (icon_button(ui, box, "open", Icon::plus, ui.t("editor.new"), quiet)) ImGui::OpenPopup("templates");
    const auto& rows = manifest_templates();
    constexpr float row_height = 30, width = 190;
    constexpr float heading = 34;
    float height = static_cast<float>(rows.size() + 2) * row_height + heading + 12;
    ImGui::SetNextWindowPos(Vec(std::min(box.Min.x, ImGui::GetIO().DisplaySize.x - width - 12), box.Max.y + 4));
    ImGui::SetNextWindowSize(Vec(width, height));
    if (!ImGui::BeginPopup("templates", ImGuiWindowFlags_NoMove)) return;
    Vec at = ImGui::GetCursorScreenPos() + Vec(6, 6);
    auto row = [&](std::string_view id, std::string_view label) {
        Rect line = rect(at.x, at.y, width - 12, row_height);
        Press over = press(ui, line, id, label, 6);
        if (over.hovered) ui.list()->AddRectFilled(line.Min, line.Max, ui.theme().hover, 6);
        draw_text_in(ui.list(), ui.fonts, inset(line, 8), ui.text(13), label);
        at.y += row_height;
        if (over.clicked) ImGui::CloseCurrentPopup();
        return over.clicked;
    };
    if (row("file", ui.t("editor.open"))) ui.state.platform().choose_file(".yaml,.yml,.json,.txt");
    if (row("empty", ui.t("editor.empty"))) open_empty(ui);
    ui.list()->AddLine(at + Vec(2, 4.5f), at + Vec(width - 14, 4.5f), ui.theme().line);
    draw_text(ui.list(), ui.fonts, at + Vec(8, 8), 24, {Face::text, 12, ui.theme().faint}, ui.t("editor.templates"));
    at.y += heading;
    for (const ManifestTemplate& one : rows)
        if (row(one.id, one.id)) open(ui, to_lower(std::string(one.id)) + ".yaml", std::string(one.text), false);
    content_size(Vec(1, height - 1));
    ImGui::EndPopup();
}

void ManifestPanel::draw_tabs(Ui& ui, const Rect& area, float y) {
    float right = area.Max.x - 16, x = area.Min.x + 15;
    auto count = static_cast<float>(documents_.size());
    float room = right - x - 34, width = std::min(170.0f, std::floor((room - 6 * (count - 1)) / count));
    std::size_t closed = 0;
    for (std::size_t i = 0; i < documents_.size(); ++i) {
        if (draw_tab(ui, i, rect(x, y, width, 28))) closed = i;
        x += width + 6;
    }
    draw_new(ui, rect(x, y, 30, 28));
    if (closed != 0 && documents_[closed]->awaited)
        ui.state.queue(ActionKind::finish_edit);
    else if (closed != 0)
        close(closed);
}

void ManifestPanel::draw_tools(Ui& ui, const Rect& area, float y) {
    ManifestDocument& document = now();
    std::string edit(ui.t("editor.edit")), diff(ui.t("editor.diff")), three(ui.t("editor.three_ways"));
    const Tab tabs[] = {{"edit", edit}, {"diff", diff}, {"three-ways", three}};
    {
        Scope scope(ui, "mode");
        int clicked = pill_tabs(ui, Rect(area.Min.x + 15, y, area.Max.x - 170, y + 28), tabs, static_cast<int>(document.mode));
        if (clicked >= 0) document.mode = static_cast<Mode>(clicked);
    }
    float x = area.Max.x - 16;
    auto take = [&] {
        x -= 30;
        return rect(x, y, 29, 28);
    };
    ButtonOptions quiet;
    quiet.kind = ButtonKind::quiet;
    quiet.size = 14;
    if (icon_button(ui, take(), "find", Icon::search, ui.t("editor.find"), quiet)) document.find.toggle();
    quiet.enabled = document.editor.buffer.can_redo();
    if (icon_button(ui, take(), "redo", Icon::redo, ui.t("editor.redo"), quiet)) document.editor.buffer.redo();
    quiet.enabled = document.editor.buffer.can_undo();
    if (icon_button(ui, take(), "undo", Icon::undo, ui.t("editor.undo"), quiet)) document.editor.buffer.undo();
    quiet.enabled = true;
    if (icon_button(ui, take(), "save", Icon::save, ui.t("editor.save"), quiet)) save(ui);
    if (icon_button(ui, take(), "open-file", Icon::folder, ui.t("editor.open"), quiet)) ui.state.platform().choose_file(".yaml,.yml,.json,.txt");
}

void ManifestPanel::draw_comparison(Ui& ui, const Rect& area) {
    const std::string& text = now().editor.buffer.text();
    // Made anew when the text or the cluster moved on.
    if (ui.state.backend() && (compared_ != text || compared_revision_ != ui.model().revision)) {
        compared_ = text;
        compared_revision_ = ui.model().revision;
        // The document in which the caret stands.
        std::string_view before = std::string_view(text).substr(0, now().editor.buffer.caret());
        int document = 0;
        for (std::size_t at = before.find("\n---"); at != std::string_view::npos; at = before.find("\n---", at + 1)) ++document;
        comparison_ = ui.state.backend()->compare(text, document);
        if (comparison_.object.empty() && document > 0) comparison_ = ui.state.backend()->compare(text, 0);
    }
    ui.items.note("manifest/comparison", comparison_.object, area);
    if (now().mode == Mode::diff)
        draw_diff(ui, area, comparison_);
    else
        draw_three_ways(ui, area, comparison_);
}

void ManifestPanel::draw_footer(Ui& ui, const Rect& area) {
    const Theme& theme = ui.theme();
    ManifestDocument& document = now();
    float y = area.Max.y - 16 - 37;
    ButtonOptions options;
    options.rounding = 9;
    options.size = 14;
    std::vector<CodeProblem> all = problems(ui);
    auto count = [&](Severity severity) { return std::count_if(all.begin(), all.end(), [&](const CodeProblem& one) { return one.severity == severity; }); };
    auto wrong = count(Severity::error);
    auto hints = count(Severity::hint) + count(Severity::warning);
    auto unfinished = count(Severity::missing);
    ButtonOptions primary = options;
    primary.kind = ButtonKind::primary;
    primary.enabled = can_apply(ui);
    std::string label(ui.t(document.awaited ? "editor.finish" : "editor.apply"));
    float width = button_width(ui, label, 14, 18);
    bool clicked = button(ui, rect(area.Min.x + 15, y, width, 37), "apply", label, primary);
    if ((clicked || document.editor.wants_apply()) && primary.enabled) apply(ui);
    std::string revert(ui.t("editor.revert"));
    float revert_width = button_width(ui, revert, 14, 16);
    ButtonOptions back = options;
    back.enabled = document.changed();
    if (button(ui, rect(area.Max.x - 16 - revert_width, y, revert_width, 37), "revert", revert, back)) {
        document.editor.buffer.replace_all(document.original, 0);
        document.checked.clear();
    }
    // Between them: how the text stands, in a word and a sign; a click leads to the next mistake.
    Rect said(area.Min.x + 15 + width + 14, y, area.Max.x - 16 - revert_width - 10, y + 37);
    bool checking = document.editor.buffer.text() != document.checked || ui.model().checked_text != document.checked;
    std::string text(ui.t(checking ? "editor.checking" : "editor.ok"));
    Color color = theme.dim;
    if (unfinished > 0 && wrong == 0) {
        Press next = press(ui, said, "next-problem", ui.t("shortcuts.next_problem"), 8);
        if (next.clicked) document.editor.next_problem(all);
        ui.list()->AddCircle(Vec(said.Min.x + 7, said.GetCenter().y), 5, theme.faint, 0, 1.5f);
        text = ui.t("editor.unfinished");
        said.Min.x += 20;
    } else if (wrong > 0 || hints > 0) {
        Press next = press(ui, said, "next-problem", ui.t("shortcuts.next_problem"), 8);
        if (next.clicked) document.editor.next_problem(all);
        std::string_view id = wrong == 1 ? "editor.problem" : wrong > 0 ? "editor.problems" : hints == 1 ? "editor.hint" : "editor.hints";
        text = ui.state.words.format(id, {std::to_string(wrong > 0 ? wrong : hints)});
        color = wrong > 0 ? theme.rose_text : theme.blue_text;
        draw_icon(ui.list(), wrong > 0 ? Icon::warning : Icon::bulb, Vec(said.Min.x + 7, said.GetCenter().y), 13, wrong > 0 ? theme.rose : theme.blue);
        said.Min.x += 20;
    } else if (!document.changed()) {
        return;
    } else if (!checking) {
        draw_icon(ui.list(), Icon::check, Vec(said.Min.x + 7, said.GetCenter().y), 11, theme.green);
        said.Min.x += 20;
    }
    draw_text_in(ui.list(), ui.fonts, said, {Face::text, 12.5f, color}, text);
}

// Nothing is selected, nothing is open: how to begin.
void ManifestPanel::draw_empty_panel(Ui& ui, const Rect& area) {
    float y = draw_selection_header(ui, Rect(area.Min + Vec(0, 38), area.Max));
    std::string open_file(ui.t("editor.open")), fresh(ui.t("editor.new"));
    const float width = button_width(ui, open_file, 13, 14);
    if (button(ui, rect(area.Min.x + 16, y + 6, width, 32), "open-file", open_file))
        ui.state.platform().choose_file(".yaml,.yml,.json,.txt");
    if (button(ui, rect(area.Min.x + 24 + width, y + 6, button_width(ui, fresh, 13, 14), 32), "begin", fresh)) open_empty(ui);
}

void ManifestPanel::draw(Ui& ui, const Rect& area) {
    follow(ui);
    take_files(ui);
    follow_edit(ui);
    follow_apply(ui);
    draw_tabs(ui, area, area.Min.y);
    ManifestDocument& document = now();
    bool live = shown_ == 0;
    if (live && !has_selected_object(ui)) return draw_empty_panel(ui, area);
    float y = area.Min.y + 38;
    if (live) y = draw_selection_header(ui, Rect(Vec(area.Min.x, y), area.Max));
    if (live && document.original.empty() && !document.changed()) {
        draw_text_in(ui.list(), ui.fonts, rect(area.Min.x + 16, y, area.GetWidth() - 32, 24), ui.dim(13), ui.t("nothing.exists"));
        return;
    }
    if (!document.editor.assist.complete) {
        app::State& state = ui.state;
        document.editor.assist.complete = [&state](std::string_view text, std::size_t caret) {
            return state.backend() ? state.backend()->complete_manifest(text, caret) : cluster::Completion{};
        };
        document.editor.assist.explain = [&state](std::string_view text, std::size_t offset) {
            return state.backend() ? state.backend()->explain_field(text, offset) : cluster::FieldHelp{};
        };
    }
    draw_tools(ui, area, y);
    y += 36;
    if (document.mode == Mode::edit) {
        y = document.find.draw(ui, document.editor, area, y);
        ImGui::PushID(document.number);
        document.editor.draw(ui, Rect(area.Min.x + 15, y, area.Max.x - 16, area.Max.y - 66), "editor", ui.t("editor.label"), paint_yaml, problems(ui));
        ImGui::PopID();
    } else {
        draw_comparison(ui, Rect(area.Min.x + 15, y, area.Max.x - 16, area.Max.y - 66));
    }
    check(ui);
    draw_footer(ui, area);
}

}  // namespace

std::unique_ptr<Panel> make_manifest_panel() {
    return std::make_unique<ManifestPanel>();
}

}  // namespace kubewalk::ui
