#pragma once
// A node for the kubelet's tests: the real network and runtime, an API server that only stores, and a
// network plugin that gives addresses without wires (the Pod's namespace is the machine's neighbour).

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/api/json.h"
#include "core/api/kinds.h"
#include "core/base/text.h"
#include "core/kubelet/kubelet.h"

namespace kubewalk::kubelet::test {

// Objects by path; merge patches of status; deletes with grace 0 remove, others mark.
class StoreServer final : public client::Transport {
public:
    explicit StoreServer(sim::Simulation& simulation) : simulation_(simulation) {}

    client::Response send(const client::Request& request) override {
        client::Response response;
        if (!up) {
            response.failure = "dial tcp 192.168.122.11:6443: connect: connection refused";
            return response;
        }
        std::string path = request.path;
        const bool status = path.size() > 7 && path.substr(path.size() - 7) == "/status";
        if (status)
            path.resize(path.size() - 7);
        switch (request.method) {
        case client::Method::get:
            return objects.count(path) ? answer(200, objects[path]) : is_collection(path) ? answer(200, list(path)) : missing(path);
        case client::Method::post:
            path += cat("/", api::name_of(request.body));
            if (objects.count(path))
                return refuse(409, "AlreadyExists", path);
            return answer(201, put(path, request.body));
        case client::Method::put:
            return answer(200, put(path, request.body));
        case client::Method::patch: {
            if (!objects.count(path))
                return missing(path);
            auto object = objects[path];
            for (const auto& member : request.body["status"].members()) {
                if (member.value.is_null())
                    object.edit("status").erase(member.key);
                else
                    object.edit("status").set(member.key, member.value);
            }
            ++status_writes;
            return answer(200, put(path, object));
        }
        case client::Method::del:
            if (!objects.count(path))
                return missing(path);
            tell(client::WatchType::deleted, objects[path], path);
            objects.erase(path);
            return answer(200, {});
        }
        return response;
    }
    Result<client::WatchId> watch(const client::Request& request, sim::ComponentId target, std::uint32_t code) override {
        if (!up)
            return Error{"ConnectionRefused", "refused", {}, 0, 0};
        watches_.push_back({request.path, target, code, {}});
        return watches_.size();
    }
    WatchBatch read(client::WatchId id) override { return {std::exchange(watches_[id - 1].events, {}), false}; }
    void unwatch(client::WatchId) override {}

    api::Value put(const std::string& path, api::Value object) {
        const bool known = objects.count(path) != 0;
        object.edit("metadata").set("resourceVersion", cat(++revision_));
        if (object["metadata"]["uid"].is_null())
            object.edit("metadata").set("uid", cat("uid-", revision_));
        objects[path] = object;
        tell(known ? client::WatchType::modified : client::WatchType::added, object, path);
        return object;
    }
    // Messages of Events in the order they were first written: "Reason: message".
    std::vector<std::string> events() const {
        std::map<std::int64_t, std::string> ordered;
        for (const auto& [path, object] : objects) {
            if (path.find("/events/") != std::string::npos)
                ordered[parse_int(object["metadata"]["resourceVersion"].as_string()).value_or(0)] =
                    cat(object["reason"].as_string(), ": ", object["message"].as_string());
        }
        std::vector<std::string> out;
        for (const auto& [revision, text] : ordered)
            out.push_back(text);
        return out;
    }

    std::map<std::string, api::Value> objects;
    bool up = true;
    int status_writes = 0;

private:
    struct Watch {
        std::string path;
        sim::ComponentId target = 0;
        std::uint32_t code = 0;
        std::vector<client::WatchEvent> events;
    };

    static client::Response answer(int code, api::Value body) {
        client::Response response;
        response.code = code;
        response.body = std::move(body);
        return response;
    }
    static client::Response refuse(int code, std::string_view reason, const std::string& path) {
        return answer(code, api::Value::object({{"kind", "Status"}, {"reason", reason}, {"message", path}, {"code", code}}));
    }
    static client::Response missing(const std::string& path) { return refuse(404, "NotFound", path); }
    static bool is_collection(const std::string& path) {
        const auto last = path.substr(path.rfind('/') + 1);
        return last == "pods" || last == "services";
    }
    static std::string kind_segment(const std::string& path) {
        const auto slash = path.rfind('/');
        const auto before = path.rfind('/', slash - 1);
        return path.substr(before + 1, slash - before - 1);
    }
    api::Value list(const std::string& collection) const {
        auto items = api::Value::array();
        const std::string kind = collection.substr(collection.rfind('/') + 1);
        for (const auto& [path, object] : objects) {
            if (kind_segment(path) == kind)
                items.push_back(object);
        }
        return api::Value::object({{"metadata", api::Value::object({{"resourceVersion", cat(revision_)}})}, {"items", items}});
    }
    void tell(client::WatchType type, const api::Value& object, const std::string& path) {
        for (std::size_t i = 0; i < watches_.size(); ++i) {
            auto& watch = watches_[i];
            if (watch.path.substr(watch.path.rfind('/') + 1) != kind_segment(path))
                continue;
            watch.events.push_back({type, object, simulation_.current_cause(), false});
            simulation_.schedule(watch.target, milliseconds(1), watch.code, sim::Urgency::work, i + 1);
        }
    }

