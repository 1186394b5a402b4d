#pragma once
// EndpointSlices for Endpoints that somebody wrote by hand, for Services without a selector.
// Upstream: pkg/controller/endpointslicemirroring/{endpointslicemirroring_controller.go,reconciler.go,utils.go}.

#include "core/client/controller.h"
#include "core/controllers/controller_utils.h"

namespace kubewalk::controllers {

namespace endpointslicemirroring {
inline constexpr std::string_view controller_name = "endpointslicemirroring-controller.k8s.io";
// Whether these Endpoints are to be mirrored, as far as they themselves say.
bool should_mirror(const Value& endpoints);
// One slice for each set of ports and address family, named later.
Objects desired_slices(const Value& endpoints);
}  // namespace endpointslicemirroring

class EndpointSliceMirroringController final : public client::ControllerOf<EndpointSliceMirroringController> {
public:
    explicit EndpointSliceMirroringController(client::Environment environment);

private:
    void changed(std::size_t informer, const client::Change& change) override;
    client::Outcome reconcile(const std::string& key) override;
    Result<void> bring_in_line(const Objects& existing, const Objects& desired);
};

}  // namespace kubewalk::controllers
