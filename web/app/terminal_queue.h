#pragma once
// What was typed in the terminals and waits: for the command before it, or for the running command to ask.

#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/cluster/script.h"
#include "core/cluster/session.h"

namespace kubewalk::app {

class TerminalQueue {
public:
    // Another session, with one terminal.
    void reset();
    void show(std::size_t terminal);
    std::size_t shown() const { return shown_; }
    // How many terminals there are.
    std::size_t size() const { return waiting_.size(); }
    void grow(std::size_t terminals);

    // Commands, for the shell.
    void enqueue(std::string_view script);
    // A line as it was typed: for the running command when there is one.
    void take_line(const cluster::Session& session, const std::string& text);
    // What was typed in the shown terminal and nobody has read, each line as a terminal echoes it.
    std::vector<std::string> typed_ahead() const;
    // Ctrl+C in the shown terminal.
    void forget();
    // Time was turned back: what was typed later has not been typed.
    void forget_all();
    // Starts what waits, one after the other; each may need virtual time to end.
    void pump(cluster::Session& session);
    bool waiting(std::size_t terminal) const { return !waiting_[terminal].empty(); }

private:
    void enqueue(std::string_view script, std::size_t terminal);
    bool answer(cluster::Session& session, std::size_t terminal);

    std::size_t shown_ = 0;
    std::map<std::size_t, std::deque<std::string>> typed_;
    std::vector<std::deque<cluster::ScriptCommand>> waiting_ = std::vector<std::deque<cluster::ScriptCommand>>(1);
};

}  // namespace kubewalk::app
