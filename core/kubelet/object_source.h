#pragma once
// ConfigMaps and Secrets straight from the API server, with the kubelet's wording for what is missing
// (pkg/kubelet/util/manager: a watch-based cache upstream; here each look asks).

#include <optional>

#include "core/client/client.h"
#include "core/kubelet/environment.h"

namespace kubewalk::kubelet {

class ApiObjectSource final : public ObjectSource {
public:
    explicit ApiObjectSource(const client::Client& client) : client_(client) {}
    Result<api::Value> config_map(std::string_view namespace_name, std::string_view name) override;
    // data comes decoded.
    Result<api::Value> secret(std::string_view namespace_name, std::string_view name) override;

private:
    const client::Client& client_;
};

}  // namespace kubewalk::kubelet
