#include <doctest/doctest.h>

#include "core/api/json.h"
#include "core/base/text.h"
#include "core/lesson/check.h"
#include "core/lesson/course.h"
#include "core/lesson/lesson.h"
#include "core/lesson/prose.h"

using namespace kubewalk;

namespace {

std::map<std::string, std::string> small_lesson() {
    return {{"lesson.json", R"({"start": {"scenario": "empty"}, "steps": [{"id": "s", "predict": [{"id": "p", "choices": ["a", "b"], "answer": "b"}],
              "tasks": [{"id": "t", "check": {"ran": "kubectl*"}, "solution": ["kubectl version"]}]}]})"},
            {"text.en.md",
             "<!-- title -->\nT\n<!-- s.title -->\nS\n<!-- s.body -->\nBody **x**\n\nmore\n<!-- s.hint -->\nh\n<!-- s.solution -->\ns\n"
             "<!-- p.question -->\nq\n<!-- p.a -->\na\n<!-- p.b -->\nb\n<!-- p.explain -->\ne\n<!-- t.text -->\ntask\n"}};
}

std::string error_of(const std::map<std::string, std::string>& files) {
    const auto parsed = lesson::parse_lesson("x", files);
    return parsed.ok() ? "" : parsed.error().message;
}

}  // namespace

TEST_CASE("a lesson from its files") {
    const auto parsed = lesson::parse_lesson("x", small_lesson());
    REQUIRE_MESSAGE(parsed.ok(), error_of(small_lesson()));
    CHECK(parsed.value().text("en", "s.body") == "Body **x**\n\nmore");
    CHECK(parsed.value().text("fr", "title") == "T");
    CHECK(parsed.value().text("en", "nothing") == "nothing");
}

TEST_CASE("mistakes of a teacher are named with their place") {
    auto files = small_lesson();
    files["lesson.json"] = "{\"steps\": [}";
    CHECK(error_of(files).starts_with("lesson.json:1: "));
    files = small_lesson();
    files["text.en.md"] += "<!-- t.text -->\nagain\n";
    CHECK(error_of(files).find("stands there twice") != std::string::npos);
    files = small_lesson();
    files["text.zh-CN.md"] = "<!-- title -->\nT\n";
    CHECK(error_of(files).find("text.zh-CN.md: the text \"") == 0);
    files = small_lesson();
    files["lesson.json"] = R"({"steps": [{"id": "s", "tasks": [{"id": "t", "check": {"runs": "x"}, "solution": ["x"]}]}]})";
    CHECK(error_of(files).find("steps[0].tasks[0].check: a check needs one of") != std::string::npos);
    files["lesson.json"] = R"({"stepz": []})";
    CHECK(error_of(files).find("unknown key \"stepz\"") != std::string::npos);
    files["lesson.json"] = "{\n  \"start\": {\n    \"scenario\": \"sockshop\"\n  },\n  \"steps\": []\n}";
    CHECK(error_of(files).starts_with("lesson.json:3: start.scenario: there is no scenario \"sockshop\"; the scenarios are "));
}

TEST_CASE("the order of the course") {
    const auto parsed = lesson::parse_course(
        R"({"parts": [{"id": "p", "title": {"en": "Part", "zh-CN": "部分"}, "lessons": ["b", "a"]}, {"id": "q", "title": {"en": "Q"}, "lessons": ["c"]}]})");
    REQUIRE(parsed.ok());
    const auto& course = parsed.value();
    CHECK(course.order() == std::vector<std::string>{"b", "a", "c"});
    CHECK(course.part_of("a")->title("zh-CN") == "部分");
    CHECK(course.part_of("c")->title("zh-CN") == "Q");
    CHECK(course.part_of("d") == nullptr);
    CHECK(course.next("a") == "c");
    CHECK(course.next("c").empty());
    CHECK(course.next("d").empty());
    CHECK(lesson::course_gaps(course, {"a", "b", "c"}).empty());
    CHECK(lesson::course_gaps(course, {"a", "b", "d"}) ==
          std::vector<std::string>{"lesson \"d\" is missing in course.json", "course.json names the lesson \"c\", which is not there"});
}

