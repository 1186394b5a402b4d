// Facts: pkg/controller/job/{job_controller_test.go,indexed_job_utils_test.go,pod_failure_policy_test.go,
// success_policy_test.go,backoff_utils_test.go}, kubernetes.io/docs/concepts/workloads/controllers/job.
#include <doctest/doctest.h>

#include "core/controllers/job/job_controller.h"
#include "tests/unit/controllers/world.h"

using namespace kubewalk;
using namespace kubewalk::testing;
using namespace kubewalk::controllers::job;

namespace {

Value job(std::string_view spec) {
    Value made = parse(R"({"apiVersion":"batch/v1","kind":"Job","metadata":{"name":"pi","namespace":"default"},"spec":{
        "parallelism":1,"completions":1,"backoffLimit":6,"completionMode":"NonIndexed","suspend":false,
        "podReplacementPolicy":"TerminatingOrFailed","selector":{"matchLabels":{"job":"pi"}},
        "template":{"metadata":{"labels":{"job":"pi"}},"spec":{"restartPolicy":"Never","containers":[{"name":"pi","image":"perl"}]}}}})");
    const Value more = parse(spec);
    for (const auto& member : more.members())
        made.edit("spec").set(member.key, member.value);
    return made;
}

Value job_of(const World& world) { return world.cluster.object(api::kind::jobs, "default/pi"); }
Value status_of(const World& world) { return job_of(world)["status"]; }

// Ends every Pod that has no end yet.
void finish(World& world, std::string_view phase, int exit_code = 0) {
    for (auto pod : world.cluster.all(api::kind::pods)) {
        const auto now = pod["status"]["phase"].as_string();
        if (now == "Succeeded" || now == "Failed")
            continue;
        pod.edit("status").set("phase", phase);
        pod.edit("status").set("containerStatuses",
                               parse(cat(R"([{"name":"pi","restartCount":0,"state":{"terminated":{"exitCode":)", exit_code,
                                         R"(,"finishedAt":")", to_rfc3339(world.simulation.now()), R"("}}}])")));
        world.cluster.put(api::kind::pods, pod);
    }
}

std::size_t running(const World& world) {
    std::size_t count = 0;
    for (const auto& pod : world.cluster.all(api::kind::pods))
        count += pod["status"]["phase"].as_string() == "Pending" ? 1 : 0;
    return count;
}

std::string condition(const World& world, std::string_view type) {
    return controllers::condition_of(job_of(world), type)["reason"].str();
}

}  // namespace

TEST_CASE("indexes as text (TestIntervals)") {
    Indexes indexes = Indexes::parse("1,3-5,7", 10);
    CHECK(indexes.total() == 5);
    CHECK(indexes.has(4));
    CHECK_FALSE(indexes.has(6));
    indexes.add(6);
    CHECK(indexes.text() == "1,3-7");
    indexes.add(2);
    CHECK(indexes.text() == "1-7");
    Indexes two;
    two.add(0);
    two.add(1);
    CHECK(two.text() == "0,1");
    CHECK(Indexes::parse("0-3,5", 3).text() == "0-2");
    CHECK(Indexes::parse("", 3).total() == 0);
}

TEST_CASE("podFailurePolicy (TestMatchPodFailurePolicy)") {
    const Value policy = parse(R"({"rules":[
        {"action":"FailJob","onExitCodes":{"containerName":"main","operator":"In","values":[42]}},
        {"action":"Ignore","onPodConditions":[{"type":"DisruptionTarget","status":"True"}]},
        {"action":"Count","onExitCodes":{"operator":"NotIn","values":[1,2]}}]})");
    const auto pod = [](std::string_view status) {
        return parse(cat(R"({"metadata":{"name":"mypod","namespace":"default"},"status":)", status, "}"));
    };
    const auto fails = match_failure_policy(policy, pod(R"({"containerStatuses":[{"name":"main","state":{"terminated":{"exitCode":42}}}]})"));
    CHECK(fails.counts);
    CHECK(fails.fail_message == "Container main for pod default/mypod failed with exit code 42 matching FailJob rule at index 0");
    const auto ignored = match_failure_policy(policy, pod(R"({"conditions":[{"type":"DisruptionTarget","status":"True"}]})"));
    CHECK_FALSE(ignored.counts);
    CHECK(ignored.action == "Ignore");
    CHECK(match_failure_policy(policy, pod(R"({"containerStatuses":[{"name":"x","state":{"terminated":{"exitCode":1}}}]})")).action.empty());
    // Success is never matched.
    CHECK(match_failure_policy(policy, pod(R"({"containerStatuses":[{"name":"x","state":{"terminated":{"exitCode":0}}}]})")).action.empty());
}

