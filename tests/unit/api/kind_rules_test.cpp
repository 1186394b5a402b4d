// Rules that upstream's validation tables fix, kind by kind: what an object is refused for. Upstream:
// pkg/apis/{core,apps,batch,storage}/validation/validation_test.go, pkg/apis/core/validation/events_test.go.

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <vector>

#include "core/api/json.h"
#include "core/api/kinds.h"
#include "core/api/rules.h"
#include "core/base/text.h"

namespace kubewalk::api {
namespace {

using Causes = std::vector<std::string>;

Value object_of(std::string_view text) {
    const auto parsed = parse_json(text);
    REQUIRE(parsed.ok());
    return parsed.value();
}

const Rules& rules_for(const Value& object) {
    const Kind* kind = find_kind(object["apiVersion"].as_string(), object["kind"].as_string());
    REQUIRE(kind != nullptr);
    const Rules* rules = find_rules(*kind);
    REQUIRE(rules != nullptr);
    return *rules;
}

Causes causes_of(const FieldErrors& errors) {
    Causes lines;
    for (const FieldError& error : errors) lines.push_back(cat(error.reason(), " ", error.field));
    return lines;
}

// Defaulted and validated, as a create does it; `text` lacks apiVersion and kind.
Causes create_faults(std::string_view api_version, std::string_view kind, std::string_view text) {
    Value object = object_of(text);
    object.set("apiVersion", api_version);
    object.set("kind", kind);
    const Rules& rules = rules_for(object);
    rules.defaults(object);
    FieldErrors errors;
    rules.validate(object, errors);
    return causes_of(errors);
}

Causes pod_faults(std::string_view spec) {
    return create_faults("v1", "Pod", cat(R"({"metadata":{"name":"p","namespace":"n"},"spec":)", spec, "}"));
}

Causes volume_faults(std::string_view source) {
    return pod_faults(cat(R"({"containers":[{"name":"c","image":"i"}],"volumes":[{"name":"v",)", source, "}]}"));
}

// An update of an object that is `text` but for the named member of its spec, metadata or status.
Causes kind_update_faults(std::string_view text, std::string_view changed) {
    const Value old = object_of(text), now = object_of(changed);
    FieldErrors errors;
    rules_for(now).validate_update(now, old, errors);
    return causes_of(errors);
}

Causes status_faults(std::string_view text, std::string_view changed) {
    const Value old = object_of(text), now = object_of(changed);
    FieldErrors errors;
    rules_for(now).validate_status_update(now, old, errors);
    return causes_of(errors);
}

constexpr std::string_view daemon_set = R"({"apiVersion":"apps/v1","kind":"DaemonSet","metadata":{"name":"d","namespace":"n",
    "resourceVersion":"1","annotations":{"deprecated.daemonset.template.generation":"GENERATION"}},"spec":{"selector":{"matchLabels":
    {"a":"b"}},"updateStrategy":STRATEGY,"template":{"metadata":{"labels":{"a":"b"}},"spec":{"restartPolicy":"Always","dnsPolicy":
    "ClusterFirst","terminationGracePeriodSeconds":30,"containers":[{"name":"c","image":"i","imagePullPolicy":"Always",
    "terminationMessagePolicy":"File"}]}}}})";

std::string daemon_set_with(std::string_view generation, std::string_view strategy) {
    return replace_all(replace_all(std::string(daemon_set), "GENERATION", generation), "STRATEGY", strategy);
}

}  // namespace

TEST_CASE("a DaemonSet's template generation is no less than zero, and a rolling update says how") {
    const auto waits = [](std::string_view generation) { return daemon_set_with(generation, R"({"type":"OnDelete"})"); };
    CHECK(kind_update_faults(waits("-1"), waits("-1")) == Causes{"FieldValueInvalid spec.templateGeneration"});
    CHECK(kind_update_faults(waits("1"), waits("1")).empty());
    CHECK(kind_update_faults(waits("1"), daemon_set_with("1", R"({"type":"RollingUpdate"})")) ==
          Causes{"FieldValueRequired spec.updateStrategy.rollingUpdate"});
}

