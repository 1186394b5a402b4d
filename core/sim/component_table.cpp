#include "core/sim/component_table.h"

#include <utility>

#include "core/sim/simulation.h"

namespace kubewalk::sim {

const Component* ComponentTable::find(ComponentId id) const {
    const std::size_t page = id / page_size;
    return page < pages_.size() && pages_[page] ? (*pages_[page])[id % page_size].get() : nullptr;
}

ComponentTable::Link& ComponentTable::place(ComponentId id) {
    auto& page = pages_[id / page_size];
    if (page.use_count() > 1)
        page = std::make_shared<Page>(*page);
    return (*page)[id % page_size];
}

Component* ComponentTable::edit(ComponentId id) {
    if (!contains(id))
        return nullptr;
    Link& link = place(id);
    if (link.use_count() > 1) {
        link = Link(link->clone());
        link->id_ = id;
        ++cloned_;
    }
    return link.get();
}

void ComponentTable::add(ComponentId id, Link component) {
    const std::size_t page = id / page_size;
    if (page >= pages_.size())
        pages_.resize(page + 1);
    if (!pages_[page])
        pages_[page] = std::make_shared<Page>();
    place(id) = std::move(component);
    ++size_;
}

ComponentTable::Link ComponentTable::remove(ComponentId id) {
    if (!contains(id))
        return nullptr;
    --size_;
    return std::exchange(place(id), nullptr);
}

}  // namespace kubewalk::sim
