#include "core/addons/coredns/regex.h"

#include <algorithm>

#include "core/base/text.h"

namespace kubewalk::addons::coredns {

namespace {

constexpr std::size_t unset = static_cast<std::size_t>(-1);
constexpr std::size_t most_instructions = 20000;  // a repetition of repetitions grows fast
constexpr int most_repeats = 1000;
constexpr int deepest_nesting = 200;  // each level is a few frames of the stack

bool is_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

}  // namespace

// Recursive descent that writes the program as it goes; a repeated part is written again from its text.
class Regex::Compiler {
public:
    Compiler(std::string_view pattern, Regex& into) : pattern_(pattern), regex_(into) {}

    Result<void> compile() {
        regex_.names_.emplace_back();
        emit(Op::save, 0);
        alternatives();
        if (!failed() && at_ < pattern_.size())
            fail("unexpected )", pattern_);
        emit(Op::save, 1);
        emit(Op::match);
        if (!failed() && regex_.program_.size() > most_instructions)
            fail("expression too large", {});
        if (failed())
            return Error{"ParseError", error_, {}, 0, 0};
        return {};
    }

private:
    bool failed() const { return !error_.empty(); }
    void fail(std::string_view what, std::string_view where) {
        if (error_.empty())
            error_ = where.empty() ? cat("error parsing regexp: ", what)
                                   : cat("error parsing regexp: ", what, ": `", where, "`");
    }
    bool more() const { return !failed() && at_ < pattern_.size(); }
    char peek() const { return pattern_[at_]; }
    bool take(std::string_view text) {
        if (pattern_.substr(at_, text.size()) != text)
            return false;
        at_ += text.size();
        return true;
    }
    std::uint32_t here() const { return static_cast<std::uint32_t>(regex_.program_.size()); }
    std::uint32_t emit(Op op, std::uint32_t a = 0, std::uint32_t b = 0) {
        if (regex_.program_.size() > most_instructions)
            fail("expression too large", {});
        regex_.program_.push_back({op, a, b});
        return here() - 1;
    }
    void insert_split(std::uint32_t at) {
        regex_.program_.insert(regex_.program_.begin() + at, Instruction{Op::split, 0, 0});
        for (auto i = at + 1; i < here(); ++i) {  // what points into the moved part moves along
            auto& instruction = regex_.program_[i];
            if ((instruction.op == Op::split || instruction.op == Op::jump) && instruction.a >= at)
                ++instruction.a;
            if (instruction.op == Op::split && instruction.b >= at)
                ++instruction.b;
        }
    }
    void emit_set(Set set) {
        if (ignore_case_)
            for (unsigned char c = 'a'; c <= 'z'; ++c) {
                const auto upper = static_cast<unsigned char>(c - 'a' + 'A');
                if (set.has(c) || set.has(upper)) {
                    set.add(c);
                    set.add(upper);
                }
            }
        regex_.sets_.push_back(set);
        emit(Op::set, static_cast<std::uint32_t>(regex_.sets_.size() - 1));
    }

    void alternatives() {
        const auto start = here();
        sequence();
        int repeats = repeats_;
        std::vector<std::uint32_t> ends;
        auto branch = start;
        while (more() && peek() == '|') {
            ++at_;
            insert_split(branch);
            for (auto& end : ends)
                end += end >= branch ? 1 : 0;
            regex_.program_[branch].a = branch + 1;
            ends.push_back(emit(Op::jump));
            regex_.program_[branch].b = here();
            branch = here();
            sequence();
            repeats = std::max(repeats, repeats_);
        }
        for (auto end : ends)
            regex_.program_[end].a = here();
        repeats_ = repeats;
    }

    void sequence() {
        int repeats = 1;
        while (more() && peek() != '|' && peek() != ')') {
            repeated();
            repeats = std::max(repeats, repeats_);
        }
        repeats_ = repeats;
    }

