#include "core/addons/coredns/corefile.h"

#include <algorithm>

#include "core/base/sha512.h"
#include "core/base/text.h"

namespace kubewalk::addons::coredns {

namespace {

struct Token {
    std::string text;
    int line = 0;
    std::string file{};  // of an import
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
            Token token{{}, line, {}};
            for (++i; i < text.size() && text[i] != '"'; ++i) {
                if (text[i] == '\\' && i + 1 < text.size() && text[i + 1] == '"')
                    ++i;
                line += text[i] == '\n' ? 1 : 0;
                token.text.push_back(text[i]);
            }
            ++i;
            tokens.push_back(std::move(token));
        } else {
            Token token{{}, line, {}};
            while (i < text.size() && !is_space(text[i]) && text[i] != '#')
                token.text.push_back(text[i++]);
            tokens.push_back(std::move(token));
        }
    }
    return tokens;
}

// A server block as Caddy groups it: each directive with all its tokens, its name first.
struct RawBlock {
    std::vector<std::string> keys;
    std::vector<std::vector<Token>> directives;
};

using Files = std::map<std::string, std::string>;

class Parser {
public:
    Parser(std::string_view text, std::string path, bool (*known)(std::string_view), const Files& files)
        : path_(std::move(path)), tokens_(tokens_of(text)), known_(known), files_(files) {}

    Result<std::vector<RawBlock>> parse() {
        std::vector<RawBlock> blocks;
        while (!end()) {
            RawBlock block;
            if (!addresses(block) || !contents(block))
                return error_;
            if (!block.keys.empty())
                blocks.push_back(std::move(block));
        }
        return blocks;
    }

private:
    static constexpr int most_imports = 1000;
    static constexpr std::size_t most_tokens = 100'000;

    bool end() const { return at_ >= tokens_.size(); }
    const Token& token() const { return tokens_[at_]; }
    bool first_of_line(std::size_t at) const {
        return at == 0 || tokens_[at - 1].file != tokens_[at].file || tokens_[at - 1].line != tokens_[at].line;
    }
    bool fail(std::string_view message) {
        const auto* last = tokens_.empty() ? nullptr : &tokens_[std::min(at_, tokens_.size() - 1)];
        error_ = corefile_error(last && !last->file.empty() ? last->file : path_, last ? last->line : 0, message);
        return false;
    }

    bool addresses(RawBlock& block) {
        bool another = false;
        while (true) {
            if (token().text == "import" && first_of_line(at_)) {
                if (!import())
                    return false;
                if (end())
                    return true;
                continue;
            }
            if (token().text == "{") {
                if (another)
                    return fail("Expected another address but had '{' - check for extra comma");
                return true;
            }
            std::string key = token().text;
            another = !key.empty() && key.back() == ',';
            if (another)
                key.pop_back();
            if (!key.empty())
                block.keys.push_back(std::move(key));
            ++at_;
            if (end())
                return another ? fail("Unexpected EOF") : true;
            if (!another && first_of_line(at_))
                return true;
        }
    }

    // Directives up to the closing brace; a lone block may do without braces.
    bool contents(RawBlock& block) {
        if (end())
            return true;
        const bool braces = token().text == "{";
        if (block.keys.size() == 1 && block.keys[0].front() == '(' && block.keys[0].back() == ')')
            return braces ? snippet(block) : syntax_error("{");
        at_ += braces ? 1 : 0;
        while (!end() && token().text != "}") {
            if (token().text == "import" ? !import() : !directive(block))
                return false;
        }
        if (braces && end())
            return syntax_error("}");
        at_ += end() ? 0 : 1;
        return true;
    }

    bool syntax_error(std::string_view expected) {
        const auto& last = tokens_[std::min(at_, tokens_.size() - 1)];
        error_ = {"ParseError",
                  cat(last.file.empty() ? path_ : last.file, ":", last.line, " - Syntax error: Unexpected token '",
                      last.text, "', expecting '", expected, "'"),
                  {}, last.line, 0};
        return false;
    }

    bool directive(RawBlock& block) {
        const auto& name = token().text;
        if (known_ && !known_(name))
            return fail(cat("Unknown directive '", name, "'"));
        std::vector<Token> run = {token()};
        int nesting = 0;
        for (++at_; !end();) {
            if (token().text == "{") {
                ++nesting;
            } else if (first_of_line(at_) && nesting == 0) {
                break;
            } else if (token().text == "}") {
                if (nesting == 0)
                    return fail("Unexpected '}' because no matching opening brace");
                --nesting;
            } else if (token().text == "import" && first_of_line(at_)) {
                if (!import())
                    return false;
                continue;
            }
            run.push_back(token());
            ++at_;
        }
        if (nesting > 0)
            return fail("Unexpected EOF");
        block.directives.push_back(std::move(run));
        return true;
    }

    // "(name) { ... }": kept for `import name`.
    bool snippet(RawBlock& block) {
        const auto name = block.keys[0].substr(1, block.keys[0].size() - 2);
        if (snippets_.count(name) > 0)
            return fail(cat("redeclaration of previously declared snippet ", name));
        std::vector<Token> body;
        int depth = 1;
        for (++at_; !end(); ++at_) {
            depth += token().text == "{" ? 1 : token().text == "}" ? -1 : 0;
            if (depth == 0)
                break;
            body.push_back(token());
        }
        if (depth != 0)
            return syntax_error("}");
        ++at_;
        snippets_[name] = std::move(body);
        block.keys.clear();
        return true;
    }

