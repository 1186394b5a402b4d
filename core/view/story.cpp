#include "core/view/story.h"

#include <algorithm>

#include "core/cluster/cluster.h"
#include "core/view/activity.h"

namespace kubewalk::view {

void StoryTeller::forget() {
    *this = StoryTeller();
}

void StoryTeller::read(const cluster::Session& session, std::size_t index) {
    const auto& log = session.log();
    const sim::CauseId id = index + 1;
    if (log.heartbeat(index))
        return;
    if (log.fact_id(index) == "cri.StartContainer") {
        const auto chain = cause_chain(session, id);
        if (std::any_of(chain.begin(), chain.end(), [&](const sim::Entry& link) { return link.object == object_; }))
            started_ = id;
    }
    if (log.object(index) != sim::ObjectView(object_))
        return;
    ++story_.entries;
    if (log.kind(index) != sim::EntryKind::watch)
        last_ = id;
    const auto activity = activity_of(log[index]);
    for (const auto* box : {&activity.from, &activity.to})
        if (std::find(story_.touched.begin(), story_.touched.end(), *box) == story_.touched.end())
            story_.touched.push_back(*box);
}

const Story& StoryTeller::of(const cluster::Session& session, const sim::ObjectRef& object) {
    const auto& log = session.log();
    // Going back, or another object: from the beginning.
    const bool continues = object == object_ && log.size() >= seen_ && (seen_ <= log.first() || log.at(seen_ - 1) == seen_at_);
    if (!continues) {
        forget();
        object_ = object;
    }
    if (object.name.empty())
        return story_;
    for (seen_ = std::max(seen_, log.first()); seen_ < log.size(); ++seen_)
        read(session, seen_);
    if (seen_ > log.first())
        seen_at_ = log.at(seen_ - 1);
    const auto leaf = started_ != 0 ? started_ : last_;
    if (leaf != told_)
        story_.chain = cause_chain(session, leaf);
    told_ = leaf;
    return story_;
}

}  // namespace kubewalk::view
