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
    const FlagSet global = global_flags();
    Parsed nothing;
    nothing.set = &global;
    const auto connection = connection_of(environment, nothing);
    result.namespace_name = connection.ok() ? connection.value().namespace_name : environment.namespace_name;
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

// Of the Pod, or of the Pod template of what TYPE/NAME names.
Words container_words(const Environment& environment, const Known& line) {
    Words words;
    if (line.args.empty())
        return words;
    const auto slash = line.args[0].find('/');
    const auto* kind = slash == std::string::npos ? &api::kind::pods : api::find_by_any_name(line.args[0].substr(0, slash));
    if (!kind)
        return words;
    auto object = Server(environment.transport, environment.user).quiet().get(*kind, line.namespace_name, slash == std::string::npos ? line.args[0] : line.args[0].substr(slash + 1));
    if (!object.ok())
        return words;
    const auto& spec = kind->kind == "Pod" ? object.value()["spec"] : object.value()["spec"]["template"]["spec"];
    for (std::string_view list : {"containers", "initContainers", "ephemeralContainers"})
        for (const auto& container : spec[list].items())
            words.push_back(container["name"].str());
    return words;
}

Words flag_words(const Command& command) {
    Words words;
    const FlagSet set = flags_of(command);
    for (const auto& flag : set.all())
        if (flag.deprecated.empty())
            words.push_back(cat("--", flag.name, flag.bare.empty() ? "=" : ""));
    return words;
}

// Flags with a handful of values.
struct Choices {
    std::string_view flag;
    std::string_view values;
};
constexpr Choices choices[] = {{"dry-run", "client none server"},
                               {"cascade", "background foreground orphan"},
                               {"validate", "ignore strict warn"},
                               {"restart", "Always Never OnFailure"},
                               {"image-pull-policy", "Always IfNotPresent Never"},
                               {"type", "ClusterIP ExternalName LoadBalancer NodePort"},
                               {"types", "Normal Warning"},
                               {"protocol", "SCTP TCP UDP"},
                               {"session-affinity", "ClientIP None"},
                               {"for", "condition= create delete jsonpath="},
                               {"profile", "baseline general legacy netadmin restricted sysadmin"},
                               {"v", "0 6 7 8 9"}};

Words config_names(const Environment& environment, std::string_view list) {
    const FlagSet global = global_flags();
    Parsed parsed;
    parsed.set = &global;
    Words names;
    const auto configuration = load_configuration(environment, parsed);
    for (const auto& entry : configuration.content[list].items())
        names.push_back(entry["name"].str());
    return names;
}

// Labels that objects of the kind bear: "app=carts", after what stands before the last comma.
Words label_words(const Environment& environment, const Known& line, const std::string& last) {
    const auto* kind = line.args.empty() ? nullptr : api::find_by_any_name(line.args[0].substr(0, line.args[0].find('/')));
    const bool of_pods = line.command && line.command->takes == Takes::pods;
    const auto& listed = kind ? *kind : of_pods ? api::kind::pods : api::kind::nodes;
    const auto comma = last.rfind(',');
    const auto before = comma == std::string::npos ? std::string() : last.substr(0, comma + 1);
    Words words;
    auto list = Server(environment.transport, environment.user).quiet().list(listed, listed.namespaced() ? line.namespace_name : std::string());
    if (list.ok())
        for (const auto& item : list.value()["items"].items())
            for (const auto& [key, value] : item["metadata"]["labels"].members())
                words.push_back(cat(before, key, "=", value.as_string()));
    return words;
}

