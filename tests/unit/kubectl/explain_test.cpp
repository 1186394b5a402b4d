// Every expected text was printed by kubectl 1.36.4 before a server that gave it the types of @kubernetes/client-node 2.0.1
// as OpenAPI v3.

#include <doctest/doctest.h>

#include "tests/unit/kubectl/world.h"

using namespace kubewalk;
using namespace kubewalk::kubectl;

namespace {

struct Documented : World {
    Output explain(std::string_view words) {
        auto with_texts = environment();
        with_texts.documentation = [](std::string_view type, std::string_view field) {
            static const auto texts = api::parse_json(embedded::find("schema/kubernetes-docs.json")).take();
            return texts[type][field].as_string();
        };
        std::vector<std::string> argv{"kubectl", "explain"};
        for (const auto word : fields(words))
            argv.emplace_back(word);
        return kubectl::start(with_texts, argv, {}).output;
    }
};

}  // namespace

TEST_CASE("explain: a field's text, then its type's, and a line of blanks behind them") {
    Documented world;
    CHECK(world.explain("pod.spec.containers").out.starts_with(
        "KIND:       Pod\nVERSION:    v1\n\nFIELD: containers <[]Container>\n\n\nDESCRIPTION:\n"
        "    List of containers belonging to the pod. Containers cannot currently be\n"
        "    added or removed. There must be at least one container in a Pod. Cannot be\n"
        "    updated.\n"
        "    A single application container that you want to run within a pod.\n"
        "    \n"
        "FIELDS:\n"
        "  args\t<[]string>\n"
        "    Arguments to the entrypoint. The container image's CMD is used if this is\n"
        "    not provided. Variable references $(VAR_NAME) are expanded using the\n"));
    CHECK(world.explain("jobs.batch.spec.suspend").out.starts_with("GROUP:      batch\nKIND:       Job\nVERSION:    v1\n\nFIELD: suspend <boolean>\n\n\n"));
}

TEST_CASE("explain: values of an enum stand in lines of their own for one field, four of them in a list") {
    Documented world;
    CHECK(world.explain("pod.spec.containers.imagePullPolicy").out ==
          "KIND:       Pod\nVERSION:    v1\n\nFIELD: imagePullPolicy <string>\nENUM:\n    Always\n    IfNotPresent\n    Never\n\n"
          "DESCRIPTION:\n"
          "    Image pull policy. One of Always, Never, IfNotPresent. Defaults to Always if\n"
          "    :latest tag is specified, or IfNotPresent otherwise. Cannot be updated. More\n"
          "    info: https://kubernetes.io/docs/concepts/containers/images#updating-images\n"
          "    \n\n");
    CHECK(world.explain("pod.spec.volumes.hostPath").out ==
          "KIND:       Pod\nVERSION:    v1\n\nFIELD: hostPath <HostPathVolumeSource>\n\n\n"
          "DESCRIPTION:\n"
          "    Represents a host path mapped into a pod. Host path volumes do not support\n"
          "    ownership management or SELinux relabeling.\n"
          "    \n"
          "FIELDS:\n"
          "  path\t<string> -required-\n"
          "    path of the directory on the host. If the path is a symlink, it will follow\n"
          "    the link to the real path. More info:\n"
          "    https://kubernetes.io/docs/concepts/storage/volumes#hostpath\n"
          "\n"
          "  type\t<string>\n"
          "  enum: \"\", BlockDevice, CharDevice, Directory, ....\n"
          "    type for HostPath Volume Defaults to \"\" More info:\n"
          "    https://kubernetes.io/docs/concepts/storage/volumes#hostpath\n"
          "\n\n");
}

TEST_CASE("explain: blanks inside a line stay, those at its end go") {
    Documented world;
    CHECK(world.explain("ingresses.spec.rules.http.paths.pathType").out.find(
              "    Prefix: Matches based on a URL path prefix split by '/'. Matching is   done\n"
              "    on a path element by element basis. A path element refers is the   list of\n") != std::string::npos);
}

TEST_CASE("explain --recursive: names and types alone") {
    Documented world;
    CHECK(world.explain("deployment.spec.strategy --recursive").out ==
          "GROUP:      apps\nKIND:       Deployment\nVERSION:    v1\n\nFIELD: strategy <DeploymentStrategy>\n\n\n"
          "DESCRIPTION:\n    DeploymentStrategy describes how to replace existing pods with new ones.\n    \n"
          "FIELDS:\n  rollingUpdate\t<RollingUpdateDeployment>\n    maxSurge\t<IntOrString>\n    maxUnavailable\t<IntOrString>\n"
          "  type\t<string>\n  enum: Recreate, RollingUpdate\n\n");
}

TEST_CASE("explain: what is not there") {
    Documented world;
    const auto unknown = world.explain("nothing");
    CHECK(unknown.err == "the server doesn't have a resource type \"nothing\"\n");
    CHECK(unknown.exit == 1);
    const auto field = world.explain("pods.spec.nope.further");
    CHECK(field.out == "KIND:       Pod\nVERSION:    v1\n\n");
    CHECK(field.err == "error: field \"further\" does not exist\n");
    CHECK(world.explain("endpointslice.endpoints --api-version=discovery.k8s.io/v2").err ==
          "error: couldn't find resource for \"discovery.k8s.io/v2, Resource=endpointslices\"\n");
    CHECK(world.explain("pod --output=xx").err == "error: unrecognized format: xx\n");
    CHECK(world.explain("a b").err == "error: We accept only this format: explain RESOURCE\n");
}
