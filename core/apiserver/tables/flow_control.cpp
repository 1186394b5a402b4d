// FlowSchema and PriorityLevelConfiguration. Upstream: pkg/printers/internalversion/printers.go (printFlowSchema,
// printPriorityLevelConfiguration).

#include "core/apiserver/tables/printers.h"
#include "core/base/text.h"

namespace kubewalk::apiserver::tables {

namespace flow_schemas {

namespace {
constexpr Column table[] = {{"Name", "string", "name"},          {"PriorityLevel", "string", ""}, {"MatchingPrecedence", "string", ""},
                            {"DistinguisherMethod", "string", ""}, {"Age", "string", ""},           {"MissingPL", "string", ""}};
}  // namespace

constinit const std::span<const Column> columns = table;

Cells cells(const api::Value& object, Time now, Width) {
    const auto& spec = object["spec"];
    std::string missing = "?";
    for (const auto& condition : object["status"]["conditions"].items())
        if (condition["type"].as_string() == "Dangling")
            missing = condition["status"].str();
    return {api::name_of(object), or_else(spec["priorityLevelConfiguration"]["name"].as_string(), "<none>"), cat(spec["matchingPrecedence"].as_int()),
            or_else(spec["distinguisherMethod"]["type"].as_string(), "<none>"), age(object, now), missing};
}

}  // namespace flow_schemas

namespace priority_level_configurations {

namespace {
constexpr Column table[] = {{"Name", "string", "name"},  {"Type", "string", ""},     {"NominalConcurrencyShares", "string", ""},
                            {"Queues", "string", ""}, {"HandSize", "string", ""}, {"QueueLengthLimit", "string", ""},
                            {"Age", "string", ""}};
std::string number_or_none(const api::Value& number) { return number.is_null() ? "<none>" : cat(number.as_int()); }
}  // namespace

constinit const std::span<const Column> columns = table;

Cells cells(const api::Value& object, Time now, Width) {
    const auto& limited = object["spec"]["limited"];
    const auto& queuing = limited["limitResponse"]["queuing"];
    return {api::name_of(object), object["spec"]["type"].str(), number_or_none(limited["nominalConcurrencyShares"]), number_or_none(queuing["queues"]),
            number_or_none(queuing["handSize"]), number_or_none(queuing["queueLengthLimit"]), age(object, now)};
}

}  // namespace priority_level_configurations

}  // namespace kubewalk::apiserver::tables
