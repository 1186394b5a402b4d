#pragma once
// The ticks of the time bar, kept up with the log.

#include "web/app/backend.h"

namespace kubewalk::app {

class TimeMarks {
public:
    void reset(const cluster::Session& session, Model& model);
    void fill(const cluster::Session& session, Model& model);

private:
    std::size_t marked_ = 0;  // log entries that have their mark already
    Time until_;
    std::size_t future_ = 0;
};

}  // namespace kubewalk::app
