// Method: Russ Cox, "Regular Expression Matching: the Virtual Machine Approach" (a backtracking machine that
// never visits one instruction twice at one place of the text).

#include "core/base/regex.h"

#include <algorithm>

#include "core/base/text.h"

namespace kubewalk {

namespace {

constexpr int unlimited = -1;
constexpr int most_repeats = 1000;          // as RE2
constexpr std::size_t most_instructions = 20'000;
constexpr int deepest_nesting = 200;

bool is_word_byte(unsigned char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

}  // namespace

class RegexCompiler {
public:
    RegexCompiler(std::string_view pattern, Regex::Case letters) : text_(pattern), letters_(letters) {}

    Result<Regex> run() {
        if (text_.substr(0, 4) == "(?i)") {
            letters_ = Regex::Case::insensitive;
            at_ = 4;
        }
        const Node node = alternatives(0);
        if (error_.empty() && at_ < text_.size())
            fail("unexpected )");
        emit_one(Regex::Op::save, 0);
        emit(node);
        emit_one(Regex::Op::save, 1);
        emit_one(Regex::Op::match);
        if (!error_.empty())
            return Error{"BadRegex", cat("error parsing regexp: ", error_), {}, 0, 0};
        return std::move(out_);
    }

private:
    using Set = Regex::Set;
    struct Node {
        enum class Kind : std::uint8_t { empty, set, sequence, either, repeat, group, assertion } kind = Kind::empty;
        std::vector<Node> children;
        std::uint32_t number = 0;  // set: its index; group: 1, 2, ...
        Regex::Op assertion = Regex::Op::begin;
        int least = 0;
        int most = unlimited;
        bool greedy = true;
        int repeats = 1;  // how often the innermost part is written
    };

    // -- reading the pattern ---------------------------------------------------------------------
    bool more() const { return error_.empty() && at_ < text_.size(); }
    char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
    bool take(char c) {
        if (!more() || text_[at_] != c)
            return false;
        ++at_;
        return true;
    }
    bool take(std::string_view piece) {
        if (text_.substr(at_, piece.size()) != piece)
            return false;
        at_ += piece.size();
        return true;
    }
    void fail(std::string_view why) {
        if (error_.empty())
            error_ = cat(why, ": `", text_, "`");
    }

    Node alternatives(int depth) {
        Node either;
        either.kind = Node::Kind::either;
        if (depth > deepest_nesting)
            fail("expression nests too deeply");
        do {
            either.children.push_back(sequence(depth));
            either.repeats = std::max(either.repeats, either.children.back().repeats);
        } while (take('|'));
        if (either.children.size() == 1)
            return std::move(either.children.front());
        return either;
    }

    Node sequence(int depth) {
        Node all;
        all.kind = Node::Kind::sequence;
        while (more() && peek() != '|' && peek() != ')')
            all.repeats = std::max(all.repeats, all.children.emplace_back(repeated(depth)).repeats);
        return all;
    }

    Node repeated(int depth) {
        Node node = atom(depth);
        while (more()) {
            int least = 0, most = unlimited;
            if (take('*')) {
            } else if (take('+')) {
                least = 1;
            } else if (take('?')) {
                most = 1;
            } else if (!counted(least, most)) {
                break;
            }
            if (++depth > deepest_nesting)
                fail("expression nests too deeply");
            Node around;
            around.kind = Node::Kind::repeat;
            around.least = least;
            around.most = most;
            around.greedy = !take('?');
            // Repetitions of repetitions multiply, though what they repeat need not make a single instruction (Go: repeatIsValid).
            around.repeats = std::max({least, most, 1}) * node.repeats;
            if (std::max(least, most) >= 2 && around.repeats > most_repeats)
                fail("invalid repeat count");
            around.children.push_back(std::move(node));
            node = std::move(around);
        }
        return node;
    }

