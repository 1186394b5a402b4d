#include "web/app/state.h"

#include <algorithm>
#include <map>
#include <utility>

#include "core/api/json.h"
#include "core/base/text.h"
#include "core/lesson/pack.h"
#include "kubewalk/embedded.h"
#include "web/app/language_pack.h"

namespace kubewalk::app {

namespace {

// Simulation work per frame stays below this, so that the page answers at once.
constexpr double frame_budget_s = 0.008;
// A tab that slept does not catch up for longer than this.
constexpr double longest_frame_s = 0.1;
constexpr double toast_s = 3.0, letters_per_s = 25;  // a longer notice stands longer

constexpr std::string_view settings_key = "kubewalk.settings";
constexpr std::string_view language_key = "kubewalk.language";  // boot.js reads it
// So long a language may be on its way before that is said.
constexpr double language_patience_s = 0.6;

struct Deadline {
    Platform* platform;
    double at;
};

bool past(void* context) {
    const auto* deadline = static_cast<const Deadline*>(context);
    return deadline->platform->now() >= deadline->at;
}

double reading_s(std::string_view text) {
    return toast_s + static_cast<double>(text.size()) / letters_per_s;
}

bool changes_the_cluster(ActionKind kind) {
    return kind == ActionKind::run_command || kind == ActionKind::apply_manifest || kind == ActionKind::run_solution ||
           kind == ActionKind::stop_component || kind == ActionKind::end_input || kind == ActionKind::finish_edit || kind == ActionKind::start_component || kind == ActionKind::fault;
}

}  // namespace

void State::load() {
    settings.language = platform_.language().rfind("zh", 0) == 0 ? "zh-CN" : "en";
    if (auto text = platform_.load(settings_key)) load_settings(*text, settings);
    address = parse_address(platform_.address(), platform_.fragment());
    if (!address.language.empty()) settings.language = address.language;
    if (!address.theme.empty()) settings.theme = address.theme == "light" ? ThemeChoice::light : ThemeChoice::dark;
    if (address.view) settings.view = *address.view;
    if (!address.scenario.empty() && address.lesson.empty()) settings.mode = Mode::sandbox;
    if (!address.lesson.empty()) settings.mode = Mode::learn;
    presenting = address.present;
    simplifications = parse_simplifications(embedded::find("assets/simplifications.json"));
    saved_ = settings;
    set_language(settings.language);
}

void State::save() {
    // A picture in somebody's blog leaves nothing behind.
    if (address.embed) return;
    if (!(settings == saved_)) {
        saved_ = settings;
        if (!platform_.store(settings_key, save_settings(settings))) say_once_that_nothing_is_kept();
    }
    if (backend_ && model.lesson.open()) {
        std::string progress = backend_->save_progress();
        if (!progress.empty() && progress != saved_progress_) {
            // A lesson that has only been opened is nothing to lose: who is told then has forgotten it when there is.
            const bool begins = std::exchange(saved_lesson_, model.lesson.slug) != model.lesson.slug;
            saved_progress_ = progress;
            if (!shelf.keep_progress(model.lesson.slug, progress) && !begins) say_once_that_nothing_is_kept();
        }
    }
}

void State::say_once_that_nothing_is_kept() {
    if (store_failed_) return;
    store_failed_ = true;
    notify(std::string(t("store.full")));
}

bool State::light() const {
    return settings.theme == ThemeChoice::light || (settings.theme == ThemeChoice::system && light_);
}

void State::keep_cluster(std::string_view name) {
    std::string session = backend_ ? backend_->save_session() : std::string();
    if (shelf.keep(name, session))
        notify(words.format("clusters.kept", {std::string(name)}));
    else
        notify(std::string(t(session.empty() ? "clusters.none" : "store.full")));
}

void State::export_all() {
    std::vector<std::string> lessons;
    for (const CoursePart& part : model.course)
        for (const LessonTitle& lesson : part.lessons) lessons.push_back(lesson.slug);
    platform_.download("kubewalk.json", "application/json", shelf.export_all(save_settings(settings), lessons));
}

void State::import_all(std::string_view text) {
    Shelf::Imported got = shelf.import_all(text);
    if (!got.ok) return notify(std::string(t("import.wrong")));
    load_settings(got.settings, settings);
    set_language(settings.language);
    notify(got.complete ? words.format("import.done", {std::to_string(got.lessons), std::to_string(got.clusters)})
                        : std::string(t("store.full")));
    // Titles and progress are read anew.
    if (backend_) queue(ActionKind::refresh_course);
}

void State::hand_in() {
    std::string file = backend_ ? backend_->completion_file() : std::string();
    if (file.empty()) return notify(std::string(t("hand_in.nothing")));
    platform_.download("kubewalk-completion.json", "application/json", file);
}

void State::record_lesson() {
    auto pack = backend_ ? backend_->recorded_lesson() : Result<std::string>(Error{});
    if (!pack.ok()) return notify(std::string(t("record.nothing")));
    platform_.download("my-lesson.json", "application/json", pack.value());
}

// A lesson pack may come from anybody; lesson::parse_pack bounds it.
void State::open_pack(std::string_view text, std::string wanted) {
    auto first = backend_ ? backend_->open_pack(text) : Result<std::string>(Error{});
    if (!first.ok()) return notify(words.format("pack.wrong", {first.error().message}));
    // In the sandbox, or with the panel folded, nobody would see it.
    settings.mode = Mode::learn;
    settings.layout.left_folded = false;
    queue(ActionKind::open_lesson, wanted.empty() ? first.take() : std::move(wanted));
    queue(ActionKind::refresh_course);
}

// A teacher's folder: the lesson that is open stays open, at its step, with what was changed.
void State::open_folder(std::string_view name, std::string_view content) {
    std::map<std::string, std::string> texts;
    const auto listing = api::parse_json(content);
    if (listing.ok())
        for (const auto& [path, text] : listing.value().members()) texts.emplace(path, text.str());
    const auto pack = lesson::pack_of_folder(name, texts);
    if (!pack.ok()) return notify(words.format("pack.wrong", {pack.error().message}));
    const std::string& open = model.lesson.slug;
    open_pack(pack.value(), texts.contains(cat(open, "/lesson.json")) ? open : std::string());
}

// What was chosen in a dialog or dropped on the page: our own files are taken in, all else is a manifest.
void State::take_files() {
    while (auto file = platform_.given_file()) {
        if (file->name.ends_with('/')) {
            open_folder(std::string_view(file->name).substr(0, file->name.size() - 1), file->content);
            continue;
        }
        bool ours = file->name.ends_with(".json") && file->content.find("\"kubewalk\"") != std::string::npos;
        if (ours && lesson::is_pack(file->content))
            open_pack(file->content);
        else if (ours)
            import_all(file->content);
        else
            files.push_back(std::move(*file));
    }
    if (!files.empty()) inspector = InspectorTab::manifest;
}

void State::set_language(std::string_view language) {
    settings.language = std::string(language);
    if (!address.embed) platform_.store(language_key, language);
    chosen_at_ = platform_.now();
    awaited_ = Awaited::nothing;
    follow_language();
}

void State::follow_language() {
    const std::string& wanted = settings.language;
    const Awaited before = std::exchange(awaited_, Awaited::nothing);
    if (words.language() != wanted && !words.knows(wanted)) {
        const PackState pack = take_language(platform_, wanted, words, simplifications);
        if (pack == PackState::missing) {
            awaited_ = Awaited::missing;
            if (before != Awaited::missing) notify(std::string(t("language.missing")));
        } else if (pack == PackState::coming) {
            // Once it has been missing, it is tried again in silence.
            awaited_ = before == Awaited::missing ? Awaited::missing : Awaited::coming;
            if (awaited_ == Awaited::coming && platform_.now() - chosen_at_ > language_patience_s) notify(std::string(t("language.coming")));
        }
    }
    if (awaited_ == Awaited::nothing && words.language() != wanted) {
        if (before != Awaited::nothing) toast.clear();  // what it said is over
        words.select(wanted);
    }
    if (page_language_ != words.language()) platform_.set_page_language(page_language_ = words.language());
}

void State::notify(std::string text) {
    toast = std::move(text);
    toast_until = platform_.now() + reading_s(toast);
}

Needs State::needs() const {
    return {words.language(), settings.view, inspector, bottom, probes};
}

bool State::busy() const {
    return !queue_.empty() || playing() || (backend_ && backend_->dirty());
}

void State::apply(const Action& action) {
    switch (action.kind) {
    case ActionKind::play:
        play = Play::playing;
        return;
    case ActionKind::pause:
        play = Play::paused;
        return;
    case ActionKind::settle:
        play_until_settled();
        return;
    case ActionKind::set_speed:
        settings.speed = std::clamp(action.number, 0.1, 100.0);
        return;
    case ActionKind::select_step:
        step = static_cast<int>(action.number);
        return;
    case ActionKind::step_forward:
    case ActionKind::step_back:
    case ActionKind::next_change:
    case ActionKind::previous_change:
    case ActionKind::return_to:
    case ActionKind::to_start:
    case ActionKind::seek:
        returned_ = returned_ || action.kind == ActionKind::return_to;
        play = Play::paused;
        break;
    case ActionKind::send_request:
    case ActionKind::select_connection:
    case ActionKind::select_trace:
    case ActionKind::trace_probe:
        step = 0;
        break;
    case ActionKind::select_call:
        inspector = InspectorTab::requests;
        break;
    default:
        break;
    }
    if (backend_) {
        backend_->filter_events(events);
        backend_->apply(action, model);
    }
    // Whoever changed something wants to see what comes of it; it stops by itself.
    if (changes_the_cluster(action.kind) && play != Play::playing) play_until_settled();
}

// As long as cluster::Session::settle waits: what is still tried then (an image that cannot be pulled) is tried for ever.
void State::play_until_settled() {
    play = Play::until_settled;
    settle_by_ = model.now + minutes(10);
}

// Whoever does something in the past is told that nothing was lost by it.
void State::follow_branches() {
    const std::uint64_t newest = model.branches.empty() ? 0 : model.branches.back().id;
    const bool parted = newest > branch_ && branches_of_ == model.session && !returned_;
    branch_ = newest;
    branches_of_ = model.session;
    returned_ = false;
    if (parted) notify(std::string(t("time.branched")));
}

void State::tick() {
    double now = platform_.now();
    double elapsed = last_tick_ < 0 ? 0 : std::clamp(now - last_tick_, 0.0, longest_frame_s);
    last_tick_ = now;

    light_ = platform_.prefers_light();
    take_files();
    follow_language();
    std::vector<Action> actions;
    actions.swap(queue_);
    for (const Action& action : actions) apply(action);

    if (backend_ && play != Play::paused && !model.loading) {
        debt_s_ = std::min(debt_s_ + elapsed * settings.speed, longest_frame_s * settings.speed);
        Deadline deadline{&platform_, platform_.now() + frame_budget_s};
        std::int64_t due = static_cast<std::int64_t>(debt_s_ * 1e9);
        if (due > 0) {
            Time before = model.now;
            backend_->advance(Duration{due}, past, &deadline, model);
            debt_s_ = std::max(0.0, debt_s_ - (model.now - before).seconds());
        }
        if (play == Play::until_settled && (backend_->settled() || model.now >= settle_by_)) play = Play::paused;
    } else {
        debt_s_ = 0;
    }

    Needs wanted = needs();
    bool changed = wanted.language != shown_.language || wanted.view != shown_.view ||
                   wanted.inspector != shown_.inspector || wanted.bottom != shown_.bottom || wanted.probes != shown_.probes;
    if (backend_ && (backend_->dirty() || changed)) {
        backend_->refresh(model, wanted);
        shown_ = wanted;
        // Another cluster begins as every one does: at rest.
        if (std::exchange(session_, model.session) != model.session && play == Play::playing) play = Play::paused;
        // What kubectl edit opens is in the editor, so that comes to the front.
        if (model.editing && !editing_) {
            inspector = InspectorTab::manifest;
            settings.layout.right_folded = false;
        }
        editing_ = model.editing.has_value();
        follow_branches();
        int last = static_cast<int>(model.traffic.steps.size()) - 1;
        step = std::clamp(step, 0, std::max(0, last));
    }
    // What is said while the page is starting is read when it has started.
    if (model.loading) toast_until = now + reading_s(toast);
    if (!toast.empty() && now >= toast_until) toast.clear();
    save();
}

}  // namespace kubewalk::app
