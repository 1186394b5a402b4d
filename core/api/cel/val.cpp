#include "core/api/cel/val.h"

#include <cmath>

#include "core/api/cel/cel_text.h"
#include "core/base/base64.h"
#include "core/base/text.h"

namespace kubewalk::api::cel {

namespace {

template <typename T>
int order(const T& a, const T& b) {
    return a < b ? -1 : b < a ? 1 : 0;
}

constexpr double two_to_63 = 9223372036854775808.0;

// A whole number beside one with a fraction, without losing what a double cannot hold.
int order_mixed(std::int64_t whole, double number) {
    if (std::isnan(number))
        return 2;
    if (number >= two_to_63)
        return -1;
    if (number < -two_to_63)
        return 1;
    const auto floor = static_cast<std::int64_t>(std::floor(number));
    return whole != floor ? order(whole, floor) : number > std::floor(number) ? -1 : 0;
}

int order_mixed(std::uint64_t whole, double number) {
    if (std::isnan(number))
        return 2;
    if (number >= 2 * two_to_63)
        return -1;
    if (number < 0)
        return 1;
    const auto floor = static_cast<std::uint64_t>(std::floor(number));
    return whole != floor ? order(whole, floor) : number > std::floor(number) ? -1 : 0;
}

}  // namespace

Val Val::boolean(bool truth) {
    Val made;
    made.kind_ = Kind::boolean;
    made.integer_ = truth ? 1 : 0;
    return made;
}
Val Val::integer(std::int64_t number) {
    Val made;
    made.kind_ = Kind::integer;
    made.integer_ = number;
    return made;
}
Val Val::uinteger(std::uint64_t number) {
    Val made;
    made.kind_ = Kind::uinteger;
    made.integer_ = static_cast<std::int64_t>(number);
    return made;
}
Val Val::number(double number) {
    Val made;
    made.kind_ = Kind::number;
    made.number_ = number;
    return made;
}
Val Val::string(std::string_view text) {
    Val made;
    made.kind_ = Kind::string;
    made.json_ = text;
    return made;
}
Val Val::bytes(std::string_view bytes) {
    Val made;
    made.kind_ = Kind::bytes;
    made.json_ = bytes;
    return made;
}
Val Val::timestamp(std::int64_t unix_seconds, std::int32_t nanoseconds) {
    Val made;
    made.kind_ = Kind::timestamp;
    made.integer_ = unix_seconds;
    made.nanoseconds_ = nanoseconds;
    return made;
}
Val Val::duration(std::int64_t nanoseconds) {
    Val made;
    made.kind_ = Kind::duration;
    made.integer_ = nanoseconds;
    return made;
}
Val Val::list(std::vector<Val> items) {
    Val made;
    made.kind_ = Kind::list;
    made.items_ = std::make_shared<const std::vector<Val>>(std::move(items));
    return made;
}
Val Val::map(std::vector<std::pair<Val, Val>> entries) {
    Val made;
    made.kind_ = Kind::map;
    made.entries_ = std::make_shared<const std::vector<std::pair<Val, Val>>>(std::move(entries));
    return made;
}
Val Val::none() {
    Val made;
    made.kind_ = Kind::optional;
    return made;
}
Val Val::some(Val inner) {
    Val made;
    made.kind_ = Kind::optional;
    std::vector<Val> held;
    held.push_back(std::move(inner));
    made.items_ = std::make_shared<const std::vector<Val>>(std::move(held));
    return made;
}
Val Val::type(std::string_view name) {
    Val made;
    made.kind_ = Kind::type;
    made.json_ = name;
    return made;
}
Val Val::opaque(Opaque value) {
    Val made;
    made.kind_ = Kind::opaque;
    made.opaque_ = std::make_shared<const Opaque>(std::move(value));
    return made;
}

Val Val::of(const Value& json, const TypeRef& type) {
    const auto kind = type ? type->kind : Type::Kind::dyn;
    switch (json.type()) {
        case Value::Type::null: return {};
        case Value::Type::boolean: return boolean(json.as_bool());
        case Value::Type::integer: return kind == Type::Kind::number ? number(json.as_number()) : integer(json.as_int());
        case Value::Type::number: return kind == Type::Kind::integer ? integer(json.as_int()) : number(json.as_number());
        case Value::Type::string:
            if (kind == Type::Kind::timestamp)
                return timestamp_of(json.as_string()).value_or(Val());
            if (kind == Type::Kind::duration)
                return duration_of(json.as_string()).value_or(Val());
            if (kind == Type::Kind::bytes)
                return bytes(from_base64(json.as_string()).value_or(std::string()));
            return string(json.as_string());
        case Value::Type::array:
        case Value::Type::object: {
            Val made;
            made.kind_ = json.is_array() ? Kind::list : Kind::map;
            made.json_ = json;
            if (kind == Type::Kind::list || kind == Type::Kind::map || kind == Type::Kind::object)
                made.type_ = type;
            return made;
        }
    }
    return {};
}

double Val::as_double() const {
    return kind_ == Kind::number ? number_ : kind_ == Kind::uinteger ? static_cast<double>(as_uint()) : static_cast<double>(integer_);
}

std::size_t Val::size() const {
    if (kind_ == Kind::list)
        return items_ ? items_->size() : json_.size();
    if (kind_ == Kind::map)
        return entries_ ? entries_->size() : json_.size();
    return 0;
}

Val Val::item(std::size_t index) const {
    if (items_)
        return (*items_)[index];
    return of(json_[index], type_ && !type_->parameters.empty() ? type_->parameters[0] : nullptr);
}

std::vector<std::pair<Val, Val>> Val::entries() const {
    if (entries_)
        return *entries_;
    std::vector<std::pair<Val, Val>> all;
    for (const auto& member : json_.members()) {
        Val value;
        if (is_object() ? find_field(escaped_name(member.key), value) : find(string(member.key), value))
            all.emplace_back(string(member.key), std::move(value));
    }
    return all;
}

bool Val::find(const Val& key, Val& found) const {
    if (entries_) {
        for (const auto& entry : *entries_)
            if (equal(entry.first, key)) {
                found = entry.second;
                return true;
            }
        return false;
    }
    if (!key.is(Kind::string) || !json_.contains(key.text()))
        return false;
    found = of(json_[key.text()], type_ && type_->kind == Type::Kind::map ? type_->parameters[1] : nullptr);
    return true;
}

bool Val::find_field(std::string_view name, Val& found) const {
    if (!is_object())
        return find(string(name), found);
    const auto field = type_->fields.find(name);
    if (field == type_->fields.end())
        return false;
    const auto property = unescaped_name(name);
    if (!json_.contains(property))
        return false;
    found = of(json_[property], field->second);
    return true;
}

std::string Val::type_name() const {
    constexpr std::string_view names[] = {"null_type", "bool", "int", "uint", "double", "string", "bytes", "google.protobuf.Timestamp",
                                          "google.protobuf.Duration", "list", "map", "optional_type", "type", ""};
    return kind_ == Kind::opaque ? opaque_->name : is_object() ? type_->name : std::string(names[static_cast<std::size_t>(kind_)]);
}

int compare(const Val& a, const Val& b) {
    using Kind = Val::Kind;
    if (a.is_numeric() && b.is_numeric()) {
        if (a.kind_ == Kind::number && b.kind_ == Kind::number)
            return std::isnan(a.number_) || std::isnan(b.number_) ? 2 : order(a.number_, b.number_);
        if (b.kind_ == Kind::number)
            return a.kind_ == Kind::integer ? order_mixed(a.integer_, b.number_) : order_mixed(a.as_uint(), b.number_);
        if (a.kind_ == Kind::number) {
            const int other = compare(b, a);
            return other == 2 ? 2 : -other;
        }
        if (a.kind_ == b.kind_)
            return a.kind_ == Kind::integer ? order(a.integer_, b.integer_) : order(a.as_uint(), b.as_uint());
        if (a.kind_ == Kind::integer)
            return a.integer_ < 0 ? -1 : order(static_cast<std::uint64_t>(a.integer_), b.as_uint());
        return b.integer_ < 0 ? 1 : order(a.as_uint(), static_cast<std::uint64_t>(b.integer_));
    }
    if (a.kind_ != b.kind_)
        return 2;
    if (a.kind_ == Kind::string || a.kind_ == Kind::bytes)
        return order(a.text(), b.text());
    if (a.kind_ == Kind::timestamp && a.integer_ == b.integer_)
        return order(a.nanoseconds_, b.nanoseconds_);
    return order(a.integer_, b.integer_);
}

bool equal(const Val& a, const Val& b) {
    using Kind = Val::Kind;
    if (a.is_numeric() && b.is_numeric())
        return compare(a, b) == 0;
    if (a.kind_ != b.kind_)
        return false;
    switch (a.kind_) {
        case Kind::null: return true;
        case Kind::boolean:
        case Kind::timestamp:
        case Kind::duration:
        case Kind::string:
        case Kind::bytes: return compare(a, b) == 0;
        case Kind::type: return a.text() == b.text();
        case Kind::optional: return a.has_value() == b.has_value() && (!a.has_value() || equal(a.inner(), b.inner()));
        case Kind::opaque:
            return a.opaque_->name == b.opaque_->name &&
                   (a.opaque_->name == "kubernetes.Quantity" ? compare(a.opaque_->quantity, b.opaque_->quantity) == 0 : a.opaque_->text == b.opaque_->text);
        case Kind::list: {
            if (!a.items_ && !b.items_ && a.json_.same(b.json_))
                return true;
            const auto size = a.size();
            if (size != b.size())
                return false;
            for (std::size_t i = 0; i < size; ++i)
                if (!equal(a.item(i), b.item(i)))
                    return false;
            return true;
        }
        case Kind::map: {
            if (!a.entries_ && !b.entries_ && a.json_.same(b.json_))
                return true;
            if (a.size() != b.size())
                return false;
            for (const auto& [key, value] : a.entries()) {
                Val other;
                if (!b.find(key, other) || !equal(value, other))
                    return false;
            }
            return true;
        }
        default: return a.json_ == b.json_;
    }
}

Value Val::json() const {
    switch (kind_) {
        case Kind::null: return {};
        case Kind::boolean: return Value(integer_ != 0);
        case Kind::integer: return integer_;
        case Kind::uinteger: return static_cast<std::int64_t>(as_uint());
        case Kind::number: return number_;
        case Kind::bytes: return to_base64(text());
        case Kind::list: {
            if (!items_)
                return json_;
            Value list = Value::array();
            for (const auto& item : *items_)
                list.push_back(item.json());
            return list;
        }
        case Kind::map: {
            if (!entries_)
                return json_;
            Value object = Value::object();
            for (const auto& [key, value] : *entries_)
                object.set(key.is(Kind::string) ? key.text() : string_of(key), value.json());
            return object;
        }
        case Kind::optional: return has_value() ? inner().json() : Value();
        default: return string_of(*this);
    }
}

}  // namespace kubewalk::api::cel