    void repeated() {
        const auto text_start = at_;
        const auto names_before = regex_.names_.size();
        const auto start = here();
        repeats_ = 1;
        atom();
        if (!more())
            return;
        int least = 0;
        int most = -1;
        const auto quantifier_at = at_;
        if (take("*")) {
        } else if (take("+")) {
            least = 1;
        } else if (take("?")) {
            most = 1;
        } else if (peek() != '{' || !counts(least, most)) {
            return;
        }
        const bool lazy = take("?");
        if (more() && (peek() == '*' || peek() == '+' || peek() == '?'))
            return fail("invalid nested repetition operator", pattern_.substr(quantifier_at, at_ + 1 - quantifier_at));
        if (int low = 0, high = 0; more() && peek() == '{' && counts(low, high))
            return fail("invalid nested repetition operator", pattern_.substr(quantifier_at, at_ - quantifier_at));
        const auto after = at_;
        // Repetitions of repetitions multiply, though what they repeat need not make a single instruction (Go: repeatIsValid).
        const int repeats = std::max({least, most, 1}) * repeats_;
        if (std::max(least, most) >= 2 && repeats > most_repeats)
            return fail("invalid repeat count", pattern_.substr(quantifier_at, at_ - quantifier_at));
        const auto again = [&] {
            const auto names = regex_.names_;
            const auto save_count = group_count_;
            at_ = text_start;
            group_count_ = names_before - 1;
            reuse_names_ = true;
            atom();
            reuse_names_ = false;
            group_count_ = save_count;
            regex_.names_ = names;
            at_ = after;
        };
        const auto choose = [&](std::uint32_t at, std::uint32_t body, std::uint32_t past) {
            regex_.program_[at].a = lazy ? past : body;
            regex_.program_[at].b = lazy ? body : past;
        };
        if (least == 0 && most == 0) {
            regex_.program_.resize(start);
            return;
        }
        auto last = start;
        for (int i = 1; i < least && !failed(); ++i) {
            last = here();
            again();
        }
        if (most < 0 && least > 0) {  // x+: back to the last copy
            const auto split = emit(Op::split);
            choose(split, last, split + 1);
        } else if (most < 0) {  // x*
            insert_split(start);
            emit(Op::jump, start);
            choose(start, start + 1, here());
        } else {
            std::vector<std::uint32_t> splits;
            if (least == 0) {
                insert_split(start);
                splits.push_back(start);
            }
            for (int i = std::max(least, 1); i < most && !failed(); ++i) {
                splits.push_back(emit(Op::split));
                again();
            }
            for (auto split : splits)
                choose(split, split + 1, here());
        }
        repeats_ = repeats;
    }

    // "{2}", "{2,}", "{2,5}"; anything else is literal text.
    bool counts(int& least, int& most) {
        const auto close = pattern_.find('}', at_);
        if (close == std::string_view::npos)
            return false;
        const auto inside = pattern_.substr(at_ + 1, close - at_ - 1);
        const auto comma = inside.find(',');
        const auto low = parse_int(inside.substr(0, comma));
        if (!low || *low < 0)
            return false;
        least = most = static_cast<int>(std::min<std::int64_t>(*low, most_repeats + 1));
        if (comma != std::string_view::npos) {
            most = -1;
            if (comma + 1 < inside.size()) {
                const auto high = parse_int(inside.substr(comma + 1));
                if (!high)
                    return false;
                most = static_cast<int>(std::min<std::int64_t>(*high, most_repeats + 1));
            }
        }
        if (least > most_repeats || most > most_repeats || (most >= 0 && most < least))
            fail("invalid repeat count", pattern_.substr(at_, close + 1 - at_));
        at_ = close + 1;
        return true;
    }

    void atom() {
        const char c = peek();
        if (c == '(')
            return group();
        if (c == '[')
            return bracket();
        if (c == '*' || c == '+' || c == '?')
            return fail("missing argument to repetition operator", std::string_view(&c, 1));
        ++at_;
        if (c == '^') {
            emit(Op::begin);
        } else if (c == '$') {
            emit(Op::end);
        } else if (c == '.') {
            Set all;
            for (int i = 0; i < 256; ++i)
                if (i != '\n')
                    all.add(static_cast<unsigned char>(i));
            emit_set(all);
        } else if (c == '\\') {
            escape();
        } else {
            Set one;
            one.add(static_cast<unsigned char>(c));
            emit_set(one);
        }
    }

