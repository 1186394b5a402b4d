#include "core/cluster/terminal.h"

#include <algorithm>

#include "core/base/text.h"
#include "core/cluster/cluster.h"
#include "core/cluster/laptop.h"
#include "core/cluster/listening_command.h"

namespace kubewalk::cluster {

namespace {

constexpr Duration poll_every = milliseconds(100);
constexpr Time never{INT64_MAX};
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

}  // namespace

Terminal::Job::Job(const Job& other)
    : number(other.number),
      command(other.command),
      next_poll(other.next_poll),
      rest(other.rest ? other.rest->clone() : nullptr),
      component(other.component) {}

Terminal::Terminal(const Terminal& other)
    : transcript_(other.transcript_), running_(other.running_), jobs_(other.jobs_), started_(other.started_) {}

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
    const auto background = background_command(line);
    LaptopRun run = run_on_laptop(cluster, background ? std::string_view(*background) : line, input);
    last().result = std::move(run.result);
    Job job;
    job.command = background ? *background : std::string(line);
    job.next_poll = cluster.simulation().now() + (run.rest ? poll_every : last().result.elapsed);
    bool over = !run.rest && last().result.elapsed.ns == 0;
    if (run.rest && !run.rest->ports().empty()) {
        auto& simulation = cluster.simulation();
        job.component = simulation.add(std::make_unique<ListeningCommand>(simulation, cluster.network(), short_name(job.command), std::move(run.rest)));
        listening_command(simulation.find(job.component))->open();
        over = look(cluster, job, last().result.exit);
    } else {
        job.rest = std::move(run.rest);
    }
    if (background && !over) {
        job.number = jobs_.empty() ? 1 : jobs_.back().number + 1;
        auto& result = last().result;
        result.err.insert(0, cat("[", job.number, "] ", first_process + job.number, "\n"));
        jobs_.push_back(std::move(job));
        over = true;
    } else if (!over) {
        running_ = std::move(job);
    } else {
        end(cluster, job);
    }
    collect(cluster);
    if (over)
        finish(cluster);
}

// Prints what a command has to say. True when it has ended.
bool Terminal::look(Cluster& cluster, Job& job, int& exit) {
    kubectl::Output more;
    bool over = true;
    if (job.component != 0) {
        auto* command = listening_command(cluster.simulation().find(job.component));
        if (command) {
            more = command->take();
            over = command->ended();
        }
        job.next_poll = job.number == 0 && !over ? cluster.simulation().now() + poll_every : never;
    } else if (job.rest) {
        over = job.rest->poll(cluster.simulation().now(), more);
        job.next_poll = cluster.simulation().now() + poll_every;
    }
    auto& result = last().result;
    // A tunnel speaks before the command that went through it has its answer.
    if (job.component != 0 && job.number != 0) {
        result.out.insert(0, more.out);
        result.err.insert(0, more.err);
    } else {
        result.out += more.out;
        result.err += more.err;
    }
    if (over && (job.component != 0 || job.rest))
        exit = more.exit;
    return over;
}

// What commands in the background printed meanwhile, and which of them have ended.
void Terminal::collect(Cluster& cluster) {
    const Time now = cluster.simulation().now();
    for (std::size_t i = 0; i < jobs_.size();) {
        Job& job = jobs_[i];
        int exit = 0;
        const bool due = job.component != 0 || job.next_poll <= now;
        if (!due || !look(cluster, job, exit)) {
            ++i;
            continue;
        }
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
    int exit = last().result.exit;
    if (!look(cluster, *running_, exit))
        return;
    last().result.exit = exit;
    finish(cluster);
}

void Terminal::interrupt(Cluster& cluster) {
    if (!busy())
        return;
    auto& result = last().result;
    result.out += "^C";
    result.exit = 130;  // as a shell reports SIGINT
    if (running_ && running_->rest) {
        kubectl::Output words;
        running_->rest->interrupted(words);
        result.out += words.out;
        result.err += words.err;
    }
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
    if (running_)
        end(cluster, *running_);
    running_.reset();
    auto& entry = last();
    entry.finished = true;
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
