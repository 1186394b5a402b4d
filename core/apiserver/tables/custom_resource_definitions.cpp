// CustomResourceDefinition. Upstream: k8s.io/apiextensions-apiserver/pkg/registry/customresourcedefinition (the default table convertor
// of a kind without a printer of its own).

#include "core/apiserver/tables/printers.h"

namespace kubewalk::apiserver::tables::custom_resource_definitions {

namespace {
constexpr Column table[] = {{"Name", "string", "name"}, {"Created At", "date", ""}};
}  // namespace

constinit const std::span<const Column> columns = table;

Cells cells(const api::Value& object, Time, Width) { return {api::name_of(object), object["metadata"]["creationTimestamp"].str()}; }

}  // namespace kubewalk::apiserver::tables::custom_resource_definitions
