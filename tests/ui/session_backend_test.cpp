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

namespace {

// The page on a real cluster, without a window.
struct Desk {
    Desk() {
        platform.address_text = "https://kubewalk.test/?scenario=sock-shop&view=traffic";
        state.load();
        state.set_backend(app::make_session_backend(platform));
        frames(10);
    }
    void frames(int count) {
        for (int i = 0; i < count; ++i) {
            platform.now_s += 1.0 / 60;
            state.tick();
        }
    }
    void run(const char* line) {
        state.queue(app::ActionKind::run_command, std::string(line));
        frames(120);
    }

    ui_tests::FakePlatform platform;
    app::State state{platform};
};

}  // namespace

TEST_CASE("a program whose name led nowhere: the request has not been delivered, though its lookup's packets have") {
    Desk desk;
    desk.run("curl http://nowhere.example/");
    REQUIRE(desk.state.model.request >= 0);
    const app::SentRequest& request = desk.state.model.requests[static_cast<std::size_t>(desk.state.model.request)];
    CHECK(desk.state.model.traffic.outcome == net::Outcome::delivered);
    CHECK(desk.state.model.outcome == net::Outcome::unresolved);
    CHECK(request.host == "nowhere.example");
    CHECK(request.url == "http://nowhere.example/");
    desk.run("kubectl -n sock-shop exec deploy/carts -- nslookup catalogue");
    CHECK_FALSE(desk.state.model.requests.back().unresolved);
    desk.run("kubectl -n sock-shop exec deploy/carts -- nslookup nowhere.example");
    CHECK(desk.state.model.requests.back().unresolved);
    desk.run("curl -s http://192.168.122.12:30001/");
    CHECK(desk.state.model.outcome == net::Outcome::delivered);
}

TEST_CASE("whoever does something in the past is told that the first history is kept; going back to it tells nothing") {
    Desk desk;
    desk.run("kubectl create namespace first");
    desk.run("kubectl create namespace second");
    desk.state.queue(app::ActionKind::to_start);
    desk.frames(5);
    CHECK(desk.state.model.transcript.empty());
    desk.run("kubectl create namespace other");
    REQUIRE(desk.state.model.branches.size() == 1);
    CHECK(desk.state.toast == desk.state.words("time.branched"));
    desk.state.toast.clear();
    desk.state.queue(app::ActionKind::return_to, static_cast<double>(desk.state.model.branches[0].id));
    desk.frames(120);
    CHECK(desk.state.toast.empty());
    CHECK(desk.state.model.transcript.size() == 2);
}

TEST_CASE("commands of ours speak the learner's language, programs their own") {
    Desk desk;
    app::load_embedded_strings(desk.state.words);
    desk.state.set_language("zh-CN");
    const auto last = [&](const char* line) {
        desk.run(line);
        std::string printed = desk.state.model.transcript.back().result.err;
        if (printed.ends_with('\n')) printed.pop_back();
        return desk.state.words.said(printed);
    };
    // What is said stands in our file word for word as core prints it.
    for (const char* line : {"trace moon http://x/", "trace laptop ftp://x/", "trace laptop http://x:99999/", "trace laptop http:///", "trace laptop 'http://[::1/'", "trace pod/a/b http://x/",
                             "trace node/moon http://x/", "trace", "dig laptop", "dig laptop x NOPE", "dig pod/a/b x", "dig node/moon x", "ssh", "cloud instances",
                             "link", "link cut moon", "node", "node stop moon", "conntrack fill", "conntrack fill moon", "component", "component stop moon", "echo $(watch date)",
                             "ssh node-1 ipset test", "ssh node-1 nft add"}) {
        const auto said = last(line);
        CAPTURE(line);
        CAPTURE(desk.state.model.transcript.back().result.err);
        REQUIRE(said);
    }
    CHECK(last("component stop moon").value_or("") == "component：这里没有运行组件 \"moon\"");
    CHECK_FALSE(last("kubectl get nothing"));
    CHECK_FALSE(last("ls /nowhere"));
    desk.state.set_language("en");
    CHECK_FALSE(last("component stop moon"));
}

TEST_CASE("what was typed ahead waits for the shell; when time is turned back it has not been typed") {
    Desk desk;
    desk.state.queue(app::ActionKind::run_command, std::string("sleep 600"));
    desk.state.queue(app::ActionKind::run_command, std::string("kubectl create namespace ahead"));
    desk.frames(30);
    CHECK(desk.state.model.typed_ahead == std::vector<std::string>{"kubectl create namespace ahead"});
    desk.state.queue(app::ActionKind::to_start);
    desk.frames(60);
    CHECK(desk.state.model.typed_ahead.empty());
    CHECK(desk.state.model.transcript.empty());
    CHECK(desk.state.model.branches.empty());
}
