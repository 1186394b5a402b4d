#include "core/kubelet/program.h"

namespace kubewalk::kubelet {
namespace {

// Checkpoints copy the log: what kubectl logs shows is bounded.
constexpr std::size_t max_log_lines = 400;

}  // namespace

net::HttpResponse Program::serve_http(const net::HttpRequest&, const net::Peer&) {
    // A process that listens but does not speak HTTP: the client reads nothing it understands.
    return {.status = 0, .headers = {}, .body = {}, .took = {}};
}

// A small server that mostly waits (simplification "resource-usage").
Usage Program::usage(Time started, Time now) const {
    constexpr std::int64_t idle_cpu_permille = 2;
    constexpr std::int64_t idle_memory = std::int64_t{24} << 20;
    return {Duration{(now - started).ns / 1000 * idle_cpu_permille}, idle_memory};
}

const std::vector<Program::LogLine>& Program::log() const { return log_; }

void Program::print(Time now, std::string text) {
    if (log_.size() >= max_log_lines)
        log_.erase(log_.begin(), log_.begin() + max_log_lines / 2);
    log_.push_back({now, std::move(text)});
}

void Program::finish(sim::Simulation& simulation, int code, std::string reason) {
    if (exit_.exited)
        return;
    if (reason.empty())
        reason = code == 0 ? "Completed" : "Error";
    exit_ = {true, code, std::move(reason)};
    if (supervisor_ != 0)
        simulation.schedule(supervisor_, {}, exit_event_, sim::Urgency::work, id());
}

}  // namespace kubewalk::kubelet
