#include "core/controllers/replicaset/owned_pods.h"

#include <algorithm>

#include "core/base/text.h"

namespace kubewalk::controllers {

void OwnedPods::change(const Value& before, const Value& after) {
    if (!before.is_null())
        count(before, -1);
    if (!after.is_null())
        count(after, 1);
}

void OwnedPods::count(const Value& pod, std::int64_t sign) {
    const auto& owner = api::controller_of(pod);
    if (owner.is_null()) {
        if (sign > 0)
            orphans_.set(api::key_of(pod), pod["metadata"]["labels"]);
        else
            orphans_.erase(api::key_of(pod));
        return;
    }
    if (owner["kind"].as_string() != owner_kind_)
        return;
    Owned& owned = owned_[owner["uid"].str()];
    if (sign > 0)
        owned.keys.set(api::key_of(pod), {});
    else
        owned.keys.erase(api::key_of(pod));
    const auto& labels = pod["metadata"]["labels"];
    auto group = std::find_if(owned.groups.begin(), owned.groups.end(), [&](const Group& one) { return one.labels == labels; });
    if (group == owned.groups.end()) {
        owned.groups.push_back({labels});
        group = owned.groups.end() - 1;
    }
    group->all += sign;
    if (is_pod_active(pod)) {
        group->active += sign;
        group->ready += is_pod_ready(pod) ? sign : 0;
    } else if (is_pod_terminating(pod)) {
        group->terminating += sign;
    }
    if (group->all == 0)
        owned.groups.erase(group);
    if (owned.groups.empty())
        owned_.erase(owner["uid"].as_string());
}

bool OwnedPods::has_orphan(std::string_view namespace_name, const api::LabelSelector& selector) const {
    const std::string prefix = cat(namespace_name, "/");
    for (auto it = orphans_.lower_bound(prefix); it != orphans_.end() && it->first.starts_with(prefix); ++it)
        if (selector.matches(it->second))
            return true;
    return false;
}

}  // namespace kubewalk::controllers