    sim::Simulation& simulation_;
    std::int64_t revision_ = 0;
    std::vector<Watch> watches_;
};

class FakeCni final : public Cni {
public:
    bool configured(std::string_view) const override { return ready; }
    Result<std::vector<net::Ip>> add(std::string_view, net::NamespaceId, const CniPod&) override {
        if (!error.empty())
            return Error{"Cni", error, {}, 0, 0};
        return std::vector{net::Ip::v4(10, 244, 1, static_cast<std::uint8_t>(++given))};
    }
    void del(std::string_view, net::NamespaceId, const CniPod&) override { ++taken_back; }

    bool ready = true;
    std::string error;
    int given = 1;
    int taken_back = 0;
};

class NoPrograms final : public ProgramRegistry {
public:
    std::unique_ptr<Program> create(const ProgramContext&) const override { return nullptr; }
};

inline constexpr std::string_view image_texts[] = {
    R"({"id":"web","images":[{"name":"web","tags":["1","latest"],"size":25000000}],"entrypoint":["/web"],
        "processes":[{"match":["/web"],"name":"web","start":"1s","listen":[{"port":80,"flag":"port"}],
          "log":{"listening":["listening on {port}"],"access":"{method} {path} {status}"},
          "routes":[{"match":"GET /","reply":{"body":"hello from {hostname}"}},
                    {"match":"GET /health","reply":{"body":{"health":"OK"}}},
                    {"match":"GET /items/{id}","calls":[{"to":"http://10.0.0.9/x"}],"reply":{"from":0},"fail":{"status":500,"body":"{error}"}}],
          "sigterm":{"after":"3s","exit":0}}]})",
    R"({"id":"crash","images":[{"name":"crash","size":1000000}],"entrypoint":["/crash"],
        "processes":[{"match":["/crash"],"name":"crash","start":"1s","exit":{"after":"1s","code":3}}]})",
    R"({"id":"eater","images":[{"name":"eater","size":1000000}],"entrypoint":["/eater"],
        "processes":[{"match":["/eater"],"name":"eater","usage":{"memory":"0","memory_flag":"vm-bytes"}}]})",
    R"({"id":"rpc","images":[{"name":"rpc","size":1000000}],"entrypoint":["/rpc"],
        "processes":[{"match":["/rpc"],"name":"rpc","listen":[{"port":9000}],"grpc":{"":"SERVING","sick":"NOT_SERVING"}}]})",
    R"({"id":"box","images":[{"name":"box","size":2000000}],"programs":["busybox:*"],"command":["sh"]})",
    R"({"id":"generic","generic":true,"registries":["docker.io"],"images":[{"name":"docker.io/*/*","except":"docker.io/library/*","size":48000000}],
        "processes":[{"match":["*"],"name":"generic","listen":[{"declared":true}],"routes":[{"match":"*","reply":{"body":"stand-in"}}]}]})",
};

struct World {
    explicit World(std::vector<api::Value> static_pods = {})
        : simulation(1), network(simulation), server(simulation),
          catalogue(ImageCatalogue::parse(image_texts).value_or({})) {
        simulation.register_service(network);
        simulation.register_service(disks);
        network.add_machine("node-1", net::Ip::v4(192, 168, 122, 12), 24, std::nullopt);
        KubeletOptions options;
        options.node = "node-1";
        options.ip = net::Ip::v4(192, 168, 122, 12);
        options.dns.cluster_dns = {"10.96.0.10"};
        options.dns.cluster_domain = "cluster.local";
        options.static_pods = std::move(static_pods);
        const RuntimeServices services{simulation, network, server, catalogue, programs, cni, disks};
        id = simulation.add(std::make_unique<Kubelet>(services, std::move(options)));
    }

    Kubelet& kubelet() { return *static_cast<Kubelet*>(simulation.find(id)); }
    void run(Duration duration) { simulation.run_for(duration); }
    static api::Value pod(std::string_view spec, std::string_view name = "p") {
        auto out = api::Value::object(
            {{"apiVersion", "v1"},
             {"kind", "Pod"},
             {"metadata", api::Value::object({{"name", name}, {"namespace", "ns"}, {"uid", cat("uid-of-", name)}})},
             {"spec", api::parse_json(spec).value_or({})},
             {"status", api::Value::object({{"phase", "Pending"}})}});
        out.edit("spec").set("nodeName", "node-1");
        return out;
    }
    static std::string path(std::string_view name = "p") { return cat("/api/v1/namespaces/ns/pods/", name); }
    void add(const api::Value& object) { server.put(path(api::name_of(object)), object); }
    void remove(std::string_view name, int grace) {
        auto object = server.objects[path(name)];
        object.edit("metadata").set("deletionTimestamp", to_rfc3339(simulation.now()));
        object.edit("metadata").set("deletionGracePeriodSeconds", grace);
        server.put(path(name), object);
    }
    const api::Value& status(std::string_view name = "p") { return server.objects[path(name)]["status"]; }
    const api::Value& container(std::string_view name = "p") { return status(name)["containerStatuses"][0]; }
    std::string condition(std::string_view type, std::string_view name = "p") {
        for (const auto& item : status(name)["conditions"].items()) {
            if (item["type"].as_string() == type)
                return item["status"].str();
        }
        return "absent";
    }
    bool has_event(std::string_view text) {
        for (const auto& event : server.events()) {
            if (event == text)
                return true;
        }
        return false;
    }

    sim::Simulation simulation;
    net::Network network;
    StoreServer server;
    ImageCatalogue catalogue;
    NoPrograms programs;
    FakeCni cni;
    Disks disks;
    sim::ComponentId id = 0;
};

}  // namespace kubewalk::kubelet::test
