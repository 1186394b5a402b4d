#include "web/app/session_backend.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include <kubewalk/embedded.h>

#include "core/api/json.h"
#include "core/base/text.h"
#include "core/cluster/cluster.h"
#include "core/cluster/script.h"
#include "core/cluster/manifest.h"
#include "core/cluster/manifest_compare.h"
#include "core/cluster/repeat.h"
#include "core/lesson/completion.h"
#include "core/lesson/pack.h"
#include "core/lesson/recorder.h"
#include "core/lesson/replay.h"
#include "core/lesson/course.h"
#include "core/view/mention.h"
#include "web/app/address.h"
#include "web/app/lesson_store.h"
#include "web/app/lesson_view.h"
#include "web/app/lookups.h"
#include "web/app/scenarios.h"
#include "web/app/inspection.h"
#include "web/app/traffic_log.h"
#include "web/app/share.h"
#include "web/app/shelf.h"
#include "web/app/strings.h"
#include "web/app/terminal_queue.h"
#include "web/app/time_marks.h"

namespace kubewalk::app {

namespace {

// Time passes in pieces of this length, so that a frame can end when its budget is used up.
constexpr Duration slice = milliseconds(10);
// The heavy snapshots are made anew this often while time runs.
constexpr double refresh_s = 1.0 / 25;
constexpr double rest_per_refresh = 8;
// Of a frame, for checking the editor's text.
constexpr double check_s = 0.003;
// Sent at once; each is followed hop by hop.
constexpr int most_requests = 100;


constexpr std::string_view last_lesson_key = "kubewalk.lesson";

class SessionBackend final : public Backend {
public:
    explicit SessionBackend(Platform& platform) : platform_(platform), shelf_(platform), lessons_(platform) {}

    void apply(const Action& action, Model& model) override;
    bool advance(Duration amount, bool (*out_of_time)(void*), void* context, Model& model) override;
    bool settled() const override;
    void refresh(Model& model, const Needs& needs) override;
    bool dirty() const override { return dirty_ || checking_ || !session_ || lessons_.news(); }
    bool command_running() const override { return session_ && (session_->busy(queue_.shown()) || queue_.waiting(queue_.shown())); }
    cluster::ManifestComparison compare(std::string_view text, int document) const override {
        return session_ ? cluster::compare_manifest(session_->cluster(), text, document) : cluster::ManifestComparison{};
    }
    std::vector<std::string> complete(std::string_view line) const override {
        return session_ ? session_->complete(line, queue_.shown()) : std::vector<std::string>();
    }
    sim::ObjectRef mentioned(std::string_view word, std::string_view line, std::string_view command) const override {
        return session_ ? view::mentioned_object(session_->cluster(), word, line, command) : sim::ObjectRef{};
    }
    cluster::Completion complete_manifest(std::string_view text, std::size_t caret) override {
        if (!session_) return {};
        fetch_documentation();
        return cluster::complete_manifest(session_->cluster(), text, caret);
    }
    cluster::FieldHelp explain_field(std::string_view text, std::size_t offset) override {
        if (!session_) return {};
        fetch_documentation();
        return cluster::explain_field(session_->cluster(), text, offset);
    }
    std::string completion_file() const override;
    Result<std::string> recorded_lesson() const override;
    Result<std::string> open_pack(std::string_view text) override;
    std::string save_progress() const override { return progress_ ? progress_->save() : std::string(); }
    void filter_events(EventMask events) override { events_ = events; }
    std::string share() const override { return session_ ? encode_share(shared(), ShareBound::link) : std::string(); }
    std::string save_session() const override { return session_ ? encode_share(shared(), ShareBound::none) : std::string(); }

private:
    Shared shared() const { return {session_->options(), progress_ ? progress_->lesson().slug : std::string(), session_->actions(), session_->now()}; }
    bool fetch_lessons();
    std::string wanted_lesson() const;
    void fetch_documentation();
    void start(cluster::Options options, Model& model);
    void start(std::unique_ptr<cluster::Session> session, Model& model);
    void open_lesson(std::string_view slug, Model& model);
    // The first terminal whose command waits for the editor.
    std::optional<std::size_t> editing_terminal() const;
    void finish_edit(const std::optional<std::string>& text);
    void go_on_checking(Model& model);
    void fill_transcript(Model& model);
    void open_scenario(std::string_view id, Model& model);
    void open_session(const Shared& shared, Model& model);
    void begin_as_addressed(Model& model);
    void return_to(std::uint64_t branch, Model& model);
    cluster::EventFilter change_filter(const Model& model) const;
    void act(const Action& action, Model& model);

