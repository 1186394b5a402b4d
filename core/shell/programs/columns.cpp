// uniq, cut, tr, tac, nl, base64, xargs; sed as far as substitutions and picking lines go, and awk as far as columns
// go. What is not understood is said, never passed over.

#include <algorithm>

#include "core/base/base64.h"
#include "core/base/regex.h"
#include "core/shell/access.h"
#include "core/shell/programs/operands.h"

namespace kubewalk::shell {

namespace {

// "1,3-5,7-": which numbers, from 1.
bool is_in(std::string_view list, std::size_t number) {
    for (const auto part : split(list, ',')) {
        const auto dash = part.find('-');
        const auto low = static_cast<std::size_t>(parse_int(part.substr(0, dash)).value_or(1));
        const auto high = dash == std::string_view::npos ? low
                          : dash + 1 == part.size()      ? static_cast<std::size_t>(-1)
                                                         : static_cast<std::size_t>(parse_int(part.substr(dash + 1)).value_or(0));
        if (low <= number && number <= high)
            return true;
    }
    return false;
}

std::string plain(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\\' && i + 1 < text.size()) {
            ++i;
            out += text[i] == 'n' ? '\n' : text[i] == 't' ? '\t' : text[i] == 'r' ? '\r' : text[i];
        } else {
            out += text[i];
        }
    }
    return out;
}

// "a-z" as all its letters, [:upper:] and its like too.
std::string letters_of(std::string_view set) {
    struct Class {
        std::string_view name;
        std::string_view range;
    };
    static constexpr Class classes[] = {{"[:lower:]", "a-z"}, {"[:upper:]", "A-Z"}, {"[:digit:]", "0-9"}, {"[:space:]", " \t\n\r\v\f"}, {"[:alpha:]", "A-Za-z"}, {"[:alnum:]", "A-Za-z0-9"}};
    std::string text(set);
    for (const auto& one : classes)
        text = replace_all(text, one.name, one.range);
    text = plain(text);
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (i + 2 < text.size() && text[i + 1] == '-') {
            for (int c = static_cast<unsigned char>(text[i]); c <= static_cast<unsigned char>(text[i + 2]); ++c)
                out += static_cast<char>(c);
            i += 2;
        } else {
            out += text[i];
        }
    }
    return out;
}

}  // namespace

int uniq_main(Process& process) {
    const auto options = parse_options(process.args, "c d u i count=c repeated=d unique=u ignore-case=i", "");
    std::string text;
    if (!read_operands(process, options.operands, text))
        return 1;
    const auto lines = lines_of(text);
    for (std::size_t i = 0; i < lines.size();) {
        std::size_t end = i + 1;
        while (end < lines.size() && (options.has("i") ? to_lower(lines[end]) == to_lower(lines[i]) : lines[end] == lines[i]))
            ++end;
        const auto count = end - i;
        const bool shown = (!options.has("d") || count > 1) && (!options.has("u") || count == 1);
        if (shown && options.has("c")) {
            const auto number = cat(count);
            process.print(std::string(number.size() < 7 ? 7 - number.size() : 0, ' '), number, " ");
        }
        if (shown)
            process.print(lines[i], "\n");
        i = end;
    }
    return 0;
}

int cut_main(Process& process) {
    const auto options = parse_options(process.args, "s only-delimited=s", "d f c b delimiter=d fields=f characters=c bytes=b output-delimiter");
    if (!options.has("f") && !options.has("c") && !options.has("b"))
        return process.fail(1, "cut: you must specify a list of bytes, characters, or fields\nTry 'cut --help' for more information.\n");
    std::string text;
    if (!read_operands(process, options.operands, text))
        return 1;
    const auto delimiter = options.has("d") ? plain(options.value("d")) : std::string("\t");
    if (delimiter.size() != 1)
        return process.fail(1, "cut: the delimiter must be a single character\nTry 'cut --help' for more information.\n");
    const auto between = options.has("output-delimiter") ? std::string(options.value("output-delimiter")) : delimiter;
    for (const auto line : lines_of(text)) {
        if (!options.has("f")) {
            const auto list = options.has("c") ? options.value("c") : options.value("b");
            for (std::size_t i = 0; i < line.size(); ++i)
                if (is_in(list, i + 1))
                    process.print(line[i]);
            process.print("\n");
            continue;
        }
        const auto parts = split(line, delimiter[0]);
        if (parts.size() == 1) {
            if (!options.has("s"))
                process.print(line, "\n");
            continue;
        }
        std::vector<std::string> chosen;
        for (std::size_t i = 0; i < parts.size(); ++i)
            if (is_in(options.value("f"), i + 1))
                chosen.emplace_back(parts[i]);
        process.print(join(chosen, between), "\n");
    }
    return 0;
}

