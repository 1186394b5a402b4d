#pragma once
// Regular expressions of Corefiles, in the syntax of Go's regexp (RE2) as far as names need it: literals,
// classes, groups (named, unnamed, not capturing), alternatives, anchors, greedy and lazy repetition,
// (?i). Leftmost-first, in time linear in pattern times text. Upstream: go.dev/s/re2syntax.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"

namespace kubewalk::addons::coredns {

class Regex {
public:
    // Errors as regexp.Compile prints them: "error parsing regexp: missing closing ): `a(`".
    static Result<Regex> compile(std::string_view pattern);

    // The groups of the first match, the whole of it first; a group that took no part is "". Nothing
    // when there is no match.
    std::optional<std::vector<std::string>> find(std::string_view text) const;
    bool matches(std::string_view text) const { return find(text).has_value(); }

    const std::string& pattern() const { return pattern_; }
    // By number; "" for groups without a name.
    const std::vector<std::string>& group_names() const { return names_; }

private:
    enum class Op : std::uint8_t { set, split, jump, save, begin, end, word_edge, not_word_edge, match };
    struct Instruction {
        Op op = Op::match;
        std::uint32_t a = 0;  // set: its number; split: first choice; jump: where to; save: slot
        std::uint32_t b = 0;  // split: second choice
    };
    struct Set {
        std::uint64_t bits[4] = {};
        bool has(unsigned char c) const { return (bits[c / 64] >> (c % 64)) & 1; }
        void add(unsigned char c) { bits[c / 64] |= std::uint64_t{1} << (c % 64); }
    };
    class Compiler;
    bool run(std::string_view text, std::size_t from, std::vector<bool>& seen, std::vector<std::size_t>& slots) const;

    std::string pattern_;
    std::vector<Instruction> program_;
    std::vector<Set> sets_;
    std::vector<std::string> names_;
};

}  // namespace kubewalk::addons::coredns
