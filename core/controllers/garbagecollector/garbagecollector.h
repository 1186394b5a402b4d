#pragma once
// Deletes what belonged to owners that are gone (background), and holds or releases owners that wait for
// their dependents (finalizers foregroundDeletion and orphan).
// Upstream: pkg/controller/garbagecollector/{garbagecollector.go,graph_builder.go}.

#include <map>
#include <vector>

#include "core/base/ordered_map.h"
#include "core/client/controller.h"

namespace kubewalk::controllers {

class GarbageCollector final : public client::ControllerOf<GarbageCollector> {
public:
    explicit GarbageCollector(client::Environment environment);

private:
    // Keys are "resource.group|namespace/name".
    void changed(std::size_t informer, const client::Change& change) override;
    client::Outcome reconcile(const std::string& key) override;

    struct Found {
        const api::Kind* kind = nullptr;
        api::Value object;
    };
    void learn(const api::Value& definition);
    Found find(const std::string& key) const;
    std::string key_of(std::size_t informer, const api::Value& object) const;
    void index(const std::string& key, const api::Value& before, const api::Value& after);
    std::vector<Found> dependents_of(std::string_view uid) const;
    void enqueue_dependents(std::string_view uid);

    // Whether the owner still exists; asks the API server where the caches do not know.
    Result<bool> exists(const api::Value& owner_reference, std::string_view namespace_name) const;
    Result<void> collect(const Found& found);
    Result<void> hold_for_dependents(const Found& found);
    Result<void> orphan_dependents(const Found& found);
    Result<void> remove_finalizer(const Found& found, std::string_view finalizer);

    std::vector<const api::Kind*> kinds_;
    std::map<std::string, std::size_t, std::less<>> informer_of_;           // resource.group -> index
    using KeySet = OrderedMap<std::string, char>;  // the values mean nothing
    OrderedMap<std::string, KeySet> dependents_;   // owner uid -> keys
    OrderedMap<std::string, std::string> uids_;    // uid -> key, of what exists
};

}  // namespace kubewalk::controllers