    // "{2}", "{2,}", "{2,5}"; anything else is an ordinary brace.
    bool counted(int& least, int& most) {
        const auto close = text_.find('}', at_);
        if (peek() != '{' || close == std::string_view::npos)
            return false;
        const auto inside = text_.substr(at_ + 1, close - at_ - 1);
        const auto comma = inside.find(',');
        const auto low = parse_int(inside.substr(0, comma));
        if (!low || *low < 0 || inside[0] == '+')
            return false;
        std::optional<std::int64_t> high = low;
        if (comma != std::string_view::npos && comma + 1 == inside.size())
            high = unlimited;
        else if (comma != std::string_view::npos)
            high = parse_int(inside.substr(comma + 1));
        if (!high)
            return false;
        if (*low > most_repeats || *high > most_repeats || (*high != unlimited && *high < *low))
            fail("invalid repeat count");
        at_ = close + 1;
        least = static_cast<int>(*low);
        most = static_cast<int>(*high);
        return true;
    }

    Node atom(int depth) {
        const char c = text_[at_];
        if (c == '(')
            return group(depth);
        ++at_;
        switch (c) {
        case '^': return assertion(Regex::Op::begin);
        case '$': return assertion(Regex::Op::end);
        case '.': return set_node(not_of(of_byte('\n')));
        case '[': return set_node(bracket());
        case '\\': return escape();
        case '*':
        case '+':
        case '?': fail("missing argument to repetition operator"); return {};
        default: return set_node(of_byte(static_cast<unsigned char>(c)));
        }
    }

    Node group(int depth) {
        ++at_;
        Node node;
        std::string name;
        bool capturing = true;
        if (take("?:")) {
            capturing = false;
        } else if (take("?P<") || (text_.substr(at_, 3) != "?<=" && text_.substr(at_, 3) != "?<!" && take("?<"))) {
            const auto close = text_.find('>', at_);
            if (close == std::string_view::npos)
                fail("invalid named capture");
            else
                name = text_.substr(at_, close - at_);
            at_ = close == std::string_view::npos ? text_.size() : close + 1;
        } else if (peek() == '?') {
            fail("invalid or unsupported Perl syntax");
        }
        if (capturing) {
            out_.names_.push_back(name);
            node.kind = Node::Kind::group;
            node.number = static_cast<std::uint32_t>(out_.names_.size());
            node.children.push_back(alternatives(depth + 1));
            node.repeats = node.children.back().repeats;
        } else {
            node = alternatives(depth + 1);
        }
        if (!take(')'))
            fail("missing closing )");
        return node;
    }

    Node escape() {
        if (!more()) {
            fail("trailing backslash at end of expression");
            return {};
        }
        const char c = text_[at_++];
        if (c == 'b' || c == 'B')
            return assertion(c == 'b' ? Regex::Op::word : Regex::Op::not_word);
        if (c == 'A' || c == 'z')
            return assertion(c == 'A' ? Regex::Op::begin : Regex::Op::end);
        return set_node(escaped_set(c));
    }

    // \d \w \s and their opposites, \t \n \r, or the character itself.
    static Set escaped_set(char c) {
        Set set{};
        for (int byte = 0; byte < 256; ++byte) {
            const auto b = static_cast<unsigned char>(byte);
            const bool digit = b >= '0' && b <= '9';
            const bool blank = b == ' ' || (b >= '\t' && b <= '\r');
            const bool in = c == 'd' ? digit : c == 'D' ? !digit : c == 'w' ? is_word_byte(b) : c == 'W' ? !is_word_byte(b)
                          : c == 's' ? blank : c == 'S' ? !blank : c == 't' ? b == '\t' : c == 'n' ? b == '\n'
                          : c == 'r' ? b == '\r' : b == static_cast<unsigned char>(c);
            if (in)
                add(set, b);
        }
        return set;
    }

    Set bracket() {
        const bool negated = take('^');
        Set set{};
        for (bool first = true; more() && (first || peek() != ']'); first = false) {
            if (take("[:")) {
                named_class(set);
                continue;
            }
            Set low = one_of_bracket();
            const bool range = peek() == '-' && at_ + 1 < text_.size() && text_[at_ + 1] != ']';
            if (!range) {
                merge(set, low);
                continue;
            }
            ++at_;
            const Set high = one_of_bracket();
            const int from = only_byte(low), to = only_byte(high);
            if (from < 0 || to < from)
                fail("invalid character class range");
            for (int byte = from; error_.empty() && byte <= to; ++byte)
                add(set, static_cast<unsigned char>(byte));
        }
        if (!take(']'))
            fail("missing closing ]");
        if (letters_ == Regex::Case::insensitive)
            both_cases(set);
        return negated ? not_of(set) : set;
    }

