// The same doors for libFuzzer (cmake --preset fuzz; tests/fuzz/README.md): KUBEWALK_DOOR names the one.

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "tests/fuzz/driver/door.h"
#include "tests/fuzz/driver/mutate.h"
#include "tests/fuzz/driver/seeds.h"

namespace {

kubewalk::fuzz::Door& door() {
    static kubewalk::fuzz::Door chosen;
    return chosen;
}

}  // namespace

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t most);

extern "C" int LLVMFuzzerInitialize(int*, char***) {
    const char* project = std::getenv("KUBEWALK_PROJECT");
    const char* name = std::getenv("KUBEWALK_DOOR");
    kubewalk::fuzz::set_project(project ? project : ".");
    for (const auto& entry : kubewalk::fuzz::doors())
        if (name && entry.name == name)
            door() = entry.make();
    if (!door().run) {
        std::fprintf(stderr, "KUBEWALK_DOOR names no door\n");
        std::exit(2);
    }
    return 0;
}

// Half of the changes are libFuzzer's, which knows what the program compares; half are ours, which know lines and words.
extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t most, unsigned seed) {
    if (seed % 2 == 0)
        return LLVMFuzzerMutate(data, size, most);
    kubewalk::Random random(seed);
    std::string text(kubewalk::fuzz::text_of(data, size));
    kubewalk::fuzz::mutate(text, door(), random);
    text.resize(std::min(text.size(), most));
    std::memcpy(data, text.data(), text.size());
    return text.size();
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) { return door().run(data, size); }
