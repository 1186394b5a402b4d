// CSIDriver, CSINode, CSIStorageCapacity, VolumeAttributesClass, RuntimeClass.
// Upstream: pkg/printers/internalversion/printers.go.

#include "core/api/quantity.h"
#include "core/apiserver/tables/printers.h"
#include "core/base/text.h"

namespace kubewalk::apiserver::tables {

using api::Value;

namespace csi_drivers {

namespace {
constexpr Column table[] = {
    {"Name", "string", "name"},         {"AttachRequired", "boolean", ""},    {"PodInfoOnMount", "boolean", ""}, {"StorageCapacity", "boolean", ""},
    {"TokenRequests", "string", ""},    {"RequiresRepublish", "boolean", ""}, {"Modes", "string", ""},           {"Age", "string", ""},
};
}

constinit const std::span<const Column> columns = table;

Cells cells(const Value& object, Time now, Width) {
    const auto& spec = object["spec"];
    std::vector<std::string> modes, audiences;
    for (const auto& mode : spec["volumeLifecycleModes"].items())
        modes.push_back(mode.str());
    for (const auto& request : spec["tokenRequests"].items())
        audiences.push_back(request["audience"].str());
    return {api::name_of(object),
            spec["attachRequired"].as_bool(true),
            spec["podInfoOnMount"].as_bool(),
            spec["storageCapacity"].as_bool(),
            spec["tokenRequests"].is_null() ? std::string("<unset>") : join(audiences, ","),
            spec["requiresRepublish"].as_bool(),
            modes.empty() ? std::string("<none>") : join(modes, ","),
            age(object, now)};
}

}  // namespace csi_drivers

namespace csi_nodes {

namespace {
constexpr Column table[] = {{"Name", "string", "name"}, {"Drivers", "integer", ""}, {"Age", "string", ""}};
}

constinit const std::span<const Column> columns = table;

Cells cells(const Value& object, Time now, Width) {
    return {api::name_of(object), static_cast<std::int64_t>(object["spec"]["drivers"].size()), age(object, now)};
}

}  // namespace csi_nodes

namespace csi_storage_capacities {

namespace {
constexpr Column table[] = {{"Name", "string", "name"}, {"StorageClassName", "string", ""}, {"Capacity", "string", ""}};
}

constinit const std::span<const Column> columns = table;

Cells cells(const Value& object, Time, Width) {
    const auto& capacity = object["capacity"];
    return {api::name_of(object), object["storageClassName"].as_string(), capacity.is_null() ? std::string() : api::Quantity::from(capacity).str()};
}

}  // namespace csi_storage_capacities

namespace {

// Name, the driver or handler behind it, age.
Cells named_after(const Value& object, std::string_view field, Time now) {
    return {api::name_of(object), object[field].as_string(), age(object, now)};
}

}  // namespace

namespace volume_attributes_classes {

namespace {
constexpr Column table[] = {{"Name", "string", "name"}, {"DriverName", "string", ""}, {"Age", "string", ""}};
}

constinit const std::span<const Column> columns = table;

Cells cells(const Value& object, Time now, Width) { return named_after(object, "driverName", now); }

}  // namespace volume_attributes_classes

namespace runtime_classes {

namespace {
constexpr Column table[] = {{"Name", "string", "name"}, {"Handler", "string", ""}, {"Age", "string", ""}};
}

constinit const std::span<const Column> columns = table;

Cells cells(const Value& object, Time now, Width) { return named_after(object, "handler", now); }

}  // namespace runtime_classes

}  // namespace kubewalk::apiserver::tables
