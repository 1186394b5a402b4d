#include "core/base/pool.h"

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

constexpr std::size_t slab_bytes = std::size_t{64} << 10;

struct Free {
    Free* next;
};

// Nothing that is printed depends on where things lie in memory.
struct Lists {
    Free* free[largest / grain + 1] = {};
    char* fresh = nullptr;  // what the newest slab has left
    std::size_t left = 0;
};
constinit Lists lists;

void* from_slab(std::size_t bytes) {
    if (lists.left < bytes) {
        if (lists.left > 0)  // it serves something smaller: a multiple of the grain is left, less than was asked for
            give_back_small(lists.fresh, lists.left);
        lists.fresh = static_cast<char*>(::operator new(slab_bytes, std::align_val_t{grain}));
        lists.left = slab_bytes;
    }
    void* taken = lists.fresh;
    lists.fresh += bytes;
    lists.left -= bytes;
    return taken;
}

}  // namespace

void* take_small(std::size_t bytes) {
    const std::size_t size = (bytes + grain - 1) / grain;
    if (Free* first = lists.free[size]) {
        lists.free[size] = first->next;
        return first;
    }
    return from_slab(size * grain);
}

void give_back_small(void* memory, std::size_t bytes) noexcept {
    const std::size_t size = (bytes + grain - 1) / grain;
    lists.free[size] = new (memory) Free{lists.free[size]};
}

#endif

}  // namespace kubewalk::pool
