// Deployment, Job, CronJob. Upstream: k8s.io/kubectl/pkg/cmd/create (create_deployment.go, create_job.go,
// create_cronjob.go).

#include <algorithm>

#include "core/base/sha256.h"
#include "core/base/text.h"
#include "core/kubectl/creating.h"

namespace kubewalk::kubectl::command {

using api::Value;

namespace {

Value container_of(const Run& run, std::string_view name, std::string_view image) {
    Value container = Value::object({{"name", name}, {"image", image}, {"resources", Value::object()}});
    if (run.args().size() > 1)
        container.set("command", command_of(run));
    return container;
}

// The name of an image: what stands between the last slash and the tag.
std::string container_name(std::string_view image) {
    const auto slash = image.rfind('/');
    const auto name = image.substr(slash == std::string_view::npos ? 0 : slash + 1);
    return std::string(name.substr(0, name.find_first_of(":@")));
}

// sanitizeAndUniquify: a name that is not one for a container gets dashes and five letters.
std::string unique_name(const Run& run, std::string name) {
    if (name.find_first_of("_.") == std::string::npos)
        return name;
    std::replace_if(name.begin(), name.end(), [](char c) { return c == '_' || c == '.'; }, '-');
    constexpr std::string_view letters = "bcdfghjklmnpqrstvwxz2456789";
    const auto hash = sha256(cat(run.typed(), run.environment.now.ns));
    name += '-';
    for (std::size_t k = 0; k < 5; ++k)
        name += letters[hash[k] % letters.size()];
    return name;
}

Value job_spec(const Run& run, std::string_view restart) {
    Value spec = Value::object();
    spec.edit("template").set("metadata", Value::object());
    auto& pod = spec.edit_path("template", "spec");
    pod.set("containers", Value::array({container_of(run, run.args()[0], run.flags.text("image"))}));
    pod.set("restartPolicy", restart);
    return spec;
}

}  // namespace

void create_deployment_flags(FlagSet& set) {
    add_create_flags(set);
    set.list("image", "The image; several make several containers")
        .integer("replicas", "How many replicas", "1", 'r')
        .integer("port", "The port of the container", "-1");
}
void create_deployment(Run& run) {
    if (!run.flags.has("image"))
        return run.fail("required flag(s) \"image\" not set");
    if (!one_name(run))
        return;
    const auto images = run.flags.list("image");
    if (images.size() > 1 && run.args().size() > 1)
        return run.fail("cannot specify multiple --image options and command");
    Value containers = Value::array();
    for (const auto& image : images) {
        Value container = container_of(run, unique_name(run, container_name(image)), image);
        if (const auto port = run.flags.integer("port"); port >= 0 && containers.empty())
            container.set("ports", Value::array({Value::object({{"containerPort", port}})}));
        containers.push_back(std::move(container));
    }
    const auto& name = run.args()[0];
    Value object = object_with_name("apps/v1", "Deployment", name);
    const Value labels = Value::object({{"app", name}});
    object.edit("metadata").set("labels", labels);
    auto& spec = object.edit("spec");
    spec.set("replicas", run.flags.integer("replicas"));
    spec.edit("selector").set("matchLabels", labels);
    spec.set("strategy", Value::object());
    spec.edit_path("template", "metadata").set("labels", labels);
    spec.edit_path("template", "spec").set("containers", std::move(containers));
    object.set("status", Value::object());
    create_and_print(run, api::kind::deployments, std::move(object), "created");
}

void create_job_flags(FlagSet& set) {
    add_create_flags(set);
    set.text("image", "The image to run").text("from", "A CronJob whose Job is started now: cronjob/NAME");
}
void create_job(Run& run) {
    if (!one_name(run))
        return;
    const auto from = run.flags.text("from");
    if (run.flags.text("image").empty() == from.empty())
        return run.fail("either --image or --from must be specified");
    if (!from.empty() && run.args().size() > 1)
        return run.fail("cannot specify --from and command");
    Value object = object_with_name("batch/v1", "Job", run.args()[0]);
    if (from.empty()) {
        object.set("spec", job_spec(run, "Never"));
    } else {
        auto target = parse_target(from, "");
        if (!target.ok())
            return run.fail(target.refusal());
        auto cron_job = run.server.get(*target.value().kind, run.namespace_name(), target.value().name);
        if (!cron_job.ok())
            return run.fail(cron_job.refusal());
        if (target.value().kind->kind != "CronJob")
            return run.fail(cat("unknown object type *v1.", target.value().kind->kind));
        const auto& its_template = cron_job.value()["spec"]["jobTemplate"];
        auto& metadata = object.edit("metadata");
        metadata.set("annotations", its_template["metadata"]["annotations"]);
        metadata.edit("annotations").set("cronjob.kubernetes.io/instantiate", "manual");
        if (!its_template["metadata"]["labels"].empty())
            metadata.set("labels", its_template["metadata"]["labels"]);
        metadata.set("ownerReferences", Value::array({api::controller_ref(cron_job.value())}));
        metadata.edit("ownerReferences").edit_at(0).erase("blockOwnerDeletion");
        object.set("spec", its_template["spec"]);
    }
    object.set("status", Value::object());
    create_and_print(run, api::kind::jobs, std::move(object), "created");
}

void create_cron_job_flags(FlagSet& set) {
    add_create_flags(set);
    set.text("image", "The image to run")
        .text("schedule", "When, in Cron's notation")
        .text("restart", "OnFailure or Never");
}
void create_cron_job(Run& run) {
    for (std::string_view flag : {"image", "schedule"})
        if (!run.flags.has(flag))
            return run.fail(run.flags.has("image") || run.flags.has("schedule") ? cat("required flag(s) ", quoted(flag), " not set")
                                                                               : "required flag(s) \"image\", \"schedule\" not set");
    if (!one_name(run))
        return;
    const auto& name = run.args()[0];
    Value object = object_with_name("batch/v1", "CronJob", name);
    auto& spec = object.edit("spec");
    spec.set("schedule", run.flags.text("schedule"));
    const auto restart = run.flags.text("restart");
    spec.edit("jobTemplate").set("metadata", Value::object({{"name", name}}));
    spec.edit("jobTemplate").set("spec", job_spec(run, restart.empty() ? "OnFailure" : restart));
    object.set("status", Value::object());
    create_and_print(run, api::kind::cron_jobs, std::move(object), "created");
}

}  // namespace kubewalk::kubectl::command
