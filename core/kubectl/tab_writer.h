#pragma once
// Go's text/tabwriter with blanks as padding: cells end at tabs, a column is a block of neighbouring lines
// that have a cell there, the last cell of a line belongs to no column. With liggitt/tabwriter's RememberWidths.

#include <string>
#include <string_view>
#include <vector>

namespace kubewalk::kubectl {

struct TabStops {
    int minimum_width = 0;
    int padding = 2;
    bool remember_widths = false;
};
constexpr TabStops describe_stops{0, 2, false};
// k8s.io/cli-runtime/pkg/printers/tabwriter.go
constexpr TabStops table_stops{6, 3, true};

class TabWriter {
public:
    explicit TabWriter(TabStops stops) : stops_(stops) {}

    void write(std::string_view text);
    // Lays out what was written; later lines line up with it only where widths are remembered, and are never narrower.
    void flush();
    void forget_widths() { remembered_.clear(); }
    // All that was laid out so far; flushes.
    std::string take();

private:
    using Line = std::vector<std::string>;
    void layout(std::size_t first, std::size_t last, std::vector<int>& widths);
    void print(std::size_t first, std::size_t last, const std::vector<int>& widths);

    TabStops stops_;
    std::vector<int> remembered_;
    std::vector<Line> lines_{{std::string()}};
    std::string out_;
};

}  // namespace kubewalk::kubectl
