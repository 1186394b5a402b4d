#include <doctest/doctest.h>

#include "world.h"

using namespace kubewalk;
using namespace kubewalk::kubectl;

TEST_CASE("kubectl words what it does not understand as kubectl 1.36.4 does") {
    // Each line taken from the real program.
    World world;
    CHECK(world.run("kubectl gte pods").err == "error: unknown command \"gte\" for \"kubectl\"\n\nDid you mean this?\n\tget\n");
    CHECK(world.run("kubectl get --foo").err == "error: unknown flag: --foo\nSee 'kubectl get --help' for usage.\n");
    CHECK(world.run("kubectl get -Z pods").err == "error: unknown shorthand flag: 'Z' in -Z\nSee 'kubectl get --help' for usage.\n");
    CHECK(world.run("kubectl get -n").err == "error: flag needs an argument: 'n' in -n\nSee 'kubectl get --help' for usage.\n");
    CHECK(world.run("kubectl get pods -w=x").err ==
          "error: invalid argument \"x\" for \"-w, --watch\" flag: strconv.ParseBool: parsing \"x\": invalid syntax\n"
          "See 'kubectl get --help' for usage.\n");
    CHECK(world.run("kubectl scale deploy x").err == "error: required flag(s) \"replicas\" not set\n");
    CHECK(world.run("kubectl exec foo ls").err ==
          "error: exec [POD] [COMMAND] is not supported anymore. Use exec [POD] -- [COMMAND] instead\n"
          "See 'kubectl exec -h' for help and examples\n");
    CHECK(world.run("kubectl rollout foo").err == "error: unknown command \"foo\"\nSee 'kubectl rollout -h' for help and examples\n");
    CHECK(world.run("kubectl apply -f /nope").err == "error: the path \"/nope\" does not exist\n");
    CHECK(world.run("kubectl label pod x").err == "error: at least one label update is required\n");
    CHECK(world.run("kubectl delete pods --all -l a=b").err == "error: setting 'all' parameter but found a non empty selector. \n");
    CHECK(world.run("kubectl get foo").err == "error: the server doesn't have a resource type \"foo\"\n");
    CHECK(world.run("kubectl delete pods").err == "error: resource(s) were provided, but no name was specified\n");
    CHECK(world.run("kubectl foo").exit == 1);
}

TEST_CASE("get prints the server's table") {
    World world;
    CHECK(world.run("kubectl get pods").err == "No resources found in default namespace.\n");
    CHECK(world.run("kubectl get pods -A").err == "No resources found\n");
    CHECK(world.run("kubectl get pods x").err == "Error from server (NotFound): pods \"x\" not found\n");
    CHECK(world.run("kubectl get pods x --ignore-not-found").err.empty());
    world.apply(pod_manifest);
    REQUIRE(world.last_error == "");
    CHECK(world.run("kubectl get po").out == "NAME   READY   STATUS    RESTARTS   AGE\nweb    0/1     Pending   0          0s\n");
    CHECK(world.run("kubectl get pod/web --no-headers").out == "web   0/1   Pending   0     0s\n");
    CHECK(world.run("kubectl -n default get pods -o name").out == "pod/web\n");
    CHECK(world.run("kubectl get pods --show-labels -L app").out ==
          "NAME   READY   STATUS    RESTARTS   AGE   APP   LABELS\nweb    0/1     Pending   0          0s    web   app=web\n");
    CHECK(world.run("kubectl get pods,ns").out ==
          "NAME      READY   STATUS    RESTARTS   AGE\npod/web   0/1     Pending   0          0s\n\n"
          "NAME                    STATUS   AGE\nnamespace/default       Active   0s\nnamespace/kube-system   Active   0s\n");
    CHECK(world.run("kubectl get pods -A -o custom-columns=NAME:.metadata.name,NODE:.spec.nodeName").out ==
          "NAME   NODE\nweb    <none>\n");
    CHECK(world.run("kubectl get pod web -o jsonpath={.spec.containers[*].image}").out == "busybox");
    CHECK(world.run("kubectl get ns --sort-by=.metadata.name -o name").out == "namespace/default\nnamespace/kube-system\n");
    CHECK(world.run("kubectl get pod web -o json").out.starts_with("{\n    \"apiVersion\": \"v1\",\n    \"kind\": \"Pod\",\n"));
}

