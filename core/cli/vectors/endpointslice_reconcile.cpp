// endpointslice/reconcile.json: Service, Pods and slices in; the slices in the API afterwards out.
#include <algorithm>
#include <map>

#include "core/api/json.h"
#include "core/base/text.h"
#include "core/cli/vectors/runner.h"
#include "core/controllers/endpointslice/reconciler.h"

namespace kubewalk::cli {

namespace {

using api::Value;
using controllers::Objects;
namespace endpointslice = controllers::endpointslice;

Objects objects(const Value& list) {
    const auto items = list.items();
    return Objects(items.begin(), items.end());
}

Value sorted(const Value& list) {
    std::vector<std::pair<std::string, Value>> items;
    for (const auto& item : list.items())
        items.emplace_back(api::to_json(item), item);
    std::sort(items.begin(), items.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    Value result = Value::array();
    for (const auto& [text, item] : items)
        result.push_back(item);
    return result;
}

// Slices without generated names; ports in any order. Which endpoint lands in which slice is chance
// upstream (a map is iterated): so each slice counts with its number of endpoints, and the endpoints of all
// slices with the same ports are compared as one set. The test double adds the namespace.
Value comparable_set(const Objects& slices) {
    Value shapes = Value::array();
    std::map<std::string, Value> endpoints;
    for (const auto& slice : slices) {
        Value metadata = slice["metadata"];
        for (const auto key :
             {"name", "generateName", "generation", "creationTimestamp", "resourceVersion", "namespace"})
            metadata.erase(key);
        if (metadata["annotations"].empty())
            metadata.erase("annotations");
        const Value ports = sorted(slice["ports"]);
        shapes.push_back(Value::object({{"metadata", metadata},
                                        {"addressType", slice["addressType"]},
                                        {"ports", ports},
                                        {"endpoints", static_cast<std::int64_t>(slice["endpoints"].size())}}));
        Value& group = endpoints[cat(slice["addressType"].as_string(), " ", api::to_json(ports))];
        for (const auto& endpoint : slice["endpoints"].items())
            group.push_back(endpoint);
    }
    Value result = Value::object({{"slices", sorted(shapes)}});
    for (const auto& [ports, group] : endpoints)
        result.edit("endpoints").set(ports, sorted(group));
    return result;
}

Objects slices_afterwards(const Objects& existing, const endpointslice::Changes& changes) {
    std::map<std::string, Value> by_name;
    for (const auto& slice : existing)
        by_name[std::string(api::name_of(slice))] = slice;
    for (const auto& slice : changes.update)
        by_name[std::string(api::name_of(slice))] = slice;
    for (const auto& slice : changes.remove)
        by_name.erase(std::string(api::name_of(slice)));
    Objects result = changes.create;
    for (const auto& [name, slice] : by_name)
        result.push_back(slice);
    return result;
}

std::string text_of(const std::string& error, const Value& slices) {
    return cat("error: ", error, "\n", api::to_json(slices));
}

}  // namespace

void run_endpointslice_reconcile(const Value& root, Report& report) {
    for (const auto& one : root["cases"].items()) {
        const auto id = one["id"].as_string();
        const Value& args = one["args"];
        endpointslice::Input input;
        input.service = args["service"];
        input.pods = objects(args["pods"]);
        input.slices = objects(args["existingSlices"]);
        input.max_endpoints = static_cast<int>(one["given"]["maxEndpointsPerSlice"].as_int());
        input.trigger_time = args["triggerTime"].str();
        const Value& nodes = one["given"]["nodes"];
        input.node = [&nodes](std::string_view name) {
            for (const auto& node : nodes.items())
                if (api::name_of(node) == name)
                    return node;
            return Value();
        };
        endpointslice::TopologyCache topology;
        if (one["given"]["topologyCache"].as_bool()) {
            topology.set_nodes(objects(nodes));
            input.topology = &topology;
        }
        const auto changes = endpointslice::reconcile(input);
        const std::string error = changes.errors.empty() ? std::string() : endpointslice::aggregate(changes.errors);
        const Value& result = one["result"];
        report.check(id, text_of(result[0]["error"].str(), comparable_set(objects(result[result.size() - 1]))),
                     text_of(error, comparable_set(slices_afterwards(input.slices, changes))));
    }
}

}  // namespace kubewalk::cli