    // Puts the tokens of a snippet or of files in the place of `import WHAT`.
    bool import() {
        const auto place = at_;
        if (place + 1 >= tokens_.size() || first_of_line(place + 1)) {
            error_ = argument_error(path_, token().line, "import");
            return false;
        }
        const auto what = tokens_[place + 1].text;
        if (place + 2 < tokens_.size() && !first_of_line(place + 2))
            return fail("Import takes only one argument (glob pattern or file)");
        if (++imports_ > most_imports)
            return fail(cat("maximum snippet import depth (", most_imports, ") exceeded"));
        std::vector<Token> imported;
        if (const auto found = snippets_.find(what); found != snippets_.end()) {
            imported = found->second;
        } else {
            const auto pattern = what.starts_with('/') ? what : cat(path_.substr(0, path_.rfind('/') + 1), what);
            const auto star = pattern.find('*');
            bool any = false;
            for (const auto& [path, text] : files_) {
                const bool fits =
                    star == std::string::npos
                        ? path == pattern
                        : path.size() + 1 >= pattern.size() && path.compare(0, star, pattern, 0, star) == 0 &&
                              path.substr(path.size() - (pattern.size() - star - 1)) == pattern.substr(star + 1) &&
                              path.find('/', star) == std::string::npos;
                if (!fits)
                    continue;
                any = true;
                for (auto& one : tokens_of(text)) {
                    one.file = path;
                    imported.push_back(std::move(one));
                }
            }
            if (!any && star == std::string::npos)
                return fail(cat("File to import not found: ", what));
        }
        // A snippet that imports itself twice doubles each time.
        if (tokens_.size() + imported.size() > most_tokens)
            return fail(cat("more than ", most_tokens, " tokens"));
        const auto begin = tokens_.begin() + static_cast<std::ptrdiff_t>(place);
        tokens_.erase(begin, begin + 2);
        tokens_.insert(tokens_.begin() + static_cast<std::ptrdiff_t>(place), imported.begin(), imported.end());
        return true;
    }

    std::string path_;
    std::vector<Token> tokens_;
    std::size_t at_ = 0;
    bool (*known_)(std::string_view);
    const Files& files_;
    std::map<std::string, std::vector<Token>> snippets_;
    int imports_ = 0;
    Error error_{};
};

// Arguments on the directive's line, then the lines of its block.
Directive directive_of(const std::vector<Token>& tokens) {
    Directive directive;
    directive.name = tokens[0].text;
    directive.line = tokens[0].line;
    std::size_t at = 1;
    const auto same_line = [&](std::size_t i, const Token& first) {
        return i < tokens.size() && tokens[i].line == first.line && tokens[i].file == first.file;
    };
    for (; same_line(at, tokens[0]) && tokens[at].text != "{"; ++at)
        directive.args.push_back(tokens[at].text);
    if (at >= tokens.size())
        return directive;
    for (++at; at < tokens.size() && tokens[at].text != "}";) {
        const auto& first = tokens[at];
        Property property{first.text, {}, first.line};
        for (++at; same_line(at, first) && !(tokens[at].text == "}" && at + 1 == tokens.size()); ++at)
            property.args.push_back(tokens[at].text);
        directive.block.push_back(std::move(property));
    }
    return directive;
}

std::string json_text(std::string_view text) {
    std::string out = "\"";
    for (char c : text) {
        constexpr std::string_view hex = "0123456789abcdef";
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\')
            append(out, "\\", c);
        else if (c == '\n' || c == '\t' || c == '\r')
            append(out, "\\", c == '\n' ? 'n' : c == '\t' ? 't' : 'r');
        else if (byte < 0x20 || c == '<' || c == '>' || c == '&')  // as encoding/json escapes
            append(out, "\\u00", hex[byte >> 4u], hex[byte & 15u]);
        else
            out.push_back(c);
    }
    out.push_back('"');
    return out;
}

}  // namespace

Result<Corefile> parse_corefile(std::string_view text, std::string path, bool (*known)(std::string_view),
                                const std::map<std::string, std::string>& files) {
    KUBEWALK_TRY(blocks, Parser(text, path, known, files).parse());
    Corefile file;
    file.path = std::move(path);
    for (auto& raw : blocks) {
        ServerBlock block;
        block.keys = std::move(raw.keys);
        for (const auto& tokens : raw.directives)
            block.directives.push_back(directive_of(tokens));
        file.blocks.push_back(std::move(block));
    }
    return file;
}

std::string corefile_sha512(std::string_view text, std::string path, const std::map<std::string, std::string>& files) {
    auto blocks = Parser(text, std::move(path), nullptr, files).parse();
    if (!blocks)
        return {};
    std::string json = "[";
    for (const auto& block : blocks.value()) {
        append(json, json.size() > 1 ? "," : "", "{\"Keys\":[");
        for (std::size_t i = 0; i < block.keys.size(); ++i)
            append(json, i > 0 ? "," : "", json_text(block.keys[i]));
        json += "],\"Tokens\":{";
        std::map<std::string, std::string> by_name;
        for (const auto& tokens : block.directives)
            for (const auto& token : tokens) {
                auto& list = by_name[tokens[0].text];
                append(list, list.empty() ? "" : ",", "{\"File\":", json_text(token.file), ",\"Line\":", token.line,
                       ",\"Text\":", json_text(token.text), "}");
            }
        bool first = true;
        for (const auto& [name, list] : by_name) {
            append(json, first ? "" : ",", json_text(name), ":[", list, "]");
            first = false;
        }
        json += "}}";
    }
    return sha512_hex(json + "]");
}

Error corefile_error(std::string_view path, int line, std::string_view message) {
    return {"ParseError", cat(path, ":", line, " - Error during parsing: ", message), {}, line, 0};
}

Error argument_error(std::string_view path, int line, std::string_view after) {
    return corefile_error(path, line, cat("Wrong argument count or unexpected line ending after '", after, "'"));
}

}  // namespace kubewalk::addons::coredns
