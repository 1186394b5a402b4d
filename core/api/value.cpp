#include "core/api/value.h"

#include <algorithm>
#include <cstring>
#include <new>

#include "core/base/compare.h"
#include "core/base/pool.h"

namespace kubewalk::api {

namespace {

constexpr std::uint32_t usual_room = 4;

// A counted list in one piece of memory: header, then the items.
template <typename Counted, typename Node, typename Item>
struct Block : Counted {
    std::uint32_t size = 0;
    std::uint32_t capacity = 0;

    static constexpr std::size_t header() { return (sizeof(Block) + alignof(Item) - 1) / alignof(Item) * alignof(Item); }
    Item* items() { return std::launder(reinterpret_cast<Item*>(reinterpret_cast<char*>(this) + header())); }
    const Item* items() const { return std::launder(reinterpret_cast<const Item*>(reinterpret_cast<const char*>(this) + header())); }
    Item* begin() { return items(); }
    Item* end() { return items() + size; }

    static Node* make(std::uint32_t room) {
        void* memory = pool::take(header() + room * sizeof(Item));
        Node* made = new (memory) Node;
        made->capacity = room;
        return made;
    }
    static void destroy(Node* node) {
        std::destroy(node->begin(), node->end());
        give_back(node);
    }
    static Node* copy(const Node& other, std::uint32_t more) {
        Node* made = make(other.size + more);
        std::uninitialized_copy_n(other.items(), other.size, made->items());
        made->size = other.size;
        return made;
    }
    // Opens a gap before `place`; the node may move. The gap is not initialised.
    static Item* open(Node*& node, std::size_t place) {
        if (node->size == node->capacity) {
            Node* wider = make(std::max(usual_room, node->capacity + node->capacity / 2));  // little room to spare: most stay for long
            relocate(node->items(), node->size, wider->items());
            wider->size = node->size;
            wider->references = node->references;
            give_back(node);
            node = wider;
        }
        Item* at = node->items() + place;
        relocate(at, node->size - place, at + 1);
        ++node->size;
        return at;
    }
    void close(std::size_t place) {
        Item* at = items() + place;
        at->~Item();
        --size;
        relocate(at + 1, size - place, at);
    }

private:
    // Items hold no address of their own: their bytes are all there is to them.
    static void relocate(const Item* from, std::size_t count, Item* to) {
        std::memmove(static_cast<void*>(to), static_cast<const void*>(from), count * sizeof(Item));
    }
    static void give_back(Node* node) {
        const std::size_t bytes = header() + node->capacity * sizeof(Item);
        node->~Node();
        pool::give_back(node, bytes);
    }
};

// -- keys ---------------------------------------------------------------------------------------------------

// Nothing that is printed depends on this table: it only says which std::string stands for which text.
class Keys {
public:
    const std::string& keep(std::string_view text) {
        const std::uint32_t hash = hash_of(text);
        std::size_t slot = hash & (slots_.size() - 1);
        for (; slots_[slot].key; slot = (slot + 1) & (slots_.size() - 1))
            if (slots_[slot].hash == hash && same_text(*slots_[slot].key, text))
                return *slots_[slot].key;
        slots_[slot] = {new std::string(text), hash};
        const std::string& kept = *slots_[slot].key;
        if (++count_ * 2 > slots_.size())
            grow();
        return kept;
    }

private:
    struct Slot {
        const std::string* key = nullptr;
        std::uint32_t hash = 0;
    };
    static std::uint32_t hash_of(std::string_view text) {
        std::uint64_t hash = text.size();
        while (text.size() >= 8) {
            std::uint64_t word;
            std::memcpy(&word, text.data(), 8);
            hash = (hash ^ word) * 0x9e3779b97f4a7c15ull;
            hash ^= hash >> 32;
            text.remove_prefix(8);
        }
        std::uint64_t word = 0;
        if (!text.empty())
            std::memcpy(&word, text.data(), text.size());
        return static_cast<std::uint32_t>(((hash ^ word) * 0x9e3779b97f4a7c15ull) >> 32);
    }
    void grow() {
        std::vector<Slot> wider(slots_.size() * 2);
        for (const Slot& one : slots_) {
            if (!one.key)
                continue;
            std::size_t slot = one.hash & (wider.size() - 1);
            while (wider[slot].key)
                slot = (slot + 1) & (wider.size() - 1);
            wider[slot] = one;
        }
        slots_ = std::move(wider);
    }

