// What the node does when memory or disk runs out: conditions, evictions, the images that nobody uses. It looks
// when something has changed, and every ten seconds while a threshold is met.
// Upstream: pkg/kubelet/eviction/{eviction_manager,helpers}.go, pkg/kubelet/images/image_gc_manager.go.

#include <algorithm>

#include "core/api/kinds.h"
#include "core/api/quantity.h"
#include "core/base/text.h"
#include "core/kubelet/admission.h"
#include "core/kubelet/kubelet.h"

namespace kubewalk::kubelet {
namespace {

using client::EventType;

constexpr std::int64_t memory_threshold = std::int64_t{100} << 20;  // memory.available<100Mi
constexpr std::int64_t disk_threshold_percent = 10;                 // nodefs.available<10%
constexpr Duration look_period = seconds(10);
constexpr Duration transition_period = minutes(5);  // a condition stays at least so long
constexpr Duration eviction_grace = seconds(1);
constexpr std::int64_t gc_high_percent = 85;
constexpr std::int64_t gc_low_percent = 80;
constexpr Duration gc_period = minutes(5);
constexpr Duration gc_minimum_age = minutes(2);

std::string bytes_text(std::int64_t bytes) { return api::Quantity::of(bytes, api::Quantity::Format::binary_si).str(); }

struct Candidate {
    std::string uid;
    bool over_request = false;
    std::int64_t priority = 0;
    std::int64_t over = 0;  // bytes beyond the request
};

// Who goes first: those beyond their request, then the less important, then the greedier.
bool before(const Candidate& a, const Candidate& b) {
    if (a.over_request != b.over_request)
        return a.over_request;
    if (a.priority != b.priority)
        return a.priority < b.priority;
    return a.over > b.over;
}

}  // namespace

std::vector<Kubelet::ContainerUsage> Kubelet::usage() const {
    std::vector<ContainerUsage> out;
    for (const auto& [id, container] : runtime_.containers()) {
        const auto* program = static_cast<const Program*>(container.program == 0 ? nullptr : simulation().look(container.program));
        if (container.state != ContainerState::running || !program)
            continue;
        const auto& pod = runtime_.pod_of(container);
        out.push_back({pod.namespace_name, pod.name, container.config.name, container.started,
                       program->usage(container.started, now())});
    }
    return out;
}

Usage Kubelet::node_usage() const {
    constexpr std::int64_t system_cpu_permille = 60;
    Usage sum{Duration{now().ns / 1000 * system_cpu_permille}, options_.system_memory};
    for (const auto& one : usage()) {
        sum.cpu = sum.cpu + one.usage.cpu;
        sum.memory += one.usage.memory;
    }
    return sum;
}

std::int64_t Kubelet::pod_memory(const PodWorker& pod) const {
    std::int64_t sum = 0;
    for (const auto* list : {&pod.init_containers, &pod.containers, &pod.ephemeral_containers}) {
        for (const auto& container : *list) {
            const Container* instance = runtime_.container(container.id);
            if (!instance || instance->state != ContainerState::running)
                continue;
            if (const auto* program = static_cast<const Program*>(simulation().look(instance->program)))
                sum += program->usage(instance->started, now()).memory;
        }
    }
    return sum;
}

Kubelet::Available Kubelet::available() const {
    Available left{api::Quantity::from(options_.memory).value() - options_.system_memory,
                   api::Quantity::from(options_.ephemeral_storage).value() - options_.system_disk - runtime_.images_bytes()};
    for (const auto& [id, container] : runtime_.containers()) {
        const auto* program = static_cast<const Program*>(container.program == 0 ? nullptr : simulation().look(container.program));
        if (container.state == ContainerState::running && program)
            left.memory -= program->usage(container.started, now()).memory;
    }
    return left;
}

// The earliest wish counts.
void Kubelet::look_for_pressure(Duration delay) {
    const Time due = now() + delay;
    if (pressure_event_ != 0 && pressure_at_ <= due)
        return;
    if (pressure_event_ != 0)
        simulation().cancel(pressure_event_);
    pressure_at_ = due;
    pressure_event_ = simulation().schedule(id(), delay, pressure_due, sim::Urgency::background);
}

void Kubelet::on_pressure_due() {
    const Available left = kill_for_memory();
    const std::int64_t disk = api::Quantity::from(options_.ephemeral_storage).value();
    const bool memory_met = left.memory < memory_threshold;
    const bool disk_met = left.disk < disk / 100 * disk_threshold_percent;
    if (memory_met)
        memory_pressed_ = now();
    if (disk_met)
        disk_pressed_ = now();
    const auto holds = [&](Time last) { return last.ns != 0 && now() - last < transition_period; };
    const bool memory = holds(memory_pressed_);
    const bool on_disk = holds(disk_pressed_);
    if (memory != memory_pressure_)
        node_event(EventType::normal, memory ? "NodeHasInsufficientMemory" : "NodeHasSufficientMemory",
                   cat("Node ", options_.node, " status is now: ", memory ? "NodeHasInsufficientMemory" : "NodeHasSufficientMemory"));
    if (on_disk != disk_pressure_)
        node_event(EventType::normal, on_disk ? "NodeHasDiskPressure" : "NodeHasNoDiskPressure",
                   cat("Node ", options_.node, " status is now: ", on_disk ? "NodeHasDiskPressure" : "NodeHasNoDiskPressure"));
    const bool changed = memory != memory_pressure_ || on_disk != disk_pressure_;
    memory_pressure_ = memory;
    disk_pressure_ = on_disk;
    if (changed) {
        simulation().record(sim::EntryKind::kubelet, name_, {"nodes", {}, options_.node},
                            {memory || on_disk ? "kubelet.pressure" : "kubelet.no_pressure", {options_.node}});
        update_node_status(true);
    }
    if (evict_over_own_limits() || memory_met || disk_met || memory || on_disk)
        look_for_pressure(look_period);
    if (disk_met)
        collect_images();
    if (memory_met)
        evict_for("memory", bytes_text(memory_threshold), left.memory);
    else if (disk_met && available().disk < disk / 100 * disk_threshold_percent)
        evict_for("ephemeral-storage", bytes_text(disk / 100 * disk_threshold_percent), left.disk);
}

// More than there is: the kernel does not wait for the kubelet. It kills the process with the highest badness, its
// share of memory in thousandths plus oom_score_adj. Linux mm/oom_kill.c (oom_badness); the kubelet tells of it:
// pkg/kubelet/oom/oom_watcher_linux.go.
Kubelet::Available Kubelet::kill_for_memory() {
    const auto total = api::Quantity::from(options_.memory).value();
    Available left = available();
    for (; left.memory < 0; left = available()) {
        std::string victim;
        std::int64_t worst = 0;
        for (const auto& [id, container] : runtime_.containers()) {
            const auto* program = static_cast<const Program*>(container.program == 0 ? nullptr : simulation().find(container.program));
            if (container.state != ContainerState::running || !program)
                continue;
            const auto badness = program->usage(container.started, now()).memory * 1000 / total + container.config.oom_score_adj;
            if (badness > worst) {
                worst = badness;
                victim = id;
            }
        }
        const Container* found = runtime_.container(victim);
        if (!found)
            break;  // what is left may not be killed
        const auto process = found->argv.empty() ? std::string() : found->argv.front().substr(found->argv.front().rfind('/') + 1);
        node_event(EventType::warning, "SystemOOM",
                   cat("System OOM encountered, victim process: ", process, ", pid: ", 4000 + found->program));
        constexpr int killed = 137;
        process_has_ended(*found, killed, "OOMKilled", now());
    }
    return left;
}

void Kubelet::evict_for(std::string_view resource, std::string_view threshold, std::int64_t left) {
    node_event(EventType::warning, "EvictionThresholdMet", cat("Attempting to reclaim ", resource));
    std::vector<Candidate> candidates;
    for (const auto& [uid, pod] : workers_) {
        if (pod.stage != Stage::syncing || is_critical(pod.pod) || pod.ending)
            continue;
        const std::int64_t used = resource == "memory" ? pod_memory(pod) : 0;
        if (used == 0 && resource == "memory")
            continue;
        candidates.push_back({uid, used > pod.claim.memory, pod.pod["spec"]["priority"].as_int(), used - pod.claim.memory});
    }
    if (candidates.empty())
        return;
    PodWorker& victim = workers_[std::min_element(candidates.begin(), candidates.end(), before)->uid];
    std::string message = cat("The node was low on resource: ", resource, ". Threshold quantity: ", threshold, ", available: ",
                              bytes_text(left), ". ");
    for (const auto& container : victim.containers) {
        const Container* instance = runtime_.container(container.id);
        const auto* program = static_cast<const Program*>(instance ? simulation().look(instance->program) : nullptr);
        const std::int64_t used = program && resource == "memory" ? program->usage(instance->started, now()).memory : 0;
        const auto request = api::Quantity::from(container_spec(victim, container.name)["resources"]["requests"][resource]);
        if (used > request.value())
            append(message, "Container ", container.name, " was using ", bytes_text(used), ", request is ", request.str(),
                   ", has larger consumption of ", resource, ". ");
    }
    evict(victim, std::move(message));
}

void Kubelet::evict(PodWorker& pod, std::string message) {
    fact("kubelet.evicted", pod.identity, {pod.identity.name, message});
    pod_event(pod, EventType::warning, "Evicted", message);
    end_pod(pod, {"Evicted", std::move(message), true, eviction_grace});
}

// Pods whose emptyDirs hold more than their sizeLimit. True while there are any with such a limit.
bool Kubelet::evict_over_own_limits() {
    bool limited = false;
    std::vector<std::pair<std::string, std::string>> over;  // uid, message
    for (const auto& [uid, pod] : workers_) {
        if (pod.stage != Stage::syncing || !pod.limits_volumes || pod.ending)
            continue;
        for (const auto& volume : pod.pod["spec"]["volumes"].items()) {
            const auto& limit = volume["emptyDir"]["sizeLimit"];
            const auto known = pod.volumes.find(volume["name"].str());
            if (limit.is_null() || known == pod.volumes.end())
                continue;
            limited = true;
            const auto quantity = api::Quantity::from(limit);
            if (!quantity.is_zero() && services_.disks.bytes(known->second.disk) > quantity.value())
                over.emplace_back(uid, cat("Usage of EmptyDir volume ", quoted(known->first), " exceeds the limit ",
                                           quoted(quantity.str()), ". "));
        }
    }
    for (auto& [uid, message] : over) {
        PodWorker& pod = workers_[uid];
        if (!pod.ending)
            evict(pod, std::move(message));
    }
    return limited;
}

// Images without a container go, those first that have not been used for longest.
void Kubelet::collect_images() {
    const std::int64_t capacity = api::Quantity::from(options_.ephemeral_storage).value();
    const auto used = [&] { return capacity - available().disk; };
    if (used() < capacity / 100 * gc_high_percent)
        return;
    if (!std::exchange(image_gc_planned_, true))
        simulation().schedule(id(), gc_period, image_gc_due, sim::Urgency::background);
    std::vector<std::pair<Time, std::string>> unused;
    for (const auto& [reference, local] : runtime_.images()) {
        bool in_use = false;
        for (const auto& [id, container] : runtime_.containers()) {
            const LocalImage* image = runtime_.image_status(container.config.image);
            in_use |= image && image->remote.reference == reference;
        }
        if (!in_use && now() - local.pulled >= gc_minimum_age)
            unused.emplace_back(local.last_used, reference);
    }
    std::sort(unused.begin(), unused.end());
    const std::int64_t wanted = used() - capacity / 100 * gc_low_percent;
    const std::int64_t before_gc = used();
    for (const auto& [when, reference] : unused) {
        if (used() <= capacity / 100 * gc_low_percent)
            break;
        runtime_.remove_image(reference);
    }
    const std::int64_t freed = before_gc - used();
    if (freed < wanted)
        node_event(EventType::warning, "FreeDiskSpaceFailed",
                   cat("Failed to garbage collect required amount of images. Attempted to free ", wanted,
                       " bytes, but only found ", freed, " bytes eligible to free."));
}

std::vector<CriCall> Kubelet::recent_calls(std::string_view namespace_name, std::string_view pod) const {
    const std::string key = cat(namespace_name, "/", pod);
    std::vector<CriCall> out;
    for (const auto& call : runtime_.recent_calls()) {
        if (call.pod == key)
            out.push_back(call);
    }
    return out;
}

}  // namespace kubewalk::kubelet
