#pragma once
// The wire between clients and the API server, reduced to what HTTP carries: method, path, query,
// headers, body. core/apiserver implements it in process; a socket can implement it as well.
// A request takes no virtual time by itself (simplifications.json: "api-call-instant"); what it
// sets off arrives later, as watch events.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/api/value.h"
#include "core/base/ordered_map.h"
#include "core/base/result.h"
#include "core/sim/simulation.h"

namespace kubewalk::client {

enum class Method : unsigned char { get, post, put, patch, del };
std::string_view method_name(Method method);  // "GET", "POST", "PUT", "PATCH", "DELETE"

struct Request {
    Method method = Method::get;
    std::string path;                          // "/api/v1/namespaces/default/pods/x/status"
    std::map<std::string, std::string> query;  // decoded; repeated keys ("command") joined by '\n'
    std::map<std::string, std::string> headers;  // "Content-Type", "Accept", ...; keys as written here
    api::Value body;
    std::string user;   // who authenticated: "kubernetes-admin", "system:node:node-1", ...
    std::string agent;  // the component as the cause log shows it: "kubectl", "kubelet/node-1"
    std::string_view process;  // what the user agent begins with, where many agents are one program: "kube-controller-manager"
    bool heartbeat = false;  // a periodic sign of life (Lease renewals): logged as such
    // Answers need no metadata.managedFields. Components keep none of them (client-go's informers are told to throw them
    // away, cache.TransformStripManagedFields), and here nobody even has to work them out.
    bool without_managed_fields = false;
    // The body, or what a patch makes of the object, is in the form in which the server stores it: a program that has the kinds as
    // types of its own cannot name an unknown field. Reading it (api::decode) would change nothing; where assertions are on, the
    // server reads it all the same and compares.
    bool typed = false;
    bool unrecorded = false;  // the page looks on: no entry in the cause log, nothing changes
};

struct Response {
    int code = 0;  // HTTP status; 0: no answer at all, see `failure`
    api::Value body;
    std::vector<std::string> warnings;  // texts of 299 Warning headers
    std::map<std::string, std::string> headers;  // of an answer that is no object (a proxied one): lower-case names, body its text
    std::string failure;  // transport error, as Go prints it: "dial tcp 192.168.122.11:6443: connect: connection refused"

    bool ok() const { return code >= 200 && code < 300; }
};

enum class WatchType : unsigned char { added, modified, deleted, bookmark, error };

struct WatchEvent {
    WatchType type = WatchType::added;
    api::Value object;       // for error: a metav1.Status
    sim::CauseId cause = 0;  // the write that made it
    bool heartbeat = false;  // that write was a periodic sign of life
    // Where the transport knows them (Transport::state): what the watch knew of the object before, and its
    // "namespace/name". Both null else.
    api::Value before{};
    api::Value key{};
};

// Objects by "namespace/name" (or "name").
using Cache = OrderedMap<std::string, api::Value>;

std::string_view watch_type_name(WatchType type);  // "ADDED", "MODIFIED", "DELETED", "BOOKMARK", "ERROR"

using WatchId = std::uint64_t;  // 0: none; the highest bit is never set

class Transport {
public:
    virtual ~Transport() = default;

    virtual Response send(const Request& request) = 0;

    // Opens GET path?watch=true&resourceVersion=... . When there is something to read, an event with
    // `event_code` and number = WatchId reaches `target`. Error: as send() would answer (reason
    // "Expired" for a compacted revision, "ConnectionRefused" when nobody answers).
    virtual Result<WatchId> watch(const Request& request, sim::ComponentId target, std::uint32_t event_code) = 0;
    // Everything due for the watch since the last read, in order of revision. `closed` when the
    // server ended it (API server stopped): list again and open a new one.
    struct WatchBatch {
        std::vector<WatchEvent> events;
        bool closed = false;
    };
    virtual WatchBatch read(WatchId watch) = 0;
    virtual void unwatch(WatchId watch) = 0;
    // What a reader who has read everything knows: the same that it would make of list and events, shared by all who
    // watch the same. Null where the wire is a real one.
    virtual const Cache* state(WatchId) const { return nullptr; }
};

// The body of a refused request as an Error: reason and message of the metav1.Status, or of the
// transport failure (reason "ConnectionRefused").
Error to_error(const Response& response);

}  // namespace kubewalk::client
