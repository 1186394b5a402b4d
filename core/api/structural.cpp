#include "core/api/structural.h"

#include <cmath>
#include <set>

#include "core/api/json.h"
#include "core/api/names.h"
#include "core/base/base64.h"
#include "core/base/regex.h"
#include "core/base/text.h"
#include "core/base/time.h"

namespace kubewalk::api::structural {

namespace {

constexpr std::string_view preserve = "x-kubernetes-preserve-unknown-fields", int_or_string = "x-kubernetes-int-or-string",
                           embedded = "x-kubernetes-embedded-resource", list_type = "x-kubernetes-list-type", list_keys = "x-kubernetes-list-map-keys";

bool is_system_field(std::string_view name) { return name == "apiVersion" || name == "kind" || name == "metadata"; }

std::string member_path(std::string_view path, std::string_view name) { return path.empty() ? std::string(name) : cat(path, ".", name); }

// -- pruning and defaults ----------------------------------------------------------------------------

void prune_value(Value& value, const Value& schema, const std::string& path, bool keeps_system_fields, std::vector<std::string>& unknown) {
    if (value.is_array()) {
        if (schema["items"].is_object())
            for (std::size_t i = 0; i < value.size(); ++i) {
                Value item = value[i];
                prune_value(item, schema["items"], cat(path, "[", i, "]"), false, unknown);
                if (!item.same(value[i]))
                    value.edit_at(i) = std::move(item);
            }
        return;
    }
    if (!value.is_object())
        return;
    const Value before = value;
    const bool keeps_all = schema[preserve].as_bool();
    for (const auto& [name, member] : before.members()) {
        if (keeps_system_fields && is_system_field(name))
            continue;
        const Value& known = schema["properties"][name];
        const Value& others = schema["additionalProperties"];
        const Value* inner = known.is_object() ? &known : others.is_object() ? &others : nullptr;
        if (inner) {
            Value pruned = member;
            prune_value(pruned, *inner, member_path(path, name), (*inner)[embedded].as_bool(), unknown);
            if (!pruned.same(member))
                value.set(name, std::move(pruned));
        } else if (!keeps_all && !others.as_bool()) {
            unknown.push_back(member_path(path, name));
            value.erase(name);
        }
    }
}

void default_value(Value& value, const Value& schema) {
    if (value.is_array()) {
        for (std::size_t i = 0; schema["items"].is_object() && i < value.size(); ++i) {
            Value item = value[i];
            default_value(item, schema["items"]);
            if (!item.same(value[i]))
                value.edit_at(i) = std::move(item);
        }
        return;
    }
    if (!value.is_object())
        return;
    for (const auto& [name, property] : schema["properties"].members()) {
        // A null that may not be is as good as nothing.
        if (value.contains(name) && value[name].is_null() && !property["nullable"].as_bool() && !property[preserve].as_bool())
            value.erase(name);
        if (!value.contains(name) && property.contains("default"))
            value.set(name, property["default"]);
    }
    const Value before = value;
    for (const auto& [name, member] : before.members()) {
        const Value& known = schema["properties"][name];
        const Value& inner = known.is_object() ? known : schema["additionalProperties"];
        if (!inner.is_object())
            continue;
        Value filled = member;
        default_value(filled, inner);
        if (!filled.same(member))
            value.set(name, std::move(filled));
    }
}

// -- validation --------------------------------------------------------------------------------------

// As kube-openapi names what it was given.
std::string_view word_for(const Value& value) { return value.type_name(); }

bool is_whole(const Value& value) { return value.is_int() || (value.is_number() && value.as_number() == std::floor(value.as_number())); }

bool has_type(const Value& value, std::string_view type) {
    if (type == "integer")
        return is_whole(value);
    if (type == "number")
        return value.is_number();
    return type == word_for(value);
}

std::string number_text(const Value& number) { return number.is_int() ? cat(number.as_int()) : format_double(number.as_number()); }

std::size_t letters_in(std::string_view text) {
    std::size_t count = 0;
    for (const char c : text)
        count += (static_cast<unsigned char>(c) & 0xc0) != 0x80 ? 1 : 0;
    return count;
}

// Formats that are judged; others are words only. Upstream: pkg/apiserver/validation/formats.go.
bool fits_format(std::string_view text, std::string_view format) {
    if (format == "date-time" || format == "datetime")
        return parse_rfc3339(text).has_value();
    if (format == "date")
        return parse_rfc3339(cat(text, "T00:00:00Z")).has_value();
    if (format == "duration")
        return parse_go_duration(text).has_value();
    if (format == "byte")
        return !base64_error(text).has_value();
    if (format == "ipv4")
        return is_ipv4(text);
    if (format == "ipv6")
        return is_ipv6(text);
    if (format == "cidr")
        return parse_cidr(text).has_value();
    if (format == "hostname")
        return is_dns1123_subdomain(to_lower(text)).empty();
    const auto pattern = format == "uuid"    ? std::string_view("^[0-9a-fA-F]{8}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{12}$")
                         : format == "email" ? std::string_view("^[^@ ]+@[^@ ]+$")
                         : format == "mac"   ? std::string_view("^([0-9a-fA-F]{2}[:-]){5}[0-9a-fA-F]{2}$")
                                             : std::string_view();
    const auto regex = Regex::compile(pattern);
    return pattern.empty() || !regex.ok() || regex.value().matches(text);
}

class Judge {
public:
    explicit Judge(FieldErrors& errors) : errors_(errors) {}