int tr_main(Process& process) {
    const auto options = parse_options(process.args, "d s c C delete=d squeeze-repeats=s complement=c", "");
    if (options.operands.empty())
        return process.fail(1, "tr: missing operand\nTry 'tr --help' for more information.\n");
    const auto from = letters_of(options.operands[0]);
    const auto to = options.operands.size() > 1 ? letters_of(options.operands[1]) : std::string();
    const bool inverted = options.has("c") || options.has("C");
    const auto& squeezed = to.empty() ? from : to;
    char last = 0;
    bool repeats = false;
    for (char c : process.input) {
        const auto at = from.find(c);
        const bool hit = (at != std::string::npos) != inverted;
        if (hit && options.has("d"))
            continue;
        if (hit && !to.empty())
            c = inverted ? to.back() : to[std::min(at, to.size() - 1)];
        const bool same = options.has("s") && repeats && c == last && (squeezed.find(c) != std::string::npos) != (inverted && to.empty());
        if (!same)
            process.print(c);
        last = c;
        repeats = true;
    }
    return 0;
}

int tac_main(Process& process) {
    const auto options = parse_options(process.args, "", "");
    std::string text;
    if (!read_operands(process, options.operands, text))
        return 1;
    auto lines = lines_of(text);
    std::reverse(lines.begin(), lines.end());
    for (const auto line : lines)
        process.print(line, "\n");
    return 0;
}

int nl_main(Process& process) {
    const auto options = parse_options(process.args, "", "b");
    std::string text;
    if (!read_operands(process, options.operands, text))
        return 1;
    int number = 0;
    for (const auto line : lines_of(text)) {
        const auto shown = line.empty() && options.value("b") != "a" ? std::string() : cat(++number);
        process.print(std::string(shown.size() < 6 ? 6 - shown.size() : 0, ' '), shown, shown.empty() ? " " : "\t", line, "\n");
    }
    return 0;
}

int base64_main(Process& process) {
    const auto options = parse_options(process.args, "d D i decode=d", "w wrap=w");
    std::string text;
    if (!read_operands(process, options.operands, text))
        return 1;
    if (options.has("d") || options.has("D")) {
        const auto read = base64_prefix(text);
        process.print(read.bytes);
        return read.whole ? 0 : process.fail(1, process.args[0], ": invalid input\n");
    }
    const std::string out = to_base64(text);
    const auto width = static_cast<std::size_t>(parse_int(options.value("w", "76")).value_or(76));
    for (std::size_t i = 0; width > 0 && i < out.size(); i += width)
        process.print(std::string_view(out).substr(i, width), "\n");
    if (width == 0)
        process.print(out);
    return 0;
}

