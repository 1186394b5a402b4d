// Facts: pkg/controller/volume/persistentvolume/{index_test.go,binder_test.go}, pkg/controller/volume/pvcprotection,
// kubernetes.io/docs/concepts/storage/persistent-volumes.
#include <doctest/doctest.h>

#include "core/controllers/volume/persistentvolume/index.h"
#include "tests/unit/controllers/world.h"

using namespace kubewalk;
using namespace kubewalk::testing;
namespace pv = kubewalk::controllers::persistentvolume;

namespace {

Value volume(std::string_view name, std::string_view size, std::string_view more = {}) {
    return parse(cat(R"({"metadata":{"name":")", name, R"("},"spec":{"capacity":{"storage":")", size,
                     R"("},"accessModes":["ReadWriteOnce"],"persistentVolumeReclaimPolicy":"Retain")", more,
                     R"(},"status":{"phase":"Available"}})"));
}

Value claim(std::string_view size, std::string_view more = {}) {
    return parse(cat(R"({"metadata":{"name":"myclaim","namespace":"default"},"spec":{"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":")",
                     size, R"("}})", more, "}}"));
}

Value get_claim(const World& world) { return world.cluster.object(api::kind::persistent_volume_claims, "default/myclaim"); }
Value get_volume(const World& world, std::string_view name) { return world.cluster.object(api::kind::persistent_volumes, name); }

Value storage_class(std::string_view mode) {
    return parse(cat(R"({"metadata":{"name":"standard","annotations":{"storageclass.kubernetes.io/is-default-class":"true"}},"provisioner":"rancher.io/local-path","volumeBindingMode":")",
                     mode, R"("})"));
}

}  // namespace

TEST_CASE("the smallest volume that fits (TestMatchVolume)") {
    const std::vector<Value> volumes{volume("big", "10Gi"), volume("small", "5Gi"), volume("tiny", "1Gi"),
                                     volume("gold", "5Gi", R"(,"storageClassName":"gold")")};
    CHECK(api::name_of(pv::best_match(volumes, claim("4Gi"), pv::Binding::immediate)) == "small");
    CHECK(api::name_of(pv::best_match(volumes, claim("6Gi"), pv::Binding::immediate)) == "big");
    CHECK(pv::best_match(volumes, claim("20Gi"), pv::Binding::immediate).is_null());
    CHECK(api::name_of(pv::best_match(volumes, claim("1Gi", R"(,"storageClassName":"gold")"), pv::Binding::immediate)) == "gold");
    CHECK(pv::best_match(volumes, claim("4Gi"), pv::Binding::delayed).is_null());
    CHECK(pv::mismatch(volumes[2], claim("4Gi")) == "requested PV is too small");
    CHECK(pv::mismatch(volumes[3], claim("4Gi")) == "storageClassName does not match");
}

TEST_CASE("a claim is bound, and its volume is released when it goes") {
    World world{"persistentvolume-binder-controller", "persistentvolume-protection-controller",
                "persistentvolumeclaim-protection-controller"};
    world.cluster.put(api::kind::persistent_volumes, volume("pv0003", "5Gi"));
    world.cluster.put(api::kind::persistent_volume_claims, claim("3Gi", R"(,"storageClassName":"")"));
    world.run();
    CHECK(get_claim(world)["status"]["phase"].as_string() == "Bound");
    CHECK(get_claim(world)["spec"]["volumeName"].as_string() == "pv0003");
    CHECK(get_claim(world)["status"]["capacity"]["storage"].as_string() == "5Gi");
    CHECK(get_claim(world)["metadata"]["annotations"]["pv.kubernetes.io/bind-completed"].as_string() == "yes");
    CHECK(get_claim(world)["metadata"]["finalizers"][0].as_string() == "kubernetes.io/pvc-protection");
    CHECK(get_volume(world, "pv0003")["status"]["phase"].as_string() == "Bound");
    CHECK(get_volume(world, "pv0003")["spec"]["claimRef"]["name"].as_string() == "myclaim");
    CHECK(get_volume(world, "pv0003")["metadata"]["finalizers"][0].as_string() == "kubernetes.io/pv-protection");

    // While a Pod uses it the claim stays.
    world.cluster.put_text(api::kind::pods, R"({"metadata":{"name":"p","namespace":"default"},"spec":{"nodeName":"n","volumes":[{"name":"v","persistentVolumeClaim":{"claimName":"myclaim"}}]},"status":{"phase":"Running"}})");
    world.run();
    client::Client user(world.cluster, "kubectl", "kubernetes-admin");
    REQUIRE(user.remove(api::kind::persistent_volume_claims, "default", "myclaim").ok());
    world.run();
    CHECK(api::is_deleting(get_claim(world)));
    world.cluster.drop(api::kind::pods, "default/p");
    world.run();
    CHECK(get_claim(world).is_null());
    CHECK(get_volume(world, "pv0003")["status"]["phase"].as_string() == "Released");
}

TEST_CASE("claims that wait say why") {
    World world{"persistentvolume-binder-controller"};
    world.cluster.put(api::kind::persistent_volume_claims, claim("3Gi", R"(,"storageClassName":"")"));
    world.run();
    CHECK(get_claim(world)["status"]["phase"].as_string() == "Pending");
    CHECK(world.cluster.told("FailedBinding: no persistent volumes available for this claim and no storage class is set"));

    World missing{"persistentvolume-binder-controller"};
    missing.cluster.put(api::kind::persistent_volume_claims, claim("3Gi", R"(,"storageClassName":"slow")"));
    missing.run();
    CHECK(missing.cluster.told("ProvisioningFailed: storageclass.storage.k8s.io \"slow\" not found"));

    World delayed{"persistentvolume-binder-controller"};
    delayed.cluster.put(api::kind::storage_classes, storage_class("WaitForFirstConsumer"));
    delayed.cluster.put(api::kind::persistent_volume_claims, claim("3Gi"));
    delayed.run();
    CHECK(delayed.cluster.told("WaitForFirstConsumer: waiting for first consumer to be created before binding"));
    CHECK(get_claim(delayed)["spec"]["storageClassName"].as_string() == "standard");
    Value chosen = get_claim(delayed);
    chosen.edit("metadata").edit("annotations").set("volume.kubernetes.io/selected-node", "node-1");
    delayed.cluster.put(api::kind::persistent_volume_claims, chosen);
    delayed.run();
    CHECK(get_claim(delayed)["metadata"]["annotations"]["volume.kubernetes.io/storage-provisioner"].as_string() == "rancher.io/local-path");
    CHECK(delayed.cluster.told("ExternalProvisioning: Waiting for a volume to be created either by the external provisioner "
                               "'rancher.io/local-path' or manually by the system administrator. If volume creation is delayed, "
                               "please verify that the provisioner is running and correctly registered."));
}
