// What lessons may point at is on the page: the table in core/lesson/widgets.cpp against the interface.

#include <doctest/doctest.h>

#include "core/base/text.h"
#include "core/lesson/widgets.h"
#include "tests/ui/harness.h"

using namespace kubewalk;
using namespace kubewalk::ui_tests;

namespace {

bool stands_for(std::string_view pattern, std::string_view path) {
    const auto wanted = split(pattern, '/'), given = split(path, '/');
    if (wanted.size() != given.size()) return false;
    for (std::size_t i = 0; i < wanted.size(); ++i)
        if (!wanted[i].starts_with('{') && wanted[i] != given[i]) return false;
    return true;
}

}  // namespace

TEST_CASE("every widget that a lesson may point at is on the page") {
    Harness h;
    h.state.model.lesson.highlight.clear();
    h.state.simplifications = {{"a", {{"en", "Simpler."}}, "kubernetes.io/docs", {"terminal"}}};
    for (const std::string view : {"architecture", "cluster", "traffic", "dns"}) {
        CHECK(h.click("view/tabs/" + view));
        h.frames(3);
        for (const lesson::Widget& widget : lesson::widgets()) {
            if (widget.cloud || (!widget.view.empty() && widget.view != view)) continue;
            // The demonstration has Deployments only, and a request that hides the stage on which one is aimed.
            if (widget.path.starts_with("view/traffic/stage/") || widget.path.starts_with("view/cluster/statefulsets/") || widget.path.starts_with("view/cluster/daemonsets/")) continue;
            bool found = false;
            for (const ui::Item& item : h.interface.items().items()) found = found || stands_for(widget.path, item.path);
            INFO(view << ": " << widget.path);
            CHECK(found);
        }
    }
}
