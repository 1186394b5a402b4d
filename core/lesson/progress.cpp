#include <algorithm>

#include "core/api/json.h"
#include "core/cluster/cluster.h"
#include "core/lesson/check.h"
#include "core/lesson/completion.h"
#include "core/lesson/lesson.h"

namespace kubewalk::lesson {

Progress::Progress(const Lesson& lesson) : lesson_(&lesson) {}

void Progress::go_to(int step) { step_ = std::clamp(step, 0, static_cast<int>(lesson_->steps.size()) - 1); }

// After going back, what was shown later has not happened.
void Progress::forget_undone(const cluster::Session& session) {
    const auto steps = session.cluster().simulation().steps();
    const auto undone = std::erase_if(moments_, [&](const auto& entry) { return seen_.session != &session || entry.second.steps > steps; });
    if (undone > 0)
        present_ = {};
}

bool Progress::update(const cluster::Session& session) {
    forget_undone(session);
    // Checks of behaviour try things out on a copy: not again while nothing has happened.
    Seen seen{&session, step_, session.log().size(), 0, session.requests().size(), false};
    for (std::size_t i = 0; i < session.terminals(); ++i) {
        seen.transcript += session.transcript(i).size();
        seen.busy = seen.busy || session.busy(i);
    }
    if (seen == seen_)
        return false;
    seen_ = seen;
    bool changed = false, shown = false;
    const auto& step = lesson_->steps[static_cast<std::size_t>(step_)];
    for (const auto& task : step.tasks) {
        TaskStatus& status = tasks_[task.id];
        if (status.state == TaskState::done && moments_.contains(task.id))
            continue;  // what was achieved stays achieved
        TaskStatus next;
        if (holds(task.check, session)) {
            next.state = TaskState::done;
            shown = true;
            moments_[task.id] = {session.cluster().simulation().steps(), session.now()};
        } else if (status.state == TaskState::done) {
            continue;
        } else {
            for (const auto& wrong : task.wrong) {
                if (!holds(wrong.check, session))
                    continue;
                next = {TaskState::wrong, wrong.message};
                break;
            }
        }
        changed = changed || next.state != status.state || next.message != status.message;
        status = std::move(next);
    }
    if (shown)
        present_ = sitting(*this, session);
    return changed;
}

const TaskStatus& Progress::status(std::string_view task) const {
    static const TaskStatus open;
    const auto found = tasks_.find(task);
    return found == tasks_.end() ? open : found->second;
}

void Progress::predict(std::string_view prediction, std::string_view choice) {
    predictions_[std::string(prediction)] = choice;
}

std::string_view Progress::predicted(std::string_view prediction) const {
    const auto found = predictions_.find(prediction);
    return found == predictions_.end() ? std::string_view() : std::string_view(found->second);
}

std::string Progress::save() const {
    api::Value done = api::Value::array();
    for (const auto& [id, status] : tasks_)
        if (status.state == TaskState::done)
            done.push_back(id);
    api::Value predictions = api::Value::object();
    for (const auto& [id, choice] : predictions_)
        predictions.set(id, choice);
    api::Value sittings = sittings_;
    if (!present_.is_null())
        sittings.push_back(present_);
    return api::to_json(api::Value::object(
        {{"lesson", lesson_->slug}, {"step", step_}, {"done", done}, {"predictions", predictions}, {"sittings", sittings}}));
}

Result<void> Progress::load(std::string_view text) {
    const auto parsed = api::parse_json(text);
    if (!parsed.ok())
        return parsed.error();
    const auto& root = parsed.value();
    if (root["lesson"].as_string() != lesson_->slug)
        return Error{"Invalid", "this progress belongs to another lesson", {}, 0, 0};
    go_to(static_cast<int>(std::clamp<std::int64_t>(root["step"].as_int(), 0, 1000)));
    tasks_.clear();
    predictions_.clear();
    moments_.clear();
    present_ = {};
    sittings_ = root["sittings"].is_array() && root["sittings"].size() < most_sittings ? root["sittings"] : api::Value::array();
    for (const auto& id : root["done"].items())
        tasks_[id.str()].state = TaskState::done;
    for (const auto& [id, choice] : root["predictions"].members())
        predictions_[id] = choice.str();
    return {};
}

}  // namespace kubewalk::lesson
