// validation/update.json: what may change in an object that exists. Upstream's tests call the validation
// functions on objects as they stand, so nothing is defaulted or prepared here.
#include "core/api/decode.h"
#include "core/base/text.h"
#include "core/cli/vectors/api_cases.h"
#include "core/cli/vectors/runner.h"

namespace kubewalk::cli {

using api::Value;

namespace {

Value stored_form(const ObjectRules& of, const Value& object) {
    auto decoded = api::decode(case_schema(), of.kind->schema, object);
    return decoded.ok() ? decoded.value().object : object;
}

}  // namespace

void run_validation_update(const Value& root, Report& report) {
    for (const auto& one : root["cases"].items()) {
        const auto id = one["id"].as_string();
        const ObjectRules of = rules_of(one["new"]);
        if (of.rules == nullptr || of.rules->validate_update == nullptr) {
            report.skip(id, cat("kind not there yet: ", one["new"]["kind"].as_string()));
            continue;
        }
        api::FieldErrors errors;
        of.rules->validate_update(stored_form(of, one["new"]), stored_form(of, one["old"]), errors);
        report.check(id, causes_text(unit_error_lines(one["unitErrors"])), causes_text(cause_lines(errors)));
    }
}

}  // namespace kubewalk::cli
