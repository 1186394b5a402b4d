#pragma once
// Flags as github.com/spf13/pflag parses them: --flag=value, --flag value, -n value, -nvalue, combined
// shorthands, "--", flags and arguments in any order. Wording of errors as pflag's.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/base/time.h"

namespace kubewalk::kubectl {

enum class FlagType : unsigned char { boolean, text, list, array, integer, duration };

struct Flag {
    std::string_view name;
    char shorthand = 0;
    FlagType type = FlagType::text;
    std::string_view fallback;     // as --help prints it
    std::string_view help;
    std::string_view bare;         // what `--flag` alone means; "" when it needs a value
    std::string_view deprecated{}; // why nobody should use it any more; help does not list such flags
};

class FlagSet {
public:
    FlagSet& boolean(std::string_view name, std::string_view help, char shorthand = 0, std::string_view fallback = "false");
    FlagSet& text(std::string_view name, std::string_view help, char shorthand = 0, std::string_view fallback = "",
                  std::string_view bare = "");
    // Values separated by commas, the flag may come again (pflag's StringSlice).
    FlagSet& list(std::string_view name, std::string_view help, char shorthand = 0);
    // One value each time the flag comes (pflag's StringArray).
    FlagSet& array(std::string_view name, std::string_view help, char shorthand = 0);
    FlagSet& integer(std::string_view name, std::string_view help, std::string_view fallback, char shorthand = 0);
    FlagSet& duration(std::string_view name, std::string_view help, std::string_view fallback);

    // The flag added last is an old one: it works, says so, and help is silent about it.
    FlagSet& deprecated(std::string_view why);
    // All flags of the other set that this one lacks; a shorthand that is taken goes.
    FlagSet& include(const FlagSet& other);

    const std::vector<Flag>& all() const { return flags_; }
    const Flag* find(std::string_view name) const;
    const Flag* find(char shorthand) const;

private:
    FlagSet& add(Flag flag);
    std::vector<Flag> flags_;
};

struct Parsed {
    const FlagSet* set = nullptr;
    std::map<std::string, std::vector<std::string>, std::less<>> given;
    std::vector<std::pair<std::string, std::string>> order;  // flags and their values as they came
    std::vector<std::string> args;
    // How many of `args` stood before "--"; -1 without one.
    int args_before_dash = -1;

    bool has(std::string_view flag) const { return given.find(flag) != given.end(); }
    bool is(std::string_view flag) const;                 // a boolean's value
    std::string text(std::string_view flag) const;        // the last value given, else the default
    std::int64_t integer(std::string_view flag) const;
    Duration duration(std::string_view flag) const;
    std::vector<std::string> list(std::string_view flag) const;
};

// Error: reason "UnknownFlag", "BadFlag" or "Help" (-h); the message without "error: ".
Result<Parsed> parse_flags(const FlagSet& set, const std::vector<std::string>& words);

}  // namespace kubewalk::kubectl
