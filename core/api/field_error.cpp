// Upstream: k8s.io/apimachinery/pkg/util/validation/field (path.go, errors.go) and
// k8s.io/apimachinery/pkg/api/errors (NewInvalid).
#include "core/api/field_error.h"

#include <algorithm>
#include <array>
#include <utility>

#include "core/api/json.h"
#include "core/base/text.h"

namespace kubewalk::api {

namespace {

struct TypeText {
    std::string_view reason;
    std::string_view text;
};

// In the order of ErrorType.
constexpr std::array<TypeText, 10> type_texts = {{
    {"FieldValueNotFound", "Not found"},
    {"FieldValueRequired", "Required value"},
    {"FieldValueDuplicate", "Duplicate value"},
    {"FieldValueInvalid", "Invalid value"},
    {"FieldValueNotSupported", "Unsupported value"},
    {"FieldValueForbidden", "Forbidden"},
    {"FieldValueTooLong", "Too long"},
    {"FieldValueTooMany", "Too many"},
    // Upstream has no "too few": a missing minimum is an invalid value there.
    {"FieldValueInvalid", "Invalid value"},
    {"InternalError", "Internal error"},
}};

const TypeText& text_of(ErrorType type) { return type_texts[static_cast<std::size_t>(type)]; }

// How errors.go prints the value it complains about: a missing one is the text "null".
std::string shown(const Value& bad) {
    if (bad.is_null())
        return quoted("null");
    return bad.is_string() ? quoted(bad.as_string()) : to_json(bad);
}

std::string body_of(ErrorType type, std::string_view value, std::string_view detail) {
    std::string body(text_of(type).text);
    if (!value.empty())
        append(body, ": ", value);
    if (!detail.empty())
        append(body, ": ", detail);
    return body;
}

template <typename Names>
std::string supported_detail(const Names& supported) {
    std::string detail;
    for (std::string_view name : supported)
        append(detail, detail.empty() ? "supported values: " : ", ", quoted(name));
    return detail;
}

// utilerrors.Aggregate: one error stands alone, several in brackets, the same text only once.
std::string aggregate(const FieldErrors& errors) {
    std::vector<std::string> messages;
    for (const auto& error : errors) {
        std::string message = error.message();
        if (std::find(messages.begin(), messages.end(), message) == messages.end())
            messages.push_back(std::move(message));
    }
    return messages.size() == 1 ? messages.front() : cat("[", join(messages, ", "), "]");
}

}  // namespace

std::string Path::str() const {
    std::vector<const Path*> steps;
    for (const Path* at = this; at != nullptr; at = at->parent_)
        steps.push_back(at);
    std::string text;
    for (auto at = steps.rbegin(); at != steps.rend(); ++at) {
        const Path& step = **at;
        switch (step.step_) {
            case Step::root: append(text, step.name_); break;
            case Step::child: append(text, text.empty() ? "" : ".", step.name_); break;
            case Step::index: append(text, "[", step.position_, "]"); break;
            case Step::key: append(text, "[", step.name_, "]"); break;
        }
    }
    return text;
}

std::string_view FieldError::reason() const { return text_of(type).reason; }

std::string FieldError::message() const { return cat(field, ": ", body); }

void FieldErrors::required(const Path& path, std::string_view detail) {
    add(ErrorType::required, path, body_of(ErrorType::required, {}, detail));
}

void FieldErrors::invalid(const Path& path, const Value& bad, std::string_view detail) {
    add(ErrorType::invalid, path, body_of(ErrorType::invalid, shown(bad), detail));
}

void FieldErrors::invalid_without_value(const Path& path, std::string_view detail) {
    add(ErrorType::invalid, path, body_of(ErrorType::invalid, {}, detail));
}

void FieldErrors::not_found(const Path& path, const Value& bad) {
    add(ErrorType::not_found, path, body_of(ErrorType::not_found, shown(bad), {}));
}

void FieldErrors::duplicate(const Path& path, const Value& bad) {
    add(ErrorType::duplicate, path, body_of(ErrorType::duplicate, shown(bad), {}));
}

void FieldErrors::not_supported(const Path& path, const Value& bad,
                                std::initializer_list<std::string_view> supported) {
    add(ErrorType::not_supported, path,
        body_of(ErrorType::not_supported, shown(bad), supported_detail(supported)));
}

void FieldErrors::not_supported(const Path& path, const Value& bad,
                                const std::vector<std::string_view>& supported) {
    add(ErrorType::not_supported, path,
        body_of(ErrorType::not_supported, shown(bad), supported_detail(supported)));
}

void FieldErrors::forbidden(const Path& path, std::string_view detail) {
    add(ErrorType::forbidden, path, body_of(ErrorType::forbidden, {}, detail));
}

// "may not be more than" since release 1.32 ("must have at most" before).
void FieldErrors::too_long(const Path& path, int maximum_bytes) {
    add(ErrorType::too_long, path,
        body_of(ErrorType::too_long, {}, cat("may not be more than ", maximum_bytes, " bytes")));
}

void FieldErrors::too_many(const Path& path, int actual, int maximum) {
    add(ErrorType::too_many, path,
        body_of(ErrorType::too_many, cat(actual),
                cat("must have at most ", maximum, maximum == 1 ? " item" : " items")));
}

void FieldErrors::internal(const Path& path, std::string_view detail) {
    add(ErrorType::internal, path, body_of(ErrorType::internal, {}, detail));
}

void FieldErrors::invalid_each(const Path& path, const Value& bad, const std::vector<std::string>& messages) {
    for (const auto& message : messages)
        invalid(path, bad, message);
}

void FieldErrors::add(FieldErrors other) {
    std::move(other.errors_.begin(), other.errors_.end(), std::back_inserter(errors_));
}

void FieldErrors::add(ErrorType type, const Path& path, std::string body) {
    errors_.push_back({type, path.str(), std::move(body)});
}

std::string invalid_message(const Kind& kind, std::string_view name, const FieldErrors& errors) {
    std::string message(kind.kind);
    if (!kind.group.empty())
        append(message, ".", kind.group);
    append(message, " ", quoted(name), " is invalid");
    if (!errors.empty())
        append(message, ": ", aggregate(errors));
    return message;
}

Value causes(const FieldErrors& errors) {
    Value list = Value::array();
    for (const auto& error : errors)
        list.push_back(Value::object({{"reason", error.reason()}, {"message", error.body}, {"field", error.field}}));
    return list;
}

}  // namespace kubewalk::api
