#pragma once
// An API server reduced to what controllers need: objects by path, resourceVersions with conflicts,
// generated names, status apart from the rest, watches. No defaults, no validation.

#include <map>
#include <vector>

#include "core/api/json.h"
#include "core/api/kinds.h"
#include "core/base/text.h"
#include "core/client/transport.h"

namespace kubewalk::testing {

using api::Value;

inline Value parse(std::string_view text) { return api::parse_json(text).take(); }

class FakeCluster : public client::Transport {
public:
    explicit FakeCluster(sim::Simulation& sim) : simulation(sim) {}

    client::Response send(const client::Request& request) override {
        requests.push_back(request);
        if (down) {
            client::Response refused;
            refused.failure = "dial tcp 192.168.122.11:6443: connect: connection refused";
            return refused;
        }
        const Target target = parse_path(request.path);
        if (!target.kind)
            return failure(404, "NotFound", "the server could not find the requested resource");
        switch (request.method) {
            case client::Method::get:
                return target.name.empty() ? list(target) : get(target);
            case client::Method::post:
                return target.subresource == "binding" ? bind(target, request.body) : create(target, request.body);
            case client::Method::put:
                return update(target, request.body);
            case client::Method::patch:
                return patch(target, request.body);
            case client::Method::del:
                return remove(target);
        }
        return {};
    }

    Result<client::WatchId> watch(const client::Request& request, sim::ComponentId target,
                                  std::uint32_t code) override {
        watches.push_back({parse_path(request.path), target, code, {}, 0});
        return watches.size();
    }
    WatchBatch read(client::WatchId id) override {
        auto& watch = watches[id - 1];
        watch.event = 0;
        return {std::exchange(watch.events, {}), false};
    }
    void unwatch(client::WatchId) override {}

    // -- for tests --------------------------------------------------------------------------------
    Value object(const api::Kind& kind, std::string_view key) const {
        const auto found = objects.find(store_key(kind, key));
        return found == objects.end() ? Value() : found->second;
    }
    std::vector<Value> all(const api::Kind& kind) const {
        std::vector<Value> result;
        for (const auto& [key, value] : objects)
            if (key.starts_with(kind.group_resource() + "|"))
                result.push_back(value);
        return result;
    }
    void put_text(const api::Kind& kind, std::string_view text) { put(kind, parse(text)); }
    void put(const api::Kind& kind, Value value) {
        value.set("apiVersion", kind.api_version());
        value.set("kind", kind.kind);
        const std::string key = store_key(kind, api::key_of(value));
        const auto found = objects.find(key);
        if (found == objects.end())
            stamp(value);
        store(kind, key, found == objects.end() ? client::WatchType::added : client::WatchType::modified, value);
    }
    void drop(const api::Kind& kind, std::string_view key) { erase(kind, store_key(kind, key)); }
    std::vector<std::string> event_messages() const {
        std::vector<std::string> messages;
        for (const auto& event : all(api::kind::events))
            messages.push_back(cat(event["reason"].as_string(), ": ", event["message"].as_string()));
        return messages;
    }
    bool told(std::string_view message) const {
        for (const auto& one : event_messages())
            if (one == message)
                return true;
        return false;
    }

    sim::Simulation& simulation;
    std::vector<client::Request> requests;
    bool down = false;  // nobody answers

private:
    struct Target {
        const api::Kind* kind = nullptr;
        std::string namespace_name, name, subresource;
    };
    struct Watch {
        Target target;
        sim::ComponentId component = 0;
        std::uint32_t code = 0;
        std::vector<client::WatchEvent> events;
        sim::EventId event = 0;
    };

