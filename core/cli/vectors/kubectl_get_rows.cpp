// kubectl-get/rows.json: object -> the cells that the server prints for it.

#include "core/api/json.h"
#include "core/apiserver/table.h"
#include "core/cli/vectors/runner.h"

namespace kubewalk::cli {

namespace {

std::string_view group_of(std::string_view api_version) {
    const auto slash = api_version.find('/');
    return slash == std::string_view::npos ? std::string_view() : api_version.substr(0, slash);
}

}  // namespace

void run_kubectl_get_rows(const api::Value& root, Report& report) {
    for (const auto& test : root["cases"].items()) {
        const auto id = test["id"].as_string();
        const auto& object = test["object"];
        const auto& printer = apiserver::printer_for(group_of(object["apiVersion"].as_string()), object["kind"].as_string());
        if (printer.kind.empty()) {
            report.skip(id, "this kind is not simulated yet");
            continue;
        }
        const auto now = parse_rfc3339(test["recordedAt"].as_string()).value_or(Time{});
        const bool wide = test["wide"].as_bool();
        const auto cells = printer.cells(object, now, wide ? apiserver::Width::wide : apiserver::Width::narrow);
        api::Value row = api::Value::array();
        for (std::size_t i = 0; i < cells.size(); ++i)
            if (wide || printer.columns[i].priority == 0)
                row.push_back(cells[i]);
        report.check(id, api::to_json(test["cells"]), api::to_json(api::Value::array({row})));
    }
}

}  // namespace kubewalk::cli
