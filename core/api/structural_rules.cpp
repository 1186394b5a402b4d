#include "core/api/structural_rules.h"

#include <algorithm>

#include "core/api/json.h"
#include "core/api/schema_path.h"
#include "core/api/structural.h"
#include "core/base/text.h"

namespace kubewalk::api::structural {

namespace {

using cel::Program;
using cel::TypeRef;
using cel::Val;
using cel::simple;

constexpr std::string_view rules_key = "x-kubernetes-validations", embedded_key = "x-kubernetes-embedded-resource", int_or_string_key = "x-kubernetes-int-or-string";
constexpr std::size_t longest_message = 5 * 1024;


// The rule as upstream's JSON prints it where it is to blame.
std::string printed(const Value& rule) {
    // What Go's encoder escapes for HTML.
    const auto text = [&](std::string_view field) {
        return replace_all(replace_all(replace_all(to_json(Value(rule[field].as_string())), "<", "\\u003c"), ">", "\\u003e"), "&", "\\u0026");
    };
    return cat("{\"Rule\":", text("rule"), ",\"Message\":", text("message"), ",\"MessageExpression\":", text("messageExpression"), ",\"Reason\":",
               rule["reason"].is_null() ? std::string("null") : text("reason"), ",\"FieldPath\":", text("fieldPath"), ",\"OptionalOldSelf\":",
               rule["optionalOldSelf"].is_null() ? "null" : rule["optionalOldSelf"].as_bool() ? "true" : "false", "}");
}

std::vector<cel::Variable> variables_for(const TypeRef& type, const Value& rule) {
    return {{"self", type}, {"oldSelf", rule["optionalOldSelf"].as_bool() ? cel::optional_of(type) : type}};
}

Result<Program> compiled(const Value& rule, std::string_view field, const TypeRef& type, cel::Type::Kind wanted) {
    const auto variables = variables_for(type, rule);
    const bool is_message = field == "messageExpression";
    auto program = Program::compile(rule[field].as_string(), variables);
    if (!program.ok())
        return Error{"Invalid", cat(is_message ? "messageExpression compilation failed: " : "compilation failed: ", program.error().message), {}, 0, 0};
    if (program.value().type().kind != wanted)
        return Error{"Invalid", is_message ? "messageExpression must evaluate to a string" : "cel expression must evaluate to a bool", {}, 0, 0};
    return program;
}

bool has_line_breaks(std::string_view text) { return text.find_first_of("\n\r") != std::string_view::npos; }

// -- checking ----------------------------------------------------------------------------------------

class RuleChecker {
public:
    explicit RuleChecker(FieldErrors& errors) : errors_(errors) {}

    // `uncorrelated`: the path of a list or map above whose items are not known from before; "" for none.
    void schema(const Value& schema, const Path& path, const TypeRef& type, const std::string& uncorrelated) {
        const Path list = path.child(rules_key);
        for (std::size_t i = 0; i < schema[rules_key].size(); ++i)
            rule(schema, schema[rules_key][i], list.index(i), type, uncorrelated);
        for (const auto& property : schema["properties"].members()) {
            const Path properties = path.child("properties");
            const auto name = cel::escaped_name(property.key);
            TypeRef inner;
            if (name.empty())
                inner = type_of_schema(property.value, "selfType", property.value[embedded_key].as_bool());
            else if (type && type->kind == cel::Type::Kind::object)
                if (const auto field = type->fields.find(name); field != type->fields.end())
                    inner = field->second;
            this->schema(property.value, properties.key(property.key), inner, uncorrelated);
        }
        const auto parameter = [&](std::size_t index) { return type && index < type->parameters.size() ? type->parameters[index] : TypeRef(); };
        if (schema["additionalProperties"].is_object())
            this->schema(schema["additionalProperties"], path.child("additionalProperties"), parameter(1), uncorrelated);
        if (schema["items"].is_object())
            this->schema(schema["items"], path.child("items"), parameter(0),
                         schema["x-kubernetes-list-type"].as_string() == "map" || !uncorrelated.empty() ? uncorrelated : path.str());
        const Path all_of = path.child("allOf");
        for (std::size_t i = 0; i < schema["allOf"].size(); ++i)
            this->schema(schema["allOf"][i], all_of.index(i), type, uncorrelated);
    }

private:
    bool form(const Value& schema, const Value& rule, const Path& path) {
        const auto before = errors_.size();
        const auto text = trim(rule["rule"].as_string()), message = trim(rule["message"].as_string());
        if (text.empty())
            errors_.required(path.child("rule"), "rule is not specified");
        else if (!rule["message"].as_string().empty() && message.empty())
            errors_.invalid(path.child("message"), rule["message"], "must be non-empty if specified");
        else if (has_line_breaks(message))
            errors_.invalid(path.child("message"), rule["message"], "must not contain line breaks");
        else if (has_line_breaks(text) && message.empty())
            errors_.required(path.child("message"), "message must be specified if rule contains line breaks");
        if (const auto expression = rule["messageExpression"].as_string(); !expression.empty() && trim(expression).empty())
            errors_.required(path.child("messageExpression"), "messageExpression must be non-empty if specified");
        constexpr std::string_view reasons[] = {"FieldValueDuplicate", "FieldValueForbidden", "FieldValueInvalid", "FieldValueRequired"};
        if (const Value& reason = rule["reason"]; !reason.is_null() && std::find(std::begin(reasons), std::end(reasons), reason.as_string()) == std::end(reasons))
            errors_.not_supported(path.child("reason"), reason, std::vector<std::string_view>(std::begin(reasons), std::end(reasons)));
        if (const Value& field_path = rule["fieldPath"]; !field_path.as_string().empty()) {
            if (trim(field_path.as_string()).empty())
                errors_.invalid(path.child("fieldPath"), field_path, "must be non-empty if specified");
            if (has_line_breaks(field_path.as_string()))
                errors_.invalid(path.child("fieldPath"), field_path, "must not contain line breaks");
            if (!schema_path(field_path.as_string(), schema, Brackets::allowed).ok())
                errors_.invalid(path.child("fieldPath"), field_path, "must be a valid path");
        }
        return errors_.size() == before;
    }

