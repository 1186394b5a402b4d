// Facts: k8s.io/apimachinery/pkg/util/validation/field errors_test.go and path_test.go; release 1.36's wording.
#include <doctest/doctest.h>

#include "core/api/field_error.h"
#include "core/api/json.h"

using namespace kubewalk::api;

TEST_CASE("a path prints names, indexes and keys") {
    const Path spec("spec");
    const Path containers = spec.child("containers");
    const Path second = containers.index(1);
    CHECK(second.child("name").str() == "spec.containers[1].name");
    const Path metadata("metadata");
    const Path labels = metadata.child("labels");
    CHECK(labels.key("a/b").str() == "metadata.labels[a/b]");
}

TEST_CASE("bodies show the value where upstream does") {
    FieldErrors errors;
    const Path at("x");
    errors.required(at);
    errors.required(at, "must be here");
    errors.invalid(at, -1, "must be greater than or equal to 0");
    errors.invalid(at, "A\"", "bad");
    errors.invalid(at, Value(), "bad");
    errors.not_supported(at, "Tcp", {"SCTP", "TCP", "UDP"});
    errors.duplicate(at, "a");
    errors.not_found(at, "vol");
    errors.forbidden(at, "no");
    errors.too_long(at, 63);
    errors.too_many(at, 3, 1);
    const char* expected[] = {
        "x: Required value",
        "x: Required value: must be here",
        "x: Invalid value: -1: must be greater than or equal to 0",
        "x: Invalid value: \"A\\\"\": bad",
        "x: Invalid value: \"null\": bad",
        "x: Unsupported value: \"Tcp\": supported values: \"SCTP\", \"TCP\", \"UDP\"",
        "x: Duplicate value: \"a\"",
        "x: Not found: \"vol\"",
        "x: Forbidden: no",
        "x: Too long: may not be more than 63 bytes",
        "x: Too many: 3: must have at most 1 item",
    };
    std::size_t i = 0;
    for (const auto& error : errors)
        CHECK(error.message() == expected[i++]);
}

TEST_CASE("invalid_message: one error bare, several in brackets, each text once") {
    FieldErrors errors;
    const Path selector("spec.selector");
    errors.required(selector);
    CHECK(invalid_message(kind::deployments, "web", errors) ==
          "Deployment.apps \"web\" is invalid: spec.selector: Required value");
    errors.required(selector);
    errors.forbidden(Path("metadata.name"), "no");
    CHECK(invalid_message(kind::pods, "web", errors) ==
          "Pod \"web\" is invalid: [spec.selector: Required value, metadata.name: Forbidden: no]");
    CHECK(to_json(causes(errors)[2]) ==
          R"({"field":"metadata.name","message":"Forbidden: no","reason":"FieldValueForbidden"})");
}
