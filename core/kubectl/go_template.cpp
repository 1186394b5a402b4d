#include "core/kubectl/go_template.h"

#include <map>
#include <optional>
#include <vector>

#include "core/base/base64.h"
#include "core/base/text.h"

namespace kubewalk::kubectl {

using api::Value;

namespace {

Error parse_error(std::string_view what) { return {"Parse", cat("template: output:1: ", what), {}, 0, 0}; }
Error run_error(std::string_view action, std::string_view what) {
    return {"Execute", cat("template: output:1: executing \"output\" at <", action, ">: ", what), {}, 0, 0};
}

// fmt's %v of decoded JSON.
std::string shown(const Value& value) {
    if (value.is_null())
        return "<no value>";
    if (value.is_string())
        return value.str();
    if (value.is_bool())
        return value.as_bool() ? "true" : "false";
    if (value.is_int())
        return cat(value.as_int());
    if (value.is_number())
        return format_double(value.as_number());
    std::string text = value.is_array() ? "[" : "map[";
    bool first = true;
    for (const auto& item : value.items()) {
        append(text, first ? "" : " ", item.is_null() ? std::string("<nil>") : shown(item));
        first = false;
    }
    for (const auto& [key, member] : value.members()) {
        append(text, first ? "" : " ", key, ":", member.is_null() ? std::string("<nil>") : shown(member));
        first = false;
    }
    return text + "]";
}

bool is_true(const Value& value) {
    if (value.is_bool())
        return value.as_bool();
    if (value.is_number())
        return value.as_number() != 0;
    if (value.is_string())
        return !value.as_string().empty();
    return value.size() > 0;
}

// -- text into pieces: what is printed, and what stands in {{ }} ----------------------------------------

struct Piece {
    bool action = false;
    std::string text;
};

Result<std::vector<Piece>> pieces_of(std::string_view text) {
    std::vector<Piece> pieces;
    bool trim_next = false;
    while (true) {
        const auto open = text.find("{{");
        std::string plain(text.substr(0, open));
        if (trim_next)
            plain.erase(0, std::min(plain.find_first_not_of(" \t\r\n"), plain.size()));
        if (open == std::string_view::npos) {
            pieces.push_back({false, plain});
            return pieces;
        }
        text.remove_prefix(open + 2);
        if (text.starts_with("- ")) {
            text.remove_prefix(1);
            while (!plain.empty() && std::string_view(" \t\r\n").find(plain.back()) != std::string_view::npos)
                plain.pop_back();
        }
        pieces.push_back({false, plain});
        // The action ends at the first }} that stands in no string.
        std::size_t at = 0;
        char quote = 0;
        for (; at < text.size(); ++at) {
            if (quote != 0) {
                if (text[at] == '\\' && quote == '"')
                    ++at;
                else if (text[at] == quote)
                    quote = 0;
            } else if (text[at] == '"' || text[at] == '`') {
                quote = text[at];
            } else if (text.substr(at, 2) == "}}") {
                break;
            }
        }
        if (at >= text.size())
            return parse_error("unclosed action");
        std::string_view inside = text.substr(0, at);
        trim_next = inside.ends_with(" -");
        if (trim_next)
            inside.remove_suffix(2);
        if (!inside.starts_with("/*"))
            pieces.push_back({true, std::string(trim(inside))});
        text.remove_prefix(at + 2);
    }
}

// Bounds that no honest template meets: a template is a stranger's text too. Go itself bounds widths (fmt: tooLarge).
constexpr int deepest = 200;                              // blocks in blocks, parentheses in parentheses
constexpr std::size_t most_steps = 1'000'000;             // actions that are run
constexpr std::size_t most_output = std::size_t{16} << 20;  // bytes
constexpr std::int64_t widest = 1'000'000;

// -- actions into a tree --------------------------------------------------------------------------------

struct Node {
    enum class Kind : unsigned char { text, print, assign, if_, range, with } kind = Kind::text;
    std::string text;                    // text: what is printed; else the pipeline
    std::vector<std::string> variables;  // of range and of assignments
    std::vector<Node> body;
    std::vector<Node> otherwise;
};

class TreeBuilder {
public:
    explicit TreeBuilder(std::vector<Piece> pieces) : pieces_(std::move(pieces)) {}

    Result<std::vector<Node>> build() {
        KUBEWALK_TRY(nodes, list(false));
        return nodes;
    }

private:
    static std::string_view first_word(std::string_view text) { return text.substr(0, text.find_first_of(" \t")); }

