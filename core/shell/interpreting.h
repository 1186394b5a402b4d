#pragma once
// One command of a script while it runs: its control flow is in interpret.cpp, words in words.cpp, builtins in
// builtins.cpp. interpreter.h is what others use.

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/shell/interpreter.h"

namespace kubewalk::shell {

// What a variable may be called.
bool is_name(std::string_view text);

// A pattern as sh reads one: * ? [a-z] [!a-z], and \ before what stands for itself.
bool glob_matches(std::string_view pattern, std::string_view text);

// A word as it grows: its text, and the same as a pattern, where quoted characters stand for themselves.
struct Growing {
    std::string text;
    std::string pattern;
    bool started = false;
    bool open = false;  // a set has begun
    bool wild = false;  // the pattern may stand for other names

    void quoted(std::string_view part);
    void plain(char c);
};
enum class Globbing : bool { no, yes };

class Interpreter {
public:
    Interpreter(ProcessContext& context, ShellState& state) : context_(context), state_(state) {}

    void run(const Command& command, std::string_view input, Completed& result);
    std::vector<std::string> words(const std::vector<std::string>& raw);

private:
    using Builtin = int (Interpreter::*)(const std::vector<std::string>& argv, Completed& result);
    struct BuiltinEntry {
        std::string_view name;
        Builtin run;
    };
    static const BuiltinEntry builtins[19];

    // -- control flow ---------------------------------------------------------------------------------
    bool stopped() const;
    int stopped_code() const;
    // Out of a list, up to the loop that `break` or `continue` is meant for.
    bool leaves() const { return stopped() || breaks_ > 0 || continues_; }
    int execute(const Command& command, std::string_view input, Completed& result);
    int list(const Command& command, std::string_view input, Completed& result);
    int and_or(const Command& command, std::string_view input, Completed& result);
    int pipeline(const Command& command, std::string_view input, Completed& result);
    int if_command(const Command& command, std::string_view input, Completed& result);
    int compound(const Command& command, std::string_view input, Completed& result);
    bool ends_loop();
    int case_command(const Command& command, std::string_view input, Completed& result);
    int redirected(const Command& command, std::string_view input, Completed& result);
    // `stage`: of the pipeline it is in.
    int stage(const Command& command, int number, std::string_view input, Completed& result);
    int simple(const Command& command, std::string_view input, Completed& result);
    int call(const std::vector<std::string>& argv, const std::vector<std::pair<std::string, std::string>>& assignments,
             const std::string& input, Completed& result);
    bool may_create(const Redirection& redirection, Completed& result);
    bool read_input(const Command& command, std::string& input, Completed& result);
    void redirect(const Command& command, const Completed& part, Completed& result);
    void write(const std::string& where, const std::string& text, Completed& result);
    std::string prefix() const;

    // -- words ----------------------------------------------------------------------------------------
    std::string value_of(std::string_view name) const;
    bool is_set(const std::string& name) const { return state_.variables.count(name) > 0 || context_.environment.count(name) > 0; }
    std::string dollar(std::string_view word, std::size_t& i);
    std::string braces(std::string_view word, std::size_t& i);
    std::string substitute(std::string_view script);
    // Says so when expansions stand in one another more often than the stack allows.
    bool too_deep();
    void expand(std::string_view word, std::vector<std::string>& into, Globbing globbing = Globbing::no);
    // Unquoted text is split at blanks.
    void split_into(std::string_view value, Growing& current, std::vector<std::string>& into, Globbing globbing);
    void finish(Growing& word, std::vector<std::string>& into, Globbing globbing);
    void grow(std::string_view word, Growing& current, std::vector<std::string>* into, Globbing globbing);
    std::string pattern_of(std::string_view word);  // of `case`
    // The names of files that a pattern stands for, in order.
    std::vector<std::string> file_names(std::string_view pattern);
    // Whether the command's words may have so many bytes more; once they may not, nothing more is expanded.
    bool fits_in_line(std::size_t more);
    // While the words of one command are expanded; a substitution among them has a line of its own.
    struct Line {
        explicit Line(Interpreter& interpreter)
            : of(interpreter), outer(std::exchange(interpreter.line_, 0)), outer_too_long(std::exchange(interpreter.too_long_, false)) {
            of.names_.reset();
        }
        ~Line() {
            of.line_ = outer;
            of.too_long_ = outer_too_long;
        }
        Line(const Line&) = delete;
        Line& operator=(const Line&) = delete;
        Interpreter& of;
        std::size_t outer;
        bool outer_too_long;
    };
    std::string double_quoted(std::string_view word, std::size_t& i);
    std::string backticks(std::string_view word, std::size_t& i);
    std::vector<std::string> alone(const std::string& word);
    std::string joined(const std::string& word);
    std::string whole(const std::string& word);
    // A value longer than a shell could hold here is refused with a word; the variable stays what it was.
    void assign(const std::string& name, const std::string& value);

    // -- builtins -------------------------------------------------------------------------------------
    int exit_builtin(const std::vector<std::string>& argv, Completed& result);
    int export_builtin(const std::vector<std::string>& argv, Completed& result);
    int unset_builtin(const std::vector<std::string>& argv, Completed& result);
    int cd_builtin(const std::vector<std::string>& argv, Completed& result);
    int pwd_builtin(const std::vector<std::string>& argv, Completed& result);
    int read_builtin(const std::vector<std::string>& argv, Completed& result);
    int exec_builtin(const std::vector<std::string>& argv, Completed& result);
    int break_builtin(const std::vector<std::string>& argv, Completed& result);
    int continue_builtin(const std::vector<std::string>& argv, Completed& result);
    int set_builtin(const std::vector<std::string>& argv, Completed& result);
    int ulimit_builtin(const std::vector<std::string>& argv, Completed& result);
    int nothing_builtin(const std::vector<std::string>& argv, Completed& result);
    int command_builtin(const std::vector<std::string>& argv, Completed& result);
    int test_builtin(const std::vector<std::string>& argv, Completed& result);
    bool test(const std::vector<std::string>& words) const;
    bool is_folder(const std::string& path) const;

    // Standard input as `read` takes it, line by line.
    struct Lines {
        std::string_view text;
        std::size_t at = 0;
    };

    ProcessContext& context_;
    ShellState& state_;
    Lines lines_;
    Duration elapsed_{};
    int substituted_ = 0;
    std::string pending_err_;
    std::size_t line_ = 0;    // bytes of the words that the command has so far
    bool too_long_ = false;   // they would have been more than a command can have
    std::optional<std::set<std::string>> names_;  // of all files, while the words of one command are expanded
    int depth_ = 0;   // inside substitutions and compound commands
    int breaks_ = 0;  // how many loops `break` still has to leave
    bool continues_ = false;
};

}  // namespace kubewalk::shell
