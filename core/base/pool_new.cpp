// All of operator new from the pool, for programs of one thread (cmake/Options.cmake, kubewalk_pooled): texts and lists take
// a tenth of all time in malloc, natively as in WebAssembly. Not the desktop program, whose graphics driver has threads.

#include <cstdlib>

#include "core/base/pool.h"

#ifdef KUBEWALK_POOLED

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
    if (!kubewalk::pool::give_back_known(memory))
        std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept { operator delete(memory); }

#endif
