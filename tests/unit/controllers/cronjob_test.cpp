// Facts: pkg/controller/cronjob/cronjob_controllerv2_test.go, github.com/robfig/cron spec_test.go,
// kubernetes.io/docs/concepts/workloads/controllers/cron-jobs.
#include <doctest/doctest.h>

#include "core/controllers/cronjob/schedule.h"
#include "tests/unit/controllers/world.h"

using namespace kubewalk;
using namespace kubewalk::testing;
using namespace kubewalk::controllers::cronjob;

namespace {

std::string next(std::string_view after, std::string_view text, std::string_view zone_name = {}) {
    const auto zone = TimeZone::find(zone_name);
    REQUIRE(zone);
    const Schedule schedule{api::parse_cron_schedule(text).take(), *zone};
    const auto found = schedule.next(*parse_rfc3339(after));
    return found ? zone->format(*found) : "never";
}

Value hello(std::string_view more) {
    Value made = parse(R"({"apiVersion":"batch/v1","kind":"CronJob","metadata":{"name":"hello","namespace":"default"},"spec":{
        "schedule":"* * * * *","concurrencyPolicy":"Allow","suspend":false,"successfulJobsHistoryLimit":3,"failedJobsHistoryLimit":1,
        "jobTemplate":{"metadata":{"labels":{"app":"hello"}},"spec":{"template":{"spec":{"restartPolicy":"OnFailure"}}}}}})");
    const Value wanted = parse(more);
    for (const auto& member : wanted.members())
        made.edit("spec").set(member.key, member.value);
    return made;
}

std::string jobs(const World& world) {
    std::vector<std::string> list;
    for (const auto& job : world.cluster.all(api::kind::jobs))
        list.push_back(std::string(api::name_of(job)));
    return join(list, " ");
}

void complete(World& world, std::string_view name) {
    Value job = world.cluster.object(api::kind::jobs, cat("default/", name));
    job.set("status", parse(cat(R"({"startTime":")", to_rfc3339(world.simulation.now()), R"(","completionTime":")", to_rfc3339(world.simulation.now()),
                                R"(","conditions":[{"type":"Complete","status":"True"}]})")));
    world.cluster.put(api::kind::jobs, job);
}

Value status_of(const World& world) { return world.cluster.object(api::kind::cron_jobs, "default/hello")["status"]; }

// 2026-01-01T00:01:00Z as minutes since 1970.
constexpr std::int64_t first_minute = epoch_unix_seconds / 60 + 1;

}  // namespace

TEST_CASE("the next time of a schedule (robfig/cron TestNext)") {
    CHECK(next("2012-07-09T14:45:00Z", "0/15 * * * *") == "2012-07-09T15:00:00Z");
    CHECK(next("2012-07-09T14:59:59Z", "0/15 * * * *") == "2012-07-09T15:00:00Z");
    CHECK(next("2012-07-09T23:46:00Z", "20-35/15 * * * *") == "2012-07-10T00:20:00Z");
    CHECK(next("2012-12-31T23:59:45Z", "* * * * *") == "2013-01-01T00:00:00Z");
    CHECK(next("2012-07-09T23:35:00Z", "0 0 29 Feb ?") == "2016-02-29T00:00:00Z");
    CHECK(next("2012-07-09T00:00:00Z", "0 0 9 Apr-Oct Mon") == "2012-07-16T00:00:00Z");
    CHECK(next("2012-07-09T00:00:00Z", "0 0 30 Feb ?") == "never");
    CHECK(next("2012-07-09T00:00:00Z", "@every 1h30m") == "2012-07-09T01:30:00Z");
}

TEST_CASE("when the clocks change (robfig/cron TestNext, daylight savings)") {
    const std::string_view new_york = "America/New_York";
    CHECK(next("2012-03-11T00:00:00-05:00", "30 2 11 Mar ?", new_york) == "2013-03-11T02:30:00-04:00");
    CHECK(next("2012-03-11T01:00:00-05:00", "0 * * * ?", new_york) == "2012-03-11T03:00:00-04:00");
    CHECK(next("2012-03-11T00:00:00-05:00", "0 2 * * ?", new_york) == "2012-03-12T02:00:00-04:00");
    // One o'clock comes twice in autumn.
    CHECK(next("2012-11-04T00:00:00-04:00", "0 1 * * ?", new_york) == "2012-11-04T01:00:00-04:00");
    CHECK(next("2012-11-04T01:00:00-04:00", "0 1 * * ?", new_york) == "2012-11-04T01:00:00-05:00");
    CHECK(next("2026-03-29T00:30:00Z", "0 3 * * *", "Europe/Berlin") == "2026-03-29T03:00:00+02:00");
    CHECK(next("2026-01-01T00:00:00Z", "0 9 * * *", "Asia/Shanghai") == "2026-01-01T09:00:00+08:00");
    CHECK_FALSE(TimeZone::find("Broken/Zone"));
}

