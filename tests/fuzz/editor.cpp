// The editor: while a manifest is typed it is checked, hinted at, completed, explained and compared, and nothing happens.

#include <algorithm>

#include "core/cluster/manifest.h"
#include "core/cluster/manifest_compare.h"
#include "core/cluster/manifest_help.h"
#include "core/cluster/manifest_hints.h"
#include "tests/fuzz/driver/door.h"
#include "tests/fuzz/driver/seeds.h"
#include "tests/fuzz/driver/stage.h"

namespace kubewalk::fuzz {

namespace {

int run(const std::uint8_t* bytes, std::size_t size) {
    const auto text = text_of(bytes, size);
    const auto& cluster = session().cluster();
    const auto revision = cluster.revision();
    const auto steps = cluster.simulation().steps();

    cluster::ManifestCheck check{std::string(text)};
    int parts = 0;
    while (check.step(cluster))
        expect(++parts < 10'000, "a check without end");
    const auto checked = check.take();
    for (const auto& problem : checked.problems) {
        expect_told(problem.error, text);
        expect(problem.error.line > 0, "a problem without its line", [&] { return problem.error.message; });
        expect(problem.document >= 0, "a problem without its document");
    }
    expect(checked.ok == checked.problems.empty(), "right, or wrong with a problem");

    cluster::ManifestHinter hinter(text);
    while (hinter.step(cluster))
        expect(++parts < 20'000, "hints without end");
    const auto lines = 1 + std::count(text.begin(), text.end(), '\n');
    for (const auto& hint : hinter.take()) {
        expect(!hint.id.empty(), "a hint without a name");
        expect(hint.line >= 1 && hint.line <= lines && hint.column >= 1, "a hint outside of the text", [&] { return cat(hint.id, " at ", hint.line, ":", hint.column); });
    }
    // Carets at places that differ from input to input.
    for (const std::size_t caret : {size, size / 2, size * 7 % 13 * (size / 13 + 1)}) {
        const auto completion = cluster::complete_manifest(cluster, text, caret);
        expect(completion.begin <= completion.end && completion.end <= size, "a completion replaces what is not there");
        for (const auto& suggestion : completion.suggestions)
            expect(!suggestion.label.empty(), "a suggestion without a name");
        (void)cluster::explain_field(cluster, text, std::min(caret, size));
    }
    const auto comparison = cluster::compare_manifest(cluster, text, 0);
    for (const auto& field : comparison.fields)
        expect(!field.path.empty(), "a field without a path");
    expect(cluster.revision() == revision && cluster.simulation().steps() == steps, "looking changed something");
    return 0;
}

}  // namespace

Door editor() {
    (void)session();
    Door door{run, manifests(), {"apiVersion: v1\n", "apiVersion: apps/v1\n", "kind: Deployment\n", "kind: Service\n", "kind: List\n", "metadata:\n", "  name: web\n", "spec:\n", "  selector:\n    app: web\n", "---\n", "status: {}\n", "containers:\n", "- name: a\n", "image: nginx\n", "replicas: ", "targetPort: ", "resources: {limits: {cpu: ", "null", "[]", "{}", "<<: *a", "namespace: kube-system\n", "labels: ", "matchExpressions: ", "generateName: x-\n", "data: ", "items:\n"}};
    door.runs = 60;
    return door;
}

}  // namespace kubewalk::fuzz
