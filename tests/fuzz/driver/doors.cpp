#include "tests/fuzz/driver/door.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

namespace kubewalk::fuzz {

// One line a door; the order is that of their names.
Door address(), apply(), cel(), certificate(), certificate_request(), columns(), corefile(), dns(), editor(), html(), json(), kept(), kubectl(), lesson(), names(),
    patch(), program(), quantity(), regex(), request(), schedule(), selector(), shell(), terminal(), yaml();

namespace {
constexpr DoorEntry table[] = {
    {"address", address},
    {"apply", apply},
    {"cel", cel},
    {"certificate", certificate},
    {"certificate_request", certificate_request},
    {"columns", columns},
    {"corefile", corefile},
    {"dns", dns},
    {"editor", editor},
    {"html", html},
    {"json", json},
    {"kept", kept},
    {"kubectl", kubectl},
    {"lesson", lesson},
    {"names", names},
    {"patch", patch},
    {"program", program},
    {"quantity", quantity},
    {"regex", regex},
    {"request", request},
    {"schedule", schedule},
    {"selector", selector},
    {"shell", shell},
    {"terminal", terminal},
    {"yaml", yaml},
};
}

std::span<const DoorEntry> doors() { return table; }

void broken(std::string_view what) {
    std::fprintf(stderr, "does not hold: %.*s\n", static_cast<int>(std::min<std::size_t>(what.size(), 4000)), what.data());
    std::abort();
}

void expect_told(const Error& error, std::string_view text) {
    expect(!error.message.empty(), "an error without a message");
    const auto lines = 1 + std::count(text.begin(), text.end(), '\n');
    // libyaml says of what ends too early that it ends on the line behind the last.
    expect(error.line >= 0 && error.line <= lines + 1, "an error beyond the last line", [&] { return cat(error.line, " of ", lines, ", ", error.message); });
    expect(error.column >= 0, "an error left of the first column");
}

std::string_view take_until(std::string_view& text, char separator) {
    const auto end = text.find(separator);
    const auto part = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    return part;
}

bool is_utf8(std::string_view text) {
    for (std::size_t i = 0; i < text.size();) {
        const auto lead = static_cast<unsigned char>(text[i]);
        const std::size_t more = lead < 0x80 ? 0 : lead >= 0xc2 && lead < 0xe0 ? 1 : lead >= 0xe0 && lead < 0xf0 ? 2 : lead >= 0xf0 && lead < 0xf5 ? 3 : 9;
        if (more == 9 || i + more >= text.size())
            return false;
        for (std::size_t j = 1; j <= more; ++j)
            if ((static_cast<unsigned char>(text[i + j]) & 0xc0) != 0x80)
                return false;
        i += more + 1;
    }
    return true;
}

}  // namespace kubewalk::fuzz
