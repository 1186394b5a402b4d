#include "web/app/time_marks.h"

#include <algorithm>

namespace kubewalk::app {

void TimeMarks::reset(const cluster::Session& session, Model& model) {
    *this = TimeMarks();
    marked_ = session.beginning();
    model.marks.clear();
}

void TimeMarks::fill(const cluster::Session& session, Model& model) {
    const auto& log = session.log();
    const auto future = session.future();
    bool back = session.now() < until_ || log.size() < marked_;
    until_ = session.now();
    if (back || future.size() != future_) {
        model.marks.clear();
        marked_ = session.beginning();
    }
    // Marks of the future stand behind those of the past: without a future the past only grows.
    marked_ = std::max(marked_, log.first());
    for (; marked_ < log.size(); ++marked_)
        if (!log.heartbeat(marked_)) model.marks.push_back({log.at(marked_), log.kind(marked_), false});
    if (future.size() != future_ || back)
        for (std::size_t i = log.size(); i < log.size() + future.size(); ++i)
            if (!log.heartbeat(i)) model.marks.push_back({log.at(i), log.kind(i), true});
    future_ = future.size();
}

}  // namespace kubewalk::app
