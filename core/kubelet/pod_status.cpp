// The status a Pod shows, and writing it. Upstream: pkg/kubelet/kubelet_pods.go (generateAPIPodStatus,
// convertToAPIContainerStatuses), pkg/kubelet/status/status_manager.go.

#include "core/api/kinds.h"
#include "core/base/text.h"
#include "core/kubelet/kubelet.h"
#include "core/kubelet/status.h"

namespace kubewalk::kubelet {
namespace {

using api::Value;

Value time_text(Time time) { return time.ns == 0 ? Value() : Value(to_rfc3339(time)); }

// runc never started it: the runtime's zero is what the kubelet shows.
Value started_text(const Container& dead) {
    return dead.started.ns == 0 && dead.reason == "StartError" ? Value("1970-01-01T00:00:00Z") : time_text(dead.started);
}

// FallbackToLogsOnError: the end of the log. pkg/kubelet/kuberuntime/kuberuntime_container.go getTerminationMessage,
// MaxContainerTerminationMessageLogLength and -Lines in pkg/kubelet/container.
std::string message_of(const Container& dead, const Value& spec) {
    constexpr std::size_t most_bytes = 2048;
    constexpr std::size_t most_lines = 80;
    if (!dead.message.empty() || dead.exit_code == 0 || spec["terminationMessagePolicy"].as_string() != "FallbackToLogsOnError")
        return dead.message;
    std::vector<std::string> lines;
    for (std::size_t i = dead.log.size() > most_lines ? dead.log.size() - most_lines : 0; i < dead.log.size(); ++i)
        lines.push_back(dead.log[i].text);
    const auto text = join(lines, "\n");
    return text.size() > most_bytes ? text.substr(text.size() - most_bytes) : text;
}

Value terminated_state(const Container& dead, const Value& spec) {
    auto out = Value::object({{"containerID", cat("containerd://", dead.id)},
                              {"exitCode", dead.exit_code},
                              {"finishedAt", time_text(dead.finished)},
                              {"reason", dead.reason},
                              {"startedAt", started_text(dead)}});
    if (auto message = message_of(dead, spec); !message.empty())
        out.set("message", std::move(message));
    return Value::object({{"terminated", std::move(out)}});
}

Value mounts_of(const Value& spec) {
    auto out = Value::array();
    for (const auto& mount : spec["volumeMounts"].items()) {
        auto item = Value::object({{"mountPath", mount["mountPath"]}, {"name", mount["name"]}});
        if (mount["readOnly"].as_bool()) {
            item.set("readOnly", true);
            item.set("recursiveReadOnly", mount["recursiveReadOnly"].as_string("Disabled"));
        }
        out.push_back(std::move(item));
    }
    return out;
}

// The condition that tells Job controllers and readers that the Pod did not fail by itself.
Value with_disruption(Value conditions, const Ending& ending, const Value& pod, Time now) {
    for (const auto& known : conditions.items()) {
        if (known["type"].as_string() == "DisruptionTarget")
            return conditions;
    }
    auto condition = Value::object({{"type", "DisruptionTarget"},
                                    {"status", "True"},
                                    {"lastProbeTime", nullptr},
                                    {"lastTransitionTime", to_rfc3339(now)},
                                    {"reason", "TerminationByKubelet"},
                                    {"message", ending.message}});
    if (const auto generation = pod["metadata"]["generation"].as_int(); generation != 0)
        condition.set("observedGeneration", generation);
    conditions.push_back(std::move(condition));
    return conditions;
}

// Upstream: pkg/kubelet/status/status_manager.go (SetPodResizePendingCondition).
Value resize_pending(const PodWorker& pod, const Value& known, Time now) {
    Value condition = Value::object({{"type", "PodResizePending"},
                                     {"status", "True"},
                                     {"lastProbeTime", nullptr},
                                     {"lastTransitionTime", to_rfc3339(now)},
                                     {"reason", pod.resize_refused},
                                     {"message", pod.resize_message}});
    if (const auto generation = pod.pod["metadata"]["generation"].as_int(); generation != 0)
        condition.set("observedGeneration", generation);
    for (const auto& before : known.items())
        if (before["type"].as_string() == "PodResizePending")
            condition.set("lastTransitionTime", before["lastTransitionTime"]);
    return condition;
}

// Parts that say the same become the same in memory, so that a new revision keeps and the API server reads only what
// is new. True when all of it says the same.
bool share(Value& fresh, const Value& before) {
    if (fresh.same(before))
        return true;
    if (fresh.type() != before.type())
        return false;
    if (!fresh.is_array() && !fresh.is_object()) {
        if (fresh != before)
            return false;
        fresh = before;
        return true;
    }
    bool all = fresh.size() == before.size();
    if (fresh.is_array()) {
        for (std::size_t i = 0; i < fresh.size(); ++i)
            if (!fresh[i].same(before[i]) && !share(fresh.edit_at(i), before[i]))
                all = false;
    } else {
        // Both lists are sorted, and equal keys are the same text in memory.
        const auto known = before.members();
        std::size_t at = 0;
        for (std::size_t i = 0; i < fresh.size(); ++i) {
            const Value::Member& member = fresh.members()[i];
            while (at < known.size() && &known[at].key != &member.key && known[at].key < member.key)
                ++at;
            if (at == known.size() || &known[at].key != &member.key)
                all = false;
            else if (!member.value.same(known[at].value) && !share(fresh.edit(member.key), known[at].value))
                all = false;
        }
    }
    if (all)
        fresh = before;
    return all;
}

}  // namespace

Value Kubelet::container_status(const PodWorker& pod, const ContainerWorker& container, const Value& spec, bool init) const {
    const Container* instance = runtime_.container(container.id);
    const Container* before = container.last_id == container.id ? nullptr : runtime_.container(container.last_id);
    auto status = Value::object({{"name", container.name}, {"restartCount", container.restarts}});
    bool running = false;
    Value state = Value::object();
    Value last = Value::object();
    if (instance && instance->state == ContainerState::running && !container.in_post_start) {
        running = true;
        state = Value::object({{"running", Value::object({{"startedAt", time_text(instance->started)}})}});
    } else if (instance && instance->state == ContainerState::exited && container.waiting_reason.empty()) {
        state = terminated_state(*instance, spec);
    } else {
        const bool waits_for_init = !pod.init_containers.empty() && container.waiting_reason.empty();
        auto waiting = Value::object({{"reason", !container.waiting_reason.empty() ? Value(container.waiting_reason)
                                                 : waits_for_init                 ? Value("PodInitializing")
                                                                                  : Value("ContainerCreating")}});
        if (!container.waiting_message.empty())
            waiting.set("message", container.waiting_message);
        state = Value::object({{"waiting", std::move(waiting)}});
        if (instance && instance->state == ContainerState::exited)
            before = instance;
    }
    if (before && before->state == ContainerState::exited)
        last = terminated_state(*before, spec);
    const bool done_init = init && !is_sidecar(spec) && instance && instance->state == ContainerState::exited &&
                           instance->exit_code == 0;
    status.set("state", std::move(state));
    status.set("lastState", std::move(last));
    status.set("ready", (running && container.ready) || done_init);
    status.set("started", running && container.started);
    status.set("image", spec["image"]);
    status.set("imageID", "");
    if (instance) {
        const LocalImage* local = runtime_.image_status(instance->config.image);
        status.set("image", local ? local->remote.reference : instance->config.image);
        status.set("imageID", instance->image_id);
        status.set("containerID", cat("containerd://", instance->id));
    }
    if (spec["resources"].is_object() && !spec["resources"].empty()) {
        status.set("resources", spec["resources"]);
        if (spec["resources"]["requests"].is_object())
            status.set("allocatedResources", spec["resources"]["requests"]);
    }
    if (auto mounts = mounts_of(spec); !mounts.empty())
        status.set("volumeMounts", std::move(mounts));
    return status;
}

Value Kubelet::make_status(const PodWorker& pod) const {
    const auto& spec = pod.pod["spec"];
    auto init = Value::array();
    auto regular = Value::array();
    std::vector<Value> all;
    for (const auto& container : pod.init_containers) {
        init.push_back(container_status(pod, container, granted_spec(pod, container.name, container_spec(pod, container.name)), true));
        all.push_back(init[init.size() - 1]);
    }
    for (const auto& container : pod.containers) {
        regular.push_back(container_status(pod, container, granted_spec(pod, container.name, container_spec(pod, container.name)), false));
        all.push_back(regular[regular.size() - 1]);
    }
    auto ephemeral = Value::array();
    for (const auto& container : pod.ephemeral_containers)
        ephemeral.push_back(container_status(pod, container, container_spec(pod, container.name), false));
    const auto terminal = pod.stage == Stage::terminated ? Terminal::yes : Terminal::no;
    std::string phase(pod_phase(spec, all, terminal));
    const auto before = pod.pod["status"]["phase"].as_string();
    if (before == "Succeeded" || before == "Failed")
        phase = before;  // there is no way back
    else if (pod.ending && terminal == Terminal::yes)
        phase = "Failed";
    else if (pod.stage == Stage::terminating && (phase == "Failed" || phase == "Succeeded"))
        phase = before.empty() ? "Pending" : std::string(before);  // not before all its containers have ended

    Value status = Value::object({{"phase", phase}, {"qosClass", pod.pod["status"]["qosClass"].as_string(qos_class(spec))}});
    if (const auto generation = pod.pod["metadata"]["generation"].as_int(); generation != 0)
        status.set("observedGeneration", generation);
    const Sandbox* sandbox = runtime_.sandbox(pod.sandbox);
    const auto& known = pod.origin == Origin::file ? pod.status["conditions"] : pod.pod["status"]["conditions"];
    const bool has_network = sandbox && sandbox->ready;
    auto conditions = pod_conditions({pod.pod, init, regular, phase, has_network}, known, now());
    if (pod.ending && pod.ending->disruption)
        conditions = with_disruption(std::move(conditions), *pod.ending, pod.pod, now());
    if (!pod.resize_refused.empty())
        conditions.push_back(resize_pending(pod, known, now()));
    status.set("conditions", std::move(conditions));
    if (!ephemeral.empty())
        status.set("ephemeralContainerStatuses", std::move(ephemeral));
    if (!init.empty())
        status.set("initContainerStatuses", std::move(init));
    status.set("containerStatuses", std::move(regular));
    if (!pod.start_time.is_null())
        status.set("startTime", pod.start_time);
    const auto hosts = host_ips();
    const auto list_of = [](const std::vector<std::string>& ips) {
        auto list = Value::array();
        for (const auto& ip : ips)
            list.push_back(Value::object({{"ip", ip}}));
        return list;
    };
    status.set("hostIP", hosts[0]);
    status.set("hostIPs", list_of(hosts));
    auto ips = sort_pod_ips(pod_ips(pod), hosts);
    if (ips.empty() && spec["hostNetwork"].as_bool())
        ips = hosts;
    if (pod.ending && terminal == Terminal::yes) {
        status.set("reason", pod.ending->reason);
        status.set("message", pod.ending->message);
    }
    for (const auto& key : {"reason", "message"}) {
        if (pod.pod["status"][key].is_string() && before == phase)
            status.set(key, pod.pod["status"][key]);
    }
    if (!ips.empty()) {
        status.set("podIP", ips[0]);
        status.set("podIPs", list_of(ips));
    } else if (pod.stage == Stage::terminated && pod.status["podIP"].is_string()) {
        // The address is given back, the record of it stays.
        status.set("podIP", pod.status["podIP"]);
        status.set("podIPs", pod.status["podIPs"]);
    }
    return status;
}

// Writes the status when it differs from what was written last.
void Kubelet::update_status(PodWorker& pod) {
    Value status = make_status(pod);
    if (share(status, pod.status) || pod.gone)
        return;
    if (pod.origin == Origin::file && pod.mirror_uid.empty()) {
        pod.status = {};  // nowhere to write it yet
        return;
    }
    Value patch = status;
    for (const auto& member : pod.status.members()) {
        if (!status.contains(member.key))
            patch.set(member.key, Value());  // JSON merge patch: null removes
    }
    const auto& uid = pod.origin == Origin::file ? pod.mirror_uid : pod.identity.uid;
    const auto body = Value::object({{"metadata", Value::object({{"uid", uid}})}, {"status", std::move(patch)}});
    const auto written = client_.typed().patch(api::kind::pods, pod.identity.namespace_name, pod.identity.name,
                                       client::PatchType::merge, body, "status");
    if (written.ok()) {
        pod.status = status;
        if (pod.origin == Origin::api)
            pod.pod.set("status", written.value()["status"]);
    } else if (written.error().reason != "NotFound") {
        queue_sync(pod.identity.uid, seconds(1), sim::Urgency::background);  // until somebody answers
    }
}

}  // namespace kubewalk::kubelet
