// echo, printf, cat, grep, head, tail, wc, sort: GNU coreutils and BusyBox agree on what is here.

#include <algorithm>

#include "core/base/regex.h"
#include "core/base/sort.h"
#include "core/shell/programs/operands.h"

namespace kubewalk::shell {

namespace {

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

// "5", "+5": from the fifth; "-5": all but the last five.
struct Count {
    std::size_t number = 10;
    char sign = 0;
};

Count count_of(std::string_view text) {
    Count count;
    if (!text.empty() && (text[0] == '+' || text[0] == '-')) {
        count.sign = text[0];
        text.remove_prefix(1);
    }
    count.number = static_cast<std::size_t>(parse_int(text).value_or(10));
    return count;
}

int first_or_last(Process& process, bool first) {
    // "-5" is "-n 5".
    std::vector<std::string> args;
    for (const auto& arg : process.args)
        args.push_back(arg.size() > 1 && arg[0] == '-' && arg[1] >= '0' && arg[1] <= '9' ? cat("-n", arg.substr(1))
                                                                                         : arg);
    const auto options = parse_options(args, "q v f F", "n c lines=n bytes=c");
    std::string text;
    const bool all = read_operands(process, options.operands, text);
    if (options.has("c")) {
        const auto count = count_of(options.value("c")).number;
        process.print(first ? std::string_view(text).substr(0, count) : std::string_view(text).substr(text.size() - std::min(count, text.size())));
        return all ? 0 : 1;
    }
    const auto count = count_of(options.value("n", "10"));
    const auto lines = lines_of(text);
    std::size_t begin = 0;
    std::size_t end = lines.size();
    if (first)
        end = count.sign == '-' ? lines.size() - std::min(count.number, lines.size()) : std::min(count.number, lines.size());
    else if (count.sign == '+')
        begin = std::min(count.number == 0 ? 0 : count.number - 1, lines.size());
    else
        begin = lines.size() - std::min(count.number, lines.size());
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
        if (process.out.size() > Process::most_output)
            return process.out_of_memory();
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

namespace {

// A basic expression as an extended one: there ( ) { } + ? | are letters unless a backslash stands before them.
std::string extended(std::string_view basic) {
    std::string out;
    for (std::size_t i = 0; i < basic.size(); ++i) {
        constexpr std::string_view turned = "(){}+?|";
        if (basic[i] == '\\' && i + 1 < basic.size()) {
            ++i;
            if (turned.find(basic[i]) == std::string_view::npos)
                out += '\\';
            out += basic[i];
        } else if (basic[i] == '[') {  // a class goes as it is
            const auto end = basic.find(']', i + 2);
            out += basic.substr(i, end == std::string_view::npos ? end : end - i + 1);
            i = end == std::string_view::npos ? basic.size() : end;
        } else {
            if (turned.find(basic[i]) != std::string_view::npos || (basic[i] == '*' && out.empty()))
                out += '\\';
            out += basic[i];
        }
    }
    return out;
}

std::string literal(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (std::string_view("\\.+*?()|[]{}^$").find(c) != std::string_view::npos)
            out += '\\';
        out += c;
    }
    return out;
}

Result<Regex> pattern_of(const Options& options, std::string_view patterns) {
    std::string all;
    for (const auto part : split(patterns, '\n')) {
        std::string one = options.has("F") ? literal(part) : options.has("E") || options.has("P") ? std::string(part) : extended(part);
        if (options.has("w"))
            one = cat("\\b(?:", one, ")\\b");
        if (options.has("x"))
            one = cat("^(?:", one, ")$");
        append(all, all.empty() ? "" : "|", "(?:", one, ")");
    }
    return Regex::compile(all, options.has("i") ? Regex::Case::insensitive : Regex::Case::sensitive);
}

// All matches of one line, one a line.
void print_matches(Process& process, const Regex& regex, std::string_view line, std::string_view prefix) {
    while (!line.empty()) {
        const auto groups = regex.search(line);
        if (!groups || (*groups)[0].empty())
            return;
        process.print(prefix, (*groups)[0], "\n");
        line = line.substr(static_cast<std::size_t>((*groups)[0].data() - line.data()) + (*groups)[0].size());
    }
}

}  // namespace

int grep_main(Process& process) {
    auto options = parse_options(process.args,
                                 "i v c q s E F P G n o w x H h l r R y ignore-case=i invert-match=v count=c quiet=q extended-regexp=E fixed-strings=F "
                                 "line-number=n only-matching=o word-regexp=w line-regexp=x no-filename=h with-filename=H files-with-matches=l",
                                 "e A B C m regexp=e after-context=A before-context=B context=C max-count=m color colour");
    std::string pattern;
    for (const auto& option : options.options)
        if (option.name == "e")
            append(pattern, pattern.empty() ? "" : "\n", option.value);
    if (!options.has("e")) {
        if (options.operands.empty())
            return process.fail(2, "Usage: grep [OPTION]... PATTERNS [FILE]...\nTry 'grep --help' for more information.\n");
        pattern = options.operands.front();
        options.operands.erase(options.operands.begin());
    }
    const auto regex = pattern_of(options, pattern);
    if (!regex.ok())
        return process.fail(2, process.args[0], ": ", regex.error().message, "\n");
    const auto number = [&](std::string_view name) { return static_cast<std::size_t>(parse_int(options.value(name, "0")).value_or(0)); };
    const std::size_t after = std::max(number("A"), number("C"));
    const std::size_t before = std::max(number("B"), number("C"));
    const std::size_t most = options.has("m") ? number("m") : static_cast<std::size_t>(-1);
    std::vector<std::string> files = options.operands.empty() ? std::vector<std::string>{"-"} : options.operands;
    const bool named = (files.size() > 1 || options.has("H")) && !options.has("h");
    bool any = false;
    bool missing = false;
    for (const auto& file : files) {
        std::string text;
        if (!read_operands(process, options.operands.empty() ? std::vector<std::string>{} : std::vector<std::string>{file}, text)) {
            missing = true;
            continue;
        }
        const auto lines = lines_of(text);
        std::size_t count = 0, printed = 0;  // lines up to `printed` have been printed or passed
        for (std::size_t i = 0; i < lines.size() && count < most; ++i) {
            if (regex.value().matches(lines[i]) == options.has("v"))
                continue;
            ++count;
            any = true;
            if (options.has("q") || options.has("c") || options.has("l"))
                continue;
            const auto line = [&](std::size_t at, char sign) {
                process.print(named ? cat(file, sign) : std::string(), options.has("n") ? cat(at + 1, sign) : std::string());
            };
            if (options.has("o")) {
                if (!options.has("v"))
                    print_matches(process, regex.value(), lines[i], cat(named ? file + ":" : std::string(), options.has("n") ? cat(i + 1, ":") : std::string()));
                continue;
            }
            const std::size_t first = std::max(printed, i > before ? i - before : 0);
            if ((after > 0 || before > 0) && printed > 0 && first > printed)
                process.print("--\n");
            for (std::size_t j = first; j < i; ++j) {
                line(j, '-');
                process.print(lines[j], "\n");
            }
            line(i, ':');
            process.print(lines[i], "\n");
            printed = i + 1;
            for (std::size_t j = i + 1; j < lines.size() && j <= i + after && regex.value().matches(lines[j]) == options.has("v"); ++j) {
                line(j, '-');
                process.print(lines[j], "\n");
                printed = j + 1;
            }
        }
        if (options.has("c"))
            process.print(named ? cat(file, ":") : std::string(), count, "\n");
        if (options.has("l") && count > 0)
            process.print(file, "\n");
    }
    return missing && !any ? 2 : any ? 0 : 1;
}

int head_main(Process& process) { return first_or_last(process, true); }
int tail_main(Process& process) { return first_or_last(process, false); }

int wc_main(Process& process) {
    const auto options = parse_options(process.args, "l w c m L lines=l words=w bytes=c chars=m", "");
    const bool everything = options.options.empty();
    const auto numbers_of = [&](std::string_view text) {
        std::vector<std::int64_t> numbers;
        if (everything || options.has("l"))
            numbers.push_back(std::count(text.begin(), text.end(), '\n'));
        if (everything || options.has("w"))
            numbers.push_back(static_cast<std::int64_t>(fields(text).size()));
        if (everything || options.has("c") || options.has("m"))
            numbers.push_back(static_cast<std::int64_t>(text.size()));
        return numbers;
    };
    // GNU: one number by itself stands without blanks; several of standard input in columns of seven.
    const auto line_of = [&](const std::vector<std::int64_t>& numbers, std::string_view name) {
        std::string line;
        for (const auto number : numbers) {
            const auto text = cat(number);
            const std::size_t width = numbers.size() == 1 ? 0 : 7;
            append(line, line.empty() ? "" : " ", std::string(width > text.size() ? width - text.size() : 0, ' '), text);
        }
        process.print(line, name.empty() ? "" : " ", name, "\n");
    };
    bool all = true;
    if (options.operands.empty()) {
        line_of(numbers_of(process.input), "");
        return 0;
    }
    std::vector<std::int64_t> total;
    for (const auto& file : options.operands) {
        std::string text;
        if (!read_operands(process, {file}, text)) {
            all = false;
            continue;
        }
        const auto numbers = numbers_of(text);
        total.resize(numbers.size());
        for (std::size_t i = 0; i < numbers.size(); ++i)
            total[i] += numbers[i];
        line_of(numbers, file);
    }
    if (options.operands.size() > 1)
        line_of(total, "total");
    return all ? 0 : 1;
}

namespace {

// What sort compares: the whole line, or from one field on (-k 2, -k 2,3, -k 2n).
struct SortKey {
    std::size_t first = 0;  // from 1; 0: the whole line
    std::size_t last = 0;   // 0: to the end
    bool numeric = false;
    bool human = false;
    bool reverse = false;
};

SortKey sort_key(std::string_view text) {
    SortKey key;
    const auto comma = text.find(',');
    const auto number = [](std::string_view part) {
        std::size_t digits = 0;
        while (digits < part.size() && part[digits] >= '0' && part[digits] <= '9')
            ++digits;
        return static_cast<std::size_t>(parse_int(part.substr(0, digits)).value_or(0));
    };
    key.first = number(text.substr(0, comma));
    if (comma != std::string_view::npos)
        key.last = number(text.substr(comma + 1));
    key.numeric = text.find('n') != std::string_view::npos;
    key.human = text.find('h') != std::string_view::npos;
    key.reverse = text.find('r') != std::string_view::npos;
    return key;
}

std::string key_text(std::string_view line, const SortKey& key, char separator) {
    if (key.first == 0)
        return std::string(line);
    std::vector<std::string_view> parts = separator == ' ' ? fields(line) : split(line, separator);
    std::vector<std::string> chosen;
    for (std::size_t i = key.first - 1; i < parts.size() && (key.last == 0 || i < key.last); ++i)
        chosen.emplace_back(parts[i]);
    return join(chosen, std::string(1, separator));
}

// The number a text begins with; 0 when there is none. With -h also 12Ki, 3M.
double number_of(std::string_view text, bool human) {
    text = trim(text);
    std::size_t end = !text.empty() && text[0] == '-' ? 1 : 0;
    while (end < text.size() && ((text[end] >= '0' && text[end] <= '9') || text[end] == '.'))
        ++end;
    double value = 0, scale = 0;
    for (std::size_t i = 0; i < end; ++i) {
        if (text[i] == '.') {
            scale = 1;
        } else if (text[i] != '-') {
            value = value * 10 + (text[i] - '0');
            scale *= 10;
        }
    }
    if (scale > 1)
        value /= scale;
    if (human && end < text.size())
        for (const char unit : std::string_view("KMGTPE")) {
            value *= 1024;
            if (text[end] == unit || text[end] == static_cast<char>(unit - 'A' + 'a'))
                break;
            if (unit == 'E')
                value /= 1024.0 * 1024 * 1024 * 1024 * 1024 * 1024;
        }
    return !text.empty() && text[0] == '-' ? -value : value;
}

}  // namespace

int sort_main(Process& process) {
    const auto options = parse_options(process.args, "n r u h f b V numeric-sort=n reverse=r unique=u human-numeric-sort=h", "k t key=k field-separator=t");
    std::string text;
    const bool all = read_operands(process, options.operands, text);
    auto lines = lines_of(text);
    std::vector<SortKey> keys;
    for (const auto& option : options.options)
        if (option.name == "k")
            keys.push_back(sort_key(option.value));
    if (keys.empty())
        keys.push_back({});
    for (auto& key : keys) {
        key.human = key.human || options.has("h");
        key.numeric = key.numeric || options.has("n") || key.human;
        key.reverse = key.reverse != options.has("r");
    }
    const auto separator = options.value("t", " ");
    const auto order = [&](std::string_view a, std::string_view b) {
        for (const auto& key : keys) {
            const auto left = key_text(a, key, separator.empty() ? ' ' : separator[0]);
            const auto right = key_text(b, key, separator.empty() ? ' ' : separator[0]);
            int sign = 0;
            if (key.numeric) {
                const double x = number_of(left, key.human), y = number_of(right, key.human);
                sign = x < y ? -1 : x > y;
            } else if (options.has("f")) {
                sign = to_lower(left).compare(to_lower(right));
            } else {
                sign = left.compare(right);
            }
            if (sign != 0)
                return key.reverse ? -sign : sign;
        }
        const int sign = a.compare(b);
        return options.has("r") ? -sign : sign;
    };
    sort_stably(lines, [&](auto a, auto b) { return order(a, b) < 0; });
    if (options.has("u"))
        lines.erase(std::unique(lines.begin(), lines.end()), lines.end());
    for (auto line : lines)
        process.print(line, "\n");
    return all ? 0 : 1;
}

}  // namespace kubewalk::shell
