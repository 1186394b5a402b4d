#include "core/view/story.h"

#include <algorithm>

#include "core/cluster/cluster.h"
#include "core/view/activity.h"

namespace kubewalk::view {

void StoryTeller::forget() {
    *this = StoryTeller();
}

void StoryTeller::read(const cluster::Session& session, const sim::Entry& entry) {
    if (entry.heartbeat)
        return;
    if (entry.fact.id == "cri.StartContainer") {
        const auto chain = cause_chain(session, entry.id);
        if (std::any_of(chain.begin(), chain.end(), [&](const sim::Entry& link) { return link.object == object_; }))
            started_ = entry.id;
    }
    if (entry.object != object_)
        return;
    ++story_.entries;
    if (entry.kind != sim::EntryKind::watch)
        last_ = entry.id;
    const auto activity = activity_of(entry);
    for (const auto* box : {&activity.from, &activity.to})
        if (std::find(story_.touched.begin(), story_.touched.end(), *box) == story_.touched.end())
            story_.touched.push_back(*box);
}

const Story& StoryTeller::of(const cluster::Session& session, const sim::ObjectRef& object) {
    const auto& log = session.log();
    // Going back, or another object: from the beginning.
    const bool continues = object == object_ && log.size() >= seen_ && (seen_ == 0 || log[seen_ - 1].at == seen_at_);
    if (!continues) {
        forget();
        object_ = object;
    }
    if (object.name.empty())
        return story_;
    for (; seen_ < log.size(); ++seen_)
        read(session, log[seen_]);
    if (seen_ > 0)
        seen_at_ = log[seen_ - 1].at;
    const auto leaf = started_ != 0 ? started_ : last_;
    if (leaf != told_)
        story_.chain = cause_chain(session, leaf);
    told_ = leaf;
    return story_;
}

}  // namespace kubewalk::view
