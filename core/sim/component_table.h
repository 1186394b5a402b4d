#pragma once
// Components by id. A copy of the table shares the components with the original, and each side makes its own copy of
// a component before it changes it: a checkpoint costs what changes afterwards, not what there is.

#include <array>
#include <memory>
#include <vector>

#include "core/sim/event_queue.h"

namespace kubewalk::sim {

class Component;

class ComponentTable {
public:
    using Link = std::shared_ptr<Component>;

    // For change: a component that a copy of the table shares is cloned first. Null when there is none.
    Component* edit(ComponentId id);
    const Component* find(ComponentId id) const;
    bool contains(ComponentId id) const { return find(id) != nullptr; }
    void add(ComponentId id, Link component);
    // Takes it out; null when there is none.
    Link remove(ComponentId id);
    std::size_t size() const { return size_; }
    // How many were cloned since the table was made or copied.
    std::size_t cloned() const { return cloned_; }
    void count_anew() { cloned_ = 0; }

    // Calls visit(id, component) in the order of the ids until it returns true.
    template <typename Visit>
    void any_of(Visit visit) const {
        for (std::size_t i = 0; i < pages_.size(); ++i) {
            if (!pages_[i])
                continue;
            for (std::size_t j = 0; j < page_size; ++j)
                if (const auto& link = (*pages_[i])[j]; link && visit(static_cast<ComponentId>(i * page_size + j), *link))
                    return;
        }
    }

private:
    static constexpr std::size_t page_size = 32;
    using Page = std::array<Link, page_size>;

    Link& place(ComponentId id);

    std::vector<std::shared_ptr<Page>> pages_;
    std::size_t size_ = 0;
    std::size_t cloned_ = 0;
};

}  // namespace kubewalk::sim
