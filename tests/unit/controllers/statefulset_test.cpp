// Facts: kubernetes.io/docs/tutorials/stateful-application/basic-stateful-set,
// pkg/controller/statefulset/{stateful_set_utils_test.go,stateful_set_control_test.go}.
#include <doctest/doctest.h>

#include "core/controllers/statefulset/stateful_set_utils.h"
#include "tests/unit/controllers/world.h"

using namespace kubewalk;
using namespace kubewalk::testing;
namespace sts = kubewalk::controllers::statefulset;

namespace {

Value web(int replicas, std::string_view more = {}, std::string_view image = "nginx-slim:0.24") {
    return parse(cat(R"({"apiVersion":"apps/v1","kind":"StatefulSet","metadata":{"name":"web","namespace":"default"},"spec":{"replicas":)",
                     replicas, R"(,"serviceName":"nginx","revisionHistoryLimit":10,"podManagementPolicy":"OrderedReady",)",
                     R"("updateStrategy":{"type":"RollingUpdate","rollingUpdate":{"partition":0}},)",
                     R"("selector":{"matchLabels":{"app":"nginx"}},"template":{"metadata":{"labels":{"app":"nginx"}},)",
                     R"("spec":{"containers":[{"name":"nginx","image":")", image,
                     R"("}]}},"volumeClaimTemplates":[{"metadata":{"name":"www"},"spec":{"accessModes":["ReadWriteOnce"],)",
                     R"("resources":{"requests":{"storage":"1Gi"}}}}])", more, "}}"));
}

std::string names(const World& world) {
    std::vector<std::string> list;
    for (const auto& pod : world.cluster.all(api::kind::pods))
        list.push_back(std::string(api::name_of(pod)));
    return join(list, " ");
}

Value set_of(const World& world) { return world.cluster.object(api::kind::stateful_sets, "default/web"); }
Value pod(const World& world, std::string_view name) { return world.cluster.object(api::kind::pods, cat("default/", name)); }
std::string image_of(const World& world, std::string_view name) {
    return pod(world, name)["spec"]["containers"][0]["image"].str();
}

void change(World& world, const std::function<void(Value& spec)>& edit) {
    Value set = set_of(world);
    edit(set.edit("spec"));
    world.cluster.put(api::kind::stateful_sets, set);
}

}  // namespace

TEST_CASE("ordinals from names (TestGetParentNameAndOrdinal)") {
    CHECK(sts::parent_and_ordinal("foo-1").parent == "foo");
    CHECK(sts::parent_and_ordinal("foo-1").ordinal == 1);
    CHECK(sts::parent_and_ordinal("foo-bar-12").parent == "foo-bar");
    CHECK(sts::parent_and_ordinal("1").ordinal == -1);
    CHECK(sts::parent_and_ordinal("foo-x").ordinal == -1);
}

TEST_CASE("Pods of a StatefulSet come one after the other, each with its claim") {
    World world{"statefulset-controller"};
    world.cluster.put(api::kind::stateful_sets, web(2));
    world.run();
    CHECK(names(world) == "web-0");
    const Value first = pod(world, "web-0");
    CHECK(first["spec"]["hostname"].as_string() == "web-0");
    CHECK(first["spec"]["subdomain"].as_string() == "nginx");
    CHECK(first["metadata"]["labels"]["statefulset.kubernetes.io/pod-name"].as_string() == "web-0");
    CHECK(first["metadata"]["labels"]["apps.kubernetes.io/pod-index"].as_string() == "0");
    CHECK(first["spec"]["volumes"][0]["persistentVolumeClaim"]["claimName"].as_string() == "www-web-0");
    const Value claim = world.cluster.object(api::kind::persistent_volume_claims, "default/www-web-0");
    CHECK(claim["metadata"]["labels"]["app"].as_string() == "nginx");
    CHECK(world.cluster.told("SuccessfulCreate: create Claim www-web-0 Pod web-0 in StatefulSet web success"));
    CHECK(world.cluster.told("SuccessfulCreate: create Pod web-0 in StatefulSet web successful"));

    world.make_pods_ready();
    world.run();
    CHECK(names(world) == "web-0 web-1");
    world.run_with_pods_ready(2);
    const Value status = set_of(world)["status"];
    CHECK(status["replicas"].as_int() == 2);
    CHECK(status["readyReplicas"].as_int() == 2);
    CHECK(status["availableReplicas"].as_int() == 2);
    CHECK(status["currentRevision"] == status["updateRevision"]);
    CHECK(status["currentRevision"] == first["metadata"]["labels"]["controller-revision-hash"]);
    CHECK(world.cluster.all(api::kind::controller_revisions).size() == 1);
}

TEST_CASE("podManagementPolicy Parallel does not wait") {
    World world{"statefulset-controller"};
    Value set = web(3);
    set.edit("spec").set("podManagementPolicy", "Parallel");
    world.cluster.put(api::kind::stateful_sets, set);
    world.run();
    CHECK(names(world) == "web-0 web-1 web-2");
}

TEST_CASE("scaling down goes from the highest ordinal and keeps the claims") {
    World world{"statefulset-controller"};
    world.cluster.put(api::kind::stateful_sets, web(3));
    world.run_with_pods_ready(4);
    CHECK(names(world) == "web-0 web-1 web-2");
    change(world, [](Value& spec) { spec.set("replicas", 1); });
    world.run();
    CHECK(names(world) == "web-0");
    CHECK(world.cluster.all(api::kind::persistent_volume_claims).size() == 3);
    CHECK(world.cluster.told("SuccessfulDelete: delete Pod web-2 in StatefulSet web successful"));
    CHECK(world.cluster.told("SuccessfulDelete: delete Pod web-1 in StatefulSet web successful"));
    CHECK(set_of(world)["status"]["replicas"].as_int() == 1);
}

