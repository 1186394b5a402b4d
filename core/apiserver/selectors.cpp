#include "core/apiserver/selectors.h"

#include <algorithm>

#include "core/api/custom_kinds.h"
#include "core/base/text.h"

namespace kubewalk::apiserver {

using api::Value;

namespace {

struct SelectableField {
    std::string_view group;
    std::string_view resource;
    std::string_view field;
};

constexpr SelectableField selectable_fields[] = {
    {"", "pods", "spec.nodeName"},
    {"", "pods", "spec.restartPolicy"},
    {"", "pods", "spec.schedulerName"},
    {"", "pods", "spec.serviceAccountName"},
    {"", "pods", "spec.hostNetwork"},
    {"", "pods", "status.phase"},
    {"", "pods", "status.podIP"},
    {"", "pods", "status.podIPs"},
    {"", "pods", "status.nominatedNodeName"},
    {"", "nodes", "spec.unschedulable"},
    {"", "namespaces", "status.phase"},
    {"", "secrets", "type"},
    {"", "services", "spec.clusterIP"},
    {"", "services", "spec.type"},
    {"", "replicationcontrollers", "status.replicas"},
    {"apps", "replicasets", "status.replicas"},
    {"batch", "jobs", "status.successful"},
    {"", "events", "involvedObject.kind"},
    {"", "events", "involvedObject.namespace"},
    {"", "events", "involvedObject.name"},
    {"", "events", "involvedObject.uid"},
    {"", "events", "involvedObject.apiVersion"},
    {"", "events", "involvedObject.resourceVersion"},
    {"", "events", "involvedObject.fieldPath"},
    {"", "events", "reason"},
    {"", "events", "reportingComponent"},
    {"", "events", "source"},
    {"", "events", "type"},
};

bool selectable(const api::Kind& kind, std::string_view field, bool& has_own) {
    if (field == "metadata.name" || (field == "metadata.namespace" && kind.namespaced()))
        return true;
    if (api::is_custom(kind)) {
        has_own = true;
        const auto own = split(kind.selectable, ',');
        return !field.empty() && std::find(own.begin(), own.end(), field) != own.end();
    }
    for (const auto& entry : selectable_fields) {
        if (entry.group != kind.group || entry.resource != kind.resource)
            continue;
        has_own = true;
        if (entry.field == field)
            return true;
    }
    return false;
}

const Value& at_path(const Value& object, std::string_view path) {
    const Value* at = &object;
    for (auto step : split(path, '.'))
        at = &(*at)[step];
    return *at;
}

std::string field_text(const Value& object, std::string_view field) {
    if (field == "source")
        return object["source"]["component"].str(object["reportingComponent"].as_string());
    if (field == "status.podIPs")
        return object["status"]["podIPs"][0]["ip"].str();
    const Value& value = at_path(object, field);
    if (value.is_string())
        return value.str();
    if (value.is_int())
        return cat(value.as_int());
    if (value.is_bool())
        return value.as_bool() ? "true" : "false";
    return field == "spec.hostNetwork" || field == "spec.unschedulable" ? "false" : "";
}

}  // namespace

Answer<Filter> Filter::parse(const api::Kind& kind, std::string_view namespace_name,
                             const std::map<std::string, std::string>& query) {
    Filter filter;
    filter.kind_ = &kind;
    filter.namespace_name_ = namespace_name;
    if (auto found = query.find("labelSelector"); found != query.end() && !found->second.empty()) {
        auto labels = api::LabelSelector::parse(found->second);
        if (!labels.ok())
            return status::bad_request(labels.error().message);
        filter.labels_ = labels.take();
    }
    if (auto found = query.find("fieldSelector"); found != query.end() && !found->second.empty()) {
        auto fields = api::parse_field_selector(found->second);
        if (!fields.ok())
            return status::bad_request(fields.error().message);
        for (auto& requirement : fields.value()) {
            if (kind.resource == "nodes" && requirement.field == "spec.unschedulable" && requirement.value.empty())
                requirement.value = "false";
            bool has_own = false;
            if (!selectable(kind, requirement.field, has_own))
                return status::bad_request(
                    has_own ? cat("field label not supported: ", requirement.field)
                            : cat(quoted(requirement.field), " is not a known field selector: only \"metadata.name\", "
                                                             "\"metadata.namespace\""));
        }
        filter.fields_ = fields.take();
    }
    return filter;
}

bool Filter::matches(const Value& object) const {
    if (!namespace_name_.empty() && api::namespace_of(object) != namespace_name_)
        return false;
    for (const auto& requirement : fields_)
        if ((field_text(object, requirement.field) == requirement.value) != requirement.equal)
            return false;
    return labels_.is_everything() || labels_.matches(object["metadata"]["labels"]);
}

std::string Filter::text() const {
    std::string text = cat(namespace_name_, "?", labels_.is_nothing() ? "nothing" : labels_.str());
    for (const auto& requirement : fields_)
        append(text, "&", requirement.field, requirement.equal ? "=" : "!=", requirement.value);
    return text;
}

std::string_view Filter::required(std::string_view field) const {
    for (const auto& requirement : fields_)
        if (requirement.equal && requirement.field == field)
            return requirement.value;
    return {};
}

}  // namespace kubewalk::apiserver