// xargs [-n N] [-I REPLACED] PROGRAM...
int xargs_main(Process& process) {
    std::size_t at = 1;
    std::size_t most = static_cast<std::size_t>(-1);
    std::string replaced;
    for (; at < process.args.size() && process.args[at].size() > 1 && process.args[at][0] == '-'; ++at) {
        const auto& word = process.args[at];
        const auto value = word.size() > 2 ? word.substr(2) : at + 1 < process.args.size() ? process.args[++at] : std::string();
        if (word[1] == 'n')
            most = static_cast<std::size_t>(std::max<std::int64_t>(parse_int(value).value_or(1), 1));
        else if (word[1] == 'I')
            replaced = value;
        else if (word[1] == 'r' || word[1] == 't')
            at -= word.size() > 2 ? 0 : 1;
        else
            return process.fail(1, "xargs: invalid option -- '", word.substr(1, 1), "'\n");
    }
    std::vector<std::string> program(process.args.begin() + static_cast<std::ptrdiff_t>(at), process.args.end());
    if (program.empty())
        program = {"echo"};
    std::vector<std::vector<std::string>> calls;
    std::size_t size = 0;  // of all their words
    if (!replaced.empty()) {
        for (const auto line : lines_of(process.input)) {
            std::vector<std::string> call;
            for (const auto& word : program) {
                call.push_back(replace_all(word, replaced, trim(line)));
                size += call.back().size();
                if (size > Process::most_output)
                    return process.out_of_memory();
            }
            calls.push_back(std::move(call));
        }
    } else {
        const auto words = fields(process.input);
        for (std::size_t i = 0; i < words.size();) {
            auto call = program;
            for (std::size_t n = 0; n < most && i < words.size(); ++n)
                call.emplace_back(words[i++]);
            for (const auto& word : call)
                size += word.size();
            if (size > Process::most_output)
                return process.out_of_memory();
            calls.push_back(std::move(call));
        }
    }
    int exit = 0;
    for (const auto& call : calls) {
        auto done = execute(process.context, call, {});
        if (!done)
            return process.fail(127, "xargs: ", call[0], ": No such file or directory\n");
        process.out += done->out;
        process.err += done->err;
        process.wait(done->elapsed);
        exit = done->exit == 0 ? exit : 123;
    }
    return exit;
}

int clear_main(Process& process) {
    process.print("\x1b[H\x1b[2J");
    return 0;
}

// -- sed ---------------------------------------------------------------------------------------------------

namespace {

struct SedCommand {
    std::string from, to;  // addresses: "3", "$", "/pattern/", ""
    char name = 0;         // s, p, d, q
    std::string pattern, replacement, flags;
};

// One command; the rest of the script stays in `text`. Nothing when it is not understood.
std::optional<SedCommand> sed_command(std::string_view& text) {
    SedCommand command;
    const auto address = [&text]() {
        std::string found;
        if (!text.empty() && text[0] == '/') {
            const auto end = text.find('/', 1);
            found = text.substr(0, end == std::string_view::npos ? text.size() : end + 1);
        } else {
            while (found.size() < text.size() && ((text[found.size()] >= '0' && text[found.size()] <= '9') || text[found.size()] == '$'))
                found += text[found.size()];
        }
        text.remove_prefix(found.size());
        return found;
    };
    text = trim(text);
    command.from = address();
    if (!text.empty() && text[0] == ',') {
        text.remove_prefix(1);
        command.to = address();
    }
    text = trim(text);
    if (text.empty())
        return std::nullopt;
    command.name = text[0];
    text.remove_prefix(1);
    if (command.name == 'p' || command.name == 'd' || command.name == 'q')
        return command;
    if (command.name != 's' || text.empty())
        return std::nullopt;
    const char mark = text[0];
    std::string parts[2];
    std::size_t i = 1;
    for (auto& part : parts) {
        for (; i < text.size() && text[i] != mark; ++i) {
            if (text[i] == '\\' && i + 1 < text.size() && text[i + 1] != mark)
                part += text[i++];
            else if (text[i] == '\\' && i + 1 < text.size())
                ++i;
            part += text[i];
        }
        if (i >= text.size())
            return std::nullopt;
        ++i;
    }
    command.pattern = parts[0];
    command.replacement = parts[1];
    while (i < text.size() && text[i] != ';' && text[i] != '\n')
        command.flags += text[i++];
    command.flags = trim(command.flags);
    text.remove_prefix(i);
    return command;
}

std::string basic_to_extended(std::string_view basic) {
    std::string out;
    for (std::size_t i = 0; i < basic.size(); ++i) {
        constexpr std::string_view turned = "(){}+?|";
        if (basic[i] == '\\' && i + 1 < basic.size()) {
            ++i;
            if (turned.find(basic[i]) == std::string_view::npos)
                out += '\\';
        } else if (turned.find(basic[i]) != std::string_view::npos) {
            out += '\\';
        } else if (basic[i] == '$' && i + 1 < basic.size() && basic.substr(i + 1, 2) != "\\)" && basic.substr(i + 1, 2) != "\\|") {
            out += '\\';  // an end only at the end
        }
        out += basic[i];
    }
    return out;
}

std::string substituted(const Regex& regex, std::string_view replacement, std::string_view line, bool everywhere, bool& changed) {
    std::string out;
    while (true) {
        const auto groups = out.size() > Process::most_output ? std::nullopt : regex.search(line);
        if (!groups)
            return out + std::string(line);
        changed = true;
        const auto at = static_cast<std::size_t>((*groups)[0].data() - line.data());
        out += line.substr(0, at);
        for (std::size_t i = 0; i < replacement.size(); ++i) {
            if (replacement[i] == '&') {
                out += (*groups)[0];
            } else if (replacement[i] == '\\' && i + 1 < replacement.size()) {
                ++i;
                const auto number = static_cast<std::size_t>(replacement[i] - '0');
                if (replacement[i] >= '1' && replacement[i] <= '9')
                    out += number < groups->size() ? (*groups)[number] : std::string_view();
                else
                    out += replacement[i] == 'n' ? '\n' : replacement[i] == 't' ? '\t' : replacement[i];
            } else {
                out += replacement[i];
            }
        }
        line.remove_prefix(at + (*groups)[0].size());
        if ((*groups)[0].empty()) {
            if (line.empty())
                return out;
            out += line[0];
            line.remove_prefix(1);
        }
        if (!everywhere)
            return out + std::string(line);
    }
}

}  // namespace

