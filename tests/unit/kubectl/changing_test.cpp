// Commands that were missing: edit, diff, autoscale, set resources, top, debug, patch and replace by force.
// What they print: k8s.io/kubectl/pkg/cmd and its tests (v0.36).

#include <doctest/doctest.h>

#include "world.h"

using namespace kubewalk;
using namespace kubewalk::kubectl;

TEST_CASE("edit hands out the object and applies what comes back") {
    World world;
    CHECK(world.run("kubectl create configmap settings --from-literal=a=1").out == "configmap/settings created\n");
    auto started = world.start("kubectl edit configmap settings");
    REQUIRE(started.rest);
    auto editing = started.rest->editing();
    REQUIRE(editing);
    CHECK(editing->text.starts_with("# Please edit the object below. Lines beginning with a '#' will be ignored,\n"));
    const auto unchanged = started.rest->clone();
    Output more;
    unchanged->edited(editing->text, world.simulation.now(), more);
    CHECK(unchanged->poll(world.simulation.now(), more));
    CHECK(more.out + more.err == "Edit cancelled, no changes made.\n");
    Output changed;
    started.rest->edited(replace_all(editing->text, "a: \"1\"", "a: \"2\""), world.simulation.now(), changed);
    CHECK(started.rest->poll(world.simulation.now(), changed));
    CHECK(changed.out == "configmap/settings edited\n");
    CHECK(world.run("kubectl get cm settings -o jsonpath={.data.a}").out == "2");
}

TEST_CASE("diff: exit 0 without, 1 with differences") {
    World world;
    world.apply(deployment_manifest);
    CHECK(world.run("kubectl diff -f -", deployment_manifest).exit == 0);
    const auto diff = world.run("kubectl diff -f -", replace_all(deployment_manifest, "carts:1", "carts:2"));
    CHECK(diff.exit == 1);
    CHECK(diff.out.find("-      - image: carts:1\n+      - image: carts:2\n") != std::string::npos);
    CHECK(world.run("kubectl get deploy carts -o jsonpath={.spec.template.spec.containers[0].image}").out == "carts:1");
}

// cli-runtime's Helper.CreateWithOptions: what is created takes no resourceVersion along.
TEST_CASE("a manifest that was read from the server can be created again") {
    World world;
    CHECK(world.run("kubectl create configmap settings --from-literal=a=1").exit == 0);
    const auto read = world.run("kubectl get configmap settings -o yaml").out;
    REQUIRE(read.find("resourceVersion: ") != std::string::npos);
    CHECK(world.run("kubectl delete configmap settings").exit == 0);
    CHECK(world.run("kubectl create -f -", read).out == "configmap/settings created\n");
    CHECK(world.run("kubectl replace --force -f -", replace_all(read, "a: \"1\"", "a: \"2\"")).out.ends_with("configmap/settings replaced\n"));
    CHECK(world.run("kubectl get cm settings -o jsonpath={.data.a}").out == "2");
    CHECK(world.run("kubectl delete configmap settings").exit == 0);
    CHECK(world.run("kubectl diff -f -", read).exit == 1);
    CHECK(world.run("kubectl apply -f -", read).out == "configmap/settings created\n");
}

TEST_CASE("autoscale, set resources, set serviceaccount, set selector") {
    World world;
    world.apply(deployment_manifest);
    CHECK(world.run("kubectl autoscale deployment carts --min=2 --max=5 --cpu=80%").out == "horizontalpodautoscaler.autoscaling/carts autoscaled\n");
    CHECK(world.run("kubectl get hpa carts -o jsonpath={.spec.maxReplicas}").out == "5");
    CHECK(world.run("kubectl set resources deployment carts --limits=cpu=200m,memory=512Mi").out == "deployment.apps/carts resource requirements updated\n");
    CHECK(world.run("kubectl get deploy carts -o jsonpath={.spec.template.spec.containers[0].resources.limits.cpu}").out == "200m");
    CHECK(world.run("kubectl set serviceaccount deployment carts robot").out == "deployment.apps/carts serviceaccount updated\n");
    CHECK(world.run("kubectl create service clusterip web --tcp=80").exit == 0);
    CHECK(world.run("kubectl set selector service web tier=front").out == "service/web selector updated\n");
    CHECK(world.run("kubectl set env deployment/carts A=1 B=2").out == "deployment.apps/carts env updated\n");
    CHECK(world.run("kubectl set env deployment/carts --list").out == "# Deployment carts, container carts\nA=1\nB=2\n");
    CHECK(world.run("kubectl set env deployment/carts A-").exit == 0);
    CHECK(world.run("kubectl get deploy carts -o jsonpath={.spec.template.spec.containers[0].env[*].name}").out == "B");
}

