// k8s.io/cli-runtime/pkg/printers: tableprinter.go prints a head with the first row, tabwriter.go remembers widths;
// k8s.io/kubectl/pkg/cmd/get/get.go watch.

#include <doctest/doctest.h>

#include "tests/unit/kubectl/world.h"

using namespace kubewalk;
using namespace kubewalk::kubectl;

TEST_CASE("kubectl get --watch of nothing prints the head with the first row, and later rows line up with it") {
    World world;
    auto watching = world.start("kubectl get configmaps -w");
    CHECK(watching.output.out.empty());
    REQUIRE(watching.rest);
    const auto look = [&] {
        Output more;
        CHECK(!watching.rest->poll(world.simulation.now(), more));
        return more.out;
    };
    CHECK(look().empty());
    (void)world.run("kubectl create configmap a-rather-long-name");
    (void)world.run("kubectl create configmap b");
    CHECK(look() == "NAME                 DATA   AGE\na-rather-long-name   0      0s\nb                    0      0s\n");
    (void)world.run("kubectl patch cm b -p {\"data\":{\"a\":\"1\"}}");
    CHECK(look() == "b                    1      0s\n");
    (void)world.run("kubectl label cm b x=y");
    (void)world.run("kubectl label cm a-rather-long-name x=y");
    CHECK(look() == "b                    1      0s\na-rather-long-name   0      0s\n");

    auto only = world.start("kubectl get configmaps --watch-only");
    (void)world.run("kubectl label cm b z=y");
    Output more;
    CHECK(!only.rest->poll(world.simulation.now(), more));
    CHECK(more.out == "NAME   DATA   AGE\nb      1      0s\n");
}

TEST_CASE("kubectl get --watch prints every change, also several between two looks, and a deleted object as it was at last") {
    World world;
    (void)world.run("kubectl create configmap a");
    auto watching = world.start("kubectl get configmaps -w --output-watch-events");
    REQUIRE(watching.rest);
    (void)world.run("kubectl patch cm a -p {\"data\":{\"a\":\"1\"}}");
    (void)world.run("kubectl patch cm a -p {\"data\":{\"b\":\"1\"}}");
    (void)world.run("kubectl delete cm a");
    Output more;
    CHECK(!watching.rest->poll(world.simulation.now(), more));
    CHECK(more.out == "MODIFIED   a      1      0s\nMODIFIED   a      2      0s\nDELETED    a      2      0s\n");
}