TEST_CASE("back-off after failures: 10 s, 20 s, 40 s ... 10 min (TestGetRemainingBackoffTime)") {
    const Time now = Time{} + hours(1);
    CHECK(BackOff{0, now}.remaining(now) == Duration{});
    CHECK(BackOff{1, now}.remaining(now) == seconds(10));
    CHECK(BackOff{2, now}.remaining(now + seconds(5)) == seconds(15));
    CHECK(BackOff{3, now}.remaining(now) == seconds(40));
    CHECK(BackOff{12, now}.remaining(now) == minutes(10));
}

TEST_CASE("a Job runs its Pod, counts it and is complete") {
    World world{"job-controller"};
    world.cluster.put(api::kind::jobs, job("{}"));
    world.run();
    const auto pods = world.cluster.all(api::kind::pods);
    REQUIRE(pods.size() == 1);
    CHECK(pods[0]["metadata"]["finalizers"][0].as_string() == "batch.kubernetes.io/job-tracking");
    CHECK(status_of(world)["active"].as_int() == 1);
    CHECK(status_of(world)["startTime"].is_string());
    CHECK(world.cluster.told(cat("SuccessfulCreate: Created pod: ", api::name_of(pods[0]))));
    finish(world, "Succeeded");
    world.run(seconds(5));
    CHECK(status_of(world)["succeeded"].as_int() == 1);
    CHECK(status_of(world)["active"].is_null());
    CHECK(condition(world, "SuccessCriteriaMet") == "CompletionsReached");
    CHECK(condition(world, "Complete") == "CompletionsReached");
    CHECK(status_of(world)["completionTime"].is_string());
    CHECK(status_of(world)["uncountedTerminatedPods"].empty());
    CHECK(world.cluster.all(api::kind::pods)[0]["metadata"]["finalizers"].empty());
    CHECK(world.cluster.told("Completed: Job completed"));
}

TEST_CASE("parallelism bounds what runs, completions what is needed") {
    World world{"job-controller"};
    world.cluster.put(api::kind::jobs, job(R"({"parallelism":2,"completions":5})"));
    world.run();
    CHECK(running(world) == 2);
    finish(world, "Succeeded");
    world.run(seconds(3));
    CHECK(running(world) == 2);
    CHECK(status_of(world)["succeeded"].as_int() == 2);
    finish(world, "Succeeded");
    world.run(seconds(3));
    CHECK(running(world) == 1);
    finish(world, "Succeeded");
    world.run(seconds(3));
    CHECK(condition(world, "Complete") == "CompletionsReached");
    CHECK(world.cluster.all(api::kind::pods).size() == 5);
}

TEST_CASE("without completions one success ends a work queue") {
    World world{"job-controller"};
    Value queue = job(R"({"parallelism":3})");
    queue.edit("spec").erase("completions");
    world.cluster.put(api::kind::jobs, queue);
    world.run();
    CHECK(running(world) == 3);
    auto first = world.cluster.all(api::kind::pods)[0];
    first.edit("status").set("phase", "Succeeded");
    world.cluster.put(api::kind::pods, first);
    world.run(seconds(3));
    CHECK(running(world) == 2);
    finish(world, "Succeeded");
    world.run(seconds(3));
    CHECK(condition(world, "Complete") == "CompletionsReached");
}

TEST_CASE("failures are repeated with back-off until backoffLimit") {
    World world{"job-controller"};
    world.cluster.put(api::kind::jobs, job(R"({"backoffLimit":1})"));
    world.run();
    finish(world, "Failed", 1);
    world.run(seconds(5));
    CHECK(running(world) == 0);
    CHECK(status_of(world)["failed"].as_int() == 1);
    world.run(seconds(6));
    CHECK(running(world) == 1);
    finish(world, "Failed", 1);
    world.run(seconds(5));
    CHECK(condition(world, "FailureTarget") == "BackoffLimitExceeded");
    CHECK(condition(world, "Failed") == "BackoffLimitExceeded");
    CHECK(world.cluster.told("BackoffLimitExceeded: Job has reached the specified backoff limit"));
    CHECK(status_of(world)["failed"].as_int() == 2);
}

TEST_CASE("activeDeadlineSeconds ends a Job and its Pods") {
    World world{"job-controller"};
    world.cluster.put(api::kind::jobs, job(R"({"activeDeadlineSeconds":10})"));
    world.run(seconds(15));
    CHECK(condition(world, "Failed") == "DeadlineExceeded");
    CHECK(world.cluster.all(api::kind::pods).empty());
    CHECK(world.cluster.told("DeadlineExceeded: Job was active longer than specified deadline"));
}

