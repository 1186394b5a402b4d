#pragma once
// The cause log, stored compactly: an hour of a cluster's life is a hundred thousand entries. Texts are kept once
// and named by number; an entry is a record of fixed size and becomes an Entry when it is read.
//
// Going back does not forget: what was written after that instant stays behind as the known future, and playing
// forward writes the same entries again, which then only have to be compared. Of millions of entries the oldest go.

#include <cstddef>
#include <cstdint>
#include <deque>
#include <initializer_list>
#include <iterator>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/sim/cause.h"

namespace kubewalk::sim {

// Texts by number, each kept once; a number stays good for the life of the table.
class Texts {
public:
    using Id = std::uint32_t;

    Texts();
    Id id_of(std::string_view text);
    std::string_view operator[](Id id) const { return {entries_[id].text, entries_[id].length}; }
    std::size_t size() const { return entries_.size(); }

private:
    struct Entry {
        const char* text = nullptr;
        std::uint32_t length = 0;
        std::uint32_t hash = 0;
    };
    const char* keep(std::string_view text);
    void grow();

    std::vector<Entry> entries_;
    std::vector<std::uint32_t> slots_;  // open addressing: id + 1, 0 where free
    std::vector<std::unique_ptr<char[]>> blocks_;
    char* free_ = nullptr;
    std::size_t left_ = 0;
};

// What record() is given: the same as ObjectRef and Fact, and nothing is copied.
struct ObjectView {
    std::string_view resource;
    std::string_view namespace_name;
    std::string_view name;

    ObjectView() = default;
    ObjectView(std::string_view resource_, std::string_view namespace_, std::string_view name_)
        : resource(resource_), namespace_name(namespace_), name(name_) {}
    ObjectView(const ObjectRef& object) : resource(object.resource), namespace_name(object.namespace_name), name(object.name) {}
    friend bool operator==(const ObjectView&, const ObjectView&) = default;
};

class FactView {
public:
    FactView(std::string_view fact_id, std::initializer_list<std::string_view> args) : id(fact_id), few(args.begin(), args.size()) {}
    FactView(std::string_view fact_id, const std::vector<std::string>& args) : id(fact_id), many(args) {}
    FactView(const Fact& fact) : id(fact.id), many(fact.args) {}

    std::size_t size() const { return few.size() + many.size(); }
    std::string_view arg(std::size_t index) const { return index < few.size() ? few[index] : std::string_view(many[index - few.size()]); }

    std::string_view id;

private:
    std::span<const std::string_view> few;
    std::span<const std::string> many;
};

class Log;

// Entries [first, last) of a log, made as they are read. Good until the log changes.
class LogRange {
public:
    class Iterator {
    public:
        using value_type = Entry;
        using difference_type = std::ptrdiff_t;
        using reference = Entry;
        using pointer = void;
        using iterator_category = std::input_iterator_tag;
        Iterator(const Log* log, std::size_t index) : log_(log), index_(index) {}
        Entry operator*() const;
        Iterator& operator++() {
            ++index_;
            return *this;
        }
        friend bool operator==(const Iterator& a, const Iterator& b) { return a.index_ == b.index_; }

    private:
        const Log* log_;
        std::size_t index_;
    };

    LogRange(const Log& log, std::size_t first, std::size_t last) : log_(&log), first_(first), last_(last) {}
    std::size_t size() const { return last_ - first_; }
    bool empty() const { return first_ == last_; }
    Entry operator[](std::size_t index) const;
    Iterator begin() const { return {log_, first_}; }
    Iterator end() const { return {log_, last_}; }

private:
    const Log* log_;
    std::size_t first_;
    std::size_t last_;
};

class Log {
public:
    // Up to the present. Of them, those below first() are gone.
    std::size_t size() const { return present_; }
    std::size_t first() const { return chunks_gone_ * chunk_size; }
    bool empty() const { return present_ == 0; }
    Entry operator[](std::size_t index) const;
    Entry back() const { return (*this)[present_ - 1]; }
    LogRange::Iterator begin() const { return {this, first()}; }
    LogRange::Iterator end() const { return {this, present_}; }
    // What is known to come after the present.
    LogRange future() const { return {*this, present_, known_}; }

    // Single fields, without making an Entry; the future's indexes follow on the present's.
    Time at(std::size_t index) const { return record(index).at; }
    std::uint64_t step(std::size_t index) const { return record(index).step; }
    EntryKind kind(std::size_t index) const { return record(index).kind; }
    bool heartbeat(std::size_t index) const { return record(index).heartbeat; }
    std::string_view component(std::size_t index) const { return texts_[record(index).component]; }
    ObjectView object(std::size_t index) const;
    std::string_view fact_id(std::size_t index) const { return texts_[record(index).fact]; }
    std::size_t arg_count(std::size_t index) const { return record(index).arg_count; }
    std::string_view arg(std::size_t index, std::size_t number) const {
        return texts_[chunk_of(index).args[record(index).first_arg + number]];
    }
    // The first entry after `time`; size() when the present has none.
    std::size_t first_after(Time time) const;

    CauseId append(CauseId cause, std::uint64_t step, Time at, EntryKind kind, std::string_view component, const ObjectView& object,
                   const FactView& fact, bool heartbeat);
    // The present is where `size` entries lie behind; the others are future.
    void go_back(std::size_t size) { present_ = size; }
    void forget_future() { cut(present_); }

    // Takes the future out, and puts it back once what was appended meanwhile is to be forgotten.
    struct Aside;
    std::shared_ptr<const Aside> set_aside();
    void restore(const std::shared_ptr<const Aside>& aside);

private:
    struct Record {
        std::uint64_t step;
        Time at;
        std::uint32_t cause;
        std::uint32_t first_arg;  // in the chunk's
        Texts::Id component;
        Texts::Id resource;
        Texts::Id namespace_name;
        Texts::Id name;
        Texts::Id fact;
        std::uint16_t arg_count;
        EntryKind kind;
        bool heartbeat;
    };
    struct Chunk {
        std::vector<Record> records;
        std::vector<Texts::Id> args;
    };
    static constexpr std::size_t chunk_size = 4096;
    static constexpr std::size_t most_chunks = 768;  // three million entries

    const Chunk& chunk_of(std::size_t index) const { return *chunks_[index / chunk_size - chunks_gone_]; }
    const Record& record(std::size_t index) const { return chunk_of(index).records[index % chunk_size]; }
    bool same(std::size_t index, const Record& other, const FactView& fact) const;
    void cut(std::size_t size);

    Texts texts_;
    std::deque<std::shared_ptr<Chunk>> chunks_;  // only the last one is ever written
    std::size_t chunks_gone_ = 0;
    std::size_t known_ = 0;  // present and future
    std::size_t present_ = 0;
};

inline Entry LogRange::Iterator::operator*() const { return (*log_)[index_]; }
inline Entry LogRange::operator[](std::size_t index) const { return (*log_)[first_ + index]; }

}  // namespace kubewalk::sim
