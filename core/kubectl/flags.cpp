#include "core/kubectl/flags.h"

#include "core/base/text.h"

namespace kubewalk::kubectl {

namespace {

std::optional<bool> parse_bool(std::string_view text) {
    for (std::string_view yes : {"1", "t", "T", "true", "TRUE", "True"})
        if (text == yes)
            return true;
    for (std::string_view no : {"0", "f", "F", "false", "FALSE", "False"})
        if (text == no)
            return false;
    return std::nullopt;
}

std::optional<Error> check(const Flag& flag, std::string_view value) {
    std::string why;
    if (flag.type == FlagType::boolean && !parse_bool(value))
        why = cat("strconv.ParseBool: parsing ", quoted(value), ": invalid syntax");
    if (flag.type == FlagType::integer && !parse_int(value))
        why = cat("strconv.ParseInt: parsing ", quoted(value), ": invalid syntax");
    if (flag.type == FlagType::duration && !parse_go_duration(value))
        why = cat("time: invalid duration ", quoted(value));
    if (why.empty())
        return std::nullopt;
    const std::string shown = flag.shorthand ? cat("-", flag.shorthand, ", --", flag.name) : cat("--", flag.name);
    return Error{"BadFlag", cat("invalid argument ", quoted(value), " for ", quoted(shown), " flag: ", why), {}, 0, 0};
}

struct Reader {
    const FlagSet& set;
    const std::vector<std::string>& words;
    Parsed parsed;
    std::size_t at = 0;

    std::optional<Error> store(const Flag& flag, std::string value) {
        if (auto error = check(flag, value))
            return error;
        parsed.order.emplace_back(flag.name, value);
        auto& values = parsed.given[std::string(flag.name)];
        if (flag.type == FlagType::list) {
            for (auto piece : split(value, ','))
                values.emplace_back(piece);
            return std::nullopt;
        }
        values.push_back(std::move(value));
        return std::nullopt;
    }

    std::optional<Error> long_flag(std::string_view word) {
        const auto equals = word.find('=');
        const auto name = word.substr(2, equals == std::string_view::npos ? equals : equals - 2);
        if (name.empty() || name[0] == '-' || name[0] == '=')
            return Error{"BadFlag", cat("bad flag syntax: ", word), {}, 0, 0};
        const Flag* flag = set.find(name);
        if (!flag)
            return name == "help" ? Error{"Help", {}, {}, 0, 0} : Error{"UnknownFlag", cat("unknown flag: --", name), {}, 0, 0};
        if (equals != std::string_view::npos)
            return store(*flag, std::string(word.substr(equals + 1)));
        if (!flag->bare.empty())
            return store(*flag, std::string(flag->bare));
        if (at >= words.size())
            return Error{"BadFlag", cat("flag needs an argument: --", name), {}, 0, 0};
        return store(*flag, words[at++]);
    }

    // -w, -wA, -n value, -nvalue, -n=value
    std::optional<Error> short_flags(std::string_view word) {
        std::string_view rest = word.substr(1);
        while (!rest.empty()) {
            const char letter = rest[0];
            const Flag* flag = set.find(letter);
            if (!flag && letter == 'h')
                return Error{"Help", {}, {}, 0, 0};
            if (!flag)
                return Error{"UnknownFlag", cat("unknown shorthand flag: '", letter, "' in -", rest), {}, 0, 0};
            const auto behind = rest.substr(1);
            if (behind.size() > 1 && behind[0] == '=')
                return store(*flag, std::string(behind.substr(1)));
            if (!flag->bare.empty()) {
                if (auto error = store(*flag, std::string(flag->bare)))
                    return error;
                rest = behind;
                continue;
            }
            if (!behind.empty())
                return store(*flag, std::string(behind));
            if (at >= words.size())
                return Error{"BadFlag", cat("flag needs an argument: '", letter, "' in -", rest), {}, 0, 0};
            return store(*flag, words[at++]);
        }
        return std::nullopt;
    }
};

}  // namespace

FlagSet& FlagSet::add(Flag flag) {
    flags_.push_back(flag);
    return *this;
}

FlagSet& FlagSet::boolean(std::string_view name, std::string_view help, char shorthand, std::string_view fallback) {
    return add({name, shorthand, FlagType::boolean, fallback, help, "true"});
}
FlagSet& FlagSet::text(std::string_view name, std::string_view help, char shorthand, std::string_view fallback,
                       std::string_view bare) {
    return add({name, shorthand, FlagType::text, fallback, help, bare});
}
FlagSet& FlagSet::list(std::string_view name, std::string_view help, char shorthand) {
    return add({name, shorthand, FlagType::list, "", help, ""});
}
FlagSet& FlagSet::array(std::string_view name, std::string_view help, char shorthand) {
    return add({name, shorthand, FlagType::array, "", help, ""});
}
FlagSet& FlagSet::integer(std::string_view name, std::string_view help, std::string_view fallback, char shorthand) {
    return add({name, shorthand, FlagType::integer, fallback, help, ""});
}
FlagSet& FlagSet::duration(std::string_view name, std::string_view help, std::string_view fallback) {
    return add({name, 0, FlagType::duration, fallback, help, ""});
}

FlagSet& FlagSet::deprecated(std::string_view why) {
    flags_.back().deprecated = why;
    return *this;
}
FlagSet& FlagSet::include(const FlagSet& other) {
    for (Flag flag : other.flags_) {
        if (find(flag.name))
            continue;
        if (flag.shorthand != 0 && find(flag.shorthand))
            flag.shorthand = 0;
        flags_.push_back(flag);
    }
    return *this;
}

const Flag* FlagSet::find(std::string_view name) const {
    for (const auto& flag : flags_)
        if (flag.name == name)
            return &flag;
    return nullptr;
}

const Flag* FlagSet::find(char shorthand) const {
    for (const auto& flag : flags_)
        if (flag.shorthand == shorthand)
            return &flag;
    return nullptr;
}

bool Parsed::is(std::string_view flag) const { return parse_bool(text(flag)).value_or(false); }

std::string Parsed::text(std::string_view flag) const {
    const auto found = given.find(flag);
    if (found != given.end())
        return found->second.back();
    const Flag* known = set->find(flag);
    return known ? std::string(known->fallback) : std::string();
}

std::int64_t Parsed::integer(std::string_view flag) const { return parse_int(text(flag)).value_or(0); }

Duration Parsed::duration(std::string_view flag) const { return parse_go_duration(text(flag)).value_or(Duration{}); }

std::vector<std::string> Parsed::list(std::string_view flag) const {
    const auto found = given.find(flag);
    return found == given.end() ? std::vector<std::string>() : found->second;
}

Result<Parsed> parse_flags(const FlagSet& set, const std::vector<std::string>& words) {
    Reader reader{set, words, {}, 0};
    reader.parsed.set = &set;
    while (reader.at < words.size()) {
        const std::string& word = words[reader.at++];
        if (word.size() < 2 || word[0] != '-') {
            reader.parsed.args.push_back(word);
            continue;
        }
        if (word == "--") {
            reader.parsed.args_before_dash = static_cast<int>(reader.parsed.args.size());
            reader.parsed.args.insert(reader.parsed.args.end(), words.begin() + static_cast<std::ptrdiff_t>(reader.at),
                                      words.end());
            break;
        }
        if (auto error = word[1] == '-' ? reader.long_flag(word) : reader.short_flags(word))
            return *error;
    }
    return std::move(reader.parsed);
}

}  // namespace kubewalk::kubectl
