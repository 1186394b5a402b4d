#pragma once
// The API server: authentication -> authorisation -> admission -> validation -> store -> watch.
// Simplifications (assets/simplifications.json): "api-call-instant".
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
    const client::Cache* state(client::WatchId watch) const override { return core_.state.watches.state(watch); }
    void unwatch(client::WatchId watch) override;

    // Stopped: nobody answers, and all watches end.
    void set_available(bool available);
    bool available() const { return core_.state.available; }
    // Whether etcd answers. Without it the server goes on with what it has in memory: watches stay open, discovery,
    // authentication and authorisation work, lists at resourceVersion=0 too; all else times out, and /livez and
    // /readyz fail. The 60 (reads) or 34 seconds of it take no virtual time (simplifications.json: "component-stop").
    void set_storage_answers(bool answers) { core_.state.storage_answers = answers; }
    bool storage_answers() const { return core_.state.storage_answers; }

    // What the last requests went through; see RequestRecord.
    const RequestLog& requests() const { return requests_; }
    std::vector<sim::Fact> last_steps() const { return requests_.size() == 0 ? std::vector<sim::Fact>() : requests_.recent(0).facts(); }
    // The kind of that name which a CustomResourceDefinition made; null: none.
    const api::Kind* custom_kind(std::string_view api_version, std::string_view kind) const;
    // IP a client on the nodes' network dials, with the port.
    const std::string& address() const { return core_.options.address; }

    std::shared_ptr<const void> save() const override { return std::make_shared<State>(core_.state); }
    void load(const std::shared_ptr<const void>& state) override;

private:
    // What "connection refused" reads like.
    std::string refusal() const;
    void bootstrap();
    RequestRecord& begin(const client::Request& request);
    client::Response answer(const client::Request& request, RequestRecord& record, bool dry_run);
    client::Response handle(Call& call);
    // An unrecorded GET: nothing changes, not even requests().
    client::Response peek(const client::Request& request);
    Answer<api::Value> dispatch(Call& call);
    // The entry in the cause log, under which the watches are then told.
    void log(const Call& call, const client::Response& response);

    Core core_;
    RequestLog requests_;
};

}  // namespace kubewalk::apiserver