TEST_CASE("the revision a Deployment is to go back to is no less than zero") {
    const auto deployment = [](std::string_view revision) {
        return create_faults("apps/v1", "Deployment",
                      cat(R"({"metadata":{"name":"d","namespace":"n","annotations":{"deprecated.deployment.rollback.to":")", revision,
                          R"("}},"spec":{"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},
                          "spec":{"containers":[{"name":"c","image":"i"}]}}}})"));
    };
    CHECK(deployment("-3") == Causes{"FieldValueInvalid spec.rollback.version"});
    CHECK(deployment("1").empty());
}

TEST_CASE("a workload's status counts no more Pods than it has, and collisions only up") {
    const auto with = [](std::string_view kind, std::string_view status) {
        return cat(R"({"apiVersion":"apps/v1","kind":")", kind, R"(","metadata":{"name":"d","namespace":"n","resourceVersion":"1"},"status":)",
                   status, "}");
    };
    CHECK(status_faults(with("Deployment", "{}"), with("Deployment", R"({"replicas":3,"updatedReplicas":4,"readyReplicas":2,"availableReplicas":3})")) ==
          Causes{"FieldValueInvalid status.updatedReplicas", "FieldValueInvalid status.availableReplicas"});
    CHECK(status_faults(with("Deployment", R"({"collisionCount":2})"), with("Deployment", "{}")) == Causes{"FieldValueInvalid status.collisionCount"});
    CHECK(status_faults(with("Deployment", "{}"), with("Deployment", R"({"collisionCount":1})")).empty());
    CHECK(status_faults(with("ReplicaSet", "{}"), with("ReplicaSet", R"({"replicas":1,"fullyLabeledReplicas":2})")) ==
          Causes{"FieldValueInvalid status.fullyLabeledReplicas"});
    CHECK(status_faults(with("DaemonSet", R"({"collisionCount":2})"), with("DaemonSet", R"({"collisionCount":1})")) ==
          Causes{"FieldValueInvalid status.collisionCount"});
}

TEST_CASE("a condition in a CronJob's failure policy is True unless it says otherwise") {
    CHECK(create_faults("batch/v1", "CronJob", R"({"metadata":{"name":"c","namespace":"n"},"spec":{"schedule":"* * * * *","jobTemplate":{"spec":
        {"podFailurePolicy":{"rules":[{"action":"FailJob","onPodConditions":[{"type":"DisruptionTarget"}]}]},"template":{"spec":
        {"restartPolicy":"Never","containers":[{"name":"c","image":"i"}]}}}}}})").empty());
}

TEST_CASE("Windows options are checked") {
    const auto options = [](std::string_view text) {
        return pod_faults(cat(R"({"containers":[{"name":"c","image":"i"}],"securityContext":{"windowsOptions":)", text, "}}"));
    };
    const std::string at = "FieldValueInvalid spec.securityContext.windowsOptions.";
    CHECK(options(R"({"gmsaCredentialSpecName":"invalid name"})") == Causes{at + "gmsaCredentialSpecName"});
    CHECK(options(R"({"gmsaCredentialSpec":""})") == Causes{at + "gmsaCredentialSpec"});
    for (const std::string_view name : {"", "\\\\", "foo\\\\bar\\\\baz", ".a\\\\b", "..", "\\u0006"})
        CHECK(options(cat(R"({"runAsUserName":")", name, R"("})")).front() == at + "runAsUserName");
    for (const std::string_view name : {"Container User", "NT AUTHORITY\\\\SYSTEM", "foo.bar\\\\user"})
        CHECK(options(cat(R"({"runAsUserName":")", name, R"("})")).empty());
}

TEST_CASE("containers that are the node's processes: all of them, and on the host's network") {
    const auto pod = [](std::string_view network, std::string_view second) {
        return pod_faults(cat(R"({"hostNetwork":)", network, R"(,"containers":[{"name":"a","image":"i","securityContext":{"windowsOptions":
            {"hostProcess":true}}},{"name":"b","image":"i")", second, "}]}"));
    };
    constexpr std::string_view as_well = R"(,"securityContext":{"windowsOptions":{"hostProcess":true}})";
    CHECK(pod("true", as_well).empty());
    CHECK(pod("false", as_well) == Causes{"FieldValueInvalid spec.hostNetwork"});
    CHECK(pod("true", "") == Causes{"FieldValueInvalid spec"});
}

