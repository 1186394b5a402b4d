// Facts: pkg/controller/podautoscaler/{replica_calculator_test.go,horizontal_test.go}.
#include <doctest/doctest.h>

#include "core/controllers/podautoscaler/replica_calculator.h"
#include "core/controllers/podautoscaler/scaling_rules.h"
#include "tests/unit/controllers/world.h"

using namespace kubewalk;
using namespace kubewalk::testing;
using namespace kubewalk::controllers::podautoscaler;

namespace {

constexpr Time now{3600 * std::int64_t{1'000'000'000}};

controllers::Objects pods(int count, std::string_view request, std::string_view ready = "True") {
    controllers::Objects list;
    for (int i = 0; i < count; ++i)
        list.push_back(parse(cat(R"({"metadata":{"name":"p)", i, R"("},"spec":{"containers":[{"name":"c","resources":{"requests":{"cpu":")", request,
                                 R"("}}}]},"status":{"phase":"Running","startTime":"2026-01-01T00:10:00Z","conditions":[{"type":"Ready","status":")", ready,
                                 R"(","lastTransitionTime":"2026-01-01T00:11:00Z"}]}})")));
    return list;
}

PodMetrics metrics(std::initializer_list<std::int64_t> milli) {
    PodMetrics result;
    int i = 0;
    for (const auto value : milli)
        result[cat("p", i++)] = {value, now, seconds(60)};
    return result;
}

Question question(std::int64_t current, std::int64_t target) {
    Question asked;
    asked.current = current;
    asked.resource = "cpu";
    asked.target = target;
    asked.now = now;
    return asked;
}

}  // namespace

TEST_CASE("replicas for a utilization (TestReplicaCalcScaleUp, ScaleDown, Tolerance)") {
    const auto up = replicas_for_utilization(question(3, 30), metrics({300, 500, 700}), pods(3, "1"));
    REQUIRE(up.ok());
    CHECK(up.value().replicas == 5);
    CHECK(up.value().utilization == 50);
    CHECK(up.value().average == 500);
    const auto down = replicas_for_utilization(question(5, 50), metrics({100, 300, 500, 250, 250}), pods(5, "1"));
    CHECK(down.value().replicas == 3);
    CHECK(down.value().utilization == 28);
    const auto still = replicas_for_utilization(question(3, 100), metrics({1010, 1030, 1020}), pods(3, "900m"));
    CHECK(still.value().utilization == 113);
    CHECK(still.value().replicas == 4);
    Question tolerant = question(3, 100);
    tolerant.tolerance_up = 0.2;
    CHECK(replicas_for_utilization(tolerant, metrics({1010, 1030, 1020}), pods(3, "900m")).value().replicas == 3);
}

TEST_CASE("what is missing counts against the change (TestReplicaCalcMissingMetrics*)") {
    // Scale-up is damped: a Pod without metrics counts as idle.
    CHECK(replicas_for_utilization(question(2, 50), metrics({1000}), pods(2, "1")).value().replicas == 2);
    // Scale-down: as if it used all it asked for.
    CHECK(replicas_for_utilization(question(2, 50), metrics({100}), pods(2, "1")).value().replicas == 2);
    CHECK(replicas_for_utilization(question(4, 100), metrics({100, 100, 100}), pods(4, "1")).value().replicas == 2);
    CHECK(replicas_for_utilization(question(3, 50), {}, pods(3, "1")).error().message ==
          "did not receive metrics for targeted pods (pods might be unready)");
    auto without = pods(1, "1");
    without[0].edit("spec").edit("containers").edit_at(0).erase("resources");
    CHECK(replicas_for_utilization(question(1, 50), metrics({100}), without).error().message ==
          "missing request for cpu in container c of Pod p0");
    CHECK(replicas_for_utilization(question(1, 50), metrics({100}), {}).error().message ==
          "no pods returned by selector while calculating replica count");
}

TEST_CASE("averageValue (TestReplicaCalcScaleUpCM)") {
    const auto answer = replicas_for_value(question(3, 15000), metrics({20000, 10000, 30000}), pods(3, "1"));
    CHECK(answer.value().replicas == 4);
    CHECK(answer.value().average == 20000);
}

TEST_CASE("how fast: doubling, windows, policies (TestNormalizeDesiredReplicas*, TestScalingWithRules)") {
    const Value plain = parse(R"({"spec":{"maxReplicas":100}})");
    History history;
    CHECK(normalize(plain, history, 1, 10, 1, now).replicas == 4);
    History other;
    const auto limited = normalize(plain, other, 5, 40, 1, now);
    CHECK(limited.replicas == 10);
    CHECK(limited.limited_reason == "ScaleUpLimit");
    const auto most = normalize(parse(R"({"spec":{"maxReplicas":3}})"), other, 2, 40, 1, now);
    CHECK(most.replicas == 3);
    CHECK(most.limited_reason == "TooManyReplicas");
    // Five minutes of memory before scaling down.
    History slow;
    slow.recommendations.push_back({8, now - minutes(4)});
    const auto held = normalize(plain, slow, 8, 2, 1, now);
    CHECK(held.replicas == 8);
    CHECK(held.able_reason == "ScaleDownStabilized");
    CHECK(normalize(plain, slow, 8, 2, 1, now + minutes(6)).replicas == 2);

    const Value rules = parse(R"({"spec":{"maxReplicas":100,"behavior":{
        "scaleUp":{"stabilizationWindowSeconds":0,"selectPolicy":"Max","policies":[{"type":"Pods","value":4,"periodSeconds":60},{"type":"Percent","value":100,"periodSeconds":60}]},
        "scaleDown":{"stabilizationWindowSeconds":0,"selectPolicy":"Max","policies":[{"type":"Pods","value":2,"periodSeconds":60}]}}}})");
    History ruled;
    CHECK(normalize(rules, ruled, 3, 50, 1, now).replicas == 7);
    CHECK(normalize(rules, ruled, 10, 50, 1, now).replicas == 20);
    const auto down = normalize(rules, ruled, 10, 1, 1, now + minutes(20));
    CHECK(down.replicas == 8);
    CHECK(down.limited_reason == "ScaleDownLimit");
    ruled.downs.push_back({2, now + minutes(20)});
    CHECK(normalize(rules, ruled, 8, 1, 1, now + minutes(20) + seconds(30)).replicas == 8);
}
