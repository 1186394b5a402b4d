#include "core/cluster/repeat.h"

#include <algorithm>
#include <optional>

namespace kubewalk::cluster {

namespace {

constexpr Duration longest = minutes(10);
constexpr Duration glance = milliseconds(100);

bool works(const Session& session, std::size_t terminal) {
    return session.busy(terminal) && !session.prompt(terminal) && !session.editing(terminal);
}

void wait_for(Session& session, std::size_t terminal, Time limit) {
    const Time deadline = std::min(session.now() + longest, limit);
    while (works(session, terminal) && session.now() < deadline)
        session.advance(glance);
}

void take(Session& session, const Action& action, Time limit) {
    switch (action.kind) {
        case Action::Kind::command:
            wait_for(session, action.terminal, limit);
            session.begin(action.text, action.input, action.terminal);
            break;
        case Action::Kind::interrupt: session.interrupt(action.terminal, action.text); break;
        case Action::Kind::type:
            wait_for(session, action.terminal, limit);
            session.type(action.text, action.terminal);
            break;
        case Action::Kind::end_input:
            wait_for(session, action.terminal, limit);
            session.end_input(action.terminal);
            break;
        case Action::Kind::edited:
            wait_for(session, action.terminal, limit);
            session.finish_edit(action.input == "saved" ? std::optional(action.text) : std::nullopt, action.terminal);
            break;
        case Action::Kind::apply: (void)session.apply(action.text); break;
        case Action::Kind::trace: {
            const auto space = action.text.find(' ');
            const std::string_view text = action.text;
            (void)session.trace(text.substr(0, space), space == std::string::npos ? std::string_view() : text.substr(space + 1)).ok();
            break;
        }
        case Action::Kind::component: (void)session.set_component_running(action.text, action.input == "on").ok(); break;
        case Action::Kind::fault: (void)session.fault(action.text).ok(); break;
    }
}

}  // namespace

void repeat(Session& session, const std::vector<Action>& actions, Time limit) {
    for (const Action& action : actions) {
        if (std::max(action.at, session.now()) > limit)
            return;
        if (action.at > session.now())
            session.advance(action.at - session.now());
        take(session, action, limit);
    }
}

void finish_commands(Session& session, Time limit) {
    for (std::size_t terminal = 0; terminal < session.terminals(); ++terminal)
        wait_for(session, terminal, limit);
}

}  // namespace kubewalk::cluster
