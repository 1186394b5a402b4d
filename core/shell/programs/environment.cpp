// Programs that show the process's own context.

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "core/shell/programs.h"

namespace kubewalk::shell {

namespace {

// The two users that every image's /etc/passwd has; "" for others.
constexpr std::int64_t nobody = 65534;
std::string known_user(std::int64_t uid) { return uid == 0 ? "root" : uid == nobody ? "nobody" : ""; }
std::string user_name(std::int64_t uid) { return known_user(uid).empty() ? cat(uid) : known_user(uid); }

// The host's own name in full: what the line of /etc/hosts that has it begins with.
std::string full_name(const Process& process) {
    const auto& own = process.context.hostname;
    const std::string* hosts = process.file("/etc/hosts");
    for (const auto line : split(hosts ? std::string_view(*hosts) : std::string_view(), '\n')) {
        const auto words = fields(line.substr(0, line.find('#')));
        if (words.size() > 1 && std::find(words.begin() + 1, words.end(), own) != words.end())
            return std::string(words[1]);
    }
    return own;
}

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
    const bool full = process.args.size() > 1 && (process.args[1] == "-f" || process.args[1] == "--fqdn");
    const auto name = full || (process.args.size() > 1 && process.args[1] == "-d") ? full_name(process) : process.context.hostname;
    if (process.args.size() > 1 && (process.args[1] == "-s" || process.args[1] == "-d")) {
        const auto dot = name.find('.');
        process.print(process.args[1] == "-s" ? name.substr(0, dot) : dot == std::string::npos ? "" : name.substr(dot + 1), "\n");
        return 0;
    }
    process.print(name, "\n");
    return 0;
}

int id_main(Process& process) {
    const auto uid = process.context.uid;
    const auto options = parse_options(process.args, "u g n r", "");
    if (options.has("u") || options.has("g")) {
        process.print(options.has("n") ? user_name(uid) : cat(uid), "\n");
        return 0;
    }
    if (const auto known = known_user(uid); !known.empty())
        process.print("uid=", uid, "(", known, ") gid=", uid, "(", known, ") groups=", uid, "(", known, ")\n");
    else
        process.print("uid=", uid, " gid=0(root) groups=0(root)\n");
    return 0;
}

int whoami_main(Process& process) {
    const auto known = known_user(process.context.uid);
    if (known.empty())
        return process.fail(1, "whoami: unknown uid ", process.context.uid, "\n");
    process.print(known, "\n");
    return 0;
}

int pwd_main(Process& process) {
    process.print(absolute_path(process.context, "."), "\n");
    return 0;
}

namespace {

// Nothing: there is no such folder.
std::optional<std::set<std::string>> names_in(const Process& process, std::string folder, bool hidden) {
    if (folder.back() != '/')
        folder += '/';
    std::set<std::string> names;
    const auto& mounts = process.context.folders;
    bool known = folder == "/" || std::find(mounts.begin(), mounts.end(), folder.substr(0, folder.size() - 1)) != mounts.end();
    for (const auto& [path, content] : process.context.files) {
        if (path.compare(0, folder.size(), folder) != 0)
            continue;
        auto rest = path.substr(folder.size());
        known = true;
        const auto name = rest.substr(0, rest.find('/'));
        if (!name.starts_with('.') || hidden)
            names.insert(name);
    }
    return known ? std::optional(std::move(names)) : std::nullopt;
}

}  // namespace

// Files come first, then each folder under its name where several things were asked for.
int ls_main(Process& process) {
    const auto options = parse_options(process.args, "l a 1 A h R d", "");
    auto asked = options.operands;
    const bool here = asked.empty();
    if (here)
        asked.emplace_back(".");
    int exit = 0;
    std::vector<std::pair<std::string, std::set<std::string>>> folders;
    bool printed = false;
    for (const auto& operand : asked) {
        const auto path = absolute_path(process.context, operand);
        if (process.file(path)) {
            process.print(operand, "\n");
            printed = true;
            continue;
        }
        auto names = names_in(process, path, options.has("a") || options.has("A"));
        if (names || here)
            folders.emplace_back(std::string(operand), names.value_or(std::set<std::string>()));
        else
            exit = process.fail(1, "ls: ", operand, ": No such file or directory\n");
    }
    for (const auto& [name, names] : folders) {
        if (options.has("d")) {
            process.print(name, "\n");
            continue;
        }
        if (asked.size() > 1)
            process.print(std::exchange(printed, true) ? "\n" : "", name, ":\n");
        for (const auto& entry : names)
            process.print(entry, "\n");
    }
    return exit;
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
