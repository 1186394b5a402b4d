#include "core/store/store.h"

#include <algorithm>

namespace kubewalk::store {

namespace {
Error compare_failed() { return {"Compare", "etcdserver: compare failed", {}}; }
}  // namespace

Revision Store::commit(Change change) {
    ++state_.revision;
    state_.history.set(state_.revision, std::move(change));
    return state_.revision;
}

Result<Revision> Store::put(const std::string& key, api::Value value, Revision expected, Origin origin, Time now,
                             api::ManagedFields managed) {
    const Entry* existing = get(key);
    if ((existing ? existing->mod_revision : 0) != expected)
        return compare_failed();
    Entry entry;
    entry.value = value;
    entry.managed = managed;
    entry.mod_revision = next_revision();
    entry.create_revision = existing ? existing->create_revision : entry.mod_revision;
    api::Value before = existing ? existing->value : api::Value();
    state_.entries.set(key, std::move(entry));
    return commit({key, std::move(before), std::move(value), std::move(managed), origin, now});
}

Result<Revision> Store::remove(const std::string& key, Revision expected, Origin origin, Time now) {
    const Entry* existing = get(key);
    if (!existing || existing->mod_revision != expected)
        return compare_failed();
    api::Value before = existing->value;
    api::ManagedFields managed = existing->managed;
    state_.entries.erase(key);
    return commit({key, std::move(before), {}, std::move(managed), origin, now});
}

Result<std::vector<std::pair<Revision, Change>>> Store::changes_after(Revision after, std::string_view prefix) const {
    if (after < state_.compacted)
        return Error{"Compacted", "etcdserver: mvcc: required revision has been compacted", {}};
    std::vector<std::pair<Revision, Change>> changes;
    for (auto it = state_.history.lower_bound(after + 1); it != state_.history.end(); ++it)
        if (std::string_view(it->second.key).starts_with(prefix))
            changes.emplace_back(it->first, it->second);
    return changes;
}

void Store::compact(Revision revision) {
    revision = std::min(revision, state_.revision);
    while (!state_.history.empty()) {
        const Revision oldest = state_.history.begin()->first;
        if (oldest > revision)
            break;
        state_.history.erase(oldest);
    }
    state_.compacted = std::max(state_.compacted, revision);
}

std::shared_ptr<const void> Store::save() const { return std::make_shared<State>(state_); }

void Store::load(const std::shared_ptr<const void>& state) { state_ = *static_cast<const State*>(state.get()); }

}  // namespace kubewalk::store
