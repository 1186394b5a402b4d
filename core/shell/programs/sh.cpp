// sh -c SCRIPT [NAME [ARG...]], and busybox APPLET.

#include "core/api/json.h"
#include "core/shell/programs.h"
#include "core/shell/script.h"
#include "core/shell/terminal.h"

namespace kubewalk::shell {

namespace {

// A shell with a terminal: the frame MARK STATE MARK TYPED comes in, and what it printed, MARK, its new state go out
// (core/kubectl/attaching.h has the other end). Commands run until one takes time.
int run_session(Process& process, ShellKind kind) {
    constexpr int most_commands = 200;
    constexpr Duration pause = milliseconds(10);  // what a round of a loop without any waiting costs
    const auto second = process.input.find(session_mark, 1);
    const auto state = process.input.substr(1, second - 1);
    const auto typed = second == std::string_view::npos ? std::string_view() : process.input.substr(second + 1);
    Script shell = state.empty() ? Script(kind) : Script::load(api::parse_json(state).value_or({}));
    if (typed == "\x03")
        shell.stop();
    else if (!typed.empty())
        if (auto wrong = shell.take(typed))
            process.out += *wrong;
    int count = 0;
    while (!shell.done() && process.elapsed.ns == 0 && count++ < most_commands) {
        auto done = shell.step_to_command(process.context, {});
        process.out += done.out;
        process.out += done.err;  // a terminal is one stream
        process.wait(done.elapsed);
    }
    const bool running = !shell.done();
    if (running && process.elapsed.ns == 0)
        process.wait(pause);
    api::Value saved = shell.save();
    saved.set("prompt", prompt(shell.state(), process.context));
    saved.set("running", running);
    saved.set("ended", shell.state().exited);
    saved.set("exit", shell.state().exit_code);
    process.out += session_mark;
    process.out += api::to_json(saved);
    return 0;
}

int run_shell(Process& process, ShellKind kind) {
    if (process.args.size() == 1 && !process.input.empty() && process.input[0] == session_mark)
        return run_session(process, kind);
    std::size_t i = 1;
    bool command = false;
    for (; i < process.args.size() && process.args[i].size() > 1 && process.args[i][0] == '-'; ++i)
        command |= process.args[i].find('c') != std::string::npos;  // -c, -ec, -lc
    std::string script(process.input);
    std::vector<std::string> positional = {process.args[0]};
    std::string input;
    if (command) {
        if (i >= process.args.size())
            return process.fail(2, "sh: option requires an argument -- c\n");
        script = process.args[i++];
        input = process.input;
        if (i < process.args.size())
            positional.assign(process.args.begin() + static_cast<std::ptrdiff_t>(i), process.args.end());
    } else if (i < process.args.size()) {
        const auto* file = process.file(process.args[i]);
        if (!file)
            return process.fail(127, "sh: can't open '", process.args[i], "': No such file or directory\n");
        script = *file;
        positional.assign(process.args.begin() + static_cast<std::ptrdiff_t>(i), process.args.end());
    }
    auto completed = interpret(process.context, kind, script, positional, input);
    process.out = std::move(completed.out);
    process.err = std::move(completed.err);
    process.wait(completed.elapsed);
    return completed.exit;
}

}  // namespace

int sh_main(Process& process) { return run_shell(process, ShellKind::dash); }
int ash_main(Process& process) { return run_shell(process, ShellKind::ash); }
int bash_main(Process& process) { return run_shell(process, ShellKind::bash); }

int busybox_main(Process& process) {
    if (process.args.size() < 2)
        return process.fail(0, "BusyBox multi-call binary.\n");
    const auto* applet = find_program("busybox", process.args[1]);
    if (!applet)
        return process.fail(127, process.args[1], ": applet not found\n");
    process.args.erase(process.args.begin());
    return applet->main(process);
}

}  // namespace kubewalk::shell