    std::vector<Slot> slots_ = std::vector<Slot>(1024);
    std::size_t count_ = 0;
};

const std::string& kept_key(std::string_view text) {
    static Keys& keys = *new Keys;  // never destroyed: Values may outlive whatever order the ends come in
    return keys.keep(text);
}

}  // namespace

struct Value::StringNode : Node {
    std::uint32_t size = 0;

    char* text() { return reinterpret_cast<char*>(this) + sizeof(StringNode); }
    const char* text() const { return reinterpret_cast<const char*>(this) + sizeof(StringNode); }
    static StringNode* make(std::string_view text) {
        StringNode* made = new (pool::take(sizeof(StringNode) + text.size())) StringNode;
        made->size = static_cast<std::uint32_t>(text.size());
        if (!text.empty())
            std::memcpy(made->text(), text.data(), text.size());
        return made;
    }
    static void destroy(StringNode* node) { pool::give_back(node, sizeof(StringNode) + node->size); }
};
struct Value::ArrayNode : Block<Node, ArrayNode, Value> {};
struct Value::ObjectNode : Block<Node, ObjectNode, Member> {
    // The first member whose key is not less. Members mostly come in order.
    std::size_t lower_bound(std::string_view key) const {
        const Member* first = items();
        if (size == 0 || compare_texts(first[size - 1].key, key) < 0)
            return size;
        const Member* found = std::lower_bound(first, first + size, key, [](const Member& member, std::string_view wanted) { return compare_texts(member.key, wanted) < 0; });
        return static_cast<std::size_t>(found - first);
    }
    const Member* find(std::string_view key, std::uint32_t tag) const {
        // Objects are small: going through the tags beats a binary search with its full comparisons.
        constexpr std::size_t linear_up_to = 48;
        const Member* first = items();
        if (size <= linear_up_to) {
            const Member* const end = first + size;
#pragma GCC unroll 4
            for (const Member* member = first; member != end; ++member)
                if (member->value.tag_ == tag && same_text(member->key, key))
                    return member;
            return nullptr;
        }
        const std::size_t place = lower_bound(key);
        return place < size && first[place].key == key ? first + place : nullptr;
    }
};

Value::StringNode& Value::string_node() const { return static_cast<StringNode&>(*data_.node); }
Value::ArrayNode& Value::array_node() const { return static_cast<ArrayNode&>(*data_.node); }
Value::ObjectNode& Value::object_node() const { return static_cast<ObjectNode&>(*data_.node); }

namespace {
constinit const Value the_null;
}

const Value& null_value() { return the_null; }

Value::Value(std::string_view text) : type_(Type::string) { data_.node = StringNode::make(text); }

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

void Value::release_node() {
    if (--data_.node->references != 0)
        return;
    if (type_ == Type::string)
        StringNode::destroy(&string_node());
    else if (type_ == Type::array)
        ArrayNode::destroy(&array_node());
    else
        ObjectNode::destroy(&object_node());
}

Value Value::array() {
    Value value;
    value.data_.node = ArrayNode::make(0);
    value.type_ = Type::array;
    return value;
}

Value Value::array(std::initializer_list<Value> items) {
    ArrayNode* made = ArrayNode::make(static_cast<std::uint32_t>(items.size()));
    std::uninitialized_copy(items.begin(), items.end(), made->items());
    made->size = static_cast<std::uint32_t>(items.size());
    Value value;
    value.data_.node = made;
    value.type_ = Type::array;
    return value;
}

Value Value::object() {
    Value value;
    value.data_.node = ObjectNode::make(0);
    value.type_ = Type::object;
    return value;
}

Value Value::object(std::initializer_list<std::pair<std::string_view, Value>> members) {
    ObjectNode* made = ObjectNode::make(std::max(usual_room, static_cast<std::uint32_t>(members.size())));
    for (const auto& [key, member] : members) {
        const std::string& kept = kept_key(key);
        const std::size_t place = made->lower_bound(key);
        if (place < made->size && &made->items()[place].key == &kept)
            made->items()[place].value = member;
        else
            new (ObjectNode::open(made, place)) Member(kept, member);
    }
    Value value;
    value.data_.node = made;
    value.type_ = Type::object;
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
    return type_ == Type::string ? std::string_view(string_node().text(), string_node().size) : fallback;
}

std::size_t Value::size() const {
    if (type_ == Type::array)
        return array_node().size;
    return type_ == Type::object ? object_node().size : 0;
}

const Value& Value::member(std::string_view key, std::uint32_t tag) const {
    if (type_ != Type::object)
        return the_null;
    const Member* found = object_node().find(key, tag);
    return found ? found->value : the_null;
}

const Value& Value::operator[](std::size_t index) const {
    return type_ == Type::array && index < array_node().size ? array_node().items()[index] : the_null;
}

bool Value::contains(std::string_view key) const { return type_ == Type::object && object_node().find(key, tag_of(key)) != nullptr; }

std::span<const Value> Value::items() const {
    return type_ == Type::array ? std::span<const Value>(std::as_const(array_node()).items(), array_node().size) : std::span<const Value>();
}

std::span<const Value::Member> Value::members() const {
    return type_ == Type::object ? std::span<const Member>(std::as_const(object_node()).items(), object_node().size) : std::span<const Member>();
}

Value::ArrayNode& Value::own_array(std::uint32_t more) {
    if (type_ != Type::array)
        *this = array();
    if (data_.node->references > 1) {
        auto* copy = ArrayNode::copy(array_node(), more);
        --data_.node->references;
        data_.node = copy;
    }
    return array_node();
}

Value::ObjectNode& Value::own_object(std::uint32_t more) {
    if (type_ != Type::object) {
        release();
        data_.node = ObjectNode::make(more == 0 ? 0 : usual_room);
        type_ = Type::object;
        return object_node();
    }
    if (data_.node->references > 1) {
        auto* copy = ObjectNode::copy(object_node(), more);
        --data_.node->references;
        data_.node = copy;
    }
    return object_node();
}

void Value::set(std::string_view key, Value value) { edit(key) = std::move(value); }

bool Value::erase(std::string_view key) {
    const Member* found = type_ == Type::object ? object_node().find(key, tag_of(key)) : nullptr;
    if (!found)
        return false;
    const auto place = found - std::as_const(object_node()).items();
    own_object().close(static_cast<std::size_t>(place));
    return true;
}

void Value::push_back(Value value) { insert(size(), std::move(value)); }

void Value::insert(std::size_t index, Value value) {
    ArrayNode* array = &own_array(1);
    new (ArrayNode::open(array, std::min<std::size_t>(index, array->size))) Value(std::move(value));
    data_.node = array;
}

void Value::erase_at(std::size_t index) {
    if (index >= size() || type_ != Type::array)
        return;
    own_array().close(index);
}

Value& Value::edit(std::string_view key) {
    if (type_ == Type::object) {
        const ObjectNode& object = object_node();
        if (const Member* found = object.find(key, tag_of(key))) {
            const auto place = found - object.items();
            return own_object().items()[place].value;
        }
    }
    ObjectNode* object = &own_object(1);
    const std::string& kept = kept_key(key);
    Member* made = new (ObjectNode::open(object, object->lower_bound(kept))) Member(kept, Value{});
    data_.node = object;
    return made->value;
}

Value& Value::edit_at(std::size_t index) {
    ArrayNode* array = &own_array();
    while (array->size <= index)
        new (ArrayNode::open(array, array->size)) Value();
    data_.node = array;
    return array->items()[index];
}

bool Value::same(const Value& other) const {
    if (type_ != other.type_)
        return false;
    switch (type_) {
        case Type::null: return true;
        case Type::boolean: return data_.boolean == other.data_.boolean;
        case Type::integer: return data_.integer == other.data_.integer;
        case Type::number: return data_.number == other.data_.number;
        case Type::string:
        case Type::array:
        case Type::object: return data_.node == other.data_.node;
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
        case Value::Type::string: return same_text(a.as_string(), b.as_string());
        case Value::Type::array: return std::equal(a.items().begin(), a.items().end(), b.items().begin(), b.items().end());
        case Value::Type::object:
            // Keys are kept once: the same text is the same std::string.
            return std::equal(a.members().begin(), a.members().end(), b.members().begin(), b.members().end(),
                              [](const Value::Member& x, const Value::Member& y) { return &x.key == &y.key && x.value == y.value; });
        default: return false;
    }
}

}  // namespace kubewalk::api