int sed_main(Process& process) {
    auto options = parse_options(process.args, "n E r s i quiet=n silent=n regexp-extended=E in-place=i", "e expression=e");
    std::string script(options.value("e"));
    if (!options.has("e")) {
        if (options.operands.empty())
            return process.fail(1, "Usage: sed [OPTION]... {script-only-if-no-other-script} [input-file]...\n");
        script = options.operands.front();
        options.operands.erase(options.operands.begin());
    }
    const bool extended = options.has("E") || options.has("r");
    const auto compile = [&](std::string_view pattern, bool insensitive) {
        return Regex::compile(extended ? std::string(pattern) : basic_to_extended(pattern), insensitive ? Regex::Case::insensitive : Regex::Case::sensitive);
    };
    std::vector<SedCommand> commands;
    std::string_view rest = script;
    while (!trim(rest).empty()) {
        auto command = sed_command(rest);
        if (!command)
            return process.fail(1, "sed: -e expression #1: unknown command: this sed knows s///, p, d and q with addresses\n");
        commands.push_back(*command);
        rest = trim(rest);
        if (rest.starts_with(';'))
            rest.remove_prefix(1);
    }
    std::string text;
    if (!read_operands(process, options.operands, text))
        return 1;
    const auto lines = lines_of(text);
    std::vector<bool> inside(commands.size());
    std::string out;
    for (std::size_t i = 0; i < lines.size(); ++i) {
        std::string line(lines[i]);
        bool deleted = false, quits = false;
        const auto fits = [&](const std::string& address) {
            if (address.starts_with('/')) {
                const auto regex = compile(std::string_view(address).substr(1, address.size() - 2), false);
                return regex.ok() && regex.value().matches(line);
            }
            return address == "$" ? i + 1 == lines.size() : parse_int(address).value_or(0) == static_cast<std::int64_t>(i + 1);
        };
        for (std::size_t c = 0; c < commands.size() && !deleted; ++c) {
            const auto& command = commands[c];
            bool meant = command.from.empty();
            if (!command.from.empty() && command.to.empty())
                meant = fits(command.from);
            if (!command.to.empty()) {
                meant = inside[c] || fits(command.from);
                inside[c] = meant && !(fits(command.to) && (inside[c] || !command.to.starts_with('/')));
            }
            if (!meant)
                continue;
            if (command.name == 'd') {
                deleted = true;
            } else if (command.name == 'p') {
                append(out, line, "\n");
            } else if (command.name == 'q') {
                quits = true;
            } else {
                const auto regex = compile(command.pattern, command.flags.find('I') != std::string::npos || command.flags.find('i') != std::string::npos);
                if (!regex.ok())
                    return process.fail(1, "sed: -e expression #1: ", regex.error().message, "\n");
                if (line.size() + out.size() > Process::most_output)  // s/a/&&/g again and again
                    return process.out_of_memory();
                bool changed = false;
                line = substituted(regex.value(), command.replacement, line, command.flags.find('g') != std::string::npos, changed);
                if (changed && command.flags.find('p') != std::string::npos)
                    append(out, line, "\n");
            }
        }
        if (!deleted && !options.has("n"))
            append(out, line, "\n");
        if (quits)
            break;
    }
    if (options.has("i") && options.operands.size() == 1) {
        const auto edited = absolute_path(process.context, options.operands[0]);
        if (const auto refusal = write_refusal(process.context, edited); !refusal.empty()) {
            const auto folder = edited.substr(0, edited.rfind('/') + 1);
            return is_applet(process.context, "sed") ? process.fail(1, "sed: can't create temp file '", options.operands[0], "XXXXXX': ", refusal, "\n")
                                                     : process.fail(4, "sed: couldn't open temporary file ", folder, "sedSN4vQE: ", refusal, "\n");
        }
        for (auto& [path, content] : process.context.files)
            if (&content == process.file(options.operands[0]))
                content = out;
        return 0;
    }
    process.print(out);
    return 0;
}

