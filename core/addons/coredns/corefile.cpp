#include "core/addons/coredns/corefile.h"

#include "core/base/text.h"

namespace kubewalk::addons::coredns {

namespace {

struct Token {
    std::string text;
    int line = 0;
};

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\v' || c == '\f'; }

std::vector<Token> tokens_of(std::string_view text) {
    std::vector<Token> tokens;
    int line = 1;
    for (std::size_t i = 0; i < text.size();) {
        if (is_space(text[i])) {
            line += text[i] == '\n' ? 1 : 0;
            ++i;
        } else if (text[i] == '#') {
            while (i < text.size() && text[i] != '\n')
                ++i;
        } else if (text[i] == '"') {
            Token token{{}, line};
            for (++i; i < text.size() && text[i] != '"'; ++i) {
                if (text[i] == '\\' && i + 1 < text.size() && text[i + 1] == '"')
                    ++i;
                line += text[i] == '\n' ? 1 : 0;
                token.text.push_back(text[i]);
            }
            ++i;
            tokens.push_back(std::move(token));
        } else {
            Token token{{}, line};
            while (i < text.size() && !is_space(text[i]) && text[i] != '#')
                token.text.push_back(text[i++]);
            tokens.push_back(std::move(token));
        }
    }
    return tokens;
}

class Parser {
public:
    Parser(std::string_view text, std::string path, bool (*known)(std::string_view))
        : tokens_(tokens_of(text)), known_(known) {
        file_.path = std::move(path);
    }

    Result<Corefile> parse() {
        while (at_ < tokens_.size()) {
            auto block = server_block();
            if (!block)
                return block.error();
            file_.blocks.push_back(block.take());
        }
        return std::move(file_);
    }

private:
    bool end() const { return at_ >= tokens_.size(); }
    const Token& token() const { return tokens_[at_]; }
    int last_line() const { return tokens_.empty() ? 0 : tokens_[std::min(at_, tokens_.size() - 1)].line; }
    Error error(std::string_view message) const { return corefile_error(file_.path, last_line(), message); }
    Error syntax_error(std::string_view found, std::string_view expected) const {
        return {"ParseError",
                cat(file_.path, ":", last_line(), " - Syntax error: Unexpected token '", found, "', expecting '",
                    expected, "'"),
                {}, last_line(), 0};
    }

    Result<ServerBlock> server_block() {
        ServerBlock block;
        for (bool comma = true; !end() && token().text != "{"; ++at_) {
            const int line = token().line;
            if (!block.keys.empty() && !comma && tokens_[at_ - 1].line != line)
                return syntax_error(token().text, "{");
            std::string key = token().text;
            comma = key.back() == ',';
            if (comma)
                key.pop_back();
            if (!key.empty())
                block.keys.push_back(std::move(key));
        }
        if (end())
            return error("Unexpected EOF");
        ++at_;
        while (true) {
            if (end())
                return error("Unexpected EOF");
            if (token().text == "}")
                break;
            auto directive = this->directive();
            if (!directive)
                return directive.error();
            block.directives.push_back(directive.take());
        }
        ++at_;
        return block;
    }

    Result<Directive> directive() {
        Directive directive;
        directive.name = token().text;
        directive.line = token().line;
        if (!known_(directive.name))
            return error(cat("Unknown directive '", directive.name, "'"));
        for (++at_; !end() && token().line == directive.line && token().text != "{"; ++at_)
            directive.args.push_back(token().text);
        if (end() || token().text != "{" || token().line != directive.line)
            return directive;
        ++at_;
        while (!end() && token().text != "}") {
            Property property{token().text, {}, token().line};
            for (++at_; !end() && token().line == property.line; ++at_)
                property.args.push_back(token().text);
            directive.block.push_back(std::move(property));
        }
        if (end())
            return error("Unexpected EOF");
        ++at_;
        return directive;
    }

    std::vector<Token> tokens_;
    std::size_t at_ = 0;
    bool (*known_)(std::string_view);
    Corefile file_;
};

}  // namespace

Result<Corefile> parse_corefile(std::string_view text, std::string path, bool (*known)(std::string_view)) {
    return Parser(text, std::move(path), known).parse();
}

Error corefile_error(std::string_view path, int line, std::string_view message) {
    return {"ParseError", cat(path, ":", line, " - Error during parsing: ", message), {}, line, 0};
}

Error argument_error(std::string_view path, int line, std::string_view after) {
    return corefile_error(path, line, cat("Wrong argument count or unexpected line ending after '", after, "'"));
}

}  // namespace kubewalk::addons::coredns
