// What a shell does itself: cd, export, read, test, ...

#include <algorithm>

#include "core/shell/access.h"
#include "core/shell/interpreting.h"

namespace kubewalk::shell {

int Interpreter::exit_builtin(const std::vector<std::string>& argv, Completed&) {
    state_.exited = true;
    state_.exit_code = argv.size() > 1 ? static_cast<int>(parse_int(argv[1]).value_or(2)) & 255 : state_.last;
    return state_.exit_code;
}
int Interpreter::export_builtin(const std::vector<std::string>& argv, Completed&) {
    for (std::size_t i = 1; i < argv.size(); ++i) {
        const auto equals = argv[i].find('=');
        const auto name = argv[i].substr(0, equals);
        const auto value = equals != std::string::npos ? argv[i].substr(equals + 1) : value_of(name);
        state_.variables[name] = context_.environment[name] = state_.exported[name] = value;
        state_.removed.erase(name);
    }
    return 0;
}
int Interpreter::unset_builtin(const std::vector<std::string>& argv, Completed& result) {
    if (argv.size() == 1)
        for (const auto& [name, value] : state_.variables)
            append(result.out, name, "='", value, "'\n");
    for (std::size_t i = 1; i < argv.size(); ++i) {
        state_.variables.erase(argv[i]);
        state_.exported.erase(argv[i]);
        if (context_.environment.erase(argv[i]) > 0)
            state_.removed.insert(argv[i]);
    }
    return 0;
}

// A folder exists while something lies in it; the root and the usual ones always do.
bool Interpreter::is_folder(const std::string& path) const {
    for (std::string_view known : {"/", "/tmp", "/root", "/etc", "/bin", "/usr", "/var", "/home", "/proc", "/dev"})
        if (path == known)
            return true;
    if (std::find(context_.folders.begin(), context_.folders.end(), path) != context_.folders.end())
        return true;
    const auto inside = path + "/";
    const auto found = context_.files.lower_bound(inside);
    return found != context_.files.end() && found->first.starts_with(inside);
}
int Interpreter::cd_builtin(const std::vector<std::string>& argv, Completed& result) {
    const auto before = absolute_path(context_, ".");
    const std::string asked = argv.size() < 2 ? value_of("HOME") : argv[1] == "-" ? value_of("OLDPWD") : argv[1];
    const std::string to = absolute_path(context_, asked.empty() ? "/" : asked);
    if (!is_folder(to)) {
        const std::string_view why = context_.files.count(to) > 0 ? "Not a directory" : "No such file or directory";
        switch (state_.kind) {  // dash says no more
        case ShellKind::dash: append(result.err, prefix(), "cd: can't cd to ", asked, "\n"); return 2;
        case ShellKind::ash: append(result.err, prefix(), "cd: can't cd to ", asked, ": ", why, "\n"); return 2;
        case ShellKind::bash: append(result.err, prefix(), "cd: ", asked, ": ", why, "\n"); return 1;
        }
    }
    if (argv.size() > 1 && argv[1] == "-")
        append(result.out, to, "\n");
    export_builtin({"export", cat("OLDPWD=", before), cat("PWD=", to)}, result);
    return 0;
}
int Interpreter::pwd_builtin(const std::vector<std::string>&, Completed& result) {
    append(result.out, absolute_path(context_, "."), "\n");
    return 0;
}

// read [-r] NAME...: the next line of standard input; its last variable takes what is left of it.
int Interpreter::read_builtin(const std::vector<std::string>& argv, Completed&) {
    std::vector<std::string> names;
    for (std::size_t i = 1; i < argv.size(); ++i)
        if (!argv[i].starts_with('-'))
            names.push_back(argv[i]);
    if (names.empty())
        names.emplace_back("REPLY");
    const bool ended = lines_.at >= lines_.text.size();
    const auto end = ended ? lines_.at : std::min(lines_.text.find('\n', lines_.at), lines_.text.size());
    auto rest = ended ? std::string_view() : trim(lines_.text.substr(lines_.at, end - lines_.at));
    lines_.at = end + 1;
    for (std::size_t i = 0; i < names.size(); ++i) {
        const auto blank = i + 1 < names.size() ? std::min(rest.find_first_of(" \t"), rest.size()) : rest.size();
        assign(names[i], std::string(rest.substr(0, blank)));
        rest = trim(rest.substr(blank));
    }
    return ended ? 1 : 0;
}

int Interpreter::exec_builtin(const std::vector<std::string>& argv, Completed& result) {
    if (argv.size() < 2)
        return 0;
    state_.exit_code = call({argv.begin() + 1, argv.end()}, {}, {}, result);
    state_.exited = true;
    return state_.exit_code;
}
int Interpreter::break_builtin(const std::vector<std::string>& argv, Completed&) {
    const auto loops = argv.size() > 1 ? parse_int(argv[1]).value_or(1) : 1;
    breaks_ = static_cast<int>(std::clamp<std::int64_t>(loops, 1, 100));
    return 0;
}
int Interpreter::continue_builtin(const std::vector<std::string>&, Completed&) {
    continues_ = true;
    return 0;
}
int Interpreter::set_builtin(const std::vector<std::string>& argv, Completed&) {
    for (const auto& word : argv)
        if (word.size() > 1 && (word[0] == '-' || word[0] == '+') && word.find('e') != std::string::npos)
            state_.exits_on_error = word[0] == '-';
    return 0;
}
// As containerd's processes have them (LimitNOFILE=infinity, LimitCORE=infinity).
int Interpreter::ulimit_builtin(const std::vector<std::string>& argv, Completed& result) {
    const auto& what = argv.size() > 1 ? argv[1] : argv[0];
    result.out += what == "-n" ? "1048576\n" : what == "-s" ? "8192\n" : what == "-l" ? "8192\n" : "unlimited\n";
    return 0;
}

int Interpreter::nothing_builtin(const std::vector<std::string>&, Completed&) { return 0; }
int Interpreter::command_builtin(const std::vector<std::string>& argv, Completed& result) {
    if (argv.size() < 3 || argv[1] != "-v")
        return argv.size() < 2 ? 0 : call({argv.begin() + 1, argv.end()}, {}, {}, result);
    if (!has_program(context_, argv[2]))
        return 127;
    append(result.out, "/bin/", argv[2], "\n");
    return 0;
}
int Interpreter::test_builtin(const std::vector<std::string>& argv, Completed& result) {
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
bool Interpreter::test(const std::vector<std::string>& words) const {
    if (words.size() == 1)
        return !words[0].empty();
    if (words.size() == 2) {
        if (words[0] == "-z" || words[0] == "-n")
            return words[1].empty() == (words[0] == "-z");
        const auto path = absolute_path(context_, words[1]);
        if (words[0] == "-d")
            return is_folder(path);
        const auto file = context_.files.find(path);
        if (words[0] == "-s")
            return file != context_.files.end() && !file->second.empty();
        if (words[0] == "-w" && !write_refusal(context_, path).empty())
            return false;
        return file != context_.files.end() || (words[0] != "-f" && is_folder(path));  // -e, -r, -w, -x
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

const Interpreter::BuiltinEntry Interpreter::builtins[19] = {
    {"exec", &Interpreter::exec_builtin},       {"exit", &Interpreter::exit_builtin},
    {"export", &Interpreter::export_builtin},   {"unset", &Interpreter::unset_builtin},
    {":", &Interpreter::nothing_builtin},       {"set", &Interpreter::set_builtin},
    {"trap", &Interpreter::nothing_builtin},    {"cd", &Interpreter::cd_builtin},
    {"pwd", &Interpreter::pwd_builtin},         {"read", &Interpreter::read_builtin},
    {"command", &Interpreter::command_builtin}, {"test", &Interpreter::test_builtin},
    {"[", &Interpreter::test_builtin},          {"[[", &Interpreter::test_builtin},
    {"break", &Interpreter::break_builtin},     {"continue", &Interpreter::continue_builtin},
    {"ulimit", &Interpreter::ulimit_builtin},   {"wait", &Interpreter::nothing_builtin},    {"umask", &Interpreter::nothing_builtin},
};

}  // namespace kubewalk::shell
