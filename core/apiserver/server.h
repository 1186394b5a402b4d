#pragma once
// The API server: authentication -> authorisation -> admission -> validation -> store -> watch.
// Simplifications (assets/simplifications.json): "no-managed-fields" (metadata.managedFields and
// server-side apply are left out), "no-rbac" (a known user may do everything), "api-call-instant".
// Register both the store and the server with the simulation: their state belongs to checkpoints.

#include <memory>
#include <string>
#include <vector>

#include "core/apiserver/core.h"
#include "core/client/transport.h"

namespace kubewalk::apiserver {

class ApiServer final : public client::Transport, public sim::Snapshotable {
public:
    ApiServer(sim::Simulation& simulation, store::Store& store, const api::Schema& schema, Options options = {});

    void set_dialer(Dialer* dialer) { core_.dialer = dialer; }

    client::Response send(const client::Request& request) override;
    Result<client::WatchId> watch(const client::Request& request, sim::ComponentId target,
                                  std::uint32_t event_code) override;
    WatchBatch read(client::WatchId watch) override;
    void unwatch(client::WatchId watch) override;

    // Stopped: nobody answers, and all watches end.
    void set_available(bool available);
    bool available() const { return core_.state.available; }

    // What the last request went through, for the page: facts "apiserver.authn" {user},
    // "apiserver.authz" {"allow"|"deny", user, verb, resource}, "apiserver.admission" {plugin,
    // "allowed"|"changed"|"denied"}, "apiserver.validation" {"valid"|"invalid", errors},
    // "apiserver.write" {key, revision}.
    const std::vector<sim::Fact>& last_steps() const { return steps_; }
    // IP a client on the nodes' network dials, with the port.
    const std::string& address() const { return core_.options.address; }

    std::shared_ptr<const void> save() const override { return std::make_shared<State>(core_.state); }
    void load(const std::shared_ptr<const void>& state) override;

private:
    // What "connection refused" reads like.
    std::string refusal() const;
    client::Response handle(Call& call);
    // An unrecorded GET: nothing changes, not even last_steps().
    client::Response peek(const client::Request& request);
    Answer<api::Value> dispatch(Call& call);
    Answer<Done> authorise(Call& call) const;
    // The entry in the cause log, under which the watches are then told.
    void log(const Call& call, const client::Response& response);

    Core core_;
    std::vector<sim::Fact> steps_;
};

}  // namespace kubewalk::apiserver