TEST_CASE("apply creates, configures, leaves unchanged") {
    World world;
    CHECK(world.run("kubectl apply -f -", deployment_manifest).out == "deployment.apps/carts created\n");
    CHECK(world.run("kubectl apply -f -", deployment_manifest).out == "deployment.apps/carts unchanged\n");
    const auto changed = replace_all(deployment_manifest, "carts:1", "carts:2");
    CHECK(world.run("kubectl apply -f - --dry-run=client", changed).out == "deployment.apps/carts configured (dry run)\n");
    CHECK(world.run("kubectl apply -f -", changed).out == "deployment.apps/carts configured\n");
    CHECK(world.run("kubectl get deploy carts -o jsonpath={.spec.template.spec.containers[0].image}").out == "carts:2");
    world.files["carts.yaml"] = changed;
    CHECK(world.run("kubectl apply -f carts.yaml").out == "deployment.apps/carts unchanged\n");
    CHECK(world.run("kubectl delete -f carts.yaml").out == "deployment.apps \"carts\" deleted from default namespace\n");
}

TEST_CASE("apply_documents says of each document what became of it") {
    World world;
    const auto wrong_field = replace_all(deployment_manifest, "  replicas: 2\n", "  foo: 2\n");
    const auto no_selector = replace_all(deployment_manifest, "  replicas: 2\n", "  replicas: -1\n");
    const auto all = cat(wrong_field, "---\n", no_selector, "---\napiVersion: v1\nkind: Foo\nmetadata:\n  name: x\n---\n", pod_manifest,
                         "---\nkind: Pod\n");
    const auto applied = apply_documents(world.environment(), all);
    REQUIRE(applied.size() == 5);
    CHECK(applied[0].error ==
          "Error from server (BadRequest): error when creating \"STDIN\": Deployment in version \"v1\" cannot be handled as a Deployment: "
          "strict decoding error: unknown field \"spec.foo\"");
    CHECK(applied[1].error ==
          "The Deployment \"carts\" is invalid: spec.replicas: Invalid value: -1: must be greater than or equal to 0");
    CHECK(applied[1].status["details"]["causes"][0]["field"].as_string() == "spec.replicas");
    CHECK(applied[2].error ==
          "error: resource mapping not found for name: \"x\" namespace: \"\" from \"STDIN\": no matches for kind \"Foo\" in version \"v1\"\n"
          "ensure CRDs are installed first");
    CHECK(applied[2].document == 2);
    CHECK(applied[3].line == "pod/web created");
    CHECK(applied[4].error ==
          "error: error validating \"STDIN\": error validating data: apiVersion not set; if you choose to ignore these errors, turn "
          "validation off with --validate=false");
}

TEST_CASE("nobody answers") {
    World world;
    world.server.set_available(false);
    const auto refused = "The connection to the server 192.168.122.11:6443 was refused - did you specify the right host or port?\n";
    CHECK(world.run("kubectl get pods,svc").err == refused);
    CHECK(world.run("kubectl apply -f -", pod_manifest).err == refused);
}

TEST_CASE("delete waits until the Pod is gone") {
    World world;
    world.apply(pod_manifest);
    world.make_running("web");
    auto started = world.start("kubectl delete pod web");
    CHECK(started.output.out == "pod \"web\" deleted from default namespace\n");
    REQUIRE(started.rest);
    auto copy = started.rest->clone();
    Output more;
    CHECK_FALSE(copy->poll(world.simulation.now(), more));
    CHECK(world.start("kubectl delete pod web --force").output.out == "pod \"web\" force deleted from default namespace\n");
    CHECK(copy->poll(world.simulation.now(), more));
    CHECK(more.exit == 0);
}

TEST_CASE("exec and logs") {
    World world;
    world.apply(pod_manifest);
    world.make_running("web");
    auto started = world.start("kubectl exec web -- echo hello -n");
    CHECK(started.output.out == "echo|hello|-n\n");
    CHECK(started.elapsed == milliseconds(3));
    CHECK(world.run("kubectl exec web -it -- cat", "in").out == "cat\nin");
    const auto failed = world.run("kubectl exec web -- false");
    CHECK(failed.exit == 1);
    CHECK(failed.err == "command terminated with exit code 1\n");
    CHECK(world.run("kubectl exec nope -- ls").err == "Error from server (NotFound): pods \"nope\" not found\n");
    CHECK(world.run("kubectl logs web").out == "one\ntwo\n");
    CHECK(world.run("kubectl logs web --tail=1").out == "two\n");
    CHECK(world.run("kubectl logs -l app=web --prefix").out == "[pod/web/c] two\n");
    auto following = world.start("kubectl logs -f web --tail=1");
    CHECK(following.output.out == "two\n");
    REQUIRE(following.rest);
    world.dialer.log += "three\n";
    Output more;
    CHECK_FALSE(following.rest->poll(world.simulation.now(), more));
    CHECK(more.out == "three\n");
}

