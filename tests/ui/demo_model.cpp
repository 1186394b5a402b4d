#include "tests/ui/demo_model.h"

#include <fstream>

#include "web/app/session_backend.h"

namespace kubewalk::ui_tests {

namespace {

using view::Health;

view::PodChip pod(std::string ns, std::string app, std::string suffix, std::string node, std::string ip,
                  std::string phase = "Running", Health health = Health::healthy) {
    view::PodChip chip;
    chip.namespace_name = std::move(ns);
    chip.name = app + "-" + suffix;
    chip.app = std::move(app);
    chip.node = std::move(node);
    chip.ip = std::move(ip);
    chip.phase = std::move(phase);
    chip.containers = 1;
    chip.ready = health == Health::healthy ? 1 : 0;
    chip.health = health;
    return chip;
}

view::ComponentBox component(std::string id, std::string title, std::string node, std::string detail = {}) {
    return {std::move(id), std::move(title), std::move(node), std::move(detail), Health::healthy};
}

view::NodeBox node(std::string name, std::string ip, std::string cidr, std::string role = {}) {
    view::NodeBox box;
    box.name = std::move(name);
    box.ip = std::move(ip);
    box.pod_cidr = std::move(cidr);
    box.role = std::move(role);
    box.health = Health::healthy;
    return box;
}

net::Header header(const char* from, std::uint16_t from_port, const char* to, std::uint16_t to_port,
                   std::uint32_t mark = 0, const char* conntrack = "") {
    net::Header h;
    h.source = {*net::Ip::parse(from), from_port};
    h.destination = {*net::Ip::parse(to), to_port};
    h.mark = mark;
    h.conntrack = conntrack;
    return h;
}

void add_machines(view::Architecture& a) {
    a.components = {
        component("kubectl", "kubectl", ""),
        component("kube-apiserver", "kube-apiserver", "control-plane", "authn › authz › admission › write"),
        component("etcd", "etcd", "control-plane", "revision 418"),
        component("kube-controller-manager", "kube-controller-manager", "control-plane", "deployment: sync sock-shop/carts"),
        component("kube-scheduler", "kube-scheduler", "control-plane"),
        component("coredns/coredns-76f75df574-5rpzq", "CoreDNS", "node-2"),
    };
    a.nodes = {node("control-plane", "192.168.122.11", "10.244.0.0/24", "control-plane"),
               node("node-1", "192.168.122.12", "10.244.1.0/24"), node("node-2", "192.168.122.13", "10.244.2.0/24")};
    for (const auto& n : a.nodes) {
        a.components.push_back(component("kubelet/" + n.name, "kubelet", n.name));
        a.components.push_back(component("kube-proxy/" + n.name, "kube-proxy", n.name, "iptables mode"));
        a.components.push_back(component("flannel/" + n.name, "flannel", n.name, "VXLAN"));
        a.components.push_back(component("runtime/" + n.name, "containerd", n.name));
    }
    a.nodes[0].pods = {pod("kube-system", "etcd", "control-plane", "control-plane", "192.168.122.11"),
                       pod("kube-system", "kube-apiserver", "control-plane", "control-plane", "192.168.122.11")};
    a.nodes[1].pods = {pod("sock-shop", "carts", "666b98fdc4-x2p4q", "node-1", "10.244.1.14"),
                       pod("sock-shop", "carts-db", "7d8b9c5f4-mm2xt", "node-1", "10.244.1.9"),
                       pod("sock-shop", "catalogue", "6d9f8c7b5-q8z6w", "node-1", "10.244.1.5"),
                       pod("sock-shop", "orders", "5c6d7f8b9-7k4bn", "node-1", "10.244.1.7"),
                       pod("sock-shop", "carts", "666b98fdc4-pn6xm", "node-1", "", "ContainerCreating", Health::pending),
                       pod("kube-system", "kube-proxy", "b7xql", "node-1", "192.168.122.12")};
    a.nodes[2].pods = {pod("sock-shop", "front-end", "7d5b8f9c6-vz9lc", "node-2", "10.244.2.7"),
                       pod("sock-shop", "user", "6b7c8d9f5-hh8wq", "node-2", "10.244.2.8"),
                       pod("sock-shop", "payment", "59bdf8c7d-tr4n2", "node-2", "10.244.2.9"),
                       pod("sock-shop", "queue-master", "8f7d6c5b4-l9x2v", "node-2", "10.244.2.10", "CrashLoopBackOff", Health::failed),
                       pod("kube-system", "coredns", "76f75df574-5rpzq", "node-2", "10.244.2.2")};
    for (auto& machine : a.nodes)
        for (auto& one : machine.pods) one.boxed = one.app == "etcd" || one.app == "kube-apiserver" || one.app == "kube-proxy";
    a.namespaces = {"default", "kube-system", "sock-shop"};
    a.workloads = {{"sock-shop", "Deployment", "carts", "", 3, 2}, {"sock-shop", "Deployment", "front-end", "", 1, 1},
                   {"sock-shop", "Deployment", "catalogue", "", 1, 1}, {"kube-system", "DaemonSet", "kube-proxy", "", 3, 3}};
    a.workloads[0].health = Health::pending;
    view::ServiceBox service;
    service.namespace_name = "sock-shop";
    service.name = "front-end";
    service.type = "NodePort";
    service.cluster_ip = "10.101.18.113";
    service.external = "<none>";
    service.ports = "80:30001/TCP";
    service.pods = {"sock-shop/front-end-7d5b8f9c6-vz9lc"};
    a.services.push_back(service);
    service.name = "carts";
    service.type = "ClusterIP";
    service.cluster_ip = "10.98.3.17";
    service.ports = "80/TCP";
    service.pods = {"sock-shop/carts-666b98fdc4-x2p4q"};
    service.waiting = {"sock-shop/carts-666b98fdc4-pn6xm"};
    a.services.push_back(service);
    a.recent = {{11, a.now, sim::EntryKind::api_call, "kubectl", "kube-apiserver", "PATCH deployments/carts", {"deployments", "sock-shop", "carts"}},
                {12, a.now, sim::EntryKind::api_call, "kube-apiserver", "etcd", "write 418", {}},
                {13, a.now, sim::EntryKind::watch, "kube-apiserver", "kube-controller-manager", "watch deployments", {"deployments", "sock-shop", "carts"}},
                {14, a.now, sim::EntryKind::watch, "kube-apiserver", "kubelet/node-1", "watch pods", {"pods", "sock-shop", "carts-666b98fdc4-pn6xm"}}};
}

view::TrafficStep step(int hop, std::string machine, std::string element, net::Place place, std::string at,
                       net::Header in, net::Header out, std::string rule, std::string verdict, sim::Fact why) {
    view::TrafficStep s;
    s.hop = hop;
    s.machine = machine;
    s.element = std::move(element);
    s.data.node = std::move(machine);
    s.data.place = place;
    s.data.at = std::move(at);
    s.data.in = std::move(in);
    s.data.out = std::move(out);
    s.data.rule = std::move(rule);
    s.data.verdict = std::move(verdict);
    s.data.why = std::move(why);
    return s;
}

view::TrafficScene traffic() {
    using Kind = view::TrafficElement::Kind;
    using net::Place;
    view::TrafficScene scene;
    scene.machines = {
        {"laptop", "192.168.122.1", "", {{Kind::client, "laptop", "laptop", "Laptop", "192.168.122.1", {}, true}}},
        {"node-1", "192.168.122.12", "10.244.1.0/24",
         {{Kind::netfilter, "node-1/netfilter", "node-1", "netfilter", "", {"KUBE-NODEPORTS", "KUBE-EXT-NNLTN4…", "KUBE-SVC-NNLTN4…", "→ DNAT KUBE-SEP"}, true},
          {Kind::tunnel, "node-1/flannel.1", "node-1", "flannel.1", "VXLAN encap", {}, true},
          {Kind::pod, "pod/sock-shop/carts", "node-1", "carts", "10.244.1.14:80", {}, false},
          {Kind::pod, "pod/sock-shop/carts-db", "node-1", "carts-db", "10.244.1.9:27017", {}, false}}},
        {"node-2", "192.168.122.13", "10.244.2.0/24",
         {{Kind::tunnel, "node-2/flannel.1", "node-2", "flannel.1", "VXLAN decap", {}, true},
          {Kind::bridge, "node-2/cni0", "node-2", "cni0", "bridge", {}, true},
          {Kind::pod, "pod/sock-shop/front-end", "node-2", "front-end", "10.244.2.7:8079", {}, true}}},
    };
    net::Header first = header("192.168.122.1", 50412, "192.168.122.12", 30001, 0, "NEW");
    net::Header marked = header("192.168.122.1", 50412, "10.244.2.7", 8079, 0x4000, "NEW,DNAT");
    net::Header masqueraded = header("10.244.1.0", 41822, "10.244.2.7", 8079, 0, "NEW,DNAT");
    scene.steps = {
        step(0, "laptop", "laptop", Place::client, "eth0", first, first, "192.168.122.0/24 dev eth0", "send", {"net.client", {}}),
        step(1, "node-1", "node-1/netfilter", Place::netfilter, "PREROUTING", first, first, "-A PREROUTING -j KUBE-SERVICES", "jump", {"net.prerouting", {}}),
        step(2, "node-1", "node-1/netfilter", Place::netfilter, "KUBE-SEP-C5FCZATOU5LKZAVO", first, marked,
             "-A KUBE-SEP-C5FCZATOU5LKZAVO -p tcp -m tcp -j DNAT --to-destination 10.244.2.7:8079", "DNAT", {"net.why.dnat_last", {"2"}}),
        step(3, "node-1", "node-1/flannel.1", Place::tunnel, "flannel.1", marked, masqueraded, "10.244.2.0/24 via 10.244.2.0 dev flannel.1 onlink", "MASQUERADE", {"net.route", {}}),
        step(4, "node-2", "node-2/flannel.1", Place::tunnel, "flannel.1", masqueraded, masqueraded, "", "decapsulate", {"net.vxlan", {}}),
        step(5, "node-2", "node-2/cni0", Place::interface_, "cni0", masqueraded, masqueraded, "10.244.2.0/24 dev cni0", "forward", {"net.bridge", {}}),
        step(6, "node-2", "pod/sock-shop/front-end", Place::socket, "eth0", masqueraded, masqueraded, "", "deliver", {"net.deliver", {}}),
    };
    net::Header back = header("10.244.2.7", 8079, "10.244.1.0", 41822, 0, "ESTABLISHED");
    net::Header undone = header("192.168.122.12", 30001, "192.168.122.1", 50412, 0, "ESTABLISHED");
    auto reply = step(0, "node-1", "node-1/netfilter", Place::netfilter, "conntrack", back, undone, "", "un-DNAT", {"net.conntrack", {}});
    reply.direction = view::Direction::reply;
    scene.steps.push_back(reply);
    scene.connections = {"laptop → 192.168.122.12:30001  GET /  200 OK"};
    scene.outcome = net::Outcome::delivered;
    return scene;
}

const char* manifest =
    "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: carts\n  namespace: sock-shop\nspec:\n  replicas: 3\n"
    "  selector:\n    matchLabels: {name: carts}\n  template:\n    metadata:\n      labels: {name: cart}\n    spec:\n"
    "      containers:\n      - name: carts\n        image: weaveworksdemos/carts:0.4.8  # the shop's own\n        ports:\n"
    "        - containerPort: 80\n";

app::LessonView demo_lesson() {
    app::LessonView l;
    l.slug = "outside-request";
    l.part = "Requests";
    l.title = "How an outside request reaches a Pod";
    l.step = 2;
    l.steps = 7;
    l.step_title = "NodePort: the door on every node";
    l.body =
        "The browser asks for `192.168.122.12:30001`. No process listens there. kube-proxy has programmed the kernel of "
        "**every** node to rewrite the destination to one of the Pods behind `front-end`.\n\nFollow the packet. At hop ③ "
        "address and port change in one DNAT; at hop ④ it leaves for another node, because the chosen Pod lives there.";
    l.hint = "Type `http://192.168.122.12:30001/` into the bar below the canvas and press **Send**.";
    l.predictions = {{"cordon", "If node-2 is cordoned, does the request still succeed?",
                      {{"yes", "Yes: cordoning only keeps new Pods away"}, {"no", "No: the node takes no traffic"}}, "", "yes",
                      "Cordon sets `spec.unschedulable`; the rules on every node stay as they are."}};
    l.tasks = {{"send", "Send a request from your laptop to `front-end`", lesson::TaskState::done, "", {"curl http://192.168.122.12:30001/"}},
               {"local", "Let the Pod see the client's address: set `externalTrafficPolicy: Local` and apply", lesson::TaskState::open, "", {}},
               {"drop", "Send to a node that has no `front-end` Pod. What do you see?", lesson::TaskState::open, "", {}}};
    return l;
}

}  // namespace

app::Model demo_model() {
    app::Model m;
    m.revision = 1;
    m.loading = false;
    m.now = Time{192'480'000'000};
    m.known_until = Time{270'000'000'000};
    m.architecture.now = m.now;
    add_machines(m.architecture);
    const sim::EntryKind kinds[] = {sim::EntryKind::api_call, sim::EntryKind::reconcile, sim::EntryKind::component,
                                    sim::EntryKind::kubelet, sim::EntryKind::network, sim::EntryKind::action};
    for (std::int64_t i = 0; i < 110; ++i) {
        Time at{(i * i * 7919 % 1000) * 270'000'000};
        m.marks.push_back({at, kinds[i % 6], at > m.now});
    }
    auto trace = std::make_shared<net::Trace>();
    m.requests = {{"laptop → http://192.168.122.12:30001/", trace}};
    m.request = 0;
    m.traffic = traffic();
    m.lookups = {
        {"A catalogue.sock-shop.svc.cluster.local.", "NOERROR 10.98.200.31", "10.96.0.10:53", "10.244.2.2:53", "pod/kube-system/coredns-76f75df574-5rpzq", net::Outcome::delivered, milliseconds(1), 0},
        {"AAAA catalogue.sock-shop.svc.cluster.local.", "NOERROR", "10.96.0.10:53", "10.244.2.2:53", "pod/kube-system/coredns-76f75df574-5rpzq", net::Outcome::delivered, milliseconds(1), 1},
        {"A catalogue.svc.cluster.local.", "NXDOMAIN", "10.96.0.10:53", "10.244.2.2:53", "pod/kube-system/coredns-76f75df574-5rpzq", net::Outcome::delivered, milliseconds(1), 2}};
    cluster::TranscriptEntry entry;
    entry.command = "kubectl -n sock-shop get svc front-end -o wide";
    entry.result.out =
        "NAME        TYPE       CLUSTER-IP      EXTERNAL-IP   PORT(S)        AGE   SELECTOR\n"
        "front-end   NodePort   10.101.18.113   <none>        80:30001/TCP   3m    name=front-end\n";
    m.transcript.push_back(entry);
    entry.command = "kubectl get pod nosuch";
    entry.result.out.clear();
    entry.result.err = "Error from server (NotFound): pods \"nosuch\" not found\n";
    entry.result.exit = 1;
    m.transcript.push_back(entry);
    m.events = {{m.now, "Normal", "ScalingReplicaSet", "deployment/carts", "sock-shop", "Scaled up replica set carts-666b98fdc4 from 1 to 3", 1},
                {m.now, "Warning", "BackOff", "pod/queue-master-8f7d6c5b4-l9x2v", "sock-shop", "Back-off restarting failed container queue-master", 4}};
    m.api_calls = {{21, Time{192'402'000'000}, "kubectl", "PATCH", "/apis/apps/v1/namespaces/sock-shop/deployments/carts", 200},
                   {22, Time{192'441'000'000}, "deployment-controller", "PUT", "/apis/apps/v1/namespaces/sock-shop/replicasets/carts-666b98fdc4", 200},
                   {23, Time{192'480'000'000}, "replicaset-controller", "POST", "/api/v1/namespaces/sock-shop/pods", 201},
                   {24, Time{192'497'000'000}, "scheduler", "POST", "/api/v1/namespaces/sock-shop/pods/carts-666b98fdc4-pn6xm/binding", 409}};
    m.inspected.object = {"deployments", "sock-shop", "carts"};
    m.inspected.exists = true;
    m.inspected.manifest = manifest;
    m.inspected.describe = "Name:                   carts\nNamespace:              sock-shop\nReplicas:               3 desired | 3 updated | 3 total | 2 available | 1 unavailable\n";
    m.inspected.node = "node-1";
    m.inspected.iptables = "*nat\n:PREROUTING ACCEPT [0:0]\n:KUBE-SERVICES - [0:0]\n-A PREROUTING -m comment --comment \"kubernetes service portals\" -j KUBE-SERVICES\nCOMMIT\n";
    auto cause = [&](sim::CauseId id, sim::EntryKind kind, std::string who, sim::Fact fact) {
        sim::Entry e;
        e.id = id;
        e.at = m.now;
        e.kind = kind;
        e.component = std::move(who);
        e.object = m.inspected.object;
        e.fact = std::move(fact);
        return e;
    };
    m.inspected.causes = {cause(10, sim::EntryKind::action, "learner", {"action.command", {"kubectl -n sock-shop scale deploy/carts --replicas=3"}}),
                          cause(11, sim::EntryKind::api_call, "kubectl", {"api.call", {"PATCH", "/apis/apps/v1/…/deployments/carts/scale", "200"}}),
                          cause(13, sim::EntryKind::reconcile, "deployment-controller", {"controller.sync", {"sock-shop/carts"}})};
    m.inspected.entries = m.inspected.causes;
    cluster::ManifestProblem problem;
    problem.error = {"Invalid", "spec.template.metadata.labels: Invalid value: {\"name\":\"cart\"}: `selector` does not match template `labels`",
                     "spec.template.metadata.labels", 12, 15};
    m.problems = {problem};
    m.checked_text = manifest;
    m.course = {{"requests", "Requests", {{"outside-request", "How an outside request reaches a Pod"}}}};
    m.lesson = demo_lesson();
    return m;
}

void add_demo_strings(app::Strings& words) {
    app::load_embedded_strings(words);
}

std::optional<std::string> FakePlatform::load(std::string_view key) {
    auto found = kept.find(key);
    return found == kept.end() ? std::nullopt : std::optional<std::string>(found->second);
}

bool FakePlatform::store(std::string_view key, std::string_view value) {
    if (full) return false;
    kept[std::string(key)] = std::string(value);
    return true;
}

std::string_view FakePlatform::font(std::string_view name) {
    // Read once for all tests.
    static std::map<std::string, std::string, std::less<>> read;
    const auto [found, fresh] = read.try_emplace(std::string(name));
    if (!fresh) return found->second;
    std::vector<std::string> places = {"/usr/share/fonts/opentype/inter/" + std::string(name)};
    if (name == "JetBrainsMono-Regular.ttf") places[0] = "/usr/share/fonts/truetype/jetbrains-mono/JetBrainsMono-Regular.ttf";
    if (name == "NotoSansSC-Regular.otf") places[0] = "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc";
#ifdef KUBEWALK_FONT_DIR
    places.insert(places.begin(), std::string(KUBEWALK_FONT_DIR) + "/" + std::string(name));
#endif
    for (const std::string& path : places) {
        std::ifstream file(path, std::ios::binary);
        if (found->second.empty() && file) found->second.assign(std::istreambuf_iterator<char>(file), {});
    }
    return found->second;
}

}  // namespace kubewalk::ui_tests
