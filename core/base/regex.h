#pragma once
// Regular expressions as Go's RE2 and nginx's PCRE agree on them: no look-around, no back-references, bytes
// instead of letters. Leftmost match, alternatives in their order. Time is bounded by pattern times text.
// (std::regex throws on a bad pattern and may never end.)

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"

namespace kubewalk {

class Regex {
public:
    enum class Case : std::uint8_t { sensitive, insensitive };

    // Error: reason "BadRegex", the message says what is wrong with the pattern.
    static Result<Regex> compile(std::string_view pattern, Case letters = Case::sensitive);

    // Whole match first, then the groups; a group that took no part is empty with data() == nullptr.
    // The pieces point into `text`.
    using Groups = std::vector<std::string_view>;
    std::optional<Groups> search(std::string_view text) const;
    bool matches(std::string_view text) const { return search(text).has_value(); }

    std::size_t groups() const { return names_.size(); }
    // The number of a named group, (?P<name>...) or (?<name>...); 0 when there is none of that name.
    std::size_t group_named(std::string_view name) const;

private:
    friend class RegexCompiler;

    enum class Op : std::uint8_t { set, split, jump, save, begin, end, word, not_word, match };
    struct Instruction {
        Op op = Op::match;
        std::uint32_t x = 0;  // set: which; save: slot; jump, split: the preferred way
        std::uint32_t y = 0;  // split: the other way
    };
    using Set = std::array<std::uint64_t, 4>;  // of bytes

    std::vector<Instruction> program_;
    std::vector<Set> sets_;
    std::vector<std::string> names_;  // of each group; "" for those without
};

}  // namespace kubewalk