// -- awk -----------------------------------------------------------------------------------------------------

namespace {

// '[PATTERN] {print A, B "text" C}': $0, $1, $NF, NR, NF, strings.
struct AwkRule {
    std::string pattern;                         // NR>1, /regex/, $3=="Running", ""
    std::vector<std::vector<std::string>> parts; // of print: by commas; each part is joined without blanks
    bool prints = false;
};

std::optional<AwkRule> awk_rule(std::string_view text) {
    AwkRule rule;
    const auto brace = text.find('{');
    rule.pattern = trim(text.substr(0, brace));
    if (brace == std::string_view::npos)
        return rule;
    auto body = trim(text.substr(brace + 1));
    if (!body.ends_with('}'))
        return std::nullopt;
    body.remove_suffix(1);
    body = trim(body);
    if (body.ends_with(';'))
        body.remove_suffix(1);
    body = trim(body);
    if (!body.starts_with("print"))
        return std::nullopt;
    rule.prints = true;
    body.remove_prefix(5);
    if (body.starts_with('f'))
        return std::nullopt;
    std::vector<std::string> part;
    for (std::size_t i = 0; i < body.size();) {
        if (body[i] == ' ' || body[i] == '\t') {
            ++i;
        } else if (body[i] == ',') {
            rule.parts.push_back(std::move(part));
            part.clear();
            ++i;
        } else if (body[i] == '"') {
            const auto end = body.find('"', i + 1);
            if (end == std::string_view::npos)
                return std::nullopt;
            part.push_back(cat("\"", body.substr(i + 1, end - i - 1)));
            i = end + 1;
        } else {
            std::string word;
            while (i < body.size() && std::string_view(" \t,\"").find(body[i]) == std::string_view::npos)
                word += body[i++];
            if (word[0] != '$' && word != "NR" && word != "NF")
                return std::nullopt;
            part.push_back(std::move(word));
        }
    }
    rule.parts.push_back(std::move(part));
    return rule;
}

class AwkLine {
public:
    AwkLine(std::string_view line, std::vector<std::string_view> parts, std::size_t number) : line_(line), fields_(std::move(parts)), number_(number) {}

