// sh -c SCRIPT [NAME [ARG...]], and busybox APPLET.

#include "core/shell/programs.h"

namespace kubewalk::shell {

namespace {

int run_shell(Process& process, ShellKind kind) {
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
