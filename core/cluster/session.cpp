#include "core/cluster/session.h"

#include <algorithm>

#include "core/api/conversion.h"
#include "core/api/json.h"
#include "core/api/kinds.h"
#include "core/base/sha256.h"
#include "core/base/text.h"
#include "core/cluster/cluster.h"
#include "core/cluster/decision.h"
#include "core/cluster/faults.h"
#include "core/cluster/history.h"
#include "core/cluster/laptop.h"
#include "core/cluster/lookup.h"
#include "core/cluster/manifest.h"
#include "core/cluster/request.h"

namespace kubewalk::cluster {

namespace {

// A write that was accepted, or something a container runtime did.
bool changes_something(const sim::Log& log, std::size_t index) {
    if (log.kind(index) == sim::EntryKind::cri)
        return true;
    return log.kind(index) == sim::EntryKind::api_call && log.arg_count(index) >= 3 && log.arg(index, 0) != "GET" &&
           log.arg(index, 2).starts_with('2');
}

}  // namespace

bool EventFilter::passes(const sim::Log& log, std::size_t index) const {
    if (log.heartbeat(index) && !heartbeats)
        return false;
    if (!kinds.empty() && std::find(kinds.begin(), kinds.end(), log.kind(index)) == kinds.end())
        return false;
    if (!object.name.empty() && log.object(index) != sim::ObjectView(object))
        return false;
    if (changes && !changes_something(log, index))
        return false;
    const auto who = log.component(index);
    if (component.empty() || who == component)
        return true;
    return component.back() == '/' && who.starts_with(component);
}

// A decision of the scheduler's and the entry of the log that it is.
struct Explained {
    sim::Entry entry;
    scheduler::Decision decision;
};

struct Session::Impl {
    explicit Impl(Options chosen)
        : options(std::move(chosen)), cluster(options), beginning(cluster.simulation().log().size()), began(cluster.simulation().now()) {
        save_point();
    }

    sim::Simulation& simulation() { return cluster.simulation(); }

    Point point_now() const { return Point{cluster.simulation().checkpoint(), taken, terminals, requests}; }
    void save_point() { checkpoints.add(point_now()); }

    // Takes an action now. What was known of the future belongs to another history.
    void take(Action action) {
        drop_future();
        if (checkpoints.due(simulation()))
            save_point();
        action.at = simulation().now();
        action.step = simulation().steps() + 1;
        actions.push_back(std::move(action));
        perform(actions.back());
    }

    void perform(const Action& action) {
        simulation().wait_until(action.at);
        simulation().count_action();
        ++taken;
        sim::Simulation::CauseScope scope(simulation(), 0);
        switch (action.kind) {
            case Action::Kind::command: {
                Terminal& terminal = terminal_at(action.terminal);
                terminal.start(cluster, action.text, action.input);
                remember_sent(terminal);
                break;
            }
            case Action::Kind::interrupt: terminal_at(action.terminal).interrupt(cluster, action.text); break;
            case Action::Kind::type: terminal_at(action.terminal).type(cluster, action.text); break;
            case Action::Kind::end_input: terminal_at(action.terminal).end_input(cluster); break;
            case Action::Kind::edited:
                terminal_at(action.terminal).finish_edit(cluster, action.input == "saved" ? std::optional(action.text) : std::nullopt);
                break;
            case Action::Kind::apply: last_apply = apply_manifest(cluster, action.text); break;
            case Action::Kind::trace: {
                const auto space = action.text.find(' ');
                last_trace = trace_request(cluster, std::string_view(action.text).substr(0, space),
                                           std::string_view(action.text).substr(space + 1));
                if (last_trace.ok()) {
                    remember(last_trace.value().trace);
                    if (last_trace.value().outcome == net::Outcome::unresolved)
                        remember_unresolved(last_trace.value().trace, std::string_view(action.text).substr(space + 1));
                }
                break;
            }
            case Action::Kind::component:
                last_component = cluster.set_component_running(action.text, action.input == "on");
                break;
            case Action::Kind::fault: last_fault = apply_fault(cluster, action.text); break;
        }
    }

    // Each command of a line that sent something, as it did.
    void remember_sent(Terminal& terminal) {
        for (const auto& sent : terminal.take_sent()) {
            remember(sent.trace);
            if (!sent.unresolved.empty())
                remember_unresolved(sent.trace, sent.unresolved);
        }
    }

    void remember(const std::shared_ptr<const net::Trace>& trace) {
        if (trace)
            remember(requests_of(simulation().now(), trace));
    }

