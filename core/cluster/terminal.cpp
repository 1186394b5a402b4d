#include "core/cluster/terminal.h"

#include "core/cluster/cluster.h"
#include "core/cluster/laptop.h"

namespace kubewalk::cluster {

namespace {
constexpr Duration poll_every = milliseconds(100);
}

Terminal::Terminal(const Terminal& other)
    : transcript_(other.transcript_),
      busy_(other.busy_),
      next_poll_(other.next_poll_),
      started_(other.started_),
      rest_(other.rest_ ? other.rest_->clone() : nullptr) {}

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

void Terminal::start(Cluster& cluster, std::string_view line, std::string_view input) {
    if (transcript_.use_count() > 1)
        transcript_ = std::make_shared<std::vector<TranscriptEntry>>(*transcript_);
    TranscriptEntry entry;
    entry.at = started_ = cluster.simulation().now();
    entry.command = line;
    entry.finished = false;
    transcript_->push_back(std::move(entry));
    busy_ = true;

    LaptopRun run = run_on_laptop(cluster, line, input);
    auto& result = last().result;
    result = std::move(run.result);
    rest_ = std::move(run.rest);
    if (!rest_ && result.elapsed.ns == 0) {
        finish(cluster);
        return;
    }
    next_poll_ = cluster.simulation().now() + (rest_ ? poll_every : result.elapsed);
}

void Terminal::poll(Cluster& cluster) {
    if (rest_) {
        kubectl::Output more;
        const bool ended = rest_->poll(cluster.simulation().now(), more);
        auto& result = last().result;
        result.out += more.out;
        result.err += more.err;
        if (!ended) {
            next_poll_ = cluster.simulation().now() + poll_every;
            return;
        }
        result.exit = more.exit;
    }
    finish(cluster);
}

void Terminal::interrupt(Cluster& cluster) {
    if (!busy_)
        return;
    auto& result = last().result;
    result.out += "^C";
    result.exit = 130;  // as a shell reports SIGINT
    finish(cluster);
}

void Terminal::finish(Cluster& cluster) {
    rest_.reset();
    busy_ = false;
    auto& entry = last();
    entry.finished = true;
    entry.result.elapsed = cluster.simulation().now() - started_;
}

}  // namespace kubewalk::cluster
