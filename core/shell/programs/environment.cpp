// Programs that show the process's own context.

#include <algorithm>
#include <set>

#include "core/shell/programs.h"

namespace kubewalk::shell {

namespace {

std::string user_name(std::int64_t uid) { return uid == 0 ? "root" : cat(uid); }

}  // namespace

int env_main(Process& process) {
    std::size_t i = 1;
    auto environment = process.context.environment;
    for (; i < process.args.size(); ++i) {
        const auto equals = process.args[i].find('=');
        if (equals == std::string::npos)
            break;
        environment[process.args[i].substr(0, equals)] = process.args[i].substr(equals + 1);
    }
    if (i < process.args.size()) {
        auto before = std::exchange(process.context.environment, environment);
        auto completed =
            execute(process.context, {process.args.begin() + static_cast<std::ptrdiff_t>(i), process.args.end()},
                    process.input);
        process.context.environment = std::move(before);
        if (!completed)
            return process.fail(127, "env: ", process.args[i], ": No such file or directory\n");
        process.out = std::move(completed->out);
        process.err = std::move(completed->err);
        process.wait(completed->elapsed);
        return completed->exit;
    }
    for (const auto& [name, value] : environment)
        process.print(name, "=", value, "\n");
    return 0;
}

int printenv_main(Process& process) {
    if (process.args.size() < 2)
        return env_main(process);
    int exit = 0;
    for (std::size_t i = 1; i < process.args.size(); ++i) {
        auto found = process.context.environment.find(process.args[i]);
        if (found == process.context.environment.end())
            exit = 1;
        else
            process.print(found->second, "\n");
    }
    return exit;
}

int hostname_main(Process& process) {
    if (process.args.size() > 1 && (process.args[1] == "-i" || process.args[1] == "-I")) {
        std::vector<std::string> addresses;
        for (const auto& ip : process.context.network.addresses(process.context.netns))
            addresses.push_back(ip.text());
        process.print(join(addresses, " "), process.args[1] == "-I" ? " \n" : "\n");
        return 0;
    }
    process.print(process.context.hostname, "\n");
    return 0;
}

int id_main(Process& process) {
    const auto uid = process.context.uid;
    const auto options = parse_options(process.args, "u g n r", "");
    if (options.has("u") || options.has("g")) {
        process.print(options.has("n") ? user_name(uid) : cat(uid), "\n");
        return 0;
    }
    if (uid == 0)
        process.print("uid=0(root) gid=0(root) groups=0(root)\n");
    else
        process.print("uid=", uid, " gid=0(root) groups=0(root)\n");
    return 0;
}

int whoami_main(Process& process) {
    if (process.context.uid != 0)
        return process.fail(1, "whoami: unknown uid ", process.context.uid, "\n");
    process.print("root\n");
    return 0;
}

int pwd_main(Process& process) {
    process.print(absolute_path(process.context, "."), "\n");
    return 0;
}

int ls_main(Process& process) {
    const auto options = parse_options(process.args, "l a 1 A h R", "");
    auto folder = absolute_path(process.context, options.operands.empty() ? std::string_view(".") : std::string_view(options.operands.front()));
    if (process.file(folder)) {
        process.print(options.operands.front(), "\n");
        return 0;
    }
    if (folder.back() != '/')
        folder += '/';
    std::set<std::string> names;
    const auto& mounts = process.context.folders;
    bool known = std::find(mounts.begin(), mounts.end(), folder.substr(0, folder.size() - 1)) != mounts.end();
    for (const auto& [path, content] : process.context.files) {
        if (path.compare(0, folder.size(), folder) != 0)
            continue;
        auto rest = path.substr(folder.size());
        known = true;
        const auto name = rest.substr(0, rest.find('/'));
        if (!name.starts_with('.') || options.has("a") || (options.has("A") && name != "."))
            names.insert(name);
    }
    if (!known && folder != "/" && !options.operands.empty())
        return process.fail(1, "ls: ", options.operands.front(), ": No such file or directory\n");
    for (const auto& name : names)
        process.print(name, "\n");
    return 0;
}

int sleep_main(Process& process) {
    if (process.args.size() < 2)
        return process.fail(1, "sleep: missing operand\n");
    for (std::size_t i = 1; i < process.args.size(); ++i) {
        const auto& word = process.args[i];
        if (word == "infinity")
            return 0;
        const bool unit = word.back() == 's' || word.back() == 'm' || word.back() == 'h' || word.back() == 'd';
        auto duration = word.back() == 'd' ? std::nullopt : parse_go_duration(unit ? word : word + "s");
        if (auto days =
                word.back() == 'd' ? parse_int(std::string_view(word).substr(0, word.size() - 1)) : std::nullopt)
            duration = hours(24 * *days);
        if (!duration)
            return process.fail(1, "sleep: invalid number '", word, "'\n");
        process.wait(*duration);
    }
    return 0;
}

int true_main(Process&) { return 0; }
int false_main(Process&) { return 1; }

std::string date_text(Time now, std::string_view zone) {
    constexpr std::string_view days[] = {"Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"};
    constexpr std::string_view months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                           "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const auto unix_seconds = epoch_unix_seconds + now.ns / 1'000'000'000;
    const auto text = to_rfc3339(now);  // 2026-01-01T00:03:12Z
    const auto month = parse_int(text.substr(5, 2)).value_or(1);
    const auto day = parse_int(text.substr(8, 2)).value_or(1);
    return cat(days[(unix_seconds / 86400) % 7], " ", months[month - 1], day < 10 ? "  " : " ", day, " ", text.substr(11, 8),
               zone.empty() ? "" : " ", zone, " ", text.substr(0, 4));
}

int date_main(Process& process) {
    const auto now = process.context.simulation.now() + process.elapsed;
    if (process.args.size() > 1 && process.args[1] == "+%s")
        process.print(epoch_unix_seconds + now.ns / 1'000'000'000, "\n");
    else
        process.print(date_text(now, "UTC"), "\n");
    return 0;
}

int uname_main(Process& process) {
    const auto options = parse_options(process.args, "a s n r m", "");
    if (options.has("n"))
        process.print(process.context.hostname, "\n");
    else
        process.print("Linux\n");
    return 0;
}

int seq_main(Process& process) {
    std::int64_t first = 1;
    std::int64_t last = 0;
    constexpr std::int64_t most = 100'000;
    if (process.args.size() == 2) {
        last = parse_int(process.args[1]).value_or(0);
    } else if (process.args.size() == 3) {
        first = parse_int(process.args[1]).value_or(1);
        last = parse_int(process.args[2]).value_or(0);
    } else {
        return process.fail(1, "seq: missing operand\n");
    }
    for (std::int64_t count = 0; count <= most && first <= last - count; ++count)
        process.print(first + count, "\n");
    return 0;
}

int which_main(Process& process) {
    int exit = 0;
    for (std::size_t i = 1; i < process.args.size(); ++i) {
        if (has_program(process.context, process.args[i]))
            process.print("/usr/bin/", process.args[i], "\n");
        else
            exit = 1;
    }
    return exit;
}

}  // namespace kubewalk::shell
