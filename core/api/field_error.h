#pragma once
// Errors of validation and the path to what they are about.
// Upstream: k8s.io/apimachinery/pkg/util/validation/field.

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "core/api/kinds.h"
#include "core/api/value.h"

namespace kubewalk::api {

// A path as a chain on the stack: text is made only when something is wrong.
// Path spec("spec"); Path containers = spec.child("containers"); containers.index(0).child("name")
// A Path must not outlive the one it was made from.
class Path {
public:
    explicit Path(std::string_view name) : name_(name) {}

    Path child(std::string_view name) const { return Path(this, name, Step::child, 0); }
    Path index(std::size_t position) const { return Path(this, {}, Step::index, position); }
    Path key(std::string_view name) const { return Path(this, name, Step::key, 0); }

    std::string str() const;  // "spec.containers[0].name", "metadata.labels[a/b]"

private:
    enum class Step : std::uint8_t { root, child, index, key };
    Path(const Path* parent, std::string_view name, Step step, std::size_t position)
        : parent_(parent), name_(name), position_(position), step_(step) {}

    const Path* parent_ = nullptr;
    std::string_view name_;
    std::size_t position_ = 0;
    Step step_ = Step::root;
};

enum class ErrorType : std::uint8_t {
    not_found,
    required,
    duplicate,
    invalid,
    not_supported,
    forbidden,
    too_long,
    too_many,
    too_few,
    internal,
};

struct FieldError {
    ErrorType type = ErrorType::invalid;
    std::string field;
    std::string body;  // "Invalid value: \"x\": must be ..."

    std::string_view reason() const;  // "FieldValueInvalid": a cause's reason
    std::string message() const;      // "spec.replicas: Invalid value: -1: must be greater than or equal to 0"
};

class FieldErrors {
public:
    bool empty() const { return errors_.empty(); }
    std::size_t size() const { return errors_.size(); }
    auto begin() const { return errors_.begin(); }
    auto end() const { return errors_.end(); }

    void required(const Path& path, std::string_view detail = {});
    void invalid(const Path& path, const Value& bad, std::string_view detail);
    // field.OmitValueType: "Invalid value: detail".
    void invalid_without_value(const Path& path, std::string_view detail);
    void not_found(const Path& path, const Value& bad);
    void duplicate(const Path& path, const Value& bad);
    void not_supported(const Path& path, const Value& bad, std::initializer_list<std::string_view> supported);
    void not_supported(const Path& path, const Value& bad, const std::vector<std::string_view>& supported);
    void forbidden(const Path& path, std::string_view detail);
    void too_long(const Path& path, int maximum_bytes);
    void too_many(const Path& path, int actual, int maximum);
    void internal(const Path& path, std::string_view detail);
    // One `invalid` per message, as the name validators return them.
    void invalid_each(const Path& path, const Value& bad, const std::vector<std::string>& messages);
    void add(FieldErrors other);

private:
    void add(ErrorType type, const Path& path, std::string body);
    std::vector<FieldError> errors_;
};

// `Deployment.apps "x" is invalid: spec.selector: Required value`, several as `[a, b]`:
// the API server's Status message (errors.NewInvalid). `kubectl` words it anew from the causes.
std::string invalid_message(const Kind& kind, std::string_view name, const FieldErrors& errors);
// Status.details.causes: [{"reason", "message", "field"}].
Value causes(const FieldErrors& errors);

}  // namespace kubewalk::api
