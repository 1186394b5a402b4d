#include "core/cluster/session.h"

#include <algorithm>

#include "core/base/text.h"
#include "core/cluster/cluster.h"
#include "core/cluster/faults.h"
#include "core/cluster/history.h"
#include "core/cluster/laptop.h"
#include "core/cluster/lookup.h"
#include "core/cluster/manifest.h"
#include "core/cluster/request.h"

namespace kubewalk::cluster {

bool EventFilter::passes(const sim::Entry& entry) const {
    if (entry.heartbeat && !heartbeats)
        return false;
    if (!kinds.empty() && std::find(kinds.begin(), kinds.end(), entry.kind) == kinds.end())
        return false;
    if (component.empty() || entry.component == component)
        return true;
    return component.back() == '/' && entry.component.starts_with(component);
}

namespace {

// "trace laptop http://carts/ --json": the URL.
std::string_view last_argument(std::string_view line) {
    std::string_view last;
    for (const auto word : fields(line))
        if (!word.starts_with("--"))
            last = word;
    return last;
}

}  // namespace

struct Session::Impl {
    explicit Impl(Options chosen) : options(std::move(chosen)), cluster(options) { save_point(); }

    sim::Simulation& simulation() { return cluster.simulation(); }

    void save_point() { checkpoints.add(Point{simulation().checkpoint(), taken, terminals, requests}); }

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
                remember(terminal.transcript().back().result.trace);
                if (const auto& done = terminal.transcript().back(); done.result.data["outcome"].as_string() == "unresolved")
                    remember_unresolved(done.result.trace, last_argument(action.text));
                break;
            }
            case Action::Kind::interrupt: terminal_at(action.terminal).interrupt(cluster); break;
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
        auto copy = std::make_shared<std::vector<RequestRecord>>(*requests);
        for (auto& record : records)
            copy->push_back(std::move(record));
        if (copy->size() > most)
            copy->erase(copy->begin(), copy->end() - static_cast<std::ptrdiff_t>(most));
        requests = std::move(copy);
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
        forget_reached_future();
    }

    // After going back: the entries ahead, so that the scrubber can show them.
    void go_back_to(std::uint64_t step_count, Time time) {
        known_until = std::max(known_until, simulation().now());
        const std::vector<sim::Entry> before = simulation().log();
        const Point* point = checkpoints.at_or_before(step_count, time);
        if (!point)
            return;
        terminals = point->terminals;
        taken = point->actions;
        requests = point->requests;
        simulation().restore(*point->simulation);
        while (simulation().steps() < step_count && step(time)) {
        }
        simulation().wait_until(time);
        // What the replay did not reach is future now; what was future stays so.
        const std::size_t reached = simulation().log().size();
        std::vector<sim::Entry> ahead(before.begin() + static_cast<std::ptrdiff_t>(std::min(reached, before.size())),
                                      before.end());
        ahead.insert(ahead.end(), future.begin(), future.end());
        future = std::move(ahead);
    }

    void drop_future() {
        future.clear();
        known_until = Time{};
        actions.resize(taken);
        checkpoints.drop_after(simulation().steps());
    }

    void forget_reached_future() {
        const auto reached = simulation().log().size();
        std::size_t passed = 0;
        while (passed < future.size() && future[passed].id <= reached)
            ++passed;
        future.erase(future.begin(), future.begin() + static_cast<std::ptrdiff_t>(passed));
    }

    // Grows as terminals are used; the caller has seen to the bound.
    Terminal& terminal_at(std::size_t index) {
        if (index >= terminals.size())
            terminals.resize(index + 1);
        return terminals[index];
    }

    Options options;
    Cluster cluster;
    std::vector<Terminal> terminals = std::vector<Terminal>(1);  // never empty
    std::vector<Action> actions;
    std::size_t taken = 0;  // how many of them lie behind the present position
    Checkpoints checkpoints;
    std::shared_ptr<const std::vector<RequestRecord>> requests = std::make_shared<std::vector<RequestRecord>>();
    std::vector<sim::Entry> future;
    Time known_until;
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

void Session::interrupt(std::size_t terminal) {
    if (busy(terminal))
        impl_->take(Action{Action::Kind::interrupt, 0, {}, {}, {}, terminal});
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
    impl_->forget_reached_future();
    return transcript().back().result;
}

std::vector<std::string> Session::complete(std::string_view line, std::size_t terminal) const {
    const auto& terminals = impl_->terminals;
    return complete_on_laptop(impl_->cluster, terminal < terminals.size() ? terminals[terminal].machine() : shell::Machine(shell::ShellKind::bash), line);
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

Result<TraceResult> Session::probe(std::string_view from, std::string_view url) const {
    auto& sim = impl_->simulation();
    const auto before = sim.checkpoint();
    auto result = trace_request(impl_->cluster, from, url);
    sim.restore(*before);
    return result;
}

Result<api::Value> Session::probe_lookup(std::string_view from, std::string_view name, std::string_view type) const {
    auto& sim = impl_->simulation();
    const auto before = sim.checkpoint();
    auto result = look_up(impl_->cluster, from, name, type, net::UseSearch::yes);
    sim.restore(*before);
    if (!result.ok())
        return result.error();
    return lookup_json(result.value());
}

Time Session::now() const { return impl_->cluster.simulation().now(); }
Time Session::known_until() const { return std::max(impl_->known_until, now()); }

void Session::advance(Duration duration) { impl_->run_until(now() + duration); }

bool Session::step_forward(const EventFilter& filter) {
    const Time deadline = now() + minutes(10);
    std::size_t seen = log().size();
    while (impl_->step(deadline)) {
        const auto& entries = log();
        const bool passed = std::any_of(entries.begin() + static_cast<std::ptrdiff_t>(std::min(seen, entries.size())),
                                        entries.end(), [&](const sim::Entry& entry) { return filter.passes(entry); });
        seen = entries.size();
        if (passed) {
            impl_->forget_reached_future();
            return true;
        }
    }
    impl_->forget_reached_future();
    return false;
}

bool Session::step_back(const EventFilter& filter) {
    const auto& entries = log();
    for (auto entry = entries.rbegin(); entry != entries.rend(); ++entry) {
        if (!filter.passes(*entry))
            continue;
        if (entry->step == 0 || !impl_->checkpoints.at_or_before(entry->step - 1, entry->at))
            return false;
        // The instant stays that of the entry: everything before it at this time has happened.
        impl_->go_back_to(entry->step - 1, entry->at);
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
    const auto after = std::upper_bound(entries.begin(), entries.end(), time,
                                        [](Time wanted, const sim::Entry& entry) { return wanted < entry.at; });
    const std::uint64_t next_step = after == entries.end() ? impl_->cluster.simulation().steps() + 1 : after->step;
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
    impl_->forget_reached_future();
    return sim.settled();
}

const std::vector<sim::Entry>& Session::log() const { return impl_->cluster.simulation().log(); }
const std::vector<sim::Entry>& Session::future() const { return impl_->future; }
const std::vector<TranscriptEntry>& Session::transcript(std::size_t terminal) const {
    static const std::vector<TranscriptEntry> nothing;
    return terminal < impl_->terminals.size() ? impl_->terminals[terminal].transcript() : nothing;
}
std::size_t Session::terminals() const { return impl_->terminals.size(); }

const std::vector<RequestRecord>& Session::requests() const { return *impl_->requests; }

}  // namespace kubewalk::cluster