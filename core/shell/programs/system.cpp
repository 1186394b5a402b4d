// What a container is told of its machine: df, mount, free, nproc, top, stat, find. Sizes are the node's as the kubelet reports them.
// Upstream: coreutils src/{df,stat,nproc}.c, util-linux sys-utils/mount.c, procps src/{free,top/top}.c, findutils; BusyBox coreutils/{df,stat}.c,
// procps/{free,top}.c, findutils/find.c.

#include <algorithm>
#include <set>

#include "core/shell/access.h"
#include "core/shell/interpreting.h"
#include "core/shell/programs.h"

namespace kubewalk::shell {

namespace {

std::string right(std::string_view text, std::size_t width) { return std::string(width > text.size() ? width - text.size() : 0, ' ') + std::string(text); }
std::string left(std::string_view text, std::size_t width) { return std::string(text) + std::string(width > text.size() ? width - text.size() : 0, ' '); }

// As df -h and free -h round: "19.0G", "64.0M".
std::string human(std::int64_t kibibytes) {
    constexpr std::string_view units = "KMGT";
    std::int64_t tenths = kibibytes * 10;
    std::size_t unit = 0;
    for (; tenths >= 10240 && unit + 1 < units.size(); ++unit)
        tenths /= 1024;
    return cat(tenths / 10, ".", tenths % 10, units[unit]);
}

bool exists(const Process& process, const std::string& path, bool& folder) {
    const auto& files = process.context.files;
    if (files.contains(path)) {
        folder = false;
        return true;
    }
    folder = true;
    const auto inside = path == "/" ? path : path + "/";
    const auto next = files.lower_bound(inside);
    if (path == "/" || (next != files.end() && next->first.starts_with(inside)))
        return true;
    for (const auto& mount : process.context.folders)
        if (mount == path)
            return true;
    return false;
}

int not_here(Process& process) { return process.fail(1, process.args[0], ": cannot read the machine's tables\n"); }

}  // namespace

int mount_main(Process& process) {
    if (!process.context.confinement)
        return not_here(process);
    if (process.args.size() > 1)
        return process.fail(process.context.uid == 0 ? 32 : 1, "mount: ", process.args.back(), ": permission denied.\n");
    for (const auto& mount : process.context.confinement->mounts)
        process.print(mount.device, " on ", mount.path.empty() ? "/" : mount.path, " type ", mount.type, " (", mount.read_only ? "ro," : "rw,", mount.options, ")\n");
    return 0;
}

int df_main(Process& process) {
    const auto options = parse_options(process.args, "h k P T a", "");
    if (!process.context.confinement)
        return not_here(process);
    const auto& confinement = *process.context.confinement;
    const bool sizes_for_people = options.has("h");
    const auto shown = [&](std::int64_t kibibytes) { return sizes_for_people ? kibibytes == 0 ? std::string("0") : human(kibibytes) : cat(kibibytes); };
    process.print(left("Filesystem", 20), " ", right(sizes_for_people ? "Size" : "1K-blocks", 9), " ", right("Used", 9), " ", right("Available", 9), " Use% Mounted on\n");
    std::set<std::string> wanted;
    for (const auto& operand : options.operands)
        wanted.insert(access_to(process.context, absolute_path(process.context, operand)).path);
    for (const auto& mount : confinement.mounts) {
        if ((mount.type != "overlay" && mount.type != "tmpfs" && mount.type != "ext4") || (!options.operands.empty() && !wanted.contains(mount.path)))
            continue;
        const bool disk = mount.type != "tmpfs";
        const std::int64_t total = (disk ? confinement.disk : mount.volume ? confinement.memory : 64 << 20) >> 10;
        const std::int64_t used = disk ? total / 5 : 0;
        process.print(left(mount.device, 20), " ", right(shown(total), 9), " ", right(shown(used), 9), " ", right(shown(total - used), 9), " ", right(cat(disk ? 20 : 0, "%"), 4), " ",
                      mount.path.empty() ? "/" : mount.path, "\n");
    }
    return 0;
}

int free_main(Process& process) {
    const auto options = parse_options(process.args, "b k m g h", "");
    if (!process.context.confinement)
        return not_here(process);
    const std::int64_t total = process.context.confinement->memory >> 10;
    const auto shown = [&](std::int64_t kibibytes) {
        return right(options.has("h") ? human(kibibytes) + "i" : cat(options.has("b") ? kibibytes << 10 : options.has("m") ? kibibytes >> 10 : options.has("g") ? kibibytes >> 20 : kibibytes), 12);
    };
    const std::int64_t used = total / 4, cache = total / 3;
    process.print("              total        used        free      shared  buff/cache   available\nMem:   ", shown(total), shown(used), shown(total - used - cache), shown(2048), shown(cache),
                  shown(total - used), "\nSwap:  ", shown(0), shown(0), shown(0), "\n");
    return 0;
}

int nproc_main(Process& process) {
    process.print(process.context.confinement ? process.context.confinement->processors : 2, "\n");
    return 0;
}

// One look, as with -b -n 1: nobody sits at a terminal that would be redrawn.
int top_main(Process& process) {
    if (!process.context.confinement)
        return not_here(process);
    const std::int64_t total = process.context.confinement->memory >> 10;
    process.print("Mem: ", total / 4 * 3, "K used, ", total / 4, "K free, 2048K shrd, 10240K buff, ", total / 3, "K cached\n"
                  "CPU:   1% usr   1% sys   0% nic  98% idle   0% io   0% irq   0% sirq\nLoad average: 0.08 0.05 0.01 1/240 ", process.context.processes.size() + 1, "\n"
                  "  PID  PPID USER     STAT   VSZ %VSZ CPU %CPU COMMAND\n");
    for (const auto& one : process.context.processes)
        process.print(right(cat(one.pid), 5), "     0 ", left(user_name(one.uid), 8), " S     4400   0%   0   0% ", one.command, "\n");
    return 0;
}

int stat_main(Process& process) {
    const auto options = parse_options(process.args, "L f t", "c format=c");
    int exit = 0;
    for (const auto& operand : options.operands) {
        const auto path = absolute_path(process.context, operand);
        bool folder = false;
        if (!exists(process, path, folder)) {
            exit = is_applet(process.context, "stat") ? process.fail(1, "stat: can't stat '", operand, "': No such file or directory\n")
                                                      : process.fail(1, "stat: cannot statx '", operand, "': No such file or directory\n");
            continue;
        }
        const auto access = access_to(process.context, path);
        const bool own = access.mounted && !access.read_only && !folder;
        const auto uid = own ? process.context.uid : 0;
        const auto gid = own ? identity_of(process.context).gid : 0;
        const auto size = folder ? std::size_t{4096} : process.file(path)->size();
        const std::string_view mode = folder ? access.mounted ? "777" : "755" : "644";
        const std::string_view letters = folder ? access.mounted ? "drwxrwxrwx" : "drwxr-xr-x" : "-rw-r--r--";
        const std::string_view type = folder ? "directory" : size == 0 ? "regular empty file" : "regular file";
        if (!options.has("c")) {
            process.print("  File: ", operand, "\n  Size: ", left(cat(size), 15), "\tBlocks: ", left(cat((size + 4095) / 4096 * 8), 10), " IO Block: 4096   ", type, "\nAccess: (0", mode, "/",
                          letters, ")  Uid: (", right(cat(uid), 5), "/", right(user_name(uid), 8), ")   Gid: (", right(cat(gid), 5), "/", right(user_name(gid), 8), ")\n");
            continue;
        }
        const std::string format(options.value("c"));
        for (std::size_t i = 0; i < format.size(); ++i) {
            if (format[i] != '%' || i + 1 == format.size()) {
                process.print(format[i]);
                continue;
            }
            switch (format[++i]) {
                case 'a': process.print(mode); break;
                case 'A': process.print(letters); break;
                case 'n': process.print(operand); break;
                case 's': process.print(size); break;
                case 'u': process.print(uid); break;
                case 'g': process.print(gid); break;
                case 'U': process.print(user_name(uid)); break;
                case 'G': process.print(user_name(gid)); break;
                case 'F': process.print(type); break;
                case '%': process.print('%'); break;
                default: process.print('?');
            }
        }
        process.print("\n");
    }
    return exit;
}

// find PATH... [-name PATTERN] [-path PATTERN] [-type f|d] [-maxdepth N] [-mindepth N]
int find_main(Process& process) {
    std::vector<std::string> places;
    std::size_t i = 1;
    for (; i < process.args.size() && !process.args[i].starts_with('-'); ++i)
        places.push_back(process.args[i]);
    if (places.empty())
        places.emplace_back(".");
    std::string name, whole, type;
    std::int64_t deepest = 1000, shallowest = 0;
    for (; i < process.args.size(); ++i) {
        const auto& test = process.args[i];
        if (test == "-print" || test == "-follow" || test == "-L")
            continue;
        const std::string value = i + 1 < process.args.size() ? process.args[i + 1] : std::string();
        if (test == "-name" || test == "-iname")
            name = value;
        else if (test == "-path")
            whole = value;
        else if (test == "-type")
            type = value;
        else if (test == "-maxdepth")
            deepest = parse_int(value).value_or(0);
        else if (test == "-mindepth")
            shallowest = parse_int(value).value_or(0);
        else
            return process.fail(1, is_applet(process.context, "find") ? "find: unrecognized: " : "find: unknown predicate `", test, is_applet(process.context, "find") ? "\n" : "'\n");
        ++i;
    }
    int exit = 0;
    for (const auto& place : places) {
        const auto root = absolute_path(process.context, place);
        bool folder = false;
        if (!exists(process, root, folder)) {
            exit = process.fail(1, "find: ", is_applet(process.context, "find") ? place : cat("'", place, "'"), ": No such file or directory\n");
            continue;
        }
        std::set<std::pair<std::string, bool>> found{{std::string(), folder}};  // below the place, and whether it is a folder
        const auto inside = root == "/" ? root : root + "/";
        const auto add = [&](std::string_view path, bool is_folder) {
            for (auto slash = path.find('/'); slash != std::string_view::npos; slash = path.find('/', slash + 1))
                found.emplace(path.substr(0, slash), true);
            if (!path.empty() && path != "." && !path.ends_with("/."))
                found.emplace(path, is_folder);
        };
        const auto& files = process.context.files;
        for (auto it = files.lower_bound(inside); it != files.end() && it->first.starts_with(inside); ++it)
            add(std::string_view(it->first).substr(inside.size()), false);
        for (const auto& mount : process.context.folders)
            if (mount.starts_with(inside))
                add(std::string_view(mount).substr(inside.size()), true);
        for (const auto& [below, is_folder] : found) {
            const auto depth = below.empty() ? 0 : 1 + std::count(below.begin(), below.end(), '/');
            const auto path = below.empty() ? place : cat(place, place.ends_with('/') ? "" : "/", below);
            if (depth > deepest || depth < shallowest || (!type.empty() && (type == "d") != is_folder) ||
                (!name.empty() && !glob_matches(name, std::string_view(path).substr(path.rfind('/') + 1))) || (!whole.empty() && !glob_matches(whole, path)))
                continue;
            process.print(path, "\n");
        }
    }
    return exit;
}

}  // namespace kubewalk::shell
