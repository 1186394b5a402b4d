#pragma once
// Says of each APIService of another server whether that server can be reached: its Service, the Service's port and
// endpoints, and an answer from its discovery. Runs inside kube-apiserver.
// Upstream: k8s.io/kube-aggregator/pkg/controllers/status/remote/remote_available_controller.go.

#include "core/apiserver/dialer.h"
#include "core/client/controller.h"

namespace kubewalk::apiserver {

class AvailabilityController final : public client::ControllerOf<AvailabilityController> {
public:
    // The name of its post-start hook.
    static constexpr std::string_view hook = "apiservice-status-remote-available-controller";

    AvailabilityController(client::Environment environment, Dialer& dialer);

private:
    enum Source : std::size_t { api_services, services, endpoint_slices };
    void changed(std::size_t informer, const client::Change& change) override;
    client::Outcome reconcile(const std::string& key) override;

    struct Verdict {
        bool available = true;
        std::string_view reason;
        std::string message;
    };
    Verdict check(const api::Value& api_service) const;
    bool has_ready_endpoint(const api::Value& service, std::string_view port_name, bool& any) const;

    Dialer* dialer_;
};

}  // namespace kubewalk::apiserver
