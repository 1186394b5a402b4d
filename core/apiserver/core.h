#pragma once
// What the parts of the API server share: its state, and the one way to write to the store.

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/api/kinds.h"
#include "core/api/managed_fields.h"
#include "core/api/schema.h"
#include "core/apiserver/allocator.h"
#include "core/apiserver/authentication.h"
#include "core/apiserver/authorization.h"
#include "core/apiserver/custom/custom_resources.h"
#include "core/apiserver/dialer.h"
#include "core/apiserver/request_record.h"
#include "core/apiserver/route.h"
#include "core/apiserver/status.h"
#include "core/apiserver/watch_hub.h"
#include "core/store/store.h"

namespace kubewalk::apiserver {

// --authorization-mode: kube-apiserver's own default, and what kubeadm sets.
enum class AuthorizationMode : unsigned char { always_allow, node_rbac };

struct Options {
    std::string address = "192.168.122.11:6443";
    std::string version = "v1.36.0";
    ServiceRanges services;
    AuthorizationMode authorization = AuthorizationMode::always_allow;
};

// Everything that a checkpoint of the API server keeps.
struct State {
    Random random{0};
    bool available = true;
    bool storage_answers = true;  // etcd; without it only what the server has cached is served
    WatchHub watches;
    ServiceAllocator services;
    // When Events end: (due in ns, key) -> mod revision they had. Upstream: etcd leases, --event-ttl.
    OrderedMap<std::pair<std::int64_t, std::string>, store::Revision> expiring;
    Time last_compaction;
    store::Revision compact_next = 0;
    std::string identity_lease{};  // its key; "" where there is none
    Time identity_renewed;
};

// One request under way.
struct Call {
    const client::Request& request;
    Route route;
    std::vector<std::string> warnings;
    RequestRecord& record;
    const UserInfo& user;
    sim::CauseId cause = 0;  // the api_call entry that this request will get
    bool dry_run = false;
    // For metadata.managedFields (managed_fields.h). What the next write was asked for, before admission and the rules of
    // its kind; null: it is the server's own doing (a binding, a deletion), and who manages what stays as it was.
    api::Value asked{};
    api::Value sent_fields{};                   // metadata.managedFields as the client sent them; null: it did not
    std::optional<api::ManagedFields> applied{};  // what server-side apply made of them
    std::optional<api::ManagedFields> managed{};  // those of the object that is answered, where it was written or removed
    // Of an answer that is no object of the API (a proxied one).
    int code = 0;
    std::map<std::string, std::string> headers{};

    const std::string& query(const std::string& key) const {
        static const std::string none;
        auto found = request.query.find(key);
        return found == request.query.end() ? none : found->second;
    }
};

class Core {
public:
    Core(sim::Simulation& simulation_service, store::Store& store_service, const api::Schema& schema_service,
         Options server_options)
        : simulation(simulation_service),
          store(store_service),
          schema(schema_service),
          options(std::move(server_options)),
          authorizer(store_service),
          customs(store_service) {}

    // The object under its key, null when absent.
    const api::Value& get(const api::Kind& kind, std::string_view namespace_name, std::string_view name) const;

    // Writes `object` as the next revision; `before` is what it replaces (null: create). The written
    // form, with its resourceVersion, is returned. With dry-run nothing is written.
    Answer<api::Value> write(Call& call, const api::Kind& kind, api::Value object, const api::Value& before);
    Answer<api::Value> erase(Call& call, const api::Kind& kind, const api::Value& before);
    // The server's own: writes an object that is not there yet past admission and validation.
    void install(const api::Kind& kind, api::Value object, Random& random);
    // The server's own: takes away an object without a namespace past admission.
    void uninstall(const api::Kind& kind, std::string_view name);

    // Tells the watches what was written since the last call; how many were told.
    int publish();
    // Drops Events whose time is over, and old revisions of the history.
    void housekeeping();

    sim::Simulation& simulation;
    store::Store& store;
    const api::Schema& schema;
    const Options options;
    State state;
    Dialer* dialer = nullptr;
    // What follows from the store and is kept only to be quick.
    Users users;
    Authorizer authorizer;
    CustomResources customs;

private:
    void wrote(const api::Kind& kind, store::Revision revision);

    std::vector<std::pair<const api::Kind*, store::Revision>> unpublished_;
};

}  // namespace kubewalk::apiserver
