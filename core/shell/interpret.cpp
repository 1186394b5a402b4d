// Runs what syntax.h parses. Programs run one after the other: a pipeline hands the whole output on.

#include <algorithm>
#include <utility>

#include "core/shell/arithmetic.h"
#include "core/shell/interpreter.h"

namespace kubewalk::shell {

namespace {

// A script cannot run for ever here: after this many commands or this long it is killed.
constexpr int most_commands = 10'000;
constexpr Duration longest_run = hours(1);
constexpr int killed = 137;

bool is_name(std::string_view text) {
    if (text.empty() || (text[0] >= '0' && text[0] <= '9'))
        return false;
    return std::all_of(text.begin(), text.end(), [](char c) {
        return c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    });
}

class Interpreter {
public:
    Interpreter(ProcessContext& context, ShellKind kind, ShellState& state) : context_(context), kind_(kind), state_(state) {}

    void run(const Command& command, std::string_view input, Completed& result) {
        result.exit = state_.last = execute(command, input, result);
        result.elapsed = elapsed_;
    }
    std::vector<std::string> words(const std::vector<std::string>& raw) {
        std::vector<std::string> values;
        for (const auto& word : raw)
            expand(word, values);
        return values;
    }

private:
    using Builtin = int (Interpreter::*)(const std::vector<std::string>& argv, Completed& result);
    struct BuiltinEntry {
        std::string_view name;
        Builtin run;
    };
    static const BuiltinEntry builtins[13];

    bool stopped() const { return state_.exited || commands_ > most_commands || elapsed_ > longest_run; }
    int stopped_code() const { return state_.exited ? state_.exit_code : killed; }
    // Out of a list, up to the loop that `break` or `continue` is meant for.
    bool leaves() const { return stopped() || breaks_ > 0 || continues_; }

    int execute(const Command& command, std::string_view input, Completed& result) {
        if (stopped())
            return stopped_code();
        switch (command.kind) {
        case Command::Kind::simple: return simple(command, input, result);
        case Command::Kind::pipeline: return pipeline(command, input, result);
        case Command::Kind::and_or: return and_or(command, input, result);
        case Command::Kind::list: return list(command, input, result);
        case Command::Kind::group: return redirected(command, input, result);
        case Command::Kind::if_: return if_command(command, input, result);
        case Command::Kind::for_:
        case Command::Kind::case_:
        case Command::Kind::while_: return redirected(command, input, result);
        }
        return 0;
    }

    int list(const Command& command, std::string_view input, Completed& result) {
        for (const auto& part : command.children) {
            state_.last = execute(part, input, result);
            if (stopped())
                return stopped_code();
            if (leaves())
                break;
        }
        return state_.last;
    }

    int and_or(const Command& command, std::string_view input, Completed& result) {
        int exit = 0;
        for (std::size_t i = 0; i < command.children.size(); ++i) {
            const auto& operation = command.operators[i];
            if ((operation == "&&" && exit != 0) || (operation == "||" && exit == 0))
                continue;
            exit = state_.last = execute(command.children[i], input, result);
            if (leaves())
                break;
        }
        return exit;
    }

    int pipeline(const Command& command, std::string_view input, Completed& result) {
        int exit = 0;
        std::string passed(input);
        for (std::size_t i = 0; i < command.children.size(); ++i) {
            Completed part;
            exit = execute(command.children[i], passed, part);
            result.err += part.err;
            if (i + 1 < command.children.size())
                passed = std::move(part.out);
            else
                result.out += part.out;
        }
        return command.negated ? (exit == 0 ? 1 : 0) : exit;
    }

    int if_command(const Command& command, std::string_view input, Completed& result) {
        for (std::size_t i = 0; i + 1 < command.children.size(); i += 2)
            if (execute(command.children[i], input, result) == 0)
                return execute(command.children[i + 1], input, result);
        return command.children.size() % 2 == 1 ? execute(command.children.back(), input, result) : 0;
    }

    int compound(const Command& command, std::string_view input, Completed& result) {
        int exit = 0;
        if (command.kind == Command::Kind::group)
            return execute(command.children[0], input, result);
        if (command.kind == Command::Kind::case_)
            return case_command(command, input, result);
        if (command.kind == Command::Kind::while_) {
            while (!stopped() && (execute(command.children[0], input, result) == 0) != command.negated && !stopped()) {
                exit = execute(command.children[1], input, result);
                if (ends_loop())
                    break;
            }
            return stopped() ? stopped_code() : exit;
        }
        for (const auto& value : words({command.words.begin() + 1, command.words.end()})) {
            state_.variables[command.words[0]] = value;
            exit = execute(command.children[0], input, result);
            if (stopped())
                return stopped_code();
            if (ends_loop())
                break;
        }
        return exit;
    }