    Set one_of_bracket() {
        const char c = peek();
        ++at_;
        if (c != '\\') {
            Set set{};  // letter case comes in when the brackets close
            add(set, static_cast<unsigned char>(c));
            return set;
        }
        if (!more()) {
            fail("trailing backslash at end of expression");
            return {};
        }
        return escaped_set(text_[at_++]);
    }

    void named_class(Set& set) {
        const auto close = text_.find(":]", at_);
        const auto name = text_.substr(at_, close == std::string_view::npos ? 0 : close - at_);
        struct Named {
            std::string_view name;
            std::string_view ranges;  // pairs of first and last
        };
        static constexpr Named table[] = {{"alpha", "azAZ"},  {"digit", "09"},       {"alnum", "azAZ09"}, {"lower", "az"},
                                          {"upper", "AZ"},    {"xdigit", "09afAF"}, {"space", "\t\r  "},  {"word", "azAZ09__"}};
        for (const auto& named : table) {
            if (named.name != name)
                continue;
            for (std::size_t i = 0; i + 1 < named.ranges.size(); i += 2)
                for (int byte = named.ranges[i]; byte <= named.ranges[i + 1]; ++byte)
                    add(set, static_cast<unsigned char>(byte));
            at_ = close + 2;
            return;
        }
        fail("invalid character class range");
    }

    // -- sets of bytes -----------------------------------------------------------------------------
    static void add(Set& set, unsigned char byte) { set[byte >> 6] |= std::uint64_t{1} << (byte & 63); }
    static bool has(const Set& set, unsigned char byte) { return (set[byte >> 6] >> (byte & 63) & 1) != 0; }
    static void merge(Set& set, const Set& more) {
        for (std::size_t i = 0; i < set.size(); ++i)
            set[i] |= more[i];
    }
    static Set not_of(Set set) {
        for (auto& part : set)
            part = ~part;
        return set;
    }
    static int only_byte(const Set& set) {
        int found = -1;
        for (int byte = 0; byte < 256; ++byte)
            if (has(set, static_cast<unsigned char>(byte)))
                found = found == -1 ? byte : 256;
        return found == 256 ? -1 : found;
    }
    static void both_cases(Set& set) {
        for (unsigned char c = 'a'; c <= 'z'; ++c) {
            const auto upper = static_cast<unsigned char>(c - 'a' + 'A');
            if (has(set, c) || has(set, upper)) {
                add(set, c);
                add(set, upper);
            }
        }
    }
    Set of_byte(unsigned char byte) const {
        Set set{};
        add(set, byte);
        if (letters_ == Regex::Case::insensitive)
            both_cases(set);
        return set;
    }

    Node set_node(Set set) {
        Node node;
        node.kind = Node::Kind::set;
        node.number = static_cast<std::uint32_t>(out_.sets_.size());
        out_.sets_.push_back(set);
        return node;
    }
    static Node assertion(Regex::Op op) {
        Node node;
        node.kind = Node::Kind::assertion;
        node.assertion = op;
        return node;
    }

    // -- writing the program -------------------------------------------------------------------------
    std::uint32_t here() const { return static_cast<std::uint32_t>(out_.program_.size()); }
    std::uint32_t emit_one(Regex::Op op, std::uint32_t x = 0, std::uint32_t y = 0) {
        if (out_.program_.size() >= most_instructions)
            fail("expression too large");
        else
            out_.program_.push_back({op, x, y});
        return here() - 1;
    }

    void emit(const Node& node) {
        if (!error_.empty())
            return;
        switch (node.kind) {
        case Node::Kind::empty: break;
        case Node::Kind::set: emit_one(Regex::Op::set, node.number); break;
        case Node::Kind::assertion: emit_one(node.assertion); break;
        case Node::Kind::sequence:
            for (const auto& child : node.children)
                emit(child);
            break;
        case Node::Kind::group:
            emit_one(Regex::Op::save, 2 * node.number);
            emit(node.children.front());
            emit_one(Regex::Op::save, 2 * node.number + 1);
            break;
        case Node::Kind::either: emit_either(node); break;
        case Node::Kind::repeat: emit_repeat(node); break;
        }
    }

