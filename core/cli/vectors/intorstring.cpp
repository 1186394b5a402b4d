// deployment/intorstring.json: what a number or a percentage of a total comes to.
#include "core/api/int_or_string.h"
#include "core/base/text.h"
#include "core/cli/vectors/runner.h"

namespace kubewalk::cli {

void run_intorstring(const api::Value& root, Report& report) {
    for (const auto& one : root["cases"].items()) {
        const auto id = one["id"].as_string();
        if (one["func"].as_string() != "GetScaledValueFromIntOrPercent") {
            report.fail(id, one["func"].as_string(), "no such function here");
            continue;
        }
        const auto& args = one["args"];
        const auto rounding = args["roundUp"].as_bool() ? api::Rounding::up : api::Rounding::down;
        const auto found = api::scaled_value(args["intOrPercent"], static_cast<int>(args["total"].as_int()), rounding);
        const auto text = [](std::int64_t number, std::string_view error) { return cat(number, " ", error); };
        report.check(id, text(one["result"][0].as_int(), one["result"][1]["error"].as_string()),
                     found.ok() ? text(found.value(), "") : text(0, found.error().message));
    }
}

}  // namespace kubewalk::cli
