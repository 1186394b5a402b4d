#pragma once
// A transport for the client's own tests: objects in a list, watches that the test fills.

#include <map>
#include <vector>

#include "core/api/kinds.h"
#include "core/base/text.h"
#include "core/client/transport.h"

namespace kubewalk::client {

struct FakeServer : Transport {
    explicit FakeServer(sim::Simulation& sim) : simulation(sim) {}

    Response send(const Request& request) override {
        requests.push_back(request);
        Response response;
        if (!up) {
            response.failure = "dial tcp 192.168.122.11:6443: connect: connection refused";
            return response;
        }
        response.code = 200;
        response.body = request.body;
        if (request.method == Method::get) {
            api::Value items = api::Value::array();
            for (const auto& [key, object] : objects)
                items.push_back(object);
            response.body = api::Value::object(
                {{"metadata", api::Value::object({{"resourceVersion", cat(revision)}})}, {"items", items}});
        }
        return response;
    }
    Result<WatchId> watch(const Request&, sim::ComponentId to, std::uint32_t code) override {
        if (!up)
            return Error{"ConnectionRefused", "refused", {}};
        target = to;
        event_code = code;
        return ++open_watch;
    }
    WatchBatch read(WatchId) override { return std::exchange(pending, {}); }
    void unwatch(WatchId) override {}

    api::Value put(const std::string& name, std::string_view text) {
        ++revision;
        const auto object = api::Value::object(
            {{"apiVersion", "v1"},
             {"kind", "ConfigMap"},
             {"metadata", api::Value::object({{"name", name}, {"namespace", "ns"}, {"resourceVersion", cat(revision)}})},
             {"data", api::Value::object({{"text", text}})}});
        objects[name] = object;
        return object;
    }
    void deliver(WatchType type, const api::Value& object, sim::CauseId cause, bool heartbeat) {
        pending.events.push_back({type, object, cause, heartbeat});
        simulation.schedule(target, milliseconds(1), event_code,
                            heartbeat ? sim::Urgency::background : sim::Urgency::work, open_watch);
    }
    void close_watches() {
        pending.closed = true;
        simulation.schedule(target, milliseconds(1), event_code, sim::Urgency::work, open_watch);
    }

    sim::Simulation& simulation;
    std::map<std::string, api::Value> objects;
    std::vector<Request> requests;
    WatchBatch pending;
    int revision = 1;
    bool up = true;
    WatchId open_watch = 0;
    sim::ComponentId target = 0;
    std::uint32_t event_code = 0;
};

}  // namespace kubewalk::client
