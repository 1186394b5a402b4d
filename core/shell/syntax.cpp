#include "core/shell/syntax.h"

#include <algorithm>
#include <optional>

#include "core/base/text.h"

namespace kubewalk::shell {

namespace {

struct Token {
    enum class Kind : unsigned char { word, operation, end } kind = Kind::end;
    std::string text;  // a raw word, or ";" "&&" "||" "|" "\n" "(" ")" "<" ">" ">>" ">&"
    int descriptor = -1;
};

class Lexer {
public:
    explicit Lexer(std::string_view text) : text_(text) {}

    Result<std::vector<Token>> tokens() {
        std::vector<Token> out;
        while (skip_blanks()) {
            if (auto operation = this->operation()) {
                const std::string text = operation->text;
                out.push_back(std::move(*operation));
                if (text == "<<" || text == "<<-") {
                    out.back().text = "<<";
                    skip_blanks();
                    auto mark = word();
                    if (!mark)
                        return mark.error();
                    out.push_back({Token::Kind::word, {}, -1});
                    documents_.push_back({out.size() - 1, mark.take(), text == "<<-"});
                } else if (text == "\n") {
                    if (auto error = read_documents(out))
                        return *error;
                }
                continue;
            }
            auto word = this->word();
            if (!word)
                return word.error();
            const char next = at_ < text_.size() ? text_[at_] : '\0';
            const bool number = word.value().size() == 1 && word.value()[0] >= '0' && word.value()[0] <= '9';
            if (number && (next == '<' || next == '>')) {
                auto redirection = *operation_at();
                redirection.descriptor = word.value()[0] - '0';
                out.push_back(std::move(redirection));
            } else {
                out.push_back({Token::Kind::word, word.take(), -1});
            }
        }
        if (!documents_.empty())
            return Error{"ParseError", "syntax error: unexpected end of file", {}, 0, 0};
        out.push_back({});
        return out;
    }

private:
    // A here-document whose lines come after the end of this one.
    struct Document {
        std::size_t token;
        std::string mark;
        bool without_tabs;
    };

    // A here-document's lines as a word in double quotes. A quotation mark means nothing there, but one inside $(...) is the
    // command's own.
    static std::string in_double_quotes(std::string_view body) {
        std::string out = "\"";
        int depth = 0;
        bool command = false;  // between backquotes
        for (std::size_t i = 0; i < body.size(); ++i) {
            const char next = i + 1 < body.size() ? body[i + 1] : '\0';
            if (body[i] == '`')
                command = !command;
            else if (command)
                ;
            else if (body[i] == '$' && next == '(')
                ++depth;
            else if (body[i] == ')' && depth > 0 && out.back() != '$')
                --depth;
            else if (body[i] == '\\' && next == '"' && depth == 0)
                out += '\\';
            else if (body[i] == '\\' && next != '\0' && depth == 0)
                out += body[i++];
            else if (body[i] == '"' && depth == 0)
                out += '\\';
            else if (body[i] == '(' && depth > 0 && out.back() != '$')
                ++depth;
            out += body[i];
        }
        return out + '"';
    }

    // Its text becomes one word: in single quotes when the mark was quoted, in double ones otherwise.
    std::optional<Error> read_documents(std::vector<Token>& out) {
        for (auto& document : documents_) {
            const bool literal = document.mark.find_first_of("'\"\\") != std::string::npos;
            std::string mark;
            for (const char c : document.mark)
                if (c != '\'' && c != '"' && c != '\\')
                    mark += c;
            std::string body;
            bool ended = false;
            while (at_ < text_.size() && !ended) {
                const auto end = std::min(text_.find('\n', at_), text_.size());
                auto line = text_.substr(at_, end - at_);
                at_ = std::min(end + 1, text_.size());
                while (document.without_tabs && line.starts_with('\t'))
                    line.remove_prefix(1);
                ended = line == mark;
                if (!ended)
                    append(body, line, "\n");
            }
            if (!ended)
                return Error{"ParseError", "syntax error: unexpected end of file", {}, 0, 0};
            out[document.token].text = literal ? cat("'", replace_all(body, "'", "'\\''"), "'") : in_double_quotes(body);
        }
        documents_.clear();
        return std::nullopt;
    }

