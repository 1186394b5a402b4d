// echo, printf, cat, grep, head, tail, wc, sort: GNU coreutils and BusyBox agree on what is here.

#include <algorithm>

#include "core/shell/programs.h"

namespace kubewalk::shell {

namespace {

// Reads the operands, or standard input; reports missing files. False when one was missing.
bool read_operands(Process& process, const std::vector<std::string>& operands, std::string& text) {
    bool all = true;
    if (operands.empty())
        text = process.input;
    for (const auto& path : operands) {
        if (path == "-") {
            text += process.input;
        } else if (const auto* file = process.file(path)) {
            text += *file;
        } else {
            all = false;
            process.fail(1, process.args[0], ": ", path, ": No such file or directory\n");
        }
    }
    return all;
}

std::vector<std::string_view> lines_of(std::string_view text) {
    if (text.empty())
        return {};
    auto lines = split(text, '\n');
    if (lines.back().empty())
        lines.pop_back();
    return lines;
}

std::string unescaped(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '\\' || i + 1 == text.size()) {
            out += text[i];
            continue;
        }
        const char c = text[++i];
        out += c == 'n' ? "\n" : c == 't' ? "\t" : c == 'r' ? "\r" : c == '\\' ? "\\" : cat("\\", c);
    }
    return out;
}

// Basic patterns: literal text, ^ and $ at the ends, and . * as anything; enough for what people grep.
bool pattern_matches(std::string_view pattern, std::string_view text) {
    if (pattern.empty())
        return true;
    if (pattern[0] == '$' && pattern.size() == 1)
        return text.empty();
    const bool star = pattern.size() > 1 && pattern[1] == '*';
    const auto one = [&](std::string_view t) { return !t.empty() && (pattern[0] == '.' || pattern[0] == t[0]); };
    if (star) {
        for (std::size_t i = 0;; ++i) {
            if (pattern_matches(pattern.substr(2), text.substr(i)))
                return true;
            if (!one(text.substr(i)))
                return false;
        }
    }
    if (pattern[0] == '\\' && pattern.size() > 1)
        return !text.empty() && pattern[1] == text[0] && pattern_matches(pattern.substr(2), text.substr(1));
    return one(text) && pattern_matches(pattern.substr(1), text.substr(1));
}

bool contains_match(std::string_view pattern, std::string_view text, bool fixed) {
    if (fixed)
        return text.find(pattern) != std::string_view::npos;
    if (!pattern.empty() && pattern[0] == '^')
        return pattern_matches(pattern.substr(1), text);
    for (std::size_t i = 0; i <= text.size(); ++i)
        if (pattern_matches(pattern, text.substr(i)))
            return true;
    return false;
}

int first_or_last(Process& process, bool first) {
    // "-5" is "-n 5".
    std::vector<std::string> args;
    for (const auto& arg : process.args)
        args.push_back(arg.size() > 1 && arg[0] == '-' && arg[1] >= '0' && arg[1] <= '9' ? cat("-n", arg.substr(1))
                                                                                         : arg);
    const auto options = parse_options(args, "q v f", "n c");
    std::string text;
    const bool all = read_operands(process, options.operands, text);
    const auto count = static_cast<std::size_t>(parse_int(options.value("n", "10")).value_or(10));
    const auto lines = lines_of(text);
    const std::size_t begin = first || lines.size() <= count ? 0 : lines.size() - count;
    const std::size_t end = first ? std::min(count, lines.size()) : lines.size();
    for (std::size_t i = begin; i < end; ++i)
        process.print(lines[i], "\n");
    return all ? 0 : 1;
}

}  // namespace

int echo_main(Process& process) {
    std::size_t i = 1;
    bool newline = true;
    bool escapes = false;
    for (; i < process.args.size(); ++i) {
        if (process.args[i] == "-n")
            newline = false;
        else if (process.args[i] == "-e" || process.args[i] == "-en" || process.args[i] == "-ne") {
            escapes = true;
            newline = newline && process.args[i] == "-e";
        } else
            break;
    }
    const auto text = join(
        {process.args.begin() + static_cast<std::ptrdiff_t>(std::min(i, process.args.size())), process.args.end()},
        " ");
    process.print(escapes ? unescaped(text) : text, newline ? "\n" : "");
    return 0;
}

