#include "core/api/json.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "core/base/sort.h"
#include "core/base/text.h"

namespace kubewalk::api {

namespace {

using Json = nlohmann::json;

constexpr std::size_t max_depth = 512;

// Builds Values straight from the parser's events, so no second tree is made.
class Builder final : public nlohmann::json_sax<Json> {
public:
    Value root;
    Error error;

    bool null() override { return put(Value()); }
    bool boolean(bool v) override { return put(Value(v)); }
    bool number_integer(number_integer_t v) override { return put(Value(static_cast<std::int64_t>(v))); }
    bool number_unsigned(number_unsigned_t v) override {
        return v <= static_cast<number_unsigned_t>(INT64_MAX) ? put(Value(static_cast<std::int64_t>(v)))
                                                              : put(Value(static_cast<double>(v)));
    }
    bool number_float(number_float_t v, const string_t&) override { return put(Value(v)); }
    bool string(string_t& v) override { return put(Value(std::move(v))); }
    bool binary(binary_t&) override { return false; }
    bool start_object(std::size_t) override { return open(Value::object()); }
    bool start_array(std::size_t) override { return open(Value::array()); }
    bool key(string_t& v) override {
        stack_.back().key = std::move(v);
        return true;
    }
    bool end_object() override { return close(); }
    bool end_array() override { return close(); }
    bool parse_error(std::size_t position, const std::string&, const nlohmann::detail::exception& problem) override {
        position_ = position;
        error.reason = "ParseError";
        error.message = problem.what();
        return false;
    }
    std::size_t position() const { return position_; }

private:
    struct Level {
        Value value;
        std::string key;
        std::vector<std::pair<std::string, Value>> members;  // of an object, as they came
    };

    bool put(Value value) {
        if (stack_.empty()) {
            root = std::move(value);
        } else if (stack_.back().value.is_array()) {
            stack_.back().value.push_back(std::move(value));
        } else {
            stack_.back().members.emplace_back(std::move(stack_.back().key), std::move(value));
        }
        return true;
    }
    bool open(Value value) {
        if (stack_.size() >= max_depth) {
            error.reason = "ParseError";
            error.message = "json: exceeded max depth";
            return false;
        }
        stack_.push_back({std::move(value), {}, {}});
        return true;
    }
    bool close() {
        Value done = std::move(stack_.back().value);
        auto members = std::move(stack_.back().members);
        stack_.pop_back();
        // In order each goes to the end: one by one where they belong would cost the square of their number.
        sort_stably(members, [](const auto& a, const auto& b) { return a.first < b.first; });
        for (auto& [key, member] : members)
            done.set(key, std::move(member));
        return put(std::move(done));
    }

    std::vector<Level> stack_;
    std::size_t position_ = 0;
};

bool is_plain(char c) { return c >= ' ' && c <= '~' && c != '"' && c != '\\'; }

void append_string(std::string& out, std::string_view text) {
    // Nearly everything in an object is plain: hashes and patches write a great deal of it.
    if (std::all_of(text.begin(), text.end(), is_plain)) {
        append(out, '"', text, '"');
        return;
    }
    // As Go's encoding/json with HTML escaping off; invalid UTF-8 becomes U+FFFD.
    out += Json(text).dump(-1, ' ', false, Json::error_handler_t::replace);
}

void write(std::string& out, const Value& value, int indent, int level) {
    auto new_line = [&](int depth) {
        if (indent < 0)
            return;
        out += '\n';
        out.append(static_cast<std::size_t>(indent * depth), ' ');
    };
    switch (value.type()) {
        case Value::Type::null: out += "null"; break;
        case Value::Type::boolean: out += value.as_bool() ? "true" : "false"; break;
        case Value::Type::integer: append(out, value.as_int()); break;
        case Value::Type::number: out += format_double(value.as_number()); break;
        case Value::Type::string: append_string(out, value.as_string()); break;
        case Value::Type::array: {
            out += '[';
            bool first = true;
            for (const auto& item : value.items()) {
                if (!first)
                    out += ',';
                first = false;
                new_line(level + 1);
                write(out, item, indent, level + 1);
            }
            if (!first)
                new_line(level);
            out += ']';
            break;
        }
        case Value::Type::object: {
            out += '{';
            bool first = true;
            for (const auto& [key, member] : value.members()) {
                if (!first)
                    out += ',';
                first = false;
                new_line(level + 1);
                append_string(out, key);
                out += indent < 0 ? ":" : ": ";
                write(out, member, indent, level + 1);
            }
            if (!first)
                new_line(level);
            out += '}';
            break;
        }
    }
}

}  // namespace

Result<Value> parse_json(std::string_view text) {
    Builder builder;
    if (Json::sax_parse(text.begin(), text.end(), &builder))
        return std::move(builder.root);
    Error error = builder.error;
    const auto position = std::min(builder.position(), text.size());
    error.line = 1 + static_cast<int>(std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(position), '\n'));
    const auto line_start = text.substr(0, position).rfind('\n');
    error.column = static_cast<int>(position - (line_start == std::string_view::npos ? 0 : line_start + 1));
    return error;
}

std::string to_json(const Value& value, int indent) {
    std::string out;
    write(out, value, indent, 0);
    return out;
}

}  // namespace kubewalk::api