    // A request whose name led nowhere: nothing was dialled, only asked.
    void remember_unresolved(const std::shared_ptr<const net::Trace>& trace, std::string_view url) {
        RequestRecord record;
        record.at = simulation().now();
        record.from = trace && !trace->connections.empty() ? trace->connections.front().client_name : std::string();
        record.to = std::string(url);
        record.result.outcome = net::Outcome::unresolved;
        record.result.trace = trace;
        remember({std::move(record)});
    }

    void remember(std::vector<RequestRecord> records) {
        constexpr std::size_t most = 200;
        if (requests.use_count() > 1)  // a checkpoint has them too
            requests = std::make_shared<std::vector<RequestRecord>>(*requests);
        for (auto& record : records) {
            record.step = simulation().steps();
            requests->push_back(std::move(record));
        }
        if (requests->size() > most)
            requests->erase(requests->begin(), requests->end() - static_cast<std::ptrdiff_t>(most));
    }

    // One step of history at or before `limit`: a known action, a poll, or an event.
    bool step(Time limit) {
        auto& sim = simulation();
        if (taken < actions.size() && actions[taken].step == sim.steps() + 1) {
            if (actions[taken].at > limit)
                return false;
            perform(actions[taken]);
            return true;
        }
        Terminal& next = *std::min_element(terminals.begin(), terminals.end(), [](const Terminal& a, const Terminal& b) {
            return a.next_poll() < b.next_poll();
        });
        if (next.next_poll() <= std::min(limit, sim.next_event_at())) {
            sim.wait_until(next.next_poll());
            sim.count_action();
            sim::Simulation::CauseScope scope(sim, 0);
            next.poll(cluster);
            remember_sent(next);
            return true;
        }
        if (!sim.step(limit))
            return false;
        if (checkpoints.due(sim))
            save_point();
        return true;
    }

    void run_until(Time until) {
        while (step(until)) {
        }
        simulation().wait_until(until);
    }

    // What was known ahead of the present stays known, so that the scrubber can show it.
    void go_back_to(std::uint64_t step_count, Time time) {
        known_until = std::max(known_until, simulation().now());
        const Point* point = checkpoints.at_or_before(step_count, time);
        if (!point)
            return;
        restore(*point);
        while (simulation().steps() < step_count && step(time)) {
        }
        simulation().wait_until(time);
    }

    void drop_future() {
        const auto future = simulation().log().future();
        bool lost = taken < actions.size();
        for (std::size_t i = 0; i < future.size() && !lost; ++i)
            lost = !simulation().log().heartbeat(simulation().log().size() + i);
        if (lost)
            aside.put(actions, taken, simulation().now(), std::max(known_until, simulation().now()));
        simulation().forget_future();
        known_until = Time{};
        actions.resize(taken);
        checkpoints.drop_after(simulation().steps());
    }

    // Grows as terminals are used; the caller has seen to the bound.
    Terminal& terminal_at(std::size_t index) {
        if (index >= terminals.size())
            terminals.resize(index + 1);
        return terminals[index];
    }

    bool return_to(std::uint64_t id) {
        auto wanted = aside.take(id);
        if (!wanted)
            return false;
        // Both are one history up to the first action that differs.
        std::size_t common = 0;
        while (common < actions.size() && common < wanted->actions.size() && actions[common] == wanted->actions[common])
            ++common;
        std::uint64_t parted = simulation().steps();
        for (const auto* line : {&actions, &wanted->actions})
            if (common < line->size())
                parted = std::min(parted, (*line)[common].step - 1);
        const Time reached = std::max(known_until, simulation().now());
        go_back_to(parted, wanted->branch.parted_at);
        aside.put(actions, common, simulation().now(), reached);
        simulation().forget_future();
        known_until = {};
        checkpoints.drop_after(simulation().steps());
        actions = std::move(wanted->actions);
        taken = common;
        run_until(wanted->branch.known_until);
        return true;
    }

    // Back to a point without going through what lies between.
    void restore(const Point& point) {
        terminals = point.terminals;
        taken = point.actions;
        requests = point.requests;
        simulation().restore(*point.simulation);
    }

    // Tries something as the learner would and takes it back.
    template <typename Attempt>
    auto on_a_copy(Attempt attempt) {
        std::optional<decltype(attempt())> result;
        simulation().try_out([&] { result = attempt(); });
        return std::move(*result);
    }

