// The four views, the inspector's lists and the time bar, without a window.

#include <doctest/doctest.h>

#include "tests/ui/harness.h"
#include "web/ui/architecture_layout.h"
#include "web/ui/architecture_light.h"
#include "web/ui/cluster_layout.h"
#include "web/ui/cluster_overview.h"
#include "web/ui/imgui.h"
#include "web/ui/traffic_layout.h"

using namespace kubewalk;
using namespace kubewalk::ui_tests;
using app::ActionKind;

namespace {

sim::Entry entry(sim::CauseId id, sim::EntryKind kind, std::string who, sim::Fact fact, sim::ObjectRef object = {}) {
    sim::Entry out;
    out.id = id;
    out.at = Time{static_cast<std::int64_t>(id) * 1'000'000'000};
    out.kind = kind;
    out.component = std::move(who);
    out.object = std::move(object);
    out.fact = std::move(fact);
    return out;
}

view::Story demo_story() {
    view::Story story;
    story.touched = {"kubectl", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubelet/node-1"};
    sim::ObjectRef pod{"pods", "sock-shop", "carts-666b98fdc4-x2p4q"};
    story.chain = {entry(1, sim::EntryKind::action, "learner", {"action.command", {"kubectl scale"}}),
                   entry(2, sim::EntryKind::api_call, "kubectl", {"api.call", {"PATCH", "/apis", "200"}}),
                   entry(3, sim::EntryKind::watch, "replicaset-controller", {"watch.event", {"MODIFIED"}}),
                   entry(4, sim::EntryKind::api_call, "replicaset-controller", {"api.call", {"POST", "/api", "201"}}, pod),
                   entry(5, sim::EntryKind::schedule, "kube-scheduler", {"scheduler.chose", {"a", "node-1"}}, pod),
                   entry(6, sim::EntryKind::cri, "kubelet/node-1", {"cri.StartContainer", {"carts"}}, pod)};
    return story;
}

void select_pod(Harness& h) {
    h.state.model.inspected = {};
    h.state.model.inspected.object = {"pods", "sock-shop", "carts-666b98fdc4-x2p4q"};
    h.state.model.inspected.kind = "Pod";
    h.state.model.inspected.exists = true;
    ++h.state.model.revision;
    h.frames(2);
}

}  // namespace

TEST_CASE("architecture: processes, machines and wires are stopped, cut and mended on the canvas") {
    Harness h;
    CHECK(h.click("view/architecture/board/kube-scheduler/power"));
    REQUIRE(h.last(ActionKind::stop_component));
    CHECK(h.last(ActionKind::stop_component)->text == "kube-scheduler");
    CHECK(h.click("view/architecture/board/kube-proxy/node-1/power"));
    CHECK(h.last(ActionKind::stop_component)->text == "kube-proxy/node-1");
    for (auto& component : h.state.model.architecture.components)
        if (component.id == "kube-scheduler") component.health = view::Health::stopped;
    CHECK(h.click("view/architecture/board/kube-scheduler/power"));
    CHECK(h.last(ActionKind::start_component));
    CHECK(h.click("view/architecture/board/node/node-1/power"));
    CHECK(h.last(ActionKind::fault)->text == "node stop node-1");
    CHECK(h.click("view/architecture/board/node/node-1/link"));
    CHECK(h.last(ActionKind::fault)->text == "link cut node-1");
    h.state.model.architecture.nodes[1].link_cut = true;
    h.state.model.architecture.nodes[1].link_fault = "cut";
    h.frames(2);
    CHECK(h.click("view/architecture/board/node/node-1/link"));
    CHECK(h.last(ActionKind::fault)->text == "link restore node-1");
    CHECK(h.click("view/architecture/board/node/node-2/title"));
    CHECK(h.last(ActionKind::select_object)->object == sim::ObjectRef{"nodes", "", "node-2"});
}

TEST_CASE("architecture: the chain of causes has one number a component, and each goes to its moment") {
    Harness h;
    auto links = ui::links_of(demo_story());
    REQUIRE(links.size() == 4);
    CHECK(links[0].box == "kubectl");
    CHECK(links[1].component == "replicaset-controller");
    CHECK(links[1].box == "kube-controller-manager");
    CHECK(links[3].box == "runtime/node-1");
    h.state.model.story = demo_story();
    select_pod(h);
    CHECK(h.has("view/architecture/trail/4"));
    CHECK(h.click("view/architecture/trail/2"));
    REQUIRE(h.last(ActionKind::seek));
    CHECK(h.last(ActionKind::seek)->number == doctest::Approx(4));
}

TEST_CASE("cluster: Pods keep their places when others come and go") {
    Harness h;
    view::Architecture& snapshot = h.state.model.architecture;
    ui::ClusterChoice choice;
    ui::ClusterMemory memory;
    auto place = [&](const std::string& pod) {
        auto layout = ui::lay_out_cluster(snapshot, choice, memory);
        return layout.chips[layout.chip_of.at(pod)].box.Min;
    };
    auto before = place("sock-shop/orders-5c6d7f8b9-7k4bn");
    // One whose name comes first appears, another goes.
    view::PodChip fresh = snapshot.nodes[1].pods[0];
    fresh.name = "aaa-1";
    snapshot.nodes[1].pods.insert(snapshot.nodes[1].pods.begin(), fresh);
    auto after = place("sock-shop/orders-5c6d7f8b9-7k4bn");
    CHECK(before.x == after.x);
    CHECK(before.y == after.y);
    snapshot.nodes[1].pods.erase(snapshot.nodes[1].pods.begin() + 1);
    after = place("sock-shop/orders-5c6d7f8b9-7k4bn");
    CHECK(before.x == after.x);
    CHECK(before.y == after.y);
}

TEST_CASE("cluster: at 1280x720 Services stand inside the canvas too") {
    Harness h;
    ImGui::GetIO().DisplaySize = ImVec2(1280, 720);
    h.click("view/tabs/cluster");
    h.frames(4);
    const ui::Item* view = h.interface.items().find("panel/cluster");
    REQUIRE(view);
    bool seen = false;
    for (const ui::Item& item : h.interface.items().items())
        if (item.path.find("/services/") != std::string::npos) {
            seen = true;
            CHECK(item.box.Max.x <= view->box.Max.x);
        }
    CHECK(seen);
}

TEST_CASE("architecture: of a key that is too long the namespace goes first") {
    Harness h;
    const ui::Fonts& fonts = h.interface.fonts();
    const ui::TextStyle code{ui::Face::code, 10.5f, 0};
    const float all = fonts.width("Deployment sock-shop/queue-master", code) + 1, name = fonts.width("Deployment queue-master", code) + 1;
    CHECK(ui::shown_key(fonts, "Deployment sock-shop/queue-master", code, all) == "Deployment sock-shop/queue-master");
    CHECK(ui::shown_key(fonts, "Deployment sock-shop/queue-master", code, all - 4) == "Deployment queue-master");
    CHECK(ui::shown_key(fonts, "Deployment sock-shop/queue-master", code, name) == "Deployment queue-master");
    CHECK(ui::shown_key(fonts, "revision 1087", code, 400) == "revision 1087");
}

TEST_CASE("cluster: what is larger than the canvas begins at its upper left corner") {
    Harness h;
    view::Architecture& snapshot = h.state.model.architecture;
    view::ServiceBox service = snapshot.services.back();
    for (int i = 0; i < 100; ++i) {
        service.name = "app-" + std::to_string(i);
        snapshot.services.push_back(service);
    }
    ++h.state.model.revision;
    CHECK(h.click("view/tabs/cluster"));
    const ui::Item* canvas = h.interface.items().find("panel/cluster");
    const ui::Item* first = h.interface.items().find("view/cluster/deployments/sock-shop/carts");
    REQUIRE(canvas);
    REQUIRE(first);
    CHECK(first->box.Min.x >= canvas->box.Min.x + 8);
    CHECK(first->box.Min.x < canvas->box.Min.x + 60);
}

TEST_CASE("architecture: every Pod that runs beside the control plane has its place in the box, clear of the others") {
    Harness h;
    view::Architecture& snapshot = h.state.model.architecture;
    view::PodChip addon = snapshot.nodes[2].pods.back();
    for (const char* name : {"coredns", "coredns", "local-path-provisioner", "metrics-server"}) {
        addon.app = name;
        addon.name = std::string(name) + "-" + std::to_string(snapshot.nodes[0].pods.size());
        snapshot.nodes[0].pods.push_back(addon);
    }
    for (bool cloud : {false, true}) {
        if (cloud) {
            snapshot.components.push_back({"cloud", "Cloud", "", "", view::Health::healthy});
            snapshot.components.push_back({"cloud-controller-manager", "cloud-controller", "control-plane", "", view::Health::healthy});
        }
        for (ui::Vec size : {ui::Vec(724, 500), ui::Vec(1100, 700)}) {
            auto layout = ui::lay_out_architecture(h.interface.make_ui(), snapshot, size);
            CHECK(layout.control_pods.size() == 4);
            for (std::size_t i = 0; i < layout.control_pods.size(); ++i) {
                const ui::Rect& box = layout.control_pods[i].box;
                CHECK(layout.control_plane.Contains(box));
                for (std::size_t j = 0; j < i; ++j) CHECK_FALSE(box.Overlaps(layout.control_pods[j].box));
                for (const auto& [id, other] : layout.boxes)
                    if (!ui::is_addon(layout, id)) CHECK_FALSE(box.Overlaps(other));
            }
            for (const auto& worker : layout.workers) CHECK(worker.box.Min.y > layout.control_plane.Max.y);
        }
    }
}

TEST_CASE("what has ended is told by a shape and a word, and a CronJob by its schedule") {
    Harness h;
    const ui::Ui ui = h.interface.make_ui();
    view::WorkloadBox job{"shop", "Job", "once", "", 3, 1};
    CHECK(ui::workload_tag(ui, job) == "1/3");
    job.kind = "CronJob";
    job.schedule = "*/5 * * * *";
    CHECK(ui::workload_tag(ui, job) == ui.state.words.format("workload.active", {"0"}));
    job.last_schedule = h.state.model.architecture.now - seconds(40);
    CHECK(ui::workload_tag(ui, job) == ui.state.words.format("workload.ago", {"40s"}));
    job.active = 2;
    CHECK(ui::workload_tag(ui, job) == ui.state.words.format("workload.active", {"2"}));
    job.health = view::Health::stopped;
    CHECK(ui::workload_tag(ui, job) == ui.t("workload.suspended"));
    CHECK(ui::workload_words(ui, job).find("*/5") != std::string::npos);
    // Neither well nor waiting: counted by itself.
    view::Architecture& snapshot = h.state.model.architecture;
    snapshot.nodes[1].pods[0].health = view::Health::completed;
    ui::ClusterMemory memory;
    const auto layout = ui::lay_out_cluster(snapshot, {}, memory);
    CHECK(layout.servers[1].completed == 1);
    CHECK(layout.servers[1].waiting == 1);
}

TEST_CASE("cluster: search counts, and Enter goes from hit to hit") {
    Harness h;
    CHECK(h.click("view/tabs/cluster"));
    CHECK(h.click("view/cluster/tools/search"));
    h.type("carts");
    h.key(ImGuiKey_Enter);
    REQUIRE(h.last(ActionKind::select_object));
    CHECK(h.last(ActionKind::select_object)->object == sim::ObjectRef{"deployments", "sock-shop", "carts"});
    h.key(ImGuiKey_Enter);
    CHECK(h.last(ActionKind::select_object)->object == sim::ObjectRef{"services", "sock-shop", "carts"});
    // Near enough to read, not all is in sight: the small map appears and takes one elsewhere.
    CHECK(h.has("view/cluster/minimap"));
    CHECK(h.click("view/cluster/minimap"));
    CHECK(h.click("view/cluster/tools/fit"));
    CHECK_FALSE(h.has("view/cluster/minimap"));
}

TEST_CASE("cluster: thousands of nodes are cells, found by where they are") {
    Harness h;
    view::Architecture& snapshot = h.state.model.architecture;
    view::NodeBox model = snapshot.nodes[1];
    for (int i = 0; i < 1500; ++i) {
        model.name = "many-" + std::to_string(i);
        snapshot.nodes.push_back(model);
    }
    ++h.state.model.revision;
    CHECK(h.click("view/tabs/cluster"));
    std::size_t items = h.interface.items().items().size();
    CHECK(items < 400);
    CHECK(h.click("view/cluster/ground"));
    const auto* chosen = h.last(ActionKind::select_object);
    CHECK(chosen);
    if (chosen) CHECK(chosen->object.resource == "nodes");
}

TEST_CASE("traffic: several at once, ends picked on the canvas, a request kept and compared") {
    Harness h;
    CHECK(h.click("view/tabs/traffic"));
    CHECK(h.click("view/traffic/count/open"));
    CHECK(h.click("view/traffic/count/10"));
    CHECK(h.click("view/traffic/send"));
    CHECK(h.last(ActionKind::send_request)->number == 10);
    h.state.model.counts = {{"pod/sock-shop/front-end-a", "10.244.2.7:8079", "node-2", 6, 0}, {"", "", "", 4, 4}};
    h.frames(2);
    CHECK(h.has("view/traffic/endpoint-1"));
    CHECK(h.click("view/traffic/endpoint-0"));
    CHECK(h.last(ActionKind::select_object)->object == sim::ObjectRef{"pods", "sock-shop", "front-end-a"});

    h.state.model.stage.machines = {{"laptop", "192.168.122.1", "", {}},
                                    {"node-1", "192.168.122.12", "10.244.1.0/24",
                                     {{view::TrafficElement::Kind::pod, "pod/sock-shop/carts-666b98fdc4-x2p4q", "node-1", "carts", "10.244.1.14:80", {}, true}}}};
    CHECK(h.click("view/traffic/pick-source"));
    CHECK(h.click("view/traffic/stage/pod/sock-shop/carts-666b98fdc4-x2p4q"));
    CHECK(h.click("view/traffic/stage/service/sock-shop/front-end"));
    CHECK(h.click("view/traffic/send"));
    CHECK(h.last(ActionKind::send_request)->text == "pod/sock-shop/carts-666b98fdc4-x2p4q");
    CHECK(h.last(ActionKind::send_request)->text2 == "http://front-end/");  // as a Pod of its namespace would call it

    CHECK(h.click("view/traffic/pin"));
    CHECK(h.last(ActionKind::pin_trace));
    app::Model& model = h.state.model;
    model.pinned = {"before", model.requests[0].trace, 0, model.traffic};
    model.compared = view::compare_hops(model.pinned.scene, model.traffic);
    h.frames(2);
    CHECK(h.click("view/traffic/compare/pair-2"));
    CHECK(h.state.step == 2);
    CHECK(h.click("view/traffic/comparing"));
    CHECK(h.has("view/traffic/stage/node-2/cni0"));
}

TEST_CASE("traffic: the bar says what the request on the canvas was, whoever sent it") {
    Harness h;
    CHECK(h.click("view/tabs/traffic"));
    app::Model& model = h.state.model;
    auto show = [&](const char* from, const char* url) {
        app::SentRequest request{"another", std::make_shared<net::Trace>(*model.requests[0].trace), from};
        request.url = url;
        model.requests.push_back(request);
        model.request = static_cast<int>(model.requests.size()) - 1;
        ++model.revision;
        h.frames(2);
    };
    show("pod/sock-shop/carts-666b98fdc4-x2p4q", "http://10.98.3.17/health");
    CHECK(h.click("view/traffic/send"));
    CHECK(h.last(ActionKind::send_request)->text == "pod/sock-shop/carts-666b98fdc4-x2p4q");
    CHECK(h.last(ActionKind::send_request)->text2 == "http://10.98.3.17/health");
    // What the bar sent itself keeps the words that were typed.
    show("pod/sock-shop/carts-666b98fdc4-x2p4q", "http://10.98.3.17:80/other");
    CHECK(h.click("view/traffic/send"));
    CHECK(h.last(ActionKind::send_request)->text2 == "http://10.98.3.17/health");
}

TEST_CASE("traffic: boxes outside the nodes are as wide as their names") {
    Harness h;
    const ui::Ui ui = h.interface.make_ui();
    view::TrafficScene scene = h.state.model.traffic;
    scene.machines.push_back({"loadbalancer-7f0c2a", "203.0.113.130", "", {}});
    const float width = ui::client_width_of(ui, scene);
    CHECK(width >= ui.fonts.width("loadbalancer-7f0c2a", {ui::Face::strong, 12.5f, 0}) + 12);
    const auto layout = ui::lay_out_traffic(scene, ui::Vec(730, 420), width);
    float clients = 0, nodes = 10000;
    for (const auto& machine : layout.machines) (machine.client ? clients : nodes) = machine.client ? std::max(clients, machine.box.Max.x) : std::min(nodes, machine.box.Min.x);
    CHECK(clients < nodes);
}

TEST_CASE("traffic: probes of kubelets only when asked for") {
    Harness h;
    CHECK(h.click("view/tabs/traffic"));
    CHECK_FALSE(h.has("inspector/hops/list/probe/open"));
    CHECK(h.click("inspector/hops/list/probes"));
    CHECK(h.state.probes);
    h.state.model.probes = {{"sock-shop/carts-x", "node-1", "readiness", "http://10.244.1.14:80/health", "3s"}};
    h.frames(2);
    CHECK(h.click("inspector/hops/list/probe/open"));
    CHECK(h.click("inspector/hops/list/probe/0"));
    CHECK(h.last(ActionKind::trace_probe)->number == 0);
}

TEST_CASE("inspector: every list draws, and leads on") {
    Harness h;
    select_pod(h);
    app::Inspected& inspected = h.state.model.inspected;
    inspected.family.owners = {{{"replicasets", "sock-shop", "carts-666b98fdc4"}, "ReplicaSet", "2/3", 1, view::Health::pending}};
    inspected.family.uses = {{{"nodes", "", "node-1"}, "Node", "", 1, view::Health::healthy}};
    view::Scheduling decision;
    decision.node = "node-1";
    decision.rows = {{"node-1", true, true, "", "", {{"NodeResourcesFit", 40, 80, 1}, {"ImageLocality", 0, 0, 1}}, 80},
                     {"control-plane", false, false, "TaintToleration", "node(s) had untolerated taint(s)", {}, 0}};
    inspected.scheduling = decision;
    view::RequestWay way;
    way.id = 77;
    way.agent = "kubectl";
    way.method = "PATCH";
    way.path = "/api/v1/namespaces/sock-shop/pods/carts";
    way.code = 200;
    way.stages = {{"apiserver.authn", {"kubernetes-admin", "certificate"}}, {"apiserver.admission", {"NodeRestriction", "allowed"}}, {"apiserver.write", {"/registry/pods/x", "418"}}};
    inspected.requests = {way};
    inspected.runtime = {entry(5, sim::EntryKind::cri, "kubelet/node-1", {"cri.StartContainer", {"carts", "abc"}})};
    inspected.events = {{Time{1'000'000'000}, "Warning", "BackOff", "pod/carts", "sock-shop", "Back-off restarting", 3}};
    inspected.flows = {{"tcp", "ESTABLISHED", "10.0.0.1:1", "10.0.0.2:2", "10.0.0.3:3", "10.0.0.1:1", true, false, true, 100, "tcp 6 100 ESTABLISHED"}};
    auto open = [&](const char* tab) {
        if (h.click(std::string("inspector/tabs/") + tab)) return true;
        return h.click("inspector/tabs/more/open") && h.click(std::string("inspector/tabs/more/") + tab);
    };
    CHECK(open("related"));
    CHECK(h.click("inspector/related/owner-0"));
    CHECK(h.last(ActionKind::select_object)->object.resource == "replicasets");
    h.state.model.inspected.object = {"pods", "sock-shop", "carts-666b98fdc4-x2p4q"};
    CHECK(open("scheduling"));
    CHECK(h.has("inspector/scheduling/node-1"));
    CHECK(open("requests"));
    CHECK(h.click("inspector/requests/request-77"));
    CHECK(open("runtime"));
    CHECK(h.click("inspector/runtime/call-0"));
    CHECK(h.last(ActionKind::seek)->number == doctest::Approx(5));
    CHECK(open("object-events"));
    CHECK(h.has("inspector/object-events/event-0"));
    inspected.node = "node-1";
    CHECK(open("conntrack"));
    CHECK(h.has("inspector/conntrack/flow-0"));
    CHECK(open("yaml"));
}

TEST_CASE("an API call that is clicked opens its way through the API server") {
    Harness h;
    CHECK(h.click("bottom/tabs/api-calls"));
    CHECK(h.click("bottom/api-calls/rows/0"));
    REQUIRE(h.last(ActionKind::select_call));
    CHECK(h.last(ActionKind::select_call)->number == 21);
    CHECK(h.last(ActionKind::select_call)->object == sim::ObjectRef{"deployments", "sock-shop", "carts"});
    CHECK(h.state.inspector == app::InspectorTab::requests);
}

TEST_CASE("time: filter, speed, the selected object's next change, another history") {
    Harness h;
    CHECK(h.click("time/filter/open"));
    CHECK(h.click("time/filter/network"));
    CHECK_FALSE(app::has_class(h.state.events, app::EventClass::network));
    CHECK(app::has_class(h.state.events, app::EventClass::api));
    h.key(ImGuiKey_Escape);
    CHECK(h.click("time/speed/open"));
    CHECK(h.click("time/speed/10×"));
    CHECK(h.last(ActionKind::set_speed) == nullptr);  // the application's own
    CHECK(h.state.settings.speed == 10);
    CHECK(h.click("time/next-change"));
    CHECK(h.last(ActionKind::next_change));
    h.state.model.branches = {{7, Time{100'000'000'000}, Time{250'000'000'000}, "kubectl delete pod x"}};
    h.frames(2);
    CHECK(h.click("time/branch-7"));
    REQUIRE(h.last(ActionKind::return_to));
    CHECK(h.last(ActionKind::return_to)->number == 7);
}

TEST_CASE("reduced motion: nothing flies and nothing asks for frames, whatever is selected") {
    Harness h;
    h.platform.still = true;
    h.state.model.lesson.highlight.clear();
    h.state.model.story = demo_story();
    select_pod(h);
    for (const char* view : {"architecture", "cluster", "traffic", "dns"}) {
        CHECK(h.click(std::string("view/tabs/") + view));
        h.frames(200);
        INFO(view);
        CHECK_FALSE(h.interface.animating());
    }
}
