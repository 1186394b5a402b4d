// The words of a command: quotes, variables, substitutions.

#include <algorithm>

#include "core/shell/arithmetic.h"
#include "core/shell/interpreting.h"

namespace kubewalk::shell {

bool is_name(std::string_view text) {
    if (text.empty() || (text[0] >= '0' && text[0] <= '9'))
        return false;
    return std::all_of(text.begin(), text.end(), [](char c) {
        return c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    });
}

namespace {

void split_into(std::string_view value, std::string& current, bool& started, std::vector<std::string>& into) {
    for (char c : value) {
        if (c != ' ' && c != '\t' && c != '\n') {
            current += c;
            started = true;
        } else if (started) {
            into.push_back(std::move(current));
            current.clear();
            started = false;
        }
    }
}

}  // namespace

std::string Interpreter::value_of(std::string_view name) const {
    if (name == "?")
        return cat(state_.last);
    if (name == "#")
        return cat(state_.positional.empty() ? std::size_t{0} : state_.positional.size() - 1);
    if (name == "$")
        return "1";
    if (name == "@" || name == "*") {
        return join({state_.positional.begin() + (state_.positional.empty() ? 0 : 1), state_.positional.end()}, " ");
    }
    if (auto number = parse_int(name))
        return *number < static_cast<std::int64_t>(state_.positional.size())
                   ? state_.positional[static_cast<std::size_t>(*number)]
                   : std::string();
    if (auto found = state_.variables.find(std::string(name)); found != state_.variables.end())
        return found->second;
    auto given = context_.environment.find(std::string(name));
    return given == context_.environment.end() ? std::string() : given->second;
}

// One expansion at word[i] == '$'; moves i behind it.
std::string Interpreter::dollar(std::string_view word, std::size_t& i) {
    ++i;
    if (i >= word.size())
        return "$";
    if (word[i] == '(') {
        int depth = 0;
        const bool arithmetic = word.substr(i, 2) == "((";
        const auto begin = i + 1;
        for (; i < word.size(); ++i) {
            depth += word[i] == '(' ? 1 : word[i] == ')' ? -1 : 0;
            if (depth == 0)
                break;
        }
        const auto inner = word.substr(begin, i - begin);
        ++i;
        if (!arithmetic || inner.size() < 2 || inner.back() != ')')
            return substitute(inner);
        // $(( )): what is written with a dollar is put in first.
        const auto text = joined(cat("\"", inner.substr(1, inner.size() - 2), "\""));
        const auto number = evaluate_arithmetic(text, [this](std::string_view name) { return value_of(name); });
        if (!number)
            append(pending_err_, prefix(), "arithmetic syntax error\n");
        return number ? cat(*number) : std::string();
    }
    if (word[i] == '{')
        return braces(word, i);
    if (std::string_view("?#$@*0123456789").find(word[i]) != std::string_view::npos)
        return value_of(word.substr(i++, 1));
    const auto begin = i;
    while (i < word.size() && is_name(word.substr(begin, i - begin + 1)))
        ++i;
    return i == begin ? "$" : value_of(word.substr(begin, i - begin));
}

// ${NAME}, ${NAME-word}, ${NAME:-word} at word[i] == '{'.
std::string Interpreter::braces(std::string_view word, std::size_t& i) {
    const auto end = std::min(word.find('}', i), word.size());
    auto name = word.substr(i + 1, end - i - 1);
    i = end + 1;
    const auto minus = name.find('-');
    if (minus == std::string_view::npos)
        return value_of(name);
    const bool colon = minus > 0 && name[minus - 1] == ':';
    const auto bare = name.substr(0, colon ? minus - 1 : minus);
    auto value = value_of(bare);
    const bool unset = !is_set(std::string(bare));
    return (colon ? value.empty() : unset) ? joined(std::string(name.substr(minus + 1))) : value;
}

void Interpreter::assign(const std::string& name, const std::string& value) {
    constexpr std::size_t longest = 128 << 10;  // bytes, as Linux lets one argument have; x=$x$x in a loop grows fast
    if (value.size() > longest)
        append(pending_err_, prefix(), name, ": out of memory\n");
    else
        assign_variable(context_, state_, name, value);
}

std::string Interpreter::substitute(std::string_view script) {
    constexpr int deepest = 100;  // more would end the program's own stack
    if (depth_ > deepest) {
        append(pending_err_, prefix(), "maximum nesting of substitutions reached\n");
        return {};
    }
    auto parsed = parse_script(script);
    if (!parsed)
        return {};
    Completed inner;
    const int stage_here = context_.stage;
    ++depth_;
    substituted_ = execute(parsed.value(), {}, inner);
    --depth_;
    context_.stage = stage_here;
    pending_err_ += inner.err;
    while (!inner.out.empty() && inner.out.back() == '\n')
        inner.out.pop_back();
    return inner.out;
}

// Quote removal and expansion; unquoted expansions are split at blanks.
void Interpreter::expand(std::string_view word, std::vector<std::string>& into) {
    std::string current;
    bool started = false;
    std::size_t first = 0;
    if (word == "~" || word.starts_with("~/")) {
        current = value_of("HOME");
        started = true;
        first = 1;
    }
    for (std::size_t i = first; i < word.size();) {
        if (word[i] == '\\') {
            current += i + 1 < word.size() ? word.substr(i + 1, 1) : "";
            started = true;
            i += 2;
        } else if (word[i] == '\'') {
            const auto end = word.find('\'', i + 1);
            current += word.substr(i + 1, end - i - 1);
            started = true;
            i = end + 1;
        } else if (word[i] == '"') {
            current += double_quoted(word, i);
            started = true;
        } else if (word[i] == '$') {
            const auto value = dollar(word, i);
            split_into(value, current, started, into);
        } else if (word[i] == '`') {
            split_into(backticks(word, i), current, started, into);
        } else {
            current += word[i++];
            started = true;
        }
    }
    if (started)
        into.push_back(std::move(current));
}

std::string Interpreter::double_quoted(std::string_view word, std::size_t& i) {
    std::string text;
    for (++i; i < word.size() && word[i] != '"';) {
        constexpr std::string_view escaped = "$`\"\\";
        if (word[i] == '\\' && i + 1 < word.size() && escaped.find(word[i + 1]) != std::string_view::npos) {
            text += word[i + 1];
            i += 2;
        } else if (word[i] == '$') {
            text += dollar(word, i);
        } else if (word[i] == '`') {
            text += backticks(word, i);
        } else {
            text += word[i++];
        }
    }
    ++i;
    return text;
}

// `command`, the old way to write $(command).
std::string Interpreter::backticks(std::string_view word, std::size_t& i) {
    const auto end = std::min(word.find('`', i + 1), word.size());
    const auto script = word.substr(i + 1, end - i - 1);
    i = std::min(end + 1, word.size());
    return substitute(script);
}

std::string Interpreter::joined(const std::string& word) {
    std::vector<std::string> words;
    expand(word, words);
    return join(words, " ");
}

// A word whose blanks all stay: what a here-document holds.
std::string Interpreter::whole(const std::string& word) {
    std::vector<std::string> values;
    expand(word, values);
    return values.empty() ? std::string() : values[0];
}

std::vector<std::string> Interpreter::words(const std::vector<std::string>& raw) {
    std::vector<std::string> values;
    for (const auto& word : raw)
        expand(word, values);
    return values;
}

void assign_variable(ProcessContext& context, ShellState& state, const std::string& name, const std::string& value) {
    state.variables[name] = value;
    // What came with the environment, or was exported, goes on to programs.
    if (context.environment.count(name) > 0)
        context.environment[name] = state.exported[name] = value;
}

void bring_environment(ProcessContext& context, const ShellState& state) {
    for (const auto& name : state.removed)
        context.environment.erase(name);
    for (const auto& [name, value] : state.exported)
        context.environment[name] = value;
}

}  // namespace kubewalk::shell