    Result<std::vector<Node>> list(bool inside) {
        std::vector<Node> nodes;
        for (; at_ < pieces_.size(); ++at_) {
            const Piece& piece = pieces_[at_];
            if (!piece.action) {
                nodes.push_back({Node::Kind::text, piece.text, {}, {}, {}});
                continue;
            }
            const auto word = first_word(piece.text);
            if (word == "end" || word == "else") {
                if (!inside)
                    return parse_error(cat("unexpected {{", word, "}}"));
                return nodes;
            }
            if (word == "if" || word == "range" || word == "with") {
                KUBEWALK_TRY(node, block(word, trim(std::string_view(piece.text).substr(word.size()))));
                nodes.push_back(std::move(node));
            } else if (word == "template" || word == "define" || word == "block" || word == "break" || word == "continue") {
                return parse_error(cat("{{", word, "}} is not known to this kubectl"));
            } else {
                nodes.push_back(simple(piece.text));
            }
        }
        if (inside)
            return parse_error("unexpected EOF");
        return nodes;
    }

    // `$x := pipeline`, `$i, $x := pipeline`
    static void take_variables(Node& node) {
        const auto sign = node.text.find(":=");
        const auto equals = sign == std::string::npos && node.text.starts_with("$") ? node.text.find(" = ") : std::string::npos;
        if (sign == std::string::npos && equals == std::string::npos)
            return;
        const auto at = sign != std::string::npos ? sign : equals;
        const std::string names = node.text.substr(0, at);
        for (const auto name : split(names, ','))
            node.variables.emplace_back(trim(name));
        node.text = trim(std::string_view(node.text).substr(at + (sign != std::string::npos ? 2 : 3)));
    }

    static Node simple(const std::string& text) {
        Node node{Node::Kind::print, text, {}, {}, {}};
        if (text.starts_with('$'))
            take_variables(node);
        if (!node.variables.empty())
            node.kind = Node::Kind::assign;
        return node;
    }

    Result<Node> block(std::string_view word, std::string_view pipeline) {
        if (depth_ == deepest)
            return parse_error("exceeded max depth");
        ++depth_;
        auto made = block_inside(word, pipeline);
        --depth_;
        return made;
    }

    Result<Node> block_inside(std::string_view word, std::string_view pipeline) {
        Node node;
        node.kind = word == "if" ? Node::Kind::if_ : word == "range" ? Node::Kind::range : Node::Kind::with;
        node.text = pipeline;
        if (pipeline.starts_with('$'))
            take_variables(node);
        if (node.text.empty())
            return parse_error(cat("missing value for ", word));
        ++at_;
        KUBEWALK_TRY(body, list(true));
        node.body = std::move(body);
        if (first_word(pieces_[at_].text) == "else") {
            const auto rest = trim(std::string_view(pieces_[at_].text).substr(4));
            if (!rest.empty()) {  // {{else if ...}}: a block of its own that shares the end
                const auto inner = first_word(rest);
                KUBEWALK_TRY(nested, block(inner, trim(rest.substr(inner.size()))));
                node.otherwise.push_back(std::move(nested));
                return node;
            }
            ++at_;
            KUBEWALK_TRY(otherwise, list(true));
            node.otherwise = std::move(otherwise);
        }
        return node;
    }

