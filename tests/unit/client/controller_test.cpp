#include <doctest/doctest.h>

#include "core/client/controller.h"
#include "tests/unit/client/fake_server.h"

using namespace kubewalk;
using namespace kubewalk::client;

namespace {

struct Seen {
    std::vector<std::string> changes;
    std::vector<std::string> keys;
    int synced = 0;
    int fail = 0;
};

class Watcher final : public ControllerOf<Watcher> {
public:
    Watcher(Environment environment, Seen& seen)
        : ControllerOf(environment, "watcher", "system:watcher"), seen_(&seen) {
        watch(api::kind::config_maps);
    }

protected:
    void changed(std::size_t, const Change& change) override {
        seen_->changes.push_back(cat(watch_type_name(change.type), " ", api::key_of(change.object)));
        enqueue(api::key_of(change.object));
    }
    Outcome reconcile(const std::string& key) override {
        seen_->keys.push_back(key);
        if (seen_->fail > 0) {
            --seen_->fail;
            return Outcome::failed("not yet");
        }
        return Outcome::done();
    }
    void synced() override { ++seen_->synced; }

private:
    Seen* seen_;
};

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("the initial list is told as additions, and keys are worked on one by one") {
    sim::Simulation simulation(1);
    FakeServer server(simulation);
    server.put("a", "1");
    server.put("b", "1");
    Seen seen;
    simulation.add(std::make_unique<Watcher>(Environment{simulation, server}, seen));
    CHECK(seen.changes == Texts{"ADDED ns/a", "ADDED ns/b"});
    CHECK(seen.synced == 1);
    simulation.run_for(milliseconds(3));
    CHECK(seen.keys == Texts{"ns/a"});
    simulation.run_for(milliseconds(2));
    CHECK(seen.keys == Texts{"ns/a", "ns/b"});
}

TEST_CASE("a reconcile is caused by the watch event, which is caused by the write") {
    sim::Simulation simulation(1);
    FakeServer server(simulation);
    Seen seen;
    simulation.add(std::make_unique<Watcher>(Environment{simulation, server}, seen));
    sim::CauseId write = 0;
    {
        sim::Simulation::CauseScope scope(simulation, 0);
        write = simulation.record(sim::EntryKind::action, "test", {}, {"test", {}});
    }
    server.deliver(WatchType::added, server.put("a", "1"), write, false);
    simulation.run_for(seconds(1));
    REQUIRE(simulation.log().size() == 3);
    const auto watch = simulation.log()[1];
    CHECK(watch.kind == sim::EntryKind::watch);
    CHECK(watch.component == "watcher");
    CHECK(watch.fact.args == Texts{"ADDED", "configmaps", "ns/a"});
    CHECK(watch.cause == write);
    const auto reconcile = simulation.log()[2];
    CHECK(reconcile.kind == sim::EntryKind::reconcile);
    CHECK(reconcile.fact == sim::Fact{"reconcile", {"ns/a"}});
    CHECK(reconcile.cause == watch.id);
}

TEST_CASE("changes that come together are worked on once") {
    sim::Simulation simulation(1);
    FakeServer server(simulation);
    Seen seen;
    simulation.add(std::make_unique<Watcher>(Environment{simulation, server}, seen));
    server.deliver(WatchType::added, server.put("a", "1"), 0, false);
    server.deliver(WatchType::modified, server.put("a", "2"), 0, false);
    simulation.run_for(seconds(1));
    CHECK(seen.changes == Texts{"ADDED ns/a", "MODIFIED ns/a"});
    CHECK(seen.keys == Texts{"ns/a"});
}

TEST_CASE("signs of life do not unsettle the cluster") {
    sim::Simulation simulation(1);
    FakeServer server(simulation);
    Seen seen;
    server.put("a", "1");
    simulation.add(std::make_unique<Watcher>(Environment{simulation, server}, seen));
    CHECK(simulation.settle());
    server.deliver(WatchType::modified, server.put("a", "2"), 0, true);
    simulation.run_for(seconds(1));
    CHECK(seen.keys.size() == 2);
    CHECK(simulation.settled());
    CHECK(simulation.log().back().heartbeat);
    server.deliver(WatchType::modified, server.put("a", "3"), 0, false);
    simulation.run_for(seconds(1));
    CHECK(!simulation.settled());
}

TEST_CASE("after a closed watch the new list gives additions, updates and deletions") {
    sim::Simulation simulation(1);
    FakeServer server(simulation);
    for (const char* name : {"gone", "same", "other"})
        server.put(name, "1");
    Seen seen;
    simulation.add(std::make_unique<Watcher>(Environment{simulation, server}, seen));
    simulation.run_for(seconds(1));
    seen.changes.clear();

    server.up = false;
    server.close_watches();
    simulation.run_for(seconds(1));
    CHECK(seen.changes.empty());
    server.objects.erase("gone");
    server.put("other", "2");
    server.put("new", "1");
    server.up = true;
    simulation.run_for(seconds(60));
    CHECK(seen.changes == Texts{"ADDED ns/new", "MODIFIED ns/other", "DELETED ns/gone"});
    CHECK(seen.synced == 1);
}

TEST_CASE("a key that failed is tried again, later each time") {
    sim::Simulation simulation(1);
    FakeServer server(simulation);
    server.put("a", "1");
    Seen seen;
    seen.fail = 3;
    simulation.add(std::make_unique<Watcher>(Environment{simulation, server}, seen));
    simulation.run_for(milliseconds(2));
    CHECK(seen.keys.size() == 1);
    simulation.run_for(milliseconds(5 + 2));  // 5 ms back-off, 2 ms for the pass
    CHECK(seen.keys.size() == 2);
    simulation.run_for(milliseconds(10 + 2));
    CHECK(seen.keys.size() == 3);
    simulation.run_for(milliseconds(20 + 2));
    CHECK(seen.keys.size() == 4);
    simulation.run_for(seconds(10));
    CHECK(seen.keys.size() == 4);
}

TEST_CASE("a queue holds a key once and remembers the last cause") {
    WorkQueue queue;
    queue.add("a", 1, true);
    queue.add("b", 2, true);
    CHECK(queue.only_heartbeats());
    queue.add("a", 3);
    CHECK(!queue.only_heartbeats());
    queue.add("a", 4, true);  // does not take over from the change
    CHECK(queue.size() == 2);
    const auto first = queue.take();
    CHECK(first->key == "a");
    CHECK(first->cause == 3);
    CHECK(!first->heartbeat);
    CHECK(queue.only_heartbeats());
    CHECK(queue.take()->key == "b");
    CHECK(!queue.take());
}

TEST_CASE("equal events are counted up, and too many are left out") {
    sim::Simulation simulation(1);
    FakeServer server(simulation);
    EventRecorder recorder(Client(server, "kubelet/node-1", "system:node:node-1"), "kubelet", "node-1");
    const auto pod = api::Value::object(
        {{"apiVersion", "v1"},
         {"kind", "Pod"},
         {"metadata", api::Value::object({{"name", "carts"}, {"namespace", "sock-shop"}, {"uid", "1"}})}});
    recorder.record(simulation, pod, EventType::warning, "BackOff", "Back-off restarting", "spec.containers{carts}");
    REQUIRE(server.requests.size() == 1);
    const auto event = server.requests[0].body;
    CHECK(server.requests[0].path == "/api/v1/namespaces/sock-shop/events");
    // 2026-01-01T00:00:00Z in Unix nanoseconds, hexadecimal.
    CHECK(api::name_of(event) == "carts.18867251edfa0000");
    CHECK(event["involvedObject"]["fieldPath"] == api::Value("spec.containers{carts}"));
    CHECK(event["source"] == api::Value::object({{"component", "kubelet"}, {"host", "node-1"}}));

    simulation.run_for(seconds(10));
    recorder.record(simulation, pod, EventType::warning, "BackOff", "Back-off restarting", "spec.containers{carts}");
    REQUIRE(server.requests.size() == 2);
    CHECK(server.requests[1].method == Method::patch);
    CHECK(server.requests[1].body["count"] == api::Value(2));
    for (int i = 0; i < 100; ++i)
        recorder.record(simulation, pod, EventType::warning, "BackOff", "Back-off restarting", "spec.containers{carts}");
    CHECK(server.requests.size() == 25);
}
