// The words of a command: quotes, variables, substitutions.

#include <algorithm>
#include <set>

#include "core/base/glob.h"
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

constexpr std::string_view specials = "*?[\\";
// Bytes of one command's words: what Linux lets execve take (a quarter of the usual stack). A pattern or a variable that
// stands in a line many times would fill the machine.
constexpr std::size_t longest_line = 2 << 20;

// One [set] at pattern[at]; moves behind it. A bracket that is never closed stands for itself.
bool set_matches(std::string_view pattern, std::size_t& at, char c) {
    std::size_t i = at + 1;
    const bool negated = i < pattern.size() && (pattern[i] == '!' || pattern[i] == '^');
    if (negated)
        ++i;
    bool found = false;
    for (const auto first = i; i < pattern.size() && (pattern[i] != ']' || i == first); ++i) {
        if (i + 2 < pattern.size() && pattern[i + 1] == '-' && pattern[i + 2] != ']') {
            found = found || (c >= pattern[i] && c <= pattern[i + 2]);
            i += 2;
        } else {
            found = found || c == pattern[i];
        }
    }
    if (i >= pattern.size()) {
        ++at;
        return c == '[';
    }
    at = i + 1;
    return found != negated;
}

}  // namespace

bool glob_matches(std::string_view pattern, std::string_view text) {
    return matches_with_stars(pattern, text, [](std::string_view of, std::size_t& at, char c) {
        if (of[at] == '[')
            return set_matches(of, at, c);
        if (of[at] == '?')
            return ++at, true;
        if (of[at] == '\\' && at + 1 < of.size())
            ++at;
        return of[at++] == c;
    });
}

void Growing::quoted(std::string_view part) {
    text += part;
    for (const char c : part) {
        if (specials.find(c) != std::string_view::npos)
            pattern += '\\';
        pattern += c;
    }
    started = true;
}

void Growing::plain(char c) {
    text += c;
    pattern += c;
    started = true;
    open = open || c == '[';  // `[` alone is the command's name
    wild = wild || c == '*' || c == '?' || (c == ']' && open);
}

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
        if (too_deep())
            return {};
        ++depth_;
        const auto text = joined(cat("\"", inner.substr(1, inner.size() - 2), "\""));
        --depth_;
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
    if (!(colon ? value.empty() : unset))
        return value;
    if (too_deep())
        return {};
    ++depth_;
    value = joined(std::string(name.substr(minus + 1)));
    --depth_;
    return value;
}

void Interpreter::assign(const std::string& name, const std::string& value) {
    constexpr std::size_t longest = 128 << 10;  // bytes, as Linux lets one argument have; x=$x$x in a loop grows fast
    if (value.size() > longest)
        append(pending_err_, prefix(), name, ": out of memory\n");
    else
        assign_variable(context_, state_, name, value);
}

bool Interpreter::too_deep() {
    if (context_.nesting + depth_ <= deepest_nesting)
        return false;
    append(pending_err_, prefix(), "maximum nesting of substitutions reached\n");
    return true;
}

std::string Interpreter::substitute(std::string_view script) {
    if (too_deep())
        return {};
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
    names_.reset();  // the script may have made files
    while (!inner.out.empty() && inner.out.back() == '\n')
        inner.out.pop_back();
    return inner.out;
}

namespace {

// Every file and folder by its absolute path.
std::set<std::string> names_in(const ProcessContext& context) {
    std::set<std::string> names;
    const auto add = [&names](std::string_view path) {
        for (auto slash = path.find('/', 1); slash != std::string_view::npos; slash = path.find('/', slash + 1))
            names.emplace(path.substr(0, slash));
        if (!path.ends_with("/") && !path.ends_with("/."))
            names.emplace(path);
    };
    for (const auto& [path, content] : context.files)
        add(path);
    for (const auto& folder : context.folders)
        add(folder);
    return names;
}

}  // namespace

