// Upstream: k8s.io/kubectl/pkg/cmd/set/set_env.go, pkg/cmd/set/env.

#include <algorithm>

#include "core/api/names.h"
#include "core/base/base64.h"
#include "core/base/text.h"
#include "core/kubectl/modify.h"

namespace kubewalk::kubectl::command {

using api::Value;

namespace {

// What is asked for: variables to set, and names to take away.
struct Wanted {
    std::vector<Value> set;
    std::vector<std::string> removed;
};

std::string_view called(const Value& variable) { return variable["name"].as_string(); }

// updateEnv: what is there keeps its place.
Value updated(const Value& existing, const Wanted& wanted) {
    Value list = Value::array();
    std::vector<std::string> covered = wanted.removed;
    const auto is_covered = [&covered](std::string_view name) { return std::find(covered.begin(), covered.end(), name) != covered.end(); };
    for (const auto& variable : existing.items()) {
        if (is_covered(called(variable)))
            continue;
        const auto newer = std::find_if(wanted.set.begin(), wanted.set.end(), [&](const Value& one) { return called(one) == called(variable); });
        if (newer != wanted.set.end())
            covered.emplace_back(called(variable));
        list.push_back(newer != wanted.set.end() ? *newer : variable);
    }
    for (const auto& variable : wanted.set)
        if (!is_covered(called(variable))) {
            covered.emplace_back(called(variable));
            list.push_back(variable);
        }
    return list;
}

// ParseEnv: KEY=VALUE, KEY-, and "-" for lines of standard input.
Answer<Wanted> parse(const Run& run, const std::vector<std::string>& pairs) {
    Wanted wanted;
    std::vector<std::string> words = run.flags.list("env");
    words.insert(words.end(), pairs.begin(), pairs.end());
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (words[i] == "-") {
            for (const auto line : split(run.input, '\n'))
                if (const auto text = trim(line); !text.empty() && text[0] != '#')
                    words.emplace_back(text);
            continue;
        }
        const auto equals = words[i].find('=');
        if (equals != std::string::npos) {
            const auto name = words[i].substr(0, equals);
            if (const auto wrong = api::is_relaxed_env_var_name(name); !wrong.empty())
                return Refusal::plain(cat(quoted(name), " is not a valid key name: ", join(wrong, ";")));
            wanted.set.push_back(Value::object({{"name", name}, {"value", words[i].substr(equals + 1)}}));
        } else if (words[i].ends_with('-')) {
            wanted.removed.push_back(words[i].substr(0, words[i].size() - 1));
        } else {
            return Refusal::plain(cat("unknown environment variable: ", words[i]));
        }
    }
    return wanted;
}

// keyToEnvName: letters, digits and underscores in capitals.
std::string environment_name(std::string_view key) {
    std::string name;
    for (const char c : key)
        name += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ? c : '_';
    return name;
}

// --from=configmap/NAME or secret/NAME: each key becomes a reference.
std::optional<Refusal> add_references(Run& run, Wanted& wanted) {
    if (!run.flags.has("from"))
        return std::nullopt;
    auto target = parse_target(run.flags.text("from"), "");
    if (!target.ok())
        return target.refusal();
    const auto& kind = target.value().kind->kind;
    auto source = run.server.get(*target.value().kind, run.namespace_name(), target.value().name);
    if (!source.ok())
        return source.refusal();
    if (kind != "ConfigMap" && kind != "Secret")
        return Refusal::plain("unsupported resource specified in --from");
    const auto keys = run.flags.list("keys");
    for (const auto& [key, value] : source.value()["data"].members()) {
        if (!keys.empty() && std::find(keys.begin(), keys.end(), key) == keys.end())
            continue;
        const auto name = environment_name(key);
        if (name != key)
            run.err(cat("Warning: key ", key, " transferred to ", name, "\n"));
        wanted.set.push_back(Value::object(
            {{"name", name},
             {"valueFrom", Value::object({{kind == "Secret" ? "secretKeyRef" : "configMapKeyRef",
                                           Value::object({{"name", target.value().name}, {"key", key}})}})}}));
    }
    return std::nullopt;
}

std::string reference_text(const Value& from) {
    if (const auto& map = from["configMapKeyRef"]; !map.is_null())
        return cat("configmap ", map["name"].as_string(), ", key ", map["key"].as_string());
    if (const auto& secret = from["secretKeyRef"]; !secret.is_null())
        return cat("secret ", secret["name"].as_string(), ", key ", secret["key"].as_string());
    if (const auto& field = from["fieldRef"]; !field.is_null())
        return cat("field path ", field["fieldPath"].as_string());
    if (const auto& resource = from["resourceFieldRef"]; !resource.is_null()) {
        const auto container = resource["containerName"].as_string();
        return cat("resource ", resource["resource"].as_string(), container.empty() ? "" : ", container ", container);
    }
    return "invalid valueFrom";
}

// --resolve: what the reference stands for.
Answer<std::string> resolve(Run& run, const Info& info, const Value& from) {
    const auto read = [&](const api::Kind& kind, const Value& reference, std::string_view what) -> Answer<Value> {
        auto source = run.server.get(kind, info.namespace_name, reference["name"].as_string());
        if (!source.ok())
            return source.refusal();
        const auto& value = source.value()["data"][reference["key"].as_string()];
        if (value.is_null())
            return Refusal::plain(cat("key ", reference["key"].as_string(), " not found in ", what, " ", reference["name"].as_string()));
        return value;
    };
    if (!from["configMapKeyRef"].is_null()) {
        auto value = read(api::kind::config_maps, from["configMapKeyRef"], "config map");
        return value.ok() ? Answer<std::string>(value.value().str()) : value.refusal();
    }
    if (!from["secretKeyRef"].is_null()) {
        auto value = read(api::kind::secrets, from["secretKeyRef"], "secret");
        return value.ok() ? Answer<std::string>(base64_prefix(value.value().as_string()).bytes) : value.refusal();
    }
    return Refusal::plain("invalid valueFrom");
}

void list_one(Run& run, const Info& info, const Value& container, std::vector<std::string>& failures) {
    run.out(cat("# ", info.kind->kind, " ", info.name, ", container ", container["name"].as_string(), "\n"));
    for (const auto& variable : container["env"].items()) {
        const auto& from = variable["valueFrom"];
        if (from.is_null()) {
            run.out(cat(called(variable), "=", variable["value"].as_string(), "\n"));
            continue;
        }
        if (run.flags.is("resolve")) {
            if (auto value = resolve(run, info, from); value.ok()) {
                run.out(cat(called(variable), "=", value.value(), "\n"));
                continue;
            } else {
                failures.push_back(cat("error retrieving reference for ", called(variable), ": ", value.refusal().text));
            }
        }
        run.out(cat("# ", called(variable), " from ", reference_text(from), "\n"));
    }
}

void list_variables(Run& run, const std::vector<std::string>& resources, const Wanted& wanted) {
    Found found = find_resources(run, resources, {});
    std::vector<std::string> failures;
    for (auto& info : found.infos)
        if (Value* spec = pod_spec_of(*info.kind, info.object))
            each_container(*spec, run.flags.text("containers"), [&](Value& container) {
                container.set("env", updated(container["env"], wanted));
                list_one(run, info, container, failures);
            });
    for (const auto& failure : failures)
        run.err(failure + "\n");
    run.fail(found.refusals);
}

Answer<Outcome> change_variables(Run& run, const Info& info, const Wanted& wanted) {
    Outcome outcome{info.object, "env updated"};
    Value* spec = pod_spec_of(*info.kind, outcome.object);
    if (!spec)
        return refusal_about(info, "the object is not a pod or does not have a pod template: *unstructured.Unstructured");
    const auto pattern = run.flags.text("containers");
    std::optional<Refusal> refused;
    const int found = each_container(*spec, pattern, [&](Value& container) {
        if (!run.flags.is("overwrite"))
            for (const auto& there : container["env"].items())
                for (const auto& variable : wanted.set)
                    if (called(there) == called(variable))
                        refused = refusal_about(info, cat("'", called(there), "' already has a value (", there["value"].as_string(),
                                                          "), and --overwrite is false"));
        Value list = updated(container["env"], wanted);
        if (list.empty())
            container.erase("env");
        else
            container.set("env", std::move(list));
    });
    if (refused)
        return *refused;
    if (found == 0)
        run.err(cat("Warning: ", info.kind->kind, "/", info.name, " does not have any containers matching ", quoted(pattern), "\n"));
    if (outcome.object == info.object)
        outcome.operation.clear();
    return outcome;
}

}  // namespace