    std::string value(std::string_view word) const {
        if (word.starts_with('"'))
            return plain(word.substr(1));
        if (word == "NR")
            return cat(number_);
        if (word == "NF")
            return cat(fields_.size());
        if (word == "$NF")
            return fields_.empty() ? std::string() : std::string(fields_.back());
        if (!word.starts_with('$'))
            return std::string(word);
        const auto at = parse_int(word.substr(1)).value_or(0);
        if (at == 0)
            return std::string(line_);
        return static_cast<std::size_t>(at) <= fields_.size() ? std::string(fields_[static_cast<std::size_t>(at) - 1]) : std::string();
    }

private:
    std::string_view line_;
    std::vector<std::string_view> fields_;
    std::size_t number_;
};

// Nothing when the pattern is not understood.
std::optional<bool> awk_fits(const AwkLine& line, std::string_view pattern) {
    if (pattern.empty())
        return true;
    if (pattern.size() > 1 && pattern.front() == '/' && pattern.back() == '/') {
        const auto regex = Regex::compile(pattern.substr(1, pattern.size() - 2));
        return regex.ok() ? std::optional(regex.value().matches(line.value("$0"))) : std::nullopt;
    }
    for (std::string_view sign : {"==", "!=", ">=", "<=", "!~", ">", "<", "~"}) {
        const auto at = pattern.find(sign);
        if (at == std::string_view::npos)
            continue;
        const auto left = line.value(trim(pattern.substr(0, at)));
        auto written = trim(pattern.substr(at + sign.size()));
        if (sign == "~" || sign == "!~") {
            if (written.size() < 2)
                return std::nullopt;
            const auto regex = Regex::compile(written.substr(1, written.size() - 2));
            return regex.ok() ? std::optional(regex.value().matches(left) == (sign == "~")) : std::nullopt;
        }
        if (written.size() > 1 && written.front() == '"')
            written = written.substr(0, written.size() - 1);
        const auto right = line.value(written);
        const auto a = parse_int(left), b = parse_int(right);
        const int order = a && b ? (*a < *b ? -1 : *a > *b) : left.compare(right);
        return sign == "==" ? order == 0 : sign == "!=" ? order != 0 : sign == ">=" ? order >= 0 : sign == "<=" ? order <= 0 : sign == ">" ? order > 0 : order < 0;
    }
    return std::nullopt;
}

}  // namespace

int awk_main(Process& process) {
    auto options = parse_options(process.args, "", "F v");
    constexpr std::string_view limits = "awk: this awk prints columns: '[PATTERN] {print $1, $NF, NR, \"text\"}' with a pattern such as NR>1, /text/ or $3==\"x\"\n";
    if (options.operands.empty())
        return process.fail(2, "usage: awk [-F separator] 'program' [file...]\n");
    const auto rule = awk_rule(trim(options.operands.front()));
    options.operands.erase(options.operands.begin());
    if (!rule || options.has("v"))
        return process.fail(2, limits);
    std::string text;
    if (!read_operands(process, options.operands, text))
        return 2;
    const auto separator = plain(options.value("F"));
    std::size_t number = 0;
    for (const auto raw : lines_of(text)) {
        const AwkLine line(raw, separator.empty() || separator == " " ? fields(raw) : split(raw, separator[0]), ++number);
        const auto fits = awk_fits(line, rule->pattern);
        if (!fits)
            return process.fail(2, limits);
        if (!*fits)
            continue;
        std::vector<std::string> printed;
        std::size_t size = process.out.size();
        for (const auto& part : rule->parts) {
            std::string joined;
            for (const auto& word : part) {
                joined += line.value(word);
                if (size + joined.size() > Process::most_output)
                    return process.out_of_memory();
            }
            size += joined.size();
            printed.push_back(std::move(joined));
        }
        const bool whole = !rule->prints || (rule->parts.size() == 1 && rule->parts[0].empty());
        process.print(whole ? std::string(raw) : join(printed, " "), "\n");
    }
    return 0;
}

}  // namespace kubewalk::shell
