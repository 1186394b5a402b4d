#include "core/kubectl/custom_kinds.h"

#include <algorithm>

#include "core/api/custom_kinds.h"
#include "core/base/text.h"

namespace kubewalk::kubectl {

using api::Kind;
using api::Value;

std::vector<const Kind*> custom_kinds(Server& server) {
    std::vector<const Kind*> found;
    Server asking = server.quiet();
    const auto groups = asking.answer(asking.request(client::Method::get, "/apis"));
    if (!groups.ok())
        return found;
    const auto own = api::kinds();
    for (const auto& group : groups.value()["groups"].items()) {
        if (std::any_of(own.begin(), own.end(), [&](const Kind& kind) { return kind.group == group["name"].as_string(); }))
            continue;
        for (const auto& version : group["versions"].items()) {
            const auto path = cat("/apis/", version["groupVersion"].as_string());
            auto list = asking.answer(asking.request(client::Method::get, path));
            // What another server answers for cannot be asked unseen.
            if (!list.ok() && list.refusal().is("MethodNotAllowed"))
                list = server.answer(server.request(client::Method::get, path));
            if (!list.ok())
                continue;
            for (const auto* kind : api::custom_kinds_in(list.value()))
                found.push_back(kind);
        }
    }
    return found;
}

const Kind* kind_called(Server& server, std::string_view word) {
    if (const auto* own = api::find_by_any_name(word))
        return own;
    for (const auto* kind : custom_kinds(server))
        if (api::is_called(*kind, word))
            return kind;
    return nullptr;
}

const Kind* kind_of_object(Server& server, std::string_view api_version, std::string_view name) {
    if (const auto* own = api::find_kind(api_version, name))
        return own;
    for (const auto* kind : custom_kinds(server))
        if (kind->kind == name && kind->api_version() == api_version)
            return kind;
    return nullptr;
}

std::string_view patch_content_type(const Kind& kind) { return api::is_custom(kind) ? "application/merge-patch+json" : "application/strategic-merge-patch+json"; }

}  // namespace kubewalk::kubectl