    Platform& platform_;
    Shelf shelf_;
    std::unique_ptr<cluster::Session> session_;
    LessonStore lessons_;
    std::optional<lesson::Progress> progress_;
    TerminalQueue queue_;
    std::uint64_t transcript_mark_ = 0;
    std::string scenario_;
    std::string language_;         // that the lessons were asked for
    std::string course_language_;  // of the titles in the Model; "" when they must be made anew
    bool dirty_ = true;
    bool looked_ = false;       // the first refresh only says that the cluster is starting
    double refreshed_at_ = -1;
    double refresh_cost_s_ = 0;  // of the last one
    TrafficLog traffic_;
    Inspection inspection_;
    EventMask events_ = all_events;
    TimeMarks marks_;
    api::Value documentation_;
    // Of the editor's text, as long as it takes: first what is wrong, then what may not be meant.
    struct Checking {
        explicit Checking(std::string text) : check(std::move(text)), hinter(check.manifest()) {}
        cluster::ManifestCheck check;
        cluster::ManifestHinter hinter;
        bool checked = false;
    };
    std::unique_ptr<Checking> checking_;
};

// -- lessons ------------------------------------------------------------------------------------------

// False while they are on their way.
bool SessionBackend::fetch_lessons() {
    const bool before = lessons_.complete();
    if (!lessons_.fetch()) return false;
    if (!before) course_language_.clear();
    return true;
}

// The course's lesson that the page begins with: what the address asks for, else where the learner was.
std::string SessionBackend::wanted_lesson() const {
    const Address address = parse_address(platform_.address(), platform_.fragment());
    if (const auto shared = decode_share(address.shared, ShareBound::link)) return shared->lesson;
    if (!address.lesson.empty()) return address.lesson;
    if (find_scenario(address.scenario)) return {};
    return platform_.load(last_lesson_key).value_or(std::string());
}

// The fields' texts are large: the page fetches them when they are wanted first, and all clusters share them.
void SessionBackend::fetch_documentation() {
    if (session_->cluster().has_documentation()) return;
    if (documentation_.is_null())
        if (auto file = platform_.site_file("schema/kubernetes-docs.json"))
            if (!file->empty()) documentation_ = api::parse_json(*file).value_or(api::Value::object());
    if (!documentation_.is_null()) session_->cluster().set_documentation(documentation_);
}

void SessionBackend::open_lesson(std::string_view slug, Model& model) {
    const lesson::Lesson* found = lessons_.find(slug);
    if (!found) return;
    auto opened = lesson::open_lesson(*found);
    if (!opened.ok()) return;  // `kubewalk lessons check` says why
    progress_.emplace(*found);
    start(opened.take(), model);
    if (auto kept = platform_.load("kubewalk.progress." + std::string(slug))) {
        // What was kept may be of an older release; then the lesson begins anew.
        if (!progress_->load(*kept).ok()) progress_.emplace(*found);
    }
    progress_->update(*session_);
    platform_.store(last_lesson_key, slug);
}

// -- for teachers ---------------------------------------------------------------------------------------

std::string SessionBackend::completion_file() const {
    if (!progress_ || lesson::sitting(*progress_, *session_).is_null()) return {};
    return lesson::completion(*progress_, *session_, {});
}

Result<std::string> SessionBackend::recorded_lesson() const {
    if (!session_) return Error{"NotFound", "there is no cluster yet", {}, 0, 0};
    KUBEWALK_TRY(files, lesson::record_lesson(*session_, progress_ ? &progress_->lesson() : nullptr));
    return lesson::make_pack({{"my-lesson", files}}, {});
}

Result<std::string> SessionBackend::open_pack(std::string_view text) {
    KUBEWALK_TRY(pack, lesson::parse_pack(text));
    const auto order = pack.course.order();
    if (order.empty()) return Error{"Invalid", "the pack holds no lesson", {}, 0, 0};
    // The open lesson refers to what may be replaced now; the first of the pack is opened next.
    progress_.reset();
    lessons_.add(std::move(pack));
    course_language_.clear();
    return order.front();
}

// -- the session --------------------------------------------------------------------------------------

void SessionBackend::start(cluster::Options options, Model& model) {
    start(std::make_unique<cluster::Session>(std::move(options)), model);
}

void SessionBackend::start(std::unique_ptr<cluster::Session> session, Model& model) {
    session_ = std::move(session);
    queue_.reset();
    scenario_.clear();
    traffic_.reset(model);
    inspection_.reset();
    marks_.reset(*session_, model);
    checking_.reset();
    model.inspected = {};
    model.problems.clear();
    model.hints.clear();
    model.failure = session_->cluster().failure() ? session_->cluster().failure()->message : std::string();
    ++model.session;
    model.loading = false;
    dirty_ = true;
}

std::optional<std::size_t> SessionBackend::editing_terminal() const {
    for (std::size_t terminal = 0; terminal < session_->terminals(); ++terminal)
        if (session_->editing(terminal)) return terminal;
    return std::nullopt;
}

void SessionBackend::finish_edit(const std::optional<std::string>& text) {
    const auto terminal = editing_terminal();
    if (!terminal) return;
    session_->finish_edit(text, *terminal);
}

void SessionBackend::act(const Action& action, Model& model) {
    const Time before = session_->now();
    switch (action.kind) {
    case ActionKind::run_command:
        if (action.text.find("explain") != std::string::npos) fetch_documentation();
        queue_.take_line(*session_, action.text);
        break;
    case ActionKind::end_input:
        session_->end_input(queue_.shown());
        break;
    case ActionKind::finish_edit:
        finish_edit(action.number > 0 ? std::optional(action.text) : std::nullopt);
        break;
    case ActionKind::run_solution:
        if (progress_)
            for (const lesson::Step& step : progress_->lesson().steps)
                for (const lesson::Task& task : step.tasks)
                    if (task.id == action.text) queue_.enqueue(join(task.solution, "\n"));
        break;
    case ActionKind::interrupt: {
        std::string echoed;
        for (const std::string& line : queue_.typed_ahead()) echoed += line + "\n";
        queue_.forget();
        session_->interrupt(queue_.shown(), echoed + action.text);
        break;
    }
    case ActionKind::apply_manifest: {
        cluster::ApplyResult result = session_->apply(action.text);
        model.apply_ok = result.ok;
        model.apply_lines = result.lines;
        model.problems = std::move(result.problems);
        model.warnings = std::move(result.warnings);
        model.checked_text = action.text;
        ++model.applies;
        break;
    }
    case ActionKind::refresh_checks: checking_ = std::make_unique<Checking>(action.text); break;  // the refresh of this frame begins
    case ActionKind::show_terminal:
        queue_.show(static_cast<std::size_t>(std::max(0.0, action.number)));
        break;
    case ActionKind::send_request: {
        int count = std::clamp(static_cast<int>(action.number), 1, most_requests);
        traffic_.begin_batch(count);
        for (int i = 0; i < count; ++i) {
            auto sent = session_->trace(action.text, action.text2);
            model.request_error = sent.ok() ? Error{} : sent.error();
            if (!sent.ok()) break;
        }
        break;
    }
    case ActionKind::trace_probe: traffic_.follow_probe(*session_, static_cast<int>(action.number), model); break;
    case ActionKind::pin_trace: traffic_.pin(model); break;
    case ActionKind::fault:
        (void)session_->fault(action.text).ok();
        break;
    case ActionKind::stop_component:
    case ActionKind::start_component:
        (void)session_->set_component_running(action.text, action.kind == ActionKind::start_component).ok();
        break;
    case ActionKind::to_start: session_->seek(Time{}); break;
    case ActionKind::step_forward:
    case ActionKind::step_back: {
        cluster::EventFilter filter;
        filter.kinds = kinds_of(events_);
        if (action.kind == ActionKind::step_forward)
            session_->step_forward(filter);
        else
            session_->step_back(filter);
        break;
    }
    case ActionKind::next_change: session_->step_forward(change_filter(model)); break;
    case ActionKind::previous_change: session_->step_back(change_filter(model)); break;
    case ActionKind::return_to: return_to(static_cast<std::uint64_t>(action.number), model); break;
    case ActionKind::seek: session_->seek(Time{static_cast<std::int64_t>(action.number * 1e9)}); break;
    case ActionKind::lesson_step:
        if (progress_) progress_->go_to(std::clamp(static_cast<int>(action.number), 0, static_cast<int>(progress_->lesson().steps.size()) - 1));
        break;
    case ActionKind::predict:
        if (progress_) progress_->predict(action.text, action.text2);
        break;
    case ActionKind::select_object:
    case ActionKind::select_call:
    case ActionKind::select_component:
    case ActionKind::select_node: inspection_.choose(action, model); break;
    case ActionKind::clear_selection: model.inspected = {}; break;
    case ActionKind::select_connection: model.connection = static_cast<int>(action.number); break;
    case ActionKind::select_trace:
        model.request = std::clamp(static_cast<int>(action.number), -1, static_cast<int>(model.requests.size()) - 1);
        model.connection = 0;
        break;
    default: break;
    }
    if (session_->now() < before || action.kind == ActionKind::return_to) queue_.forget_all();
    queue_.pump(*session_);
}

// The next change of the selected object, or what the selected component does next.
cluster::EventFilter SessionBackend::change_filter(const Model& model) const {
    cluster::EventFilter filter;
    filter.object = model.inspected.object;
    filter.changes = !filter.object.name.empty();
    if (filter.object.name.empty()) filter.component = model.inspected.component;
    return filter;
}

void SessionBackend::return_to(std::uint64_t branch, Model& model) {
    if (session_->return_to(branch)) traffic_.forget_seen(model);
}

void SessionBackend::apply(const Action& action, Model& model) {
    dirty_ = true;
    refreshed_at_ = -1;
    course_language_.clear();
    switch (action.kind) {
    case ActionKind::open_lesson: open_lesson(action.text, model); return;
    case ActionKind::start_scenario: open_scenario(action.text, model); return;
    case ActionKind::open_cluster:
        if (auto kept = decode_share(shelf_.cluster(action.text), ShareBound::none)) open_session(*kept, model);
        return;
    case ActionKind::refresh_course:
    default: break;
    }
    if (!session_) return;
    if (action.kind == ActionKind::reset_cluster) {
        if (progress_)
            open_lesson(std::string(progress_->lesson().slug), model);
        else
            start(session_->options(), model);
        return;
    }
    act(action, model);
    if (progress_) progress_->update(*session_);
}

bool SessionBackend::advance(Duration amount, bool (*out_of_time)(void*), void* context, Model& model) {
    if (!session_) return false;
    Time until = session_->now() + amount;
    while (session_->now() < until && !out_of_time(context)) {
        session_->advance(std::min(slice, until - session_->now()));
        queue_.pump(*session_);
    }
    model.now = session_->now();
    dirty_ = true;
    return true;
}

bool SessionBackend::settled() const {
    if (!session_) return false;
    for (std::size_t terminal = 0; terminal < queue_.size(); ++terminal)
        if ((session_->busy(terminal) && !session_->prompt(terminal) && !session_->editing(terminal)) || queue_.waiting(terminal)) return false;
    return session_->now() >= session_->known_until() &&
           session_->cluster().simulation().settled();
}

// -- the Model ------------------------------------------------------------------------------------------

// A long text takes several frames; what was found before stays in sight until all is known.
void SessionBackend::go_on_checking(Model& model) {
    if (!checking_) return;
    cluster::ManifestCheck& check = checking_->check;
    const double until = platform_.now() + check_s;
    bool more = true;
    while (more && platform_.now() < until) {
        if (!checking_->checked)
            checking_->checked = !check.step(session_->cluster());
        else
            more = checking_->hinter.step(session_->cluster());
    }
    if (more) return;
    cluster::ApplyResult result = check.take();
    model.problems = std::move(result.problems);
    model.warnings = std::move(result.warnings);
    model.hints = checking_->hinter.take();
    model.checked_text = check.manifest();
    checking_.reset();
    ++model.revision;
}

// Copied only when something was printed: a long watch must not cost each frame.
void SessionBackend::fill_transcript(Model& model) {
    const auto& printed = session_->transcript(queue_.shown());
    std::uint64_t mark = model.session * 31 + queue_.shown();
    auto mix = [&mark](std::uint64_t value) { mark = (mark ^ value) * 1099511628211ull; };
    for (const cluster::TranscriptEntry& entry : printed) {
        mix(static_cast<std::uint64_t>(entry.at.ns));
        mix(entry.command.size());
        mix(entry.result.out.size());
        mix(entry.result.err.size() * 2 + (entry.finished ? 1 : 0));
    }
    // A screen that `watch` paints anew is often as long as the one before it.
    constexpr std::size_t longest_screen = 1 << 16;
    if (!printed.empty() && printed.back().result.out.size() < longest_screen) mix(std::hash<std::string>{}(printed.back().result.out));
    model.terminal = static_cast<int>(queue_.shown());
    model.prompt = session_->prompt(queue_.shown());
    model.typed_ahead = queue_.typed_ahead();
    const auto editing = editing_terminal();
    model.editing = editing ? session_->editing(*editing) : std::nullopt;
    model.terminals = static_cast<int>(std::max(queue_.size(), session_->terminals()));
    if (mark == transcript_mark_) return;
    transcript_mark_ = mark;
    model.transcript = printed;
    ++model.transcript_version;
}

void SessionBackend::open_scenario(std::string_view id, Model& model) {
    const Scenario* scenario = find_scenario(id);
    if (!scenario) return;
    progress_.reset();
    start(options_of(*scenario), model);
    scenario_ = scenario->id;
}

// Whoever let a cluster run for days after the last thing they did need not wait for all of that again.
constexpr Duration longest_rest = minutes(10);

void SessionBackend::open_session(const Shared& shared, Model& model) {
    if (lessons_.find(shared.lesson)) {
        open_lesson(shared.lesson, model);
    } else {
        progress_.reset();
        start(shared.options, model);
    }
    cluster::repeat(*session_, shared.actions, shared.limit);
    if (!shared.until)
        cluster::finish_commands(*session_, shared.limit);
    else if (const Time until = std::min(*shared.until, session_->now() + longest_rest); until > session_->now())
        session_->advance(until - session_->now());
    queue_.grow(session_->terminals());
}

// The first cluster: what the address asks for, else the lesson that comes next.
void SessionBackend::begin_as_addressed(Model& model) {
    const Address address = parse_address(platform_.address(), platform_.fragment());
    const auto order = lessons_.course().order();
    if (auto shared = decode_share(address.shared, ShareBound::link)) {
        open_session(*shared, model);
    } else if (lessons_.find(address.lesson)) {
        open_lesson(address.lesson, model);
        if (address.step > 0) progress_->go_to(address.step - 1);
    } else if (find_scenario(address.scenario)) {
        open_scenario(address.scenario, model);
    } else if (auto last = platform_.load(last_lesson_key); last && lessons_.find(*last)) {
        open_lesson(*last, model);
    } else if (!order.empty() && lessons_.find(order.front())) {
        open_lesson(order.front(), model);
    } else {
        start(cluster::Options{}, model);
    }
    if (!address.from.empty() && !address.to.empty()) act({ActionKind::send_request, address.from, address.to, 0, {}}, model);
}

void SessionBackend::refresh(Model& model, const Needs& needs) {
    if (std::exchange(language_, needs.language) != needs.language) lessons_.translate(needs.language);
    if (!session_) {
        // One frame says that the cluster is starting; the next one starts it.
        model.course = course_view(lessons_.course(), lessons_.lessons(), shelf_, needs.language);
        if (!looked_) {
            looked_ = true;
            ++model.revision;
            return;
        }
        // A lesson that is still on its way is waited for.
        if (const std::string wanted = wanted_lesson(); lessons_.course().part_of(wanted) && !lessons_.find(wanted) && !fetch_lessons()) return;
        begin_as_addressed(model);
    } else if (!lessons_.complete()) {
        const std::size_t before = lessons_.lessons().size();
        if (fetch_lessons() && lessons_.lessons().size() > before) dirty_ = true;
    }
    go_on_checking(model);
    model.now = session_->now();
    model.known_until = std::max(session_->known_until(), model.now);
    model.began_at = session_->began_at();
    // While time runs the eye needs no more than this; after an action everything is brought up to date.
    double now = platform_.now();
    // Snapshots of large clusters cost more, so they are made more rarely: a small share of the time goes there.
    if (refreshed_at_ >= 0 && now - refreshed_at_ < std::max(refresh_s, refresh_cost_s_ * rest_per_refresh)) {
        dirty_ = true;  // what is asked for now is owed: another tab may be open since
        return;
    }
    refreshed_at_ = now;
    dirty_ = false;
    if (progress_) progress_->update(*session_);
    model.architecture = view::architecture(*session_);
    marks_.fill(*session_, model);
    model.branches = session_->branches();
    traffic_.fill(*session_, model, needs);
    fill_lookups(*session_, model);
    fill_transcript(model);
    model.scenario = scenario_;
    if (needs.bottom == BottomTab::events) model.events = view::events(*session_);
    if (needs.bottom == BottomTab::api_calls) model.api_calls = view::api_calls(*session_);
    // Titles and progress: read anew after each action, not each frame.
    if (course_language_ != needs.language) {
        course_language_ = needs.language;
        model.course = course_view(lessons_.course(), lessons_.lessons(), shelf_, needs.language);
    }
    model.lesson = progress_ ? lesson_view(*progress_, lessons_.course(), needs.language) : LessonView{};
    inspection_.fill(*session_, model, needs);
    refresh_cost_s_ = platform_.now() - now;
    ++model.revision;
}

}  // namespace

std::unique_ptr<Backend> make_session_backend(Platform& platform) {
    return std::make_unique<SessionBackend>(platform);
}

void load_embedded_strings(Strings& strings) {
    constexpr std::string_view folder = "assets/strings/";
    for (const embedded::File& file : embedded::files()) {
        if (!file.path.starts_with(folder) || !file.path.ends_with(".json")) continue;
        for (std::string_view language : {"en", "zh-CN"})
            if (file.path.ends_with(cat("/", language, ".json")) || file.path.ends_with(cat(".", language, ".json")))
                strings.add(language, file.data);
    }
}

}  // namespace kubewalk::app
