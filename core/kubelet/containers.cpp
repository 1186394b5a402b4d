// From a container's spec to a running process: image, configuration, create, start.
// Upstream: pkg/kubelet/kuberuntime/kuberuntime_container.go (startContainer), pkg/kubelet/images/image_manager.go.

#include "core/api/kinds.h"
#include "core/api/quantity.h"
#include "core/base/text.h"
#include "core/kubelet/confinement.h"
#include "core/kubelet/expansion.h"
#include "core/kubelet/kubelet.h"
#include "core/kubelet/object_source.h"
#include "core/kubelet/status.h"

namespace kubewalk::kubelet {
namespace {

constexpr Duration configuration_retry = seconds(10);
constexpr Duration image_gc_delay = minutes(5);  // imageGCPeriod

using client::EventType;

bool has_capability(const api::Value& list, std::string_view name) {
    for (const auto& item : list.items()) {
        const std::string text = to_lower(item.as_string());
        if (text == "all" || text == name || text == cat("cap_", name))
            return true;
    }
    return false;
}

// containerd grants NET_RAW unless the spec drops it: to root. To any other user it is only allowed, not given
// (capabilities(7), "Effect of user ID changes"), and Kubernetes sets no ambient capabilities.
bool may_send_raw(const api::Value& security) {
    if (security["privileged"].as_bool() || has_capability(security["capabilities"]["add"], "net_raw"))
        return true;
    return !has_capability(security["capabilities"]["drop"], "net_raw");
}

std::vector<std::string> expanded(const api::Value& words, const EnvMap& environment) {
    std::vector<std::string> out;
    for (const auto& word : words.items())
        out.push_back(expand(word.as_string(), environment));
    return out;
}

}  // namespace

Kubelet::Step Kubelet::start_container(PodWorker& pod, ContainerWorker& container, const api::Value& spec) {
    container.starting = true;
    if (ensure_image(pod, container, spec) == Step::wait)
        return Step::wait;
    auto config = container_config(pod, container, granted_spec(pod, container.name, spec));
    if (!config.ok()) {
        pod_event(pod, EventType::warning, "Failed", cat("Error: ", config.error().message), container.name);
        container_waits(pod, container, "CreateContainerConfigError", config.error().message, configuration_retry);
        return Step::wait;
    }
    const auto created = runtime_.create_container(pod.sandbox, config.take());
    if (!created.ok()) {
        pod_event(pod, EventType::warning, "Failed", cat("Error: ", created.error().message), container.name);
        container_waits(pod, container, "CreateContainerError", created.error().message, configuration_retry);
        return Step::wait;
    }
    pod_event(pod, EventType::normal, "Created", "Container created", container.name);
    container.id = created.value();
    container.starting = false;
    container.pulled = false;
    container.waiting_reason.clear();
    container.waiting_message.clear();
    const auto started = runtime_.start_container(container.id, id(), process_ended);
    if (!started.ok()) {
        pod_event(pod, EventType::warning, "Failed", cat("Error: ", started.error().message), container.name);
        container.waiting_reason = "RunContainerError";
        container.waiting_message = started.error().message;
        queue_sync(pod.identity.uid, seconds(1));
        return Step::wait;
    }
    pod_event(pod, EventType::normal, "Started", "Container started", container.name);
    look_for_pressure(seconds(2));
    if (begin_post_start(pod, container, spec))
        return Step::wait;
    start_probes(pod, container, spec);
    pod.busy_until = now() + milliseconds(40 + static_cast<std::int64_t>(random_.below(80)));
    queue_sync(pod.identity.uid, {});
    return Step::wait;
}

void Kubelet::container_waits(PodWorker& pod, ContainerWorker& container, std::string_view reason, std::string_view message,
                              Duration retry) {
    container.waiting_reason = reason;
    container.waiting_message = message;
    queue_sync(pod.identity.uid, retry);
}

// -- images -----------------------------------------------------------------------------------------------

// Upstream: pkg/kubelet/kubelet_pods.go (getPullSecretsForPod).
void Kubelet::warn_of_pull_secrets(const PodWorker& pod) {
    std::vector<std::string> missing;
    for (const auto& secret : pod.pod["spec"]["imagePullSecrets"].items()) {
        const auto name = secret["name"].as_string();
        if (!name.empty() && !client_.get(api::kind::secrets, pod.identity.namespace_name, name).ok())
            missing.emplace_back(name);
    }
    if (!missing.empty())
        pod_event(pod, EventType::warning, "FailedToRetrieveImagePullSecret",
                  cat("Unable to retrieve some image pull secrets (", join(missing, ", "),
                      "); attempting to pull the image may not succeed."));
}

Kubelet::Step Kubelet::ensure_image(PodWorker& pod, ContainerWorker& container, const api::Value& spec) {
    if (container.pulled)
        return Step::done;
    if (container.pulling)
        return Step::wait;
    const std::string image = spec["image"].str();
    warn_of_pull_secrets(pod);
    const auto policy = spec["imagePullPolicy"].as_string("IfNotPresent");
    const bool present = runtime_.image_status(image) != nullptr;
    if (present && policy != "Always") {
        pod_event(pod, EventType::normal, "Pulled",
                  cat("Container image ", quoted(image), " already present on machine and can be accessed by the pod"),
                  container.name);
        container.pulled = true;
        return Step::done;
    }
    if (policy == "Never") {
        const std::string message = cat("Container image ", quoted(image), " is not present with pull policy of Never");
        pod_event(pod, EventType::warning, "ErrImageNeverPull", message, container.name);
        pod_event(pod, EventType::warning, "Failed", "Error: ErrImageNeverPull", container.name);
        container_waits(pod, container, "ErrImageNeverPull", message, configuration_retry);
        return Step::wait;
    }
    if (const auto reference = ImageReference::parse(image); !reference.ok()) {
        const std::string message = cat("Failed to apply default image tag ", quoted(image), ": couldn't parse image name ",
                                        quoted(image), ": ", reference.error().message);
        pod_event(pod, EventType::warning, "InspectFailed", message, container.name);
        pod_event(pod, EventType::warning, "Failed", "Error: InvalidImageName", container.name);
        container_waits(pod, container, "InvalidImageName", message, configuration_retry);
        return Step::wait;
    }
    if (container.pull_back_off.holds(container.pull_failed, now(), max_back_off)) {
        if (container.waiting_reason != "ImagePullBackOff") {
            const std::string message = cat("Back-off pulling image ", quoted(image));
            pod_event(pod, EventType::normal, "BackOff", message, container.name);
            pod_event(pod, EventType::warning, "Failed", "Error: ImagePullBackOff", container.name);
            container.waiting_reason = "ImagePullBackOff";
            container.waiting_message = cat(message, ": ", container.pull_error, ": ", container.pull_error_message);
        }
        queue_sync(pod.identity.uid, container.pull_failed + container.pull_back_off.delay - now());
        return Step::wait;
    }
    queue_pull(pod, container, image);
    return Step::wait;
}

void Kubelet::queue_pull(PodWorker& pod, ContainerWorker& container, std::string_view image) {
    container.pulling = true;
    pod_event(pod, EventType::normal, "Pulling", cat("Pulling image ", quoted(image)), container.name);
    pulls_.push_back({std::string(image), pod.identity.uid, container.name, now()});
    if (pulls_.size() == 1)
        start_next_pull();
}

// One at a time, as serializeImagePulls asks.
void Kubelet::start_next_pull() {
    if (pulls_.empty())
        return;
    pull_started_ = now();
    pull_.reset();
    PodIdentity pod;
    if (const PodWorker* found = workers_.find(pulls_[0].uid))
        pod = found->identity;
    pull_error_ = runtime_running_ ? std::string_view() : runtime_unreachable();
    if (!runtime_running_) {
        simulation().schedule(id(), {}, pull_done, sim::Urgency::work, static_cast<std::uint64_t>(pull_started_.ns));
        return;
    }
    auto answer = runtime_.pull_image(pulls_[0].image, pod);
    // A registry that says no takes its time, too.
    const Duration takes = answer.ok() ? answer.value().takes : milliseconds(300 + static_cast<std::int64_t>(random_.below(700)));
    if (answer.ok())
        pull_ = answer.take();
    simulation().schedule(id(), takes, pull_done, sim::Urgency::work, static_cast<std::uint64_t>(pull_started_.ns));
}

void Kubelet::on_pull_done() {
    const PullRequest request = std::move(pulls_.front());
    pulls_.pop_front();
    if (!pull_error_.empty())
        pull_.reset();
    const auto pulled = pull_;
    if (pulled) {
        runtime_.commit_image(*pulled);
        if (!std::exchange(image_gc_planned_, true))
            simulation().schedule(id(), image_gc_delay, image_gc_due, sim::Urgency::background);
        look_for_pressure(seconds(2));
    }
    PodWorker* pod = worker(request.uid);
    ContainerWorker* container = pod ? container_worker(*pod, request.container) : nullptr;
    if (container) {
        container->pulling = false;
        if (pulled) {
            container->pulled = true;
            container->pull_back_off = {};
            const auto whole_ms = [](Duration duration) { return go_duration(milliseconds(duration.whole_ms())); };
            pod_event(*pod, EventType::normal, "Pulled",
                      cat("Successfully pulled image ", quoted(request.image), " in ", whole_ms(now() - pull_started_), " (",
                          whole_ms(now() - request.asked), " including waiting). Image size: ", pulled->remote.size, " bytes."),
                      container->name);
        } else {
            const auto refused = services_.images.resolve(request.image);
            container->pull_error = "ErrImagePull";
            container->pull_error_message = !pull_error_.empty() ? pull_error_ : refused.ok() ? std::string() : refused.error().message;
            container->pull_back_off.next(container->pull_failed, now(), max_back_off);
            container->pull_failed = now();
            pod_event(*pod, EventType::warning, "Failed",
                      cat("Failed to pull image ", quoted(request.image), ": ", container->pull_error_message), container->name);
            pod_event(*pod, EventType::warning, "Failed", "Error: ErrImagePull", container->name);
            container->waiting_reason = "ErrImagePull";
            container->waiting_message = container->pull_error_message;
            update_status(*pod);
        }
        // The error stays to be seen until the next round finds the back-off.
        queue_sync(request.uid, pulled ? Duration{} : seconds(2));
    }
    start_next_pull();
}

// -- configuration ----------------------------------------------------------------------------------------

Result<ContainerConfig> Kubelet::container_config(const PodWorker& pod, const ContainerWorker& container,
                                                  const api::Value& spec) {
    ApiObjectSource source(client_);
    const auto all_services = services();
    const auto allocatable = reported_status_["allocatable"];
    const auto ips = pod_ips(pod);
    const EnvironmentInput input{all_services, services_informer_.synced(), ips, host_ips(), allocatable, source};
    KUBEWALK_TRY(environment, container_environment(pod.pod, spec, input));

    ContainerConfig config;
    config.name = container.name;
    config.attempt = container.restarts;
    config.image = spec["image"].str();
    config.command = expanded(spec["command"], environment);
    config.args = expanded(spec["args"], environment);
    config.hostname = pod.pod["spec"]["hostNetwork"].as_bool() ? options_.node
                                                                : pod_hostname(pod.pod, options_.dns.cluster_domain).name;
    environment["HOSTNAME"] = config.hostname;
    config.environment = std::move(environment);

    const auto& security = spec["securityContext"];
    const auto& pod_security = pod.pod["spec"]["securityContext"];
    const auto& uid = security["runAsUser"].is_int() ? security["runAsUser"] : pod_security["runAsUser"];
    config.uid = uid.as_int(-1);
    const LocalImage* local = runtime_.image_status(config.image);
    config.net_raw = (config.uid < 0 && local ? local->remote.image->uid : config.uid) == 0 && may_send_raw(security);
    const bool non_root = security["runAsNonRoot"].as_bool(pod_security["runAsNonRoot"].as_bool());
    if (non_root && local && (config.uid < 0 ? local->remote.image->uid : config.uid) == 0) {
        const std::string where = cat("(pod: ", quoted(cat(pod.identity.name, "_", pod.identity.namespace_name, "(", pod.identity.uid, ")")),
                                      ", container: ", container.name, ")");
        const auto& user = local->remote.image->user;
        if (config.uid < 0 && !user.empty())
            return Error{"CreateContainerConfigError", cat("container has runAsNonRoot and image has non-numeric user (", user,
                                                           "), cannot verify user is non-root ", where), {}, 0, 0};
        return Error{"CreateContainerConfigError",
                     cat(config.uid == 0 ? "container's runAsUser breaks non-root policy "
                                         : "container has runAsNonRoot and image will run as root ", where), {}, 0, 0};
    }

    // pkg/kubelet/kubelet_pods.go makeMounts
    for (const auto& mount : spec["volumeMounts"].items()) {
        if (const auto missing = without_value(mount["subPathExpr"].as_string(), config.environment); !missing.empty())
            return Error{"CreateContainerConfigError", cat("missing value for ", join(missing, ", ")), {}, 0, 0};
        const auto sub = mount["subPathExpr"].is_string() ? expand(mount["subPathExpr"].as_string(), config.environment) : mount["subPath"].str();
        if (sub.starts_with('/'))
            return Error{"CreateContainerConfigError", cat("error SubPath `", sub, "` must not be an absolute path"), {}, 0, 0};
        for (const auto step : split(sub, '/'))
            if (step == "..")
                return Error{"CreateContainerConfigError", cat("unable to provision SubPath `", sub, "`: must not contain '..'"), {}, 0, 0};
    }
    config.asked = asked_confinement(pod_security, security);
    config.asked.processors = static_cast<int>(api::Quantity::from(options_.cpu).value());
    config.asked.memory = api::Quantity::from(options_.memory).value();
    config.asked.disk = api::Quantity::from(options_.ephemeral_storage).value();
    for (const auto& mount : spec["volumeMounts"].items()) {
        // subpath.SafeMakeDir: a folder that is not there yet is made.
        const auto volume = pod.volumes.find(mount["name"].str());
        const auto sub = mount["subPathExpr"].is_string() ? expand(mount["subPathExpr"].as_string(), config.environment) : mount["subPath"].str();
        if (volume == pod.volumes.end() || volume->second.content || sub.empty())
            continue;
        const auto folder = volume->second.path.empty() ? sub : cat(volume->second.path, "/", sub);
        const auto& stored = services_.disks.files(volume->second.disk);
        const auto next = stored.lower_bound(folder);
        if (next == stored.end() || (next->first != folder && !next->first.starts_with(folder + "/")))
            services_.disks.write(volume->second.disk, folder + "/.", {});
    }
    const auto mounts = container_mounts(spec, pod.volumes, config.environment, services_.disks);
    config.mounts = mounts.mounts;
    config.files = mounts.files;
    config.memory_limit = api::Quantity::from(spec["resources"]["limits"]["memory"]).value();
    config.oom_score_adj = oom_score_adjust(pod.pod["spec"], spec, api::Quantity::from(options_.memory).value());
    config.stdin_open = spec["stdin"].as_bool();
    config.message_path = spec["terminationMessagePath"].str("/dev/termination-log");
    std::vector<std::string> dns_warnings;
    config.files.emplace("/etc/resolv.conf", options_.dns.pod_dns(pod.pod, &dns_warnings).resolv_conf());
    config.files.emplace("/etc/hostname", cat(config.hostname, "\n"));
    const auto& node_files = services_.disks.files(node_disk(options_.node));
    const auto node_hosts = node_files.find("etc/hosts");
    config.files.emplace("/etc/hosts", hosts_file(pod.pod, ips, options_.dns.cluster_domain,
                                                  node_hosts == node_files.end() ? std::string_view()
                                                                                          : std::string_view(node_hosts->second)));
    for (const auto& warning : dns_warnings)
        pod_event(pod, EventType::warning, "DNSConfigForming", warning);
    for (const auto& port : spec["ports"].items()) {
        if (port["protocol"].as_string("TCP") == "TCP")
            config.ports.push_back(port["containerPort"].as_int());
    }
    return config;
}

}  // namespace kubewalk::kubelet
