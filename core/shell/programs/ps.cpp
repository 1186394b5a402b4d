// ps of BusyBox: busybox procps/ps.c (with DESKTOP, as its images are built).

#include <algorithm>

#include "core/shell/access.h"
#include "core/shell/programs.h"

namespace kubewalk::shell {

namespace {

// runc and the first threads of what it starts take some numbers before the next process gets one.
constexpr int taken_between = 6;

std::string user_of(const RunningProcess& process) { return user_name(process.uid); }
std::string name_of(const RunningProcess& process) {
    const auto program = std::string_view(process.command).substr(0, process.command.find(' '));
    return std::string(program.substr(program.rfind('/') + 1).substr(0, 15));  // TASK_COMM_LEN
}

struct Column {
    std::string_view name;
    std::string_view title;
    int width;  // negative: to the right
    std::string (*text)(const RunningProcess&);
};
constexpr Column known[] = {
    {"user", "USER", 8, user_of},
    {"comm", "COMMAND", 16, name_of},
    {"args", "COMMAND", 256, [](const RunningProcess& process) { return process.command; }},
    {"pid", "PID", -5, [](const RunningProcess& process) { return cat(process.pid); }},
    {"time", "TIME", -5, [](const RunningProcess&) { return std::string("0:00"); }},
};

std::string padded(std::string text, int width, bool last, bool title) {
    const auto room = static_cast<std::size_t>(width < 0 ? -width : width);
    if (text.size() >= room)
        return text;
    const std::string blanks(room - text.size(), ' ');
    if (width < 0 && !title)
        return blanks + text;
    return last ? text : text + blanks;
}

std::string line(const std::vector<const Column*>& columns, const RunningProcess* process) {
    std::string out;
    for (std::size_t i = 0; i < columns.size(); ++i) {
        const Column& column = *columns[i];
        append(out, i == 0 ? "" : " ",
               padded(process ? column.text(*process) : std::string(column.title), column.width, i + 1 == columns.size(), process == nullptr));
    }
    return out + "\n";
}

}  // namespace

int ps_main(Process& process) {
    // aux, -ef and the like are taken and mean nothing: BusyBox shows everybody's anyway.
    const auto options = parse_options(process.args, "a A d e f l w T", "o");
    std::vector<const Column*> columns;
    for (const auto wanted : split(options.value("o", "pid,user,time,args"), ',')) {
        const auto* found = std::find_if(std::begin(known), std::end(known), [wanted](const Column& one) { return one.name == wanted; });
        if (found == std::end(known))
            return process.fail(1, "ps: bad -o argument '", wanted, "', supported arguments: user,comm,args,pid,time\n");
        columns.push_back(found);
    }
    process.print(line(columns, nullptr));
    int pid = 1;
    for (const auto& one : process.context.processes) {
        process.print(line(columns, &one));
        pid = one.pid + taken_between;
    }
    // Who is attached to a container whose own process is a shell (kubectl run -it) types into that shell.
    const auto& own = process.context.command_lines;
    const bool attached = own.size() > 1 && !process.context.processes.empty() && own.front() == process.context.processes.front().command;
    for (std::size_t i = attached ? 1 : 0; i < own.size(); ++i) {
        const RunningProcess one{pid++, process.context.uid, own[i]};
        process.print(line(columns, &one));
    }
    return 0;
}

}  // namespace kubewalk::shell