int printf_main(Process& process) {
    if (process.args.size() < 2)
        return process.fail(1, "printf: missing operand\n");
    const auto format = unescaped(process.args[1]);
    std::size_t next = 2;
    do {
        for (std::size_t i = 0; i < format.size(); ++i) {
            if (format[i] != '%' || i + 1 == format.size()) {
                process.print(format[i]);
            } else if (format[++i] == '%') {
                process.print('%');
            } else if (next < process.args.size()) {
                process.print(process.args[next++]);
            }
        }
    } while (next > 2 && next < process.args.size());
    return 0;
}

int cat_main(Process& process) {
    const auto options = parse_options(process.args, "n e t v A", "");
    return read_operands(process, options.operands, process.out) ? 0 : 1;
}

// BusyBox words it in its own way.
int busybox_cat_main(Process& process) {
    const auto options = parse_options(process.args, "n e t v A", "");
    for (const auto& path : options.operands) {
        if (path != "-" && !process.file(path)) {
            process.fail(1, "cat: can't open '", path, "': No such file or directory\n");
            continue;
        }
        (void)read_operands(process, {path}, process.out);
    }
    if (options.operands.empty())
        (void)read_operands(process, {}, process.out);
    return process.err.empty() ? 0 : 1;
}

int grep_main(Process& process) {
    auto options = parse_options(process.args, "i v c q E F n o w s ignore-case=i invert-match=v count=c", "e A B m");
    auto pattern = std::string(options.value("e"));
    if (!options.has("e")) {
        if (options.operands.empty())
            return process.fail(2, "Usage: grep [OPTION]... PATTERNS [FILE]...\n");
        pattern = options.operands.front();
        options.operands.erase(options.operands.begin());
    }
    std::string text;
    const bool all = read_operands(process, options.operands, text);
    const bool ignore_case = options.has("i");
    std::vector<std::string> patterns;
    if (ignore_case)
        pattern = to_lower(pattern);
    for (auto part : split(pattern, options.has("E") ? '|' : '\n'))
        patterns.emplace_back(part);
    std::size_t count = 0;
    for (auto line : lines_of(text)) {
        const auto subject = ignore_case ? to_lower(line) : std::string(line);
        const bool hit = std::any_of(patterns.begin(), patterns.end(), [&](const auto& p) {
            return contains_match(p, subject, options.has("F"));
        });
        if (hit == options.has("v"))
            continue;
        ++count;
        if (!options.has("q") && !options.has("c"))
            process.print(line, "\n");
    }
    if (options.has("c"))
        process.print(count, "\n");
    return !all ? 2 : count > 0 ? 0 : 1;
}

int head_main(Process& process) { return first_or_last(process, true); }
int tail_main(Process& process) { return first_or_last(process, false); }

int wc_main(Process& process) {
    const auto options = parse_options(process.args, "l w c", "");
    std::string text;
    const bool all = read_operands(process, options.operands, text);
    const auto lines = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
    std::vector<std::string> numbers;
    const bool everything = options.options.empty();
    if (everything || options.has("l"))
        numbers.push_back(cat(lines));
    if (everything || options.has("w"))
        numbers.push_back(cat(fields(text).size()));
    if (everything || options.has("c"))
        numbers.push_back(cat(text.size()));
    process.print(join(numbers, " "), options.operands.size() == 1 ? " " + options.operands[0] : "", "\n");
    return all ? 0 : 1;
}

int sort_main(Process& process) {
    const auto options = parse_options(process.args, "n r u", "k t");
    std::string text;
    const bool all = read_operands(process, options.operands, text);
    auto lines = lines_of(text);
    const auto number = [](std::string_view line) {
        line = trim(line);
        std::size_t digits = 0;
        while (digits < line.size() && line[digits] >= '0' && line[digits] <= '9')
            ++digits;
        return parse_int(line.substr(0, digits)).value_or(0);
    };
    std::stable_sort(lines.begin(), lines.end(), [&](auto a, auto b) {
        return options.has("n") && number(a) != number(b) ? number(a) < number(b) : a < b;
    });
    if (options.has("u"))
        lines.erase(std::unique(lines.begin(), lines.end()), lines.end());
    if (options.has("r"))
        std::reverse(lines.begin(), lines.end());
    for (auto line : lines)
        process.print(line, "\n");
    return all ? 0 : 1;
}

}  // namespace kubewalk::shell