    std::vector<Piece> pieces_;
    std::size_t at_ = 0;
    int depth_ = 0;
};

// -- running ----------------------------------------------------------------------------------------------

struct Word {
    enum class Kind : unsigned char { field, variable, string, number, name, group } kind = Kind::name;
    std::string text;
};

Result<std::vector<Word>> words_of(std::string_view text) {
    std::vector<Word> words;
    std::size_t i = 0;
    while (i < text.size()) {
        const char c = text[i];
        if (c == ' ' || c == '\t' || c == '\n') {
            ++i;
            continue;
        }
        if (c == '|') {
            words.push_back({Word::Kind::name, "|"});
            ++i;
            continue;
        }
        if (c == '"') {
            std::string value;
            for (++i; i < text.size() && text[i] != '"'; ++i) {
                if (text[i] == '\\' && i + 1 < text.size()) {
                    ++i;
                    value += text[i] == 'n' ? '\n' : text[i] == 't' ? '\t' : text[i] == 'r' ? '\r' : text[i];
                } else {
                    value += text[i];
                }
            }
            if (i >= text.size())
                return parse_error("unterminated quoted string");
            ++i;
            words.push_back({Word::Kind::string, value});
            continue;
        }
        if (c == '`') {
            const auto end = text.find('`', i + 1);
            if (end == std::string_view::npos)
                return parse_error("unterminated raw quoted string");
            words.push_back({Word::Kind::string, std::string(text.substr(i + 1, end - i - 1))});
            i = end + 1;
            continue;
        }
        if (c == '(') {
            int depth = 0;
            const auto begin = i;
            char quote = 0;
            for (; i < text.size(); ++i) {
                if (quote != 0) {
                    quote = text[i] == quote ? '\0' : quote;
                    continue;
                }
                if (text[i] == '"' || text[i] == '`')
                    quote = text[i];
                depth += text[i] == '(' ? 1 : text[i] == ')' ? -1 : 0;
                if (depth == 0)
                    break;
            }
            if (depth != 0)
                return parse_error("unclosed left paren");
            ++i;
            std::string tail;  // (index .a 0).b
            while (i < text.size() && std::string_view(" \t\n|()").find(text[i]) == std::string_view::npos)
                tail += text[i++];
            const auto inner_end = i - tail.size() - 1;
            words.push_back({Word::Kind::group, cat(text.substr(begin + 1, inner_end - begin - 1), tail.empty() ? "" : "\x01", tail)});
            continue;
        }
        const auto begin = i;
        while (i < text.size() && std::string_view(" \t\n|()").find(text[i]) == std::string_view::npos)
            ++i;
        const auto word = std::string(text.substr(begin, i - begin));
        const bool number = (word[0] >= '0' && word[0] <= '9') || (word[0] == '-' && word.size() > 1);
        words.push_back({word[0] == '.' ? Word::Kind::field : word[0] == '$' ? Word::Kind::variable : number ? Word::Kind::number : Word::Kind::name, word});
    }
    return words;
}

class Runner {
public:
    explicit Runner(const Value& root) { variables_["$"] = root; }

    Result<void> run(const std::vector<Node>& nodes, const Value& dot) {
        for (const auto& node : nodes)
            if (auto done = one(node, dot); !done.ok())
                return done;
        return {};
    }
    std::string take() { return std::move(out_); }

private:
    Result<void> one(const Node& node, const Value& dot) {
        if (++steps_ > most_steps || out_.size() > most_output)
            return run_error(node.text, "the template does not come to an end");
        if (node.kind == Node::Kind::text) {
            out_ += node.text;
            return {};
        }
        KUBEWALK_TRY(value, pipeline(node.text, dot));
        switch (node.kind) {
            case Node::Kind::text: break;
            case Node::Kind::print: out_ += shown(value); break;
            case Node::Kind::assign: variables_[node.variables[0]] = value; break;
            case Node::Kind::if_: return run(is_true(value) ? node.body : node.otherwise, dot);
            case Node::Kind::with: {
                if (!node.variables.empty())
                    variables_[node.variables[0]] = value;
                return is_true(value) ? run(node.body, value) : run(node.otherwise, dot);
            }
            case Node::Kind::range: return range(node, value, dot);
        }
        return {};
    }

    Result<void> range(const Node& node, const Value& value, const Value& dot) {
        if (value.is_int() && value.as_int() > static_cast<std::int64_t>(most_steps))
            return run_error(node.text, "the template does not come to an end");
        if (!value.is_null() && !value.is_array() && !value.is_object() && !value.is_int())
            return run_error(node.text, cat("range can't iterate over ", shown(value)));
        const std::int64_t count = value.is_int() ? value.as_int() : static_cast<std::int64_t>(value.size());
        if (count <= 0)
            return run(node.otherwise, dot);
        for (std::int64_t i = 0; i < count; ++i) {
            const auto index = static_cast<std::size_t>(i);
            const Value key = value.is_object() ? Value(value.members()[index].key) : Value(i);
            const Value item = value.is_object() ? value.members()[index].value : value.is_int() ? Value(i) : value[index];
            if (node.variables.size() == 1)
                variables_[node.variables[0]] = item;
            if (node.variables.size() == 2) {
                variables_[node.variables[0]] = key;
                variables_[node.variables[1]] = item;
            }
            if (auto done = run(node.body, item); !done.ok())
                return done;
        }
        return {};
    }

    Result<Value> pipeline(std::string_view text, const Value& dot) {
        if (depth_ == deepest)
            return parse_error("exceeded max depth");
        ++depth_;
        auto value = commands(text, dot);
        --depth_;
        return value;
    }