TEST_CASE("commands that change a little") {
    World world;
    world.apply(deployment_manifest);
    world.apply(pod_manifest);
    CHECK(world.run("kubectl scale deploy/carts --replicas=3").out == "deployment.apps/carts scaled\n");
    CHECK(world.run("kubectl get deploy carts -o jsonpath={.spec.replicas}").out == "3");
    CHECK(world.run("kubectl scale deploy/carts --replicas=3 --current-replicas=7").err == "error: Expected replicas to be 7, was 3\n");
    CHECK(world.run("kubectl label pod web tier=front").out == "pod/web labeled\n");
    CHECK(world.run("kubectl label pod web tier=back").err == "error: 'tier' already has a value (front), and --overwrite is false\n");
    CHECK(world.run("kubectl label pod web tier-").out == "pod/web unlabeled\n");
    CHECK(world.run("kubectl label pod web tier-").out == "label \"tier\" not found.\npod/web not labeled\n");
    CHECK(world.run("kubectl annotate pod web note=x").out == "pod/web annotated\n");
    CHECK(world.run("kubectl set image deploy/carts carts=carts:9").out == "deployment.apps/carts image updated\n");
    CHECK(world.run("kubectl set image deploy/carts none=carts:9").err == "error: unable to find container named \"none\"\n");
    CHECK(world.run("kubectl set env deploy/carts A=b").out == "deployment.apps/carts env updated\n");
    CHECK(world.run("kubectl rollout restart deploy carts").out == "deployment.apps/carts restarted\n");
    CHECK(world.run("kubectl rollout pause deploy carts").out == "deployment.apps/carts paused\n");
    CHECK(world.run("kubectl patch deploy carts -p {\"spec\":{\"minReadySeconds\":5}}").out == "deployment.apps/carts patched\n");
    CHECK(world.run("kubectl create namespace shop").out == "namespace/shop created\n");
    CHECK(world.run("kubectl create namespace shop").err == "Error from server (AlreadyExists): namespaces \"shop\" already exists\n");
    CHECK(world.run("kubectl expose deploy carts --port=80 --target-port=8080").out == "service/carts exposed\n");
    CHECK(world.run("kubectl run probe --image=busybox -- sleep 1d").out == "pod/probe created\n");
    CHECK(world.run("kubectl get pod probe -o jsonpath={.spec.containers[0].args}").out == "[\"sleep\",\"1d\"]");
}

TEST_CASE("rollout status waits and says why") {
    World world;
    world.apply(deployment_manifest);
    auto started = world.start("kubectl rollout status deploy/carts");
    CHECK(started.output.out == "Waiting for deployment spec update to be observed...\n");
    REQUIRE(started.rest);
    client::Client admin(world.server, "test", "kubernetes-admin");
    auto object = admin.get(api::kind::deployments, "default", "carts").take();
    object.set("status", api::parse_json(R"({"observedGeneration":1,"replicas":2,"updatedReplicas":2,"readyReplicas":2,"availableReplicas":1})").take());
    object = admin.update_status(api::kind::deployments, object).take();
    Output more;
    CHECK_FALSE(started.rest->poll(world.simulation.now(), more));
    CHECK(more.out == "Waiting for deployment \"carts\" rollout to finish: 1 of 2 updated replicas are available...\n");
    object.edit("status").set("availableReplicas", 2);
    (void)admin.update_status(api::kind::deployments, object);
    CHECK(started.rest->poll(world.simulation.now(), more));
    CHECK(more.out.ends_with("deployment \"carts\" successfully rolled out\n"));
}

TEST_CASE("describe a Pod and a Service") {
    World world;
    world.apply(pod_manifest);
    world.make_running("web");
    const auto pod = world.run("kubectl describe pod web").out;
    CHECK(pod.find("Name:             web\nNamespace:        default\n") == 0);
    CHECK(pod.find("Node:             node-1/192.168.122.12\n") != std::string::npos);
    CHECK(pod.find("    State:          Running\n      Started:      Thu, 01 Jan 2026 00:00:05 +0000\n") != std::string::npos);
    CHECK(pod.find("Events:                      <none>\n") != std::string::npos);
    CHECK(world.run("kubectl create service clusterip web --tcp=80:8080").out == "service/web created\n");
    const auto service = world.run("kubectl describe svc web").out;
    CHECK(service.find("Name:                     web\n") == 0);
    CHECK(service.find("Port:                     80-8080  80/TCP\n") != std::string::npos);
    CHECK(service.find("Endpoints:                <none>\n") != std::string::npos);
}

