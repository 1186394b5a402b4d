#include "core/api/cel/functions.h"

#include "core/base/text.h"

namespace kubewalk::api::cel {

namespace {

// "string", "list<A>", "map<A, B>", "optional<A>", "net.IP"
class SignatureReader {
public:
    explicit SignatureReader(std::string_view text) : text_(text) {}

    Overload overload(Function call) {
        Overload made;
        made.call = call;
        skip();
        if (!text_.starts_with("(")) {
            made.member = true;
            made.parameters.push_back(type());
            take(".");
        }
        take("(");
        while (!text_.starts_with(")")) {
            made.parameters.push_back(type());
            take(",");
        }
        take(")");
        take("->");
        made.result = type();
        return made;
    }

private:
    void skip() {
        while (text_.starts_with(" "))
            text_.remove_prefix(1);
    }
    void take(std::string_view word) {
        skip();
        if (text_.starts_with(word))
            text_.remove_prefix(word.size());
        skip();
    }
    TypeRef type() {
        skip();
        std::size_t length = 0;
        // A dot belongs to the name unless "(" follows it: "net.IP.(string)".
        while (length < text_.size() && std::string_view("<>,() |-").find(text_[length]) == std::string_view::npos && !text_.substr(length).starts_with(".("))
            ++length;
        const auto name = text_.substr(0, length);
        text_.remove_prefix(length);
        std::vector<TypeRef> parameters;
        if (text_.starts_with("<")) {
            take("<");
            while (!text_.starts_with(">")) {
                parameters.push_back(type());
                take(",");
            }
            take(">");
        }
        return named(name, std::move(parameters));
    }
    static TypeRef named(std::string_view name, std::vector<TypeRef> parameters) {
        using Kind = Type::Kind;
        constexpr std::pair<std::string_view, Kind> known[] = {
            {"dyn", Kind::dyn}, {"null", Kind::null}, {"bool", Kind::boolean}, {"int", Kind::integer}, {"uint", Kind::uinteger}, {"double", Kind::number},
            {"string", Kind::string}, {"bytes", Kind::bytes}, {"timestamp", Kind::timestamp}, {"duration", Kind::duration}, {"type", Kind::type}};
        for (const auto& [word, kind] : known)
            if (word == name)
                return simple(kind);
        if (name == "list")
            return list_of(parameters[0]);
        if (name == "map")
            return map_of(parameters[0], parameters[1]);
        if (name == "optional")
            return optional_of(parameters[0]);
        auto made = std::make_shared<Type>();
        made->kind = name.size() == 1 ? Type::Kind::parameter : Type::Kind::opaque;
        made->name = name;
        return made;
    }

    std::string_view text_;
};

using Table = std::map<std::string_view, std::vector<Overload>, std::less<>>;

// Read once: it belongs to the program and never changes.
const Table& table() {
    static const Table made = [] {
        Table all;
        for (const auto lines : {operator_functions(), conversion_functions(), time_functions(), string_functions(), list_functions(), network_functions(),
                                 quantity_functions(), authorizer_functions()})
            for (const auto& line : lines)
                for (const auto signature : split(line.signatures, '|'))
                    all[line.name].push_back(SignatureReader(signature).overload(line.call));
        return all;
    }();
    return made;
}

}  // namespace

const std::vector<Overload>* overloads_of(std::string_view name) {
    const auto found = table().find(name);
    return found == table().end() ? nullptr : &found->second;
}

bool fits(const Type& type, const Val& value) {
    using Kind = Type::Kind;
    switch (type.kind) {
        case Kind::dyn:
        case Kind::error:
        case Kind::parameter: return true;
        case Kind::null: return value.is(Val::Kind::null);
        case Kind::boolean: return value.is(Val::Kind::boolean);
        case Kind::integer: return value.is(Val::Kind::integer);
        case Kind::uinteger: return value.is(Val::Kind::uinteger);
        case Kind::number: return value.is(Val::Kind::number);
        case Kind::string: return value.is(Val::Kind::string);
        case Kind::bytes: return value.is(Val::Kind::bytes);
        case Kind::timestamp: return value.is(Val::Kind::timestamp);
        case Kind::duration: return value.is(Val::Kind::duration);
        case Kind::list: return value.is(Val::Kind::list);
        case Kind::map:
        case Kind::object: return value.is(Val::Kind::map);
        case Kind::optional: return value.is(Val::Kind::optional);
        case Kind::type: return value.is(Val::Kind::type);
        case Kind::opaque: return value.is(Val::Kind::opaque) && value.opaque().name == type.name;
    }
    return false;
}

}  // namespace kubewalk::api::cel