    Result<Value> commands(std::string_view text, const Value& dot) {
        KUBEWALK_TRY(words, words_of(text));
        std::optional<Value> piped;
        std::vector<Word> command;
        for (std::size_t i = 0; i <= words.size(); ++i) {
            if (i < words.size() && !(words[i].kind == Word::Kind::name && words[i].text == "|")) {
                command.push_back(words[i]);
                continue;
            }
            if (command.empty())
                return parse_error("missing value for command");
            KUBEWALK_TRY(value, call(command, piped, dot, text));
            piped = std::move(value);
            command.clear();
        }
        return *piped;
    }

    Result<Value> field(Value value, std::string_view path, std::string_view action) {
        while (!path.empty()) {
            if (path[0] != '.')
                return parse_error(cat("unexpected ", quoted(path.substr(0, 1)), " in operand"));
            path.remove_prefix(1);
            const auto end = std::min(path.find('.'), path.size());
            const auto name = path.substr(0, end);
            path.remove_prefix(end);
            if (name.empty())
                continue;
            if (!value.is_object() && !value.is_null())
                return run_error(action, cat("can't evaluate field ", name, " in type interface {}"));
            value = Value(value[name]);
        }
        return value;
    }

    Result<Value> operand(const Word& word, const Value& dot) {
        switch (word.kind) {
            case Word::Kind::string: return Value(word.text);
            case Word::Kind::number: {
                if (const auto number = parse_int(word.text))
                    return Value(*number);
                return parse_error(cat("bad number syntax: ", quoted(word.text)));
            }
            case Word::Kind::field: return field(dot, word.text == "." ? std::string_view() : std::string_view(word.text), word.text);
            case Word::Kind::variable: {
                const auto end = std::min(word.text.find('.'), word.text.size());
                const auto found = variables_.find(word.text.substr(0, end));
                if (found == variables_.end())
                    return parse_error(cat("undefined variable ", quoted(word.text.substr(0, end))));
                return field(found->second, std::string_view(word.text).substr(end), word.text);
            }
            case Word::Kind::group: {
                const auto mark = word.text.find('\x01');
                KUBEWALK_TRY(value, pipeline(std::string_view(word.text).substr(0, mark), dot));
                return mark == std::string::npos ? value : field(value, std::string_view(word.text).substr(mark + 1), word.text);
            }
            case Word::Kind::name: break;
        }
        if (word.text == "true" || word.text == "false")
            return Value(word.text == "true");
        if (word.text == "nil")
            return Value();
        return parse_error(cat("function ", quoted(word.text), " not defined"));
    }

    Result<Value> call(const std::vector<Word>& command, const std::optional<Value>& piped, const Value& dot, std::string_view action) {
        const Word& head = command[0];
        const bool constant = head.text == "true" || head.text == "false" || head.text == "nil";
        if (head.kind != Word::Kind::name || constant) {
            if (command.size() > 1 || piped)
                return run_error(action, cat("can't give argument to non-function ", head.text));
            return operand(head, dot);
        }
        std::vector<Value> arguments;
        for (std::size_t i = 1; i < command.size(); ++i) {
            KUBEWALK_TRY(value, operand(command[i], dot));
            arguments.push_back(std::move(value));
        }
        if (piped)
            arguments.push_back(*piped);
        return function(head.text, arguments, action);
    }

    static int order(const Value& a, const Value& b) {
        if (a.is_number() && b.is_number())
            return a.as_number() < b.as_number() ? -1 : a.as_number() > b.as_number();
        return a.as_string() < b.as_string() ? -1 : a.as_string() > b.as_string();
    }

    static std::string formatted(const std::vector<Value>& arguments) {
        const auto format = arguments[0].as_string();
        std::string out;
        std::size_t next = 1;
        for (std::size_t i = 0; i < format.size() && out.size() <= most_output; ++i) {
            if (format[i] != '%' || i + 1 == format.size()) {
                out += format[i];
                continue;
            }
            std::string width;
            bool left = false;
            for (++i; i < format.size() && (format[i] == '-' || (format[i] >= '0' && format[i] <= '9')); ++i) {
                if (format[i] == '-')
                    left = true;
                else
                    width += format[i];
            }
            if (i >= format.size())
                return out + "%!(NOVERB)";
            if (format[i] == '%') {
                out += '%';
                continue;
            }
            std::string text = next < arguments.size() ? shown(arguments[next++]) : cat("%!", format[i], "(MISSING)");
            if (format[i] == 'q')
                text = quoted(text);
            const auto asked = width.empty() ? std::optional<std::int64_t>(0) : parse_int(width);
            if (!asked || *asked > widest)
                out += "%!(BADWIDTH)";
            const auto wanted = static_cast<std::size_t>(asked && *asked <= widest ? *asked : 0);
            const std::string padding(wanted > text.size() ? wanted - text.size() : 0, ' ');
            append(out, left ? "" : padding, text, left ? padding : "");
        }
        return out;
    }

