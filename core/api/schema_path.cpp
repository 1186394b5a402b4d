#include "core/api/schema_path.h"

#include "core/base/text.h"

namespace kubewalk::api::structural {

namespace {

Error bad(std::string message) { return {"Invalid", std::move(message), {}, 0, 0}; }

// '.', '[' and ']' stand alone; everything between them, and everything in single quotes, is one word.
std::string_view next_word(std::string_view& rest) {
    std::size_t length = 1;
    if (rest[0] == '\'') {
        while (length < rest.size() && !(rest[length] == '\'' && rest[length - 1] != '\\'))
            ++length;
        length = std::min(length + 1, rest.size());
    } else if (rest.find_first_of(".[]") != 0) {
        length = std::min(rest.find_first_of(".[]"), rest.size());
    }
    const auto word = rest.substr(0, length);
    rest.remove_prefix(length);
    return word;
}

Result<std::string> unescaped(std::string_view text) {
    std::string plain;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '\\' || i + 1 == text.size()) {
            plain += text[i];
            continue;
        }
        constexpr std::string_view letters = "abfnrtv'\\", meant = "\a\b\f\n\r\t\v'\\";
        const auto at = letters.find(text[++i]);
        if (at == std::string_view::npos)
            return bad(cat("invalid string literal: invalid escape char \\", text[i]));
        plain += meant[at];
    }
    return plain;
}

}  // namespace

Result<SchemaPath> schema_path(std::string_view json_path, const Value& schema, Brackets brackets) {
    SchemaPath found{{}, {}, schema};
    const auto step = [&](const std::string& name) -> bool {
        const bool named = found.schema["properties"].is_object();
        if (!named && !found.schema["additionalProperties"].is_object())
            return false;
        if (named)
            append(found.text, found.text.empty() ? "" : ".", name);
        else
            append(found.text, "[", name, "]");
        if (found.root.empty())
            found.root = name;
        const Value inner = named ? found.schema["properties"][name] : found.schema["additionalProperties"];
        found.schema = inner;
        return !found.schema.is_null();
    };
    std::string_view rest = json_path;
    while (!rest.empty()) {
        const auto word = next_word(rest);
        if (word != "[" && word != ".")
            return bad(cat("expected [ or . but got: ", word));
        if (word == "[" && brackets == Brackets::refused)
            return bad("array notation is not allowed");
        if (rest.empty())
            return bad("unexpected end of JSON path");
        auto name = std::string(next_word(rest));
        if (word == "[") {
            if (name.size() < 2 || name.front() != '\'' || name.back() != '\'')
                return bad(cat("expected single quoted string but got ", name));
            KUBEWALK_TRY(plain, unescaped(std::string_view(name).substr(1, name.size() - 2)));
            name = plain;
        }
        if (!step(name))
            return bad("does not refer to a valid field");
        if (word == "[") {
            if (rest.empty())
                return bad("unexpected end of JSON path");
            if (const auto close = next_word(rest); close != "]")
                return bad(cat("expected ] but got ", close));
        }
    }
    return found;
}

}  // namespace kubewalk::api::structural
