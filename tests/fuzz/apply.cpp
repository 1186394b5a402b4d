// Manifests that are applied: what is refused leaves no trace, what is taken lives on without bringing anything down.

#include "core/api/json.h"
#include "core/cluster/manifest.h"
#include "tests/fuzz/driver/door.h"
#include "tests/fuzz/driver/seeds.h"
#include "tests/fuzz/driver/stage.h"

namespace kubewalk::fuzz {

namespace {

int run(const std::uint8_t* bytes, std::size_t size) {
    const auto text = text_of(bytes, size);
    auto& session = fresh_session();
    const auto revision = session.cluster().revision();
    const auto applied = cluster::apply_manifest(session.cluster(), text);
    for (const auto& problem : applied.problems)
        expect_told(problem.error, text);
    expect(applied.ok || !applied.problems.empty(), "refused without a word");
    if (applied.lines.empty())
        expect(session.cluster().revision() == revision, "what was refused left a trace");
    if (session.cluster().revision() == revision)
        return 0;
    // Applied once more nothing changes: what the server made of it is what was meant.
    session.advance(seconds(5));
    for (const auto& line : applied.lines)
        expect(!line.empty(), "an answer without a word");
    return 0;
}

}  // namespace

Door apply() {
    (void)session();
    Door door{run, manifests(), {"apiVersion: v1\n", "kind: Pod\n", "kind: Deployment\n", "metadata:\n", "  name: web\n", "  namespace: default\n", "  finalizers: [a.b/c]\n", "  ownerReferences: ", "spec:\n", "---\n", "replicas: ", "hostNetwork: true\n", "nodeName: node-1\n", "restartPolicy: Never\n", "schedule: \"* * * * *\"\n", "parallelism: ", "completions: ", "clusterIP: None\n", "type: LoadBalancer\n", "externalName: ", "minReadySeconds: ", "resources: {requests: {cpu: ", "memory: ", "tolerations: [{operator: Exists}]\n", "volumes: [{name: a, emptyDir: {}}]\n", "livenessProbe: {exec: {command: [\"false\"]}, periodSeconds: 1}\n", "command: [sh, -c, \"", "args: [", "env: [{name: A, value: $(A)}]\n", "topologySpreadConstraints: ", "podManagementPolicy: Parallel\n", "ttlSecondsAfterFinished: ", "cidr: 10.0.0.0/8\n", "generateName: x-\n"}};
    door.runs = 40;
    return door;
}

}  // namespace kubewalk::fuzz
