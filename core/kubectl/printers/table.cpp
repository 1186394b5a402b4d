// Upstream: k8s.io/cli-runtime/pkg/printers/tableprinter.go.

#include "core/base/text.h"
#include "core/kubectl/printers/printers.h"

namespace kubewalk::kubectl {

using api::Value;

namespace {

std::string upper(std::string_view text) {
    std::string out(text);
    for (char& c : out)
        if (c >= 'a' && c <= 'z')
            c = static_cast<char>(c - 'a' + 'A');
    return out;
}

std::string cell_text(const Value& cell) {
    const auto text = JsonPath::text_of(cell);
    const auto end = text.find_first_of("\f\n\r");
    return end == std::string::npos ? text : text.substr(0, end) + "...";
}

// The column under a label: its last part, as -L prints it.
std::string label_header(std::string_view label) {
    const auto slash = label.rfind('/');
    return upper(slash == std::string_view::npos ? label : label.substr(slash + 1));
}

std::string all_labels(const Value& labels) {
    std::vector<std::string> pairs;
    for (const auto& [key, value] : labels.members())
        pairs.push_back(cat(key, "=", value.as_string()));
    return pairs.empty() ? "<none>" : join(pairs, ",");
}

std::string header_line(const Value& table, const TableOptions& options) {
    std::vector<std::string> cells;
    if (options.with_namespace)
        cells.emplace_back("NAMESPACE");
    for (const auto& column : table["columnDefinitions"].items())
        if (options.wide || column["priority"].as_int() == 0)
            cells.push_back(upper(column["name"].as_string()));
    for (const auto& label : options.label_columns)
        cells.push_back(label_header(label));
    if (options.show_labels)
        cells.emplace_back("LABELS");
    return join(cells, "\t") + "\n";
}

}  // namespace

std::string table_lines(const Value& table, const api::Kind& kind, const TableOptions& options, bool headers) {
    const auto rows = table["rows"].items();
    if (rows.empty())
        return {};
    std::string lines = headers && options.headers ? header_line(table, options) : std::string();
    const auto columns = table["columnDefinitions"].items();
    for (const auto& row : rows) {
        const auto& metadata = row["object"]["metadata"];
        std::vector<std::string> cells;
        if (options.with_namespace)
            cells.push_back(metadata["namespace"].str());
        for (std::size_t i = 0; i < columns.size(); ++i) {
            if (!options.wide && columns[i]["priority"].as_int() != 0)
                continue;
            auto text = cell_text(row["cells"][i]);
            if (options.with_kind && columns[i]["format"].as_string() == "name")
                text = cat(kind_prefix(kind), "/", text);
            cells.push_back(std::move(text));
        }
        for (const auto& label : options.label_columns)
            cells.push_back(metadata["labels"][label].str());
        if (options.show_labels)
            cells.push_back(all_labels(metadata["labels"]));
        append(lines, join(cells, "\t"), "\n");
    }
    return lines;
}

}  // namespace kubewalk::kubectl
