#pragma once
// Label and field selectors. Upstream: k8s.io/apimachinery/pkg/labels/selector.go, pkg/fields/selector.go,
// pkg/apis/meta/v1/helpers.go.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/api/value.h"
#include "core/base/result.h"

namespace kubewalk::api {

struct Requirement {
    enum class Operator : std::uint8_t {
        in,
        not_in,
        equals,
        double_equals,
        not_equals,
        exists,
        does_not_exist,
        greater_than,
        less_than,
    };

    std::string key;
    Operator op = Operator::exists;
    std::vector<std::string> values;  // sorted

    bool matches(const Value& labels) const;
    std::string str() const;  // "app in (a,b)", "!tier", "x!=y"
};

// A conjunction of requirements. `nothing` selects no object whatever (a nil LabelSelector); no
// requirements select everything.
class LabelSelector {
public:
    static LabelSelector everything() { return {}; }
    static LabelSelector nothing();
    // "app=carts,tier in (a,b),!x". Error: message as upstream ("unable to parse requirement: ...").
    static Result<LabelSelector> parse(std::string_view text);
    // A LabelSelector object {matchLabels, matchExpressions}: null selects nothing, empty everything.
    static Result<LabelSelector> from_object(const Value& selector);
    // A plain map (a Service's or ReplicationController's selector): null or empty selects everything.
    static LabelSelector from_map(const Value& map);

    bool matches(const Value& labels) const;
    bool is_everything() const { return !nothing_ && requirements_.empty(); }
    bool is_nothing() const { return nothing_; }
    const std::vector<Requirement>& requirements() const { return requirements_; }
    void add(Requirement requirement);
    std::string str() const;

private:
    std::vector<Requirement> requirements_;  // sorted by key
    bool nothing_ = false;
};

// metav1.FormatLabelSelector: "app=a,tier in (x,y)", "<none>" for an empty one, "<error>".
std::string format_label_selector(const Value& selector);

// "metadata.name=x,status.phase!=Running". The API server decides per kind which fields exist.
struct FieldRequirement {
    std::string field;
    bool equal = true;
    std::string value;
};
Result<std::vector<FieldRequirement>> parse_field_selector(std::string_view text);

}  // namespace kubewalk::api
