#include "core/shell/arithmetic.h"

#include "core/base/text.h"

namespace kubewalk::shell {

namespace {

// Deeper nesting is nobody's script.
constexpr int deepest = 64;

class Expression {
public:
    Expression(std::string_view text, const std::function<std::string(std::string_view)>& variable) : text_(text), variable_(variable) {}

    std::optional<std::int64_t> whole() {
        const auto value = either();
        skip_blanks();
        return failed_ || at_ != text_.size() ? std::nullopt : std::optional(value);
    }

private:
    void skip_blanks() {
        while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n'))
            ++at_;
    }
    bool take(std::string_view operation) {
        skip_blanks();
        if (text_.substr(at_, operation.size()) != operation)
            return false;
        at_ += operation.size();
        return true;
    }
    // Numbers wrap around as the machine's do.
    static std::int64_t wrapped(std::uint64_t number) { return static_cast<std::int64_t>(number); }

    std::int64_t either() {
        auto value = both();
        while (take("||")) {
            const auto right = both();
            value = value != 0 || right != 0 ? 1 : 0;
        }
        return value;
    }
    std::int64_t both() {
        auto value = comparison();
        while (take("&&")) {
            const auto right = comparison();
            value = value != 0 && right != 0 ? 1 : 0;
        }
        return value;
    }
    std::int64_t comparison() {
        auto value = sum();
        while (!failed_) {
            if (take("<="))
                value = value <= sum() ? 1 : 0;
            else if (take(">="))
                value = value >= sum() ? 1 : 0;
            else if (take("=="))
                value = value == sum() ? 1 : 0;
            else if (take("!="))
                value = value != sum() ? 1 : 0;
            else if (take("<"))
                value = value < sum() ? 1 : 0;
            else if (take(">"))
                value = value > sum() ? 1 : 0;
            else
                break;
        }
        return value;
    }
    std::int64_t sum() {
        auto value = product();
        while (!failed_) {
            if (take("+"))
                value = wrapped(static_cast<std::uint64_t>(value) + static_cast<std::uint64_t>(product()));
            else if (take("-"))
                value = wrapped(static_cast<std::uint64_t>(value) - static_cast<std::uint64_t>(product()));
            else
                break;
        }
        return value;
    }
    std::int64_t product() {
        auto value = unary();
        while (!failed_) {
            if (take("*")) {
                value = wrapped(static_cast<std::uint64_t>(value) * static_cast<std::uint64_t>(unary()));
                continue;
            }
            const bool divides = take("/");
            if (!divides && !take("%"))
                break;
            const auto by = unary();
            if (by == 0 || by == -1) {
                failed_ = failed_ || by == 0;
                value = divides ? wrapped(0 - static_cast<std::uint64_t>(value)) : 0;
            } else {
                value = divides ? value / by : value % by;
            }
        }
        return value;
    }
    std::int64_t unary() {
        if (++depth_ > deepest)
            failed_ = true;
        std::int64_t value = 0;
        if (failed_)
            value = 0;
        else if (take("-"))
            value = wrapped(0 - static_cast<std::uint64_t>(unary()));
        else if (take("+"))
            value = unary();
        else if (take("!"))
            value = unary() == 0 ? 1 : 0;
        else
            value = atom();
        --depth_;
        return value;
    }
    std::int64_t atom() {
        if (take("(")) {
            const auto value = either();
            failed_ = failed_ || !take(")");
            return value;
        }
        const auto is_part = [](char c) {
            return c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        };
        skip_blanks();
        const std::size_t begin = at_;
        while (at_ < text_.size() && is_part(text_[at_]))
            ++at_;
        const auto word = text_.substr(begin, at_ - begin);
        if (word.empty()) {
            failed_ = true;
            return 0;
        }
        if (word[0] >= '0' && word[0] <= '9') {
            const auto number = parse_int(word);
            failed_ = failed_ || !number;
            return number.value_or(0);
        }
        return parse_int(variable_(word)).value_or(0);
    }

    std::string_view text_;
    const std::function<std::string(std::string_view)>& variable_;
    std::size_t at_ = 0;
    int depth_ = 0;
    bool failed_ = false;
};

}  // namespace

std::optional<std::int64_t> evaluate_arithmetic(std::string_view text, const std::function<std::string(std::string_view)>& variable) {
    return Expression(text, variable).whole();
}

}  // namespace kubewalk::shell