TEST_CASE("mistakes in the order of the course") {
    const auto error = [](std::string_view json) {
        const auto parsed = lesson::parse_course(json);
        return parsed.ok() ? std::string() : parsed.error().message;
    };
    CHECK(error("{\"parts\": [}").starts_with("course.json:1: "));
    CHECK(error("{}") == "course.json: a course needs parts");
    CHECK(error(R"({"partz": []})") == "course.json: the course: unknown key \"partz\"");
    CHECK(error(R"({"parts": [{"id": "p", "title": "P", "lessons": ["a"]}]})").find("needs a title in English") != std::string::npos);
    CHECK(error(R"({"parts": [{"id": "p", "title": {"en": "P"}, "lessons": []}]})") == "course.json: part p: has no lessons");
    CHECK(error(R"({"parts": [{"id": "p", "title": {"en": "P"}, "lessons": ["a", "a"]}]})") == "course.json: lesson \"a\" stands there twice");
}

TEST_CASE("patterns") {
    CHECK(lesson::matches_pattern("kubectl*get s*", "kubectl -n a get svc"));
    CHECK(lesson::matches_pattern("*", ""));
    CHECK_FALSE(lesson::matches_pattern("a*b", "ac"));
    CHECK(lesson::matches_pattern("a*b*c", "aXbXbXc"));
    CHECK_FALSE(lesson::matches_pattern("", "x"));
}

TEST_CASE("progress is kept and taken up again, and refuses a stranger's") {
    const auto parsed = lesson::parse_lesson("x", small_lesson());
    REQUIRE(parsed.ok());
    lesson::Progress progress(parsed.value());
    progress.predict("p", "a");
    lesson::Progress other(parsed.value());
    REQUIRE(other.load(progress.save()).ok());
    CHECK(other.predicted("p") == "a");
    CHECK_FALSE(other.load(R"({"lesson": "y"})").ok());
    CHECK_FALSE(other.load("not json").ok());
    REQUIRE(other.load(R"({"lesson": "x", "step": 99999999999})").ok());
    CHECK(other.step() == 0);
}

