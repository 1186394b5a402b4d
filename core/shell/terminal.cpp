#include "core/shell/terminal.h"

#include "core/base/text.h"

namespace kubewalk::shell {

std::string prompt(const ShellState& state, const ProcessContext& context) {
    auto found = state.exported.find("PWD");
    const auto here = found == state.exported.end() ? absolute_path(context, ".") : found->second;
    const auto home = context.environment.find("HOME");
    const bool at_home = home != context.environment.end() && here == home->second && here != "/";
    const bool root = context.uid == 0;
    switch (state.kind) {
    case ShellKind::dash: return root ? "# " : "$ ";
    case ShellKind::bash:
        return cat(root ? "root" : "I have no name!", "@", context.hostname, ":", at_home ? "~" : here, root ? "# " : "$ ");
    case ShellKind::ash: return cat(at_home ? "~" : here, root ? " # " : " $ ");
    }
    return "# ";
}

std::shared_ptr<const Command> stages_behind(const Command* command, int stage) {
    if (!command || command->kind != Command::Kind::pipeline || stage < 0 || static_cast<std::size_t>(stage) + 1 >= command->children.size())
        return nullptr;
    auto rest = std::make_shared<Command>(*command);
    rest->children.erase(rest->children.begin(), rest->children.begin() + stage + 1);
    return rest;
}

std::vector<Redirection> redirections_of(const Command* command, int stage) {
    if (!command || stage < 0)
        return {};
    if (command->kind == Command::Kind::simple)
        return command->redirections;
    const auto at = static_cast<std::size_t>(stage);
    return at < command->children.size() ? command->children[at].redirections : std::vector<Redirection>{};
}

Completed run_stages(ProcessContext& context, const ShellState& state, const Command& stages, std::string_view input) {
    ShellState copy = state;
    bring_environment(context, copy);
    Completed result;
    execute_command(context, copy, stages, input, result);
    return result;
}

bool needs_all(const Command& stages) {
    for (const auto& stage : stages.children) {
        const auto name = stage.words.empty() ? std::string_view() : std::string_view(stage.words[0]);
        for (std::string_view patient : {"sort", "wc", "tail", "tac", "uniq", "xargs", "jq", "base64", "tee", "sh", "bash", "kubectl"})
            if (name == patient)
                return true;
        if (stage.kind != Command::Kind::simple)
            return true;
        for (const auto& word : stage.words)
            if (name == "grep" && (word == "-c" || word == "-q"))
                return true;
    }
    return false;
}

}  // namespace kubewalk::shell