    // After a round of a loop's body: whether the loop ends.
    bool ends_loop() {
        continues_ = false;
        if (breaks_ == 0)
            return false;
        --breaks_;
        return true;
    }

    int case_command(const Command& command, std::string_view input, Completed& result) {
        const auto subject = joined(command.words[0]);
        for (std::size_t i = 0; i < command.children.size(); ++i)
            for (const auto pattern : split(command.operators[i], '|'))
                if (glob_matches(joined(std::string(pattern)), subject))
                    return execute(command.children[i], input, result);
        return 0;
    }

    // "*" and "?" as in file names.
    static bool glob_matches(std::string_view pattern, std::string_view text) {
        std::size_t p = 0, t = 0, star = std::string_view::npos, mark = 0;
        while (t < text.size()) {
            if (p < pattern.size() && pattern[p] == '*') {
                star = p++;
                mark = t;
            } else if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == text[t])) {
                ++p;
                ++t;
            } else if (star != std::string_view::npos) {
                p = star + 1;
                t = ++mark;
            } else {
                return false;
            }
        }
        while (p < pattern.size() && pattern[p] == '*')
            ++p;
        return p == pattern.size();
    }

    int redirected(const Command& command, std::string_view input, Completed& result) {
        Completed part;
        std::string given(input);
        if (!read_input(command, given, result))
            return 1;
        const int exit = compound(command, given, part);
        redirect(command, part, result);
        return exit;
    }

    int simple(const Command& command, std::string_view input, Completed& result) {
        ++commands_;
        std::vector<std::string> argv;
        std::vector<std::pair<std::string, std::string>> assignments;
        for (const auto& word : command.words) {
            const auto equals = word.find('=');
            if (argv.empty() && equals != std::string::npos && is_name(std::string_view(word).substr(0, equals)))
                assignments.emplace_back(word.substr(0, equals), joined(word.substr(equals + 1)));
            else
                expand(word, argv);
        }
        std::string given(input);
        if (!read_input(command, given, result))
            return 1;
        Completed part;
        int exit = substituted_;
        substituted_ = 0;
        if (argv.empty()) {
            for (auto& [name, value] : assignments)
                assign(name, value);
        } else {
            exit = call(argv, assignments, given, part);
        }
        part.err.insert(0, std::exchange(pending_err_, {}));
        redirect(command, part, result);
        return exit;
    }

    int call(const std::vector<std::string>& argv,
             const std::vector<std::pair<std::string, std::string>>& assignments, const std::string& input,
             Completed& result) {
        for (const auto& builtin : builtins)
            if (builtin.name == argv[0])
                return (this->*builtin.run)(argv, result);
        auto before = context_.environment;
        for (const auto& [name, value] : assignments)
            context_.environment[name] = value;
        auto completed = shell::execute(context_, argv, input);
        context_.environment = std::move(before);
        if (!completed) {
            append(result.err, prefix(), argv[0],
                   kind_ == ShellKind::bash ? ": command not found\n" : ": not found\n");
            return 127;
        }
        elapsed_ = elapsed_ + completed->elapsed;
        result.out += completed->out;
        result.err += completed->err;
        return completed->exit;
    }

    std::string prefix() const {
        switch (kind_) {
        case ShellKind::dash: return "sh: 1: ";
        case ShellKind::bash: return "bash: line 1: ";
        case ShellKind::ash: return "sh: ";
        }
        return "sh: ";
    }

    // -- redirections ---------------------------------------------------------------------------------
    bool read_input(const Command& command, std::string& input, Completed& result) {
        for (const auto& redirection : command.redirections) {
            if (redirection.operation != "<")
                continue;
            const auto path = joined(redirection.target);
            const auto found = context_.files.find(path);
            if (found == context_.files.end() && path != "/dev/null") {
                append(result.err, prefix(), "can't open ", path, ": no such file\n");
                return false;
            }
            input = path == "/dev/null" ? std::string() : found->second;
        }
        return true;
    }

    void redirect(const Command& command, const Completed& part, Completed& result) {
        // Where descriptors 1 and 2 lead: "1", "2" (this shell's own), or a path.
        std::string out = "1";
        std::string err = "2";
        for (const auto& redirection : command.redirections) {
            auto& which = redirection.descriptor == 2 ? err : out;
            const auto target = joined(redirection.target);
            if (redirection.operation == ">&") {
                which = target == "1" ? out : target == "2" ? err : target;
            } else if (redirection.operation != "<") {
                which = target;
                if (redirection.operation == ">" && target != "/dev/null")
                    context_.files[target].clear();
            }
        }
        write(out, part.out, result);
        write(err, part.err, result);
    }