    void rule(const Value& schema, const Value& rule, const Path& path, const TypeRef& type, const std::string& uncorrelated) {
        if (!form(schema, rule, path))
            return;
        if (!type)
            return errors_.internal(path, "failed to retrieve type information for x-kubernetes-validations");
        const auto program = compiled(rule, "rule", type, cel::Type::Kind::boolean);
        if (!program.ok())
            return errors_.invalid_without_value(path.child("rule"), cat(printed(rule), ": ", program.error().message));
        if (!rule["messageExpression"].as_string().empty())
            if (const auto message = compiled(rule, "messageExpression", type, cel::Type::Kind::string); !message.ok())
                errors_.invalid_without_value(path.child("messageExpression"), cat(printed(rule), ": ", message.error().message));
        if (program.value().uses("oldSelf")) {
            if (!uncorrelated.empty())
                errors_.invalid(path.child("rule"), rule["rule"], cat("oldSelf cannot be used on the uncorrelatable portion of the schema within ", uncorrelated));
        } else if (!rule["optionalOldSelf"].is_null()) {
            errors_.invalid(path.child("optionalOldSelf"), rule["optionalOldSelf"], "may not be set if oldSelf is not used in rule");
        }
    }

    FieldErrors& errors_;
};

// -- running -----------------------------------------------------------------------------------------

struct Selves : cel::Host {
    Val self, old_self;
    bool has_old = false;