    bool skip_blanks() {
        while (at_ < text_.size()) {
            if (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\r')
                ++at_;
            else if (text_[at_] == '\\' && at_ + 1 < text_.size() && text_[at_ + 1] == '\n')
                at_ += 2;
            else if (text_[at_] == '#')
                at_ = std::min(text_.find('\n', at_), text_.size());
            else
                return true;
        }
        return false;
    }

    std::optional<Token> operation_at() {
        for (std::string_view candidate : {"&&", "||", "<<<", "<<-", "<<", ">>", ">&", "&>", ";;", ";", "|", "\n", "(", ")", "<", ">", "&"}) {
            if (text_.substr(at_, candidate.size()) == candidate) {
                at_ += candidate.size();
                return Token{Token::Kind::operation, std::string(candidate), -1};
            }
        }
        return std::nullopt;
    }
    std::optional<Token> operation() { return operation_at(); }

    Result<std::string> word() {
        const std::size_t begin = at_;
        constexpr std::string_view ends = " \t\r\n;&|<>()";
        while (at_ < text_.size() && ends.find(text_[at_]) == std::string_view::npos) {
            if (auto error = skip_piece())
                return *error;
        }
        return std::string(text_.substr(begin, at_ - begin));
    }

    std::optional<Error> skip_piece() {
        const char c = text_[at_];
        if (c == '\\') {
            at_ = std::min(at_ + 2, text_.size());
        } else if (c == '\'') {
            const auto end = text_.find('\'', at_ + 1);
            if (end == std::string_view::npos)
                return Error{"ParseError", "syntax error: unterminated quoted string", {}, 0, 0};
            at_ = end + 1;
        } else if (c == '"') {
            for (++at_; at_ < text_.size() && text_[at_] != '"';) {
                if (text_[at_] == '\\')
                    at_ = std::min(at_ + 2, text_.size());
                else if (text_.substr(at_, 2) == "$(")
                    skip_substitution();
                else
                    ++at_;
            }
            if (at_ >= text_.size())
                return Error{"ParseError", "syntax error: unterminated quoted string", {}, 0, 0};
            ++at_;
        } else if (c == '`') {
            at_ = std::min(text_.find('`', at_ + 1), text_.size() - 1) + 1;
        } else if (text_.substr(at_, 2) == "$(") {
            skip_substitution();
        } else if (text_.substr(at_, 2) == "${") {
            at_ = std::min(text_.find('}', at_), text_.size() - 1) + 1;
        } else {
            ++at_;
        }
        return std::nullopt;
    }

    void skip_substitution() {
        int depth = 0;
        for (++at_; at_ < text_.size(); ++at_) {
            depth += text_[at_] == '(' ? 1 : text_[at_] == ')' ? -1 : 0;
            if (depth == 0) {
                ++at_;
                return;
            }
        }
    }

    std::string_view text_;
    std::size_t at_ = 0;
    std::vector<Document> documents_;
};

class Parser {
public:
    explicit Parser(std::vector<Token> tokens) : tokens_(std::move(tokens)) {}

