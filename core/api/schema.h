#pragma once
// The description of every kind, as looked up by decoding, printing, patching and `kubectl explain`.
// Names, types and which fields are required come from the JSON that cmake/schema/generate.mjs writes
// (its head documents the form); what that lacks (patch keys, list types, enums, quantities, what Go
// prints though empty) is this project's own table, schema_extras*.cpp.

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"

namespace kubewalk::api {

enum class Form : std::uint8_t {
    string,
    int32,
    int64,
    number,
    boolean,
    bytes,          // base64 text
    time,           // RFC 3339 text
    micro_time,
    quantity,       // resource.Quantity: text, or a number when read
    int_or_string,
    any,            // any JSON value
    object,         // a type of its own: TypeRef::type
    list,           // of TypeRef::element
    map,            // text -> TypeRef::element
};

struct Type;

struct TypeRef {
    Form form = Form::any;
    const Type* type = nullptr;        // object only
    const TypeRef* element = nullptr;  // list and map only
};

// How two lists become one in a strategic merge patch; objects merge whatever it says, but for replace_object.
enum class PatchStrategy : std::uint8_t { replace, merge, retain_keys, merge_retain_keys, replace_object };
enum class ListType : std::uint8_t { atomic, set, map };

struct Field {
    std::string name;
    TypeRef ref;
    bool required = false;
    // A pointer in Go: zero differs from absent, so zero is kept.
    bool optional_pointer = false;
    // Printed though empty (a Go struct, or no `omitempty`): {} for objects, null for lists, 0, "" or false.
    bool always_printed = false;
    PatchStrategy patch = PatchStrategy::replace;
    ListType list_type = ListType::atomic;
    bool atomic = false;    // a map that has one owner, and not one for each key
    bool granular = false;  // an object whose members have owners of their own, though its type is atomic
    std::string_view merge_key;                  // patchMergeKey, "" when none
    std::vector<std::string_view> list_keys;     // listMapKeys
    std::vector<std::string_view> enum_values;   // empty when free; "" may be one of them
};

struct Type {
    std::string name;           // "V1PodSpec"
    std::string_view go_name;   // "PodSpec", as decoding errors name it
    bool atomic = false;        // its objects have one owner as a whole (+structType=atomic)
    std::vector<Field> fields;  // sorted by name
    std::vector<std::uint16_t> always_printed_fields;  // indexes into fields

    const Field* find(std::string_view field) const;  // null when unknown
};

class Schema {
public:
    // Reason "ParseError" when the text is not what generate.mjs writes.
    static Result<Schema> parse(std::string_view json);

    // Not copied: its types point to one another.
    Schema(Schema&&) = default;
    Schema& operator=(Schema&&) = default;

    std::string_view release() const { return release_; }
    // "V1Deployment" -> its type; null when unknown.
    const Type* find(std::string_view type) const;
    // The field that a path such as "spec.template.spec.containers" leads to (list items and map values are
    // stepped over), or null.
    const Field* field_at(const Type& type, std::string_view path) const;

private:
    Schema() = default;
    std::string release_;
    std::map<std::string, Type, std::less<>> types_;
    std::vector<std::unique_ptr<TypeRef>> elements_;
};

}  // namespace kubewalk::api
