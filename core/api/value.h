#pragma once
// The value tree every Kubernetes object is made of here: JSON's types, immutable when shared,
// copied on write. Copying a Value is O(1); changing one copies only the path that changed, so all
// Pods of a ReplicaSet share one spec and every revision of an object shares what did not change.
//
// Objects keep their members sorted by key: that is the order kubectl prints, and it makes equality
// and output independent of how a value was built.

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kubewalk::api {

class Value {
public:
    enum class Type : std::uint8_t { null, boolean, integer, number, string, array, object };

    struct Member;

    Value() = default;
    Value(std::nullptr_t) {}
    // A bool and nothing that turns into one: a pointer in braces must not become true.
    template <std::same_as<bool> Boolean>
    Value(Boolean boolean) : type_(Type::boolean) { data_.boolean = boolean; }
    Value(int number) : Value(static_cast<std::int64_t>(number)) {}
    Value(std::int64_t integer) : type_(Type::integer) { data_.integer = integer; }
    Value(double number) : type_(Type::number) { data_.number = number; }
    Value(const std::string& text) : Value(std::string_view(text)) {}
    Value(std::string_view text);
    Value(const char* text) : Value(std::string_view(text)) {}
    Value(const Value& other) : type_(other.type_), data_(other.data_) { retain(); }
    Value(Value&& other) noexcept : type_(other.type_), data_(other.data_) { other.type_ = Type::null; }
    Value& operator=(const Value& other);
    Value& operator=(Value&& other) noexcept;
    ~Value() { release(); }

    static Value array();
    static Value array(std::initializer_list<Value> items);
    static Value object();
    // object({{"name", "carts"}, {"port", 80}}): later duplicates win.
    static Value object(std::initializer_list<std::pair<std::string_view, Value>> members);

    Type type() const { return type_; }
    bool is_null() const { return type_ == Type::null; }
    bool is_bool() const { return type_ == Type::boolean; }
    bool is_int() const { return type_ == Type::integer; }
    bool is_number() const { return type_ == Type::integer || type_ == Type::number; }
    bool is_string() const { return type_ == Type::string; }
    bool is_array() const { return type_ == Type::array; }
    bool is_object() const { return type_ == Type::object; }
    // "null", "boolean", "integer", "number", "string", "array", "object".
    std::string_view type_name() const;

    // -- reading never fails: what is not there reads as null, and null as the fallback ----------
    bool as_bool(bool fallback = false) const;
    std::int64_t as_int(std::int64_t fallback = 0) const;  // a number with a fraction is truncated
    double as_number(double fallback = 0) const;
    std::string_view as_string(std::string_view fallback = {}) const;
    std::string str(std::string_view fallback = {}) const { return std::string(as_string(fallback)); }

    // Number of items or members; 0 for everything else.
    std::size_t size() const;
    bool empty() const { return size() == 0; }  // also true of null and scalars
    const Value& operator[](std::string_view key) const { return member(key, tag_of(key)); }
    // A key in the source has its length and its tag from the compiler. In WebAssembly one call for all is smaller.
#if defined(__GNUC__) && !defined(__EMSCRIPTEN__)
    [[gnu::always_inline]]
#endif
    const Value& operator[](const char* key) const { return (*this)[std::string_view(key)]; }
    const Value& operator[](std::size_t index) const;
    const Value& operator[](int index) const { return (*this)[static_cast<std::size_t>(index)]; }
    bool contains(std::string_view key) const;  // a member that is null counts
    // path("metadata", "labels", "app"): one look per step.
    template <typename... Keys>
    const Value& path(const Keys&... keys) const {
        const Value* at = this;
        ((at = &(*at)[keys]), ...);
        return *at;
    }
    std::span<const Value> items() const;     // empty unless an array
    std::span<const Member> members() const;  // empty unless an object; sorted by key

    // -- writing copies what is shared --------------------------------------------------------
    void set(std::string_view key, Value value);  // a null Value becomes an object first
    bool erase(std::string_view key);
    void push_back(Value value);  // a null Value becomes an array first
    void insert(std::size_t index, Value value);
    void erase_at(std::size_t index);
    // The member for change, created null when absent: v.edit("spec").edit("replicas") = 3.
    Value& edit(std::string_view key);
    Value& edit_at(std::size_t index);
    // edit_path("metadata", "labels").set("app", "x")
    template <typename... Keys>
    Value& edit_path(const Keys&... keys) {
        Value* at = this;
        ((at = &at->edit(keys)), ...);
        return *at;
    }

    // Deep comparison; 1 == 1.0. Shared parts compare by address, so equal revisions are cheap.
    friend bool operator==(const Value& a, const Value& b);
    // Same node in memory (a hint that nothing changed).
    bool same(const Value& other) const;

private:
    // What strings, arrays and objects are kept in. Reference counts are plain integers: the simulation is
    // single-threaded by design.
    struct Node {
        std::uint32_t references = 1;
    };
    struct StringNode;
    struct ArrayNode;
    struct ObjectNode;
    union Data {
        bool boolean;
        std::int64_t integer;
        double number;
        Node* node;
    };

    // Tells most keys apart without reading them; known at compile time for a key that stands in the source.
    static constexpr std::uint32_t tag_of(std::string_view key) {
        const auto at = [key](std::size_t index) { return static_cast<std::uint32_t>(static_cast<unsigned char>(key[index])); };
        return key.empty() ? 0 : static_cast<std::uint32_t>(key.size()) ^ at(0) << 8 ^ at(key.size() / 2) << 16 ^ at(key.size() - 1) << 24;
    }
    const Value& member(std::string_view key, std::uint32_t tag) const;

    StringNode& string_node() const;
    ArrayNode& array_node() const;
    ObjectNode& object_node() const;

    void retain() const {
        if (type_ >= Type::string)
            ++data_.node->references;
    }
    void release() {
        if (type_ >= Type::string)
            release_node();
        type_ = Type::null;
    }
    void release_node();
    // A shared one is copied, with room for so many more.
    ArrayNode& own_array(std::uint32_t more = 0);
    ObjectNode& own_object(std::uint32_t more = 0);

    Type type_ = Type::null;
    std::uint32_t tag_ = 0;  // of the key it stands under; belongs to the place and does not move with the value
    Data data_{};
};

// Keys are kept once for all objects, for ever: copying an object copies none of them.
struct Value::Member {
    const std::string& key;
    Value value;

    Member(const std::string& kept_key, Value member_value) : key(kept_key), value(std::move(member_value)) { value.tag_ = tag_of(kept_key); }
    Member(const Member& other) : key(other.key), value(other.value) { value.tag_ = other.value.tag_; }
    Member(Member&& other) noexcept : key(other.key), value(std::move(other.value)) { value.tag_ = other.value.tag_; }
    Member& operator=(const Member& other) { return *this = Member(other); }
    Member& operator=(Member&& other) noexcept {
        if (this != &other) {
            std::destroy_at(this);
            std::construct_at(this, std::move(other));
        }
        return *this;
    }
};

// The null that missing things read as.
const Value& null_value();

}  // namespace kubewalk::api
