#include "core/api/decode.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

#include "core/api/custom_kinds.h"
#include "core/api/field_error.h"
#include "core/api/quantity.h"
#include "core/api/yaml.h"
#include "core/base/base64.h"
#include "core/base/text.h"
#include "core/base/time.h"

namespace kubewalk::api {

namespace {

// What Go's encoding/json calls a value that does not fit.
std::string json_word(const Value& value) {
    if (value.is_bool())
        return "bool";
    if (value.is_int())
        return cat("number ", value.as_int());
    if (value.is_number())
        return cat("number ", format_double(value.as_number()));
    return std::string(value.type_name());
}

// "V1PodSpec" -> "v1.PodSpec", "EventsV1Event" -> "v1.Event".
std::string go_type_name(const Type& type) {
    const std::size_t before = type.name.size() - type.go_name.size();
    const std::size_t version = type.name.rfind('V', before);
    return cat(to_lower(std::string_view(type.name).substr(version, before - version)), ".", type.go_name);
}

std::string go_type(const TypeRef& ref) {
    switch (ref.form) {
        case Form::string: return "string";
        case Form::int32: return "int32";
        case Form::int64: return "int64";
        case Form::number: return "float64";
        case Form::boolean: return "bool";
        case Form::bytes: return "[]uint8";
        case Form::time: return "v1.Time";
        case Form::micro_time: return "v1.MicroTime";
        case Form::quantity: return "resource.Quantity";
        case Form::int_or_string: return "intstr.IntOrString";
        case Form::any: return "interface {}";
        case Form::object: return go_type_name(*ref.type);
        case Form::list: return cat("[]", go_type(*ref.element));
        case Form::map:
            return ref.element->form == Form::quantity ? "v1.ResourceList" : cat("map[string]", go_type(*ref.element));
    }
    return {};
}

// A path as Go's decoder remembers it: names of struct fields only.
std::string without_indexes(std::string_view path) {
    std::string out;
    int depth = 0;
    for (char c : path) {
        depth += c == '[' ? 1 : 0;
        if (depth == 0)
            out.push_back(c);
        depth -= c == ']' ? 1 : 0;
    }
    return out;
}

// The whole number a value stands for, when it is one ("3.0" reads as 3: kubectl sends it so).
std::optional<std::int64_t> whole_number(const Value& value) {
    if (value.is_int())
        return value.as_int();
    constexpr double bound = 9e15;
    if (value.is_number() && value.as_number() == std::floor(value.as_number()) && std::abs(value.as_number()) < bound)
        return value.as_int();
    return std::nullopt;
}

bool fits_int32(std::int64_t number) {
    return number >= std::numeric_limits<std::int32_t>::min() && number <= std::numeric_limits<std::int32_t>::max();
}

// "2026-01-01T00:00:00Z": the form in which whole seconds are stored.
bool is_canonical_time(std::string_view text) {
    return text.size() == 20 && text[10] == 'T' && text[19] == 'Z' && parse_rfc3339(text).has_value();
}

// What Go prints for a field that was never set and has no `omitempty`.
Value zero_value(const Field& field) {
    switch (field.ref.form) {
        case Form::string: return field.optional_pointer ? Value() : Value("");
        case Form::int32:
        case Form::int64:
        case Form::int_or_string:
        case Form::number: return field.optional_pointer ? Value() : Value(0);
        case Form::boolean: return field.optional_pointer ? Value() : Value(false);
        case Form::quantity: return field.optional_pointer ? Value() : Value("0");
        case Form::object: return field.optional_pointer ? Value() : zero_object(*field.ref.type);
        case Form::bytes:
        case Form::time:
        case Form::micro_time:
        case Form::any:
        case Form::list:
        case Form::map: return {};
    }
    return {};
}

// A null inside a list or as a map's value leaves Go's zero value there.
Value zero_element(const TypeRef& ref) {
    Field field;
    field.ref = ref;
    return zero_value(field);
}

bool is_zero(const Value& value) {
    switch (value.type()) {
        case Value::Type::null: return true;
        case Value::Type::boolean: return !value.as_bool();
        case Value::Type::integer:
        case Value::Type::number: return value.as_number() == 0;
        case Value::Type::string: return value.as_string().empty();
        case Value::Type::array:
        case Value::Type::object: return value.empty();
    }
    return false;
}

// Go's `omitempty`, for a field that is given.
bool is_omitted(const Field& field, const Value& value) {
    switch (field.ref.form) {
        case Form::object:
        case Form::any:
        case Form::time:
        case Form::micro_time:
        case Form::quantity: return value.is_null();
        case Form::list:
        case Form::map:
        case Form::bytes: return is_zero(value);
        default: return field.optional_pointer ? value.is_null() : is_zero(value);
    }
}

// Members and fields are both sorted by name: one walk through the fields finds them all. Few members of a long type
// are quicker looked up.
class FieldWalk {
public:
    FieldWalk(const Type& type, std::size_t members) : type_(type), walks_(type.fields.size() <= members * 4) {}
    // Names come in ascending order. Null when unknown.
    const Field* to(std::string_view name) {
        if (!walks_)
            return type_.find(name);
        for (; next_ < type_.fields.size(); ++next_)
            if (const int order = std::string_view(type_.fields[next_].name).compare(name); order >= 0)
                return order == 0 ? &type_.fields[next_++] : nullptr;
        return nullptr;
    }

private:
    const Type& type_;
    bool walks_;
    std::size_t next_ = 0;
};

// Every conversion answers whether the value had to change; only then `out` holds the new one, so that
// what is in its stored form already stays the same node. After an error the answers mean nothing.
class Decoder {
public:
    bool object(const Type& type, const Value& in, const Value& known, const Path& path, Value& out) {
        if (!in.is_object()) {
            refuse_object(type, in);
            return false;
        }
        if (in.same(known))
            return false;
        bool changed = false;
        out = in;
        FieldWalk fields(type, in.size());
        for (const auto& [name, value] : in.members()) {
            const Field* field = fields.to(name);
            if (field == nullptr && is_open(type))
                continue;
            if (field == nullptr) {
                const std::string at = path.child(name).str();
                strict_.push_back({"BadRequest", cat("unknown field ", quoted(at)), at, 0, 0});
                out.erase(name);
                changed = true;
                continue;
            }
            owner_ = &type;
            changed |= member(*field, value, known[name], path.child(name), out);
            if (error_)
                return false;
        }
        for (std::uint16_t index : type.always_printed_fields) {
            const Field& field = type.fields[index];
            if (in.contains(field.name))
                continue;
            out.set(field.name, zero_value(field));
            changed = true;
        }
        return changed;
    }

