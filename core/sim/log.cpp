#include "core/sim/log.h"

#include <algorithm>
#include <cstring>

#include "core/base/compare.h"

namespace kubewalk::sim {

// -- texts ------------------------------------------------------------------------------------------------

namespace {

constexpr std::size_t block_bytes = std::size_t{64} << 10;
constexpr std::size_t first_slots = 1024;

// Eight bytes at a time; it only has to spread well.
std::uint32_t hash_of(std::string_view text) {
    constexpr std::uint64_t prime = 0x9e3779b97f4a7c15ull;
    std::uint64_t hash = text.size() * prime;
    const char* at = text.data();
    std::size_t left = text.size();
    for (; left >= 8; left -= 8, at += 8) {
        std::uint64_t word;
        std::memcpy(&word, at, 8);
        hash = (hash ^ word) * prime;
        hash ^= hash >> 32;
    }
    std::uint64_t word = 0;
    if (left > 0)
        std::memcpy(&word, at, left);
    hash = (hash ^ word) * prime;
    return static_cast<std::uint32_t>(hash >> 32);
}

}  // namespace

Texts::Texts() : slots_(first_slots) {
    entries_.push_back({"", 0, hash_of({})});
    slots_[entries_[0].hash & (first_slots - 1)] = 1;
}

const char* Texts::keep(std::string_view text) {
    if (text.size() > left_) {
        const std::size_t size = std::max(block_bytes, text.size());
        blocks_.push_back(std::make_unique<char[]>(size));
        free_ = blocks_.back().get();
        left_ = size;
    }
    char* kept = free_;
    std::memcpy(kept, text.data(), text.size());
    free_ += text.size();
    left_ -= text.size();
    return kept;
}

void Texts::grow() {
    std::vector<std::uint32_t> wider(slots_.size() * 2);
    const std::size_t mask = wider.size() - 1;
    for (std::uint32_t id = 0; id < entries_.size(); ++id) {
        std::size_t slot = entries_[id].hash & mask;
        while (wider[slot] != 0)
            slot = (slot + 1) & mask;
        wider[slot] = id + 1;
    }
    slots_ = std::move(wider);
}

Texts::Id Texts::id_of(std::string_view text) {
    if (text.empty())
        return 0;
    const std::uint32_t hash = hash_of(text);
    const std::size_t mask = slots_.size() - 1;
    std::size_t slot = hash & mask;
    for (; slots_[slot] != 0; slot = (slot + 1) & mask) {
        const Entry& entry = entries_[slots_[slot] - 1];
        if (entry.hash == hash && same_text({entry.text, entry.length}, text))
            return slots_[slot] - 1;
    }
    const auto id = static_cast<Id>(entries_.size());
    entries_.push_back({keep(text), static_cast<std::uint32_t>(text.size()), hash});
    slots_[slot] = id + 1;
    if (entries_.size() * 2 > slots_.size())
        grow();
    return id;
}

// -- entries ----------------------------------------------------------------------------------------------

ObjectView Log::object(std::size_t index) const {
    const Record& one = record(index);
    return {texts_[one.resource], texts_[one.namespace_name], texts_[one.name]};
}

Entry Log::operator[](std::size_t index) const {
    const Record& one = record(index);
    Entry entry;
    entry.id = index + 1;
    entry.cause = one.cause;
    entry.step = one.step;
    entry.at = one.at;
    entry.kind = one.kind;
    entry.component = texts_[one.component];
    entry.object = {std::string(texts_[one.resource]), std::string(texts_[one.namespace_name]), std::string(texts_[one.name])};
    entry.fact.id = texts_[one.fact];
    for (std::size_t i = 0; i < one.arg_count; ++i)
        entry.fact.args.emplace_back(arg(index, i));
    entry.heartbeat = one.heartbeat;
    return entry;
}

std::size_t Log::first_after(Time time) const {
    std::size_t low = first(), high = present_;
    while (low < high) {
        const std::size_t middle = low + (high - low) / 2;
        if (time < record(middle).at)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

bool Log::same(std::size_t index, const Record& other, const FactView& fact) const {
    const Record& one = record(index);
    if (one.step != other.step || one.at != other.at || one.cause != other.cause || one.component != other.component ||
        one.resource != other.resource || one.namespace_name != other.namespace_name || one.name != other.name ||
        one.fact != other.fact || one.arg_count != other.arg_count || one.kind != other.kind || one.heartbeat != other.heartbeat)
        return false;
    for (std::size_t i = 0; i < one.arg_count; ++i)
        if (arg(index, i) != fact.arg(i))
            return false;
    return true;
}

CauseId Log::append(CauseId cause, std::uint64_t step, Time at, EntryKind kind, std::string_view component, const ObjectView& object,
                    const FactView& fact, bool heartbeat) {
    // Entries resemble the one before: comparing is quicker than looking up.
    const Record* last = present_ == 0 ? nullptr : &record(present_ - 1);
    const auto id_of = [&](std::string_view text, Texts::Id Record::*field) {
        return last && same_text(texts_[last->*field], text) ? last->*field : texts_.id_of(text);
    };
    Record made{step, at, static_cast<std::uint32_t>(cause), 0, id_of(component, &Record::component), id_of(object.resource, &Record::resource),
                id_of(object.namespace_name, &Record::namespace_name), id_of(object.name, &Record::name), id_of(fact.id, &Record::fact),
                static_cast<std::uint16_t>(fact.size()), kind, heartbeat};
    if (present_ < known_) {
        if (same(present_, made, fact))
            return ++present_;
        forget_future();  // another history begins here
    }
    if (present_ % chunk_size == 0) {
        chunks_.push_back(std::make_shared<Chunk>());
        chunks_.back()->records.reserve(chunk_size);
        if (chunks_.size() > most_chunks) {
            chunks_.pop_front();
            ++chunks_gone_;
        }
    }
    Chunk& chunk = *chunks_.back();
    made.first_arg = static_cast<std::uint32_t>(chunk.args.size());
    const bool alike = last && last->arg_count == made.arg_count && last->fact == made.fact && present_ % chunk_size != 0;
    for (std::size_t i = 0; i < made.arg_count; ++i) {
        const std::string_view text = fact.arg(i);
        const Texts::Id before = alike ? chunk.args[last->first_arg + i] : 0;
        chunk.args.push_back(alike && same_text(texts_[before], text) ? before : texts_.id_of(text));
    }
    chunk.records.push_back(made);
    known_ = ++present_;
    return present_;
}

void Log::cut(std::size_t size) {
    if (size >= known_)
        return;
    const std::size_t kept = (size + chunk_size - 1) / chunk_size - chunks_gone_;
    chunks_.resize(std::max(kept, std::size_t{0}));
    if (const std::size_t in_last = size % chunk_size; in_last != 0 && in_last < chunks_.back()->records.size()) {
        if (chunks_.back().use_count() > 1)  // set aside
            chunks_.back() = std::make_shared<Chunk>(*chunks_.back());
        Chunk& last = *chunks_.back();
        last.args.resize(last.records[in_last].first_arg);
        last.records.resize(in_last);
    }
    known_ = size;
}

struct Log::Aside {
    std::size_t present = 0;
    std::size_t known = 0;
    std::vector<std::shared_ptr<Chunk>> chunks;  // from the one on in which the present ends
};

std::shared_ptr<const Log::Aside> Log::set_aside() {
    auto aside = std::make_shared<Aside>();
    aside->present = present_;
    aside->known = known_;
    if (present_ < known_)
        aside->chunks.assign(chunks_.begin() + static_cast<std::ptrdiff_t>(present_ / chunk_size - chunks_gone_), chunks_.end());
    forget_future();
    return aside;
}

void Log::restore(const std::shared_ptr<const Aside>& aside) {
    present_ = aside->present;
    forget_future();
    if (aside->chunks.empty())
        return;
    chunks_.resize(present_ / chunk_size - chunks_gone_);
    chunks_.insert(chunks_.end(), aside->chunks.begin(), aside->chunks.end());
    known_ = aside->known;
}

}  // namespace kubewalk::sim
