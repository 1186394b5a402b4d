#pragma once
// Values and types of CEL. What comes from objects stays the project's Value and becomes a CEL value part by part, as its type
// says; a null type means: by what it is.
// Upstream: github.com/google/cel-go/common/types, k8s.io/apiserver/pkg/cel/{types.go,common/typeprovider.go}.

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/api/quantity.h"
#include "core/api/value.h"

namespace kubewalk::api::cel {

struct Type;
using TypeRef = std::shared_ptr<const Type>;

struct Type {
    enum class Kind : std::uint8_t {
        dyn, error, null, boolean, integer, uinteger, number, string, bytes, timestamp, duration,
        list,      // parameters: element
        map,       // parameters: key, value
        object,    // fields, by their escaped names
        optional,  // parameters: what it may hold
        type,
        opaque,    // name
        parameter, // of a signature: name
    };
    Kind kind = Kind::dyn;
    std::string name{};  // as messages print it
    std::vector<TypeRef> parameters{};
    std::map<std::string, TypeRef, std::less<>> fields{};
};

TypeRef simple(Type::Kind kind);
TypeRef list_of(TypeRef element);
TypeRef map_of(TypeRef key, TypeRef value);
TypeRef optional_of(TypeRef inner);
TypeRef object_named(std::string name, std::map<std::string, TypeRef, std::less<>> fields);
TypeRef opaque_named(std::string name);
std::string type_text(const Type& type);
bool same_type(const Type& a, const Type& b);

// The name of a property as expressions write it ("x-y" is x__dash__y); "" when nothing can be written for it.
std::string escaped_name(std::string_view property);
std::string unescaped_name(std::string_view name);

// Values that are neither JSON nor numbers: addresses, quantities, URLs, formats, versions, what asks for permission.
struct Opaque {
    std::string name;  // of the type: "net.IP"
    std::string text;
    Quantity quantity{};
    std::vector<std::string> parts{};
};

class Val {
public:
    enum class Kind : std::uint8_t { null, boolean, integer, uinteger, number, string, bytes, timestamp, duration, list, map, optional, type, opaque };

    Val() = default;
    static Val boolean(bool truth);
    static Val integer(std::int64_t number);
    static Val uinteger(std::uint64_t number);
    static Val number(double number);
    static Val string(std::string_view text);
    static Val bytes(std::string_view bytes);
    static Val timestamp(std::int64_t unix_seconds, std::int32_t nanoseconds);
    static Val duration(std::int64_t nanoseconds);
    static Val list(std::vector<Val> items);
    static Val map(std::vector<std::pair<Val, Val>> entries);
    static Val none();
    static Val some(Val inner);
    static Val type(std::string_view name);
    static Val opaque(Opaque value);
    // A value of an object.
    static Val of(const Value& json, const TypeRef& type = nullptr);

    Kind kind() const { return kind_; }
    bool is(Kind kind) const { return kind_ == kind; }
    bool is_true() const { return kind_ == Kind::boolean && integer_ != 0; }
    bool is_numeric() const { return kind_ == Kind::integer || kind_ == Kind::uinteger || kind_ == Kind::number; }
    std::int64_t as_int() const { return integer_; }
    std::uint64_t as_uint() const { return static_cast<std::uint64_t>(integer_); }
    double as_double() const;  // of any number
    std::int32_t nanoseconds() const { return nanoseconds_; }
    std::string_view text() const { return json_.as_string(); }
    const Opaque& opaque() const { return *opaque_; }
    bool has_value() const { return items_ && !items_->empty(); }  // of an optional
    const Val& inner() const { return items_->front(); }

    // Lists and maps; size of everything else: 0.
    std::size_t size() const;
    Val item(std::size_t index) const;
    std::vector<std::pair<Val, Val>> entries() const;
    // The member of a map or object; false when it is not there.
    bool find(const Val& key, Val& found) const;
    // An object's field by the name that expressions write.
    bool find_field(std::string_view name, Val& found) const;
    bool is_object() const { return type_ && type_->kind == Type::Kind::object; }

    std::string type_name() const;  // "int", "list", "map", "net.IP"
    friend bool equal(const Val& a, const Val& b);
    // Of numbers, strings, bytes, booleans, times: -1, 0, 1; 2 where they have no order (NaN).
    friend int compare(const Val& a, const Val& b);
    Value json() const;  // for messages and JSON Patches; what JSON has no form for is its text

private:
    Kind kind_ = Kind::null;
    std::int32_t nanoseconds_ = 0;
    std::int64_t integer_ = 0;
    double number_ = 0;
    Value json_;   // text, or what comes from an object
    TypeRef type_; // of what comes from an object
    std::shared_ptr<const std::vector<Val>> items_;
    std::shared_ptr<const std::vector<std::pair<Val, Val>>> entries_;
    std::shared_ptr<const Opaque> opaque_;
};

}  // namespace kubewalk::api::cel
