#include "core/view/mention.h"

#include <algorithm>

#include "core/api/kinds.h"
#include "core/base/text.h"
#include "core/cluster/cluster.h"

namespace kubewalk::view {

namespace {

using api::Kind;

// Kinds that a bare name may belong to when the command does not say; what owns others first.
constexpr std::string_view usual[] = {"pods",       "deployments", "services", "nodes",        "statefulsets", "daemonsets",
                                      "jobs",       "cronjobs",    "ingresses", "replicasets", "configmaps",   "secrets",
                                      "namespaces", "endpoints",   "endpointslices"};

// Namespaces in the order in which they are tried.
std::vector<std::string> namespaces_of(const cluster::Cluster& cluster, std::string_view line, std::string_view command) {
    std::vector<std::string> all;
    for (const auto& object : cluster.peek_list(api::kind::namespaces, {}))
        all.emplace_back(api::name_of(object));
    std::vector<std::string> named;
    auto add = [&](std::string_view name) {
        if (std::find(all.begin(), all.end(), name) != all.end() && std::find(named.begin(), named.end(), name) == named.end())
            named.emplace_back(name);
    };
    const auto words = fields(command);
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (i + 1 < words.size() && (words[i] == "-n" || words[i] == "--namespace"))
            add(words[i + 1]);
        if (words[i].starts_with("--namespace="))
            add(words[i].substr(12));
        if (words[i].starts_with("-n") && words[i].size() > 2)
            add(words[i].substr(2));
    }
    // With -A the first column says it.
    for (const auto word : fields(line))
        add(word);
    add("default");
    for (const auto& name : all)
        add(name);
    return named;
}

sim::ObjectRef find(const cluster::Cluster& cluster, const Kind& kind, std::string_view name,
                    const std::vector<std::string>& namespaces) {
    if (!kind.namespaced())
        return cluster.peek(kind, {}, name).is_null() ? sim::ObjectRef{} : sim::ObjectRef{std::string(kind.resource), {}, std::string(name)};
    for (const auto& space : namespaces)
        if (!cluster.peek(kind, space, name).is_null())
            return {std::string(kind.resource), space, std::string(name)};
    return {};
}

// "carts-db,", "\"carts\"" and "(carts)" are carts.
std::string_view bare(std::string_view word) {
    constexpr std::string_view around = "\"'`,;:()[]{}<>";
    while (!word.empty() && around.find(word.front()) != std::string_view::npos)
        word.remove_prefix(1);
    while (!word.empty() && (around.find(word.back()) != std::string_view::npos || word.back() == '.'))
        word.remove_suffix(1);
    return word;
}

}  // namespace

sim::ObjectRef mentioned_object(const cluster::Cluster& cluster, std::string_view word, std::string_view line,
                                std::string_view command) {
    word = bare(word);
    if (word.empty() || word.size() > 253)
        return {};
    const auto slash = word.find('/');
    if (slash != std::string_view::npos) {
        const auto* kind = api::find_by_any_name(word.substr(0, slash));
        if (!kind)
            return {};
        return find(cluster, *kind, word.substr(slash + 1), namespaces_of(cluster, line, command));
    }
    // Only what can be a name is looked for; numbers and upper case are columns.
    const bool lower = std::all_of(word.begin(), word.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
    });
    const bool letters = std::any_of(word.begin(), word.end(), [](char c) { return c >= 'a' && c <= 'z'; });
    if (!lower || !letters)
        return {};
    const auto namespaces = namespaces_of(cluster, line, command);
    // The kind that the command asked for comes first: `kubectl get endpoints`.
    for (const auto part : fields(command))
        if (const auto* kind = api::find_by_any_name(part))
            if (auto found = find(cluster, *kind, word, namespaces); !found.name.empty())
                return found;
    for (const auto resource : usual)
        if (const auto* kind = api::find_by_any_name(resource))
            if (auto found = find(cluster, *kind, word, namespaces); !found.name.empty())
                return found;
    return {};
}

}  // namespace kubewalk::view