    // Goes to the position after `steps` steps, looks with `what`, and is back as if nothing had been.
    template <typename Look>
    auto look_at(std::uint64_t step_count, Time time, Look what) {
        const auto here = simulation().checkpoint();
        const auto terminals_here = terminals;
        const auto requests_here = requests;
        const std::size_t taken_here = taken;
        const Time known_here = known_until;
        go_back_to(step_count, time);
        auto seen = on_a_copy(what);
        simulation().restore(*here);
        terminals = terminals_here;
        requests = requests_here;
        taken = taken_here;
        known_until = known_here;
        return seen;
    }

    Options options;
    Cluster cluster;
    std::vector<Terminal> terminals = std::vector<Terminal>(1);  // never empty
    std::size_t beginning = 0;
    Time began;  // when that was
    std::optional<Explained> explained;  // the decision explained last: whoever shows it asks again and again
    std::vector<Action> actions;
    std::size_t taken = 0;  // how many of them lie behind the present position
    Checkpoints checkpoints;
    std::shared_ptr<std::vector<RequestRecord>> requests = std::make_shared<std::vector<RequestRecord>>();
    Time known_until;
    Aside aside;
    ApplyResult last_apply;
    Result<TraceResult> last_trace = TraceResult{};
    Result<void> last_component;
    Result<void> last_fault;
};

Session::Session(Options options) : impl_(std::make_unique<Impl>(std::move(options))) {}
Session::~Session() = default;

const Options& Session::options() const { return impl_->options; }
Cluster& Session::cluster() { return impl_->cluster; }
const Cluster& Session::cluster() const { return impl_->cluster; }

bool Session::begin(std::string_view line, std::string_view input, std::size_t terminal) {
    if (terminal >= most_terminals || busy(terminal))
        return false;
    impl_->take(Action{Action::Kind::command, 0, {}, std::string(line), std::string(input), terminal});
    return true;
}

bool Session::busy(std::size_t terminal) const {
    return terminal < impl_->terminals.size() && impl_->terminals[terminal].busy();
}

void Session::interrupt(std::size_t terminal, std::string_view echoed) {
    if (busy(terminal))
        impl_->take(Action{Action::Kind::interrupt, 0, {}, std::string(echoed), {}, terminal});
}

CommandResult Session::run(std::string_view line, std::string_view input) {
    // A watch that never ends must not hang a script: it is interrupted after a while.
    constexpr Duration longest = minutes(10);
    if (!begin(line, input))
        return {.exit = 1, .out = {}, .err = "another command is running\n", .elapsed = {}, .trace = nullptr, .data = {}};
    const Time deadline = now() + longest;
    // A command that asks for input gets what the script gives it, and then the end of it.
    while (busy()) {
        if (impl_->terminals[0].prompt())
            end_input();
        else if (impl_->terminals[0].editing())
            finish_edit(std::nullopt);
        if (!impl_->step(deadline))
            break;
    }
    interrupt();
    return transcript().back().result;
}

std::vector<std::string> Session::complete(std::string_view line, std::size_t terminal) const {
    const auto& terminals = impl_->terminals;
    if (prompt(terminal))
        return terminals[terminal].complete(line);
    return complete_on_laptop(impl_->cluster, terminal < terminals.size() ? terminals[terminal].shell() : shell::Script(shell::ShellKind::ash), line);
}

std::optional<std::string> Session::prompt(std::size_t terminal) const {
    return terminal < impl_->terminals.size() ? impl_->terminals[terminal].prompt() : std::nullopt;
}

void Session::type(std::string_view line, std::size_t terminal) {
    if (prompt(terminal))
        impl_->take(Action{Action::Kind::type, 0, {}, std::string(line), {}, terminal});
}

void Session::end_input(std::size_t terminal) {
    if (prompt(terminal))
        impl_->take(Action{Action::Kind::end_input, 0, {}, {}, {}, terminal});
}

std::optional<Session::Editing> Session::editing(std::size_t terminal) const {
    auto file = terminal < impl_->terminals.size() ? impl_->terminals[terminal].editing() : std::nullopt;
    return file ? std::optional(Editing{std::move(file->name), std::move(file->text)}) : std::nullopt;
}

void Session::finish_edit(const std::optional<std::string>& text, std::size_t terminal) {
    if (editing(terminal))
        impl_->take(Action{Action::Kind::edited, 0, {}, text.value_or(""), text ? "saved" : "", terminal});
}

Result<void> Session::set_component_running(std::string_view component, bool running) {
    impl_->take(Action{Action::Kind::component, 0, {}, std::string(component), running ? "on" : "off", 0});
    return impl_->last_component;
}

Result<void> Session::fault(std::string_view line) {
    impl_->take(Action{Action::Kind::fault, 0, {}, std::string(line), {}, 0});
    return impl_->last_fault;
}

ApplyResult Session::apply(std::string_view manifest) {
    impl_->take(Action{Action::Kind::apply, 0, {}, std::string(manifest), {}, 0});
    return impl_->last_apply;
}

ApplyResult Session::check(std::string_view manifest) const { return check_manifest(impl_->cluster, manifest); }

Result<TraceResult> Session::trace(std::string_view from, std::string_view url) {
    impl_->take(Action{Action::Kind::trace, 0, {}, cat(from, " ", url), {}, 0});
    return impl_->last_trace;
}

Result<std::vector<TraceResult>> Session::probe(std::string_view from, std::string_view url, int times) const {
    return impl_->on_a_copy([&]() -> Result<std::vector<TraceResult>> {
        std::vector<TraceResult> results;
        for (int i = 0; i < times; ++i) {
            KUBEWALK_TRY(result, trace_request(impl_->cluster, from, url));
            results.push_back(std::move(result));
        }
        return results;
    });
}

std::optional<CommandResult> Session::attempt(std::string_view line) const {
    return impl_->on_a_copy([&]() -> std::optional<CommandResult> {
        constexpr int most_commands = 500;
        auto shell = impl_->terminals[0].shell();
        CommandResult whole;
        if (auto wrong = shell.take(line)) {
            whole.exit = shell.exit_code();
            whole.err = std::move(*wrong);
            return whole;
        }
        for (int i = 0; i < most_commands && !shell.done(); ++i) {
            auto run = step_on_laptop(impl_->cluster, shell, line, {});
            if (run.rest)
                return std::nullopt;
            whole.exit = run.result.exit;
            whole.out += run.result.out;
            whole.err += run.result.err;
            whole.elapsed = whole.elapsed + run.result.elapsed;
            if (run.result.trace)
                whole.trace = std::move(run.result.trace);
            if (!run.result.data.is_null())
                whole.data = std::move(run.result.data);
        }
        return whole;
    });
}

Result<api::Value> Session::probe_lookup(std::string_view from, std::string_view name, std::string_view type) const {
    return impl_->on_a_copy([&]() -> Result<api::Value> {
        KUBEWALK_TRY(result, look_up(impl_->cluster, from, name, type, net::UseSearch::yes));
        return lookup_json(result);
    });
}

Result<scheduler::Decision> Session::explain_scheduling(std::string_view namespace_name, std::string_view pod) const {
    const sim::Log& entries = impl_->simulation().log();
    std::size_t decided = entries.size();
    const auto is_decision = [&](std::size_t index) {
        return entries.kind(index) == sim::EntryKind::schedule && entries.object(index).name == pod &&
               entries.object(index).namespace_name == namespace_name;
    };
    while (decided > entries.first() && !is_decision(decided - 1))
        --decided;
    const auto missing = [&](std::string_view why) { return Error{"NotFound", cat("Pod ", namespace_name, "/", pod, why), {}, 0, 0}; };
    if (decided == entries.first() || entries.step(decided - 1) == 0)
        return missing(": no scheduler has decided about it yet");
    const sim::Entry entry = entries[decided - 1];
    auto& explained = impl_->explained;
    if (explained && explained->entry.step == entry.step && explained->entry.at == entry.at &&
        explained->entry.object == entry.object && explained->entry.fact == entry.fact)
        return explained->decision;
    auto decision = impl_->look_at(entry.step - 1, entry.at, [&] { return scheduling_decision(impl_->cluster, namespace_name, pod); });
    if (!decision)
        return missing(" is no more, or no scheduler leads");
    explained = Explained{entry, std::move(*decision)};
    return explained->decision;
}

Time Session::now() const { return impl_->cluster.simulation().now(); }
Time Session::known_until() const { return std::max(impl_->known_until, now()); }

void Session::advance(Duration duration) { impl_->run_until(now() + duration); }

bool Session::step_forward(const EventFilter& filter) {
    const Time deadline = now() + minutes(10);
    std::size_t seen = log().size();
    while (impl_->step(deadline)) {
        bool passed = false;
        for (; seen < log().size(); ++seen)
            passed = passed || filter.passes(log(), seen);
        if (passed)
            return true;
    }
    return false;
}

bool Session::step_back(const EventFilter& filter) {
    const auto& entries = log();
    for (std::size_t i = entries.size(); i-- > entries.first();) {
        if (!filter.passes(entries, i))
            continue;
        const auto step = entries.step(i);
        if (step == 0 || !impl_->checkpoints.at_or_before(step - 1, entries.at(i)))
            return false;
        // The instant stays that of the entry: everything before it at this time has happened.
        impl_->go_back_to(step - 1, entries.at(i));
        return true;
    }
    return false;
}

// Not before the session's own beginning.
void Session::seek(Time time) {
    if (time >= now()) {
        impl_->run_until(time);
        return;
    }
    // The last step at or before that time: entries carry both.
    const auto& entries = log();
    const std::size_t after = entries.first_after(time);
    const std::uint64_t next_step = after == entries.size() ? impl_->cluster.simulation().steps() + 1 : entries.step(after);
    // Before the session began there is nothing to go back to.
    const Point* point = impl_->checkpoints.at_or_before(next_step - 1, time);
    if (!point)
        point = impl_->checkpoints.first();
    impl_->go_back_to(std::max(next_step - 1, point->simulation->steps()), std::max(time, point->simulation->at()));
}

bool Session::settle(Duration limit) {
    auto& sim = impl_->simulation();
    const Time deadline = now() + limit;
    while (!sim.settled()) {
        const Time until = std::min(deadline, sim.quiet_until());
        if (impl_->step(until))
            continue;
        sim.wait_until(until);
        if (now() >= deadline)
            break;
    }
    return sim.settled();
}

std::vector<Branch> Session::branches() const { return impl_->aside.list(); }
bool Session::return_to(std::uint64_t branch) { return impl_->return_to(branch); }

const sim::Log& Session::log() const { return impl_->cluster.simulation().log(); }
sim::LogRange Session::future() const { return log().future(); }
const std::vector<TranscriptEntry>& Session::transcript(std::size_t terminal) const {
    static const std::vector<TranscriptEntry> nothing;
    return terminal < impl_->terminals.size() ? impl_->terminals[terminal].transcript() : nothing;
}
std::size_t Session::terminals() const { return impl_->terminals.size(); }

const std::vector<RequestRecord>& Session::requests() const { return *impl_->requests; }

class Session::Bookmark {
public:
    explicit Bookmark(const Impl& impl)
        : point(impl.point_now()), beginning(impl.beginning), began(impl.began) {}

