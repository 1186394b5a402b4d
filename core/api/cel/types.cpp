#include "core/api/cel/val.h"
#include "core/base/text.h"

namespace kubewalk::api::cel {

namespace {

TypeRef made(Type::Kind kind, std::string_view name, std::vector<TypeRef> parameters = {}) {
    auto type = std::make_shared<Type>();
    type->kind = kind;
    type->name = name;
    type->parameters = std::move(parameters);
    return type;
}

constexpr std::string_view names[] = {"dyn", "!error!", "null", "bool", "int", "uint", "double", "string", "bytes", "timestamp", "duration",
                                      "list", "map", "", "optional_type", "type", "", ""};

bool is_word(std::string_view name) {
    if (name.empty() || (name[0] >= '0' && name[0] <= '9'))
        return false;
    for (const char c : name)
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'))
            return false;
    return true;
}

constexpr std::string_view keywords[] = {"true", "false", "null", "in", "as", "break", "const", "continue", "else", "for", "function", "if", "import",
                                         "let", "loop", "package", "namespace", "return", "var", "void", "while"};
struct Escape {
    std::string_view sign, word;
};
constexpr Escape escapes[] = {{"__", "__underscores__"}, {".", "__dot__"}, {"-", "__dash__"}, {"/", "__slash__"}};

}  // namespace

TypeRef simple(Type::Kind kind) { return made(kind, names[static_cast<std::size_t>(kind)]); }
TypeRef list_of(TypeRef element) { return made(Type::Kind::list, "list", {std::move(element)}); }
TypeRef map_of(TypeRef key, TypeRef value) { return made(Type::Kind::map, "map", {std::move(key), std::move(value)}); }
TypeRef optional_of(TypeRef inner) { return made(Type::Kind::optional, "optional_type", {std::move(inner)}); }
TypeRef opaque_named(std::string name) { return made(Type::Kind::opaque, name); }

TypeRef object_named(std::string name, std::map<std::string, TypeRef, std::less<>> fields) {
    auto type = std::make_shared<Type>();
    type->kind = Type::Kind::object;
    type->name = std::move(name);
    type->fields = std::move(fields);
    return type;
}

std::string type_text(const Type& type) {
    std::string text = type.name;
    for (std::size_t i = 0; i < type.parameters.size(); ++i)
        append(text, i == 0 ? "(" : ", ", type_text(*type.parameters[i]));
    return type.parameters.empty() ? text : text + ")";
}

bool same_type(const Type& a, const Type& b) {
    if (&a == &b)
        return true;
    if (a.kind != b.kind || a.name != b.name || a.parameters.size() != b.parameters.size() || a.fields.size() != b.fields.size())
        return false;
    for (std::size_t i = 0; i < a.parameters.size(); ++i)
        if (!same_type(*a.parameters[i], *b.parameters[i]))
            return false;
    return true;
}

// Upstream: k8s.io/apiserver/pkg/cel/escaping.go.
std::string escaped_name(std::string_view property) {
    for (const auto word : keywords)
        if (word == property)
            return cat("__", property, "__");
    std::string name;
    for (std::size_t i = 0; i < property.size();) {
        const Escape* found = nullptr;
        for (const auto& one : escapes)
            if (property.substr(i).starts_with(one.sign))
                found = &one;
        name += found ? found->word : property.substr(i, 1);
        i += found ? found->sign.size() : 1;
    }
    return is_word(name) ? name : std::string();
}

std::string unescaped_name(std::string_view name) {
    for (const auto word : keywords)
        if (name == cat("__", word, "__"))
            return std::string(word);
    std::string property;
    for (std::size_t i = 0; i < name.size();) {
        const Escape* found = nullptr;
        for (const auto& one : escapes)
            if (name.substr(i).starts_with(one.word))
                found = &one;
        property += found ? found->sign : name.substr(i, 1);
        i += found ? found->word.size() : 1;
    }
    return property;
}

}  // namespace kubewalk::api::cel
