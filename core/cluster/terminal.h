#pragma once
// The learner's terminal on the laptop: what was typed, what came back, and the command that is
// still running. A value type: it belongs to every checkpoint.

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
    bool busy() const { return busy_; }
    // When the running command wants to be looked at again; only while busy.
    Time next_poll() const { return next_poll_; }
    void poll(Cluster& cluster);
    void interrupt(Cluster& cluster);

    const std::vector<TranscriptEntry>& transcript() const { return *transcript_; }

private:
    TranscriptEntry& last();
    void finish(Cluster& cluster);

    // Shared until somebody writes: a checkpoint must not copy all that was ever printed.
    std::shared_ptr<std::vector<TranscriptEntry>> transcript_ = std::make_shared<std::vector<TranscriptEntry>>();
    bool busy_ = false;
    Time next_poll_;
    Time started_;
    std::unique_ptr<kubectl::Continuation> rest_;
};

}  // namespace kubewalk::cluster
