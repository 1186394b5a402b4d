#include <doctest/doctest.h>

#include "core/store/store.h"

using namespace kubewalk;
using store::Store;

TEST_CASE("a store counts one revision over all keys and compares before it writes") {
    Store store;
    CHECK(store.revision() == 1);  // as an empty etcd
    CHECK(store.put("/registry/pods/a/x", "one", 0, {}, {}).value() == 2);
    CHECK(store.put("/registry/pods/a/y", "two", 0, {}, {}).value() == 3);
    CHECK(store.put("/registry/pods/a/x", "again", 0, {}, {}).error().reason == "Compare");
    CHECK(store.put("/registry/pods/a/x", "three", 2, {}, {}).value() == 4);
    CHECK(store.get("/registry/pods/a/x")->create_revision == 2);
    CHECK(store.get("/registry/pods/a/x")->mod_revision == 4);
    CHECK(!store.remove("/registry/pods/a/y", 2, {}, {}).ok());
    CHECK(store.remove("/registry/pods/a/y", 3, {}, {}).value() == 5);
    CHECK(store.get("/registry/pods/a/y") == nullptr);
}

TEST_CASE("changes are read from a revision on, until they are compacted") {
    Store store;
    (void)store.put("/registry/pods/a/x", "one", 0, {7, false}, Time{1});
    (void)store.put("/registry/nodes/n", "node", 0, {}, {});
    (void)store.put("/registry/pods/a/x", "two", 2, {8, true}, {});
    const auto changes = store.changes_after(2, "/registry/pods/");
    REQUIRE(changes.ok());
    REQUIRE(changes.value().size() == 1);
    CHECK(changes.value()[0].first == 4);
    CHECK(changes.value()[0].second.before == api::Value("one"));
    CHECK(changes.value()[0].second.after == api::Value("two"));
    CHECK(changes.value()[0].second.origin.cause == 8);
    CHECK(changes.value()[0].second.origin.heartbeat);

    store.compact(3);
    CHECK(store.changes_after(3, "/registry/pods/").ok());
    // server/storage/mvcc: ErrCompacted, as gRPC words it (api/v3rpc/rpctypes).
    CHECK(store.changes_after(2, "/registry/pods/").error().message ==
          "etcdserver: mvcc: required revision has been compacted");
    CHECK(store.get("/registry/nodes/n")->value == api::Value("node"));
}

TEST_CASE("a saved state is not touched by what is written later") {
    Store store;
    (void)store.put("k", "one", 0, {}, {});
    const auto saved = store.save();
    (void)store.put("k", "two", 2, {}, {});
    store.load(saved);
    CHECK(store.revision() == 2);
    CHECK(store.get("k")->value == api::Value("one"));
    CHECK(store.history().size() == 1);
}

TEST_CASE("a prefix gives its keys in order") {
    Store store;
    for (const char* key : {"/registry/pods/b/1", "/registry/pods/a/2", "/registry/podtemplates/a/1", "/registry/pods/a/1"})
        (void)store.put(key, key, 0, {}, {});
    std::vector<std::string> keys;
    for (auto it = store.first("/registry/pods/"); store.within(it, "/registry/pods/"); ++it)
        keys.push_back(it->first);
    CHECK(keys == std::vector<std::string>{"/registry/pods/a/1", "/registry/pods/a/2", "/registry/pods/b/1"});
}
