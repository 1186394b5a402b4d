#include "core/base/pool.h"

#include <cstdint>
#include <cstdlib>

#ifdef __linux__
#include <sys/mman.h>
#endif

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
bool give_back_known(void*) noexcept { return false; }

#else

namespace {

// A slab holds pieces of one size, so that its place in memory tells the size (give_back_known).
constexpr std::size_t slab_bytes = std::size_t{64} << 10;
// Natively as much as a huge page: memory touched for the first time 4 KiB at a time is an eighth of all time in the kernel.
#ifdef __EMSCRIPTEN__
constexpr std::size_t slabs_at_once = 16;
constexpr std::size_t region_alignment = slab_bytes;
#else
constexpr std::size_t slabs_at_once = 32;
constexpr std::size_t region_alignment = slabs_at_once * slab_bytes;
#endif

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

// For each 64 KiB of the address space the size of its pieces in grains; 0: not ours.
#ifdef __EMSCRIPTEN__
constinit std::uint8_t grains_at[std::size_t{1} << 16] = {};

void claim(const char* slab, std::size_t grains) { grains_at[reinterpret_cast<std::uintptr_t>(slab) / slab_bytes] = static_cast<std::uint8_t>(grains); }
std::size_t grains_of(const void* memory) { return grains_at[reinterpret_cast<std::uintptr_t>(memory) / slab_bytes]; }
#else
// Addresses of 48 bits: a page of the table for each 4 GiB that holds a slab.
constexpr std::size_t slabs_a_page = std::size_t{1} << 16;
constinit std::uint8_t* pages[std::size_t{1} << 16] = {};

void claim(const char* slab, std::size_t grains) {
    const std::uintptr_t number = reinterpret_cast<std::uintptr_t>(slab) / slab_bytes;
    std::uint8_t*& page = pages[number / slabs_a_page];
    if (!page && !(page = static_cast<std::uint8_t*>(std::calloc(slabs_a_page, 1))))
        std::abort();
    page[number % slabs_a_page] = static_cast<std::uint8_t>(grains);
}
std::size_t grains_of(const void* memory) {
    const std::uintptr_t number = reinterpret_cast<std::uintptr_t>(memory) / slab_bytes;
    const std::uint8_t* page = pages[number / slabs_a_page];
    return page ? page[number % slabs_a_page] : 0;
}
#endif

void* from_slab(std::size_t grains) {
    Lists::Slab& slab = lists.slabs[grains];
    const std::size_t bytes = grains * grain;
    if (slab.left < bytes) {
        if (lists.slabs_left == 0) {
            lists.region = static_cast<char*>(::operator new(slabs_at_once * slab_bytes, std::align_val_t{region_alignment}));
#ifdef __linux__
            (void)madvise(lists.region, slabs_at_once * slab_bytes, MADV_HUGEPAGE);  // a wish; without it all is only slower
#endif
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

bool give_back_known(void* memory) noexcept {
    const std::size_t grains = grains_of(memory);
    if (grains == 0)
        return false;
    push(memory, grains);
    return true;
}

#endif

}  // namespace kubewalk::pool
