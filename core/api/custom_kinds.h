#pragma once
// Kinds that a cluster learns of while it runs, from CustomResourceDefinitions. Which of them a server serves is its own
// state; here is only who they are: a kind that was once named is kept for ever, as keys of values are, and the same names
// give the same Kind, so that two clusters, a fork and its parent, and a past and its future may all point to it.

#include <string_view>
#include <vector>

#include "core/api/kinds.h"
#include "core/api/schema.h"

namespace kubewalk::api {

// The type in the schema of all their objects: apiVersion, kind and metadata, and whatever else.
constexpr std::string_view custom_resource_type = "CustomResource";
inline bool is_custom(const Kind& kind) { return kind.schema == custom_resource_type; }
inline bool is_open(const Type& type) { return type.name == custom_resource_type; }

struct CustomNames {
    std::string_view group;
    std::string_view version;
    std::string_view kind;
    std::string_view resource;
    std::string_view singular;
    std::string_view short_names;  // separated by commas
    std::string_view categories;
    Scope scope = Scope::namespaced;
    StatusSubresource status = StatusSubresource::no;
    std::string_view list_kind = {};   // "": kind + "List"
    std::string_view selectable = {};  // separated by commas
};
const Kind& custom_kind(const CustomNames& names);
// Whether a server serves what a definition defines.
bool is_established(const Value& definition);
// Of a definition and one of its spec.versions.
const Kind& custom_kind_of(const Value& definition, const Value& version);
// Of an APIResourceList that a server gave, without subresources.
std::vector<const Kind*> custom_kinds_in(const Value& resource_list);
// Does a word of kubectl's (plural, singular, short name or kind, each also with ".group") mean this kind?
bool is_called(const Kind& kind, std::string_view word);

namespace kind {
extern const Kind& custom_resource_definitions;
}

}  // namespace kubewalk::api
