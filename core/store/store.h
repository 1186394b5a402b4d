#pragma once
// etcd's part: keys with values, one revision counter over all of them, and the history of changes
// until it is compacted. Follows etcd's mvcc (server/storage/mvcc) as k8s.io/apiserver's
// storage/etcd3 uses it. The state shares structure, so save() and load() are O(1).

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/api/managed_fields.h"
#include "core/api/value.h"
#include "core/base/ordered_map.h"
#include "core/base/result.h"
#include "core/sim/simulation.h"

namespace kubewalk::store {

using Revision = std::int64_t;  // 1: empty store, as etcd starts

// What a key holds now.
struct Entry {
    api::Value value;            // without metadata.managedFields,
    api::ManagedFields managed;  // which stand here, worked out when somebody asks for them
    Revision create_revision = 0;
    Revision mod_revision = 0;
};

// Who wrote, for whoever asks why.
struct Origin {
    sim::CauseId cause = 0;
    bool heartbeat = false;  // a periodic sign of life
};

struct Change {
    std::string key;
    api::Value before;  // null: the key was created
    api::Value after;   // null: the key was removed
    api::ManagedFields managed;  // of `after`, or of what was removed
    Origin origin;
    Time at;
};

class Store final : public sim::Snapshotable {
public:
    using Entries = OrderedMap<std::string, Entry>;
    using History = OrderedMap<Revision, Change>;

    Revision revision() const { return state_.revision; }
    // The revision that the next successful write gets.
    Revision next_revision() const { return state_.revision + 1; }

    // Null when absent; valid until the next write.
    const Entry* get(std::string_view key) const { return state_.entries.find(key); }
    // All keys that start with `prefix`, in order: for (auto it = first(p); within(it, p); ++it).
    Entries::const_iterator first(std::string_view prefix) const { return state_.entries.lower_bound(prefix); }
    bool within(const Entries::const_iterator& it, std::string_view prefix) const {
        return it != state_.entries.end() && std::string_view(it->first).starts_with(prefix);
    }
    std::size_t size() const { return state_.entries.size(); }

    // Each write is a transaction that compares the key's mod revision first (0: must not exist).
    // Error: reason "Compare" when it differs.
    Result<Revision> put(const std::string& key, api::Value value, Revision expected, Origin origin, Time now,
                         api::ManagedFields managed = {});
    Result<Revision> remove(const std::string& key, Revision expected, Origin origin, Time now);

    // Changes with a revision greater than `after` whose key starts with `prefix`.
    // Error: reason "Compacted", etcd's own message.
    Result<std::vector<std::pair<Revision, Change>>> changes_after(Revision after, std::string_view prefix) const;
    const History& history() const { return state_.history; }
    Revision compacted() const { return state_.compacted; }
    // Forgets the history up to and including `revision`; what keys hold now stays.
    void compact(Revision revision);

    std::shared_ptr<const void> save() const override;
    void load(const std::shared_ptr<const void>& state) override;

private:
    struct State {
        Revision revision = 1;
        Revision compacted = 0;
        Entries entries;
        History history;
    };

    Revision commit(Change change);

    State state_;
};

}  // namespace kubewalk::store
