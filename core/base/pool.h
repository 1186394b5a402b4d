#pragma once
// Memory for the many small things that trees of values and maps are made of (in programs of one thread all of operator new,
// pool_new.cpp): a free list for each size, filled a slab at a time. What is given back serves the next thing of its size;
// slabs are kept for good. One thread, by design of the simulation. Where an address sanitizer watches, every piece is an allocation of its own, so that it sees wrong use.

#include <cstddef>
#include <new>

namespace kubewalk::pool {

inline constexpr std::size_t grain = 16;    // sizes are rounded up to it; so are addresses
inline constexpr std::size_t largest = 2048;  // what is larger comes from operator new

void* take_small(std::size_t bytes);
void give_back_small(void* memory, std::size_t bytes) noexcept;
// Without its size, if it is from here (or null, which is not).
bool give_back_known(void* memory) noexcept;

// `bytes` is not 0. Memory is aligned to `grain`.
inline void* take(std::size_t bytes) { return bytes <= largest ? take_small(bytes) : ::operator new(bytes); }
// `bytes`: as many as were taken.
inline void give_back(void* memory, std::size_t bytes) noexcept {
    if (bytes <= largest)
        give_back_small(memory, bytes);
    else
        ::operator delete(memory, bytes);
}

// A base class whose heirs live in the pool.
struct Pooled {
    static void* operator new(std::size_t bytes) { return take(bytes); }
    static void operator delete(void* memory, std::size_t bytes) noexcept { give_back(memory, bytes); }
    static void* operator new(std::size_t, void* place) noexcept { return place; }
    static void operator delete(void*, void*) noexcept {}
};

}  // namespace kubewalk::pool
