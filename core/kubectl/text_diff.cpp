#include "core/kubectl/text_diff.h"

#include <algorithm>
#include <vector>

#include "core/base/text.h"

namespace kubewalk::kubectl {

namespace {

using Lines = std::vector<std::string_view>;

Lines lines_of(std::string_view text) {
    if (text.empty())
        return {};
    Lines lines = split(text, '\n');
    if (lines.back().empty())
        lines.pop_back();
    return lines;
}

constexpr std::size_t most_cells = 4'000'000;

struct Edit {
    char sign;  // ' ', '-', '+'
    std::string_view line;
};

// The longest common subsequence by dynamic programming: manifests are a few hundred lines long.
std::vector<Edit> edits_between(const Lines& from, const Lines& to) {
    // What is equal at both ends needs no table.
    std::size_t head = 0;
    while (head < from.size() && head < to.size() && from[head] == to[head])
        ++head;
    std::size_t tail = 0;
    while (tail < from.size() - head && tail < to.size() - head && from[from.size() - 1 - tail] == to[to.size() - 1 - tail])
        ++tail;
    const std::size_t rows = from.size() - head - tail;
    const std::size_t columns = to.size() - head - tail;
    std::vector<Edit> edits;
    for (std::size_t i = 0; i < head; ++i)
        edits.push_back({' ', from[i]});
    const auto add_tail = [&] {
        for (std::size_t k = from.size() - tail; k < from.size(); ++k)
            edits.push_back({' ', from[k]});
    };
    // A ConfigMap may hold a hundred thousand lines: such a table would fill the machine, and nobody reads such a comparison.
    if (rows > 0 && columns > most_cells / rows) {
        for (std::size_t i = 0; i < rows; ++i)
            edits.push_back({'-', from[head + i]});
        for (std::size_t j = 0; j < columns; ++j)
            edits.push_back({'+', to[head + j]});
        add_tail();
        return edits;
    }
    std::vector<std::uint32_t> common((rows + 1) * (columns + 1));
    const auto at = [&](std::size_t i, std::size_t j) -> std::uint32_t& { return common[i * (columns + 1) + j]; };
    for (std::size_t i = rows; i-- > 0;)
        for (std::size_t j = columns; j-- > 0;)
            at(i, j) = from[head + i] == to[head + j] ? at(i + 1, j + 1) + 1 : std::max(at(i + 1, j), at(i, j + 1));
    std::size_t i = 0, j = 0;
    while (i < rows || j < columns) {
        if (i < rows && j < columns && from[head + i] == to[head + j]) {
            edits.push_back({' ', from[head + i]});
            ++i;
            ++j;
        } else if (i < rows && (j == columns || at(i + 1, j) >= at(i, j + 1))) {
            edits.push_back({'-', from[head + i++]});
        } else {
            edits.push_back({'+', to[head + j++]});
        }
    }
    add_tail();
    return edits;
}

std::string range_text(std::size_t start, std::size_t count) {
    return count == 1 ? cat(start) : cat(count == 0 ? start - 1 : start, ",", count);
}

}  // namespace

std::string unified_hunks(std::string_view from, std::string_view to) {
    constexpr std::size_t context = 3;
    const auto edits = edits_between(lines_of(from), lines_of(to));
    std::string out;
    std::size_t from_line = 1, to_line = 1, position = 0;
    while (true) {
        std::size_t change = position;
        while (change < edits.size() && edits[change].sign == ' ')
            ++change;
        if (change == edits.size())
            return out;
        // A hunk goes on while changes are at most twice the context apart.
        std::size_t end = change, last = change;
        for (; end < edits.size() && end - last <= 2 * context; ++end)
            if (edits[end].sign != ' ')
                last = end;
        const std::size_t begin = change - position > context ? change - context : position;
        end = std::min(edits.size(), last + 1 + context);
        from_line += begin - position;
        to_line += begin - position;
        std::size_t removed = 0, added = 0;
        std::string body;
        for (std::size_t i = begin; i < end; ++i) {
            removed += edits[i].sign != '+' ? 1 : 0;
            added += edits[i].sign != '-' ? 1 : 0;
            append(body, edits[i].sign, edits[i].line, "\n");
        }
        append(out, "@@ -", range_text(from_line, removed), " +", range_text(to_line, added), " @@\n", body);
        from_line += removed;
        to_line += added;
        position = end;
    }
}

}  // namespace kubewalk::kubectl
