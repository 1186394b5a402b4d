#include "core/cluster/terminal.h"

#include <algorithm>

#include "core/base/text.h"
#include "core/cluster/cluster.h"
#include "core/cluster/listening_command.h"

namespace kubewalk::cluster {

namespace {

constexpr Duration poll_every = milliseconds(100);
constexpr Time never{INT64_MAX};
constexpr int most_at_once = 100;    // commands of one line before time must pass: few, as a page draws meanwhile
constexpr int few_at_once = 50;      // of one that goes on like that
constexpr Duration shortest_pause = milliseconds(10), longest_pause = seconds(1);  // that passes then
constexpr std::size_t most_output = 4 << 20;  // bytes of one line; what came before is gone, as in a terminal's scrollback
constexpr int first_process = 4000;  // what the shell prints behind the job's number

// "kubectl proxy &" without its end; nothing when the line does not go to the background.
std::optional<std::string> background_command(std::string_view line) {
    auto text = trim(line);
    if (!text.ends_with('&') || text.ends_with("&&"))
        return std::nullopt;
    text.remove_suffix(1);
    return std::string(trim(text));
}

// "kubectl port-forward": what the process list shows of a line.
std::string short_name(std::string_view line) {
    const auto words = fields(line);
    return words.size() > 1 ? cat(words[0], " ", words[1]) : std::string(trim(line));
}

// "trace laptop http://carts/ --json": the URL.
std::string url_in(const shell::Command* command) {
    while (command && command->words.empty() && !command->children.empty())
        command = &command->children.front();
    std::string last;
    for (const auto& word : command ? command->words : std::vector<std::string>())
        if (!word.starts_with("--"))
            last = word;
    return last;
}

}  // namespace

Terminal::Job::Job(const Job& other)
    : number(other.number),
      command(other.command),
      input(other.input),
      next_poll(other.next_poll),
      pause(other.pause),
      shell(other.shell),
      rest(other.rest ? other.rest->clone() : nullptr),
      pipe(other.pipe),
      component(other.component),
      cause(other.cause) {}

Terminal::Terminal(const Terminal& other)
    : transcript_(other.transcript_), shell_(other.shell_), running_(other.running_), jobs_(other.jobs_), started_(other.started_) {}

Terminal& Terminal::operator=(const Terminal& other) {
    if (this != &other)
        *this = Terminal(other);
    return *this;
}

TranscriptEntry& Terminal::last() {
    if (transcript_.use_count() > 1)
        transcript_ = std::make_shared<std::vector<TranscriptEntry>>(*transcript_);
    return transcript_->back();
}

Time Terminal::next_poll() const {
    Time next = running_ ? running_->next_poll : never;
    for (const auto& job : jobs_)
        next = std::min(next, job.next_poll);
    return next;
}

void Terminal::start(Cluster& cluster, std::string_view line, std::string_view input) {
    if (transcript_.use_count() > 1)
        transcript_ = std::make_shared<std::vector<TranscriptEntry>>(*transcript_);
    TranscriptEntry entry;
    entry.at = started_ = cluster.simulation().now();
    entry.command = line;
    entry.finished = false;
    transcript_->push_back(std::move(entry));

    if (auto controlled = job_control(cluster, line)) {
        last().result = std::move(*controlled);
        return finish(cluster);
    }
    auto& simulation = cluster.simulation();
    simulation.record(sim::EntryKind::action, "laptop", {}, {"action.command", {std::string(line)}});
    const auto background = background_command(line);
    Job job;
    job.command = background ? *background : std::string(line);
    job.input = input;
    job.shell = shell_;
    job.next_poll = simulation.now();
    job.cause = simulation.current_cause();
    bool over = false;
    if (auto wrong = job.shell.take(job.command)) {
        last().result.err = *wrong;
        last().result.exit = job.shell.state().last;
        over = true;
    } else {
        over = !advance(cluster, job);
    }
    if (background && !over) {
        job.number = jobs_.empty() ? 1 : jobs_.back().number + 1;
        auto& result = last().result;
        result.err.insert(0, cat("[", job.number, "] ", first_process + job.number, "\n"));
        jobs_.push_back(std::move(job));
        collect(cluster);
        return finish(cluster);
    }
    running_ = std::move(job);
    collect(cluster);
    if (over)
        finish(cluster);
}

// Prints into the entry of the line that was typed last, as a terminal does.
void Terminal::print(kubectl::Output& more, const Job& job) {
    auto& result = last().result;
    if (more.wiped) {
        result.out.clear();
        result.err.clear();
    }
    // A tunnel speaks before the command that went through it has its answer.
    if (job.component != 0 && job.number != 0) {
        result.out.insert(0, more.out);
        result.err.insert(0, more.err);
    } else {
        result.out += more.out;
        result.err += more.err;
    }
}

bool Terminal::advance(Cluster& cluster, Job& job) {
    int commands = 0;
    const sim::Simulation::CauseScope scope(cluster.simulation(), job.cause);
    while (!job.shell.done()) {
        LaptopRun run = step_on_laptop(cluster, job.shell, job.command, job.input);
        auto& result = last().result;
        if (run.rest) {
            job.pipe = {shell::redirections_of(job.shell.ran(), run.stage), shell::stages_behind(job.shell.ran(), run.stage), job.shell.state(), {}, 0};
            kubectl::Output first{run.result.exit, run.result.out, run.result.err, false};
            if (job.pipe.stages) {  // the filters have seen the beginning only: they start anew
                first.out = run.printed;
                job.pipe.redirections.clear();
                job.pipe.pass(cluster, first, false);
            }
            print(first, job);
        } else {
            result.out += run.result.out;
            result.err += run.result.err;
        }
        for (std::string* text : {&result.out, &result.err})
            if (text->size() > most_output)
                text->erase(0, text->size() - most_output / 2);
        const bool unresolved = run.result.data["outcome"].as_string() == "unresolved";
        if (run.result.trace || unresolved)
            sent_.push_back({run.result.trace, unresolved ? url_in(job.shell.ran()) : std::string()});
        if (run.result.trace)
            result.trace = std::move(run.result.trace);
        if (!run.result.data.is_null())
            result.data = std::move(run.result.data);
        result.exit = run.result.exit;
        auto& simulation = cluster.simulation();
        if (run.rest && !run.rest->ports().empty()) {
            job.component = simulation.add(std::make_unique<ListeningCommand>(simulation, cluster.network(), short_name(job.command), std::move(run.rest)));
            listening_command(simulation.find(job.component))->open();
            job.next_poll = simulation.now();
            if (!look(cluster, job))
                return true;
            continue;
        }
        if (run.rest) {
            job.rest = std::move(run.rest);
            job.next_poll = simulation.now() + poll_every;
            return true;
        }
        if (run.result.elapsed.ns > 0) {
            job.next_poll = simulation.now() + run.result.elapsed;
            return true;
        }
        if (++commands >= (job.pause < longest_pause ? most_at_once : few_at_once)) {  // a loop that never waits must not stop the world
            job.pause = std::min(longest_pause, std::max(shortest_pause, Duration{job.pause.ns + job.pause.ns / 32}));
            job.next_poll = simulation.now() + job.pause;
            return true;
        }
    }
    return false;
}

bool Terminal::look(Cluster& cluster, Job& job) {
    const Time now = cluster.simulation().now();
    const sim::Simulation::CauseScope scope(cluster.simulation(), job.cause);
    kubectl::Output more;
    bool over = true;
    if (job.component != 0) {
        if (auto* command = listening_command(cluster.simulation().find(job.component))) {
            more = command->take();
            over = command->ended();
        }
        job.next_poll = job.number == 0 && !over ? now + poll_every : never;
    } else if (job.rest) {
        over = job.rest->poll(now, more);
        job.next_poll = now + poll_every;
    } else {
        return true;  // it only took its time
    }
    if (!job.pipe.empty())
        job.pipe.pass(cluster, more, over);
    print(more, job);
    if (!over)
        return false;
    end(cluster, job);
    job.rest.reset();
    job.pipe = {};
    job.shell.set_last(more.exit);
    last().result.exit = more.exit;
    return true;
}

// What commands in the background printed meanwhile, and which of them have ended.
void Terminal::collect(Cluster& cluster) {
    const Time now = cluster.simulation().now();
    for (std::size_t i = 0; i < jobs_.size();) {
        Job& job = jobs_[i];
        const bool due = job.component != 0 || job.next_poll <= now;
        const int foreground = last().result.exit;
        if (!due || !look(cluster, job) || advance(cluster, job)) {
            last().result.exit = foreground;
            ++i;
            continue;
        }
        last().result.exit = foreground;
        const int exit = job.shell.state().last;
        append(last().result.err, "[", job.number, "]+  ", exit == 0 ? std::string("Done") : cat("Exit ", exit), "                    ", job.command, "\n");
        end(cluster, job);
        jobs_.erase(jobs_.begin() + static_cast<std::ptrdiff_t>(i));
    }
}

void Terminal::poll(Cluster& cluster) {
    const Time now = cluster.simulation().now();
    collect(cluster);
    if (!running_ || running_->next_poll > now)
        return;
    if (look(cluster, *running_) && !advance(cluster, *running_))
        finish(cluster);
}

std::optional<std::string> Terminal::prompt() const {
    return running_ && running_->rest ? running_->rest->prompt() : std::nullopt;
}

std::optional<kubectl::EditedFile> Terminal::editing() const {
    return running_ && running_->rest ? running_->rest->editing() : std::nullopt;
}

void Terminal::type(Cluster& cluster, std::string_view line) {
    const auto shown = prompt();
    if (!shown)
        return;
    cluster.simulation().record(sim::EntryKind::action, "laptop", {}, {"action.command", {std::string(line)}});
    kubectl::Output more;
    append(more.out, *shown, line, "\n");
    last().typed.push_back({std::string(line), cluster.simulation().steps(), last().result.out.size() + more.out.size()});
    running_->rest->typed(line, cluster.simulation().now(), more);
    print(more, *running_);
    running_->next_poll = cluster.simulation().now();
}

std::vector<std::string> Terminal::complete(std::string_view line) const {
    return prompt() ? running_->rest->complete(line) : std::vector<std::string>();
}

void Terminal::end_input(Cluster& cluster) {
    if (!prompt())
        return;
    kubectl::Output more;
    more.out = *prompt() + "\n";
    running_->rest->input_ended(cluster.simulation().now(), more);
    print(more, *running_);
    running_->next_poll = cluster.simulation().now();
}

void Terminal::finish_edit(Cluster& cluster, const std::optional<std::string>& text) {
    if (!editing())
        return;
    const sim::Simulation::CauseScope scope(cluster.simulation(), running_->cause);
    kubectl::Output more;
    running_->rest->edited(text, cluster.simulation().now(), more);
    print(more, *running_);
    running_->next_poll = cluster.simulation().now();
}

void Terminal::interrupt(Cluster& cluster, std::string_view echoed) {
    if (!busy())
        return;
    if (running_->rest && running_->rest->survives_interrupt()) {
        kubectl::Output words;
        append(words.out, prompt().value_or(std::string()), echoed);
        running_->rest->interrupted(words);
        print(words, *running_);
        running_->next_poll = cluster.simulation().now();
        return;
    }
    auto& result = last().result;
    append(result.out, echoed, "^C");
    result.exit = 130;  // as a shell reports SIGINT
    if (running_->rest) {
        kubectl::Output words;
        running_->rest->interrupted(words);
        result.out += words.out;
        result.err += words.err;
    }
    running_->shell.stop();
    finish(cluster);
}

void Terminal::end(Cluster& cluster, Job& job) {
    auto& simulation = cluster.simulation();
    if (auto* command = listening_command(job.component != 0 ? simulation.find(job.component) : nullptr)) {
        command->close();
        simulation.remove(job.component);
    }
    job.component = 0;
}

void Terminal::finish(Cluster& cluster) {
    if (running_) {
        end(cluster, *running_);
        // `exit` leaves this shell; the terminal opens the next one.
        shell_ = running_->shell.state().exited ? shell::Script(shell::ShellKind::ash) : running_->shell;
    }
    running_.reset();
    auto& entry = last();
    entry.finished = true;
    entry.step = cluster.simulation().steps();
    entry.result.elapsed = cluster.simulation().now() - started_;
}

std::optional<CommandResult> Terminal::job_control(Cluster& cluster, std::string_view line) {
    const auto words = fields(line);
    CommandResult result;
    if (words.size() == 1 && words[0] == "jobs") {
        for (const auto& job : jobs_)
            append(result.out, "[", job.number, "]", &job == &jobs_.back() ? "+" : "-", "  Running                 ", job.command, " &\n");
        return result;
    }
    if (words.size() < 2 || words[0] != "kill" || !words.back().starts_with('%'))
        return std::nullopt;
    const auto number = parse_int(words.back().substr(1));
    const auto found = std::find_if(jobs_.begin(), jobs_.end(), [&number](const Job& job) { return number && job.number == *number; });
    if (found == jobs_.end()) {
        result.exit = 1;
        result.err = cat("bash: kill: ", words.back(), ": no such job\n");
        return result;
    }
    result.err = cat("[", found->number, "]+  Terminated              ", found->command, "\n");
    end(cluster, *found);
    jobs_.erase(found);
    return result;
}

}  // namespace kubewalk::cluster
