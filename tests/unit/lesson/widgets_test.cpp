#include <doctest/doctest.h>

#include "core/base/text.h"
#include "core/lesson/lesson.h"
#include "core/lesson/widgets.h"

using namespace kubewalk;

namespace {

std::string problem(std::string_view highlight, std::string_view view, bool cloud = false, int workers = 2) {
    cluster::Options start;
    start.cloud = cloud;
    start.workers = workers;
    return lesson::highlight_problem(highlight, view, start);
}

bool says(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("a step points at what is on the page") {
    CHECK(problem("", "dns").empty());
    for (const auto* path : {"panel/terminal", "bottom/terminal", "inspector/manifest", "panel/iptables", "time/play", "topbar/where"})
        CHECK(problem(path, "dns").empty());
    CHECK(problem("view/dns/name", "dns").empty());
    CHECK(problem("view/dns/name", "").empty());
    CHECK(problem("view/architecture/board/kubelet/node-2", "architecture").empty());
    CHECK(problem("view/architecture/board/kubelet/control-plane/power", "architecture").empty());
    CHECK(problem("view/cluster/services/sock-shop/carts", "cluster").empty());
    CHECK(problem("view/architecture/board/cloud", "architecture", true).empty());
}

TEST_CASE("a step that points at nothing is told what may be meant") {
    CHECK(problem("panel/terminl", "cluster").starts_with("there is no widget \"panel/terminl\"; perhaps it is panel/terminal, "));
    CHECK(says(problem("view/traffic/sned", "traffic"), "perhaps it is view/traffic/send"));
    CHECK(says(problem("terminal", "cluster"), "panel/terminal"));
    CHECK(says(problem("bottom/manifest", "cluster"), "panel/manifest"));
    CHECK(says(problem("view/architecture/board/scheduler", "architecture"), "view/architecture/board/kube-scheduler"));
    CHECK(problem("zzzzzzzzzz", "cluster") == "there is no widget \"zzzzzzzzzz\"; lessons/README.md lists them");
    CHECK(problem("view/dns/name", "traffic") == "\"view/dns/name\" is in the view dns, and this step shows traffic");
    CHECK(says(problem("view/architecture/board/kubelet/node-3", "architecture"), "no machine \"node-3\"; they are control-plane and node-1 to node-2"));
    CHECK(says(problem("view/architecture/board/kubelet/node-1", "architecture", false, 0), "the only one is control-plane"));
    CHECK(says(problem("view/architecture/board/cloud", "architecture"), "\"cloud\": true"));
    CHECK(problem(std::string(100'000, 'a'), "cluster").size() < 400);
}

TEST_CASE("the message has the line; a step without a view keeps the one before") {
    const auto error = [](std::string_view steps) {
        const std::map<std::string, std::string> files{{"lesson.json", cat("{\n\"start\": {\"scenario\": \"empty\"},\n\"steps\": [\n", steps, "\n]}")}};
        const auto parsed = lesson::parse_lesson("x", files);
        return parsed.ok() ? std::string() : parsed.error().message;
    };
    CHECK(error("{\"id\": \"a\",\n \"view\": \"dns\",\n \"highlight\": \"view/dns/nam\"}")
              .starts_with("lesson.json:6: steps[0].highlight: there is no widget \"view/dns/nam\"; perhaps it is view/dns/name"));
    CHECK(says(error("{\"id\": \"a\", \"view\": \"dns\"},\n{\"id\": \"b\", \"highlight\": \"view/traffic/send\"}"), "lesson.json:5: steps[1].highlight: "));
}
