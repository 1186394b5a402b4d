// Programs that show the process's own context.

#include <algorithm>
#include <map>
#include <utility>

#include "core/shell/access.h"
#include "core/shell/programs.h"

namespace kubewalk::shell {

namespace {

// The two users that every image's /etc/passwd has; "" for others.
constexpr std::int64_t nobody = 65534;
std::string known_user(std::int64_t uid) { return uid == 0 ? "root" : uid == nobody ? "nobody" : ""; }

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

// As containerd and runc put a container's environment together: PATH, HOSTNAME, what the image and the Pod say, the Services'
// variables, HOME. Within these the kubelet leaves the order to chance (pkg/kubelet/kubelet_pods.go, makeEnvironmentVariables).
// Upstream: containerd internal/cri/server/container_create.go; runc libcontainer/init_linux.go.
std::vector<std::string> listing_order(const std::map<std::string, std::string>& environment) {
    constexpr std::string_view host = "_SERVICE_HOST";
    std::vector<std::string> services;
    for (const auto& [name, value] : environment)
        if (name.ends_with(host))
            services.push_back(name.substr(0, name.size() - host.size()));
    const auto rank = [&services](const std::string& name) {
        if (name == "PATH" || name == "HOSTNAME")
            return name == "PATH" ? 0 : 1;
        if (name == "HOME")
            return 4;
        for (const auto& service : services) {
            const auto rest = name.starts_with(service) ? std::string_view(name).substr(service.size()) : std::string_view();
            if (rest.starts_with("_SERVICE_") || rest == "_PORT" || rest.starts_with("_PORT_"))
                return 3;
        }
        return 2;
    };
    std::vector<std::string> order;
    for (int wanted = 0; wanted <= 4; ++wanted)
        for (const auto& [name, value] : environment)
            if (rank(name) == wanted)
                order.push_back(name);
    return order;
}

}  // namespace

std::string user_name(std::int64_t uid) { return known_user(uid).empty() ? cat(uid) : known_user(uid); }

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
    for (const auto& name : listing_order(environment))
        process.print(name, "=", environment.at(name), "\n");
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
    const auto [gid, groups] = identity_of(process.context);
    const auto options = parse_options(process.args, "u g G n r", "");
    const auto name = [&](std::int64_t number) { return options.has("n") ? user_name(number) : cat(number); };
    if (options.has("u") || options.has("g")) {
        process.print(name(options.has("u") ? uid : gid), "\n");
        return 0;
    }
    std::vector<std::string> listed;
    const auto shown = [](std::int64_t number) { return known_user(number).empty() ? cat(number) : cat(number, "(", known_user(number), ")"); };
    for (const auto group : groups)
        listed.push_back(options.has("G") ? name(group) : shown(group));
    if (options.has("G"))
        process.print(join(listed, " "), "\n");
    else
        process.print("uid=", shown(uid), " gid=", shown(gid), " groups=", join(listed, ","), "\n");
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

std::string formatted_date(Time now, std::string_view format) {
    const auto seconds_since = epoch_unix_seconds + now.ns / 1'000'000'000;
    const auto iso = to_rfc3339(now);  // 2026-01-01T00:03:12Z
    const auto text = date_text(now, "UTC");  // Thu Jan  1 00:03:12 UTC 2026
    constexpr std::string_view days[] = {"Thursday", "Friday", "Saturday", "Sunday", "Monday", "Tuesday", "Wednesday"};
    constexpr std::string_view months[] = {"January", "February", "March", "April", "May", "June",
                                           "July", "August", "September", "October", "November", "December"};
    const auto hour = parse_int(iso.substr(11, 2)).value_or(0);
    const auto twelve = cat(hour % 12 == 0 ? 12 : hour % 12);
    std::string out;
    for (std::size_t i = 0; i < format.size(); ++i) {
        if (format[i] != '%' || i + 1 == format.size()) {
            out += format[i];
            continue;
        }
        switch (format[++i]) {
        case 'Y': out += iso.substr(0, 4); break;
        case 'y': out += iso.substr(2, 2); break;
        case 'm': out += iso.substr(5, 2); break;
        case 'd': out += iso.substr(8, 2); break;
        case 'e': out += text.substr(8, 2); break;
        case 'H': out += iso.substr(11, 2); break;
        case 'I': append(out, twelve.size() < 2 ? "0" : "", twelve); break;
        case 'M': out += iso.substr(14, 2); break;
        case 'S': out += iso.substr(17, 2); break;
        case 'p': out += hour < 12 ? "AM" : "PM"; break;
        case 's': append(out, seconds_since); break;
        case 'N': {
            const auto nanoseconds = cat(now.ns % 1'000'000'000);
            out += std::string(9 - nanoseconds.size(), '0') + nanoseconds;
            break;
        }
        case 'F': out += iso.substr(0, 10); break;
        case 'T': out += iso.substr(11, 8); break;
        case 'R': out += iso.substr(11, 5); break;
        case 'D': append(out, iso.substr(5, 2), "/", iso.substr(8, 2), "/", iso.substr(2, 2)); break;
        case 'a': out += text.substr(0, 3); break;
        case 'A': out += days[(seconds_since / 86400) % 7]; break;
        case 'b':
        case 'h': out += text.substr(4, 3); break;
        case 'B': out += months[parse_int(iso.substr(5, 2)).value_or(1) - 1]; break;
        case 'c': append(out, text.substr(0, 19), " ", iso.substr(0, 4)); break;
        case 'Z': out += "UTC"; break;
        case 'z': out += "+0000"; break;
        case 'n': out += '\n'; break;
        case 't': out += '\t'; break;
        case '%': out += '%'; break;
        default: append(out, "%", format[i]);
        }
    }
    return out;
}

int date_main(Process& process) {
    const auto now = process.context.simulation.now() + process.elapsed;
    const auto options = parse_options(process.args, "u utc R rfc-2822 rfc-email", "I iso-8601 d date");
    for (const auto& operand : options.operands)
        if (operand.starts_with('+')) {
            process.print(formatted_date(now, std::string_view(operand).substr(1)), "\n");
            return 0;
        }
    if (options.has("R"))
        process.print(formatted_date(now, "%a, %d %b %Y %H:%M:%S %z"), "\n");
    else
        process.print(date_text(now, "UTC"), "\n");
    return 0;
}

int uname_main(Process& process) {
    const auto options = parse_options(process.args, "a s n r v m o p i all=a", "");
    const bool applet = is_applet(process.context, "uname");
    const std::pair<const char*, std::string> parts[] = {{"s", "Linux"},
                                                         {"n", process.context.hostname},
                                                         {"r", "6.1.0-37-amd64"},
                                                         {"v", "#1 SMP PREEMPT_DYNAMIC Debian 6.1.140-1 (2025-05-22)"},
                                                         {"m", "x86_64"},
                                                         {"o", applet ? "Linux" : "GNU/Linux"}};
    std::vector<std::string> words;
    for (const auto& [letter, text] : parts)
        if (options.has("a") || options.has(letter))
            words.push_back(text);
    process.print(words.empty() ? "Linux" : join(words, " "), "\n");
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