    void emit_either(const Node& node) {
        std::vector<std::uint32_t> jumps;
        for (std::size_t i = 0; i < node.children.size(); ++i) {
            const bool last = i + 1 == node.children.size();
            const auto split = last ? 0 : emit_one(Regex::Op::split, here() + 1);
            emit(node.children[i]);
            if (last)
                break;
            jumps.push_back(emit_one(Regex::Op::jump));
            out_.program_[split].y = here();
        }
        for (const auto jump : jumps)
            out_.program_[jump].x = here();
    }

    // A split that prefers the loop (or, lazily, its end).
    void aim(std::uint32_t split, std::uint32_t loop, std::uint32_t end, bool greedy) {
        out_.program_[split].x = greedy ? loop : end;
        out_.program_[split].y = greedy ? end : loop;
    }

    void emit_repeat(const Node& node) {
        const Node& child = node.children.front();
        for (int i = 0; i < node.least; ++i)
            emit(child);
        if (node.most == unlimited) {
            const auto split = emit_one(Regex::Op::split);
            emit(child);
            emit_one(Regex::Op::jump, split);
            if (error_.empty())
                aim(split, split + 1, here(), node.greedy);
            return;
        }
        std::vector<std::uint32_t> splits;
        for (int i = node.least; i < node.most; ++i) {
            splits.push_back(emit_one(Regex::Op::split));
            emit(child);
        }
        for (const auto split : splits)
            if (error_.empty())
                aim(split, split + 1, here(), node.greedy);
    }

    std::string_view text_;
    Regex::Case letters_;
    std::size_t at_ = 0;
    std::string error_;
    Regex out_;
};

Result<Regex> Regex::compile(std::string_view pattern, Case letters) { return RegexCompiler(pattern, letters).run(); }

std::size_t Regex::group_named(std::string_view name) const {
    for (std::size_t i = 0; i < names_.size(); ++i)
        if (names_[i] == name)
            return i + 1;
    return 0;
}

std::optional<Regex::Groups> Regex::search(std::string_view text) const {
    constexpr std::size_t nowhere = std::string_view::npos;
    struct Job {
        std::uint32_t pc;      // or, to restore: the slot
        std::size_t at;        // or what it held
        bool restores;
    };
    std::vector<std::size_t> slots(2 * (names_.size() + 1), nowhere);
    std::vector<bool> visited(program_.size() * (text.size() + 1));
    std::vector<Job> jobs;
    const auto word_at = [text](std::size_t at) { return at < text.size() && is_word_byte(static_cast<unsigned char>(text[at])); };
    for (std::size_t start = 0; start <= text.size(); ++start) {
        jobs.push_back({0, start, false});
        while (!jobs.empty()) {
            const Job job = jobs.back();
            jobs.pop_back();
            if (job.restores) {
                slots[job.pc] = job.at;
                continue;
            }
            auto pc = job.pc;
            auto at = job.at;
            for (bool alive = true; alive;) {
                const auto key = pc * (text.size() + 1) + at;
                if (visited[key])
                    break;
                visited[key] = true;
                const Instruction& now = program_[pc++];
                const bool boundary = word_at(at) != (at > 0 && word_at(at - 1));
                switch (now.op) {
                case Op::set: {
                    const auto byte = at < text.size() ? static_cast<unsigned char>(text[at]) : 0;
                    alive = at < text.size() && (sets_[now.x][byte >> 6] >> (byte & 63) & 1) != 0;
                    ++at;
                    break;
                }
                case Op::split:
                    jobs.push_back({now.y, at, false});
                    pc = now.x;
                    break;
                case Op::jump: pc = now.x; break;
                case Op::save:
                    jobs.push_back({now.x, slots[now.x], true});
                    slots[now.x] = at;
                    break;
                case Op::begin: alive = at == 0; break;
                case Op::end: alive = at == text.size(); break;
                case Op::word: alive = boundary; break;
                case Op::not_word: alive = !boundary; break;
                case Op::match: {
                    Groups groups;
                    for (std::size_t i = 0; i + 1 < slots.size(); i += 2)
                        groups.push_back(slots[i] == nowhere || slots[i + 1] == nowhere
                                             ? std::string_view()
                                             : text.substr(slots[i], slots[i + 1] - slots[i]));
                    return groups;
                }
                }
            }
        }
    }
    return std::nullopt;
}

}  // namespace kubewalk
