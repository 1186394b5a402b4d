// Patches of the three kinds, and the ones that kubectl makes. Three documents: an object, what it shall be, a patch.

#include "core/api/json.h"
#include "core/api/patch.h"
#include "core/api/yaml.h"
#include "core/yaml/yaml.h"
#include "kubewalk/embedded.h"
#include "tests/fuzz/driver/door.h"
#include "tests/fuzz/driver/seeds.h"

namespace kubewalk::fuzz {

namespace {

const api::Schema& schema() {
    static const api::Schema read = api::Schema::parse(embedded::find("schema/kubernetes.json")).take();
    return read;
}

int run(const std::uint8_t* bytes, std::size_t size) {
    const auto text = text_of(bytes, size);
    std::vector<api::Value> parts;
    for (const auto& piece : yaml::split_documents(text))
        if (const auto document = yaml::parse_document(text, piece); document.ok())
            parts.push_back(api::to_value(document.value().root).value_or(api::Value()));
    parts.resize(3);
    const api::Value &from = parts[0], &to = parts[1], &patch = parts[2];
    const auto merged = api::apply_merge_patch(from, patch);
    expect(api::apply_merge_patch(merged, patch) == merged, "a merge patch applied twice", [&] { return api::to_json(merged); });
    if (patch.is_array())
        if (const auto done = api::apply_json_patch(from, patch); !done.ok())
            expect(!done.error().message.empty(), "a JSON patch fails without a word");
    for (const std::string_view type : {"V1Deployment", "V1Pod", "V1Service", "V1ConfigMap"}) {
        if (const auto done = api::apply_strategic_merge_patch(schema(), type, from, patch); !done.ok())
            expect(!done.error().message.empty(), "a strategic patch fails without a word");
        if (const auto three = api::three_way_patch(schema(), type, from, to, patch); !three.ok())
            expect(!three.error().message.empty(), "no three-way patch and not a word");
        const auto way = api::two_way_patch(schema(), type, from, to);
        if (!way.ok()) {
            expect(!way.error().message.empty(), "no two-way patch and not a word");
            continue;
        }
        if (from.is_object()) {
            const auto none = api::two_way_patch(schema(), type, from, from);
            expect(!none.ok() || none.value().empty(), "from an object to itself there is nothing to do", [&] { return api::to_json(none.value()); });
        }
        if (const auto there = api::apply_strategic_merge_patch(schema(), type, from, way.value()); !there.ok())
            expect(!there.error().message.empty(), "a patch that was made fails without a word");
    }
    return 0;
}

}  // namespace

Door patch() {
    Door door{run, {"spec: {template: {spec: {containers: [{name: a, image: x}, {name: b, ports: [{containerPort: 80}]}]}}}\n---\nspec: {template: {spec: {containers: [{name: a, image: y}]}}}\n---\nspec: {template: {spec: {$setElementOrder/containers: [{name: b}, {name: a}], containers: [{name: b, $patch: delete}, {name: c, image: z}]}}}\n",
                    "data: {a: '1', b: '2'}\nmetadata: {finalizers: [x, y]}\n---\ndata: {a: '3'}\n---\n- {op: replace, path: /data/a, value: 7}\n- {op: add, path: /metadata/finalizers/-, value: z}\n- {op: test, path: /data/b, value: '2'}\n- {op: move, from: /data, path: /d~1e~0}\n- {op: copy, from: '', path: /self}\n- {op: remove, path: /metadata/finalizers/0}\n",
                    "spec: {ports: [{port: 80, protocol: TCP}, {port: 80, protocol: UDP}], selector: {a: b}}\n---\nspec: {ports: [{port: 80, protocol: UDP}]}\n---\n{spec: {$retainKeys: [ports], $patch: replace, ports: null}}\n",
                    "metadata: {finalizers: [a, b, c]}\n---\nmetadata: {finalizers: [c, d]}\n---\nmetadata: {$deleteFromPrimitiveList/finalizers: [a], $setElementOrder/finalizers: [c, b]}\n"},
              {"---\n", "$patch: delete", "$patch: replace", "$patch: merge", "$patch: x", "$retainKeys: [a]", "$setElementOrder/containers: [{name: a}]", "$deleteFromPrimitiveList/finalizers: [a]", "{op: add, path: /a, value: 1}", "path: /-", "path: ''", "path: /0", "path: /-1", "path: /00", "path: /99999999999999999999", "from: /a", "~0", "~1", "~", "null", "name: a", "containers:", "[]", "{}"}};
    const auto all = manifests();
    for (std::size_t i = 0; i + 2 < all.size() && i < 60; i += 3)
        door.seeds.push_back(cat(all[i], "\n---\n", all[i + 1], "\n---\n", all[i + 2]));
    door.runs = 350;
    return door;
}

}  // namespace kubewalk::fuzz