    bool variable(std::string_view name, Val& value) override {
        if (name != "self" && (name != "oldSelf" || !has_old))
            return false;
        value = name == "self" ? self : old_self;
        return true;
    }
};

std::string rule_text(const Value& rule) {
    const auto message = rule["message"].as_string();
    return std::string(trim(message.empty() ? rule["rule"].as_string() : message));
}

Value item_with_keys(const Value& schema, const Value& olds, const Value& item) {
    if (schema["x-kubernetes-list-type"].as_string() != "map")
        return {};
    const auto keys = schema["x-kubernetes-list-map-keys"].items();
    for (const auto& old : olds.items())
        if (std::all_of(keys.begin(), keys.end(), [&](const Value& key) { return old[key.as_string()] == item[key.as_string()]; }))
            return old;
    return {};
}

}  // namespace

TypeRef type_of_schema(const Value& schema, const std::string& name, bool is_resource) {
    using Kind = cel::Type::Kind;
    if (schema[int_or_string_key].as_bool())
        return simple(Kind::dyn);
    const auto type = schema["type"].as_string();
    if (type == "array") {
        const auto element = type_of_schema(schema["items"], name + ".@elem", schema["items"][embedded_key].as_bool());
        return element ? cel::list_of(element) : nullptr;
    }
    if (type == "object") {
        if (schema["additionalProperties"].is_object()) {
            const auto value = type_of_schema(schema["additionalProperties"], name + ".@elem", schema["additionalProperties"][embedded_key].as_bool());
            return value ? cel::map_of(simple(Kind::string), value) : nullptr;
        }
        std::map<std::string, TypeRef, std::less<>> fields;
        for (const auto& property : schema["properties"].members())
            if (const auto field = cel::escaped_name(property.key); !field.empty())
                if (auto inner = type_of_schema(property.value, cat(name, ".", property.key), property.value[embedded_key].as_bool()))
                    fields[field] = std::move(inner);
        if (is_resource) {
            fields["apiVersion"] = fields["kind"] = simple(Kind::string);
            fields["metadata"] = cel::object_named(name + ".metadata", {{"name", simple(Kind::string)}, {"generateName", simple(Kind::string)}});
        }
        return cel::object_named(name, std::move(fields));
    }
    if (type == "string") {
        const auto format = schema["format"].as_string();
        return simple(format == "byte" ? Kind::bytes : format == "duration" ? Kind::duration : format == "date" || format == "date-time" ? Kind::timestamp : Kind::string);
    }
    return type == "boolean" ? simple(Kind::boolean) : type == "number" ? simple(Kind::number) : type == "integer" ? simple(Kind::integer) : nullptr;
}

void check_rules(const Value& schema, const Path& path, FieldErrors& errors) { RuleChecker(errors).schema(schema, path, type_of_schema(schema, "selfType", true), {}); }

Rules::Node Rules::node_of(const Value& rules_of, const Value& schema, const TypeRef& type) {
    Node node;
    node.type = type;
    node.schema = schema;
    for (const auto& written : rules_of[rules_key].items()) {
        Rule rule;
        rule.written = written;
        if (type) {
            auto program = compiled(written, "rule", type, cel::Type::Kind::boolean);
            if (program.ok()) {
                rule.uses_old = program.value().uses("oldSelf");
                rule.program = program.take();
            } else {
                rule.compile_error = program.error().message;
            }
            if (!written["messageExpression"].as_string().empty())
                if (auto message = compiled(written, "messageExpression", type, cel::Type::Kind::string); message.ok())
                    rule.message = message.take();
        }
        if (const auto at = written["fieldPath"].as_string(); !at.empty())
            if (const auto found = schema_path(at, schema, Brackets::allowed); found.ok())
                rule.field_path = found.value().text;
        node.rules.push_back(std::move(rule));
    }
    for (const auto& property : rules_of["properties"].members()) {
        const Value& inner = schema["properties"][property.key];
        const auto name = cel::escaped_name(property.key);
        TypeRef field;
        if (name.empty())
            field = type_of_schema(inner, "selfType", inner[embedded_key].as_bool());
        else if (type && type->kind == cel::Type::Kind::object)
            if (const auto known = type->fields.find(name); known != type->fields.end())
                field = known->second;
        if (auto child = node_of(property.value, inner, field); field && !child.empty())
            node.properties.emplace(property.key, std::move(child));
    }
    const auto parameter = [&](std::size_t index) { return type && index < type->parameters.size() ? type->parameters[index] : TypeRef(); };
    if (rules_of["items"].is_object())
        if (auto child = node_of(rules_of["items"], schema["items"], parameter(0)); !child.empty())
            node.items = std::make_unique<Node>(std::move(child));
    if (rules_of["additionalProperties"].is_object())
        if (auto child = node_of(rules_of["additionalProperties"], schema["additionalProperties"], parameter(1)); !child.empty())
            node.additional = std::make_unique<Node>(std::move(child));
    for (const auto& one : rules_of["allOf"].items())
        if (auto child = node_of(one, schema, type); !child.empty())
            node.all_of.push_back(std::move(child));
    return node;
}

std::shared_ptr<const Rules> Rules::of(const Value& schema) {
    if (!has_rules(schema))
        return nullptr;
    auto made = std::make_shared<Rules>();
    made->root_ = node_of(schema, schema, type_of_schema(schema, "selfType", true));
    return made->root_.empty() ? nullptr : made;
}

class Rules::Judge {
public:
    Judge(FieldErrors& errors, std::vector<std::string>& warnings) : errors_(errors), warnings_(warnings) {}