    void value(const Value& value, const Value& schema, const std::string& path) {
        if (value.is_null() && schema["nullable"].as_bool())
            return;
        if (schema[int_or_string].as_bool()) {
            if (!value.is_int() && !value.is_string())
                return wrong_type(value, "integer,string", path);
        } else if (const auto type = schema["type"].as_string(); !type.empty() && !has_type(value, type)) {
            return wrong_type(value, type, path);
        }
        one_of_list(value, schema["enum"], path);
        if (value.is_string())
            text(value, schema, path);
        else if (value.is_number())
            number(value, schema, path);
        else if (value.is_array())
            list(value, schema, path);
        else if (value.is_object())
            members(value, schema, path);
        alternatives(value, schema, path);
    }

private:
    void wrong_type(const Value& value, std::string_view type, const std::string& path) {
        const auto word = word_for(value);
        errors_.invalid(Path(shown(path)), word, cat(in_body(path), " must be of type ", type, ": ", quoted(word)));
    }
    static std::string_view shown(const std::string& path) { return path.empty() ? std::string_view("<nil>") : std::string_view(path); }
    static std::string in_body(const std::string& path) { return cat(path, " in body"); }
    void fault(const Value& value, std::string_view what, const std::string& path) { errors_.invalid(Path(shown(path)), value, cat(in_body(path), " ", what)); }

    void one_of_list(const Value& value, const Value& values, const std::string& path) {
        if (values.empty())
            return;
        std::vector<std::string> texts;
        for (const auto& one : values.items()) {
            if (one == value)
                return;
            texts.push_back(one.is_string() ? one.str() : to_json(one));
        }
        const std::vector<std::string_view> views(texts.begin(), texts.end());
        errors_.not_supported(Path(path), value, views);
    }

    void text(const Value& value, const Value& schema, const std::string& path) {
        const auto content = value.as_string();
        const auto size = static_cast<std::int64_t>(letters_in(content));
        if (const Value& longest = schema["maxLength"]; !longest.is_null() && size > longest.as_int())
            errors_.too_long(Path(path), static_cast<int>(longest.as_int()));
        if (const Value& shortest = schema["minLength"]; size < shortest.as_int())
            fault(value, cat("should be at least ", shortest.as_int(), " chars long"), path);
        if (const auto pattern = schema["pattern"].as_string(); !pattern.empty())
            if (const auto regex = Regex::compile(pattern); regex.ok() && !regex.value().matches(content))
                fault(value, cat("should match '", pattern, "'"), path);
        if (const auto format = schema["format"].as_string(); !format.empty() && !fits_format(content, format))
            fault(value, cat("must be of type ", format, ": ", quoted(content)), path);
    }

    void number(const Value& value, const Value& schema, const std::string& path) {
        const double amount = value.as_number();
        if (const Value& most = schema["maximum"]; !most.is_null()) {
            const bool open = schema["exclusiveMaximum"].as_bool();
            if (amount > most.as_number() || (open && amount == most.as_number()))
                fault(value, cat("should be less than ", open ? "" : "or equal to ", number_text(most)), path);
        }
        if (const Value& least = schema["minimum"]; !least.is_null()) {
            const bool open = schema["exclusiveMinimum"].as_bool();
            if (amount < least.as_number() || (open && amount == least.as_number()))
                fault(value, cat("should be greater than ", open ? "" : "or equal to ", number_text(least)), path);
        }
        if (const Value& step = schema["multipleOf"]; step.as_number() > 0)
            if (const double times = amount / step.as_number(); times != std::floor(times))
                fault(value, cat("should be a multiple of ", number_text(step)), path);
    }

