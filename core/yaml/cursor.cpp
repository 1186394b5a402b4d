#include "core/yaml/cursor.h"

#include <algorithm>

#include "core/base/text.h"

namespace kubewalk::yaml {

namespace {

struct Line {
    std::size_t begin = 0;  // in the whole text
    std::string_view text;
    std::vector<int> dashes;  // columns of "- "
    int content = 0;          // column of what follows the dashes; the indentation of a blank line
    bool blank = false;
    bool comment = false;
    bool marker = false;      // "---", "..."
    bool scalar = false;      // inside a block scalar
    bool has_key = false;
    std::string key;
    int key_end = 0;          // column behind the key
    int value = 0;            // column where the value begins (or would)
    std::string_view value_text;
};

bool is_marker(std::string_view text) { return text.starts_with("---") || text.starts_with("..."); }

std::string unquoted(std::string_view text) {
    if (text.size() >= 2 && (text.front() == '"' || text.front() == '\'') && text.back() == text.front())
        text = text.substr(1, text.size() - 2);
    return std::string(text);
}

// A value without the comment behind it.
std::string_view without_comment(std::string_view text) {
    const auto hash = text.find(" #");
    return trim(hash == std::string_view::npos ? text : text.substr(0, hash));
}

// The ':' that ends a key, or npos.
std::size_t colon_of(std::string_view content) {
    std::size_t at = 0;
    if (!content.empty() && (content[0] == '"' || content[0] == '\'')) {
        at = content.find(content[0], 1);
        if (at == std::string_view::npos)
            return at;
    }
    for (; at < content.size(); ++at)
        if (content[at] == ':' && (at + 1 == content.size() || content[at + 1] == ' '))
            return at;
        else if (content[at] == '{' || content[at] == '[' || content[at] == '#')
            break;
    return std::string_view::npos;
}

Line read_line(std::string_view text, std::size_t begin) {
    Line line;
    line.begin = begin;
    line.text = text;
    std::size_t at = 0;
    auto skip = [&] {
        while (at < text.size() && text[at] == ' ')
            ++at;
    };
    line.marker = is_marker(text);
    skip();
    while (at < text.size() && text[at] == '-' && (at + 1 == text.size() || text[at + 1] == ' ')) {
        line.dashes.push_back(static_cast<int>(at));
        ++at;
        const std::size_t behind = at;
        skip();
        // An item that is still to be typed begins one blank behind its dash.
        if (at == text.size() && at == behind)
            break;
    }
    line.content = static_cast<int>(at);
    const auto content = text.substr(at);
    line.blank = trim(content).empty();
    line.comment = !line.blank && content[0] == '#';
    if (line.blank || line.comment || line.marker)
        return line;
    const auto colon = colon_of(content);
    if (colon == std::string_view::npos)
        return line;
    line.has_key = true;
    line.key = unquoted(content.substr(0, colon));
    line.key_end = static_cast<int>(at + colon);
    at += colon + 1;
    skip();
    line.value = static_cast<int>(at);
    line.value_text = without_comment(text.substr(at));
    return line;
}

// Lines of the document that holds `offset`.
std::vector<Line> lines_of_document(std::string_view text, std::size_t offset) {
    std::vector<Line> lines;
    for (std::size_t begin = 0; begin <= text.size();) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        auto line = read_line(text.substr(begin, end - begin), begin);
        if (line.marker && begin > offset)
            break;
        if (line.marker && end < offset)
            lines.clear();
        else
            lines.push_back(std::move(line));
        begin = end + 1;
    }
    int scalar_above = -1;  // the column of the key whose block scalar we are in
    for (auto& line : lines) {
        if (scalar_above >= 0 && (line.blank || line.content > scalar_above) && line.dashes.empty())
            line.scalar = true;
        else if (scalar_above >= 0 && !line.dashes.empty() && line.dashes.front() > scalar_above)
            line.scalar = true;
        else
            scalar_above = -1;
        if (!line.scalar && line.has_key && (line.value_text.starts_with("|") || line.value_text.starts_with(">")))
            scalar_above = line.dashes.empty() ? line.content : line.dashes.front();
    }
    return lines;
}

// What is open above a line: keys and list items with their columns.
struct Open {
    int column;
    bool item;
    std::string key;
};

void open_item(std::vector<Open>& stack, int column) {
    while (!stack.empty() && (stack.back().column > column || (stack.back().item && stack.back().column == column)))
        stack.pop_back();
    stack.push_back({column, true, {}});
}

void close_for_key(std::vector<Open>& stack, int column) {
    while (!stack.empty() && stack.back().column >= column)
        stack.pop_back();
}

std::vector<std::string> keys_of(const std::vector<Open>& stack) {
    std::vector<std::string> keys;
    for (const auto& open : stack)
        if (!open.item)
            keys.push_back(open.key);
    return keys;
}

// Keys of the mapping whose keys stand at `column` and of which line `index` is one.
std::vector<std::string> siblings_of(const std::vector<Line>& lines, std::size_t index, int column) {
    std::vector<std::string> keys;
    auto passed_over = [](const Line& line) { return line.blank || line.comment || line.scalar; };
    // Upwards until something stands further left; the line of the item's dash still belongs to it.
    if (lines[index].dashes.empty())
        for (std::size_t i = index; i-- > 0;) {
            const Line& line = lines[i];
            if (passed_over(line))
                continue;
            if (line.content < column || line.marker)
                break;
            if (line.content == column && line.has_key)
                keys.push_back(line.key);
            if (!line.dashes.empty() && line.dashes.front() < column)
                break;
        }
    for (std::size_t i = index + 1; i < lines.size(); ++i) {
        const Line& line = lines[i];
        if (passed_over(line))
            continue;
        if (line.content < column || line.marker || (!line.dashes.empty() && line.dashes.front() < column))
            break;
        if (line.content == column && line.has_key)
            keys.push_back(line.key);
    }
    return keys;
}

bool is_key_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.' || c == '/';
}