    void group() {
        const auto start = at_++;
        bool captures = true;
        std::string name;
        if (take("?")) {
            if (take(":")) {
                captures = false;
            } else if (take("i)")) {
                ignore_case_ = true;
                return;
            } else if (take("P<") || take("<")) {
                const auto close = pattern_.find('>', at_);
                if (close == std::string_view::npos)
                    return fail("invalid named capture", pattern_.substr(start));
                name = std::string(pattern_.substr(at_, close - at_));
                at_ = close + 1;
            } else {
                return fail("invalid or unsupported Perl syntax", pattern_.substr(start, 3));
            }
        }
        std::uint32_t number = 0;
        if (captures) {
            number = static_cast<std::uint32_t>(++group_count_);
            if (!reuse_names_)
                regex_.names_.push_back(name);
            emit(Op::save, number * 2);
        }
        if (++depth_ > deepest_nesting)
            return fail("expression nests too deeply", pattern_);
        alternatives();
        --depth_;
        if (failed())
            return;
        if (!take(")"))
            return fail("missing closing )", pattern_);
        if (captures)
            emit(Op::save, number * 2 + 1);
    }

    // \d and its like; false for other letters.
    static bool class_of(char c, Set& set) {
        const char lower = static_cast<char>(c | 0x20);
        if (lower != 'd' && lower != 'w' && lower != 's')
            return false;
        for (int i = 0; i < 256; ++i) {
            const char one = static_cast<char>(i);
            const bool in = lower == 'd'   ? one >= '0' && one <= '9'
                            : lower == 'w' ? is_word(one)
                                           : one == ' ' || (one >= '\t' && one <= '\r' && one != '\v');
            if (in == (c == lower))
                set.add(static_cast<unsigned char>(i));
        }
        return true;
    }

    void escape() {
        if (!more())
            return fail("trailing backslash at end of expression", {});
        const char c = pattern_[at_++];
        Set set;
        if (c == 'A') {
            emit(Op::begin);
        } else if (c == 'z') {
            emit(Op::end);
        } else if (c == 'b' || c == 'B') {
            emit(c == 'b' ? Op::word_edge : Op::not_word_edge);
        } else if (class_of(c, set)) {
            emit_set(set);
        } else if (is_word(c) && c != '_' && c != 't' && c != 'n') {
            fail("invalid escape sequence", cat("\\", c));
        } else {
            set.add(static_cast<unsigned char>(c == 't' ? '\t' : c == 'n' ? '\n' : c));
            emit_set(set);
        }
    }

    void bracket() {
        const auto start = at_++;
        const bool negated = take("^");
        Set set;
        for (bool first = true;; first = false) {
            if (!more())
                return fail("missing closing ]", pattern_.substr(start));
            char low = pattern_[at_++];
            if (low == ']' && !first)
                break;
            if (low == '[' && more() && peek() == ':') {
                const auto close = pattern_.find(":]", at_);
                if (close != std::string_view::npos && named_class(pattern_.substr(at_ + 1, close - at_ - 1), set)) {
                    at_ = close + 2;
                    continue;
                }
            }
            if (low == '\\' && more()) {
                low = pattern_[at_++];
                if (class_of(low, set))
                    continue;
            }
            char high = low;
            if (at_ + 1 < pattern_.size() && peek() == '-' && pattern_[at_ + 1] != ']') {
                ++at_;
                high = pattern_[at_++];
                if (high == '\\' && more())
                    high = pattern_[at_++];
                if (static_cast<unsigned char>(high) < static_cast<unsigned char>(low))
                    return fail("invalid character class range", cat(low, "-", high));
            }
            for (int i = static_cast<unsigned char>(low); i <= static_cast<unsigned char>(high); ++i)
                set.add(static_cast<unsigned char>(i));
        }
        if (negated)
            for (auto& word : set.bits)
                word = ~word;
        emit_set(set);
    }