std::vector<std::string> Interpreter::file_names(std::string_view pattern) {
    std::string folder;  // what a relative pattern begins in
    if (!pattern.starts_with('/'))
        folder = value_of("PWD").empty() ? "/" : value_of("PWD");
    if (!folder.empty() && !folder.ends_with("/"))
        folder += '/';
    const auto parts = split(pattern, '/');
    std::vector<std::string> found;
    if (!names_)
        names_ = names_in(context_);
    for (const auto& name : *names_) {
        if (!name.starts_with(folder))
            continue;
        const auto shown = std::string_view(name).substr(folder.size());
        const auto steps = split(shown, '/');
        bool fits = steps.size() == parts.size();
        for (std::size_t i = 0; fits && i < steps.size(); ++i)  // a name that begins with a dot wants it written
            fits = glob_matches(parts[i], steps[i]) && (!steps[i].starts_with('.') || parts[i].starts_with('.'));
        if (fits)
            found.emplace_back(shown);
    }
    return found;
}

void Interpreter::finish(Growing& word, std::vector<std::string>& into, Globbing globbing) {
    auto names = word.wild && globbing == Globbing::yes ? file_names(word.pattern) : std::vector<std::string>();
    if (names.empty())  // a pattern that stands for nothing stays as it was written
        names.push_back(std::move(word.text));
    for (auto& name : names)
        if (fits_in_line(name.size() + 1)) {
            line_ += name.size() + 1;
            into.push_back(std::move(name));
        }
    word = {};
}

bool Interpreter::fits_in_line(std::size_t more) {
    too_long_ = too_long_ || line_ + more > longest_line;
    return !too_long_;
}

void Interpreter::split_into(std::string_view value, Growing& current, std::vector<std::string>& into, Globbing globbing) {
    for (const char c : value) {
        if (c != ' ' && c != '\t' && c != '\n')
            current.plain(c);
        else if (current.started)
            finish(current, into, globbing);
        if (too_long_)
            return;
    }
}

// Quote removal and expansion. Unquoted expansions are split at blanks where there is somewhere to put the fields.
void Interpreter::grow(std::string_view word, Growing& current, std::vector<std::string>* into, Globbing globbing) {
    const auto unquoted = [&](const std::string& value) {
        if (into)
            return split_into(value, current, *into, globbing);
        for (const char c : value)
            current.plain(c);
    };
    std::size_t first = 0;
    if (word == "~" || word.starts_with("~/")) {
        current.quoted(value_of("HOME"));
        first = 1;
    }
    for (std::size_t i = first; i < word.size() && fits_in_line(current.text.size());) {
        if (word[i] == '\\') {
            current.quoted(i + 1 < word.size() ? word.substr(i + 1, 1) : "");
            i += 2;
        } else if (word[i] == '\'') {
            const auto end = std::min(word.find('\'', i + 1), word.size());
            current.quoted(word.substr(i + 1, end - i - 1));
            i = end + 1;
        } else if (word[i] == '"') {
            current.quoted(double_quoted(word, i));
        } else if (word[i] == '$') {
            unquoted(dollar(word, i));
        } else if (word[i] == '`') {
            unquoted(backticks(word, i));
        } else {
            current.plain(word[i++]);
        }
    }
}

void Interpreter::expand(std::string_view word, std::vector<std::string>& into, Globbing globbing) {
    Growing current;
    grow(word, current, &into, globbing);
    if (current.started)
        finish(current, into, globbing);
}

std::string Interpreter::pattern_of(std::string_view word) {
    Growing current;
    const Line line(*this);
    grow(word, current, nullptr, Globbing::no);
    return current.pattern;
}

std::string Interpreter::double_quoted(std::string_view word, std::size_t& i) {
    std::string text;
    for (++i; i < word.size() && word[i] != '"' && fits_in_line(text.size());) {
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

std::string Interpreter::joined(const std::string& word) { return join(alone(word), " "); }

// A part of a line, or something beside it: a value, a file's name.
std::vector<std::string> Interpreter::alone(const std::string& word) {
    std::vector<std::string> words;
    bool cut = false;
    {
        const Line line(*this);
        expand(word, words);
        cut = too_long_;
    }
    too_long_ = too_long_ || cut;
    return words;
}

// A word whose blanks all stay: what a here-document holds.
std::string Interpreter::whole(const std::string& word) {
    const auto values = alone(word);
    return values.empty() ? std::string() : values[0];
}

std::vector<std::string> Interpreter::words(const std::vector<std::string>& raw) {
    std::vector<std::string> values;
    const Line line(*this);
    for (const auto& word : raw)
        expand(word, values, Globbing::yes);
    if (too_long_) {
        append(pending_err_, prefix(), "Argument list too long\n");
        values.clear();
    }
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
