// What the interface asks the real cluster for, and when it gets it.

#include <doctest/doctest.h>

#include "tests/ui/demo_model.h"
#include "web/app/session_backend.h"
#include "web/app/state.h"

using namespace kubewalk;

TEST_CASE("a tab that is opened right after something was brought up to date gets its text, too") {
    ui_tests::FakePlatform desk;
    app::State state(desk);
    state.load();
    state.set_backend(app::make_session_backend(desk));
    const auto frame = [&] {
        desk.now_s += 1.0 / 60;
        state.tick();
    };
    for (int i = 0; i < 30; ++i)
        frame();
    app::Action select;
    select.kind = app::ActionKind::select_object;
    select.object = {"deployments", "sock-shop", "carts"};
    state.queue(select);
    frame();
    state.inspector = app::InspectorTab::describe;
    for (int i = 0; i < 600; ++i)
        frame();
    CHECK(state.model.inspected.describe.starts_with("Name:"));
}