TEST_CASE("a Pod's overhead is limits as a container's are") {
    CHECK(pod_faults(R"({"containers":[{"name":"c","image":"i"}],"overhead":{"foo":"1"}})").front() == "FieldValueInvalid spec.overhead.limits[foo]");
    CHECK(pod_faults(R"({"containers":[{"name":"c","image":"i"}],"overhead":{"cpu":"-1"}})").front() == "FieldValueInvalid spec.overhead.limits[cpu]");
}

TEST_CASE("storage drivers: lengths, tenants, namespaces") {
    const std::string portal(70, 'a');
    CHECK(volume_faults(cat(R"("iscsi":{"targetPortal":")", portal, R"(","iqn":"iqn.2015-02.example.com:t","lun":1,
        "initiatorName":"iqn.2015-02.example.com:i"})")) == Causes{"FieldValueInvalid spec.volumes[0].iscsi.targetportal"});
    CHECK(volume_faults(cat(R"("quobyte":{"registry":"r:1","volume":"v","tenant":")", std::string(65, 'a'), R"("})")) ==
          Causes{"FieldValueRequired spec.volumes[0].quobyte.tenant"});
    const auto persistent = [](std::string_view source) {
        return create_faults("v1", "PersistentVolume", cat(R"({"metadata":{"name":"v"},"spec":{"capacity":{"storage":"1"},"accessModes":["ReadWriteOnce"],)",
                                                    source, "}}"));
    };
    CHECK(persistent(R"("glusterfs":{"endpoints":"e","path":"p","endpointsNamespace":""})") == Causes{"FieldValueInvalid spec.glusterfs.endpointsNamespace"});
    CHECK(persistent(R"("cinder":{"volumeID":"v","secretRef":{"name":"s"}})") == Causes{"FieldValueRequired spec.cinder.secretRef.namespace"});
    CHECK(persistent(R"("local":{"path":"/x"},"nodeAffinity":{})") == Causes{"FieldValueRequired spec.nodeAffinity.required"});
}

TEST_CASE("a trust bundle is named, or found by who signed it") {
    const auto bundle = [](std::string_view text) {
        return volume_faults(cat(R"("projected":{"sources":[{"clusterTrustBundle":{"path":"p")", text, "}}]}"));
    };
    const std::string at = "spec.volumes[0].projected.sources[0].clusterTrustBundlePEM";
    CHECK(bundle(R"(,"name":"a")").empty());
    CHECK(bundle(R"(,"signerName":"example.com/a")").empty());
    CHECK(bundle("") == Causes{"FieldValueRequired " + at});
    CHECK(bundle(R"(,"name":"a","signerName":"example.com/a")") == Causes{"FieldValueInvalid " + at});
    CHECK(bundle(R"(,"signerName":"example.com/a/b")") == Causes{"FieldValueInvalid " + at + ".signerName"});
}

TEST_CASE("of a volume's node affinity only labels of old may take their new names") {
    const auto volume = [](std::string_view label) {
        return cat(R"({"apiVersion":"v1","kind":"PersistentVolume","metadata":{"name":"v","resourceVersion":"1"},"spec":{"capacity":{"storage":"1"},
            "accessModes":["ReadWriteOnce"],"hostPath":{"path":"/x","type":""},"nodeAffinity":{"required":{"nodeSelectorTerms":[{"matchExpressions":
            [{"key":")", label, R"(","operator":"Exists"}]}]}}}})");
    };
    CHECK(kind_update_faults(volume("beta.kubernetes.io/os"), volume("kubernetes.io/os")).empty());
    CHECK(kind_update_faults(volume("kubernetes.io/os"), volume("beta.kubernetes.io/os")) == Causes{"FieldValueInvalid nodeAffinity"});
    CHECK(kind_update_faults(volume("foo"), volume("bar")) == Causes{"FieldValueInvalid nodeAffinity"});
}

