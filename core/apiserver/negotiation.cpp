#include "core/apiserver/negotiation.h"

#include "core/base/text.h"

namespace kubewalk::apiserver {

using api::Value;

namespace {

Failure refuse(std::string message) {
    Failure failure;
    failure.code = 406;
    failure.reason = "NotAcceptable";
    failure.message = std::move(message);
    return failure;
}

Value metadata_of(const Value& object) {
    return Value::object({{"kind", "PartialObjectMetadata"}, {"apiVersion", "meta.k8s.io/v1"}, {"metadata", object["metadata"]}});
}

}  // namespace

std::optional<Form> negotiate(std::string_view accept, bool transforms) {
    if (trim(accept).empty())
        return Form{};
    for (const auto clause : split(accept, ',')) {
        const auto parts = split(clause, ';');
        const auto type = trim(parts[0]);
        Form form;
        form.yaml = type == "application/yaml";
        bool served = form.yaml || type == "application/json" || type == "*/*" || type == "application/*";
        for (std::size_t i = 1; i < parts.size(); ++i) {
            const auto parameter = trim(parts[i]);
            if (!parameter.starts_with("as="))
                continue;
            const auto as = parameter.substr(3);
            form.as = as == "Table" ? Form::As::table : as == "PartialObjectMetadata" ? Form::As::metadata : Form::As::metadata_list;
            served = served && transforms && (form.as != Form::As::metadata_list || as == "PartialObjectMetadataList");
        }
        if (served)
            return form;
    }
    return std::nullopt;
}

Failure not_acceptable() { return refuse("only the following media types are accepted: application/json, application/yaml, application/vnd.kubernetes.protobuf"); }

Answer<Value> to_metadata(const api::Kind& kind, const Value& body, Form::As as) {
    const auto type = cat("(*", kind.group.empty() ? std::string_view("core") : kind.group.substr(0, kind.group.find('.')), ".", body["kind"].as_string(), ")");
    if (body["kind"].as_string() == "Status")
        return body;
    if (as == Form::As::metadata)
        return body["items"].is_array() ? Answer<Value>(refuse(cat("you requested PartialObjectMetadata, but the requested object is a list ", type))) : Answer<Value>(metadata_of(body));
    if (!body["items"].is_array())
        return refuse(cat("you requested PartialObjectMetadataList, but the requested object is not a list ", type));
    Value items = Value::array();
    for (const auto& item : body["items"].items())
        items.push_back(metadata_of(item));
    return Value::object({{"kind", "PartialObjectMetadataList"}, {"apiVersion", "meta.k8s.io/v1"}, {"metadata", body["metadata"]}, {"items", std::move(items)}});
}

}  // namespace kubewalk::apiserver
