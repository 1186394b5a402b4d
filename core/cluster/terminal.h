#pragma once
// The learner's terminal on the laptop: what was typed, what came back, the command that is still running, and
// those that were sent to the background (`kubectl proxy &`, jobs, kill %1). A value type: it belongs to every
// checkpoint.

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

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
    // When the next command wants to be looked at again: the end of time when none does.
    Time next_poll() const;
    void poll(Cluster& cluster);
    void interrupt(Cluster& cluster);

    const std::vector<TranscriptEntry>& transcript() const { return *transcript_; }

private:
    // A command that has not ended.
    struct Job {
        Job() = default;
        Job(const Job& other);
        Job& operator=(const Job&) = default;
        Job(Job&&) = default;
        Job& operator=(Job&&) = default;

        int number = 0;          // as `jobs` counts; 0 in the foreground
        std::string command;
        Time next_poll;
        std::shared_ptr<kubectl::Continuation> rest;  // what is polled; null: ends at next_poll
        sim::ComponentId component = 0;               // of one that listens
    };

    TranscriptEntry& last();
    void finish(Cluster& cluster);
    // True when it has ended; what it printed goes to the last entry.
    bool look(Cluster& cluster, Job& job, int& exit);
    void collect(Cluster& cluster);
    void end(Cluster& cluster, Job& job);
    // `jobs` and `kill %1`; nothing when the line is no such command.
    std::optional<CommandResult> job_control(Cluster& cluster, std::string_view line);

    // Shared until somebody writes: a checkpoint must not copy all that was ever printed.
    std::shared_ptr<std::vector<TranscriptEntry>> transcript_ = std::make_shared<std::vector<TranscriptEntry>>();
    std::optional<Job> running_;
    std::vector<Job> jobs_;
    Time started_;
};

}  // namespace kubewalk::cluster