TEST_CASE("an attachment's inline volume is a CSI driver's and says little else") {
    const auto attachment = [](std::string_view spec) {
        return create_faults("storage.k8s.io/v1", "VolumeAttachment", cat(R"({"metadata":{"name":"a"},"spec":{"attacher":"m","nodeName":"n","source":
            {"inlineVolumeSpec":)", spec, "}}}"));
    };
    const std::string at = "spec.source.inlineVolumeSpec";
    CHECK(attachment(R"({"accessModes":["ReadWriteOnce"],"csi":{"driver":"d","volumeHandle":"h"}})").empty());
    CHECK(attachment("{}") == Causes{"FieldValueRequired " + at + ".accessModes", "FieldValueRequired " + at + ".csi", "FieldValueRequired " + at});
    CHECK(attachment(R"({"accessModes":["ReadWriteOnce"],"csi":{"driver":"d","volumeHandle":"h"},"capacity":{"storage":"1"}})") ==
          Causes{"FieldValueForbidden " + at + ".capacity"});
}

TEST_CASE("a Node's CIDRs and addresses are there once, and so are the taints of its annotation checked") {
    CHECK(create_faults("v1", "Node", R"({"metadata":{"name":"n"},"spec":{"podCIDRs":["10.0.0.0/16","10.0.0.0/16"]}})") ==
          Causes{"FieldValueInvalid spec.podCIDRs", "FieldValueDuplicate spec.podCIDRs[1]"});
    CHECK(create_faults("v1", "Node", R"({"metadata":{"name":"n","annotations":{"scheduler.alpha.kubernetes.io/taints":"[{\"key\":\"k\",\"effect\":\"x\"}]"}},
        "spec":{}})") == Causes{"FieldValueNotSupported metadata.annotations.scheduler.alpha.kubernetes.io/taints[0].effect"});
    constexpr std::string_view twice = R"({"apiVersion":"v1","kind":"Node","metadata":{"name":"n","resourceVersion":"1"},"spec":{},"status":{"addresses":
        [{"type":"InternalIP","address":"1.2.3.4"},{"type":"InternalIP","address":"1.2.3.4"}]}})";
    CHECK(status_faults(twice, twice) == Causes{"FieldValueDuplicate status.addresses[1]"});
}

TEST_CASE("an SSH key is there only with content") {
    CHECK(create_faults("v1", "Secret", R"({"metadata":{"name":"s","namespace":"n"},"type":"kubernetes.io/ssh-auth","data":{"ssh-privatekey":""}})") ==
          Causes{"FieldValueRequired data[ssh-privatekey]"});
    CHECK(create_faults("v1", "Secret", R"({"metadata":{"name":"s","namespace":"n"},"type":"kubernetes.io/tls","data":{"tls.crt":"","tls.key":""}})").empty());
}

TEST_CASE("texts that are given and empty are no hostnames, node names and protocols") {
    const auto slice = [](std::string_view endpoint, std::string_view port) {
        return create_faults("discovery.k8s.io/v1", "EndpointSlice", cat(R"({"metadata":{"name":"s","namespace":"n"},"addressType":"IPv4","endpoints":[{"addresses":
            ["10.1.2.3"])", endpoint, R"(}],"ports":[{"port":80)", port, "}]}"));
    };
    CHECK(slice("", "").empty());
    CHECK(slice(R"(,"hostname":"")", "").front() == "FieldValueInvalid endpoints[0].hostname");
    CHECK(slice(R"(,"nodeName":"")", "").front() == "FieldValueInvalid endpoints[0].nodeName");
    CHECK(slice("", R"(,"protocol":"")") == Causes{"FieldValueNotSupported ports[0].protocol"});
}