    // `ratchets`: the value, or one around it, is what it was before.
    void node(const Node& node, const Value& value, const Value& old, const std::string& path, bool ratchets) {
        if (value.is_null() || budget_ < 0)
            return;
        ratchets = ratchets || (!old.is_null() && value == old);
        rules(node, value, old, path, ratchets);
        for (const auto& one : node.all_of)
            this->node(one, value, old, path, ratchets);
        for (std::size_t i = 0; value.is_array() && node.items && i < value.size(); ++i)
            this->node(*node.items, value[i], item_with_keys(node.schema, old, value[i]), cat(path, "[", i, "]"), ratchets);
        for (const auto& member : value.members()) {
            if (node.additional)
                this->node(*node.additional, member.value, old[member.key], cat(path, "[", member.key, "]"), ratchets);
            if (const auto property = node.properties.find(member.key); property != node.properties.end())
                this->node(property->second, member.value, old[member.key], path.empty() ? member.key : cat(path, ".", member.key), ratchets);
        }
    }

private:
    static std::string shown(const std::string& path) { return path.empty() ? std::string("<nil>") : path; }

    void out_of_budget(const std::string& at, const Value& type, std::string_view message) {
        errors_.invalid(Path(at), type, message);
        budget_ = -1;
    }

    void rules(const Node& node, const Value& value, const Value& old, const std::string& path, bool ratchets) {
        const std::string at = shown(path);
        const Value type = node.schema["type"].str();
        for (const auto& rule : node.rules) {
            if (budget_ < 0)
                return;
            if (!rule.compile_error.empty())
                errors_.invalid(Path(at), type, cat("rule compile error: ", rule.compile_error));
            if (!rule.program)
                continue;
            const bool optional_old = rule.written["optionalOldSelf"].as_bool();
            if (rule.uses_old && old.is_null() && !optional_old)
                continue;  // it is about changes
            Selves selves;
            selves.self = Val::of(value, node.type);
            selves.has_old = optional_old || !old.is_null();
            const Val before = Val::of(old, node.type);
            selves.old_self = !optional_old ? before : old.is_null() ? Val::none() : Val::some(before);
            const auto result = rule.program->run(selves, budget_);
            if (budget_ < 0)
                return out_of_budget(at, type, "validation failed due to running out of cost budget, no further validation rules will be run");
            if (!result.ok()) {
                failed(result.error(), rule.written, at, type);
                continue;
            }
            if (!result.value().is_true())
                refuse(rule, selves, value, path, !rule.uses_old && ratchets);
        }
    }

    void failed(const Error& error, const Value& rule, const std::string& at, const Value& type) {
        const auto& text = error.message;
        if (cel::is_out_of_budget(error))
            out_of_budget(at, type, cat("'", text, "': no further validation rules will be run due to call cost exceeds limit for rule: ", rule_text(rule)));
        else if (text.starts_with("no such overload"))
            errors_.invalid(Path(at), type, cat("'", text, "': call arguments did not match a supported operator, function or macro signature for rule: ", rule_text(rule)));
        else
            errors_.invalid(Path(at), type, cat(text, " evaluating rule: ", rule_text(rule)));
    }

    std::string detail_of(const Rule& rule, Selves& selves) {
        if (rule.message) {
            const auto made = rule.message->run(selves, budget_);
            if (made.ok() && made.value().is(Val::Kind::string)) {
                const auto text = trim(made.value().text());
                if (!text.empty() && text.size() <= longest_message && !has_line_breaks(text))
                    return std::string(text);
            }
        }
        const auto message = rule.written["message"].as_string();
        return message.empty() ? cat("failed rule: ", rule_text(rule.written)) : std::string(trim(message));
    }

    void refuse(const Rule& rule, Selves& selves, const Value& value, const std::string& path, bool only_warns) {
        const auto detail = detail_of(rule, selves);
        const std::string place = rule.field_path.empty() ? shown(path) : path.empty() ? rule.field_path : cat(path, ".", rule.field_path);
        const Path at(place);
        FieldErrors found;
        const auto reason = rule.written["reason"].as_string();
        const bool has_parts = value.is_object() || value.is_array();
        if (reason == "FieldValueForbidden")
            found.forbidden(at, detail);
        else if (reason == "FieldValueRequired")
            found.required(at, detail);
        else if (reason == "FieldValueDuplicate")
            found.duplicate(at, value);
        else if (has_parts)
            found.invalid_without_value(at, detail);
        else
            found.invalid(at, value, detail);
        if (!only_warns)
            return errors_.add(std::move(found));
        for (const auto& error : found)
            warnings_.push_back(error.message());
    }

    FieldErrors& errors_;
    std::vector<std::string>& warnings_;
    std::int64_t budget_ = cel::cost_limit_of_a_request;
};

void Rules::validate(const Value& object, const Value& old, FieldErrors& errors, std::vector<std::string>& warnings) const {
    Judge(errors, warnings).node(root_, object, old, {}, false);
}

}  // namespace kubewalk::api::structural
