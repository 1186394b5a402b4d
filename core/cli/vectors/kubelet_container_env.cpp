// kubelet/container-env.json: Pod, container and Services -> the container's environment, as a set.

#include "core/api/json.h"
#include "core/base/text.h"
#include "core/cli/vectors/runner.h"
#include "core/kubelet/environment.h"

namespace kubewalk::cli {
namespace {

// The recording has no ConfigMaps and Secrets: what asks for one finds none.
class NoObjects final : public kubelet::ObjectSource {
public:
    Result<api::Value> config_map(std::string_view, std::string_view name) override {
        return Error{"NotFound", cat("configmap ", quoted(name), " not found"), {}, 0, 0};
    }
    Result<api::Value> secret(std::string_view, std::string_view name) override {
        return Error{"NotFound", cat("secret ", quoted(name), " not found"), {}, 0, 0};
    }
};

bool needs_objects(const api::Value& container) {
    for (const auto& source : container["envFrom"].items()) {
        if (!source["configMapRef"]["optional"].as_bool() && !source["secretRef"]["optional"].as_bool())
            return true;
    }
    for (const auto& variable : container["env"].items()) {
        const auto& from = variable["valueFrom"];
        for (const char* kind : {"configMapKeyRef", "secretKeyRef"}) {
            if (from[kind].is_object() && !from[kind]["optional"].as_bool())
                return true;
        }
    }
    return false;
}

std::vector<std::string> texts(const api::Value& array) {
    std::vector<std::string> out;
    for (const auto& item : array.items())
        out.push_back(item.str());
    return out;
}

void run_case(const api::Value& test, Report& report) {
    const auto& args = test["args"];
    if (needs_objects(args["container"])) {
        report.skip(test["id"].as_string(), "ConfigMaps and Secrets were not recorded");
        return;
    }
    NoObjects objects;
    const auto listed = test["given"]["services"].items();
    const std::vector<api::Value> services(listed.begin(), listed.end());
    // The test's fake node, as the recorded results show it.
    const std::vector<std::string> host_ips = {test["given"]["nodeName"].str(), "::1"};
    auto pod_ips = texts(args["podIPs"]);
    // Whether the Services were known yet was not recorded; the error says so.
    const bool synced = test["result"][1]["error"].as_string().find("services have not yet been read") == std::string_view::npos;
    const kubelet::EnvironmentInput input{services, synced, std::move(pod_ips),
                                          host_ips, api::null_value(), objects};
    const auto environment = kubelet::container_environment(args["pod"], args["container"], input);
    if (!environment.ok()) {
        report.check(test["id"].as_string(), test["result"][1]["error"].as_string(), environment.error().message);
        return;
    }
    auto expected = api::Value::object();
    for (const auto& variable : test["result"][0].items())
        expected.set(variable["Name"].as_string(), variable["Value"]);
    auto found = api::Value::object();
    for (const auto& [name, value] : environment.value())
        found.set(name, value);
    report.check(test["id"].as_string(), api::to_json(expected), api::to_json(found));
}

}  // namespace

void run_kubelet_container_env(const api::Value& root, Report& report) {
    for (const auto& test : root["cases"].items())
        run_case(test, report);
}

}  // namespace kubewalk::cli
