// APIService. Upstream: k8s.io/kube-aggregator/pkg/registry/apiservice/etcd/etcd.go (ConvertToTable).

#include "core/apiserver/tables/printers.h"
#include "core/base/text.h"

namespace kubewalk::apiserver::tables::api_services {

namespace {
constexpr Column table[] = {{"Name", "string", "name"}, {"Service", "string", ""}, {"Available", "string", ""}, {"Age", "string", ""}};

std::string availability(const api::Value& object) {
    for (const auto& condition : object["status"]["conditions"].items())
        if (condition["type"].as_string() == "Available") {
            const auto status = condition["status"].as_string(), reason = condition["reason"].as_string();
            return status == "True" || reason.empty() ? std::string(status) : cat(status, " (", reason, ")");
        }
    return "Unknown";
}
}  // namespace

constinit const std::span<const Column> columns = table;

Cells cells(const api::Value& object, Time now, Width) {
    const auto& service = object["spec"]["service"];
    return {api::name_of(object),
            service.is_null() ? std::string("Local") : cat(service["namespace"].as_string(), "/", service["name"].as_string()),
            availability(object), age(object, now)};
}

}  // namespace kubewalk::apiserver::tables::api_services