void place_in_value(Cursor& cursor, const Line& line, int caret) {
    cursor.place = Cursor::Place::value;
    const auto first = line.value_text.empty() ? '\0' : line.value_text[0];
    if (first == '{' || first == '[' || first == '|' || first == '>' || first == '&' || first == '*') {
        cursor.place = Cursor::Place::elsewhere;
        return;
    }
    const int begin = std::min(caret, line.value);
    cursor.begin = line.begin + static_cast<std::size_t>(begin);
    cursor.end = std::max(line.begin + static_cast<std::size_t>(line.value) + line.value_text.size(),
                          line.begin + static_cast<std::size_t>(caret));
    cursor.word = std::string(line.text.substr(static_cast<std::size_t>(begin), static_cast<std::size_t>(caret - begin)));
}

void place_in_key(Cursor& cursor, const Line& line, int caret) {
    cursor.place = Cursor::Place::key;
    const int begin = std::min(caret, line.content);
    std::size_t end = static_cast<std::size_t>(caret);
    if (line.has_key)
        end = static_cast<std::size_t>(line.key_end);
    else
        while (end < line.text.size() && is_key_character(line.text[end]))
            ++end;
    cursor.begin = line.begin + static_cast<std::size_t>(begin);
    cursor.end = line.begin + end;
    cursor.word = std::string(line.text.substr(static_cast<std::size_t>(begin), static_cast<std::size_t>(caret - begin)));
}

}  // namespace

std::string Cursor::dotted_path() const { return join(path, "."); }

Cursor cursor_at(std::string_view text, std::size_t offset) {
    offset = std::min(offset, text.size());
    Cursor cursor;
    const auto lines = lines_of_document(text, offset);
    std::vector<Open> stack;
    for (std::size_t i = 0; i < lines.size(); ++i) {
        const Line& line = lines[i];
        if (line.has_key && !line.scalar && line.dashes.empty() && line.content == 0) {
            if (line.key == "apiVersion")
                cursor.api_version = unquoted(line.value_text);
            if (line.key == "kind")
                cursor.kind = unquoted(line.value_text);
        }
        const bool here = line.begin <= offset && offset <= line.begin + line.text.size();
        if (!here) {
            if (line.begin > offset || line.comment || line.scalar || line.marker || (line.blank && line.dashes.empty()))
                continue;
            for (const int dash : line.dashes)
                open_item(stack, dash);
            if (line.has_key) {
                close_for_key(stack, line.content);
                stack.push_back({line.content, false, line.key});
            }
            continue;
        }
        const int caret = static_cast<int>(offset - line.begin);
        cursor.begin = cursor.end = offset;
        if (line.comment || line.scalar || line.marker || (!line.dashes.empty() && caret <= line.dashes.back()))
            continue;
        if (const auto hash = line.text.find(" #"); hash != std::string_view::npos && static_cast<std::size_t>(caret) > hash)
            continue;
        auto above = stack;
        for (const int dash : line.dashes)
            open_item(above, dash);
        // On a blank line the caret itself says how far the key is to be indented.
        const int column = line.blank && line.dashes.empty() ? caret : line.content;
        close_for_key(above, column);
        cursor.column = column;
        cursor.path = keys_of(above);
        if (line.has_key && caret > line.key_end) {
            cursor.path.push_back(line.key);
            place_in_value(cursor, line, caret);
        } else if (caret >= column || line.blank) {
            place_in_key(cursor, line, caret);
            cursor.siblings = siblings_of(lines, i, column);
        }
        if (!line.dashes.empty() || !line.blank) {
            stack = above;
            if (line.has_key)
                stack.push_back({line.content, false, line.key});
        }
    }
    return cursor;
}

}  // namespace kubewalk::yaml
