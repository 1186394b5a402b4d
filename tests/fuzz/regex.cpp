// Patterns, of programs and ingresses (core/base/regex.h) and of Corefiles. The first line is the pattern, the rest the text.
// Both engines read a language of their own and must agree where both take a pattern without assertions or letter case.

#include "core/addons/coredns/regex.h"
#include "core/base/glob.h"
#include "core/base/regex.h"
#include "tests/fuzz/driver/door.h"

namespace kubewalk::fuzz {

namespace {

// As many steps as pattern times text, no more.
void try_glob(std::string_view pattern, std::string_view text) {
    std::size_t steps = 0;
    const bool fits = matches_with_stars(pattern, text, [&](std::string_view p, std::size_t& at, char c) {
        ++steps;
        return p[at++] == c;
    });
    expect(steps <= (pattern.size() + 1) * (text.size() + 1), "a pattern with stars takes too many steps");
    if (pattern.find('*') == std::string_view::npos)
        expect(fits == (pattern == text), "a pattern without stars");
}

int run(const std::uint8_t* bytes, std::size_t size) {
    auto text = text_of(bytes, size);
    const auto pattern = take_until(text, '\n');
    try_glob(pattern, text);
    const auto ours = Regex::compile(pattern);
    if (ours.ok()) {
        const auto groups = ours.value().search(text);
        if (groups) {
            expect(groups->size() == ours.value().groups() + 1, "a group for each that the pattern has");
            for (const auto group : *groups)
                expect(group.data() == nullptr || (group.data() >= text.data() && group.data() + group.size() <= text.data() + text.size()), "a group outside of the text");
        }
    } else {
        expect_told(ours.error(), pattern);
    }
    const auto theirs = addons::coredns::Regex::compile(pattern);
    if (!theirs.ok()) {
        expect_told(theirs.error(), pattern);
        return 0;
    }
    const auto found = theirs.value().find(text);
    if (ours.ok() && pattern.find("(?i") == std::string_view::npos)
        expect(found.has_value() == ours.value().matches(text), "both engines find it or neither");
    return 0;
}

}  // namespace

Door regex() {
    Door door{run, {"^(.*)\\.example\\.com\\.$\nweb.example.com.", "a(b|c)*d{2,3}?\nxabcbcddd", "(?P<name>[a-z0-9-]+)-[[:digit:]]+\npod-7", "[^ ]+\\s\\w\\b\nab cd", "(a*)*b\naaaaaaaaaaaaaaaaaaaa", "(?i)HELLO|w[o-p]rld\nhello"},
              {"(?:", "(?i)", "(?P<a>", "(?<b>", ")", "|", "*", "+", "?", "*?", "{2}", "{1000}", "{0,}", "{3,1000}", "{0}", "[^", "]", "[]-a]", "[[:alpha:]]", "\\d", "\\W", "\\b", "\\B", "^", "$", ".", "\\", "\\.", "\\pL", "\\x41", "(?=a)", "(?!a)"}};
    door.longest = 3000;
    door.runs = 800;
    return door;
}

}  // namespace kubewalk::fuzz