Words flag_value_words(const Environment& environment, const Known& line, const std::string& last) {
    const auto& name = line.open;
    if (name == "namespace" || name == "namespaces")
        return names_of(environment, api::kind::namespaces, {});
    if (name == "container")
        return container_words(environment, line);
    if (name == "output")
        return {"custom-columns=", "custom-columns-file=", "go-template=", "go-template-file=", "json", "jsonpath=", "jsonpath-as-json=", "jsonpath-file=", "kyaml", "name", "wide", "yaml"};
    if (name == "selector")
        return label_words(environment, line, last);
    if (name == "context")
        return config_names(environment, "contexts");
    if (name == "cluster")
        return config_names(environment, "clusters");
    if (name == "user")
        return config_names(environment, "users");
    if (name == "sort-by" && line.path.starts_with("top"))
        return {"cpu", "memory"};
    if (name == "type" && line.path == "patch")
        return {"json", "merge", "strategic"};
    for (const auto& choice : choices)
        if (choice.flag == name) {
            Words words;
            for (const auto word : fields(choice.values))
                words.emplace_back(word);
            return words;
        }
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

Words verb_words() { return {"create", "delete", "deletecollection", "get", "impersonate", "list", "patch", "update", "use", "watch"}; }

// TYPE and TYPE/NAME of the kinds that can be rolled out and scaled.
Words workload_words(const Environment& environment, const Known& line, const std::string& last) {
    if (!line.args.empty() || last.find('/') != std::string::npos)
        return resource_words(environment, line, last);
    Words words;
    for (const auto* kind : {&api::kind::deployments, &api::kind::daemon_sets, &api::kind::stateful_sets}) {
        words.emplace_back(kind->singular);
        words.emplace_back(kind->resource);
    }
    return words;
}

// set image TYPE/NAME CONTAINER=
Words image_words(const Environment& environment, const Known& line) {
    Words words;
    if (line.args.empty())
        return words;
    const auto slash = line.args[0].find('/');
    const auto* kind = api::find_by_any_name(line.args[0].substr(0, slash));
    const auto name = slash != std::string::npos ? line.args[0].substr(slash + 1) : line.args.size() > 1 ? line.args[1] : std::string();
    if (!kind || name.empty())
        return words;
    auto object = Server(environment.transport, environment.user).quiet().get(*kind, line.namespace_name, name);
    if (object.ok())
        for (const auto& container : (kind->kind == "Pod" ? object.value()["spec"] : object.value()["spec"]["template"]["spec"])["containers"].items())
            words.push_back(container["name"].str() + "=");
    return words;
}

void add(Words& words, const Words& more) { words.insert(words.end(), more.begin(), more.end()); }

Words candidates(const Environment& environment, const Known& line, const std::string& last) {
    if (!line.open.empty())
        return flag_value_words(environment, line, last);
    if (!line.command)
        return subcommand_words({});
    if (last.starts_with('-'))
        return flag_words(*line.command);
    Words words = line.args.empty() ? subcommand_words(line.path) : Words{};
    const bool slash = last.find('/') != std::string::npos;
    switch (line.command->takes) {
        case Takes::nothing: break;
        case Takes::kinds: add(words, line.args.empty() ? kind_words() : Words{}); break;
        case Takes::verbs: add(words, line.args.empty() ? verb_words() : line.args.size() == 1 ? kind_words() : Words{}); break;
        case Takes::contexts: add(words, config_names(environment, "contexts")); break;
        case Takes::clusters: add(words, config_names(environment, "clusters")); break;
        case Takes::users: add(words, config_names(environment, "users")); break;
        case Takes::accounts: add(words, names_of(environment, api::kind::service_accounts, line.namespace_name)); break;
        case Takes::nodes: add(words, names_of(environment, api::kind::nodes, {})); break;
        case Takes::workloads: add(words, workload_words(environment, line, last)); break;
        case Takes::resources:
            add(words, resource_words(environment, line, last));
            if (line.path == "set image")
                add(words, image_words(environment, line));
            break;
        case Takes::pods:
            if (slash || line.args.empty())
                add(words, slash ? resource_words(environment, line, last) : names_of(environment, api::kind::pods, line.namespace_name));
            else if (line.path == "logs")
                add(words, container_words(environment, line));
            if (line.path == "cp")
                for (auto& word : words)
                    word += ":";
            if (line.path == "debug" && line.args.empty() && !slash)
                words.emplace_back("node/");
            break;
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
        found = flag_value_words(environment, with_value, last);
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
