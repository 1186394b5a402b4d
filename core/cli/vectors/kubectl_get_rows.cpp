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

// recordedAt is when the recording began; upstream's tests made some objects (creation in the future of
// recordedAt) and printed them up to this much later, so an age may belong to any of these instants.
constexpr int recording_seconds = 3;

std::string row_at(const apiserver::Printer& printer, const api::Value& object, Time now, bool wide) {
    const auto cells = printer.cells(object, now, wide ? apiserver::Width::wide : apiserver::Width::narrow);
    api::Value row = api::Value::array();
    for (std::size_t i = 0; i < cells.size(); ++i)
        if (wide || printer.columns[i].priority == 0)
            row.push_back(cells[i]);
    return api::to_json(api::Value::array({row}));
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
        const auto expected = api::to_json(test["cells"]);
        auto found = row_at(printer, object, now, wide);
        for (int later = 1; found != expected && later <= recording_seconds; ++later)
            if (row_at(printer, object, now + seconds(later), wide) == expected)
                found = expected;
        // Made after recordedAt: "<invalid>" is no age that anybody saw.
        for (int later = 1; found.find("<invalid>") != std::string::npos && later <= recording_seconds; ++later)
            found = row_at(printer, object, now + seconds(later), wide);
        report.check(id, expected, found);
    }
}

}  // namespace kubewalk::cli