    static std::string store_key(const api::Kind& kind, std::string_view key) {
        return cat(kind.group_resource(), "|", key);
    }
    static Target parse_path(std::string_view path) {
        const auto parts = split(path.substr(1), '/');
        Target target;
        std::size_t at = parts[0] == "api" ? 2 : 3;
        const auto group = parts[0] == "api" ? std::string_view() : parts[1];
        if (parts.size() > at + 2 && parts[at] == "namespaces") {
            target.namespace_name = parts[at + 1];
            at += 2;
        }
        target.kind = at < parts.size()
                          ? api::find_resource(group, parts[at - (target.namespace_name.empty() ? 1 : 3)], parts[at])
                          : nullptr;
        if (!target.kind && !target.namespace_name.empty()) {  // namespaces/NAME/finalize
            target = {&api::kind::namespaces, {}, std::string(parts[at - 1]), std::string(parts[at])};
            return target;
        }
        if (at + 1 < parts.size())
            target.name = parts[at + 1];
        if (at + 2 < parts.size())
            target.subresource = parts[at + 2];
        return target;
    }
    static std::string key_of(const Target& target) {
        return store_key(*target.kind,
                         target.namespace_name.empty() ? target.name : cat(target.namespace_name, "/", target.name));
    }
    static client::Response failure(int code, std::string_view reason, std::string message) {
        client::Response response;
        response.code = code;
        response.body = Value::object({{"kind", "Status"},
                                       {"apiVersion", "v1"},
                                       {"status", "Failure"},
                                       {"reason", reason},
                                       {"message", message},
                                       {"code", code}});
        return response;
    }
    static client::Response success(Value body) {
        client::Response response;
        response.code = 200;
        response.body = std::move(body);
        return response;
    }
    static client::Response missing(const Target& target) {
        return failure(404, "NotFound", cat(target.kind->group_resource(), " ", quoted(target.name), " not found"));
    }

    void stamp(Value& value) {
        Value& metadata = value.edit("metadata");
        if (metadata["name"].is_null())
            metadata.set("name", cat(metadata["generateName"].as_string(), ++generated));
        metadata.set("uid", cat("uid-", ++generated));
        metadata.set("creationTimestamp", to_rfc3339(simulation.now()));
        metadata.set("generation", 1);
    }
    void notify(const api::Kind& kind, client::WatchType type, const Value& value) {
        for (std::size_t i = 0; i < watches.size(); ++i) {
            auto& watch = watches[i];
            if (watch.target.kind != &kind ||
                (!watch.target.namespace_name.empty() && watch.target.namespace_name != api::namespace_of(value)))
                continue;
            watch.events.push_back({type, value, simulation.current_cause(), false});
            if (watch.event == 0)
                watch.event =
                    simulation.schedule(watch.component, milliseconds(5), watch.code, sim::Urgency::work, i + 1);
        }
    }
    Value store(const api::Kind& kind, const std::string& key, client::WatchType type, Value value) {
        value.edit("metadata").set("resourceVersion", cat(++revision));
        objects[key] = value;
        notify(kind, type, value);
        return value;
    }
    void erase(const api::Kind& kind, const std::string& key) {
        const auto found = objects.find(key);
        if (found == objects.end())
            return;
        Value last = found->second;
        objects.erase(found);
        notify(kind, client::WatchType::deleted, last);
    }

