// Upstream: k8s.io/kubectl/pkg/cmd/set/set_env.go.

#include "core/base/text.h"
#include "core/kubectl/modify.h"

namespace kubewalk::kubectl::command {

using api::Value;

namespace {

void put_variable(Value& container, std::string_view name, std::string_view value) {
    auto& list = container.edit("env");
    for (std::size_t i = 0; i < list.size(); ++i)
        if (list[i]["name"].as_string() == name) {
            list.edit_at(i) = Value::object({{"name", name}, {"value", value}});
            return;
        }
    list.push_back(Value::object({{"name", name}, {"value", value}}));
}

void remove_variable(Value& container, std::string_view name) {
    if (!container.contains("env"))
        return;
    auto& list = container.edit("env");
    for (std::size_t i = list.size(); i-- > 0;)
        if (list[i]["name"].as_string() == name)
            list.erase_at(i);
    if (list.empty())
        container.erase("env");
}

bool is_chosen(const Run& run, const Value& container) {
    const auto wanted = run.flags.text("containers");
    return wanted == "*" || wanted == container["name"].as_string();
}

Answer<Outcome> change_variables(Run& run, const Info& info, const std::vector<std::string>& pairs) {
    Outcome outcome{info.object, "env updated"};
    Value* spec = pod_spec_of(*info.kind, outcome.object);
    if (!spec)
        return Refusal::plain(cat("error: ", info.kind->resource, "/", info.name, " the object is not a pod or does not have a pod template: *unstructured.Unstructured"));
    for (std::size_t i = 0; i < (*spec)["containers"].size(); ++i) {
        if (!is_chosen(run, (*spec)["containers"][i]))
            continue;
        auto& container = spec->edit("containers").edit_at(i);
        for (const auto& pair : pairs) {
            const auto equals = pair.find('=');
            if (equals == std::string::npos)
                remove_variable(container, std::string_view(pair).substr(0, pair.size() - 1));
            else
                put_variable(container, pair.substr(0, equals), pair.substr(equals + 1));
        }
    }
    if (outcome.object == info.object)
        outcome.operation.clear();
    return outcome;
}

void list_variables(Run& run, const std::vector<std::string>& resources) {
    Found found = find_resources(run, resources, {});
    for (auto& info : found.infos) {
        const Value* spec = pod_spec_of(*info.kind, info.object);
        if (!spec)
            continue;
        for (const auto& container : (*spec)["containers"].items()) {
            if (!is_chosen(run, container))
                continue;
            run.out(cat("# ", info.kind->resource, " ", info.name, ", container ", container["name"].as_string(), "\n"));
            for (const auto& entry : container["env"].items())
                run.out(entry["valueFrom"].is_null() ? cat(entry["name"].as_string(), "=", entry["value"].as_string(), "\n")
                                                     : cat("# ", entry["name"].as_string(), " from a reference\n"));
        }
    }
    run.fail(found.refusals);
}

}  // namespace

void set_env_flags(FlagSet& set) {
    add_modify_flags(set);
    set.text("containers", "The container, * for all", 'c', "*").boolean("list", "Print the variables instead");
}

void set_env(Run& run) {
    auto parts = resources_and_pairs(run.args(), "environment");
    if (!parts.ok())
        return run.fail(parts.refusal());
    const auto& [resources, pairs] = parts.value();
    if (resources.empty() && !run.flags.has("filename"))
        return run.fail("one or more resources must be specified as <resource> <name> or <resource>/<name>");
    if (run.flags.is("list"))
        return list_variables(run, resources);
    if (pairs.empty())
        return run.fail("at least one environment variable must be provided");
    modify_each(run, resources, pairs, change_variables);
}

}  // namespace kubewalk::kubectl::command