    void write(const std::string& where, const std::string& text, Completed& result) {
        if (where == "1" || where == "/dev/stdout")
            result.out += text;
        else if (where == "2" || where == "/dev/stderr")
            result.err += text;
        else if (where != "/dev/null" && !text.empty())
            context_.files[where] += text;
    }

    // -- words --------------------------------------------------------------------------------------
    std::string value_of(std::string_view name) {
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
        auto found = state_.variables.find(std::string(name));
        return found == state_.variables.end() ? std::string() : found->second;
    }

    // One expansion at word[i] == '$'; moves i behind it.
    std::string dollar(std::string_view word, std::size_t& i) {
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
        if (word[i] == '{') {
            const auto end = std::min(word.find('}', i), word.size());
            auto name = word.substr(i + 1, end - i - 1);
            i = end + 1;
            const auto minus = name.find('-');
            if (minus == std::string_view::npos)
                return value_of(name);
            const bool colon = minus > 0 && name[minus - 1] == ':';
            const auto bare = name.substr(0, colon ? minus - 1 : minus);
            auto value = value_of(bare);
            const bool unset = state_.variables.count(std::string(bare)) == 0;
            return (colon ? value.empty() : unset) ? joined(std::string(name.substr(minus + 1))) : value;
        }
        if (std::string_view("?#$@*0123456789").find(word[i]) != std::string_view::npos)
            return value_of(word.substr(i++, 1));
        const auto begin = i;
        while (i < word.size() && is_name(word.substr(begin, i - begin + 1)))
            ++i;
        return i == begin ? "$" : value_of(word.substr(begin, i - begin));
    }

    std::string substitute(std::string_view script) {
        auto parsed = parse_script(script);
        if (!parsed)
            return {};
        Completed inner;
        substituted_ = execute(parsed.value(), {}, inner);
        pending_err_ += inner.err;
        while (!inner.out.empty() && inner.out.back() == '\n')
            inner.out.pop_back();
        return inner.out;
    }

