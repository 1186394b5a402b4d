// Upstream: k8s.io/kubectl/pkg/cmd/set/set_image.go.

#include "core/base/text.h"
#include "core/kubectl/modify.h"

namespace kubewalk::kubectl::command {

using api::Value;

namespace {

bool put_image(Value& spec, std::string_view name, std::string_view image) {
    bool found = false;
    for (std::string_view list : {"initContainers", "containers"})
        for (std::size_t i = 0; i < spec[list].size(); ++i)
            if (name == "*" || spec[list][i]["name"].as_string() == name) {
                spec.edit(list).edit_at(i).set("image", image);
                found = true;
            }
    return found;
}

Answer<Outcome> change_images(Run&, const Info& info, const std::vector<std::string>& pairs) {
    Outcome outcome{info.object, "image updated"};
    Value* spec = pod_spec_of(*info.kind, outcome.object);
    if (!spec)
        return Refusal::plain(cat("error: ", info.kind->resource, "/", info.name, " the object is not a pod or does not have a pod template: *unstructured.Unstructured"));
    for (const auto& pair : pairs) {
        const auto equals = pair.find('=');
        const auto name = pair.substr(0, equals);
        if (!put_image(*spec, name, pair.substr(equals + 1)))
            return Refusal::plain(cat("error: unable to find container named ", quoted(name)));
    }
    if (outcome.object == info.object)
        outcome.operation.clear();
    return outcome;
}

}  // namespace

void set_image_flags(FlagSet& set) {
    add_modify_flags(set);
}

void set_image(Run& run) {
    auto parts = resources_and_pairs(run.args(), "image");
    if (!parts.ok())
        return run.fail(parts.refusal());
    const auto& [resources, pairs] = parts.value();
    if (resources.empty() && !run.flags.has("filename"))
        return run.fail(
            "You must provide one or more resources by argument or filename.\n"
            "Example resource specifications include:\n"
            "   '-f rsrc.yaml'\n"
            "   '--filename=rsrc.json'\n"
            "   '<resource> <name>'\n"
            "   '<resource>'");
    if (pairs.empty())
        return run.fail("at least one image update is required");
    modify_each(run, resources, pairs, change_images);
}

}  // namespace kubewalk::kubectl::command