void set_env_flags(FlagSet& set) {
    add_modify_flags(set, "kubectl-set");
    set.text("containers", "Containers by name; * stands for any letters", 'c', "*")
        .array("env", "A variable, KEY=VALUE; may come again", 'e')
        .text("from", "A ConfigMap or Secret whose keys become variables: configmap/NAME")
        .list("keys", "Only these keys of --from")
        .boolean("list", "Print the variables instead")
        .boolean("resolve", "With --list: print what references stand for")
        .boolean("overwrite", "Variables that exist may change", 0, "true")
        .text("prefix", "What to put before the names");
}

void set_env(Run& run) {
    std::vector<std::string> resources, pairs;
    for (const auto& arg : run.args()) {
        const bool variable = arg == "-" || arg.find('=') != std::string::npos || (arg.size() > 1 && arg.ends_with('-'));
        if (!variable && !pairs.empty())
            return run.fail(cat("all resources must be specified before environment changes: ", join(run.args(), " ")));
        (variable ? pairs : resources).push_back(arg);
    }
    if (resources.empty() && !run.flags.has("filename"))
        return run.fail("one or more resources must be specified as <resource> <name> or <resource>/<name>");
    if (run.flags.is("list") && run.flags.has("output"))
        return run.fail("--list and --output may not be specified together");
    if (run.flags.has("keys") && !run.flags.has("from"))
        return run.fail("when specifying --keys, a configmap or secret must be provided with --from");
    auto wanted = parse(run, pairs);
    if (!wanted.ok())
        return run.fail(wanted.refusal());
    if (auto refused = add_references(run, wanted.value()))
        return run.fail(*refused);
    if (run.flags.has("prefix"))
        for (auto& variable : wanted.value().set)
            variable.set("name", cat(run.flags.text("prefix"), called(variable)));
    if (run.flags.is("list"))
        return list_variables(run, resources, wanted.value());
    if (wanted.value().set.empty() && pairs.empty())
        return run.fail("at least one environment variable must be provided");
    modify_each(run, resources, [&](const Info& info) { return change_variables(run, info, wanted.value()); });
}

}  // namespace kubewalk::kubectl::command