    void list(const Value& value, const Value& schema, const std::string& path) {
        const auto size = static_cast<std::int64_t>(value.size());
        if (const Value& most = schema["maxItems"]; !most.is_null() && size > most.as_int())
            errors_.too_many(Path(path), static_cast<int>(size), static_cast<int>(most.as_int()));
        if (const Value& least = schema["minItems"]; size < least.as_int())
            fault(size, cat("should have at least ", least.as_int(), " items"), path);
        if (schema["items"].is_object())
            for (std::size_t i = 0; i < value.size(); ++i)
                this->value(value[i], schema["items"], cat(path, "[", i, "]"));
        const auto type = schema[list_type].as_string();
        std::set<std::string> seen;
        for (std::size_t i = 0; (type == "set" || type == "map") && i < value.size(); ++i)
            if (const Value key = key_of_item(value[i], schema, type); !seen.insert(to_json(key)).second)
                errors_.duplicate(Path(cat(path, "[", i, "]")), key);
    }

    static Value key_of_item(const Value& item, const Value& schema, std::string_view type) {
        if (type == "set")
            return item;
        Value key = Value::object();
        for (const auto& name : schema[list_keys].items()) {
            const Value& fallback = schema["items"]["properties"][name.as_string()]["default"];
            if (const Value& given = item[name.as_string()]; !given.is_null() || !fallback.is_null())
                key.set(name.as_string(), given.is_null() ? fallback : given);
        }
        return key;
    }

    void members(const Value& value, const Value& schema, const std::string& path) {
        const auto size = static_cast<std::int64_t>(value.size());
        if (const Value& most = schema["maxProperties"]; !most.is_null() && size > most.as_int())
            errors_.too_many(Path(path), static_cast<int>(size), static_cast<int>(most.as_int()));
        if (const Value& least = schema["minProperties"]; size < least.as_int())
            fault(value, cat("should have at least ", least.as_int(), " properties"), path);
        for (const auto& name : schema["required"].items())
            if (!value.contains(name.as_string()))
                errors_.required(Path(member_path(path, name.as_string())));
        for (const auto& [name, member] : value.members()) {
            if (path.empty() && is_system_field(name))
                continue;
            const Value& known = schema["properties"][name];
            const Value& inner = known.is_object() ? known : schema["additionalProperties"];
            if (inner.is_object())
                this->value(member, inner, member_path(path, name));
        }
    }

    // How many errors `schema` finds, none of which is told.
    static std::size_t faults(const Value& value, const Value& schema, const std::string& path) {
        FieldErrors unseen;
        Judge(unseen).value(value, schema, path);
        return unseen.size();
    }

    void alternatives(const Value& value, const Value& schema, const std::string& path) {
        const auto say = [&](std::string_view what) { errors_.invalid(Path(shown(path)), "", cat(quoted(path), " ", what)); };
        const auto fitting = [&](const Value& schemas) {
            int count = 0;
            for (const auto& one : schemas.items())
                count += faults(value, one, path) == 0 ? 1 : 0;
            return count;
        };
        // Each is judged once: twice at every depth of nested ones would never end.
        bool all_fit = true;
        for (const auto& one : schema["allOf"].items()) {
            FieldErrors found;
            Judge(found).value(value, one, path);
            all_fit = all_fit && found.size() == 0;
            errors_.add(std::move(found));
        }
        if (!all_fit)
            say("must validate all the schemas (allOf)");
        // With x-kubernetes-int-or-string this says what was judged already.
        if (const Value& any = schema["anyOf"]; !any.empty() && fitting(any) == 0)
            say("must validate at least one schema (anyOf)");
        if (const Value& one = schema["oneOf"]; !one.empty())
            if (const int count = fitting(one); count != 1)
                say(cat("must validate one and only one schema (oneOf). ", count == 0 ? std::string("Found none valid") : cat("Found ", count, " valid alternatives")));
        if (schema["not"].is_object() && faults(value, schema["not"], path) == 0)
            say("must not validate the schema (not)");
    }

    FieldErrors& errors_;
};

}  // namespace

void prune(Value& object, const Value& schema, std::vector<std::string>& unknown) { prune_value(object, schema, {}, true, unknown); }

void set_defaults(Value& object, const Value& schema) { default_value(object, schema); }

void validate(const Value& object, const Value& schema, FieldErrors& errors) { Judge(errors).value(object, schema, {}); }

void validate_at(const Value& value, const Value& schema, const std::string& path, FieldErrors& errors) { Judge(errors).value(value, schema, path); }

}  // namespace kubewalk::api::structural
