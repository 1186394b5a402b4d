#pragma once
// The learner's terminal on the laptop: a shell, what was typed, what came back, the command that is still running, and
// those that were sent to the background (`kubectl proxy &`, jobs, kill %1). A value type: it belongs to every
// checkpoint.

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/cluster/laptop.h"
#include "core/cluster/session.h"
#include "core/kubectl/kubectl.h"

namespace kubewalk::cluster {

class Cluster;

class Terminal {
public:
    Terminal() = default;
    Terminal(const Terminal& other);
    Terminal& operator=(const Terminal& other);
    Terminal(Terminal&&) = default;
    Terminal& operator=(Terminal&&) = default;

    // Starts one line at the present instant. Only while nothing runs.
    void start(Cluster& cluster, std::string_view line, std::string_view input);
    bool busy() const { return running_.has_value(); }
    // What the running command asks for: a line behind these words, or a text from an editor.
    std::optional<std::string> prompt() const;
    std::optional<kubectl::EditedFile> editing() const;
    void type(Cluster& cluster, std::string_view line);
    // Tab in what is typed to the running command.
    std::vector<std::string> complete(std::string_view line) const;
    void end_input(Cluster& cluster);
    void finish_edit(Cluster& cluster, const std::optional<std::string>& text);
    // When the next command wants to be looked at again: the end of time when none does.
    Time next_poll() const;
    void poll(Cluster& cluster);
    // Ctrl+C. `echoed`: what had been typed meanwhile and nobody has read; a terminal showed it and throws it away.
    void interrupt(Cluster& cluster, std::string_view echoed);

    // What a command of a line sent over the network, each once: whoever ran the terminal asks for it.
    struct Sent {
        std::shared_ptr<const net::Trace> trace;
        std::string unresolved;  // the URL whose name led nowhere, or ""
    };
    std::vector<Sent> take_sent() { return std::exchange(sent_, {}); }

    const std::vector<TranscriptEntry>& transcript() const { return *transcript_; }
    // The shell as it stands between two lines.
    const shell::Script& shell() const { return shell_; }

private:
    // A line that has not ended.
    struct Job {
        Job() = default;
        Job(const Job& other);
        Job& operator=(const Job&) = default;
        Job(Job&&) = default;
        Job& operator=(Job&&) = default;

        int number = 0;          // as `jobs` counts; 0 in the foreground
        std::string command;
        std::string input;
        Time next_poll;
        Duration pause;          // after many commands that took no time: ever longer, so that an endless loop costs little
        shell::Script shell;     // what of the line is still to be run
        std::shared_ptr<kubectl::Continuation> rest;  // what is polled; null: goes on at next_poll
        Piped pipe;
        sim::ComponentId component = 0;               // of one that listens
        sim::CauseId cause = 0;                       // the line's entry in the log
    };

    TranscriptEntry& last();
    void print(kubectl::Output& more, const Job& job);
    // Runs commands of the line until one takes time; false when the line has ended.
    bool advance(Cluster& cluster, Job& job);
    // What the command that goes on has to say; true when the line has ended.
    bool look(Cluster& cluster, Job& job);
    void finish(Cluster& cluster);
    void collect(Cluster& cluster);
    void end(Cluster& cluster, Job& job);
    // `jobs` and `kill %1`; nothing when the line is no such command.
    std::optional<CommandResult> job_control(Cluster& cluster, std::string_view line);

    // Shared until somebody writes: a checkpoint must not copy all that was ever printed.
    std::shared_ptr<std::vector<TranscriptEntry>> transcript_ = std::make_shared<std::vector<TranscriptEntry>>();
    shell::Script shell_{shell::ShellKind::ash};
    std::optional<Job> running_;
    std::vector<Job> jobs_;
    std::vector<Sent> sent_;  // empty between two steps
    Time started_;
};

}  // namespace kubewalk::cluster
