#include "web/app/address.h"

#include <iterator>
#include <utility>

#include "core/base/text.h"

namespace kubewalk::app {

namespace {

// No part of an address is longer, the shared session aside (share.h bounds that itself).
constexpr std::size_t most_bytes = 400;
constexpr std::string_view view_names[] = {"architecture", "cluster", "traffic", "dns"};

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

// "%2F" and "+" as forms write them; what is malformed stays as it stands.
std::string decoded(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        int high = text[i] == '%' && i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
        int low = high >= 0 ? hex_digit(text[i + 2]) : -1;
        if (low >= 0) {
            out.push_back(static_cast<char>(high * 16 + low));
            i += 2;
        } else {
            out.push_back(text[i] == '+' ? ' ' : text[i]);
        }
    }
    return out;
}

void take(Address& out, std::string_view key, std::string_view raw) {
    if (key == "s") {
        out.shared = cat("s=", raw);
        return;
    }
    if (raw.size() > most_bytes) return;
    std::string value = decoded(raw);
    // A flag is on unless it says otherwise: "?embed", "?embed=1".
    bool on = value != "0" && value != "false";
    if (key == "embed") out.embed = on;
    if (key == "present") out.present = on;
    if (key == "lang") out.language = value.starts_with("zh") ? "zh-CN" : "en";
    if (key == "theme" && (value == "dark" || value == "light")) out.theme = value;
    if (key == "view") out.view = view_named(value);
    if (key == "scenario") out.scenario = value;
    if (key == "lesson") out.lesson = value;
    if (key == "step") out.step = static_cast<int>(parse_int(value).value_or(0));
    if (key == "from") out.from = value;
    if (key == "to") out.to = value;
}

void take_all(Address& out, std::string_view parts) {
    for (std::string_view part : split(parts, '&')) {
        std::size_t equals = part.find('=');
        take(out, part.substr(0, equals), equals == std::string_view::npos ? std::string_view() : part.substr(equals + 1));
    }
}

}  // namespace

std::string_view without_query(std::string_view address) {
    return address.substr(0, address.find_first_of("?#"));
}

std::string whole_page(std::string_view address, std::string_view fragment) {
    std::string out(without_query(address));
    std::string_view query = address.substr(out.size());
    query = query.substr(0, query.find('#'));
    char mark = '?';
    for (std::string_view part : split(query.starts_with('?') ? query.substr(1) : query, '&')) {
        const std::string_view key = part.substr(0, part.find('='));
        if (part.empty() || key == "embed") continue;
        out += cat(std::string(1, std::exchange(mark, '&')), part);
    }
    return fragment.empty() ? out : cat(out, "#", fragment);
}

Address parse_address(std::string_view address, std::string_view fragment) {
    Address out;
    address = address.substr(0, address.find('#'));
    if (std::size_t query = address.find('?'); query != std::string_view::npos) take_all(out, address.substr(query + 1));
    take_all(out, fragment);
    return out;
}

std::string_view view_name(View view) {
    return view_names[static_cast<std::size_t>(view)];
}

std::optional<View> view_named(std::string_view name) {
    for (std::size_t i = 0; i < std::size(view_names); ++i)
        if (view_names[i] == name) return static_cast<View>(i);
    return std::nullopt;
}

}  // namespace kubewalk::app