    Result<Value> function(const std::string& name, const std::vector<Value>& arguments, std::string_view action) {
        const auto wrong_count = [&](std::string_view wanted) { return run_error(action, cat("wrong number of args for ", name, ": want ", wanted, " got ", arguments.size())); };
        if (name == "and" || name == "or") {
            if (arguments.empty())
                return wrong_count("at least 1");
            for (const auto& value : arguments)
                if (is_true(value) == (name == "or"))
                    return value;
            return arguments.back();
        }
        if (name == "not")
            return arguments.size() == 1 ? Result<Value>(Value(!is_true(arguments[0]))) : wrong_count("1");
        if (name == "len") {
            if (arguments.size() != 1)
                return wrong_count("1");
            const auto& value = arguments[0];
            return Value(static_cast<std::int64_t>(value.is_string() ? value.as_string().size() : value.size()));
        }
        if (name == "index") {
            Value value = arguments.empty() ? Value() : arguments[0];
            for (std::size_t i = 1; i < arguments.size(); ++i) {
                if (value.is_array() && (arguments[i].as_int() < 0 || arguments[i].as_int() >= static_cast<std::int64_t>(value.size())))
                    return run_error(action, cat("error calling index: index out of range: ", arguments[i].as_int()));
                value = value.is_array() ? Value(value[static_cast<std::size_t>(arguments[i].as_int())]) : Value(value[arguments[i].as_string()]);
            }
            return value;
        }
        if (name == "print" || name == "println") {
            std::string text;
            for (const auto& value : arguments)
                append(text, text.empty() ? "" : " ", shown(value));
            if (text.size() > most_output)  // a variable that is doubled again and again
                return run_error(action, "the template does not come to an end");
            return Value(name == "println" ? text + "\n" : text);
        }
        if (name == "printf")
            return arguments.empty() ? Result<Value>(wrong_count("at least 1")) : Result<Value>(Value(formatted(arguments)));
        if (name == "eq" || name == "ne") {
            if (arguments.size() < 2)
                return run_error(action, cat("error calling ", name, ": missing argument for comparison"));
            bool equal = false;
            for (std::size_t i = 1; i < arguments.size(); ++i)
                equal = equal || arguments[0] == arguments[i];
            return Value(equal == (name == "eq"));
        }
        if (name == "lt" || name == "le" || name == "gt" || name == "ge") {
            if (arguments.size() != 2)
                return wrong_count("2");
            const int sign = order(arguments[0], arguments[1]);
            return Value(name == "lt" ? sign < 0 : name == "le" ? sign <= 0 : name == "gt" ? sign > 0 : sign >= 0);
        }
        if (name == "exists") {  // kubectl's own
            Value value = arguments.empty() ? Value() : arguments[0];
            for (std::size_t i = 1; i < arguments.size(); ++i)
                value = Value(value.is_array() ? value[static_cast<std::size_t>(arguments[i].as_int())] : value[arguments[i].as_string()]);
            return Value(!value.is_null());
        }
        if (name == "base64decode")  // kubectl's own
            return arguments.size() == 1 ? Result<Value>(Value(base64_prefix(arguments[0].as_string()).bytes)) : wrong_count("1");
        return parse_error(cat("function ", quoted(name), " not defined"));
    }

    std::map<std::string, Value> variables_;
    std::string out_;
    std::size_t steps_ = 0;
    int depth_ = 0;
};

}  // namespace

Result<std::string> run_go_template(std::string_view text, const Value& data) {
    KUBEWALK_TRY(pieces, pieces_of(text));
    KUBEWALK_TRY(nodes, TreeBuilder(std::move(pieces)).build());
    Runner runner(data);
    if (auto done = runner.run(nodes, data); !done.ok())
        return done.error();
    return runner.take();
}

}  // namespace kubewalk::kubectl
