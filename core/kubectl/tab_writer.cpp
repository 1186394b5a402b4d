#include "core/kubectl/tab_writer.h"

#include <algorithm>
#include <utility>

namespace kubewalk::kubectl {

namespace {

// Width in characters, as Go counts runes.
int width_of(std::string_view text) {
    return static_cast<int>(std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

}  // namespace

void TabWriter::write(std::string_view text) {
    for (const char c : text) {
        if (c == '\t')
            lines_.back().emplace_back();
        else if (c == '\n')
            lines_.push_back({std::string()});
        else
            lines_.back().back().push_back(c);
    }
}

void TabWriter::print(std::size_t first, std::size_t last, const std::vector<int>& widths) {
    for (std::size_t i = first; i < last; ++i) {
        const Line& line = lines_[i];
        for (std::size_t j = 0; j < line.size(); ++j) {
            out_ += line[j];
            if (j < widths.size() && j + 1 < line.size())
                out_.append(static_cast<std::size_t>(std::max(0, widths[j] - width_of(line[j]))), ' ');
        }
        if (i + 1 < lines_.size())
            out_.push_back('\n');
    }
}

void TabWriter::layout(std::size_t first, std::size_t last, std::vector<int>& widths) {
    const std::size_t column = widths.size();
    std::size_t printed = first;
    for (std::size_t i = first; i < last; ++i) {
        if (column + 1 >= lines_[i].size())
            continue;
        print(printed, i, widths);
        // The block of lines that have this column.
        int width = stops_.minimum_width;
        std::size_t end = i;
        for (; end < last && column + 1 < lines_[end].size(); ++end)
            width = std::max(width, width_of(lines_[end][column]) + stops_.padding);
        if (stops_.remember_widths) {
            if (remembered_.size() <= column)
                remembered_.resize(column + 1);
            width = remembered_[column] = std::max(remembered_[column], width);
        }
        widths.push_back(width);
        layout(i, end, widths);
        widths.pop_back();
        printed = end;
        i = end - 1;
    }
    print(printed, last, widths);
}

void TabWriter::flush() {
    std::vector<int> widths;
    layout(0, lines_.size(), widths);
    lines_.assign(1, {std::string()});
}

std::string TabWriter::take() {
    flush();
    return std::exchange(out_, {});
}

}  // namespace kubewalk::kubectl