    Point point;
    std::size_t beginning;
    Time began;
};

void Session::begin_here() {
    impl_->drop_future();
    impl_->terminals.assign(1, Terminal());
    impl_->requests = std::make_shared<std::vector<RequestRecord>>();
    impl_->actions.clear();
    impl_->taken = 0;
    impl_->beginning = log().size();
    impl_->began = now();
    impl_->checkpoints.clear();
    impl_->save_point();
}

std::size_t Session::beginning() const { return impl_->beginning; }
Time Session::began_at() const { return impl_->began; }

std::shared_ptr<const Session::Bookmark> Session::bookmark() const { return std::make_shared<const Bookmark>(*impl_); }

void Session::return_to(const Bookmark& bookmark) {
    impl_->restore(bookmark.point);
    impl_->beginning = bookmark.beginning;
    impl_->began = bookmark.began;
    impl_->drop_future();
    impl_->checkpoints.add(bookmark.point);
}

std::vector<Action> Session::actions() const {
    return {impl_->actions.begin(), impl_->actions.begin() + static_cast<std::ptrdiff_t>(impl_->taken)};
}

void Session::foresee(std::vector<Action> actions) {
    impl_->drop_future();
    for (auto& action : actions)
        impl_->actions.push_back(std::move(action));
}

bool Session::play_to(std::uint64_t steps, Time limit) {
    auto& sim = impl_->simulation();
    while (sim.steps() < steps && impl_->step(limit)) {
    }
    return sim.steps() == steps;
}

std::string Session::outcome_hash() const {
    std::string text = cat(now().ns, " ", impl_->cluster.simulation().steps(), "\n");
    for (const api::Kind& kind : api::kinds())
        if (api::is_stored(kind))
            for (const auto& object : impl_->cluster.peek_list(kind, ""))
                append(text, kind.group_resource(), " ", api::to_json(object), "\n");
    std::string hash;
    for (const std::uint8_t byte : sha256(text))
        for (const int digit : {byte >> 4, byte & 15})
            hash.push_back("0123456789abcdef"[digit]);
    return hash;
}

}  // namespace kubewalk::cluster
