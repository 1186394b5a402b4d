#pragma once
// Typed verbs over a Transport. Follows the shape of k8s.io/client-go/kubernetes.

#include <string>
#include <string_view>

#include "core/api/kinds.h"
#include "core/client/transport.h"

namespace kubewalk::client {

struct ListOptions {
    std::string label_selector;
    std::string field_selector;
};

enum class PatchType : unsigned char { json, merge, strategic };

struct DeleteOptions {
    std::int64_t grace_period_seconds = -1;  // -1: the object's default
    std::string propagation_policy;          // "", "Background", "Foreground", "Orphan"
    std::string uid;                         // precondition; "" for none
};

// Copyable: it holds a reference to the transport and who it speaks for.
class Client {
public:
    // `process`: the program that the agent is a part of; a text that stays (a literal).
    Client(Transport& transport, std::string agent, std::string user, std::string_view process = {})
        : transport_(&transport), agent_(std::move(agent)), user_(std::move(user)), process_(process) {}

    // Errors carry the Status reason: "NotFound", "AlreadyExists", "Conflict", "Invalid", "Forbidden", ...
    Result<api::Value> get(const api::Kind& kind, std::string_view namespace_name, std::string_view name) const;
    // The List object; its items carry apiVersion and kind.
    Result<api::Value> list(const api::Kind& kind, std::string_view namespace_name, const ListOptions& options = {}) const;
    // Namespace and name are taken from the object's metadata.
    Result<api::Value> create(const api::Kind& kind, const api::Value& object) const;
    Result<api::Value> update(const api::Kind& kind, const api::Value& object) const;
    Result<api::Value> update_status(const api::Kind& kind, const api::Value& object) const;
    Result<api::Value> patch(const api::Kind& kind, std::string_view namespace_name, std::string_view name,
                             PatchType type, const api::Value& patch, std::string_view subresource = {}) const;
    Result<api::Value> remove(const api::Kind& kind, std::string_view namespace_name, std::string_view name,
                              const DeleteOptions& options = {}) const;
    // POST to a subresource: pods/NAME/binding, pods/NAME/eviction, ...
    Result<api::Value> post(const api::Kind& kind, std::string_view namespace_name, std::string_view name,
                            std::string_view subresource, const api::Value& body) const;

    // Opens a watch from a list's resourceVersion on; see Transport::watch.
    Result<WatchId> watch(const api::Kind& kind, std::string_view namespace_name, const ListOptions& options,
                          std::string_view resource_version, sim::ComponentId target, std::uint32_t event_code) const;

    // The same client, its requests marked as signs of life.
    Client heartbeats() const;
    // The same client, its bodies in the form in which the server stores them (Request::typed).
    Client typed() const;

    Transport& transport() const { return *transport_; }
    const std::string& agent() const { return agent_; }
    const std::string& user() const { return user_; }

private:
    Request request(Method method, std::string path) const;

    Transport* transport_;
    std::string agent_;
    std::string user_;
    std::string_view process_;
    bool heartbeat_ = false;
    bool typed_ = false;
};

}  // namespace kubewalk::client