    Result<Command> parse() {
        auto script = list({});
        if (incomplete_)
            return *incomplete_;
        if (script.ok() && token().kind != Token::Kind::end)
            return unexpected();
        return script;
    }

private:
    const Token& token() const { return tokens_[at_]; }
    bool is(std::string_view operation) const {
        return token().kind == Token::Kind::operation && token().text == operation;
    }
    bool is_word(std::string_view word) const { return token().kind == Token::Kind::word && token().text == word; }
    bool is_any_word(const std::vector<std::string_view>& words) const {
        return std::any_of(words.begin(), words.end(), [this](auto w) { return is_word(w); });
    }
    void skip_newlines() {
        while (is("\n"))
            ++at_;
    }
    Error unexpected() const {
        if (token().kind == Token::Kind::end)
            return {"ParseError", "syntax error: unexpected end of file", {}, 0, 0};
        return {"ParseError", cat("syntax error: unexpected ", token().text == "\n" ? std::string("newline")
                                                                                    : cat("\"", token().text, "\"")),
                {}, 0, 0};
    }

    // Until the end, a closing parenthesis or one of the words.
    Result<Command> list(const std::vector<std::string_view>& ends) {
        Command list;
        list.kind = Command::Kind::list;
        while (true) {
            while (is("\n") || is(";"))
                ++at_;
            if (token().kind == Token::Kind::end || is(")") || is(";;") || is_any_word(ends))
                return list;
            KUBEWALK_TRY(part, and_or());
            list.children.push_back(std::move(part));
            if (is("&"))  // in the background: nothing runs beside here, it runs to its end
                ++at_;
            else if (!is(";") && !is("\n") && !is(")") && !is(";;") && token().kind != Token::Kind::end && !is_any_word(ends))
                return unexpected();
        }
    }

    Result<Command> and_or() {
        Command command;
        command.kind = Command::Kind::and_or;
        std::string operation;
        while (true) {
            KUBEWALK_TRY(part, pipeline());
            command.children.push_back(std::move(part));
            command.operators.push_back(operation);
            if (!is("&&") && !is("||"))
                return command;
            operation = token().text;
            ++at_;
            skip_newlines();
        }
    }

    Result<Command> pipeline() {
        Command command;
        command.kind = Command::Kind::pipeline;
        if (is_word("!")) {
            command.negated = true;
            ++at_;
        }
        while (true) {
            KUBEWALK_TRY(part, this->command());
            command.children.push_back(std::move(part));
            if (!is("|"))
                return command;
            ++at_;
            skip_newlines();
        }
    }

    // Commands in commands: deeper than anybody writes, far less than the stack holds.
    Result<Command> command() {
        constexpr int deepest = 100;
        if (++depth_ > deepest)
            return Error{"ParseError", "syntax error: memory exhausted", {}, 0, 0};
        auto parsed = command_here();
        --depth_;
        return parsed;
    }

    Result<Command> command_here() {
        if (is("(") || is_word("{"))
            return group();
        if (is_word("if"))
            return if_command();
        if (is_word("for"))
            return for_command();
        if (is_word("while") || is_word("until"))
            return while_command();
        if (is_word("case"))
            return case_command();
        if (is_any_word({"then", "else", "elif", "fi", "do", "done", "esac", "}"}))
            return unexpected();  // the end of what never began
        return simple();
    }

    bool redirection(Command& command) {
        if (!is("<") && !is(">") && !is(">>") && !is(">&") && !is("&>") && !is("<<") && !is("<<<"))
            return false;
        Redirection redirection{token().descriptor, token().text, {}};
        if (redirection.descriptor < 0)
            redirection.descriptor = redirection.operation.starts_with("<") ? 0 : 1;
        ++at_;
        if (token().kind == Token::Kind::word) {
            redirection.target = token().text;
            ++at_;
        } else if (!incomplete_) {
            incomplete_ = unexpected();
        }
        if (redirection.operation == "&>") {
            command.redirections.push_back({1, ">", redirection.target});
            redirection = {2, ">&", "1"};
        }
        command.redirections.push_back(std::move(redirection));
        return true;
    }

    Result<Command> simple() {
        Command command;
        while (true) {
            if (token().kind == Token::Kind::word) {
                command.words.push_back(token().text);
                ++at_;
            } else if (!redirection(command)) {
                break;
            }
        }
        if (command.words.empty() && command.redirections.empty())
            return unexpected();
        return command;
    }

