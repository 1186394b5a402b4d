#include "web/ui/yaml_paint.h"

#include <cctype>

namespace kubewalk::ui {

namespace {

bool number_or_word(std::string_view value) {
    for (std::string_view word : {"true", "false", "null", "~"})
        if (value == word) return true;
    bool digits = false;
    for (char c : value) {
        if (std::isdigit(static_cast<unsigned char>(c)) != 0)
            digits = true;
        else if (c != '.' && c != '-' && c != '+' && c != 'm' && c != 'M' && c != 'G' && c != 'K' && c != 'i')
            return false;
    }
    return digits;
}

// One value: a quoted string, a number, a word; stops at what ends it inside a flow collection.
std::size_t paint_value(const Theme& theme, std::string_view line, std::size_t at, bool flow, std::vector<CodeSpan>& spans) {
    if (line[at] == '"' || line[at] == '\'') {
        std::size_t end = line.find(line[at], at + 1);
        end = end == std::string_view::npos ? line.size() : end + 1;
        spans.push_back({at, end, theme.teal_text});
        return end;
    }
    std::size_t end = at;
    while (end < line.size() && !(flow && (line[end] == ',' || line[end] == '}' || line[end] == ']')) && line.substr(end, 2) != " #") ++end;
    std::size_t last = end;
    while (last > at && line[last - 1] == ' ') --last;
    if (number_or_word(line.substr(at, last - at))) spans.push_back({at, last, theme.amber_text});
    return end;
}

}  // namespace

void paint_yaml(const Theme& theme, std::string_view line, std::vector<CodeSpan>& spans) {
    std::size_t at = line.find_first_not_of(' ');
    if (at == std::string_view::npos) return;
    if (line.substr(at, 3) == "---") return spans.push_back({at, line.size(), theme.faint});
    bool flow = false;
    while (at < line.size()) {
        char c = line[at];
        if (c == ' ') {
            ++at;
            continue;
        }
        if (c == '#' && (at == 0 || line[at - 1] == ' ')) return spans.push_back({at, line.size(), theme.faint});
        if (c == '-' && (at + 1 == line.size() || line[at + 1] == ' ')) {
            spans.push_back({at, at + 1, theme.dim});
            ++at;
            continue;
        }
        if (c == '{' || c == '[' || c == '}' || c == ']' || c == ',') {
            flow = flow || c == '{' || c == '[';
            ++at;
            continue;
        }
        // A key is a word (or a quoted one) before ": " or a colon at the end.
        std::size_t end = at;
        if (c == '"' || c == '\'') {
            end = line.find(c, at + 1);
            end = end == std::string_view::npos ? line.size() : end + 1;
        } else {
            while (end < line.size() && !(line[end] == ':' && (end + 1 == line.size() || line[end + 1] == ' ')) &&
                   !(flow && (line[end] == ',' || line[end] == '}' || line[end] == ']')) && line.substr(end, 2) != " #")
                ++end;
        }
        if (end < line.size() && line[end] == ':') {
            spans.push_back({at, end, theme.blue_text});
            at = end + 1;
            continue;
        }
        at = paint_value(theme, line, at, flow, spans);
    }
}

}  // namespace kubewalk::ui