    const std::optional<Error>& error() const { return error_; }
    std::vector<Error> take_strict() { return std::move(strict_); }

private:
    // Puts the stored form of one member into `object`.
    bool member(const Field& field, const Value& in, const Value& known, const Path& path, Value& object) {
        Value converted;
        bool changed = !in.is_null() && convert(field.ref, in, known, path, converted);
        if (error_)
            return false;
        const Value& stored = changed ? converted : in;
        if (!is_omitted(field, stored)) {
            if (changed)
                object.set(field.name, std::move(converted));
            return changed;
        }
        if (!field.always_printed) {
            object.erase(field.name);
            return true;
        }
        const Value zero = zero_value(field);
        if (zero == in)
            return false;
        object.set(field.name, zero);
        return true;
    }

    bool convert(const TypeRef& ref, const Value& in, const Value& known, const Path& path, Value& out) {
        switch (ref.form) {
            case Form::any: return false;
            case Form::object: return nested_object(*ref.type, in, known, path, out);
            case Form::list: return list(ref, in, known, path, out);
            case Form::map: return map(ref, in, known, path, out);
            case Form::int32:
            case Form::int64:
            case Form::int_or_string: return integer(ref, in, path, out);
            case Form::quantity: return quantity(in, path, out);
            case Form::time:
            case Form::micro_time: return time(ref, in, path, out);
            case Form::bytes: return bytes(ref, in, path);
            case Form::string:
                if (!in.is_string())
                    refuse_type(ref, in, path);
                return false;
            case Form::boolean:
                if (!in.is_bool())
                    refuse_type(ref, in, path);
                return false;
            case Form::number:
                if (!in.is_number())
                    refuse_type(ref, in, path);
                return false;
        }
        return false;
    }

    bool nested_object(const Type& type, const Value& in, const Value& known, const Path& path, Value& out) {
        if (!in.is_object()) {
            refuse_type(TypeRef{Form::object, &type, nullptr}, in, path);
            return false;
        }
        return object(type, in, known, path, out);
    }

