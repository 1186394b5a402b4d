// What a frame of the Cluster view costs with 5,000 nodes and 150,000 Pods: the interface alone, headless, on
// one core. Prints milliseconds; judges nothing.

#include "tests/bench/views/measure.h"
#include "web/ui/imgui.h"

using namespace kubewalk;
using views_bench::measure;
using views_bench::print;

namespace {

constexpr int node_count = 5000;
constexpr int pods_per_node = 30;

view::PodChip pod_of(int node, int number) {
    view::PodChip pod;
    int app = (node * pods_per_node + number) % 40;
    pod.namespace_name = app % 5 == 0 ? "kube-system" : "team-" + std::to_string(app % 8);
    pod.app = "app-" + std::to_string(app);
    pod.name = pod.app + "-7d5b8f9c6-" + std::to_string(node) + "-" + std::to_string(number);
    pod.ip = "10." + std::to_string(128 + node / 256) + "." + std::to_string(node % 256) + "." + std::to_string(number + 2);
    pod.phase = number == 7 && node % 50 == 0 ? "CrashLoopBackOff" : "Running";
    pod.health = pod.phase == "Running" ? view::Health::healthy : view::Health::failed;
    pod.owner = "ReplicaSet/" + pod.app + "-7d5b8f9c6";
    return pod;
}

view::Architecture large_cluster() {
    view::Architecture out;
    out.components.push_back({"kubectl", "kubectl", "", "", view::Health::healthy});
    for (int n = 0; n < node_count; ++n) {
        view::NodeBox node;
        node.name = "node-" + std::to_string(n);
        node.ip = "172.16." + std::to_string(n / 256) + "." + std::to_string(n % 256);
        node.health = n % 701 == 0 ? view::Health::failed : view::Health::healthy;
        for (int p = 0; p < pods_per_node; ++p) {
            node.pods.push_back(pod_of(n, p));
            node.pods.back().node = node.name;
        }
        out.nodes.push_back(std::move(node));
    }
    out.namespaces = {"default", "kube-system"};
    for (int t = 0; t < 8; ++t) out.namespaces.push_back("team-" + std::to_string(t));
    for (int a = 0; a < 40; ++a) {
        std::string space = a % 5 == 0 ? "kube-system" : "team-" + std::to_string(a % 8);
        out.workloads.push_back({space, "Deployment", "app-" + std::to_string(a), "", 3750, 3750});
        view::ServiceBox service;
        service.namespace_name = space;
        service.name = "app-" + std::to_string(a);
        service.type = "ClusterIP";
        out.services.push_back(service);
    }
    return out;
}

}  // namespace

void views_bench::cluster_view() {
    ui_tests::Harness harness;
    harness.state.model.architecture = large_cluster();
    harness.state.model.inspected = {};
    ++harness.state.model.revision;
    harness.click("view/tabs/cluster");
    ImGuiIO& io = ImGui::GetIO();
    harness.frames(5);
    const ui::Item* ground = harness.interface.items().find("view/cluster/ground");
    ImVec2 middle = ground ? ground->box.GetCenter() : ImVec2(720, 400);
    io.AddMousePosEvent(middle.x, middle.y);
    harness.frames(3);

    print("the whole cluster, pointer moving", measure(harness, 200, [&](int i) { io.AddMousePosEvent(middle.x + static_cast<float>(i % 100), middle.y); }));
    io.AddMousePosEvent(middle.x, middle.y);
    print("zooming in, 60 steps", measure(harness, 60, [&](int) { io.AddMouseWheelEvent(0, 0.45f); }));
    print("near: Pods with names, pointer moving", measure(harness, 200, [&](int i) { io.AddMousePosEvent(middle.x + static_cast<float>(i % 100), middle.y); }));
    print("zooming out, 60 steps", measure(harness, 60, [&](int) { io.AddMouseWheelEvent(0, -0.45f); }));
    print("a new snapshot every frame (laid out anew)", measure(harness, 30, [&](int) { ++harness.state.model.revision; }));
}
