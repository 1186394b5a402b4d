#include "core/kubelet/object_source.h"

#include "core/base/base64.h"
#include "core/base/text.h"

namespace kubewalk::kubelet {
namespace {

Result<api::Value> worded(Result<api::Value> object, std::string_view what, std::string_view name) {
    if (!object.ok() && object.error().reason == "NotFound")
        return Error{"NotFound", cat(what, " ", quoted(name), " not found"), {}, 0, 0};
    return object;
}

}  // namespace

Result<api::Value> ApiObjectSource::config_map(std::string_view namespace_name, std::string_view name) {
    return worded(client_.get(api::kind::config_maps, namespace_name, name), "configmap", name);
}

Result<api::Value> ApiObjectSource::secret(std::string_view namespace_name, std::string_view name) {
    auto secret = worded(client_.get(api::kind::secrets, namespace_name, name), "secret", name);
    if (!secret.ok())
        return secret;
    const auto encoded = secret.value()["data"];
    for (const auto& member : encoded.members())
        secret.value().edit("data").set(member.key, from_base64(member.value.as_string()).value_or(""));
    return secret;
}

}  // namespace kubewalk::kubelet
