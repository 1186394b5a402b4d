#pragma once
// Result<T>: a value or an Error. core is built without exceptions, so everything that can
// fail on input says so in its type.

#include <optional>
#include <string>
#include <utility>
#include <variant>

namespace kubewalk {

// Where and why something was refused. `reason` is a short stable word ("Invalid", "NotFound",
// "ParseError", ...), `message` the sentence Kubernetes (or libyaml) would print, `field` a path such
// as "spec.ports[0].port", line and column count from 1 (0: unknown).
struct Error {
    std::string reason;
    std::string message;
    std::string field;
    int line = 0;
    int column = 0;
};

template <typename T>
class [[nodiscard]] Result {
public:
    Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
    Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

    bool ok() const { return state_.index() == 0; }
    explicit operator bool() const { return ok(); }

    // Only after ok().
    T& value() { return *std::get_if<0>(&state_); }
    const T& value() const { return *std::get_if<0>(&state_); }
    T take() { return std::move(*std::get_if<0>(&state_)); }

    // Only after !ok().
    const Error& error() const { return *std::get_if<1>(&state_); }

    T value_or(T fallback) const { return ok() ? value() : std::move(fallback); }

private:
    std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
public:
    Result() = default;
    Result(Error error) : error_(std::move(error)) {}

    bool ok() const { return !error_.has_value(); }
    explicit operator bool() const { return ok(); }
    const Error& error() const { return *error_; }

private:
    std::optional<Error> error_;
};

// TRY(name, expression): binds the value or returns the error to the caller.
#define KUBEWALK_TRY(name, expression)        \
    auto name##_result = (expression);        \
    if (!name##_result.ok())                  \
        return name##_result.error();         \
    auto name = name##_result.take()

}  // namespace kubewalk
