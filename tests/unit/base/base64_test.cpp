// RFC 4648 section 10 (test vectors); errors as Go's encoding/base64 has them (base64_test.go, TestDecodeCorrupt).

#include <doctest/doctest.h>

#include "core/base/base64.h"

using namespace kubewalk;

TEST_CASE("the vectors of RFC 4648, there and back") {
    constexpr std::pair<std::string_view, std::string_view> vectors[] = {
        {"", ""}, {"f", "Zg=="}, {"fo", "Zm8="}, {"foo", "Zm9v"}, {"foob", "Zm9vYg=="}, {"fooba", "Zm9vYmE="}, {"foobar", "Zm9vYmFy"}};
    for (const auto& [bytes, text] : vectors) {
        CHECK(to_base64(bytes) == text);
        CHECK(from_base64(text).value() == bytes);
        CHECK(base64_prefix(text).bytes == bytes);
    }
    std::string all;
    for (int byte = 0; byte < 256; ++byte)
        all += static_cast<char>(byte);
    CHECK(from_base64(to_base64(all)).value() == all);
    CHECK(from_base64(to_base64(all, Base64::url), Base64::url).value() == all);
}

TEST_CASE("the form for URLs: its own two digits, no padding") {
    CHECK(to_base64("\xff\xff\xfe") == "///+");
    CHECK(to_base64("\xff\xff\xfe", Base64::url) == "___-");
    CHECK(to_base64("f", Base64::url) == "Zg");
    CHECK(from_base64("Zg", Base64::url).value() == "f");
    CHECK_FALSE(from_base64("Zg==", Base64::url));
    CHECK_FALSE(from_base64("///+", Base64::url));
}

TEST_CASE("strict reading: line ends pass, everything else that does not come out even is an error with its place") {
    CHECK(from_base64("Zm9v\r\nYmFy\n").value() == "foobar");
    CHECK(base64_error("!!!!") == std::optional<std::size_t>(0));
    CHECK(base64_error("x===") == std::optional<std::size_t>(1));
    CHECK(base64_error("AA=A") == std::optional<std::size_t>(3));
    CHECK(base64_error("AAA=AAAA") == std::optional<std::size_t>(4));
    CHECK(base64_error("AAAAA") == std::optional<std::size_t>(5));
    CHECK_FALSE(base64_error("AAAA"));
    CHECK_FALSE(from_base64("a*b"));
    CHECK_FALSE(from_base64("Zg"));
}

TEST_CASE("as a program reads a stream: what came before the first wrong byte counts") {
    CHECK(base64_prefix("Zm9v\nYg").bytes == "foob");
    const auto broken = base64_prefix("Zm9v*YmFy");
    CHECK(broken.bytes == "foo");
    CHECK_FALSE(broken.whole);
}
