#pragma once
// ServiceCIDRs are given their finalizer and are said to be ready; one that is deleted stays while addresses that
// are in use lie in no other range. Upstream: pkg/controller/servicecidrs/servicecidrs_controller.go.

#include "core/client/controller.h"

namespace kubewalk::controllers {

class ServiceCIDRsController final : public client::ControllerOf<ServiceCIDRsController> {
public:
    explicit ServiceCIDRsController(client::Environment environment);

private:
    enum Source : std::size_t { ranges, addresses };
    void changed(std::size_t informer, const client::Change& change) override;
    client::Outcome reconcile(const std::string& key) override;

    bool may_go(const api::Value& range) const;
    client::Outcome finish(const api::Value& range);
    client::Outcome say(const api::Value& range, bool ready, std::string_view reason, std::string_view message);
};

}  // namespace kubewalk::controllers