    // A list up to `end`, which is consumed.
    Result<Command> body(std::string_view end) {
        KUBEWALK_TRY(inner, list({end}));
        if (!is_word(end))
            return unexpected();
        ++at_;
        return inner;
    }

    Result<Command> group() {
        Command command;
        command.kind = Command::Kind::group;
        const bool parenthesis = is("(");
        ++at_;
        KUBEWALK_TRY(inner, list({"}"}));
        if (parenthesis ? !is(")") : !is_word("}"))
            return unexpected();
        ++at_;
        command.children.push_back(std::move(inner));
        while (redirection(command)) {
        }
        return command;
    }

    // children: condition, then, condition, then, ..., else.
    Result<Command> if_command() {
        Command command;
        command.kind = Command::Kind::if_;
        do {
            ++at_;
            KUBEWALK_TRY(condition, body("then"));
            KUBEWALK_TRY(then, list({"elif", "else", "fi"}));
            command.children.push_back(std::move(condition));
            command.children.push_back(std::move(then));
        } while (is_word("elif"));
        if (is_word("else")) {
            ++at_;
            KUBEWALK_TRY(otherwise, list({"fi"}));
            command.children.push_back(std::move(otherwise));
        }
        if (!is_word("fi"))
            return unexpected();
        ++at_;
        return command;
    }

    Result<Command> for_command() {
        Command command;
        command.kind = Command::Kind::for_;
        ++at_;
        if (token().kind != Token::Kind::word)
            return unexpected();
        command.words.push_back(token().text);
        ++at_;
        if (is_word("in"))
            for (++at_; token().kind == Token::Kind::word; ++at_)
                command.words.push_back(token().text);
        while (is(";") || is("\n"))
            ++at_;
        if (!is_word("do"))
            return unexpected();
        ++at_;
        KUBEWALK_TRY(inner, body("done"));
        command.children.push_back(std::move(inner));
        while (redirection(command)) {
        }
        return command;
    }

    Result<Command> while_command() {
        Command command;
        command.kind = Command::Kind::while_;
        command.negated = is_word("until");
        ++at_;
        KUBEWALK_TRY(condition, body("do"));
        KUBEWALK_TRY(inner, body("done"));
        command.children.push_back(std::move(condition));
        command.children.push_back(std::move(inner));
        while (redirection(command)) {
        }
        return command;
    }

    // case WORD in PATTERN | PATTERN) list ;; ... esac
    Result<Command> case_command() {
        Command command;
        command.kind = Command::Kind::case_;
        ++at_;
        if (token().kind != Token::Kind::word)
            return unexpected();
        command.words.push_back(token().text);
        ++at_;
        skip_newlines();
        if (!is_word("in"))
            return unexpected();
        ++at_;
        skip_newlines();
        while (!is_word("esac")) {
            if (is("("))
                ++at_;
            std::string patterns;
            while (token().kind == Token::Kind::word) {
                append(patterns, patterns.empty() ? "" : "|", token().text);
                ++at_;
                if (!is("|"))
                    break;
                ++at_;
            }
            if (patterns.empty() || !is(")"))
                return unexpected();
            ++at_;
            KUBEWALK_TRY(body, list({"esac"}));
            command.operators.push_back(std::move(patterns));
            command.children.push_back(std::move(body));
            if (is(";;"))
                ++at_;
            skip_newlines();
            if (token().kind == Token::Kind::end)
                return unexpected();
        }
        ++at_;
        while (redirection(command)) {
        }
        return command;
    }

    std::vector<Token> tokens_;
    std::size_t at_ = 0;
    int depth_ = 0;
    std::optional<Error> incomplete_;  // a redirection without its word
};

}  // namespace

Result<Command> parse_script(std::string_view script) {
    KUBEWALK_TRY(tokens, Lexer(script).tokens());
    return Parser(std::move(tokens)).parse();
}

}  // namespace kubewalk::shell
