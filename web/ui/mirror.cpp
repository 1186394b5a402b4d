#include "web/ui/mirror.h"

#include "core/api/json.h"
#include "web/ui/hop_words.h"
#include "web/ui/html.h"
#include "web/ui/rich_text.h"

namespace kubewalk::ui {

namespace {

constexpr std::size_t terminal_entries = 12;
constexpr std::size_t terminal_bytes = 8000;

std::string plain_markdown(std::string_view text) {
    return parse_markdown(text).plain();
}

std::string html_markdown(std::string_view text) {
    return html_of(parse_markdown(text));
}

std::string lesson_html(const Ui& ui) {
    const app::LessonView& lesson = ui.model().lesson;
    if (!lesson.open()) return {};
    std::string step = ui.state.words.format("lesson.step", {std::to_string(lesson.step + 1), std::to_string(lesson.steps)});
    std::string out = "<h2>" + html_text(plain(rich(lesson.title))) + "</h2><p>" + html_text(step) + "</p><h3>" + html_text(plain(rich(lesson.step_title))) + "</h3>" + html_markdown(lesson.body);
    for (const auto& prediction : lesson.predictions) {
        out += "<p><strong>" + html_text(ui.t("lesson.predict")) + "</strong></p>" + html_markdown(prediction.question) + "<ul>";
        for (const auto& choice : prediction.choices) out += "<li>" + html_text(plain_markdown(choice.text)) + "</li>";
        out += "</ul>";
        if (!prediction.picked.empty()) out += html_markdown(prediction.explanation);
    }
    return out;
}

std::string tasks_json(const Ui& ui) {
    api::Value list = api::Value::array();
    for (const auto& task : ui.model().lesson.tasks) {
        const char* state = task.state == lesson::TaskState::done    ? "lesson.task_done"
                            : task.state == lesson::TaskState::wrong ? "lesson.task_wrong"
                                                                     : "lesson.task_open";
        std::string text = std::string(ui.t(state)) + ": " + plain_markdown(task.text);
        if (!task.message.empty()) text += " " + plain_markdown(task.message);
        list.push_back(text);
    }
    return api::to_json(list);
}

// Commands of ours speak the learner's language.
std::string errors_of(const Ui& ui, std::string_view printed) {
    std::string out;
    while (!printed.empty()) {
        const std::size_t end = printed.find('\n');
        const std::string_view line = printed.substr(0, end);
        out += ui.state.words.said(line).value_or(std::string(line));
        if (end == std::string_view::npos) break;
        out += '\n';
        printed.remove_prefix(end + 1);
    }
    return out;
}

std::string terminal_text(const Ui& ui) {
    const auto& transcript = ui.model().transcript;
    std::string out;
    std::size_t first = transcript.size() > terminal_entries ? transcript.size() - terminal_entries : 0;
    for (std::size_t i = first; i < transcript.size(); ++i) {
        out += "$ " + transcript[i].command + "\n" + transcript[i].result.out + errors_of(ui, transcript[i].result.err);
        if (!out.empty() && out.back() != '\n') out += "\n";
    }
    if (out.size() > terminal_bytes) out.erase(0, out.size() - terminal_bytes);
    return out;
}

std::string selection_text(const Ui& ui) {
    const app::Inspected& inspected = ui.model().inspected;
    if (!inspected.component.empty()) return inspected.component;
    const sim::ObjectRef& object = inspected.object;
    if (object.name.empty()) return {};
    return object.resource + " " + (object.namespace_name.empty() ? "" : object.namespace_name + "/") + object.name;
}

// The shown request as words: each hop with the packet and the rule that decided.
std::string request_text(const Ui& ui) {
    const app::Model& model = ui.model();
    if (model.request < 0 || model.request >= static_cast<int>(model.requests.size())) return {};
    const app::SentRequest& sent = model.requests[static_cast<std::size_t>(model.request)];
    std::string out = sent.title + " – " + std::string(outcome_word(ui, model.outcome)) + "\n";
    if (!sent.trace || model.connection >= static_cast<int>(sent.trace->connections.size())) return out;
    const net::Connection& connection = sent.trace->connections[static_cast<std::size_t>(model.connection)];
    for (const auto* hops : {&connection.request, &connection.reply}) {
        for (const net::Hop& hop : *hops) {
            out += hop.node + " " + hop.at + ": " + hop.in.source.text() + " → " + hop.in.destination.text();
            if (!(hop.in == hop.out)) out += " ⇒ " + hop.out.source.text() + " → " + hop.out.destination.text();
            out += " " + hop.verdict + (hop.rule.empty() ? "" : " (" + hop.rule + ")") + "\n";
        }
    }
    return out;
}

// What the editor has to say about the text in it, line by line.
std::string problems_text(const Ui& ui) {
    std::string out;
    for (const cluster::ManifestProblem& problem : ui.model().problems)
        if (problem.nature != cluster::ManifestProblem::Nature::follows)
            out += std::to_string(problem.error.line) + ": " + ui.state.words.said(problem.error.message).value_or(problem.error.message) + "\n";
    for (const cluster::ManifestHint& hint : ui.model().hints)
        out += std::to_string(hint.line) + ": " + ui.state.words.format("hint." + hint.id, hint.args) + "\n";
    for (const std::string& line : ui.model().apply_lines) out += line + "\n";
    return out;
}

}  // namespace

void Mirror::send(Ui& ui, app::MirrorPart part, std::string text) {
    std::string& sent = sent_[static_cast<std::size_t>(part)];
    if (sent == text) return;
    ui.state.platform().mirror(part, text);
    sent = std::move(text);
}

// Buttons of the page's twin, so that whoever cannot see the canvas can press what is on it. Made anew when things
// have come to rest: a list that changes with each frame could not be read.
void Mirror::send_controls(Ui& ui) {
    constexpr double rest_s = 0.4;
    if (ui.now - controls_at_ < rest_s) {
        ui.wake_in(rest_s - (ui.now - controls_at_) + 0.01);
        return;
    }
    controls_at_ = ui.now;
    api::Value list = api::Value::array();
    for (const Item& item : ui.items.items())
        if (item.visible && item.id != 0 && !item.label.empty()) list.push_back(api::Value::array({item.path, item.label}));
    controls_pending_ = false;
    send(ui, app::MirrorPart::controls, api::to_json(list));
}

std::string Mirror::lesson_for_print(const Ui& ui) {
    const app::LessonView& lesson = ui.model().lesson;
    if (!lesson.open()) return {};
    std::string out = "<p>" + html_text(lesson.part) + "</p><h1>" + html_text(plain(rich(lesson.title))) + "</h1>";
    int number = 0;
    for (const app::LessonStepTitle& step : lesson.outline) {
        out += "<section><h2>" + std::to_string(++number) + ". " + html_text(plain(rich(step.title))) + "</h2>" + html_markdown(step.body);
        for (const app::LessonQuestion& asked : step.predictions) {
            out += "<div class=\"question\">" + html_markdown(ui.state.words.format("lesson.prediction", {std::string(ui.t("lesson.predict")), asked.question})) + "<ul class=\"choices\">";
            for (const std::string& choice : asked.choices) out += "<li>" + html_markdown(choice) + "</li>";
            out += "</ul></div>";
        }
        if (!step.tasks.empty()) {
            out += "<ul class=\"tasks\">";
            for (const std::string& task : step.tasks) out += "<li>" + html_markdown(task) + "</li>";
            out += "</ul>";
        }
        out += "</section>";
    }
    return out;
}

void Mirror::update(Ui& ui) {
    if (ui.items.changed()) controls_pending_ = true;
    if (controls_pending_) send_controls(ui);
    int play = static_cast<int>(ui.state.play);
    if (revision_ == ui.model().revision && language_ == ui.state.words.language() && play_ == play &&
        toast_ == ui.state.toast)
        return;
    revision_ = ui.model().revision;
    language_ = ui.state.words.language();
    play_ = play;
    toast_ = ui.state.toast;
    const app::LessonView& lesson = ui.model().lesson;
    send(ui, app::MirrorPart::title, lesson.open() ? "KubeWalk – " + plain(rich(lesson.title)) : "KubeWalk");
    send(ui, app::MirrorPart::lesson, lesson_html(ui));
    send(ui, app::MirrorPart::tasks, tasks_json(ui));
    send(ui, app::MirrorPart::terminal, terminal_text(ui));
    std::string selection = selection_text(ui);
    for (const std::string& more : {problems_text(ui), request_text(ui)})
        if (!more.empty()) selection += (selection.empty() ? "" : "\n") + more;
    send(ui, app::MirrorPart::selection, std::move(selection));
    // The clock is left out while it runs: nobody wants it read out ten times a second.
    std::string status(ui.t(ui.state.playing() ? "status.playing" : "status.paused"));
    if (!ui.state.playing()) status += " " + to_clock(ui.model().now);
    if (!toast_.empty()) status += " – " + toast_;
    send(ui, app::MirrorPart::status, std::move(status));
}

}  // namespace kubewalk::ui