TEST_CASE("top without metrics, kustomize, an unknown subcommand") {
    World world;
    CHECK(world.run("kubectl top pods").err == "error: Metrics API not available\n");
    CHECK(world.run("kubectl top nodes").exit == 1);
    CHECK(world.run("kubectl kustomize .").exit == 1);
}

TEST_CASE("create makes access rules and limits") {
    World world;
    CHECK(world.run("kubectl create role reader --verb=get,list --resource=pods,deployments.apps").out == "role.rbac.authorization.k8s.io/reader created\n");
    CHECK(world.run("kubectl create rolebinding readers --role=reader --serviceaccount=default:default").out ==
          "rolebinding.rbac.authorization.k8s.io/readers created\n");
    CHECK(world.run("kubectl create quota small --hard=pods=2").out == "resourcequota/small created\n");
    CHECK(world.run("kubectl create pdb web --selector=app=web --min-available=1").out == "poddisruptionbudget.policy/web created\n");
    CHECK(world.run("kubectl auth can-i get pods").out == "yes\n");
    const auto role = world.run("kubectl describe role reader").out;
    CHECK(role.find("  Resources         Non-Resource URLs  Resource Names  Verbs\n") != std::string::npos);
    CHECK(role.find("  deployments.apps  []                 []              [get list]\n") != std::string::npos);
}

TEST_CASE("-v=6 prints the requests, templates print fields") {
    World world;
    world.apply(pod_manifest);
    CHECK(world.run("kubectl get pod web -v=6").err.find("\"Response\" verb=\"GET\" url=\"") != std::string::npos);
    CHECK(world.run("kubectl get pods -o go-template={{range%20.items}}{{.metadata.name}}{{\"\\n\"}}{{end}}").out == "web\n");
    CHECK(world.run("kubectl get pods --output-watch-events -w").out.starts_with("EVENT   NAME   READY"));
    CHECK(world.run("kubectl label pods --all tier=back").out == "pod/web labeled\n");
    CHECK(world.run("kubectl label pod web --list").out == "app=web\ntier=back\n");
    CHECK(world.run("kubectl taint nodes none a=b:Nothing").exit == 1);
}

TEST_CASE("kubectl: a template of a stranger ends in an error and not in the stack") {
    World world;
    const auto many = [](std::string_view text, int times) {
        std::string out;
        for (int i = 0; i < times; ++i)
            out += text;
        return out;
    };
    const auto error_of = [&](const std::string& text) { return world.run("kubectl get pods -o go-template=" + replace_all(text, " ", "%20")).err; };
    CHECK(error_of(many("{{if true}}", 100) + many("{{end}}", 100)).empty());
    CHECK(error_of(many("{{if true}}", 20000) + many("{{end}}", 20000)).find("exceeded max depth") != std::string::npos);
    CHECK(error_of("{{" + many("(", 20000) + "true" + many(")", 20000) + "}}").find("exceeded max depth") != std::string::npos);
    const std::string endless = "does not come to an end";
    CHECK(error_of("{{range 999999999999}}{{end}}").find(endless) != std::string::npos);
    CHECK(error_of("{{range 2000}}{{range 2000}}x{{end}}{{end}}").find(endless) != std::string::npos);
    CHECK(error_of("{{$x := \"aa\"}}{{range 60}}{{$x = print $x $x}}{{end}}").find(endless) != std::string::npos);
    // fmt says so of a width that is too large.
    CHECK(world.run("kubectl get pods -o go-template={{printf%20\"%99999999999d\"%201}}").out == "%!(BADWIDTH)1");

    std::string ranges;
    for (int i = 0; i < 20000; ++i)
        ranges += "{range%20.items}";
    CHECK(world.run("kubectl get pods -o jsonpath=" + ranges).err.find("exceeded max depth") != std::string::npos);
}
