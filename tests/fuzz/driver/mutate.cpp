#include "tests/fuzz/driver/mutate.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace kubewalk::fuzz {

namespace {

// Bytes that end things, open things, turn directions round or are no text at all.
constexpr std::string_view odd_bytes[] = {
    std::string_view("\0", 1), "\x01", "\x05", "\x1b[31m", "\x7f", "\x80", "\xc3\x28", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xff", "\xef\xbb\xbf",
    "\xe2\x80\xae", "\xe2\x80\xa8", "\xc2\x85", "\xc2\xa0", "\xe5\xae\xb9\xe5\x99\xa8", "e\xcc\x81", "\xf0\x9f\x9a\xa2", "\r\n", "\n", "\r", "\t", " ",
    "\"", "'", "`", "\\", "/", "//", "../", "%", "%00", "&", "&a ", "*a", "!", "!!str ", "|", ">", "<", "#", ":", ": ", "- ", ",", ".", "..", "$", "$(", "${",
    "{", "}", "[", "]", "(", ")", "@", "*", "?", "+", "-", "--", "~", "=", ";", "0", "null", "\n---\n", "\n\n"};
constexpr std::string_view numbers[] = {
    "0", "-0", "1", "-1", "63", "64", "65", "253", "254", "255", "256", "65535", "65536", "2147483647", "2147483648", "-2147483648", "4294967295", "4294967296",
    "9223372036854775807", "9223372036854775808", "-9223372036854775808", "-9223372036854775809", "18446744073709551616", "1e3", "1e308", "1e309", "-1e309", "1e-400",
    "0.1", "1.5", "00", "0x10", "0o17", "1_000", ".inf", "NaN", "99999999999999999999999999999999999999999", "1Ei", "1n", "100%", "101%"};
constexpr std::string_view openers[] = {"[", "{", "(", "{a: ", "- ", "\"", "$(", "${a:-", "[?(", "{{", "((", "a:", "\\(", "<", "*", "-", "!", "|", ".a", "a/", "{\"a\":", "[1,", "if ", "`",
                                        "(?:", "a{9}", "> ", "1. ", "**", "#\n", "&a [", "a|", "a.", "-(", "?", "a,", "//a", "not "};

template <std::size_t N>
std::string_view any_of(const std::string_view (&list)[N], Random& random) {
    return list[random.below(N)];
}

bool is_word(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || static_cast<unsigned char>(c) >= 0x80; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::string_view any_word(const Door& door, Random& random) {
    return door.words.empty() ? any_of(odd_bytes, random) : std::string_view(door.words[random.below(door.words.size())]);
}
const std::string& any_seed(const Door& door, Random& random) {
    static const std::string nothing;
    return door.seeds.empty() ? nothing : door.seeds[random.below(door.seeds.size())];
}

// A part of the text: mostly short.
std::pair<std::size_t, std::size_t> any_part(const std::string& text, Random& random) {
    const auto begin = random.below(text.size() + 1);
    const auto most = std::min<std::uint64_t>(text.size() - begin, random.below(4) == 0 ? text.size() : 12);
    return {begin, random.below(most + 1)};
}

// The run of such characters at (or behind) a place.
template <typename Fits>
std::pair<std::size_t, std::size_t> run_near(const std::string& text, std::size_t at, const Fits& fits) {
    while (at < text.size() && !fits(text[at]))
        ++at;
    while (at > 0 && fits(text[at - 1]))
        --at;
    auto end = at;
    while (end < text.size() && fits(text[end]))
        ++end;
    return {at, end - at};
}

struct Lines {
    std::vector<std::string> all;

    explicit Lines(const std::string& text) {
        for (const auto line : split(text, '\n'))
            all.emplace_back(line);
    }
    static std::size_t indent(const std::string& line) { return std::min(line.find_first_not_of(' '), line.size()); }
    // A line and what stands deeper behind it.
    std::pair<std::size_t, std::size_t> block(std::size_t at) const {
        auto end = at + 1;
        while (end < all.size() && !all[end].empty() && indent(all[end]) > indent(all[at]))
            ++end;
        return {at, end};
    }
};

// Lines and blocks are moved, doubled, lost, shifted, and brought in from another seed: YAML, scripts and Corefiles live in them.
void mutate_lines(std::string& text, const Door& door, Random& random) {
    Lines lines(text);
    const auto at = random.below(lines.all.size());
    const auto [begin, end] = lines.block(at);
    const auto from = lines.all.begin() + static_cast<std::ptrdiff_t>(begin);
    const auto to = lines.all.begin() + static_cast<std::ptrdiff_t>(end);
    switch (random.below(7)) {
        case 0: lines.all.erase(from, to); break;
        case 1: {
            const std::vector<std::string> copy(from, to);
            lines.all.insert(to, copy.begin(), copy.end());
            break;
        }
        case 2: std::swap(lines.all[at], lines.all[random.below(lines.all.size())]); break;
        case 3:
            for (auto line = from; line != to; ++line)
                line->insert(0, random.below(6), ' ');
            break;
        case 4:
            for (auto line = from; line != to; ++line)
                line->erase(0, std::min<std::size_t>(2, Lines::indent(*line)));
            break;
        default: {
            const Lines other(any_seed(door, random));
            const auto [first, last] = other.block(random.below(other.all.size()));
            const auto was = Lines::indent(other.all[first]), will = Lines::indent(lines.all[at]);
            std::vector<std::string> brought;
            for (auto i = first; i < last; ++i)
                brought.push_back(std::string(will, ' ') + (other.all[i].size() > was ? other.all[i].substr(was) : std::string()));
            const auto place = random.below(2) == 0 ? lines.all.erase(from, to) : to;
            lines.all.insert(place, brought.begin(), brought.end());
        }
    }
    text = join(lines.all, "\n");
}

void mutate_once(std::string& text, const Door& door, Random& random) {
    const auto [begin, length] = any_part(text, random);
    switch (random.below(16)) {
        case 0:
            if (!text.empty())
                text[random.below(text.size())] ^= static_cast<char>(1u << random.below(8));
            break;
        case 1: text.insert(begin, any_of(odd_bytes, random)); break;
        case 2: text.replace(begin, length, any_of(odd_bytes, random)); break;
        case 3: text.erase(begin, length); break;
        case 4: {
            const std::string part = text.substr(begin, length);
            const auto times = 1 + random.below(random.below(8) == 0 ? door.longest : 8);
            std::string many;
            for (std::uint64_t i = 0; i < times && !part.empty() && many.size() < door.longest; ++i)
                many += part;
            text.insert(begin + length, many);
            break;
        }
        case 5:
        case 6: text.insert(begin, any_word(door, random)); break;
        case 7:
        case 8: {
            const auto [at, size] = run_near(text, begin, is_word);
            text.replace(at, size, any_word(door, random));
            break;
        }
        case 9:
        case 10: {
            const auto [at, size] = run_near(text, begin, is_digit);
            text.replace(at, size, any_of(numbers, random));
            break;
        }
        case 11: {
            const auto& other = any_seed(door, random);
            const auto [from, size] = any_part(other, random);
            text.replace(begin, length, other, from, size);
            break;
        }
        case 12: {
            const auto opener = random.below(3) == 0 ? any_word(door, random) : any_of(openers, random);
            const auto times = 1 + random.below(random.below(3) == 0 ? door.longest / (opener.size() + 1) : 40);
            std::string many;
            for (std::uint64_t i = 0; i < times; ++i)
                many += opener;
            text.insert(begin, many);
            break;
        }
        case 13: {
            const auto [at, size] = run_near(text, begin, is_word);
            text.replace(at, size, std::string(random.below(300), static_cast<char>('a' + random.below(26))));
            break;
        }
        default: mutate_lines(text, door, random);
    }
}

}  // namespace

void mutate(std::string& text, const Door& door, Random& random) {
    for (auto changes = 1 + random.below(std::uint64_t{1} << random.below(5)); changes > 0; --changes)
        mutate_once(text, door, random);
    if (text.size() > door.longest)
        text.resize(door.longest);
}

std::string made_input(std::string_view name, const Door& door, std::uint64_t seed, std::uint64_t number) {
    Random random = Random(seed).stream(cat(name, " ", number));
    std::string text;
    // Now and then nothing but words.
    if (random.below(8) == 0)
        for (auto words = random.below(20); words > 0; --words)
            append(text, any_word(door, random), random.below(2) == 0 ? " " : "");
    else
        text = any_seed(door, random);
    mutate(text, door, random);
    return text;
}

}  // namespace kubewalk::fuzz
