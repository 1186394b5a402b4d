#pragma once
#include <kubewalk/embedded.h>

#include "core/api/schema.h"
#include "core/api/yaml.h"

namespace kubewalk::api {

inline const Schema& test_schema() {
    static const Schema schema = Schema::parse(embedded::find("schema/kubernetes.json")).take();
    return schema;
}

inline Value from_yaml(std::string_view text) { return parse_yaml(text).value_or(Value()); }

}  // namespace kubewalk::api