TEST_CASE("session affinity says of which part something is missing") {
    constexpr std::string_view service = R"({"apiVersion":"v1","kind":"Service","metadata":{"name":"s","namespace":"n","resourceVersion":"1"},"spec":
        {"type":"ClusterIP","internalTrafficPolicy":"Cluster","sessionAffinity":"AFFINITY,"ports":[{"port":80,"protocol":"TCP","targetPort":80}]}})";
    const auto with = [&](std::string_view text) { return replace_all(std::string(service), "AFFINITY", text); };
    const std::string before = with(R"(None")");
    CHECK(kind_update_faults(before, with(R"(ClientIP")")) == Causes{"FieldValueRequired spec.sessionAffinityConfig"});
    CHECK(kind_update_faults(before, with(R"(ClientIP","sessionAffinityConfig":{})")) == Causes{"FieldValueRequired spec.sessionAffinityConfig.clientIP"});
}

TEST_CASE("an Event belongs to the namespace of what it is about; a newer one says who reported it") {
    const auto event = [](std::string_view space, std::string_view rest) {
        return create_faults("v1", "Event", cat(R"({"metadata":{"name":"e","namespace":")", space, R"("})", rest, "}"));
    };
    const Causes elsewhere{"FieldValueInvalid involvedObject.namespace"};
    CHECK(event("foo", R"(,"involvedObject":{"namespace":"foo"})").empty());
    CHECK(event("default", R"(,"involvedObject":{"kind":"Node"})").empty());
    CHECK(event("kube-system", R"(,"involvedObject":{"kind":"Node"})") == elsewhere);
    CHECK(event("foo", R"(,"involvedObject":{"namespace":"bar"})") == elsewhere);
    CHECK(event("kube-system", R"(,"eventTime":"2026-01-01T00:00:00.000000Z","reportingComponent":"a/b","reportingInstance":"i","action":"Bind",
        "reason":"Bound","involvedObject":{"kind":"Node"})").empty());
    CHECK(event("foo", R"(,"eventTime":"2026-01-01T00:00:00.000000Z","involvedObject":{"namespace":"foo"})") ==
          Causes{"FieldValueRequired reportingController", "FieldValueInvalid reportingController", "FieldValueInvalid reportingController",
                "FieldValueRequired reportingInstance", "FieldValueRequired action", "FieldValueRequired reason"});
}

TEST_CASE("a claim's data source of a kind that it never allowed is passed over") {
    const auto sources_of = [](std::string_view spec) {
        Value claim = object_of(cat(R"({"apiVersion":"v1","kind":"PersistentVolumeClaim","metadata":{"name":"c","namespace":"n"},"spec":)", spec, "}"));
        rules_for(claim).prepare_for_create(claim);
        return to_json(claim["spec"]);
    };
    CHECK(sources_of(R"({"dataSource":{"apiGroup":"g.io","kind":"X","name":"x"}})") == "{}");
    CHECK(sources_of(R"({"dataSourceRef":{"apiGroup":"g.io","kind":"X","name":"x","namespace":"other"}})") == "{}");
    CHECK(sources_of(R"({"dataSource":{"kind":"PersistentVolumeClaim","name":"x"}})") ==
          R"({"dataSource":{"kind":"PersistentVolumeClaim","name":"x"},"dataSourceRef":{"kind":"PersistentVolumeClaim","name":"x"}})");
    CHECK(sources_of(R"({"dataSourceRef":{"apiGroup":"g.io","kind":"X","name":"x"}})") ==
          R"({"dataSource":{"apiGroup":"g.io","kind":"X","name":"x"},"dataSourceRef":{"apiGroup":"g.io","kind":"X","name":"x"}})");
}

TEST_CASE("a LimitRange needs no name") {
    Value range = object_of(R"({"apiVersion":"v1","kind":"LimitRange","metadata":{"namespace":"n","uid":"3c0b3030"},"spec":{"limits":[]}})");
    rules_for(range).prepare_for_create(range);
    CHECK(name_of(range) == "3c0b3030");
}

TEST_CASE("a CSI driver's name is checked as such") {
    CHECK(create_faults("storage.k8s.io/v1", "CSIDriver", cat(R"({"metadata":{"name":")", std::string(64, 'd'), R"("},"spec":{}})")) ==
          Causes{"FieldValueTooLong name"});
}

}  // namespace kubewalk::api
