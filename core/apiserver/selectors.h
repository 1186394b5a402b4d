#pragma once
// Which objects a list, watch or deletecollection is about. The fields that each kind can be selected
// by are a table. Upstream: pkg/registry/*/strategy.go (…SelectableFields, …ToSelectableFields),
// pkg/apis/core/v1/conversion.go (AddFieldLabelConversionsFor…).

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/api/kinds.h"
#include "core/api/labels.h"
#include "core/apiserver/status.h"

namespace kubewalk::apiserver {

class Filter {
public:
    // From the query's labelSelector and fieldSelector; an empty namespace means all of them.
    static Answer<Filter> parse(const api::Kind& kind, std::string_view namespace_name,
                                const std::map<std::string, std::string>& query);

    bool matches(const api::Value& object) const;
    // The value that `field` must have, empty when the selector does not say.
    std::string_view required(std::string_view field) const;
    const std::string& namespace_name() const { return namespace_name_; }
    // Equal for equal filters of one kind.
    std::string text() const;

private:
    const api::Kind* kind_ = nullptr;
    std::string namespace_name_;
    api::LabelSelector labels_ = api::LabelSelector::everything();
    std::vector<api::FieldRequirement> fields_;
};

}  // namespace kubewalk::apiserver
