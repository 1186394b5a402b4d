// additionalPrinterColumns. Upstream: k8s.io/apiextensions-apiserver/pkg/registry/customresource/tableconvertor/tableconvertor.go.

#include "core/api/json.h"
#include "core/apiserver/custom/custom_resources.h"
#include "core/apiserver/custom/json_path.h"
#include "core/apiserver/tables/printers.h"
#include "core/base/text.h"

namespace kubewalk::apiserver {

using api::Value;

namespace {

constexpr std::string_view created = ".metadata.creationTimestamp";

Value cell_of(const Value& object, const Value& column, Time now) {
    const auto found = at_json_path(object, column["jsonPath"].as_string());
    const auto type = column["type"].as_string();
    if (found.empty() || found.front().is_null())
        return {};
    if (type == "date")
        return tables::age_of_timestamp(found.front(), now);
    if (type == "integer" || type == "number")
        return found.front().is_number() ? found.front() : Value();
    if (type == "boolean")
        return found.front().is_bool() ? found.front() : Value();
    std::string text;
    for (const auto& one : found)
        append(text, text.empty() ? "" : " ", one.is_string() ? one.str() : api::to_json(one));
    return text;
}

}  // namespace

Value CustomResource::table(const Value& object, Time now, std::string_view include_object) const {
    const bool is_list = object["items"].is_array() && object["kind"].as_string() == kind_->list();
    if (!is_list && object["kind"].as_string() != kind_->kind)
        return object;  // a Status
    Value own = version_["additionalPrinterColumns"];
    if (own.empty())
        own = Value::array({Value::object({{"name", "Age"}, {"type", "date"}, {"jsonPath", created}})});
    Value columns = Value::array({Value::object({{"name", "Name"}, {"type", "string"}, {"format", "name"}, {"description", ""}, {"priority", 0}})});
    for (const auto& column : own.items())
        columns.push_back(Value::object({{"name", column["name"]},
                                         {"type", column["type"]},
                                         {"format", column["format"].str()},
                                         {"description", column["description"].str()},
                                         {"priority", column["priority"].as_int()}}));
    Value rows = Value::array();
    const auto add = [&](const Value& one) {
        Value cells = Value::array({api::name_of(one)});
        for (const auto& column : own.items())
            cells.push_back(cell_of(one, column, now));
        Value row = Value::object({{"cells", std::move(cells)}});
        if (include_object == "Object")
            row.set("object", one);
        else if (include_object != "None")
            row.set("object", Value::object({{"kind", "PartialObjectMetadata"}, {"apiVersion", "meta.k8s.io/v1"}, {"metadata", one["metadata"]}}));
        rows.push_back(std::move(row));
    };
    if (is_list)
        for (const auto& item : object["items"].items())
            add(item);
    else
        add(object);
    Value metadata = Value::object({{"resourceVersion", api::resource_version_of(object)}});
    for (const std::string_view field : {"continue", "remainingItemCount"})
        if (is_list && !object["metadata"][field].is_null())
            metadata.set(field, object["metadata"][field]);
    return Value::object({{"kind", "Table"}, {"apiVersion", "meta.k8s.io/v1"}, {"metadata", std::move(metadata)},
                          {"columnDefinitions", std::move(columns)}, {"rows", std::move(rows)}});
}

}  // namespace kubewalk::apiserver