    client::Response list(const Target& target) const {
        Value items = Value::array();
        for (const auto& value : all(*target.kind))
            if (target.namespace_name.empty() || target.namespace_name == api::namespace_of(value))
                items.push_back(value);
        return success(
            Value::object({{"metadata", Value::object({{"resourceVersion", cat(revision)}})}, {"items", items}}));
    }
    client::Response get(const Target& target) const {
        const auto found = objects.find(key_of(target));
        return found == objects.end() ? missing(target) : success(found->second);
    }
    client::Response create(Target target, Value body) {
        stamp(body);
        target.name = api::name_of(body);
        const std::string key = key_of(target);
        if (objects.contains(key))
            return failure(409, "AlreadyExists",
                           cat(target.kind->group_resource(), " ", quoted(target.name), " already exists"));
        if (target.kind == &api::kind::pods && body["status"]["phase"].is_null())
            body.edit("status").set("phase", "Pending");
        return success(store(*target.kind, key, client::WatchType::added, body));
    }
    client::Response bind(const Target& target, const Value& body) {
        const auto found = objects.find(key_of(target));
        if (found == objects.end())
            return missing(target);
        Value pod = found->second;
        pod.edit("spec").set("nodeName", body["target"]["name"]);
        store(*target.kind, found->first, client::WatchType::modified, pod);
        return success(Value::object({{"kind", "Status"}, {"status", "Success"}}));
    }
    client::Response update(const Target& target, const Value& body) {
        const std::string key = key_of(target);
        const auto found = objects.find(key);
        if (found == objects.end())
            return missing(target);
        const Value old = found->second;
        const auto& version = body["metadata"]["resourceVersion"];
        if (!version.is_null() && version != old["metadata"]["resourceVersion"])
            return failure(
                409, "Conflict",
                "the object has been modified; please apply your changes to the latest version and try again");
        Value next = body;
        if (target.subresource == "status") {
            next = old;
            next.set("status", body["status"]);
            if (!body["metadata"]["annotations"].is_null())
                next.edit("metadata").set("annotations", body["metadata"]["annotations"]);
        } else if (target.kind->status == api::StatusSubresource::yes) {
            if (old["status"].is_null())
                next.erase("status");
            else
                next.set("status", old["status"]);
            if (next["spec"] != old["spec"])
                next.edit("metadata").set("generation", old["metadata"]["generation"].as_int() + 1);
        }
        if (next == old)
            return success(old);
        if (api::is_deleting(next) && next["metadata"]["finalizers"].empty() && next["spec"]["finalizers"].empty()) {
            erase(*target.kind, key);
            return success(next);
        }
        return success(store(*target.kind, key, client::WatchType::modified, next));
    }
    // Merge keys of the lists that controllers patch; other lists are replaced.
    static std::string_view merge_key(std::string_view field) {
        return field == "conditions" ? "type" : field == "ownerReferences" ? "uid" : "";
    }
    static void merge(Value& into, const Value& patch) {
        for (const auto& member : patch.members()) {
            constexpr std::string_view primitive = "$deleteFromPrimitiveList/";
            if (member.key.starts_with(primitive)) {
                const auto list = member.key.substr(primitive.size());
                Value kept = Value::array();
                for (const auto& one : into[list].items())
                    if (one != member.value[0])
                        kept.push_back(one);
                into.set(list, kept);
            } else if (member.value.is_null()) {
                into.erase(member.key);
            } else if (member.value.is_object()) {
                merge(into.edit(member.key), member.value);
            } else if (member.value.is_array() && !merge_key(member.key).empty()) {
                merge_list(into.edit(member.key), member.value, merge_key(member.key));
            } else {
                into.set(member.key, member.value);
            }
        }
    }
    static void merge_list(Value& into, const Value& patch, std::string_view key) {
        for (const auto& item : patch.items()) {
            Value rest = Value::array();
            Value merged = Value::object();
            for (const auto& old : into.items()) {
                if (old[key] == item[key])
                    merged = old;
                else
                    rest.push_back(old);
            }
            if (item["$patch"].as_string() != "delete") {
                merge(merged, item);
                rest.push_back(merged);
            }
            into = rest;
        }
    }
    client::Response patch(const Target& target, const Value& body) {
        const std::string key = key_of(target);
        const auto found = objects.find(key);
        if (found == objects.end())
            return missing(target);
        Value next = found->second;
        const auto& version = body["metadata"]["resourceVersion"];
        if (!version.is_null() && version != next["metadata"]["resourceVersion"])
            return failure(409, "Conflict", "the object has been modified");
        merge(next, body);
        if (api::is_deleting(next) && next["metadata"]["finalizers"].empty() && next["spec"]["finalizers"].empty()) {
            erase(*target.kind, key);
            return success(next);
        }
        return next == found->second ? success(next)
                                     : success(store(*target.kind, key, client::WatchType::modified, next));
    }
    client::Response remove(const Target& target) {
        const std::string key = key_of(target);
        const auto found = objects.find(key);
        if (found == objects.end())
            return missing(target);
        Value value = found->second;
        // Pods on a Node end by the kubelet; here nobody is one, so they go at once.
        if (!value["metadata"]["finalizers"].empty() || !value["spec"]["finalizers"].empty()) {
            value.edit("metadata").set("deletionTimestamp", to_rfc3339(simulation.now()));
            return success(store(*target.kind, key, client::WatchType::modified, value));
        }
        erase(*target.kind, key);
        return success(value);
    }

    std::map<std::string, Value> objects;
    std::vector<Watch> watches;
    int revision = 1;
    int generated = 0;
};

}  // namespace kubewalk::testing
