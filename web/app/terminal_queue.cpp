#include "web/app/terminal_queue.h"

#include <algorithm>

#include "core/base/text.h"

namespace kubewalk::app {

void TerminalQueue::reset() {
    *this = TerminalQueue();
}

void TerminalQueue::show(std::size_t terminal) {
    shown_ = std::min(terminal, cluster::Session::most_terminals - 1);
    grow(shown_ + 1);
}

void TerminalQueue::grow(std::size_t terminals) {
    waiting_.resize(std::max(waiting_.size(), terminals));
}

void TerminalQueue::enqueue(std::string_view script) {
    enqueue(script, shown_);
}

void TerminalQueue::enqueue(std::string_view script, std::size_t terminal) {
    auto parsed = cluster::parse_script(script);
    if (!parsed.ok() || terminal >= waiting_.size()) return;
    for (cluster::ScriptCommand& command : parsed.value()) waiting_[terminal].push_back(std::move(command));
}

void TerminalQueue::take_line(const cluster::Session& session, const std::string& text) {
    if (session.busy(shown_))
        typed_[shown_].push_back(text);
    else
        enqueue(text);
}

std::vector<std::string> TerminalQueue::typed_ahead() const {
    const auto typed = typed_.find(shown_);
    return typed == typed_.end() ? std::vector<std::string>() : std::vector<std::string>(typed->second.begin(), typed->second.end());
}

void TerminalQueue::forget() {
    waiting_[shown_].clear();
    typed_[shown_].clear();
}

void TerminalQueue::forget_all() {
    for (auto& waiting : waiting_) waiting.clear();
    typed_.clear();
}

// Gives the running command the next of the lines that were typed. False when it does not ask or there is none.
bool TerminalQueue::answer(cluster::Session& session, std::size_t terminal) {
    auto& typed = typed_[terminal];
    if (typed.empty() || !session.prompt(terminal)) return false;
    session.type(typed.front(), terminal);
    typed.pop_front();
    return true;
}

void TerminalQueue::pump(cluster::Session& session) {
    for (std::size_t terminal = 0; terminal < waiting_.size(); ++terminal) {
        auto& waiting = waiting_[terminal];
        while (answer(session, terminal)) {
        }
        while (!session.busy(terminal) && !(waiting.empty() && typed_[terminal].empty())) {
            if (waiting.empty()) {
                enqueue(typed_[terminal].front(), terminal);
                typed_[terminal].pop_front();
                if (waiting.empty()) continue;
            }
            cluster::ScriptCommand command = std::move(waiting.front());
            waiting.pop_front();
            if (fields(command.line).empty()) continue;
            if (cluster::moves_time(command.line)) {
                cluster::run_command(session, command);
                continue;
            }
            session.begin(command.line, command.input, terminal);
        }
    }
}

}  // namespace kubewalk::app
