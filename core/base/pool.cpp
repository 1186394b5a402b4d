#include "core/base/pool.h"

#include <cstdint>
#include <cstdlib>

namespace kubewalk::pool {

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define KUBEWALK_EACH_ALONE
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define KUBEWALK_EACH_ALONE
#endif

#ifdef KUBEWALK_EACH_ALONE

void* take_small(std::size_t bytes) { return ::operator new(bytes); }
void give_back_small(void* memory, std::size_t bytes) noexcept { ::operator delete(memory, bytes); }

#else

namespace {

// A slab holds pieces of one size, so that its place in memory tells the size (see operator delete below).
constexpr std::size_t slab_bytes = std::size_t{64} << 10;
constexpr std::size_t slabs_at_once = 16;

struct Free {
    Free* next;
};

// Nothing that is printed depends on where things lie in memory.
struct Lists {
    Free* free[largest / grain + 1] = {};
    struct Slab {
        char* fresh = nullptr;  // what the newest slab of the size has not given out yet
        std::size_t left = 0;
    } slabs[largest / grain + 1];
    char* region = nullptr;  // whole slabs
    std::size_t slabs_left = 0;
};
constinit Lists lists;

#ifdef __EMSCRIPTEN__
// For each 64 KiB of the address space the size of its pieces in grains; 0: not ours.
constinit std::uint8_t grains_at[std::size_t{1} << 16] = {};
void claim(const char* slab, std::size_t grains) { grains_at[reinterpret_cast<std::uintptr_t>(slab) / slab_bytes] = static_cast<std::uint8_t>(grains); }
#else
void claim(const char*, std::size_t) {}
#endif

void* from_slab(std::size_t grains) {
    Lists::Slab& slab = lists.slabs[grains];
    const std::size_t bytes = grains * grain;
    if (slab.left < bytes) {
        if (lists.slabs_left == 0) {
            lists.region = static_cast<char*>(::operator new(slabs_at_once * slab_bytes, std::align_val_t{slab_bytes}));
            lists.slabs_left = slabs_at_once;
        }
        slab.fresh = lists.region;
        slab.left = slab_bytes;
        lists.region += slab_bytes;
        --lists.slabs_left;
        claim(slab.fresh, grains);
    }
    void* taken = slab.fresh;
    slab.fresh += bytes;
    slab.left -= bytes;
    return taken;
}

void push(void* memory, std::size_t grains) { lists.free[grains] = new (memory) Free{lists.free[grains]}; }

}  // namespace

void* take_small(std::size_t bytes) {
    const std::size_t grains = (bytes + grain - 1) / grain;
    if (Free* first = lists.free[grains]) {
        lists.free[grains] = first->next;
        return first;
    }
    return from_slab(grains);
}

void give_back_small(void* memory, std::size_t bytes) noexcept { push(memory, (bytes + grain - 1) / grain); }

#endif

}  // namespace kubewalk::pool

#ifdef __EMSCRIPTEN__

// Texts and lists take a tenth of all time in WebAssembly's malloc: they live in the pool as well. Not natively, where
// other threads (a graphics driver's) allocate too and malloc is fast.

void* operator new(std::size_t bytes) {
    using namespace kubewalk::pool;
    if (bytes <= largest)
        return take_small(bytes == 0 ? 1 : bytes);
    void* memory = std::malloc(bytes);
    if (!memory)
        std::abort();  // there are no exceptions
    return memory;
}
void operator delete(void* memory) noexcept {
    using namespace kubewalk::pool;
    const std::size_t grains = grains_at[reinterpret_cast<std::uintptr_t>(memory) / slab_bytes];
    if (grains != 0)
        push(memory, grains);
    else
        std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept { operator delete(memory); }

#endif
