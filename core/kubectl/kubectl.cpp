#include "core/kubectl/kubectl.h"

#include <algorithm>

#include "core/base/text.h"
#include "core/kubectl/applier.h"
#include "core/kubectl/configuration.h"
#include "core/kubectl/command.h"
#include "core/kubectl/help.h"
#include "core/kubectl/resource_args.h"

namespace kubewalk::kubectl {

namespace {

Started ended(int exit, std::string out, std::string err) {
    Started started;
    started.output = {exit, std::move(out), std::move(err)};
    return started;
}

// Where the words of the command stand in argv: flags (and the values of global flags) may come before them.
std::vector<std::size_t> word_positions(const std::vector<std::string>& argv) {
    const FlagSet global = global_flags();
    std::vector<std::size_t> positions;
    for (std::size_t i = 1; i < argv.size(); ++i) {
        const std::string& word = argv[i];
        if (word == "--")
            break;
        if (word.size() < 2 || word[0] != '-') {
            positions.push_back(i);
            continue;
        }
        if (word.find('=') != std::string::npos)
            continue;
        const Flag* flag = word[1] == '-' ? global.find(std::string_view(word).substr(2))
                           : word.size() == 2 ? global.find(word[1])
                                              : nullptr;
        if (flag && flag->bare.empty())
            ++i;
    }
    return positions;
}

struct Chosen {
    const Command* command = nullptr;
    std::vector<std::string> rest;  // argv without "kubectl" and the words of the command
};

Chosen choose(const std::vector<std::string>& argv) {
    Chosen chosen;
    std::vector<std::size_t> taken;
    std::string path;
    for (const std::size_t position : word_positions(argv)) {
        const std::string longer = path.empty() ? argv[position] : cat(path, " ", argv[position]);
        const Command* command = find_command(longer);
        if (!command)
            break;
        chosen.command = command;
        path = command->path;
        taken.push_back(position);
    }
    for (std::size_t i = 1; i < argv.size(); ++i)
        if (std::find(taken.begin(), taken.end(), i) == taken.end())
            chosen.rest.push_back(argv[i]);
    return chosen;
}

std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j)
        row[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t above = row[j];
            row[j] = std::min({above + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0u : 1u)});
            diagonal = above;
        }
    }
    return row[b.size()];
}

// cobra's SuggestionsFor: names at a distance of two at most, or that begin with what was typed.
std::string unknown_command(std::string_view word) {
    auto text = cat("error: unknown command ", quoted(word), " for \"kubectl\"\n");
    std::vector<std::string> near;
    for (const auto& command : commands())
        if (command.path.find(' ') == std::string_view::npos &&
            (distance(word, command.path) <= 2 || command.path.starts_with(word)))
            near.emplace_back(command.path);
    std::sort(near.begin(), near.end());
    if (!near.empty())
        append(text, "\nDid you mean this?\n");
    for (const auto& name : near)
        append(text, "\t", name, "\n");
    return text;
}

// Where the help of a group goes that was typed without a subcommand.
bool helps_on_stdout(std::string_view group) {
    return group == "rollout" || group == "certificate" || group == "create secret" || group == "create service" || group == "plugin" ||
           group == "kuberc";
}

// A group such as `rollout` without a subcommand.
Started show_group(const Command& group, const std::vector<std::string>& rest) {
    for (const auto& word : rest) {
        if (word == "-h" || word == "--help")
            return ended(0, help_text(group), {});
        if (!word.starts_with('-'))
            return ended(1, {}, cat("error: unknown command ", quoted(word), "\nSee 'kubectl ", group.path, " -h' for help and examples\n"));
    }
    return helps_on_stdout(group.path) ? ended(1, help_text(group), {}) : ended(1, {}, help_text(group));
}

Started run_command(const Environment& environment, const Command& command, const std::vector<std::string>& rest,
                    std::string_view input) {
    const FlagSet set = flags_of(command);
    auto parsed = parse_flags(set, rest);
    if (!parsed.ok()) {
        if (parsed.error().reason == "Help")
            return ended(0, help_text(command), {});
        return ended(command.path == "diff" ? 2 : 1, {},
                     cat("error: ", parsed.error().message, "\nSee 'kubectl ", command.path, " --help' for usage.\n"));
    }
    auto connection = connection_of(environment, parsed.value());
    if (!connection.ok())
        return ended(1, {}, connection.refusal().alone() + "\n");
    std::string old;  // flags that nobody should use any more
    for (const auto& [name, value] : parsed.value().order)
        if (const Flag* flag = set.find(name); flag && !flag->deprecated.empty())
            append(old, "Flag --", name, " has been deprecated, ", flag->deprecated, "\n");
    Run run(environment, command, parsed.take(), connection.value(), input);
    run.err(old);
    command.run(run);
    const auto notes = run.server.take_notes();
    run.err(notes);
    if (run.flags.is("warnings-as-errors") && run.started.output.exit == 0 && run.started.output.err.find("Warning: ") != std::string::npos)
        run.fail("1 warning received");
    return std::move(run.started);
}

}  // namespace

void Continuation::typed(std::string_view, Time, Output&) {}
void Continuation::input_ended(Time, Output&) {}
void Continuation::edited(const std::optional<std::string>&, Time, Output&) {}

Started start(const Environment& environment, const std::vector<std::string>& argv, std::string_view input) {
    const auto chosen = choose(argv);
    if (!chosen.command) {
        std::string help;
        for (const auto& word : chosen.rest) {
            if (word == "help") {
                help = "help";
                continue;
            }
            if (word.starts_with('-'))
                continue;
            if (help.empty())
                return ended(1, {}, unknown_command(word));
            // `kubectl help create job`
            help = help == "help" ? word : cat(help, " ", word);
        }
        if (const auto* command = find_command(help))
            return ended(0, help_text(*command), {});
        return ended(0, overview_text(), {});
    }
    if (!chosen.command->run)
        return show_group(*chosen.command, chosen.rest);
    return run_command(environment, *chosen.command, chosen.rest, input);
}

std::vector<Applied> apply_documents(const Environment& environment, std::string_view manifest, Trial trial) {
    ApplyMode mode;
    mode.dry_run = trial == Trial::yes ? DryRun::server : DryRun::none;
    Server server(environment.transport, environment.user);
    Found found = parse_manifest(manifest, "STDIN", {environment.namespace_name, false, true, &server});
    std::vector<Applied> results;
    std::size_t next_refusal = 0;
    for (const auto& info : found.infos) {
        Applied entry;
        entry.document = info.document;
        const auto refuse = [&entry](const Refusal& refusal) {
            entry.error = refusal.alone();
            entry.status = refusal.status;
        };
        if (!info.kind) {
            refuse(found.refusals[next_refusal++]);
            results.push_back(std::move(entry));
            continue;
        }
        auto applied = apply_object(server, environment.schema, info, mode);
        std::string notes = server.take_notes();
        if (applied.ok()) {
            entry.line = cat(info.slash_name(), " ", change_name(applied.value().change));
            notes += applied.value().notes;
            entry.object = applied.value().object;
        } else {
            refuse(applied.refusal());
        }
        constexpr std::string_view prefix = "Warning: ";
        for (const auto note : split(notes, '\n'))
            if (!note.empty())
                entry.warnings.emplace_back(note.starts_with(prefix) ? note.substr(prefix.size()) : note);
        results.push_back(std::move(entry));
    }
    return results;
}

}  // namespace kubewalk::kubectl
