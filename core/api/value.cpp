#include "core/api/value.h"

#include <algorithm>
#include <cstring>

namespace kubewalk::api {

// Reference counts are plain integers: the simulation is single-threaded by design.
struct Value::StringNode {
    std::uint32_t references = 1;
    std::string text;
};
struct Value::ArrayNode {
    std::uint32_t references = 1;
    std::vector<Value> items;
};
struct Value::ObjectNode {
    std::uint32_t references = 1;
    std::vector<Member> members;
};

namespace {
constexpr auto key_less = [](const Value::Member& member, std::string_view key) { return member.key < key; };
}

namespace {
// Objects are small: comparing lengths first beats a binary search with its full comparisons.
constexpr std::size_t linear_up_to = 24;

const Value::Member* find_member(const std::vector<Value::Member>& members, std::string_view key) {
    if (members.size() <= linear_up_to) {
        for (const auto& member : members)
            if (member.key.size() == key.size() && std::memcmp(member.key.data(), key.data(), key.size()) == 0)
                return &member;
        return nullptr;
    }
    const auto found = std::lower_bound(members.begin(), members.end(), key, key_less);
    return found != members.end() && found->key == key ? &*found : nullptr;
}
}  // namespace

const Value& null_value() {
    static const Value null;
    return null;
}

Value::Value(std::string text) : type_(Type::string) { data_.string = new StringNode{1, std::move(text)}; }

Value& Value::operator=(const Value& other) {
    other.retain();
    release();
    type_ = other.type_;
    data_ = other.data_;
    return *this;
}

Value& Value::operator=(Value&& other) noexcept {
    std::swap(type_, other.type_);
    std::swap(data_, other.data_);
    return *this;
}

void Value::retain() const {
    switch (type_) {
        case Type::string: ++data_.string->references; break;
        case Type::array: ++data_.array->references; break;
        case Type::object: ++data_.object->references; break;
        default: break;
    }
}

void Value::release() {
    switch (type_) {
        case Type::string:
            if (--data_.string->references == 0)
                delete data_.string;
            break;
        case Type::array:
            if (--data_.array->references == 0)
                delete data_.array;
            break;
        case Type::object:
            if (--data_.object->references == 0)
                delete data_.object;
            break;
        default: break;
    }
    type_ = Type::null;
}

Value Value::array() {
    Value value;
    value.type_ = Type::array;
    value.data_.array = new ArrayNode;
    return value;
}

Value Value::array(std::initializer_list<Value> items) {
    Value value = array();
    value.data_.array->items.assign(items.begin(), items.end());
    return value;
}

Value Value::object() {
    Value value;
    value.type_ = Type::object;
    value.data_.object = new ObjectNode;
    return value;
}

Value Value::object(std::initializer_list<std::pair<std::string_view, Value>> members) {
    Value value = object();
    value.data_.object->members.reserve(members.size());
    for (const auto& [key, member] : members)
        value.set(key, member);
    return value;
}

std::string_view Value::type_name() const {
    static constexpr std::string_view names[] = {"null", "boolean", "integer", "number", "string", "array", "object"};
    return names[static_cast<int>(type_)];
}

bool Value::as_bool(bool fallback) const { return type_ == Type::boolean ? data_.boolean : fallback; }

std::int64_t Value::as_int(std::int64_t fallback) const {
    if (type_ == Type::integer)
        return data_.integer;
    if (type_ == Type::number && data_.number > -9.2e18 && data_.number < 9.2e18)
        return static_cast<std::int64_t>(data_.number);
    return fallback;
}

double Value::as_number(double fallback) const {
    if (type_ == Type::integer)
        return static_cast<double>(data_.integer);
    return type_ == Type::number ? data_.number : fallback;
}

std::string_view Value::as_string(std::string_view fallback) const {
    return type_ == Type::string ? std::string_view(data_.string->text) : fallback;
}

std::size_t Value::size() const {
    if (type_ == Type::array)
        return data_.array->items.size();
    return type_ == Type::object ? data_.object->members.size() : 0;
}

const Value& Value::operator[](std::string_view key) const {
    if (type_ != Type::object)
        return null_value();
    const Member* found = find_member(data_.object->members, key);
    return found ? found->value : null_value();
}

const Value& Value::operator[](std::size_t index) const {
    return type_ == Type::array && index < data_.array->items.size() ? data_.array->items[index] : null_value();
}

bool Value::contains(std::string_view key) const {
    if (type_ != Type::object)
        return false;
    return find_member(data_.object->members, key) != nullptr;
}

std::span<const Value> Value::items() const {
    return type_ == Type::array ? std::span<const Value>(data_.array->items) : std::span<const Value>();
}

std::span<const Value::Member> Value::members() const {
    return type_ == Type::object ? std::span<const Member>(data_.object->members) : std::span<const Member>();
}

Value::ArrayNode& Value::own_array() {
    if (type_ != Type::array)
        *this = array();
    if (data_.array->references > 1) {
        auto* copy = new ArrayNode{1, data_.array->items};
        --data_.array->references;
        data_.array = copy;
    }
    return *data_.array;
}

Value::ObjectNode& Value::own_object() {
    if (type_ != Type::object)
        *this = object();
    if (data_.object->references > 1) {
        auto* copy = new ObjectNode{1, data_.object->members};
        --data_.object->references;
        data_.object = copy;
    }
    return *data_.object;
}

void Value::set(std::string_view key, Value value) { edit(key) = std::move(value); }

bool Value::erase(std::string_view key) {
    if (!contains(key))
        return false;
    auto& members = own_object().members;
    members.erase(std::lower_bound(members.begin(), members.end(), key, key_less));
    return true;
}

void Value::push_back(Value value) { own_array().items.push_back(std::move(value)); }

void Value::insert(std::size_t index, Value value) {
    auto& items = own_array().items;
    items.insert(items.begin() + static_cast<std::ptrdiff_t>(std::min(index, items.size())), std::move(value));
}

void Value::erase_at(std::size_t index) {
    if (index >= size() || type_ != Type::array)
        return;
    auto& items = own_array().items;
    items.erase(items.begin() + static_cast<std::ptrdiff_t>(index));
}

Value& Value::edit(std::string_view key) {
    auto& members = own_object().members;
    auto found = std::lower_bound(members.begin(), members.end(), key, key_less);
    if (found == members.end() || found->key != key)
        found = members.insert(found, Member{std::string(key), Value{}});
    return found->value;
}

Value& Value::edit_at(std::size_t index) {
    auto& items = own_array().items;
    if (index >= items.size())
        items.resize(index + 1);
    return items[index];
}

bool Value::same(const Value& other) const {
    if (type_ != other.type_)
        return false;
    switch (type_) {
        case Type::null: return true;
        case Type::boolean: return data_.boolean == other.data_.boolean;
        case Type::integer: return data_.integer == other.data_.integer;
        case Type::number: return data_.number == other.data_.number;
        case Type::string: return data_.string == other.data_.string;
        case Type::array: return data_.array == other.data_.array;
        case Type::object: return data_.object == other.data_.object;
    }
    return false;
}

bool operator==(const Value& a, const Value& b) {
    if (a.same(b))
        return true;
    if (a.is_number() && b.is_number())
        return a.is_int() && b.is_int() ? a.as_int() == b.as_int() : a.as_number() == b.as_number();
    if (a.type_ != b.type_)
        return false;
    switch (a.type_) {
        case Value::Type::string: return a.as_string() == b.as_string();
        case Value::Type::array: return std::equal(a.items().begin(), a.items().end(), b.items().begin(), b.items().end());
        case Value::Type::object:
            return std::equal(a.members().begin(), a.members().end(), b.members().begin(), b.members().end(),
                              [](const Value::Member& x, const Value::Member& y) {
                                  return x.key == y.key && x.value == y.value;
                              });
        default: return false;
    }
}

}  // namespace kubewalk::api