    static bool named_class(std::string_view name, Set& set) {
        for (int i = 0; i < 128; ++i) {
            const char c = static_cast<char>(i);
            const bool digit = c >= '0' && c <= '9';
            const bool lower = c >= 'a' && c <= 'z';
            const bool upper = c >= 'A' && c <= 'Z';
            bool in = false;
            if (name == "alnum")
                in = digit || lower || upper;
            else if (name == "alpha")
                in = lower || upper;
            else if (name == "digit")
                in = digit;
            else if (name == "lower")
                in = lower;
            else if (name == "upper")
                in = upper;
            else if (name == "xdigit")
                in = digit || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
            else
                return false;
            if (in)
                set.add(static_cast<unsigned char>(i));
        }
        return true;
    }

    std::string_view pattern_;
    Regex& regex_;
    std::size_t at_ = 0;
    std::size_t group_count_ = 0;
    int depth_ = 0;    // of groups
    int repeats_ = 1;  // how often the innermost part of what was read last is written
    bool reuse_names_ = false;
    bool ignore_case_ = false;
    std::string error_;
};

Result<Regex> Regex::compile(std::string_view pattern) {
    Regex regex;
    regex.pattern_ = pattern;
    if (auto done = Compiler(pattern, regex).compile(); !done)
        return done.error();
    return regex;
}

// Depth first with a note of every (instruction, position) seen: no state is tried twice, not even from another beginning.
bool Regex::run(std::string_view text, std::size_t from, std::vector<bool>& seen, std::vector<std::size_t>& slots) const {
    struct Job {
        std::uint32_t pc;
        std::size_t at;
        std::size_t slot;      // unset: go on at pc; else restore `old` there
        std::size_t old;
    };
    const std::size_t width = text.size() + 1;
    std::vector<Job> jobs = {{0, from, unset, 0}};
    while (!jobs.empty()) {
        const Job job = jobs.back();
        jobs.pop_back();
        if (job.slot != unset) {
            slots[job.slot] = job.old;
            continue;
        }
        std::uint32_t pc = job.pc;
        std::size_t at = job.at;
        for (bool alive = true; alive;) {
            const std::size_t state = pc * width + at;
            if (seen[state])
                break;
            seen[state] = true;
            const auto& now = program_[pc];
            const auto edge = [&] {
                return (at > 0 && is_word(text[at - 1])) != (at < text.size() && is_word(text[at]));
            };
            switch (now.op) {
            case Op::set:
                alive = at < text.size() && sets_[now.a].has(static_cast<unsigned char>(text[at]));
                ++at;
                ++pc;
                break;
            case Op::split:
                jobs.push_back({now.b, at, unset, 0});
                pc = now.a;
                break;
            case Op::jump: pc = now.a; break;
            case Op::save:
                jobs.push_back({0, 0, now.a, slots[now.a]});
                slots[now.a] = at;
                ++pc;
                break;
            case Op::begin: alive = at == 0; ++pc; break;
            case Op::end: alive = at == text.size(); ++pc; break;
            case Op::word_edge: alive = edge(); ++pc; break;
            case Op::not_word_edge: alive = !edge(); ++pc; break;
            case Op::match: return true;
            }
        }
    }
    return false;
}

std::optional<std::vector<std::string>> Regex::find(std::string_view text) const {
    std::vector<bool> seen(program_.size() * (text.size() + 1));
    std::vector<std::size_t> slots(names_.size() * 2, unset);
    for (std::size_t from = 0; from <= text.size(); ++from) {
        if (!run(text, from, seen, slots))
            continue;
        std::vector<std::string> groups;
        for (std::size_t i = 0; i < slots.size(); i += 2)
            groups.emplace_back(slots[i] == unset || slots[i + 1] == unset
                                    ? std::string_view()
                                    : text.substr(slots[i], slots[i + 1] - slots[i]));
        return groups;
    }
    return std::nullopt;
}

}  // namespace kubewalk::addons::coredns
