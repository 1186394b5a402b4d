#pragma once
// Deleting objects and waiting until they are gone: delete, replace --force, apply --prune, run --rm.
// Upstream: k8s.io/kubectl/pkg/cmd/delete/delete.go, pkg/cmd/wait/delete.go.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/kubectl/resource_args.h"

namespace kubewalk::kubectl {

struct Removal {
    std::int64_t grace_period = -1;
    std::string policy = "Background";
};
// From --cascade, --grace-period, --force, --now.
Answer<Removal> removal_of(Run& run);

// Sends the DELETE; what the server answered.
Answer<api::Value> remove_object(Run& run, const Info& info, const Removal& removal, DryRun dry_run);

// What was deleted and must disappear, or be replaced by another of its name.
struct Doomed {
    const api::Kind* kind = nullptr;
    std::string namespace_name;
    std::string name;
    std::string uid;
};
Doomed doomed(const Info& info, const api::Value& answer);

// The words kubectl says of one deleted object.
std::string removal_line(const Info& info, const Removal& removal, DryRun dry_run);

class Disappearing final : public Waiting<Disappearing> {
public:
    Disappearing(const Server& server, std::vector<Doomed> items, std::optional<Time> deadline)
        : server_(server.quiet()), items_(std::move(items)), deadline_(deadline) {}
    bool poll(Time now, Output& more) override;

private:
    bool is_gone(const Doomed& item);

    Server server_;
    std::vector<Doomed> items_;
    std::optional<Time> deadline_;
};

}  // namespace kubewalk::kubectl
