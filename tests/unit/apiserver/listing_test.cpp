// kubernetes.io/docs/reference/using-api/api-concepts (resource versions, chunks); test/e2e/apimachinery/chunking.go.

#include <doctest/doctest.h>

#include "world.h"

namespace kubewalk::apiserver {

namespace {

constexpr std::string_view pods = "/api/v1/namespaces/default/pods";

struct Listing : World {
    Listing() {
        for (const char* name : {"a", "b", "c", "d", "e"})
            (void)admin.create(api::kind::pods, pod(name));
    }
    client::Response list(std::map<std::string, std::string> query) { return send(client::Method::get, std::string(pods), {}, std::move(query)); }
    static std::string names(const api::Value& list) {
        std::string text;
        for (const auto& item : list["items"].items())
            text += api::name_of(item);
        return text;
    }
};

}  // namespace

TEST_CASE("a list comes in chunks of one revision, with how many remain") {
    Listing world;
    auto first = world.list({{"limit", "2"}}).body;
    CHECK(Listing::names(first) == "ab");
    CHECK(first["metadata"]["remainingItemCount"].as_int() == 3);
    const auto version = first["metadata"]["resourceVersion"].str();
    // What happens between two chunks is not seen.
    (void)world.send(client::Method::del, cat(pods, "/c"), World::json(R"({"gracePeriodSeconds":0})"));
    (void)world.admin.create(api::kind::pods, World::pod("ca"));
    auto second = world.list({{"limit", "2"}, {"continue", first["metadata"]["continue"].str()}}).body;
    CHECK(Listing::names(second) == "cd");
    CHECK(second["metadata"]["resourceVersion"].as_string() == version);
    CHECK(second["metadata"]["remainingItemCount"].as_int() == 1);
    auto last = world.list({{"limit", "2"}, {"continue", second["metadata"]["continue"].str()}}).body;
    CHECK(Listing::names(last) == "e");
    CHECK(last["metadata"]["continue"].is_null());
    CHECK(last["metadata"]["remainingItemCount"].is_null());
    CHECK(Listing::names(world.list({{"resourceVersion", version}, {"resourceVersionMatch", "Exact"}}).body) == "abcde");
    CHECK(Listing::names(world.list({}).body) == "abcade");

    auto selected = world.list({{"limit", "2"}, {"labelSelector", "app=x"}}).body;
    CHECK(!selected["metadata"]["continue"].is_null());
    CHECK(selected["metadata"]["remainingItemCount"].is_null());
}

TEST_CASE("a chunk that is asked for too late says how to go on") {
    Listing world;
    auto first = world.list({{"limit", "2"}}).body;
    (void)world.admin.create(api::kind::pods, World::pod("ca"));
    world.store.compact(world.store.revision());
    auto late = world.list({{"limit", "2"}, {"continue", first["metadata"]["continue"].str()}});
    CHECK(late.code == 410);
    CHECK(late.body["reason"].as_string() == "Expired");
    CHECK(Listing::names(world.list({{"continue", late.body["metadata"]["continue"].str()}}).body) == "ccade");
    auto old = world.list({{"resourceVersion", "2"}, {"resourceVersionMatch", "Exact"}});
    CHECK(old.body["message"].as_string() == "The resourceVersion for the provided list is too old.");
}

TEST_CASE("resourceVersion and resourceVersionMatch are judged") {
    Listing world;
    const auto message = [&](std::map<std::string, std::string> query, int code) {
        auto response = world.list(std::move(query));
        CHECK(response.code == code);
        return response.body["message"].str();
    };
    CHECK(message({{"resourceVersion", "abc"}}, 400) ==
          "invalid resource version: resourceVersion: Invalid value: \"abc\": strconv.ParseUint: parsing \"abc\": invalid syntax");
    CHECK(message({{"resourceVersionMatch", "Exact"}}, 422) ==
          "ListOptions.meta.k8s.io \"\" is invalid: resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided");
    CHECK(message({{"resourceVersion", "0"}, {"resourceVersionMatch", "Exact"}}, 422) ==
          "ListOptions.meta.k8s.io \"\" is invalid: resourceVersionMatch: Forbidden: resourceVersionMatch \"exact\" is forbidden for resourceVersion \"0\"");
    CHECK(message({{"resourceVersion", "1"}, {"resourceVersionMatch", "Newer"}}, 422) ==
          "ListOptions.meta.k8s.io \"\" is invalid: resourceVersionMatch: Unsupported value: \"Newer\": supported values: \"Exact\", \"NotOlderThan\", \"\"");
    CHECK(message({{"watch", "true"}, {"resourceVersion", "1"}, {"resourceVersionMatch", "NotOlderThan"}}, 422) ==
          "ListOptions.meta.k8s.io \"\" is invalid: resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden for watch unless "
          "sendInitialEvents is provided");
    CHECK(message({{"continue", "abc"}}, 400) == "invalid continue token: continue key is not valid: invalid character 'i' looking for beginning of value");
    CHECK(message({{"resourceVersion", "99999"}}, 504) == cat("Timeout: Too large resource version: 99999, current: ", world.store.revision()));
    // A continue token that nobody gave out: {"v":"meta.k8s.io/v1","rv":999999999,"start":"a"}.
    CHECK(message({{"limit", "1"}, {"continue", "eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6OTk5OTk5OTk5LCJzdGFydCI6ImEifQ"}}, 504) ==
          cat("Timeout: Too large resource version: 999999999, current: ", world.store.revision()));
    CHECK(world.send(client::Method::get, cat(pods, "/a"), {}, {{"resourceVersion", "x"}}).code == 500);

    auto initial = world.list({{"watch", "true"}, {"sendInitialEvents", "true"}, {"resourceVersionMatch", "NotOlderThan"}, {"allowWatchBookmarks", "true"}});
    CHECK(initial.body.as_string().find(R"("k8s.io/initial-events-end":"true")") != std::string::npos);
}

}  // namespace kubewalk::apiserver
