// What the ingress controller's rewrites and CoreDNS's rewrite plugin ask of regular expressions; results as Go's
// regexp and PCRE give them (golang.org/s/re2syntax, pcre2pattern(3)).

#include <doctest/doctest.h>

#include "core/base/regex.h"

namespace kubewalk {
namespace {

std::string groups_of(std::string_view pattern, std::string_view text, Regex::Case letters = Regex::Case::sensitive) {
    const auto regex = Regex::compile(pattern, letters);
    REQUIRE(regex.ok());
    const auto found = regex.value().search(text);
    if (!found)
        return "no";
    std::string out;
    for (const auto group : *found)
        out += group.data() == nullptr ? "[-]" : "[" + std::string(group) + "]";
    return out;
}

}  // namespace

TEST_CASE("regular expressions find the leftmost match and its groups") {
    CHECK(groups_of("/something(/|$)(.*)", "/something/new") == "[/something/new][/][new]");
    CHECK(groups_of("/something(/|$)(.*)", "/something") == "[/something][][]");
    CHECK(groups_of("/something(/|$)(.*)", "/somethingelse") == "no");
    CHECK(groups_of("^/foo", "/FOO/x", Regex::Case::insensitive) == "[/FOO]");
    CHECK(groups_of("(?i)[a-c]+", "xxBCa!") == "[BCa]");
    CHECK(groups_of("a|ab", "ab") == "[a]");
    CHECK(groups_of("(a)|(b)", "b") == "[b][-][b]");
    CHECK(groups_of("x{2,3}", "axxxxb") == "[xxx]");
    CHECK(groups_of("<.+?>", "<a><b>") == "[<a>]");
    CHECK(groups_of("\\bweb-(\\d+)\\.", "my web-12.x") == "[web-12.][12]");
    CHECK(groups_of("(?P<name>[^.]+)\\.(?<rest>.*)", "a.b.c") == "[a.b.c][a][b.c]");
    CHECK(groups_of("[[:alpha:]_-]+$", "1a-b") == "[a-b]");
    CHECK(groups_of("(?:a*)*", "aa") == "[aa]");
    CHECK(Regex::compile("(?P<zone>x)").value().group_named("zone") == 1);
}

TEST_CASE("a bad pattern is an error, a wicked one takes no longer") {
    for (const auto* pattern : {"(", ")", "a)", "[a", "*a", "(?=x)", "\\", "a{2000}", "[z-a]"})
        CHECK_FALSE(Regex::compile(pattern).ok());
    CHECK(groups_of("(x+x+)+y", std::string(200, 'x')) == "no");
}

}  // namespace kubewalk
