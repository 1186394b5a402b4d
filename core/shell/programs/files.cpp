// Programs that change files: touch, rm, mkdir, cp, mv, tee, chmod. There are no folders of their own here: one
// exists while something lies in it, if only the "." that mkdir puts there. Messages as GNU coreutils' and BusyBox's; the applet's own name comes first.

#include "core/shell/access.h"
#include "core/shell/programs.h"

namespace kubewalk::shell {

namespace {

std::string absolute(const Process& process, std::string_view path) {
    auto whole = absolute_path(process.context, path);
    return path.ends_with("/") && whole != "/" ? whole + "/" : whole;  // a folder is meant
}

std::string as_folder(std::string path) { return path.ends_with("/") ? path : path + "/"; }

std::vector<std::string> below(const Process& process, const std::string& folder) {
    std::vector<std::string> paths;
    for (const auto& [path, content] : process.context.files)
        if (path.compare(0, folder.size(), folder) == 0)
            paths.push_back(path);
    return paths;
}

// Where a copy of `source` goes: into a folder, or under the name itself.
std::string target_of(const Process& process, const std::string& source, const std::string& target) {
    if (!target.ends_with("/") && below(process, as_folder(target)).empty())
        return target;
    return cat(as_folder(target), source.substr(source.rfind('/') + 1));
}

// Why it cannot be changed, said as the program says it: "touch: /x: Read-only file system" (BusyBox), "touch: cannot touch '/x': …".
// True when it was said.
bool refused(Process& process, std::string_view path, std::string_view operand, std::string_view applet_says, std::string_view says) {
    const auto refusal = write_refusal(process.context, path);
    if (refusal.empty())
        return false;
    const bool applet = is_applet(process.context, process.args[0]);
    const auto& words = applet ? applet_says : says;
    append(process.err, process.args[0], ": ", words, words.empty() ? "" : " '", operand, words.empty() ? "" : "'", ": ", refusal, "\n");
    return true;
}

enum class Source : unsigned char { stays, goes };

int transfer(Process& process, Source source) {
    const auto options = parse_options(process.args, "r R a p f recursive force v", "");
    const std::string name = process.args[0];
    if (options.operands.size() < 2)
        return process.fail(1, name, ": missing file operand\n");
    const std::string target = absolute(process, options.operands.back());
    int exit = 0;
    for (std::size_t i = 0; i + 1 < options.operands.size(); ++i) {
        const std::string from = absolute(process, options.operands[i]);
        auto& files = process.context.files;
        if (const auto found = files.find(from); found != files.end()) {
            const std::string content = found->second;
            if (const auto to = target_of(process, from, target); refused(process, to, to, source == Source::goes ? "can't rename" : "can't create",
                                                                          source == Source::goes ? "cannot move" : "cannot create regular file")) {
                exit = 1;
                continue;
            }
            if (source == Source::goes)
                files.erase(found);
            files[target_of(process, from, target)] = content;
            continue;
        }
        const auto inside = below(process, as_folder(from));
        if (inside.empty()) {
            exit = process.fail(1, name, source == Source::goes ? ": can't rename '" : ": can't stat '", options.operands[i],
                                "': No such file or directory\n");
            continue;
        }
        for (const auto& path : inside) {
            const std::string content = files[path];
            if (source == Source::goes)
                files.erase(path);
            files[cat(as_folder(target), path.substr(as_folder(from).size()))] = content;
        }
    }
    return exit;
}

}  // namespace

int touch_main(Process& process) {
    const auto options = parse_options(process.args, "a m c", "");
    if (options.operands.empty())
        return process.fail(1, "touch: missing file operand\n");
    int exit = 0;
    for (const auto& operand : options.operands) {
        const auto path = absolute(process, operand);
        if (refused(process, path, operand, "", "cannot touch"))
            exit = 1;
        else if (!options.has("c"))
            process.context.files.emplace(path, "");
    }
    return exit;
}

int rm_main(Process& process) {
    const auto options = parse_options(process.args, "r R f v recursive force", "");
    const bool recursive = options.has("r") || options.has("R") || options.has("recursive");
    const bool force = options.has("f") || options.has("force");
    int exit = 0;
    for (const auto& operand : options.operands) {
        const std::string path = absolute(process, operand);
        if (process.file(path) && refused(process, path, operand, "can't remove", "cannot remove")) {
            exit = 1;
            continue;
        }
        if (process.context.files.erase(path) > 0)
            continue;
        const auto inside = below(process, as_folder(path));
        if (!inside.empty() && !recursive)
            exit = process.fail(1, "rm: '", operand, "' is a directory\n");
        else if (inside.empty() && !force)
            exit = process.fail(1, "rm: can't remove '", operand, "': No such file or directory\n");
        else
            for (const auto& one : inside)
                process.context.files.erase(one);
    }
    return exit;
}

int mkdir_main(Process& process) {
    const auto options = parse_options(process.args, "p v parents", "m mode");
    for (const auto& operand : options.operands) {
        const std::string path = absolute_path(process.context, operand);
        const bool exists = !below(process, as_folder(path)).empty();
        if (process.context.files.count(path) > 0 || (exists && !options.has("p") && !options.has("parents")))
            return process.fail(1, "mkdir: can't create directory '", operand, "': File exists\n");
        if (!exists && refused(process, path, operand, "can't create directory", "cannot create directory"))
            return 1;
        if (!exists)
            process.context.files[as_folder(path) + "."];
    }
    return 0;
}

int cp_main(Process& process) { return transfer(process, Source::stays); }

int mv_main(Process& process) { return transfer(process, Source::goes); }

int tee_main(Process& process) {
    const auto options = parse_options(process.args, "a append", "");
    int exit = 0;
    for (const auto& operand : options.operands) {
        if (refused(process, absolute(process, operand), operand, "", "")) {
            exit = 1;
            continue;
        }
        auto& content = process.context.files[absolute(process, operand)];
        if (!options.has("a") && !options.has("append"))
            content.clear();
        content += process.input;
    }
    process.print(process.input);
    return exit;
}

// Nobody here looks at a file's mode.
int chmod_main(Process& process) {
    const auto options = parse_options(process.args, "R v f", "");
    for (std::size_t i = 1; i < options.operands.size(); ++i)
        if (!process.file(absolute(process, options.operands[i])) && below(process, as_folder(absolute(process, options.operands[i]))).empty())
            return process.fail(1, "chmod: ", options.operands[i], ": No such file or directory\n");
    return 0;
}

}  // namespace kubewalk::shell
