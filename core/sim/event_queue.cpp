#include "core/sim/event_queue.h"

#include <algorithm>
#include <utility>

namespace kubewalk::sim {

void EventQueue::put(std::size_t place, const Key& key) {
    heap_[place] = key;
    slots_[key.slot].place = static_cast<std::uint32_t>(place);
}

void EventQueue::rise(std::size_t place, Key key) {
    while (place > 0) {
        const std::size_t parent = (place - 1) / fan;
        if (!key.before(heap_[parent]))
            break;
        put(place, heap_[parent]);
        place = parent;
    }
    put(place, key);
}

void EventQueue::sink(std::size_t place, Key key) {
    while (true) {
        const std::size_t first = place * fan + 1;
        if (first >= heap_.size())
            break;
        std::size_t best = first;
        for (std::size_t child = first + 1; child < std::min(first + fan, heap_.size()); ++child)
            if (heap_[child].before(heap_[best]))
                best = child;
        if (!heap_[best].before(key))
            break;
        put(place, heap_[best]);
        place = best;
    }
    put(place, key);
}

EventId EventQueue::add(Event event) {
    std::uint32_t slot;
    if (free_.empty()) {
        slot = static_cast<std::uint32_t>(slots_.size());
        slots_.emplace_back();
    } else {
        slot = free_.back();
        free_.pop_back();
    }
    const Key key{event.at, event.sequence, slot};
    Slot& taken = slots_[slot];
    taken.id = event.sequence << slot_bits | slot;
    taken.event = std::move(event);
    heap_.push_back(key);
    rise(heap_.size() - 1, key);
    return taken.id;
}

const Event* EventQueue::find(EventId id) const {
    const std::size_t slot = id & ((std::uint64_t{1} << slot_bits) - 1);
    return id != 0 && slot < slots_.size() && slots_[slot].id == id ? &slots_[slot].event : nullptr;
}

void EventQueue::take_out(std::size_t place) {
    const Key last = heap_.back();
    heap_.pop_back();
    if (place == heap_.size())
        return;
    if (place > 0 && last.before(heap_[(place - 1) / fan]))
        rise(place, last);
    else
        sink(place, last);
}

void EventQueue::remove(EventId id) {
    if (!find(id))
        return;
    const auto slot = static_cast<std::uint32_t>(id & ((std::uint64_t{1} << slot_bits) - 1));
    take_out(slots_[slot].place);
    slots_[slot].id = 0;
    slots_[slot].event.text.clear();
    free_.push_back(slot);
}

Event EventQueue::take_first() {
    const std::uint32_t slot = heap_[0].slot;
    take_out(0);
    slots_[slot].id = 0;
    free_.push_back(slot);
    return std::move(slots_[slot].event);
}

}  // namespace kubewalk::sim