    bool list(const TypeRef& ref, const Value& in, const Value& known, const Path& path, Value& out) {
        if (!in.is_array()) {
            refuse_type(ref, in, path);
            return false;
        }
        if (in.same(known))
            return false;
        bool changed = false;
        out = in;
        const Type* owner = owner_;
        for (std::size_t i = 0; i < in.size() && !error_; ++i) {
            owner_ = owner;
            Value item;
            if (element(*ref.element, in[i], known[i], path.index(i), item)) {
                out.edit_at(i) = std::move(item);
                changed = true;
            }
        }
        return changed;
    }

    bool map(const TypeRef& ref, const Value& in, const Value& known, const Path& path, Value& out) {
        if (!in.is_object()) {
            refuse_type(ref, in, path);
            return false;
        }
        if (in.same(known))
            return false;
        bool changed = false;
        out = in;
        const Type* owner = owner_;
        for (const auto& [key, value] : in.members()) {
            owner_ = owner;
            Value item;
            if (element(*ref.element, value, known[key], path.key(key), item)) {
                out.set(key, std::move(item));
                changed = true;
            }
            if (error_)
                break;
        }
        return changed;
    }

    bool element(const TypeRef& ref, const Value& in, const Value& known, const Path& path, Value& out) {
        if (!in.is_null())
            return convert(ref, in, known, path, out);
        out = zero_element(ref);
        return !out.is_null();
    }

    bool integer(const TypeRef& ref, const Value& in, const Path& path, Value& out) {
        const bool or_string = ref.form == Form::int_or_string;
        if (or_string && in.is_string())
            return false;
        const auto number = whole_number(in);
        if (!number || (ref.form != Form::int64 && !fits_int32(*number))) {
            if (or_string)
                refuse(path, cat("json: cannot unmarshal ", json_word(in), " into Go value of type int32"));
            else
                refuse_type(ref, in, path);
            return false;
        }
        out = Value(*number);
        return !in.is_int();
    }

    bool quantity(const Value& in, const Path& path, Value& out) {
        std::string text = in.is_string() ? in.str()
                           : in.is_int()  ? cat(in.as_int())
                           : in.is_number() ? format_double(in.as_number())
                                            : std::string();
        auto parsed = Quantity::parse(text);
        if (!parsed.ok()) {
            refuse(path, parsed.error().message);
            return false;
        }
        std::string canonical = parsed.value().str();
        if (in.is_string() && in.as_string() == canonical)
            return false;
        out = Value(std::move(canonical));
        return true;
    }

    bool time(const TypeRef& ref, const Value& in, const Path& path, Value& out) {
        if (!in.is_string()) {
            refuse(path, cat("json: cannot unmarshal ", in.is_number() ? std::string("number") : json_word(in),
                             " into Go value of type string"));
            return false;
        }
        const bool micro = ref.form == Form::micro_time;
        if (!micro && is_canonical_time(in.as_string()))
            return false;
        const auto parsed = parse_rfc3339(in.as_string());
        if (!parsed) {
            const std::string_view layout = micro ? "2006-01-02T15:04:05.000000Z07:00" : "2006-01-02T15:04:05Z07:00";
            refuse(path, cat("parsing time ", quoted(in.as_string()), " as ", quoted(layout), ": cannot parse ",
                             quoted(in.as_string()), " as \"2006\""));
            return false;
        }
        out = Value(micro ? to_rfc3339_micro(*parsed) : to_rfc3339(*parsed));
        return out != in;
    }

    bool bytes(const TypeRef& ref, const Value& in, const Path& path) {
        if (!in.is_string())
            refuse_type(ref, in, path);
        else if (const auto at = base64_error(in.as_string()))
            refuse(path, cat("illegal base64 data at input byte ", *at));
        return false;
    }

    void refuse(const Path& path, std::string message) {
        error_ = Error{"BadRequest", std::move(message), path.str(), 0, 0};
    }

    void refuse_type(const TypeRef& ref, const Value& in, const Path& path) {
        const bool number_wanted = ref.form == Form::int32 || ref.form == Form::int64;
        const std::string word = in.is_number() && !number_wanted ? "number" : json_word(in);
        refuse(path, cat("json: cannot unmarshal ", word, " into Go struct field ", owner_->go_name, ".",
                         without_indexes(path.str()), " of type ", go_type(ref)));
    }

    void refuse_object(const Type& type, const Value& in) {
        error_ = Error{"BadRequest",
                       cat("json: cannot unmarshal ", in.is_number() ? std::string("number") : json_word(in),
                           " into Go value of type ", go_type_name(type)),
                       {}, 0, 0};
    }

