// Rules of Pods against facts of upstream: pkg/apis/core/v1/defaults_test.go, validation_test.go, qos_test.go.

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "core/api/json.h"
#include "core/api/rules/entries.h"
#include "core/api/rules/pod_spec.h"

namespace kubewalk::api {
namespace {

Value json(std::string_view text) {
    const auto parsed = parse_json(text);
    REQUIRE(parsed.ok());
    return parsed.value();
}

Value pod_of(std::string_view spec) {
    Value pod = json(R"({"apiVersion":"v1","kind":"Pod","metadata":{"name":"carts","namespace":"sock-shop"}})");
    pod.set("spec", json(spec));
    pod_rules.defaults(pod);
    return pod;
}

std::vector<std::string> faults(const Value& pod) {
    FieldErrors errors;
    pod_rules.validate(pod, errors);
    std::vector<std::string> messages;
    for (const FieldError& error : errors) messages.push_back(error.message());
    return messages;
}

std::vector<std::string> update_faults(const Value& pod, const Value& old) {
    FieldErrors errors;
    validate_pod_update(pod, old, errors);
    std::vector<std::string> messages;
    for (const FieldError& error : errors) messages.push_back(error.message());
    return messages;
}

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("a Pod gets upstream's defaults") {
    const Value pod = pod_of(R"({"containers":[{"name":"c","image":"nginx","ports":[{"containerPort":80}],
        "livenessProbe":{"httpGet":{"port":80}},"resources":{"limits":{"cpu":"1"}}}],
        "volumes":[{"name":"a"},{"name":"b","configMap":{"name":"x"}},{"name":"c","hostPath":{"path":"/x"}}]})");
    CHECK(to_json(pod["spec"]) ==
          R"({"containers":[{"image":"nginx","imagePullPolicy":"Always","livenessProbe":{"failureThreshold":3,)"
          R"("httpGet":{"path":"/","port":80,"scheme":"HTTP"},"periodSeconds":10,"successThreshold":1,)"
          R"("timeoutSeconds":1},"name":"c","ports":[{"containerPort":80,"protocol":"TCP"}],"resources":{"limits":)"
          R"({"cpu":"1"},"requests":{"cpu":"1"}},"terminationMessagePath":"/dev/termination-log",)"
          R"("terminationMessagePolicy":"File"}],"dnsPolicy":"ClusterFirst","enableServiceLinks":true,)"
          R"("restartPolicy":"Always","schedulerName":"default-scheduler","securityContext":{},)"
          R"("terminationGracePeriodSeconds":30,"volumes":[{"emptyDir":{},"name":"a"},{"configMap":{"defaultMode":420,)"
          R"("name":"x"},"name":"b"},{"hostPath":{"path":"/x","type":""},"name":"c"}]})");
    CHECK(faults(pod).empty());
}

TEST_CASE("defaulting a Pod that is complete changes nothing and keeps the template's nodes shared") {
    const Value once = pod_of(R"({"containers":[{"name":"c","image":"nginx:1.25"}]})");
    Value twice = once;
    pod_rules.defaults(twice);
    CHECK(twice["spec"].same(once["spec"]));
}

TEST_CASE("the tag decides about pulling") {
    const auto policy = [](std::string_view image) {
        Value spec = Value::object({{"containers", Value::array({Value::object({{"name", "c"}, {"image", image}})})}});
        default_pod_spec(spec);
        return spec["containers"][0]["imagePullPolicy"].str();
    };
    CHECK(policy("nginx") == "Always");
    CHECK(policy("registry:5000/nginx:latest") == "Always");
    CHECK(policy("registry:5000/nginx") == "Always");
    CHECK(policy("nginx:1.25") == "IfNotPresent");
    CHECK(policy("nginx@sha256:aaaa") == "IfNotPresent");
    CHECK(policy("NGINX") == "IfNotPresent");  // no reference at all
}

TEST_CASE("the host's network takes the host's ports, in a Pod only") {
    const char* spec = R"({"hostNetwork":true,"containers":[{"name":"c","image":"a:1","ports":[{"containerPort":80}]}]})";
    CHECK(pod_of(spec)["spec"]["containers"][0]["ports"][0]["hostPort"].as_int() == 80);
    Value in_template = json(spec);
    default_pod_spec(in_template);
    CHECK(in_template["containers"][0]["ports"][0]["hostPort"].is_null());
}

TEST_CASE("creation sets the phase and the class of service") {
    const auto qos = [](std::string_view resources) {
        Value pod = pod_of(R"({"containers":[{"name":"c","image":"a:1","resources":)" + std::string(resources) + "}]}");
        pod.set("status", json(R"({"podIP":"10.0.0.1"})"));
        pod_rules.prepare_for_create(pod);
        CHECK(pod["status"]["podIP"].is_null());
        CHECK(pod["status"]["phase"].as_string() == "Pending");
        return pod["status"]["qosClass"].str();
    };
    CHECK(qos("{}") == "BestEffort");
    CHECK(qos(R"({"requests":{"cpu":"100m"}})") == "Burstable");
    CHECK(qos(R"({"limits":{"cpu":"1"}})") == "Burstable");
    CHECK(qos(R"({"limits":{"cpu":"1","memory":"1Gi"}})") == "Guaranteed");
    CHECK(qos(R"({"limits":{"cpu":"1","memory":"1Gi"},"requests":{"cpu":"500m"}})") == "Burstable");
}

