#include <doctest/doctest.h>

#include "core/api/json.h"
#include "core/kubectl/jsonpath.h"
#include "core/kubectl/tab_writer.h"

using namespace kubewalk;
using namespace kubewalk::kubectl;

TEST_CASE("columns are blocks of neighbouring lines, as in Go's text/tabwriter") {
    TabWriter writer(describe_stops);
    writer.write("Name:\tx\nLabels:\ta=b\n\tc=d\nlonger than all of them\nIP:\t1.2.3.4\n");
    CHECK(writer.take() == "Name:    x\nLabels:  a=b\n         c=d\nlonger than all of them\nIP:  1.2.3.4\n");
    TabWriter table(table_stops);
    table.write("NAME\tAGE\na\t1s\n");
    CHECK(table.take() == "NAME   AGE\na      1s\n");
}

TEST_CASE("JSONPath: the examples of kubernetes.io/docs/reference/kubectl/jsonpath") {
    const auto data = api::parse_json(R"({"kind":"List","items":[
        {"kind":"None","metadata":{"name":"127.0.0.1","labels":{"kubernetes.io/hostname":"127.0.0.1"}},
         "status":{"capacity":{"cpu":"4"},"addresses":[{"type":"LegacyHostIP","address":"127.0.0.1"}]}},
        {"kind":"None","metadata":{"name":"127.0.0.2"},
         "status":{"capacity":{"cpu":"8"},"addresses":[{"type":"LegacyHostIP","address":"127.0.0.2"},{"type":"another","address":"127.0.0.3"}]}}],
        "users":[{"name":"myself","user":{}},{"name":"e2e","user":{"username":"admin","password":"secret"}}]})").take();
    const auto text = [&](std::string_view path) {
        auto parsed = JsonPath::parse(path);
        return parsed.ok() ? parsed.value().execute(data).value_or("error") : "error: " + parsed.error().message;
    };
    CHECK(text("kind is {.kind}") == "kind is List");
    CHECK(text("{['kind']}") == "List");
    CHECK(text("{..name}") == "127.0.0.1 127.0.0.2 myself e2e");
    CHECK(text("{.items[*].metadata.name}") == "127.0.0.1 127.0.0.2");
    CHECK(text("{.users[0].name}") == "myself");
    CHECK(text("{.users[-1].name}") == "e2e");
    CHECK(text("{.items[*]['metadata.name', 'status.capacity']}") ==
          "127.0.0.1 127.0.0.2 {\"cpu\":\"4\"} {\"cpu\":\"8\"}");
    CHECK(text("{.users[?(@.name==\"e2e\")].user.password}") == "secret");
    CHECK(text("{range .items[*]}[{.metadata.name}, {.status.capacity}] {end}") ==
          "[127.0.0.1, {\"cpu\":\"4\"}] [127.0.0.2, {\"cpu\":\"8\"}] ");
    CHECK(text("{range .items[*]}{.metadata.name}{'\\t'}{end}") == "127.0.0.1\t127.0.0.2\t");
    CHECK(text("{.items[0].metadata.labels.kubernetes\\.io/hostname}") == "127.0.0.1");
    CHECK(text("{.missing}") == "");
    CHECK(text("{.x") == "error: unclosed action");
}
