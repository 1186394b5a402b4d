// Words that could stand at the end of a line. Live names are asked of the server.

#include <algorithm>

#include "core/base/text.h"
#include "core/kubectl/command.h"
#include "core/kubectl/resource_args.h"

namespace kubewalk::kubectl {

namespace {

using Words = std::vector<std::string>;

struct Typed {
    Words words;        // before the last one, "kubectl" first
    std::string last;   // may be empty
};

Typed typed(std::string_view line) {
    Typed result;
    for (const auto word : fields(line))
        result.words.emplace_back(word);
    if (!line.empty() && line.back() != ' ' && !result.words.empty()) {
        result.last = result.words.back();
        result.words.pop_back();
    }
    return result;
}

// The command that was typed so far and how many words it took.
struct Known {
    const Command* command = nullptr;
    std::string path;
    Words args;                  // arguments behind it, without flags
    std::string namespace_name;
    std::string open;            // the flag whose value the last word is, "" for none
};

Known known(const Environment& environment, const Typed& line) {
    Known result;
    result.namespace_name = environment.namespace_name;
    for (std::size_t i = 1; i < line.words.size(); ++i) {
        const std::string& word = line.words[i];
        const auto longer = result.path.empty() ? word : cat(result.path, " ", word);
        if (!word.starts_with('-')) {
            if (const auto* command = result.args.empty() ? find_command(longer) : nullptr) {
                result.command = command;
                result.path = longer;
            } else {
                result.args.push_back(word);
            }
            continue;
        }
        const FlagSet set = result.command ? flags_of(*result.command) : global_flags();
        const auto equals = word.find('=');
        const Flag* flag = word.starts_with("--") ? set.find(std::string_view(word).substr(2, equals == std::string::npos ? equals : equals - 2))
                           : word.size() == 2     ? set.find(word[1])
                                                  : nullptr;
        if (flag && flag->name == "namespace" && equals != std::string::npos)
            result.namespace_name = word.substr(equals + 1);
        if (!flag || !flag->bare.empty() || equals != std::string::npos)
            continue;
        if (i + 1 == line.words.size()) {
            result.open = flag->name;
        } else {
            if (flag->name == "namespace")
                result.namespace_name = line.words[i + 1];
            ++i;
        }
    }
    return result;
}

Words names_of(const Environment& environment, const api::Kind& kind, std::string_view namespace_name) {
    Words names;
    auto list = Server(environment.transport, environment.user).quiet().list(kind, kind.namespaced() ? namespace_name : std::string_view());
    if (list.ok())
        for (const auto& item : list.value()["items"].items())
            names.emplace_back(api::name_of(item));
    return names;
}

Words kind_words() {
    Words words{"all"};
    for (const auto& kind : api::kinds())
        words.emplace_back(kind.resource);
    return words;
}

// TYPE, TYPE/NAME and NAME in turn.
Words resource_words(const Environment& environment, const Known& line, const std::string& last) {
    if (const auto slash = last.find('/'); slash != std::string::npos) {
        Words words;
        if (const auto* kind = api::find_by_any_name(last.substr(0, slash)))
            for (const auto& name : names_of(environment, *kind, line.namespace_name))
                words.push_back(cat(last.substr(0, slash), "/", name));
        return words;
    }
    if (line.args.empty())
        return kind_words();
    const auto* kind = api::find_by_any_name(line.args[0]);
    return kind ? names_of(environment, *kind, line.namespace_name) : Words{};
}

Words container_words(const Environment& environment, const Known& line) {
    Words words;
    if (line.args.empty())
        return words;
    auto pod = Server(environment.transport, environment.user).quiet().get(api::kind::pods, line.namespace_name, line.args[0]);
    if (pod.ok())
        for (std::string_view list : {"containers", "initContainers"})
            for (const auto& container : pod.value()["spec"][list].items())
                words.push_back(container["name"].str());
    return words;
}

Words flag_words(const Command& command) {
    Words words;
    const FlagSet set = flags_of(command);
    for (const auto& flag : set.all())
        words.push_back(cat("--", flag.name, flag.bare.empty() ? "=" : ""));
    return words;
}

Words flag_value_words(const Environment& environment, const Known& line) {
    const auto& name = line.open;
    if (name == "namespace")
        return names_of(environment, api::kind::namespaces, {});
    if (name == "container")
        return container_words(environment, line);
    if (name == "output")
        return {"custom-columns=", "json", "jsonpath=", "name", "wide", "yaml"};
    return {};
}

Words subcommand_words(std::string_view path) {
    Words words;
    const auto prefix = path.empty() ? std::string() : cat(path, " ");
    for (const auto& command : commands())
        if (command.path.starts_with(prefix)) {
            const auto rest = command.path.substr(prefix.size());
            if (rest.find(' ') == std::string_view::npos)
                words.emplace_back(rest);
        }
    return words;
}

Words candidates(const Environment& environment, const Known& line, const std::string& last) {
    if (!line.open.empty())
        return flag_value_words(environment, line);
    if (!line.command)
        return subcommand_words({});
    if (last.starts_with('-'))
        return flag_words(*line.command);
    Words words = line.args.empty() ? subcommand_words(line.path) : Words{};
    switch (line.command->takes) {
        case Takes::nothing:
        case Takes::contexts: break;
        case Takes::resources: {
            const auto more = resource_words(environment, line, last);
            words.insert(words.end(), more.begin(), more.end());
            break;
        }
        case Takes::pods: {
            const bool slash = last.find('/') != std::string::npos;
            const auto more = slash ? resource_words(environment, line, last)
                                    : line.args.empty() ? names_of(environment, api::kind::pods, line.namespace_name) : Words{};
            words.insert(words.end(), more.begin(), more.end());
            break;
        }
        case Takes::nodes: {
            const auto more = names_of(environment, api::kind::nodes, {});
            words.insert(words.end(), more.begin(), more.end());
            break;
        }
    }
    return words;
}

}  // namespace

std::vector<std::string> complete(const Environment& environment, std::string_view line) {
    const Typed words = typed(line);
    if (words.words.empty())
        return {};
    const Known so_far = known(environment, words);
    // --flag=value: what stands before the value stays.
    std::string prefix, last = words.last;
    Words found;
    const auto equals = last.find('=');
    if (last.starts_with("--") && equals != std::string::npos) {
        Known with_value = so_far;
        with_value.open = last.substr(2, equals - 2);
        prefix = last.substr(0, equals + 1);
        last = last.substr(equals + 1);
        found = flag_value_words(environment, with_value);
    } else {
        found = candidates(environment, so_far, last);
    }
    std::erase_if(found, [&](const std::string& word) { return !word.starts_with(last); });
    std::sort(found.begin(), found.end());
    found.erase(std::unique(found.begin(), found.end()), found.end());
    for (auto& word : found)
        word = prefix + word;
    return found;
}

}  // namespace kubewalk::kubectl
