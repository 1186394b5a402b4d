#pragma once
// Which Pods each owner controls and how many of them are what, kept up to date by watch events, so that a sync costs
// the same however many Pods there are. A value type whose copies share structure.
// Upstream: the Pod informer's indexer by controller (pkg/controller/controller_utils.go, PodControllerIndex).

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/ordered_map.h"
#include "core/controllers/controller_utils.h"

namespace kubewalk::controllers {

class OwnedPods {
public:
    // Pods of one owner that have the same labels.
    struct Group {
        Value labels;
        std::int64_t active = 0;
        std::int64_t ready = 0;        // of the active ones
        std::int64_t terminating = 0;
        std::int64_t all = 0;
    };
    struct Owned {
        std::vector<Group> groups;
        OrderedMap<std::string, char> keys;  // "namespace/name" of each; the value means nothing
    };

    explicit OwnedPods(std::string_view owner_kind) : owner_kind_(owner_kind) {}
    // `before` null: it is new; `after` null: it is gone.
    void change(const Value& before, const Value& after);
    // Null when it controls none. Valid until the next change.
    const Owned* of(std::string_view owner_uid) const { return owned_.find(owner_uid); }
    // Whether a Pod in the namespace that nobody controls has labels which the selector matches.
    bool has_orphan(std::string_view namespace_name, const api::LabelSelector& selector) const;

private:
    void count(const Value& pod, std::int64_t sign);

    std::string owner_kind_;
    OrderedMap<std::string, Owned> owned_;   // by the owner's uid
    OrderedMap<std::string, Value> orphans_;  // by "namespace/name"
};

}  // namespace kubewalk::controllers
