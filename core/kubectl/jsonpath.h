#pragma once
// JSONPath templates as kubectl understands them: text with {.path}, {range .items[*]}...{end}, filters
// [?(@.type=="Ready")], slices, unions, recursive descent. Upstream: k8s.io/client-go/util/jsonpath.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/api/value.h"
#include "core/base/result.h"

namespace kubewalk::kubectl {

class JsonPath {
public:
    enum class Missing : std::uint8_t { allowed, refused };

    // Error: reason "ParseError", message as upstream words it.
    static Result<JsonPath> parse(std::string_view text);
    // What custom-columns and --sort-by accept: "x.y", ".x.y", "{.x.y}".
    static Result<JsonPath> parse_relaxed(std::string_view text);

    // The template filled in.
    Result<std::string> execute(const api::Value& data, Missing missing = Missing::allowed) const;
    // What all its paths lead to, for templates of one path.
    Result<std::vector<api::Value>> find(const api::Value& data, Missing missing = Missing::allowed) const;

    // fmt's %v of a value; objects and lists as JSON.
    static std::string text_of(const api::Value& value);

    struct Node;

private:
    std::shared_ptr<const std::vector<Node>> nodes_;
};

}  // namespace kubewalk::kubectl