TEST_CASE("what is wrong is said in upstream's words") {
    CHECK(faults(pod_of("{}")) == Texts{"spec.containers: Required value"});
    CHECK(faults(pod_of(R"({"containers":[{"name":"c"}]})")) == Texts{"spec.containers[0].image: Required value"});
    CHECK(faults(pod_of(R"({"containers":[{"name":"c","image":"a:1","volumeMounts":[{"name":"x","mountPath":"/"}]}]})")) ==
          Texts{"spec.containers[0].volumeMounts[0].name: Not found: \"x\""});
    CHECK(faults(pod_of(R"({"restartPolicy":"Perhaps","containers":[{"name":"c","image":"a:1"}]})")) ==
          Texts{"spec.restartPolicy: Unsupported value: \"Perhaps\": supported values: \"Always\", \"OnFailure\", \"Never\""});
    CHECK(faults(pod_of(R"({"containers":[{"name":"c","image":"a:1","resources":
              {"limits":{"cpu":"1"},"requests":{"cpu":"2"}}}]})")) ==
          Texts{"spec.containers[0].resources.requests: Invalid value: \"2\": must be less than or equal to cpu limit of 1"});
    CHECK(faults(pod_of(R"({"containers":[{"name":"c","image":"a:1","livenessProbe":{}}]})")) ==
          Texts{"spec.containers[0].livenessProbe: Required value: must specify a handler type"});
    CHECK(faults(pod_of(R"({"dnsPolicy":"None","containers":[{"name":"c","image":"a:1"}]})")) ==
          Texts{"spec.dnsConfig: Required value: must provide `dnsConfig` when `dnsPolicy` is None"});
    CHECK(faults(pod_of(R"({"containers":[{"name":"c","image":"a:1"}],"initContainers":
              [{"name":"i","image":"a:1","readinessProbe":{"exec":{"command":["x"]}}}]})")) ==
          Texts{"spec.initContainers[0].readinessProbe: Forbidden: may not be set for init containers without "
                "restartPolicy=Always"});
}

TEST_CASE("of a Pod that exists few fields may change") {
    const Value old = pod_of(R"({"containers":[{"name":"c","image":"a:1"}]})");
    Value pod = old;
    pod.edit("spec").edit("containers").edit_at(0).set("image", "a:2");
    CHECK(update_faults(pod, old).empty());
    pod.edit("spec").set("tolerations", json(R"([{"key":"a","operator":"Exists"}])"));
    CHECK(update_faults(pod, old).empty());
    CHECK(update_faults(old, pod) ==
          Texts{"spec.tolerations: Forbidden: existing toleration can not be modified except its tolerationSeconds"});
    pod.edit("spec").set("nodeName", "node-1");
    CHECK(update_faults(pod, old) ==
          Texts{"spec: Forbidden: pod updates may not change fields other than `spec.containers[*].image`,"
                "`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to "
                "existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was "
                "previously negative)"});
    pod.edit("spec").edit("containers").push_back(json(R"({"name":"d","image":"a:1"})"));
    CHECK(update_faults(pod, old) == Texts{"spec.containers: Forbidden: pod updates may not add or remove containers"});
}

TEST_CASE("a gated Pod may be given a narrower choice of nodes") {
    const Value old = pod_of(R"({"schedulingGates":[{"name":"a/b"}],"containers":[{"name":"c","image":"a:1"}]})");
    Value pod = old;
    pod.edit("spec").set("nodeSelector", json(R"({"disk":"ssd"})"));
    CHECK(update_faults(pod, old).empty());
    pod.edit("spec").erase("schedulingGates");
    CHECK(update_faults(pod, old).empty());
    pod.edit("spec").set("schedulingGates", json(R"([{"name":"c/d"}])"));
    CHECK(update_faults(pod, old) ==
          Texts{"spec.schedulingGates[0].name: Forbidden: only deletion is allowed, but found new scheduling gate 'c/d'"});
}

TEST_CASE("matchLabelKeys become expressions when the Pod is made") {
    Value pod = pod_of(R"({"containers":[{"name":"c","image":"a:1"}],"topologySpreadConstraints":[{"maxSkew":1,
        "topologyKey":"zone","whenUnsatisfiable":"DoNotSchedule","matchLabelKeys":["rev"],"labelSelector":{}}]})");
    pod.edit("metadata").set("labels", json(R"({"rev":"7"})"));
    pod_rules.prepare_for_create(pod);
    CHECK(to_json(pod["spec"]["topologySpreadConstraints"][0]["labelSelector"]) ==
          R"({"matchExpressions":[{"key":"rev","operator":"In","values":["7"]}]})");
    CHECK(faults(pod).empty());
}

TEST_CASE("warnings") {
    const Value pod = pod_of(R"({"nodeSelector":{"beta.kubernetes.io/os":"linux"},"containers":[{"name":"c","image":"a:1",
        "env":[{"name":"X","value":"1"},{"name":"X","value":"2"}]}]})");
    Texts out;
    pod_rules.warnings(pod, out);
    CHECK(out == Texts{"spec.nodeSelector[beta.kubernetes.io/os]: deprecated since v1.14; use \"kubernetes.io/os\" instead",
                       "spec.containers[0].env[1]: hides previous definition of \"X\", which may be dropped when using "
                       "apply"});
}

}  // namespace kubewalk::api
