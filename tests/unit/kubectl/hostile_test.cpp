// JSONPath and custom columns from strangers: refused or answered, never a crash. The seed is fixed.

#include <doctest/doctest.h>

#include "core/api/json.h"
#include "core/base/random.h"
#include "core/kubectl/jsonpath.h"

using namespace kubewalk;

TEST_CASE("mutated JSONPath is read or refused") {
    constexpr std::string_view seeds[] = {
        "{range .items[*]}{.metadata.name}{\"\\t\"}{.status.conditions[?(@.type==\"Ready\")].status}{\"\\n\"}{end}",
        "{.items[0:5:2].spec.containers[-1:].image}{'x'}{..name}", "{.metadata.annotations.a\\.b/c} {['a','b']} {@} {$.kind}"};
    constexpr std::string_view telling = "{}[]().@$*?:,'\"\\<>=!&| 0-9a~\n";
    const auto object = api::parse_json(R"({"kind":"List","items":[{"metadata":{"name":"a"},"status":{"conditions":[{"type":"Ready","status":"True"}]},
        "spec":{"containers":[{"image":"x"},{"image":"y"}]}}]})").value();
    Random random(5);
    for (int i = 0; i < 5000; ++i) {
        std::string text(seeds[random.below(3)]);
        for (auto changes = random.below(6) + 1; changes > 0 && !text.empty(); --changes) {
            const auto at = random.below(text.size());
            if (random.below(2) == 0)
                text.erase(at, random.below(6) + 1);
            else
                text.insert(at, 1, telling[random.below(telling.size())]);
        }
        INFO(text);
        const auto path = kubectl::JsonPath::parse(text);
        if (path.ok())
            (void)path.value().execute(object);
        else
            CHECK_FALSE(path.error().message.empty());
    }
    CHECK_FALSE(kubectl::JsonPath::parse("{" + std::string(100'000, '[')).ok());
}