    std::vector<Error> strict_;
    std::optional<Error> error_;
    const Type* owner_ = nullptr;  // the struct whose field is being read
};

void find_duplicates(const yaml::Node& node, const Path& path, std::vector<Error>& out) {
    for (std::size_t i = 0; i < node.items.size(); ++i) {
        if (node.kind != yaml::Kind::mapping) {
            find_duplicates(node.items[i], path.index(i), out);
            continue;
        }
        const yaml::Node& key = node.keys[i];
        const Path child = path.child(key.text);
        const auto same_key = [&](const yaml::Node& other) { return other.text == key.text; };
        const auto this_key = node.keys.begin() + static_cast<std::ptrdiff_t>(i);
        if (std::any_of(node.keys.begin(), this_key, same_key)) {
            const std::string at = child.str();
            out.push_back({"BadRequest", cat("duplicate field ", quoted(at)), at, key.start.line, key.start.column});
        }
        find_duplicates(node.items[i], child, out);
    }
}

void set_position(const yaml::Node& root, Error& error) {
    const yaml::Position at = locate(root, error.field);
    error.line = at.line;
    error.column = at.column;
}

// One step of a field path: a name, or what stands in brackets. Advances `rest` behind it.
std::string_view next_step(std::string_view& rest) {
    if (rest.starts_with('[')) {
        const std::size_t end = std::min(rest.find(']'), rest.size());
        const std::string_view step = rest.substr(1, end - 1);
        rest.remove_prefix(std::min(end + 1, rest.size()));
        return step;
    }
    if (rest.starts_with('.'))
        rest.remove_prefix(1);
    const std::string_view step = rest.substr(0, rest.find_first_of(".["));
    rest.remove_prefix(step.size());
    return step;
}

}  // namespace

Value zero_object(const Type& type) {
    Value object = Value::object();
    for (std::uint16_t index : type.always_printed_fields)
        object.set(type.fields[index].name, zero_value(type.fields[index]));
    return object;
}


Result<Decoded> decode(const Schema& schema, std::string_view type, const Value& value, const Value& known) {
    const Type* found = schema.find(type);
    if (found == nullptr)
        return Error{"BadRequest", cat("no schema for type ", quoted(type)), {}, 0, 0};
    Decoder decoder;
    Decoded decoded;
    const bool changed = decoder.object(*found, value, known, Path(""), decoded.object);
    if (decoder.error())
        return *decoder.error();
    if (!changed)
        decoded.object = value;
    decoded.strict = decoder.take_strict();
    return decoded;
}

Result<Decoded> decode(const Schema& schema, std::string_view type, const yaml::Node& node) {
    KUBEWALK_TRY(value, to_value(node));
    auto decoded = decode(schema, type, value);
    if (!decoded.ok()) {
        Error error = decoded.error();
        set_position(node, error);
        return error;
    }
    for (Error& error : decoded.value().strict)
        set_position(node, error);
    std::vector<Error> duplicates;
    find_duplicates(node, Path(""), duplicates);
    auto& strict = decoded.value().strict;
    strict.insert(strict.begin(), duplicates.begin(), duplicates.end());
    return decoded;
}

std::string cannot_be_handled(const Kind& kind, const Error& error) {
    return cat(kind.kind, " in version ", quoted(kind.version), " cannot be handled as a ", kind.kind, ": ",
               error.message);
}

std::string strict_decoding_error(const std::vector<Error>& strict) {
    std::string message = "strict decoding error: ";
    for (std::size_t i = 0; i < strict.size(); ++i)
        append(message, i == 0 ? "" : ", ", strict[i].message);
    return message;
}

yaml::Position locate(const yaml::Node& root, std::string_view field_path) {
    const yaml::Node* at = &root;
    yaml::Position position = root.start;
    while (!field_path.empty()) {
        const std::string_view step = next_step(field_path);
        if (at->kind == yaml::Kind::sequence) {
            const auto index = parse_int(step);
            if (!index || *index < 0 || static_cast<std::size_t>(*index) >= at->items.size())
                break;
            at = &at->items[static_cast<std::size_t>(*index)];
            position = at->start;
            continue;
        }
        const auto key = std::find_if(at->keys.rbegin(), at->keys.rend(),
                                      [&](const yaml::Node& candidate) { return candidate.text == step; });
        if (key == at->keys.rend())
            break;
        position = key->start;
        at = &at->items[static_cast<std::size_t>(at->keys.rend() - key) - 1];
    }
    return position;
}

}  // namespace kubewalk::api
