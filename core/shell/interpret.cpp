// Runs what syntax.h parses. Programs run one after the other: a pipeline hands the whole output on.

#include <algorithm>

#include "core/shell/access.h"
#include "core/shell/interpreting.h"

namespace kubewalk::shell {

namespace {

// A script cannot run for ever here: after this many commands or this long it is killed.
constexpr int most_commands = 10'000;
constexpr std::size_t largest_file = 4 << 20;  // bytes; cat f f > g in a loop would fill the machine
constexpr Duration longest_run = hours(1);
constexpr int killed = 137;

bool is_device(std::string_view path) { return path == "/dev/null" || path == "/dev/stdout" || path == "/dev/stderr"; }

// Its standard input is another one than the shell's.
bool reads_own(const Command& command) {
    return std::any_of(command.redirections.begin(), command.redirections.end(),
                       [](const Redirection& redirection) { return redirection.operation.starts_with("<"); });
}

}  // namespace

void Interpreter::run(const Command& command, std::string_view input, Completed& result) {
    lines_ = {input, 0};
    if (context_.nesting == 0)
        context_.commands = 0;
    result.exit = state_.last = execute(command, input, result);
    result.elapsed = elapsed_;
}

bool Interpreter::stopped() const { return state_.exited || context_.commands > most_commands || elapsed_ > longest_run; }
int Interpreter::stopped_code() const { return state_.exited ? state_.exit_code : killed; }

int Interpreter::execute(const Command& command, std::string_view input, Completed& result) {
    if (stopped())
        return stopped_code();
    if (command.kind == Command::Kind::simple)
        return stage(command, 0, input, result);
    if (command.kind == Command::Kind::pipeline)
        return pipeline(command, input, result);
    int exit = 0;
    ++depth_;
    switch (command.kind) {
    case Command::Kind::simple:
    case Command::Kind::pipeline: break;
    case Command::Kind::and_or: exit = and_or(command, input, result); break;
    case Command::Kind::list: exit = list(command, input, result); break;
    case Command::Kind::if_: exit = if_command(command, input, result); break;
    case Command::Kind::group:
    case Command::Kind::for_:
    case Command::Kind::case_:
    case Command::Kind::while_: exit = redirected(command, input, result); break;
    }
    --depth_;
    return exit;
}

int Interpreter::stage(const Command& command, int number, std::string_view input, Completed& result) {
    if (stopped())
        return stopped_code();
    context_.stage = depth_ == 0 ? number : -1;
    const int exit = simple(command, input, result);
    context_.stage = -1;
    return exit;
}

int Interpreter::list(const Command& command, std::string_view input, Completed& result) {
    for (const auto& part : command.children) {
        state_.last = execute(part, input, result);
        if (stopped())
            return stopped_code();
        if (leaves())
            break;
    }
    return state_.last;
}

int Interpreter::and_or(const Command& command, std::string_view input, Completed& result) {
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

int Interpreter::pipeline(const Command& command, std::string_view input, Completed& result) {
    int exit = 0;
    std::string passed(input);
    const Lines before = lines_;
    for (std::size_t i = 0; i < command.children.size(); ++i) {
        const Command& child = command.children[i];
        Completed part;
        if (i > 0)
            lines_ = {passed, 0};
        exit = child.kind == Command::Kind::simple ? stage(child, static_cast<int>(i), passed, part) : execute(child, passed, part);
        result.err += part.err;
        if (i + 1 < command.children.size())
            passed = std::move(part.out);
        else
            result.out += part.out;
    }
    if (command.children.size() > 1)  // one by itself has read on
        lines_ = before;
    return command.negated ? (exit == 0 ? 1 : 0) : exit;
}

int Interpreter::if_command(const Command& command, std::string_view input, Completed& result) {
    for (std::size_t i = 0; i + 1 < command.children.size(); i += 2)
        if (execute(command.children[i], input, result) == 0)
            return execute(command.children[i + 1], input, result);
    return command.children.size() % 2 == 1 ? execute(command.children.back(), input, result) : 0;
}

int Interpreter::compound(const Command& command, std::string_view input, Completed& result) {
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
        assign(command.words[0], value);
        exit = execute(command.children[0], input, result);
        if (stopped())
            return stopped_code();
        if (ends_loop())
            break;
    }
    return exit;
}

// After a round of a loop's body: whether the loop ends.
bool Interpreter::ends_loop() {
    continues_ = false;
    if (breaks_ == 0)
        return false;
    --breaks_;
    return true;
}

int Interpreter::case_command(const Command& command, std::string_view input, Completed& result) {
    const auto subject = joined(command.words[0]);
    for (std::size_t i = 0; i < command.children.size(); ++i)
        for (const auto pattern : split(command.operators[i], '|'))
            if (glob_matches(pattern_of(pattern), subject))
                return execute(command.children[i], input, result);
    return 0;
}

int Interpreter::redirected(const Command& command, std::string_view input, Completed& result) {
    Completed part;
    std::string given(input);
    if (!read_input(command, given, result))
        return 1;
    const Lines before = lines_;
    if (reads_own(command))
        lines_ = {given, 0};
    const int exit = compound(command, given, part);
    lines_ = before;
    redirect(command, part, result);
    return exit;
}

int Interpreter::simple(const Command& command, std::string_view input, Completed& result) {
    ++context_.commands;
    std::vector<std::string> argv;
    std::vector<std::pair<std::string, std::string>> assignments;
    {
        const Line line(*this);
        for (const auto& word : command.words) {
            const auto equals = word.find('=');
            if (argv.empty() && equals != std::string::npos && is_name(std::string_view(word).substr(0, equals)))
                assignments.emplace_back(word.substr(0, equals), joined(word.substr(equals + 1)));
            else
                expand(word, argv, Globbing::yes);
        }
        if (too_long_) {
            append(result.err, std::exchange(pending_err_, {}), prefix(), argv.empty() ? "" : argv[0] + ": ", "Argument list too long\n");
            return 126;
        }
    }
    std::string given(input);
    if (!read_input(command, given, result))
        return 1;
    const Lines before = lines_;
    if (reads_own(command))
        lines_ = {given, 0};
    Completed part;
    int exit = substituted_;
    substituted_ = 0;
    if (argv.empty()) {
        for (auto& [name, value] : assignments)
            assign(name, value);
    } else {
        exit = call(argv, assignments, given, part);
    }
    if (reads_own(command))
        lines_ = before;
    part.err.insert(0, std::exchange(pending_err_, {}));
    redirect(command, part, result);
    return exit;
}

int Interpreter::call(const std::vector<std::string>& argv,
         const std::vector<std::pair<std::string, std::string>>& assignments, const std::string& input,
         Completed& result) {
    const int outside = context_.nesting;
    context_.nesting += depth_ + 1;
    for (const auto& builtin : builtins)
        if (builtin.name == argv[0] && context_.nesting <= deepest_nesting) {
            const int exit = (this->*builtin.run)(argv, result);
            context_.nesting = outside;
            return exit;
        }
    auto before = context_.environment;
    for (const auto& [name, value] : assignments)
        context_.environment[name] = value;
    auto completed = shell::execute(context_, argv, input);
    context_.nesting = outside;
    context_.environment = std::move(before);
    if (!completed) {
        append(result.err, prefix(), argv[0],
               state_.kind == ShellKind::bash ? ": command not found\n" : ": not found\n");
        return 127;
    }
    elapsed_ = elapsed_ + completed->elapsed;
    result.out += completed->out;
    result.err += completed->err;
    return completed->exit;
}

std::string Interpreter::prefix() const {
    // As it was called: "/bin/sh: ".
    const auto called = [this](std::string_view usual) {
        return !state_.positional.empty() && state_.positional[0].starts_with('/') ? std::string_view(state_.positional[0]) : usual;
    };
    switch (state_.kind) {
    case ShellKind::dash: return cat(called("sh"), ": 1: ");
    case ShellKind::bash: return cat(called("bash"), ": line 1: ");
    case ShellKind::ash: break;
    }
    return cat(called("sh"), ": ");
}

// -- redirections ---------------------------------------------------------------------------------
bool Interpreter::read_input(const Command& command, std::string& input, Completed& result) {
    for (const auto& redirection : command.redirections) {
        if (redirection.operation.starts_with(">") || redirection.operation == "&>") {
            if (!may_create(redirection, result))
                return false;
            continue;
        }
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

// A file that cannot be written to ends the command before it begins.
bool Interpreter::may_create(const Redirection& redirection, Completed& result) {
    if (!in_container(context_) || redirection.operation == ">&")
        return true;
    const auto target = joined(redirection.target);
    if (is_device(target))
        return true;
    const auto refusal = write_refusal(context_, absolute_path(context_, target));
    if (refusal.empty())
        return true;
    const std::string_view verb = state_.kind == ShellKind::bash ? "" : state_.kind == ShellKind::dash ? "cannot create " : "can't create ";
    append(result.err, prefix(), verb, target, ": ", refusal, "\n");
    return false;
}

void Interpreter::redirect(const Command& command, const Completed& part, Completed& result) {
    // Where descriptors 1 and 2 lead: "1", "2" (this shell's own), or a path.
    std::string out = "1";
    std::string err = "2";
    for (const auto& redirection : command.redirections) {
        if (redirection.operation.starts_with("<"))
            continue;
        auto& which = redirection.descriptor == 2 ? err : out;
        const auto target = joined(redirection.target);
        if (redirection.operation == ">&") {
            which = target == "1" ? out : target == "2" ? err : target;
        } else {
            which = is_device(target) ? target : absolute_path(context_, target);
            if (redirection.operation == ">" && !is_device(target))
                context_.files[which].clear();
        }
    }
    write(out, part.out, result);
    write(err, part.err, result);
}

void Interpreter::write(const std::string& where, const std::string& text, Completed& result) {
    if (where == "1" || where == "/dev/stdout")
        result.out += text;
    else if (where == "2" || where == "/dev/stderr")
        result.err += text;
    else if (where != "/dev/null" && !text.empty() && context_.files[where].size() + text.size() > largest_file)
        append(result.err, prefix(), "write error: No space left on device\n");
    else if (where != "/dev/null" && !text.empty())
        context_.files[where] += text;
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
    Completed result;
    Interpreter(context, state).run(parsed.value(), input, result);
    return result;
}

void execute_command(ProcessContext& context, ShellState& state, const Command& command, std::string_view input, Completed& result) {
    Interpreter(context, state).run(command, input, result);
}

std::vector<std::string> expand_words(ProcessContext& context, ShellState& state, const std::vector<std::string>& words) {
    return Interpreter(context, state).words(words);
}

}  // namespace kubewalk::shell