TEST_CASE("a check that is not well formed is named") {
    const auto error = [](std::string_view json) {
        const auto checked = lesson::validate_check(api::parse_json(json).value());
        return checked.ok() ? std::string() : checked.error().message;
    };
    CHECK(error(R"({"object": {"kind": "Servise", "name": "x"}})") == "object: unknown kind \"Servise\"; `kubectl api-resources` lists them");
    CHECK(error(R"({"count": {"kind": "Pod", "labels": "a=("}, "equals": 1})").starts_with("count: labels: "));
    CHECK(error(R"({"count": {"kind": "Pod"}})") == "count: needs equals, at_least or at_most, a number");
    CHECK(error(R"({"endpoints": {"service": ""}, "equals": 1})") == "endpoints: service is missing");
    CHECK(error(R"({"component": "etcd"})") == "component: running is missing: true or false");
    CHECK(error(R"({"event": {}})") == "event: says nothing about the event");
    CHECK(error(R"({"happened": {"component": "x"}})") == "happened: fact is missing");
    CHECK(error(R"({"resolves": {"from": "laptop"}})") == "a lookup needs a name");
    CHECK(error(R"({"ran": "x", "shown": "y"})") == "unknown key \"shown\"; known here: ran, shows, exit, after");
    CHECK(error(R"({"ran": "x", "after": {"name": "y"}})") == "after: fact is missing");
    CHECK(error(R"({"behaves": {"url": "http://x/"}, "after": {"fact": "y"}})").starts_with("unknown key \"after\""));
    CHECK(error(R"({"any": [{"not": {"ran": 1}}]})") == "ran: needs a pattern");
    CHECK(error(R"({"in_past": 1})") == "in_past: true or false");
    CHECK(error(R"({"all": [{"ran": "x"}], "ran": "y"})").starts_with("unknown key"));
}

TEST_CASE("checks look at the cluster and at what was done") {
    cluster::Options options;
    options.scenario = "empty";
    options.workers = 1;
    cluster::Session session(options);
    const auto holds = [&](std::string_view json) {
        const auto check = api::parse_json(json).value();
        REQUIRE(lesson::validate_check(check).ok());
        return lesson::holds(check, session);
    };
    const std::string_view scheduler_stopped = R"({"component": "kube-scheduler", "running": false})";
    CHECK_FALSE(holds(scheduler_stopped));
    session.run("component stop kube-scheduler");
    CHECK(holds(scheduler_stopped));
    CHECK(holds(R"({"happened": {"fact": "component.stopped", "args": ["kube-sch*"]}, "equals": 1})"));
    const auto both = api::parse_json(cat(R"({"all": [)", scheduler_stopped, R"(, {"ran": "kubectl*"}]})")).value();
    CHECK(lesson::failing_part(both, session) == &both["all"][1]);
    session.run("component start kube-scheduler");

    const std::string_view two = R"({"count": {"kind": "Pod", "namespace": "default", "labels": "app=web", "where": [{"path": "status.phase", "equals": "Running"}]}, "equals": 2})";
    const std::string_view ready = R"({"endpoints": {"service": "web", "address": "10.244.*"}, "at_least": 2})";
    CHECK_FALSE(holds(two));
    CHECK_FALSE(holds(ready));
    session.run("kubectl create deployment web --image=nginx:1.29 --replicas=2");
    session.run("kubectl expose deployment web --port=80");
    session.settle();
    CHECK(holds(two));
    CHECK(holds(ready));
    const auto instead = [&](std::string_view json) { return lesson::found_instead(api::parse_json(json).value(), session); };
    CHECK(instead(R"({"object": {"kind": "Deployment", "name": "web"}, "path": "status.readyReplicas", "equals": 3})") == "it is 2");
    CHECK(instead(R"({"object": {"kind": "Deployment", "name": "web"}, "path": "status.readyReplica", "equals": 2})") == "the object has no such field");
    CHECK(instead(R"({"object": {"kind": "Deployment", "name": "wep"}, "exists": true})") == "there is no such object");
    CHECK(instead(R"({"count": {"kind": "Pod", "labels": "app=web"}, "equals": 3})") == "there are 2");
    CHECK(instead(R"({"ran": "x"})").empty());
    CHECK(holds(R"({"object": {"kind": "Deployment", "name": "web"}, "path": "metadata.annotations['deployment.kubernetes.io/revision']", "at_least": 1})"));
    CHECK(holds(R"({"event": {"kind": "ReplicaSet", "name": "web-*", "reason": "SuccessfulCreate", "from": "replicaset-controller"}})"));
    CHECK_FALSE(holds(R"({"event": {"kind": "ReplicaSet", "from": "kubelet"}})"));

    CHECK(holds(R"({"resolves": {"from": "pod/default/web", "name": "web", "code": "NOERROR", "answer": "10.*", "queries": 1}})"));
    CHECK_FALSE(holds(R"({"resolves": {"from": "pod/default/web", "name": "nobody", "code": "NOERROR"}})"));
    const std::string_view looked_up = R"({"looked_up": {"from": "pod/default/*", "name": "web", "answer": "10.*"}})";
    CHECK_FALSE(holds(looked_up));  // a check asks, and nothing has happened
    session.run("dig pod/default/web web");
    CHECK(holds(looked_up));

    CHECK(holds(R"({"ran": "dig *", "shows": "*NOERROR*"})"));
    CHECK_FALSE(holds(R"({"ran": "kubectl get nobody", "exit": 1})"));
    session.run("kubectl get nobody");
    CHECK_FALSE(holds(R"({"ran": "kubectl get nobody"})"));
    CHECK(holds(R"({"ran": "kubectl get nobody", "exit": 1, "shows": "*doesn't have a resource type*"})"));

    // What is typed to a shell in a container counts by what it shows, and before that shell is left.
    session.run("kubectl run box --image=busybox:1.36 --command -- sleep 3600");
    session.settle();
    CHECK(session.begin("kubectl exec -it box -- sh"));
    session.advance(seconds(1));
    session.type("cat /etc/resolv.conf");
    session.advance(seconds(1));
    session.type("echo done");
    session.advance(seconds(1));
    CHECK(session.busy());
    CHECK(holds(R"({"ran": "kubectl*exec*box*cat */resolv.conf", "shows": "*nameserver 10.96.0.10*"})"));
    CHECK_FALSE(holds(R"({"ran": "kubectl*exec*box*cat */resolv.conf"})"));
    CHECK_FALSE(holds(R"({"ran": "kubectl*exec*box*echo done", "shows": "*nameserver*"})"));
    session.type("exit");
    session.advance(seconds(1));
    CHECK_FALSE(session.busy());

    // What was done before the change that it is about does not count.
    const std::string_view again = R"({"ran": "dig *", "after": {"fact": "api.call", "args": ["DELETE", "*/services/web", "200"]}})";
    const std::string_view asked = R"({"looked_up": {"name": "web"}, "after": {"fact": "api.call", "args": ["DELETE", "*/services/web", "200"]}})";
    const std::string_view sent = R"({"requested": {"to": "*:80"}, "after": {"fact": "api.call", "args": ["DELETE", "*/services/web", "200"]}})";
    const std::string_view send = "trace node/node-1 http://$(kubectl get service web -o jsonpath='{.spec.clusterIP}')/";
    session.run(send);
    CHECK(holds(R"({"requested": {"to": "*:80"}})"));
    session.run("kubectl delete service web");
    for (const auto check : {again, asked, sent})
        CHECK_FALSE(holds(check));
    session.run("kubectl expose deployment web --port=80");
    session.run("dig pod/default/web web");
    session.run(send);
    for (const auto check : {again, asked, sent})
        CHECK(holds(check));

    CHECK_FALSE(holds(R"({"in_past": true})"));
    session.seek(session.now() - seconds(5));
    CHECK(holds(R"({"in_past": true})"));
}

TEST_CASE("Chinese typography") {
    CHECK(lesson::typography_problem("集群里有 Pod，用 `kubectl` 查看（共 3 个）。").empty());
    CHECK(lesson::typography_problem("一个**新的** Pod，“Permission denied”或其他").empty());
    CHECK(lesson::typography_problem("集群里有Pod").find("a space is missing") == 0);
    CHECK(lesson::typography_problem("用`kubectl` 查看").find("a space is missing") == 0);
    CHECK(lesson::typography_problem("集群里有,对吧").find("half-width") == 0);
    CHECK(lesson::typography_problem("集群 ，对吧").find("a space beside") == 0);
    CHECK(lesson::typography_problem("English (only), as it is.").empty());
}

TEST_CASE("prose is judged: keys, length, terms") {
    auto files = small_lesson();
    files["text.zh-CN.md"] =
        "<!-- title -->\n题\n<!-- s.title -->\n步\n<!-- s.body -->\n一个报文\n<!-- s.hint -->\n提示\n<!-- s.solution -->\n答案\n"
        "<!-- p.question -->\n问\n<!-- p.a -->\n甲\n<!-- p.b -->\n乙\n<!-- p.explain -->\n释\n<!-- t.text -->\n任务\n<!-- nobody -->\n无\n";
    const auto parsed = lesson::parse_lesson("x", files);
    REQUIRE(parsed.ok());
    const auto glossary = lesson::parse_glossary(R"({"terms": [{"en": "packet", "zh-CN": "数据包", "avoid": ["报文"]}]})");
    REQUIRE(glossary.ok());
    std::string problems;
    for (const auto& finding : lesson::check_prose(parsed.value(), glossary.value()))
        if (!finding.ok)
            problems += finding.what + ": " + finding.why + "\n";
    CHECK(problems ==
          "every text is shown somewhere: zh-CN nobody\na step has 60 to 120 words: en s.body has 3\n"
          "Chinese terms follow the glossary: zh-CN s.body: 报文 (packet is 数据包)\n");
    CHECK_FALSE(lesson::parse_glossary(R"({"terms": [{"en": "packet"}]})").ok());
}
