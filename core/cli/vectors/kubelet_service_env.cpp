// kubelet/service-env-vars.json: Services -> environment variables, in order.

#include "core/api/json.h"
#include "core/cli/vectors/runner.h"
#include "core/kubelet/environment.h"

namespace kubewalk::cli {

void run_kubelet_service_env(const api::Value& root, Report& report) {
    for (const auto& test : root["cases"].items()) {
        const auto services = test["args"]["services"].items();
        auto found = api::Value::array();
        for (const auto& [name, value] : kubelet::service_environment({services.begin(), services.end()}))
            found.push_back(api::Value::object({{"name", name}, {"value", value}}));
        report.check(test["id"].as_string(), api::to_json(test["result"][0]), api::to_json(found));
    }
}

}  // namespace kubewalk::cli