TEST_CASE("an unready Pod holds scaling up (OrderedReady)") {
    World world{"statefulset-controller"};
    world.cluster.put(api::kind::stateful_sets, web(3));
    world.run(seconds(30));
    CHECK(names(world) == "web-0");
}

TEST_CASE("a rolling update goes down by ordinals to the partition, and is undone to the same revision") {
    World world{"statefulset-controller"};
    world.cluster.put(api::kind::stateful_sets, web(3));
    world.run_with_pods_ready(4);
    const std::string first = set_of(world)["status"]["currentRevision"].str();

    change(world, [](Value& spec) {
        spec.edit_path("updateStrategy", "rollingUpdate").set("partition", 2);
        spec.edit_path("template", "spec", "containers").edit_at(0).set("image", "nginx-slim:0.21");
    });
    world.run_with_pods_ready(3);
    CHECK(image_of(world, "web-2") == "nginx-slim:0.21");
    CHECK(image_of(world, "web-1") == "nginx-slim:0.24");
    CHECK(set_of(world)["status"]["currentRevision"].as_string() == first);
    CHECK(set_of(world)["status"]["updateRevision"].as_string() != first);
    CHECK(set_of(world)["status"]["updatedReplicas"].as_int() == 1);
    CHECK(set_of(world)["status"]["currentReplicas"].as_int() == 2);

    change(world, [](Value& spec) { spec.edit_path("updateStrategy", "rollingUpdate").set("partition", 0); });
    world.run();
    // One at a time: web-0 stays until web-1 is ready again.
    CHECK(image_of(world, "web-0") == "nginx-slim:0.24");
    world.run_with_pods_ready(4);
    CHECK(image_of(world, "web-0") == "nginx-slim:0.21");
    CHECK(set_of(world)["status"]["currentRevision"] == set_of(world)["status"]["updateRevision"]);

    change(world, [](Value& spec) {
        spec.edit_path("template", "spec", "containers").edit_at(0).set("image", "nginx-slim:0.24");
    });
    world.run_with_pods_ready(6);
    CHECK(set_of(world)["status"]["currentRevision"].as_string() == first);
    const Value revision = world.cluster.object(api::kind::controller_revisions, cat("default/", first));
    CHECK(revision["revision"].as_int() == 3);
    CHECK(world.cluster.all(api::kind::controller_revisions).size() == 2);
}

TEST_CASE("OnDelete updates a Pod only when somebody deletes it") {
    World world{"statefulset-controller"};
    Value set = web(2);
    set.edit("spec").set("updateStrategy", Value::object({{"type", "OnDelete"}}));
    world.cluster.put(api::kind::stateful_sets, set);
    world.run_with_pods_ready(3);
    change(world, [](Value& spec) {
        spec.edit_path("template", "spec", "containers").edit_at(0).set("image", "nginx-slim:0.21");
    });
    world.run_with_pods_ready(2);
    CHECK(image_of(world, "web-1") == "nginx-slim:0.24");
    world.cluster.drop(api::kind::pods, "default/web-1");
    world.run_with_pods_ready(2);
    CHECK(image_of(world, "web-1") == "nginx-slim:0.21");
    CHECK(image_of(world, "web-0") == "nginx-slim:0.24");
}

TEST_CASE("maxUnavailable replaces several at once") {
    World world{"statefulset-controller"};
    Value set = web(4);
    set.edit("spec").set("podManagementPolicy", "Parallel");
    set.edit_path("spec", "updateStrategy", "rollingUpdate").set("maxUnavailable", 2);
    world.cluster.put(api::kind::stateful_sets, set);
    world.run_with_pods_ready(3);
    change(world, [](Value& spec) {
        spec.edit_path("template", "spec", "containers").edit_at(0).set("image", "nginx-slim:0.21");
    });
    world.run();
    CHECK(image_of(world, "web-3") == "nginx-slim:0.21");
    CHECK(image_of(world, "web-2") == "nginx-slim:0.21");
    CHECK(image_of(world, "web-1") == "nginx-slim:0.24");
}

TEST_CASE("a failed Pod is replaced, and ordinals may start elsewhere") {
    World world{"statefulset-controller"};
    Value set = web(1);
    set.edit("spec").set("ordinals", Value::object({{"start", 5}}));
    world.cluster.put(api::kind::stateful_sets, set);
    world.run_with_pods_ready(2);
    CHECK(names(world) == "web-5");
    Value failed = pod(world, "web-5");
    const std::string uid(api::uid_of(failed));
    failed.edit("status").set("phase", "Failed");
    world.cluster.put(api::kind::pods, failed);
    world.run();
    CHECK(names(world) == "web-5");
    CHECK(api::uid_of(pod(world, "web-5")) != uid);
}

TEST_CASE("persistentVolumeClaimRetentionPolicy (TestClaimOwnerMatchesSetAndPod)") {
    World world{"statefulset-controller"};
    Value set = web(2);
    set.edit("spec").set("persistentVolumeClaimRetentionPolicy",
                         Value::object({{"whenDeleted", "Delete"}, {"whenScaled", "Delete"}}));
    world.cluster.put(api::kind::stateful_sets, set);
    world.run_with_pods_ready(3);
    const auto owner = [&](std::string_view claim) {
        return world.cluster.object(api::kind::persistent_volume_claims, claim)["metadata"]["ownerReferences"][0]["kind"].str();
    };
    CHECK(owner("default/www-web-0") == "StatefulSet");
    CHECK(owner("default/www-web-1") == "StatefulSet");
    change(world, [](Value& spec) { spec.set("replicas", 1); });
    world.run();
    CHECK(owner("default/www-web-0") == "StatefulSet");
    CHECK(owner("default/www-web-1") == "Pod");
}
