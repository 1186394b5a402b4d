// apiserver/*.jsonl: objects from the real world through the API server's create path: decoding, defaulting,
// allocation of a Service's addresses, the strategy, validation, warnings, and the table kubectl would print.
// No admission plugin ran when they were recorded, so none runs here.
#include <regex>

#include "core/api/conversion.h"
#include "core/api/decode.h"
#include "core/api/internal_version.h"
#include "core/api/json.h"
#include "core/apiserver/allocator.h"
#include "core/apiserver/table.h"
#include "core/base/text.h"
#include "core/cli/vectors/api_cases.h"
#include "core/cli/vectors/runner.h"

namespace kubewalk::cli {

using api::Value;

namespace {

// What the recording shows instead of a chosen address or port, by where it stands. `asked`: the input there.
Value with_placeholders(const Value& value, std::string_view key, const Value& asked) {
    if (value.is_object()) {
        Value result = Value::object();
        for (const auto& [name, member] : value.members())
            result.set(name, with_placeholders(member, name, asked[name]));
        return result;
    }
    if (value.is_array()) {
        Value result = Value::array();
        for (std::size_t i = 0; i < value.size(); ++i)
            result.push_back(with_placeholders(value[i], key, asked[i]));
        return result;
    }
    if (value == asked)
        return value;
    if ((key == "clusterIP" || key == "clusterIPs") && !value.as_string().empty() && value.as_string() != "None")
        return value.as_string().find(':') == std::string_view::npos ? "$CLUSTERIP4" : "$CLUSTERIP6";
    if (key == "nodePort" && value.is_int())
        return "$NODEPORT";
    if (key == "healthCheckNodePort" && value.is_int())
        return "$HEALTHCHECKNODEPORT";
    return value;
}

constexpr std::string_view case_uid = "3c0b3030-85e4-47d1-b508-a42b1679169a";

// Counted for Pods only since 1.33; a phase that reading the object back would give it.
Value as_recorded(const api::Kind& kind, Value object) {
    object.edit("metadata").erase("uid");
    if (kind.kind == "Pod")
        object.edit("metadata").erase("generation");
    if (kind.kind == "PersistentVolume" || kind.kind == "PersistentVolumeClaim")
        object.set("status", Value::object());
    return object;
}

// Fields whose gates release 1.28 had closed: the recorded strategy dropped them from what it created.
Value without_gated(const api::Kind& kind, Value object, const Value& recorded) {
    const auto drop = [](Value& from, const Value& kept, std::string_view field) {
        if (from.contains(field) && !kept.contains(field))
            from.erase(field);
    };
    if (kind.kind == "Job")
        for (const std::string_view field : {"backoffLimitPerIndex", "maxFailedIndexes"})
            drop(object.edit("spec"), recorded["spec"], field);
    const Value& kept = api::pod_part(kind, recorded)["spec"];
    if (!kept.is_object())
        return object;
    Value spec = api::pod_part(kind, object)["spec"];
    drop(spec, kept, "hostUsers");
    for (std::size_t i = 0; i < kept["initContainers"].size() && i < spec["initContainers"].size(); ++i)
        drop(spec.edit("initContainers").edit_at(i), kept["initContainers"][i], "restartPolicy");
    if (kind.kind == "Pod")
        object.set("spec", std::move(spec));
    else if (kind.kind == "CronJob")
        object.edit_path("spec", "jobTemplate", "spec", "template").set("spec", std::move(spec));
    else
        object.edit_path("spec", "template").set("spec", std::move(spec));
    return object;
}

// Warnings that came after release 1.28.
bool is_later_warning(std::string_view line) { return line.find("deprecated since v1.30") != std::string_view::npos; }

struct Created {
    Value object;
    std::vector<std::string> causes;
    std::vector<std::string> warnings;
};

// rest.BeforeCreate and what surrounds it.
Created create(const ObjectRules& of, Value object, const Value& asked, const apiserver::ServiceRanges& ranges) {
    Created made;
    if (of.kind->namespaced() && api::namespace_of(object).empty())
        object.edit("metadata").set("namespace", "default");
    api::through_internal_version(*of.kind, object);
    // As rest.FillObjectMetaSystemFields does before the strategy: a Job's selector is made from it.
    object.edit("metadata").set("uid", case_uid);
    if (of.kind->kind == "Service") {
        Random random(1);
        const auto allocated = apiserver::ServiceAllocator().allocate(ranges, random, object, api::null_value());
        if (!allocated.ok()) {
            for (const auto& cause : allocated.failure().causes)
                made.causes.push_back(cat(cause.reason, " ", cause.field));
            return made;
        }
    }
    // Kinds of two versions: the strategy sees the stored one, the client gets its own back.
    const api::Kind& stored = api::storage_kind(*of.kind);
    object = api::convert(object, *of.kind, stored);
    if (of.rules->prepare_for_create != nullptr)
        of.rules->prepare_for_create(object);
    api::FieldErrors errors;
    of.rules->validate(object, errors);
    object = api::convert(object, stored, *of.kind);
    made.causes = cause_lines(errors);
    if (made.causes.empty() && of.rules->warnings != nullptr)
        of.rules->warnings(object, made.warnings);
    std::erase_if(made.warnings, is_later_warning);
    made.object = with_placeholders(as_recorded(*of.kind, std::move(object)), {}, asked);
    return made;
}

// The uid that a Job's labels carry was chance: one for all.
std::string uids_alike(const std::string& text) {
    static const std::regex uid("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}");
    return std::regex_replace(text, uid, "$UID");
}

std::string table_text(const Value& columns, const Value& rows) {
    Value names = Value::array();
    for (const auto& column : columns.items())
        names.push_back(cat(column["name"].as_string(), column["wide"].as_bool() ? " (wide)" : ""));
    return uids_alike(cat(api::to_json(names), " ", api::to_json(rows)));
}

std::string printed(const ObjectRules& of, const Value& created) {
    const auto& printer = apiserver::printer_for(of.kind->group, of.kind->kind);
    const Value object = api::convert(created, *of.kind, api::storage_kind(*of.kind));
    Value columns = Value::array(), row = Value::array();
    for (const auto& column : printer.columns)
        columns.push_back(Value::object({{"name", column.name}, {"wide", column.priority != 0}}));
    for (auto& cell : printer.cells(object, Time{}, apiserver::Width::wide))
        row.push_back(std::move(cell));
    // A port is a number in the table's text: the recording has its placeholder there.
    std::string text = table_text(columns, Value::array({row}));
    for (const auto& port : object["spec"]["ports"].items())
        if (port["nodePort"].as_string() == "$NODEPORT")
            text = replace_all(text, cat("\"", port["port"].as_int(), "/"), cat("\"", port["port"].as_int(), ":$NODEPORT/"));
    return text;
}

std::string lines_of(const Value& list) {
    std::vector<std::string> lines;
    for (const auto& line : list.items())
        lines.push_back(line.str());
    return join(lines, "\n");
}

void judge(const Value& line, const apiserver::ServiceRanges& ranges, Report& report) {
    const auto id = line["id"].as_string();
    const auto outcome = line["outcome"].as_string();
    if (outcome == "badYAML" || outcome == "missingKind")
        return report.skip(id, "the case holds no object, only a text in manifests/");
    const Value& input = line["input"];
    if (outcome == "notServed" || outcome == "notRegistered") {
        const Value& gvk = line["gvk"];
        const auto group = gvk["group"].as_string();
        const std::string version = cat(group, group.empty() ? "" : "/", gvk["version"].as_string());
        const bool known = api::find_kind(version, gvk["kind"].as_string()) != nullptr;
        return report.check(id, "no such kind", known ? "a kind of this name" : "no such kind");
    }
    const ObjectRules of = rules_of(input);
    if (of.rules == nullptr)
        return report.skip(id, cat("kind not there yet: ", input["kind"].as_string()));
    auto object = after_defaulting(of, input);
    if (!object.ok())
        return report.fail(id, outcome, object.error().message);
    if (line["afterDefaulting"].is_object())
        report.check(cat(id, " defaults"), api::to_json(line["afterDefaulting"]), api::to_json(object.value()));
    const Created made = create(of, object.value(), input, ranges);
    report.check(cat(id, " outcome"), causes_text(cause_lines(line["causes"])), causes_text(made.causes));
    if (!line["afterCreateStrategy"].is_object() || !made.causes.empty())
        return;
    const Value created = without_gated(*of.kind, made.object, line["afterCreateStrategy"]);
    report.check(cat(id, " created"), uids_alike(api::to_json(line["afterCreateStrategy"])), uids_alike(api::to_json(created)));
    report.check(cat(id, " warnings"), lines_of(line["warnings"]), join(made.warnings, "\n"));
    if (!line["table"]["columns"].empty())  // kinds without a printer have none in the recording
        report.check(cat(id, " table"), table_text(line["table"]["columns"], line["table"]["rows"]), printed(of, made.object));
}

// The objects for dual-stack clusters were recorded on one.
bool wants_both_families(const Value& root) {
    for (const auto& line : root.items())
        if (api::to_json(line["afterCreateStrategy"]).find("$CLUSTERIP6") != std::string::npos)
            return true;
    return false;
}

}  // namespace

void run_apiserver_objects(const Value& root, Report& report) {
    apiserver::ServiceRanges ranges;
    if (wants_both_families(root))
        ranges.cidrs.emplace_back("fd00:10:96::/112");
    for (const auto& line : root.items())
        judge(line, ranges, report);
}

}  // namespace kubewalk::cli
