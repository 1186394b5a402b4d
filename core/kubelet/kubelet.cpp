#include "core/kubelet/kubelet.h"

#include <algorithm>

#include "core/api/kinds.h"
#include "core/base/text.h"
#include "core/kubelet/admission.h"
#include "core/kubelet/status.h"

namespace kubewalk::kubelet {
namespace {

constexpr std::string_view config_mirror = "kubernetes.io/config.mirror";

client::ListOptions on_node(std::string_view node) { return {.label_selector = {}, .field_selector = cat("spec.nodeName=", node)}; }

}  // namespace

Kubelet::Kubelet(RuntimeServices services, KubeletOptions options)
    : services_(services), options_(std::move(options)), name_(cat("kubelet/", options_.node)),
      random_(services.simulation.random().stream(name_)),
      client_(services.transport, name_, cat("system:node:", options_.node)),
      recorder_(client_, "kubelet", options_.node),
      pods_(client_, api::kind::pods, {}, on_node(options_.node)),
      services_informer_(client_, api::kind::services),
      runtime_(services, options_.node, name_, random_.stream("containerd")) {}

void Kubelet::listen() {
    const auto netns = network().machine(options_.node);
    (void)network().listen(netns, {net::Protocol::tcp, {}, 10250, id(), "kubelet"});
    (void)network().listen(netns, {net::Protocol::tcp, net::Ip::v4(127, 0, 0, 1), 10248, id(), "kubelet"});
}

void Kubelet::start() {
    listen();
    ready_ = false;
    auto& disks = services_.disks;
    if (!disks.contains(node_disk(options_.node)))
        disks.put(node_disk(options_.node), relative_files(options_.node_files));
    for (const auto& pod : options_.static_pods)
        start_static_pod(pod);
    manifests_changed();
    simulation().schedule(id(), {}, register_due);
    simulation().schedule(id(), seconds(1), runtime_due, sim::Urgency::background);
    (void)services_informer_.start(simulation(), id(), services_changed);
    pods_changed_by(pods_.start(simulation(), id(), pods_changed));
}

void Kubelet::on_event(const sim::Event& event) {
    if (held_back(event))
        return;
    switch (event.code) {
    case pods_changed:
        if (pods_.handles(event))
            pods_changed_by(pods_.on_event(simulation(), event));
        break;
    case services_changed:
        if (services_informer_.handles(event))
            (void)services_informer_.on_event(simulation(), event);
        break;
    case register_due:
        register_node();
        break;
    case lease_due:
        renew_lease();
        simulation().schedule(id(), seconds(10), lease_due, sim::Urgency::background);
        break;
    case status_due:
        update_node_status(false);
        simulation().schedule(id(), seconds(10), status_due, sim::Urgency::background);
        break;
    case runtime_due:
        check_runtime();
        break;
    case sync_due:
        if (PodWorker* found = worker(event.text)) {
            found->sync_event = 0;
            sync_pod(event.text);
        }
        break;
    case process_ended:
        if (const Container* container = runtime_.container_of(static_cast<sim::ComponentId>(event.number))) {
            const auto* program = static_cast<const Program*>(simulation().look(container->program));
            const auto exit = program ? program->exit_state() : Program::Exit{true, 255, "Unknown"};
            process_has_ended(*container, exit.code, exit.reason, event.at);
        }
        break;
    case pull_done:
        // One that a power cut ended is not the one under way.
        if (!pulls_.empty() && event.number == static_cast<std::uint64_t>(pull_started_.ns))
            on_pull_done();
        break;
    case probe_due:
        on_probe_due(event);
        break;
    case kill_due:
        on_kill_due(event);
        break;
    case term_due:
        on_term_due(event);
        break;
    case post_start_due:
        on_post_start_due(event);
        break;
    case volumes_due:
        on_volumes_due();
        break;
    case pressure_due:
        pressure_event_ = 0;
        on_pressure_due();
        break;
    case runtime_retry_due:
        try_without_runtime(event.text);
        break;
    case image_gc_due:
        image_gc_planned_ = false;
        collect_images();
        break;
    default:
        break;
    }
}

// -- Pods come and go -------------------------------------------------------------------------------------

void Kubelet::pods_changed_by(const std::vector<client::Change>& changes) {
    for (const auto& change : changes) {
        const sim::Simulation::CauseScope scope(simulation(), change.cause ? change.cause : simulation().current_cause());
        const auto& pod = change.object;
        if (!pod["metadata"]["annotations"][config_mirror].is_null()) {
            // A mirror: what runs is the static Pod itself.
            if (const std::string* uid = by_name_.find(api::key_of(pod))) {
                PodWorker& owner = workers_[*uid];
                const bool deleted = change.type == client::WatchType::deleted;
                owner.mirror_uid = deleted ? "" : api::uid_of(pod);
                if (deleted || api::is_deleting(pod))
                    queue_sync(*uid, {});
            }
            continue;
        }
        const std::string uid(api::uid_of(pod));
        if (change.type == client::WatchType::deleted)
            remove_pod(uid);
        else if (workers_.contains(uid))
            update_pod(uid, pod);
        else
            add_pod(pod, Origin::api);
    }
}

void Kubelet::add_pod(const api::Value& pod, Origin origin) {
    PodWorker added;
    added.pod = pod;
    added.origin = origin;
    added.identity = {std::string(api::namespace_of(pod)), std::string(api::name_of(pod)), std::string(api::uid_of(pod))};
    added.status = pod["status"];
    const auto phase = pod["status"]["phase"].as_string();
    if (phase == "Succeeded" || phase == "Failed")
        added.stage = api::is_deleting(pod) ? Stage::syncing : Stage::terminated;
    for (const auto& container : pod["spec"]["initContainers"].items())
        added.init_containers.emplace_back().name = container["name"].str();
    for (const auto& container : pod["spec"]["containers"].items())
        added.containers.emplace_back().name = container["name"].str();
    added.claim = pod_claim(pod["spec"]);
    const std::string uid = added.identity.uid;
    fact("kubelet.pod_added", added.identity, {added.identity.name, options_.node});
    by_name_.set(api::key_of(pod), uid);
    workers_.set(uid, std::move(added));
    queue_sync(uid, {});
}

void Kubelet::update_pod(const std::string& uid, const api::Value& pod) {
    const PodWorker& known = *workers_.find(uid);
    // Our own status writes come back: nothing to do for those.
    const bool spec_same = known.pod["spec"].same(pod["spec"]) || known.pod["spec"] == pod["spec"];
    const bool newly_deleting = api::is_deleting(pod) && !api::is_deleting(known.pod);
    const auto& before = known.pod["metadata"];
    const auto& after = pod["metadata"];
    const bool shorter = before["deletionGracePeriodSeconds"] != after["deletionGracePeriodSeconds"];
    const bool renamed = before["labels"] != after["labels"] || before["annotations"] != after["annotations"];
    PodWorker& updated = workers_[uid];
    updated.pod = pod;
    if (!spec_same)
        updated.claim = pod_claim(pod["spec"]);
    if (renamed && updated.follows_objects)
        refresh_volumes(updated);
    if (newly_deleting || shorter || !spec_same)
        queue_sync(uid, {});
}

void Kubelet::remove_pod(const std::string& uid) {
    PodWorker* found = worker(uid);
    if (!found)
        return;
    found->gone = true;
    if (found->stage == Stage::terminated && runtime_lost_.ns == 0) {
        fact("kubelet.pod_removed", found->identity, {found->identity.name, options_.node});
        runtime_.remove_pod_sandbox(found->sandbox);
        tear_down_volumes(*found);
        const std::string key = cat(found->identity.namespace_name, "/", found->identity.name);
        if (const std::string* current = by_name_.find(key); current && *current == uid)
            by_name_.erase(key);
        workers_.erase(uid);
        // A static Pod may be waiting for its predecessor.
        for (auto& next : std::exchange(waiting_static_, {}))
            start_static_pod(std::move(next));
        return;
    }
    queue_sync(uid, {});  // deleted by force: what runs still has to be stopped
}

// The earliest wish counts.
void Kubelet::queue_sync(const std::string& uid, Duration delay, sim::Urgency urgency) {
    PodWorker* found = worker(uid);
    if (!found)
        return;
    const Time due = std::max(now() + delay, found->busy_until);
    if (found->sync_event != 0 && found->sync_at <= due)
        return;
    if (found->sync_event != 0)
        simulation().cancel(found->sync_event);
    found->sync_at = due;
    found->sync_event = simulation().schedule(id(), due - now(), sync_due, urgency, 0, uid);
}

// -- small helpers ------------------------------------------------------------------------------------------

void Kubelet::fact(std::string_view fact_id, const PodIdentity& pod, std::vector<std::string> args) {
    simulation().record(sim::EntryKind::kubelet, name_, {"pods", pod.namespace_name, pod.name}, {fact_id, args});
}

void Kubelet::pod_event(const PodWorker& about, client::EventType type, std::string_view reason, std::string_view message,
                        std::string_view container) {
    std::string field;
    if (!container.empty())
        field = cat("spec.", list_of(about, container), "{", container, "}");
    recorder_.record(simulation(), about.pod, type, reason, message, field);
}

std::string_view Kubelet::list_of(const PodWorker& about, std::string_view container) const {
    const auto holds = [&](const std::vector<ContainerWorker>& list) {
        return std::any_of(list.begin(), list.end(), [&](const auto& one) { return one.name == container; });
    };
    return holds(about.containers) ? "containers" : holds(about.init_containers) ? "initContainers" : "ephemeralContainers";
}

PodWorker* Kubelet::worker(std::string_view uid) {
    return workers_.contains(uid) ? &workers_[std::string(uid)] : nullptr;
}

ContainerWorker* Kubelet::container_worker(PodWorker& of, std::string_view container) const {
    for (auto* list : {&of.init_containers, &of.containers, &of.ephemeral_containers}) {
        for (auto& candidate : *list) {
            if (candidate.name == container)
                return &candidate;
        }
    }
    return nullptr;
}

const api::Value& Kubelet::container_spec(const PodWorker& of, std::string_view container) const {
    for (const char* list : {"initContainers", "containers", "ephemeralContainers"}) {
        for (const auto& candidate : of.pod["spec"][list].items()) {
            if (candidate["name"].as_string() == container)
                return candidate;
        }
    }
    return api::null_value();
}

std::vector<std::string> Kubelet::pod_ips(const PodWorker& of) const {
    const Sandbox* sandbox = runtime_.sandbox(of.sandbox);
    if (!sandbox || !sandbox->ready)
        return {};
    return sandbox->host_network == HostNetwork::yes ? host_ips() : sandbox->ips;
}

std::vector<std::string> Kubelet::host_ips() const {
    return options_.dns.node_ips.empty() ? std::vector<std::string>{options_.ip.text()} : options_.dns.node_ips;
}

std::vector<api::Value> Kubelet::services() const {
    std::vector<api::Value> all;
    for (const auto& [key, service] : services_informer_.cache())
        all.push_back(service);
    return all;
}

// The serving certificate that a kubelet makes for itself.
std::optional<net::Certificate> Kubelet::tls_certificate(std::string_view, const net::Peer& peer) {
    if (peer.local.port != 10250)
        return std::nullopt;
    return net::Certificate{options_.node, cat(options_.node, "-ca"), {options_.node}};
}

net::HttpResponse Kubelet::serve_http(const net::HttpRequest& request, const net::Peer& peer) {
    net::HttpResponse response;
    response.headers["content-type"] = "text/plain; charset=utf-8";
    if (peer.local.port == 10250 && !peer.tls) {
        response.status = 400;
        response.body = "Client sent an HTTP request to an HTTPS server.\n";
        return response;
    }
    if (peer.local.port == 10248) {
        const bool healthy = request.path == "/healthz";
        response.status = healthy ? 200 : 404;
        response.body = healthy ? "ok" : "404 page not found\n";
        return response;
    }
    response.status = 401;  // nobody's certificate or token
    response.body = "Unauthorized";
    return response;
}

}  // namespace kubewalk::kubelet
