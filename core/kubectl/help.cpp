#include "core/kubectl/help.h"

#include <algorithm>

#include "core/base/text.h"

namespace kubewalk::kubectl {

namespace {

std::string flag_lines(const FlagSet& set) {
    std::vector<Flag> flags = set.all();
    std::erase_if(flags, [](const Flag& flag) { return !flag.deprecated.empty(); });
    std::sort(flags.begin(), flags.end(), [](const Flag& a, const Flag& b) { return a.name < b.name; });
    std::string text;
    for (const auto& flag : flags) {
        const bool is_text = flag.type == FlagType::text;
        const bool is_list = flag.type == FlagType::list || flag.type == FlagType::array;
        append(text, text.empty() ? "" : "\n", "    ", flag.shorthand ? cat("-", flag.shorthand, ", ") : std::string(), "--",
               flag.name, "=", is_text ? "'" : is_list ? "[" : "", flag.fallback, is_text ? "'" : is_list ? "]" : "", ":\n\t",
               flag.help, "\n");
    }
    return text;
}

std::string command_lines(std::string_view prefix) {
    std::size_t width = 0;
    std::vector<const Command*> found;
    for (const auto& command : commands()) {
        if (!command.path.starts_with(prefix))
            continue;
        const auto name = command.path.substr(prefix.size());
        if (name.empty() || name.find(' ') != std::string_view::npos)
            continue;
        found.push_back(&command);
        width = std::max(width, name.size());
    }
    std::string text;
    for (const auto* command : found) {
        const auto name = command->path.substr(prefix.size());
        append(text, "  ", name, std::string(width - name.size() + 3, ' '), command->summary, "\n");
    }
    return text;
}

}  // namespace

std::string help_text(const Command& command) {
    std::string text = cat(command.summary, ".\n\n");
    const auto inner = command_lines(cat(command.path, " "));
    if (!inner.empty())
        append(text, "Available Commands:\n", inner, "\n");
    FlagSet own;
    if (command.flags)
        command.flags(own);
    if (!own.all().empty())
        append(text, "Options:\n", flag_lines(own), "\n");
    append(text, "Usage:\n  kubectl ", command.usage, "\n\n");
    if (!inner.empty())
        append(text, "Use \"kubectl ", command.path, " <command> --help\" for more information about a given command.\n");
    return text + "Use \"kubectl options\" for a list of global command-line options (applies to all commands).\n";
}

std::string overview_text() {
    struct Section {
        std::string_view title;
        std::string_view commands;  // in upstream's order
    };
    static constexpr Section sections[] = {
        {"Basic Commands (Beginner)", "create expose run set"},
        {"Basic Commands (Intermediate)", "explain get edit delete"},
        {"Deploy Commands", "rollout scale autoscale"},
        {"Cluster Management Commands", "certificate cluster-info top cordon uncordon drain taint"},
        {"Troubleshooting and Debugging Commands", "describe logs attach exec port-forward proxy cp auth debug events"},
        {"Advanced Commands", "diff apply patch replace wait kustomize"},
        {"Settings Commands", "label annotate completion"},
        {"Other Commands", "api-resources api-versions config kuberc plugin version"}};
    std::string text = "kubectl controls the Kubernetes cluster manager.\n\n";
    for (const auto& section : sections) {
        append(text, section.title, ":\n");
        std::size_t width = 0;
        for (const auto name : fields(section.commands))
            width = std::max(width, name.size());
        for (const auto name : fields(section.commands))
            append(text, "  ", name, std::string(width - name.size() + 3, ' '), find_command(name)->summary, "\n");
        text += "\n";
    }
    return cat(text, "Usage:\n  kubectl [flags] [options]\n\n",
               "Use \"kubectl <command> --help\" for more information about a given command.\n"
               "Use \"kubectl options\" for a list of global command-line options (applies to all commands).\n");
}

std::string help_of(const Command& command) { return help_text(command); }

std::string options_text() {
    return cat("The following options can be passed to any command:\n\n", flag_lines(global_flags()));
}

}  // namespace kubewalk::kubectl
