#pragma once
// A subset of the POSIX shell language: words with quotes and expansions ($NAME, ${NAME}, ${NAME:-word},
// $?, $#, $1, $(command), `command`, $((arithmetic))), assignments, redirections, pipelines, lists with ; && ||
// and newlines, groups, if, case, for, while and until, break and continue, here-documents and here-strings.
// No functions or job control.

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"

namespace kubewalk::shell {

// Redirection of one descriptor: ">" ">>" "<" ">&", or "<<" and "<<<" whose target is the text itself.
struct Redirection {
    int descriptor = 1;
    std::string operation;
    std::string target;  // a raw word
};

struct Command {
    enum class Kind : unsigned char { simple, pipeline, and_or, list, group, if_, for_, while_, case_ };

    Kind kind = Kind::simple;
    std::vector<std::string> words;  // simple: raw words; for_: name, then the words; case_: what is looked at
    std::vector<Redirection> redirections;
    std::vector<Command> children;       // pipeline: commands; and_or, list: parts; if_: condition, then, ...; case_: lists
    std::vector<std::string> operators;  // and_or: "&&" or "||" before the part of that index (first: "");
                                         // case_: the raw patterns of each list, with "|" between them
    bool negated = false;                // pipeline: !; while_: until
};

// Error: message as the shell prints it behind "sh: ", e.g. `syntax error: unexpected "fi"`.
Result<Command> parse_script(std::string_view script);

}  // namespace kubewalk::shell