TEST_CASE("suspend takes the Pods away, resume brings them back") {
    World world{"job-controller"};
    world.cluster.put(api::kind::jobs, job(R"({"suspend":true})"));
    world.run();
    CHECK(world.cluster.all(api::kind::pods).empty());
    CHECK(condition(world, "Suspended") == "JobSuspended");
    CHECK(status_of(world)["startTime"].is_null());
    Value resumed = job_of(world);
    resumed.edit("spec").set("suspend", false);
    resumed.edit("metadata").set("generation", 2);
    world.cluster.put(api::kind::jobs, resumed);
    world.run();
    CHECK(running(world) == 1);
    CHECK(condition(world, "Suspended") == "JobResumed");
    CHECK(world.cluster.told("Resumed: Job resumed"));
}

TEST_CASE("an indexed Job gives each Pod its index") {
    World world{"job-controller"};
    world.cluster.put(api::kind::jobs, job(R"({"parallelism":2,"completions":3,"completionMode":"Indexed"})"));
    world.run();
    const auto pods = world.cluster.all(api::kind::pods);
    REQUIRE(pods.size() == 2);
    CHECK(api::name_of(pods[0]).starts_with("pi-0-"));
    CHECK(pods[0]["spec"]["hostname"].as_string() == "pi-0");
    CHECK(pods[0]["metadata"]["annotations"]["batch.kubernetes.io/job-completion-index"].as_string() == "0");
    CHECK(pods[1]["metadata"]["labels"]["batch.kubernetes.io/job-completion-index"].as_string() == "1");
    CHECK(pods[0]["spec"]["containers"][0]["env"][0]["name"].as_string() == "JOB_COMPLETION_INDEX");
    finish(world, "Succeeded");
    world.run(seconds(3));
    CHECK(status_of(world)["completedIndexes"].as_string() == "0,1");
    finish(world, "Succeeded");
    world.run(seconds(3));
    CHECK(status_of(world)["completedIndexes"].as_string() == "0-2");
    CHECK(condition(world, "Complete") == "CompletionsReached");
}

TEST_CASE("backoffLimitPerIndex lets the other indexes go on") {
    World world{"job-controller"};
    world.cluster.put(api::kind::jobs, job(R"({"parallelism":2,"completions":2,"completionMode":"Indexed","backoffLimitPerIndex":1,"backoffLimit":100})"));
    world.run();
    for (int round = 0; round < 2; ++round) {
        for (auto pod : world.cluster.all(api::kind::pods)) {
            if (pod["status"]["phase"].as_string() != "Pending")
                continue;
            const bool first = completion_index(pod) == 0;
            pod.edit("status").set("phase", first ? "Failed" : "Succeeded");
            world.cluster.put(api::kind::pods, pod);
        }
        world.run(seconds(25));
    }
    CHECK(status_of(world)["failedIndexes"].as_string() == "0");
    CHECK(status_of(world)["completedIndexes"].as_string() == "1");
    CHECK(condition(world, "Failed") == "FailedIndexes");
    CHECK(status_of(world)["failed"].as_int() == 2);
}

TEST_CASE("successPolicy ends an indexed Job early") {
    World world{"job-controller"};
    world.cluster.put(api::kind::jobs, job(R"({"parallelism":3,"completions":3,"completionMode":"Indexed","successPolicy":{"rules":[{"succeededIndexes":"0"}]}})"));
    world.run();
    auto leader = world.cluster.all(api::kind::pods)[0];
    leader.edit("status").set("phase", "Succeeded");
    world.cluster.put(api::kind::pods, leader);
    world.run(seconds(5));
    CHECK(condition(world, "SuccessCriteriaMet") == "SuccessPolicy");
    CHECK(controllers::condition_of(job_of(world), "Complete")["message"].as_string() == "Matched rules at index 0");
    CHECK(world.cluster.all(api::kind::pods).size() == 1);
}

TEST_CASE("Pods of a deleted Job are let go") {
    World world{"job-controller"};
    world.cluster.put(api::kind::jobs, job("{}"));
    world.run();
    world.cluster.drop(api::kind::jobs, "default/pi");
    world.run();
    CHECK(world.cluster.all(api::kind::pods)[0]["metadata"]["finalizers"].empty());
}

TEST_CASE("ttlSecondsAfterFinished deletes a finished Job") {
    World world{"job-controller", "ttl-after-finished-controller"};
    world.cluster.put(api::kind::jobs, job(R"({"ttlSecondsAfterFinished":100})"));
    world.run();
    finish(world, "Succeeded");
    world.run(seconds(60));
    CHECK_FALSE(job_of(world).is_null());
    world.run(seconds(60));
    CHECK(job_of(world).is_null());
}
