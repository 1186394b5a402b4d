// The new ReplicaSet: found, annotated or created; and how writes are sent.
#include "core/base/text.h"
#include "core/controllers/deployment/deployment_controller.h"

namespace kubewalk::controllers {

using namespace deployment;

Result<void> DeploymentController::load_replica_sets(Sync& sync, CreateNew create) {
    sync.olds = find_old_replica_sets(sync.deployment, sync.replica_sets).all;
    sync.new_rs = find_new_replica_set(sync.deployment, sync.replica_sets);
    const std::string next_revision = cat(max_revision(sync.olds) + 1);
    if (!sync.new_rs.is_null())
        return adopt_new_replica_set(sync, next_revision);
    return create == CreateNew::yes ? create_new_replica_set(sync, next_revision) : Result<void>();
}

Result<void> DeploymentController::adopt_new_replica_set(Sync& sync, const std::string& next_revision) {
    Value copy = sync.new_rs;
    const auto min_ready = sync.deployment["spec"]["minReadySeconds"].as_int();
    const bool annotated = set_new_replica_set_annotations(sync.deployment, copy, *parse_int(next_revision), true);
    if (annotated || copy["spec"]["minReadySeconds"].as_int() != min_ready) {
        set_count(copy.edit("spec"), "minReadySeconds", min_ready);
        KUBEWALK_TRY(updated, client().update(api::kind::replica_sets, copy));
        sync.new_rs = updated;
        for (auto& one : sync.replica_sets)
            if (api::uid_of(one) == api::uid_of(updated))
                one = updated;
        return {};
    }
    bool needs_update =
        set_deployment_revision(sync.deployment, copy["metadata"]["annotations"][revision_annotation].as_string());
    if (has_progress_deadline(sync.deployment) && find_condition(sync.deployment["status"], "Progressing").is_null()) {
        set_condition(sync.deployment.edit("status"),
                      new_condition("Progressing", "True", "FoundNewReplicaSet",
                                    cat("Found new replica set ", quoted(api::name_of(copy))), now()));
        needs_update = true;
    }
    return needs_update ? write_status(sync) : Result<void>();
}

// The ReplicaSet a Deployment makes from its template, with as many replicas as the strategy allows.
static Result<Value> new_replica_set(const Value& deployment, const Objects& olds, const std::string& next_revision) {
    Value pod_template = deployment["spec"]["template"];
    const std::string hash = compute_hash(pod_template, deployment["status"]["collisionCount"]);
    pod_template.edit_path("metadata", "labels").set(hash_label, hash);
    Value selector = deployment["spec"]["selector"];
    selector.edit("matchLabels").set(hash_label, hash);
    Value spec = Value::object({{"replicas", 0}, {"selector", selector}, {"template", pod_template}});
    set_count(spec, "minReadySeconds", deployment["spec"]["minReadySeconds"].as_int());
    Value made = Value::object(
        {{"apiVersion", "apps/v1"},
         {"kind", "ReplicaSet"},
         {"metadata", Value::object({{"name", cat(api::name_of(deployment), "-", hash)},
                                     {"namespace", deployment["metadata"]["namespace"]},
                                     {"labels", pod_template["metadata"]["labels"]},
                                     {"ownerReferences", Value::array({api::controller_ref(deployment)})}})},
         {"spec", spec}});
    Objects all = olds;
    all.push_back(made);
    KUBEWALK_TRY(count, new_rs_new_replicas(deployment, all, made));
    made.edit_path("spec", "replicas") = count;
    set_new_replica_set_annotations(deployment, made, *parse_int(next_revision), false);
    return made;
}

Result<void> DeploymentController::create_new_replica_set(Sync& sync, const std::string& next_revision) {
    KUBEWALK_TRY(wanted, new_replica_set(sync.deployment, sync.olds, next_revision));
    auto created = client().create(api::kind::replica_sets, wanted);
    bool existed = false;
    if (!created.ok() && created.error().reason == "AlreadyExists") {
        auto found = client().get(api::kind::replica_sets, api::namespace_of(wanted), api::name_of(wanted));
        if (!found.ok())
            return found.error();
        if (is_controlled_by(found.value(), sync.deployment) &&
            equal_ignore_hash(sync.deployment["spec"]["template"], found.value()["spec"]["template"])) {
            existed = true;
            created = std::move(found);
        } else {
            // Another object has our name: hash with another seed next time.
            Value& status = sync.deployment.edit("status");
            status.set("collisionCount", status["collisionCount"].as_int() + 1);
            const auto refused = created.error();
            if (auto written = write_status(sync); !written.ok())
                return written;
            return refused;
        }
    }
    if (!created.ok()) {
        const std::string message =
            cat("Failed to create new replica set ", quoted(api::name_of(wanted)), ": ", created.error().message);
        if (has_progress_deadline(sync.deployment)) {
            set_condition(sync.deployment.edit("status"),
                          new_condition("Progressing", "False", "ReplicaSetCreateError", message, now()));
            (void)write_status(sync);  // the creation's error is the one to report
        }
        recorder().record(simulation(), sync.deployment, client::EventType::warning, "ReplicaSetCreateError", message);
        return created.error();
    }
    sync.new_rs = created.take();
    sync.replica_sets.push_back(sync.new_rs);
    if (!existed && replicas(wanted) > 0)
        recorder().record(simulation(), sync.deployment, client::EventType::normal, "ScalingReplicaSet",
                          cat("Scaled up replica set ", api::name_of(sync.new_rs), " from 0 to ", replicas(wanted)));
    bool needs_update = set_deployment_revision(sync.deployment, next_revision);
    if (!existed && has_progress_deadline(sync.deployment)) {
        set_condition(sync.deployment.edit("status"),
                      new_condition("Progressing", "True", "NewReplicaSetCreated",
                                    cat("Created new replica set ", quoted(api::name_of(sync.new_rs))), now()));
        needs_update = true;
    }
    return needs_update ? write_status(sync) : Result<void>();
}

// Paused and resumed show in the Progressing condition, so that a pause does not count as lack of progress.
Result<void> DeploymentController::check_paused(Sync& sync) {
    if (!has_progress_deadline(sync.deployment))
        return {};
    const auto& condition = find_condition(sync.deployment["status"], "Progressing");
    if (condition["reason"].as_string() == "ProgressDeadlineExceeded")
        return {};
    const bool shown = condition["reason"].as_string() == "DeploymentPaused";
    const bool paused = sync.deployment["spec"]["paused"].as_bool();
    if (paused == shown)
        return {};
    set_condition(sync.deployment.edit("status"),
                  paused
                      ? new_condition("Progressing", "Unknown", "DeploymentPaused", "Deployment is paused", now())
                      : new_condition("Progressing", "Unknown", "DeploymentResumed", "Deployment is resumed", now()));
    return write_status(sync);
}

Result<void> DeploymentController::write_status(Sync& sync) {
    KUBEWALK_TRY(updated, client().update_status(api::kind::deployments, sync.deployment));
    sync.deployment = updated;
    return {};
}

Result<void> DeploymentController::send(const Writes& writes, const Value& deployment) {
    std::map<std::string, Value> versions;  // a second write of one object follows on the first
    for (const auto& write : writes) {
        const std::string key = api::key_of(write.replica_set);
        if (write.verb == ReplicaSetWrite::Verb::remove) {
            auto removed = client().remove(api::kind::replica_sets, api::namespace_of(write.replica_set),
                                           api::name_of(write.replica_set));
            if (!removed.ok() && removed.error().reason != "NotFound")
                return removed.error();
            continue;
        }
        Value object = write.replica_set;
        if (auto found = versions.find(key); found != versions.end())
            object.edit("metadata").set("resourceVersion", found->second);
        KUBEWALK_TRY(updated, client().update(api::kind::replica_sets, object));
        versions[key] = updated["metadata"]["resourceVersion"];
        if (write.from != write.to)
            recorder().record(simulation(), deployment, client::EventType::normal, "ScalingReplicaSet",
                              cat("Scaled ", write.from < write.to ? "up" : "down", " replica set ",
                                  api::name_of(write.replica_set), " from ", write.from, " to ", write.to));
    }
    return {};
}

}  // namespace kubewalk::controllers
