// Runs what syntax.h parses. Programs run one after the other: a pipeline hands the whole output on.

#include <algorithm>
#include <utility>

#include "core/shell/interpreter.h"
#include "core/shell/program.h"
#include "core/shell/syntax.h"

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
    Interpreter(ProcessContext& context, ShellState& state)
        : context_(context), state_(state), kind_(state.kind), positional_(state.positional), variables_(state.variables), last_(state.last),
          exited_(state.exited), exit_code_(state.exit_code) {}

    Completed run(const Command& command, std::string_view input) {
        Completed result;
        result.exit = execute(command, input, result);
        result.elapsed = elapsed_;
        return result;
    }
    void expand_words(const std::vector<std::string>& words, std::vector<std::string>& into) {
        for (const auto& word : words)
            expand(word, into);
    }

private:
    using Builtin = int (Interpreter::*)(const std::vector<std::string>& argv, Completed& result);
    struct BuiltinEntry {
        std::string_view name;
        Builtin run;
    };
    static const BuiltinEntry builtins[15];

    bool stopped() const { return exited_ || commands_ > most_commands || elapsed_ > longest_run; }

    int execute(const Command& command, std::string_view input, Completed& result) {
        if (stopped())
            return exited_ ? exit_code_ : killed;
        switch (command.kind) {
        case Command::Kind::simple: return simple(command, input, result);
        case Command::Kind::pipeline: return pipeline(command, input, result);
        case Command::Kind::and_or: return and_or(command, input, result);
        case Command::Kind::list: return list(command, input, result);
        case Command::Kind::group: return redirected(command, input, result);
        case Command::Kind::if_: return if_command(command, input, result);
        case Command::Kind::for_:
        case Command::Kind::while_: return redirected(command, input, result);
        }
        return 0;
    }

    int list(const Command& command, std::string_view input, Completed& result) {
        for (const auto& part : command.children) {
            last_ = execute(part, input, result);
            if (stopped())
                return exited_ ? exit_code_ : killed;
        }
        return last_;
    }

    int and_or(const Command& command, std::string_view input, Completed& result) {
        int exit = 0;
        for (std::size_t i = 0; i < command.children.size(); ++i) {
            const auto& operation = command.operators[i];
            if ((operation == "&&" && exit != 0) || (operation == "||" && exit == 0))
                continue;
            exit = last_ = execute(command.children[i], input, result);
        }
        return exit;
    }

    int pipeline(const Command& command, std::string_view input, Completed& result) {
        int exit = 0;
        std::string passed(input);
        const bool direct = depth_ == 0;
        for (std::size_t i = 0; i < command.children.size(); ++i) {
            Completed part;
            // Only a command that stands by itself can be waited for.
            state_.stage = direct && command.children[i].kind == Command::Kind::simple ? static_cast<int>(i) : -1;
            depth_ += command.children[i].kind == Command::Kind::simple ? 0 : 1;
            exit = execute(command.children[i], passed, part);
            depth_ -= command.children[i].kind == Command::Kind::simple ? 0 : 1;
            state_.stage = -1;
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
        if (command.kind == Command::Kind::while_) {
            while (!stopped() && (execute(command.children[0], input, result) == 0) != command.negated && !stopped())
                exit = execute(command.children[1], input, result);
            return exited_ ? exit_code_ : stopped() ? killed : exit;
        }
        std::vector<std::string> values;
        for (std::size_t i = 1; i < command.words.size(); ++i)
            expand(command.words[i], values);
        for (const auto& value : values) {
            assign(command.words[0], value);
            exit = execute(command.children[0], input, result);
            if (stopped())
                return exited_ ? exit_code_ : killed;
        }
        return exit;
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

    void assign(const std::string& name, const std::string& value) {
        if (context_.environment.contains(name))
            context_.environment[name] = value;
        else
            variables_[name] = value;
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
            if (redirection.operation == "<<" || redirection.operation == "<<<") {
                input = whole(redirection.target);
                if (redirection.operation == "<<<")
                    input += '\n';
                continue;
            }
            if (redirection.operation != "<")
                continue;
            const auto path = absolute_path(context_, joined(redirection.target));
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
            if (redirection.operation.starts_with("<<"))
                continue;
            const auto target = joined(redirection.target);
            if (redirection.operation == ">&") {
                which = target == "1" ? out : target == "2" ? err : target;
            } else if (!redirection.operation.starts_with("<")) {
                which = target.starts_with("/dev/") ? target : absolute_path(context_, target);
                if (redirection.operation == ">" && !target.starts_with("/dev/"))
                    context_.files[which].clear();
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
            return cat(last_);
        if (name == "#")
            return cat(positional_.empty() ? std::size_t{0} : positional_.size() - 1);
        if (name == "$")
            return "1";
        if (name == "@" || name == "*") {
            return join({positional_.begin() + (positional_.empty() ? 0 : 1), positional_.end()}, " ");
        }
        if (auto number = parse_int(name))
            return *number < static_cast<std::int64_t>(positional_.size())
                       ? positional_[static_cast<std::size_t>(*number)]
                       : std::string();
        auto found = variables_.find(std::string(name));
        if (found != variables_.end())
            return found->second;
        found = context_.environment.find(std::string(name));
        return found == context_.environment.end() ? std::string() : found->second;
    }
    bool is_set(const std::string& name) const { return variables_.contains(name) || context_.environment.contains(name); }

    // One expansion at word[i] == '$'; moves i behind it.
    std::string dollar(std::string_view word, std::size_t& i) {
        ++i;
        if (i >= word.size())
            return "$";
        if (word[i] == '(') {
            int depth = 0;
            const auto begin = i + 1;
            for (; i < word.size(); ++i) {
                depth += word[i] == '(' ? 1 : word[i] == ')' ? -1 : 0;
                if (depth == 0)
                    break;
            }
            auto output = substitute(word.substr(begin, i - begin));
            ++i;
            return output;
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
            const bool unset = !is_set(std::string(bare));
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
        ++depth_;
        substituted_ = execute(parsed.value(), {}, inner);
        --depth_;
        pending_err_ += inner.err;
        while (!inner.out.empty() && inner.out.back() == '\n')
            inner.out.pop_back();
        return inner.out;
    }

    // Quote removal and expansion; unquoted expansions are split at blanks.
    void expand(std::string_view word, std::vector<std::string>& into) {
        std::string current;
        bool started = false;
        std::size_t first = 0;
        if (word == "~" || word.starts_with("~/")) {
            current = value_of("HOME");
            started = true;
            first = 1;
        }
        for (std::size_t i = first; i < word.size();) {
            if (word[i] == '`') {
                const auto end = std::min(word.find('`', i + 1), word.size());
                split_into(substitute(word.substr(i + 1, end - i - 1)), current, started, into);
                i = end + 1;
            } else if (word[i] == '\\') {
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
            } else {
                text += word[i++];
            }
        }
        ++i;
        return text;
    }

    // A word whose blanks all stay: what a here-document holds.
    std::string whole(const std::string& word) {
        std::vector<std::string> words;
        expand(word, words);
        return words.empty() ? std::string() : words[0];
    }

    std::string joined(const std::string& word) {
        std::vector<std::string> words;
        expand(word, words);
        return join(words, " ");
    }

    // -- builtins ------------------------------------------------------------------------------------
    int exit_builtin(const std::vector<std::string>& argv, Completed&) {
        exited_ = true;
        exit_code_ = argv.size() > 1 ? static_cast<int>(parse_int(argv[1]).value_or(2)) & 255 : last_;
        return exit_code_;
    }
    int export_builtin(const std::vector<std::string>& argv, Completed&) {
        for (std::size_t i = 1; i < argv.size(); ++i) {
            const auto equals = argv[i].find('=');
            const auto name = argv[i].substr(0, equals);
            const auto value = equals != std::string::npos ? argv[i].substr(equals + 1) : value_of(name);
            variables_.erase(name);
            context_.environment[name] = state_.exported[name] = value;
        }
        return 0;
    }
    int unset_builtin(const std::vector<std::string>& argv, Completed&) {
        for (std::size_t i = 1; i < argv.size(); ++i) {
            variables_.erase(argv[i]);
            context_.environment.erase(argv[i]);
            state_.exported.erase(argv[i]);
        }
        return 0;
    }
    // A folder exists while something lies in it; the root and the usual ones always do.
    bool is_folder(const std::string& path) const {
        for (std::string_view known : {"/", "/tmp", "/root", "/etc", "/bin", "/usr", "/var", "/home", "/proc", "/dev"})
            if (path == known)
                return true;
        const auto inside = path + "/";
        const auto found = context_.files.lower_bound(inside);
        return found != context_.files.end() && found->first.starts_with(inside);
    }
    int cd_builtin(const std::vector<std::string>& argv, Completed& result) {
        const auto before = absolute_path(context_, ".");
        std::string to = argv.size() < 2 ? value_of("HOME") : argv[1] == "-" ? value_of("OLDPWD") : argv[1];
        to = absolute_path(context_, to.empty() ? "/" : to);
        if (!is_folder(to)) {
            append(result.err, prefix(), "cd: can't cd to ", argv[1], ": No such file or directory\n");
            return 2;
        }
        context_.environment["PWD"] = state_.exported["PWD"] = to;
        context_.environment["OLDPWD"] = state_.exported["OLDPWD"] = before;
        return 0;
    }
    int pwd_builtin(const std::vector<std::string>&, Completed& result) {
        append(result.out, absolute_path(context_, "."), "\n");
        return 0;
    }
    int read_builtin(const std::vector<std::string>& argv, Completed&) {
        for (std::size_t i = 1; i < argv.size(); ++i)
            if (!argv[i].starts_with('-'))
                assign(argv[i], "");  // what is typed does not reach a script here
        return 1;
    }
    int set_builtin(const std::vector<std::string>& argv, Completed& result) {
        if (argv.size() == 1)
            for (const auto& [name, value] : variables_)
                append(result.out, name, "='", value, "'\n");
        return 0;
    }
    int exec_builtin(const std::vector<std::string>& argv, Completed& result) {
        if (argv.size() < 2)
            return 0;
        exit_code_ = call({argv.begin() + 1, argv.end()}, {}, {}, result);
        exited_ = true;
        return exit_code_;
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
        if (argv[0] == "[") {
            if (words.empty() || words.back() != "]") {
                append(result.err, prefix(), "[: missing ]\n");
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
            const auto path = absolute_path(context_, words[1]);
            if (words[0] == "-d")
                return is_folder(path);
            return context_.files.count(path) > 0 || (words[0] == "-e" && is_folder(path));  // -e, -f, -r, -s
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
    ShellState& state_;
    ShellKind kind_;
    std::vector<std::string>& positional_;
    std::map<std::string, std::string>& variables_;
    int& last_;
    bool& exited_;
    int& exit_code_;
    Duration elapsed_{};
    int substituted_ = 0;
    std::string pending_err_;
    int commands_ = 0;
    int depth_ = 0;  // inside substitutions and compound commands
};

const Interpreter::BuiltinEntry Interpreter::builtins[15] = {
    {"exec", &Interpreter::exec_builtin},       {"exit", &Interpreter::exit_builtin},
    {"export", &Interpreter::export_builtin},   {":", &Interpreter::nothing_builtin},
    {"set", &Interpreter::set_builtin},         {"trap", &Interpreter::nothing_builtin},
    {"cd", &Interpreter::cd_builtin},           {"pwd", &Interpreter::pwd_builtin},
    {"command", &Interpreter::command_builtin}, {"test", &Interpreter::test_builtin},
    {"[", &Interpreter::test_builtin},          {"unset", &Interpreter::unset_builtin},
    {"read", &Interpreter::read_builtin},       {"wait", &Interpreter::nothing_builtin},
    {"umask", &Interpreter::nothing_builtin},
};

}  // namespace

std::string absolute_path(const ProcessContext& context, std::string_view path) {
    std::string whole(path);
    if (!path.starts_with('/')) {
        const auto pwd = context.environment.find("PWD");
        whole = cat(pwd == context.environment.end() ? std::string() : pwd->second, "/", path);
    }
    std::vector<std::string> parts;
    for (const auto part : split(whole, '/')) {
        if (part.empty() || part == ".")
            continue;
        if (part != "..")
            parts.emplace_back(part);
        else if (!parts.empty())
            parts.pop_back();
    }
    return cat("/", join(parts, "/"));
}

Completed interpret(ProcessContext& context, ShellKind kind, std::string_view script,
                    const std::vector<std::string>& positional, std::string_view input) {
    constexpr int syntax_error = 2;
    auto parsed = parse_script(script);
    if (!parsed)
        return {syntax_error, {}, cat("sh: ", parsed.error().message, "\n"), {}};
    ShellState state;
    state.kind = kind;
    state.positional = positional;
    return Interpreter(context, state).run(parsed.value(), input);
}

Completed interpret(ProcessContext& context, ShellState& state, const Command& command, std::string_view input) {
    return Interpreter(context, state).run(command, input);
}

std::vector<std::string> expanded(ProcessContext& context, ShellState& state, const std::vector<std::string>& words) {
    std::vector<std::string> values;
    Interpreter(context, state).expand_words(words, values);
    return values;
}

}  // namespace kubewalk::shell