    // Quote removal and expansion; unquoted expansions are split at blanks.
    void expand(std::string_view word, std::vector<std::string>& into) {
        std::string current;
        bool started = false;
        for (std::size_t i = 0; i < word.size();) {
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

    static void split_into(std::string_view value, std::string& current, bool& started,
                           std::vector<std::string>& into) {
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

    std::string double_quoted(std::string_view word, std::size_t& i) {
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
    std::string backticks(std::string_view word, std::size_t& i) {
        const auto end = std::min(word.find('`', i + 1), word.size());
        const auto script = word.substr(i + 1, end - i - 1);
        i = std::min(end + 1, word.size());
        return substitute(script);
    }

    void assign(const std::string& name, const std::string& value) {
        state_.variables[name] = value;
        // What came with the environment, or was exported, goes on to programs.
        if (context_.environment.count(name) > 0)
            context_.environment[name] = state_.exported[name] = value;
    }

    std::string joined(const std::string& word) {
        std::vector<std::string> words;
        expand(word, words);
        return join(words, " ");
    }

    // -- builtins ------------------------------------------------------------------------------------
    int exit_builtin(const std::vector<std::string>& argv, Completed&) {
        state_.exited = true;
        state_.exit_code = argv.size() > 1 ? static_cast<int>(parse_int(argv[1]).value_or(2)) & 255 : state_.last;
        return state_.exit_code;
    }
    int export_builtin(const std::vector<std::string>& argv, Completed&) {
        for (std::size_t i = 1; i < argv.size(); ++i) {
            const auto equals = argv[i].find('=');
            const auto name = argv[i].substr(0, equals);
            if (equals != std::string::npos)
                state_.variables[name] = argv[i].substr(equals + 1);
            context_.environment[name] = state_.exported[name] = state_.variables[name];
        }
        return 0;
    }
    int exec_builtin(const std::vector<std::string>& argv, Completed& result) {
        if (argv.size() < 2)
            return 0;
        state_.exit_code = call({argv.begin() + 1, argv.end()}, {}, {}, result);
        state_.exited = true;
        return state_.exit_code;
    }
    int break_builtin(const std::vector<std::string>& argv, Completed&) {
        const auto loops = argv.size() > 1 ? parse_int(argv[1]).value_or(1) : 1;
        breaks_ = static_cast<int>(std::clamp<std::int64_t>(loops, 1, 100));
        return 0;
    }
    int continue_builtin(const std::vector<std::string>&, Completed&) {
        continues_ = true;
        return 0;
    }
    int set_builtin(const std::vector<std::string>& argv, Completed&) {
        for (const auto& word : argv)
            if (word.size() > 1 && (word[0] == '-' || word[0] == '+') && word.find('e') != std::string::npos)
                state_.exits_on_error = word[0] == '-';
        return 0;
    }
    int nothing_builtin(const std::vector<std::string>&, Completed&) { return 0; }
    int command_builtin(const std::vector<std::string>& argv, Completed& result) {
        if (argv.size() < 3 || argv[1] != "-v")
            return argv.size() < 2 ? 0 : call({argv.begin() + 1, argv.end()}, {}, {}, result);
        if (!has_program(context_, argv[2]))
            return 127;
        append(result.out, "/bin/", argv[2], "\n");
        return 0;
    }
    int test_builtin(const std::vector<std::string>& argv, Completed& result) {
        std::vector<std::string> words(argv.begin() + 1, argv.end());
        if (argv[0] != "test") {
            const std::string_view closing = argv[0] == "[" ? "]" : "]]";
            if (words.empty() || words.back() != closing) {
                append(result.err, prefix(), argv[0], ": missing ", closing, "\n");
                return 2;
            }
            words.pop_back();
        }
        if (!words.empty() && words[0] == "!")
            return test({words.begin() + 1, words.end()}) ? 1 : 0;
        return test(words) ? 0 : 1;
    }
    bool test(const std::vector<std::string>& words) const {
        if (words.size() == 1)
            return !words[0].empty();
        if (words.size() == 2) {
            if (words[0] == "-z" || words[0] == "-n")
                return words[1].empty() == (words[0] == "-z");
            return context_.files.count(words[1]) > 0;  // -e, -f, -r, -s
        }
        if (words.size() != 3)
            return false;
        const auto a = parse_int(words[0]).value_or(0);
        const auto b = parse_int(words[2]).value_or(0);
        const auto& operation = words[1];
        if (operation == "=" || operation == "==")
            return words[0] == words[2];
        if (operation == "!=")
            return words[0] != words[2];
        return (operation == "-eq" && a == b) || (operation == "-ne" && a != b) || (operation == "-lt" && a < b) ||
               (operation == "-le" && a <= b) || (operation == "-gt" && a > b) || (operation == "-ge" && a >= b);
    }

    ProcessContext& context_;
    ShellKind kind_;
    ShellState& state_;
    Duration elapsed_{};
    int substituted_ = 0;
    std::string pending_err_;
    int commands_ = 0;
    int breaks_ = 0;  // how many loops `break` still has to leave
    bool continues_ = false;
};

const Interpreter::BuiltinEntry Interpreter::builtins[13] = {
    {"exec", &Interpreter::exec_builtin},
    {"exit", &Interpreter::exit_builtin},       {"export", &Interpreter::export_builtin},
    {":", &Interpreter::nothing_builtin},       {"set", &Interpreter::set_builtin},
    {"trap", &Interpreter::nothing_builtin},    {"cd", &Interpreter::nothing_builtin},
    {"command", &Interpreter::command_builtin}, {"test", &Interpreter::test_builtin},
    {"[", &Interpreter::test_builtin},          {"[[", &Interpreter::test_builtin},
    {"break", &Interpreter::break_builtin},     {"continue", &Interpreter::continue_builtin},
};

}  // namespace

Completed interpret(ProcessContext& context, ShellKind kind, std::string_view script,
                    const std::vector<std::string>& positional, std::string_view input) {
    constexpr int syntax_error = 2;
    auto parsed = parse_script(script);
    if (!parsed)
        return {syntax_error, {}, cat("sh: ", parsed.error().message, "\n"), {}};
    ShellState state;
    state.positional = positional;
    state.variables = context.environment;
    Completed result;
    Interpreter(context, kind, state).run(parsed.value(), input, result);
    return result;
}

void execute_command(ProcessContext& context, ShellKind kind, ShellState& state, const Command& command, std::string_view input,
                     Completed& result) {
    Interpreter(context, kind, state).run(command, input, result);
}

std::vector<std::string> expand_words(ProcessContext& context, ShellKind kind, ShellState& state, const std::vector<std::string>& words) {
    return Interpreter(context, kind, state).words(words);
}

}  // namespace kubewalk::shell
