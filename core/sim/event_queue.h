#pragma once
// What is to happen: events by (time, sequence). A heap of small keys over slots whose memory is used again, so that
// scheduling and cancelling cost no allocation of their own.

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "core/base/time.h"
#include "core/sim/cause.h"

namespace kubewalk::sim {

using ComponentId = std::uint32_t;  // 0: none. Never used twice within one history.

// Does a pending event keep the cluster from being settled (architecture.md)?
enum class Urgency : std::uint8_t {
    work,        // a start, a probe's first delay, a back-off, a queued key, a watch delivery
    background,  // heartbeats, periodic probes and resyncs: they go on for ever
};

struct Event {
    Time at;
    std::uint64_t sequence = 0;
    ComponentId target = 0;
    std::uint32_t code = 0;  // the component's own enumeration
    Urgency urgency = Urgency::work;
    CauseId cause = 0;  // becomes the current cause while the event is handled
    std::uint64_t number = 0;
    std::string text;
};

// Names a scheduled event so that it can be cancelled. 0: none.
using EventId = std::uint64_t;

class EventQueue {
public:
    bool empty() const { return heap_.empty(); }
    std::size_t size() const { return heap_.size(); }
    const Event& first() const { return slots_[heap_[0].slot].event; }

    EventId add(Event event);
    // Null when it has been handled or cancelled.
    const Event* find(EventId id) const;
    void remove(EventId id);
    Event take_first();
    // Calls told(event) for each event of the target, then removes it.
    template <typename Told>
    void remove_all_of(ComponentId target, Told told) {
        std::vector<EventId> doomed;
        for (const Key& key : heap_)
            if (slots_[key.slot].event.target == target)
                doomed.push_back(slots_[key.slot].id);
        for (const EventId id : doomed) {
            told(*find(id));
            remove(id);
        }
    }

private:
    struct Key {
        Time at;
        std::uint64_t sequence;
        std::uint32_t slot;
        bool before(const Key& other) const { return at != other.at ? at < other.at : sequence < other.sequence; }
    };
    struct Slot {
        Event event;
        EventId id = 0;  // 0: free
        std::uint32_t place = 0;
    };
    static constexpr int slot_bits = 24;
    static constexpr std::size_t fan = 4;

    void put(std::size_t place, const Key& key);
    void rise(std::size_t place, Key key);
    void sink(std::size_t place, Key key);
    void take_out(std::size_t place);

    std::vector<Key> heap_;
    std::vector<Slot> slots_;
    std::vector<std::uint32_t> free_;
};

}  // namespace kubewalk::sim