TEST_CASE("a CronJob starts a Job every minute and keeps three") {
    World world{"cronjob-controller"};
    world.cluster.put(api::kind::cron_jobs, hello("{}"));
    world.run(seconds(59));
    CHECK(jobs(world).empty());
    world.run(seconds(2));
    CHECK(jobs(world) == cat("hello-", first_minute));
    const Value job = world.cluster.all(api::kind::jobs)[0];
    CHECK(job["metadata"]["labels"]["app"].as_string() == "hello");
    CHECK(job["metadata"]["annotations"]["batch.kubernetes.io/cronjob-scheduled-timestamp"].as_string() == "2026-01-01T00:01:00Z");
    CHECK(api::controller_of(job)["kind"].as_string() == "CronJob");
    CHECK(status_of(world)["lastScheduleTime"].as_string() == "2026-01-01T00:01:00Z");
    CHECK(status_of(world)["active"][0]["name"] == job["metadata"]["name"]);
    CHECK(world.cluster.told(cat("SuccessfulCreate: Created job hello-", first_minute)));
    complete(world, api::name_of(job));
    world.run(seconds(1));
    CHECK(world.cluster.told(cat("SawCompletedJob: Saw completed job: hello-", first_minute, ", condition: Complete")));
    CHECK(status_of(world)["active"].is_null());
    CHECK(status_of(world)["lastSuccessfulTime"].is_string());
    for (int minute = 1; minute < 5; ++minute) {
        world.run(seconds(60));
        complete(world, cat("hello-", first_minute + minute));
        world.run(milliseconds(10));
    }
    CHECK(world.cluster.all(api::kind::jobs).size() == 3);
    CHECK(world.cluster.told(cat("SuccessfulDelete: Deleted job hello-", first_minute)));
}

TEST_CASE("concurrencyPolicy: Forbid waits, Replace replaces") {
    World world{"cronjob-controller"};
    world.cluster.put(api::kind::cron_jobs, hello(R"({"concurrencyPolicy":"Forbid"})"));
    world.run(seconds(130));
    CHECK(jobs(world) == cat("hello-", first_minute));
    CHECK(world.cluster.told("JobAlreadyActive: Not starting job because prior execution is running and concurrency policy is Forbid"));

    World other{"cronjob-controller"};
    other.cluster.put(api::kind::cron_jobs, hello(R"({"concurrencyPolicy":"Replace"})"));
    other.run(seconds(130));
    CHECK(jobs(other) == cat("hello-", first_minute + 1));
    CHECK(other.cluster.told(cat("SuccessfulDelete: Deleted job hello-", first_minute)));
}

TEST_CASE("startingDeadlineSeconds, suspend, unknown zones") {
    World world{"cronjob-controller"};
    world.cluster.put(api::kind::cron_jobs, hello(R"({"suspend":true})"));
    world.run(minutes(3));
    CHECK(jobs(world).empty());
    // Resumed late: the last time missed is caught up, without a deadline.
    Value resumed = world.cluster.object(api::kind::cron_jobs, "default/hello");
    resumed.edit("spec").set("suspend", false);
    world.cluster.put(api::kind::cron_jobs, resumed);
    world.run(seconds(1));
    CHECK(jobs(world) == cat("hello-", first_minute + 2));

    World strict{"cronjob-controller"};
    strict.cluster.put(api::kind::cron_jobs, hello(R"({"suspend":true,"startingDeadlineSeconds":10})"));
    strict.run(seconds(100));
    resumed = strict.cluster.object(api::kind::cron_jobs, "default/hello");
    resumed.edit("spec").set("suspend", false);
    strict.cluster.put(api::kind::cron_jobs, resumed);
    strict.run(seconds(1));
    CHECK(jobs(strict).empty());

    World lost{"cronjob-controller"};
    lost.cluster.put(api::kind::cron_jobs, hello(R"({"timeZone":"Broken/Zone"})"));
    lost.run(seconds(90));
    CHECK(jobs(lost).empty());
    CHECK(lost.cluster.told("UnknownTimeZone: invalid timeZone: \"Broken/Zone\": unknown time zone Broken/Zone"));
}
