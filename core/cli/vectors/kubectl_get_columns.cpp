// kubectl-get/columns.json: the columns of each kind. Descriptions are not judged: they are upstream's
// prose, which the page takes from the schema.

#include "core/api/json.h"
#include "core/apiserver/table.h"
#include "core/cli/vectors/runner.h"

namespace kubewalk::cli {

void run_kubectl_get_columns(const api::Value& root, Report& report) {
    for (const auto& [name, columns] : root.members()) {
        if (!columns.is_array())
            continue;
        const auto dot = name.find('.');
        auto kind = std::string_view(name).substr(0, dot);
        if (kind.ends_with("List"))  // printed as what it lists
            kind.remove_suffix(4);
        const auto group = dot == std::string::npos ? std::string_view() : std::string_view(name).substr(dot + 1);
        const auto& printer = apiserver::printer_for(group, kind);
        if (printer.kind.empty()) {
            report.skip(name, "this kind is not simulated yet");
            continue;
        }
        api::Value expected = api::Value::array();
        for (auto column : columns.items()) {
            column.erase("description");
            expected.push_back(column);
        }
        api::Value found = api::Value::array();
        for (const auto& column : printer.columns)
            found.push_back(api::Value::object({{"name", column.name},
                                                {"type", column.type},
                                                {"format", column.format},
                                                {"priority", column.priority}}));
        report.check(name, api::to_json(expected), api::to_json(found));
    }
}

}  // namespace kubewalk::cli