// printISCSIPersistentVolumeSource, printCSIVolumeSource, describeContainerVolumes.
TEST_CASE("describe volumes of drivers, block devices and a local seccomp profile") {
    World world;
    world.apply("apiVersion: v1\nkind: PersistentVolume\nmetadata: {name: disk}\nspec:\n  capacity: {storage: 1Gi}\n"
                "  accessModes: [ReadWriteOnce]\n  iscsi: {targetPortal: 10.0.0.1, iqn: iqn.2026-01.io.k:x, lun: 2, portals: [a, b],"
                " secretRef: {name: chap, namespace: here}}\n");
    const auto volume = world.run("kubectl describe pv disk").out;
    CHECK(volume.find("Source:\n    Type:               ISCSI (an ISCSI Disk resource") != std::string::npos);
    CHECK(volume.find("    Lun:                2\n    ISCSIInterface      default\n") != std::string::npos);
    CHECK(volume.find("    Portals:            [a b]\n    DiscoveryCHAPAuth:  false\n") != std::string::npos);
    CHECK(volume.find("    SecretRef:          &SecretReference{Name:chap,Namespace:here,}\n    InitiatorName:      <none>\n") !=
          std::string::npos);
    world.apply("apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  automountServiceAccountToken: false\n"
                "  securityContext: {seccompProfile: {type: Localhost, localhostProfile: a.json}}\n  containers:\n"
                "  - {name: web, image: web, volumeDevices: [{name: raw, devicePath: /dev/x}]}\n"
                "  volumes:\n  - {name: raw, persistentVolumeClaim: {claimName: raw}}\n"
                "  - {name: flex, flexVolume: {driver: x/y, options: {k: v}}}\n"
                "  - {name: odd, csi: {driver: csi.example.com, volumeAttributes: {a: b}}}\n");
    const auto pod = world.run("kubectl describe pod web").out;
    CHECK(pod.find("LocalhostProfile:  a.json\n") != std::string::npos);
    CHECK(pod.find("    Devices:      <none>\n      /dev/x from raw\n") != std::string::npos);
    CHECK(pod.find("    Driver:            csi.example.com\n    FSType:            \n    ReadOnly:          false\n"
                   "    VolumeAttributes:      a=b\n") != std::string::npos);
    CHECK(pod.find("    SecretRef:  nil\n    ReadOnly:   false\n    Options:    map[k:v]\n") != std::string::npos);
}

TEST_CASE("describe node shows the kubelet's events, which name the Node by its name") {
    World world;
    world.apply("apiVersion: v1\nkind: Node\nmetadata:\n  name: node-1\n---\napiVersion: v1\nkind: Event\nmetadata:\n  name: node-1.1\n"
                "involvedObject:\n  kind: Node\n  name: node-1\n  uid: node-1\nreason: Starting\nmessage: Starting kubelet.\n"
                "type: Normal\nsource:\n  component: kubelet\n");
    REQUIRE(world.last_error == "");
    const auto text = world.run("kubectl describe node node-1").out;
    CHECK(text.find("  Normal  Starting  <unknown>  kubelet  Starting kubelet.\n") != std::string::npos);
    CHECK(world.run("kubectl cordon node-1").out == "node/node-1 cordoned\n");
    CHECK(world.run("kubectl cordon node-1").out == "node/node-1 already cordoned\n");
    CHECK(world.run("kubectl taint nodes node-1 a=b:NoSchedule").out == "node/node-1 tainted\n");
    // k8s.io/kubectl/pkg/cmd/taint/{taint,utils}.go
    CHECK(world.run("kubectl taint nodes node-1 a=b:NoSchedule").err ==
          "error: node node-1 already has a taint(s) with same effect(s) and --overwrite is false\n");
    CHECK(world.run("kubectl taint nodes node-1 a=c:NoSchedule --overwrite").out == "node/node-1 modified\n");
    CHECK(world.run("kubectl taint nodes node-1 b=c:NoExecute a:NoSchedule-").out == "node/node-1 modified\n");
    CHECK(world.run("kubectl taint nodes node-1 b=d:NoSchedule-").err == "error: taint \"b:NoSchedule\" not found\n");
    CHECK(world.run("kubectl taint nodes node-1 a=b:NoSchedule b-").out == "node/node-1 modified\n");
    CHECK(world.run("kubectl taint nodes node-1 a-").out == "node/node-1 untainted\n");
    CHECK(world.run("kubectl wait --for=delete pod/none").exit == 0);
}

TEST_CASE("completion") {
    World world;
    world.apply(pod_manifest);
    const auto complete_line = [&](std::string_view line) { return join(complete(world.environment(), line), " "); };
    CHECK(complete_line("kubectl desc") == "describe");
    CHECK(complete_line("kubectl rollout st") == "status");
    CHECK(complete_line("kubectl get depl") == "deployments");
    CHECK(complete_line("kubectl get pods w") == "web");
    CHECK(complete_line("kubectl get pods -n kube") == "kube-system");
    CHECK(complete_line("kubectl logs web -c ") == "c");
    CHECK(complete_line("kubectl exec pod/w") == "pod/web");
    CHECK(complete_line("kubectl get --sho") == "--show-kind --show-labels --show-managed-fields");
}
