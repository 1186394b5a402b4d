#pragma once
// A door is a place through which a stranger's bytes come in. Each has one file in tests/fuzz: a function of the shape
// that fuzzers call (LLVMFuzzerTestOneInput), what inputs look like, and one line in doors.cpp.
//
// A function judges more than that nothing crashes: what does not hold ends the process (expect), and the driver
// that runs it keeps the input.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/base/text.h"

namespace kubewalk::fuzz {

struct Door {
    int (*run)(const std::uint8_t* bytes, std::size_t size) = nullptr;
    std::vector<std::string> seeds;  // what well-meaning people send
    std::vector<std::string> words;  // of the door's language
    int runs = 1000;                 // in ./test.sh
    std::size_t longest = 4096;      // bytes
};

// The table. The name is also the door's folder in tests/fuzz/corpus.
struct DoorEntry {
    std::string_view name;
    Door (*make)();
};
std::span<const DoorEntry> doors();

// Ends the process with that sentence unless it holds.
[[noreturn]] void broken(std::string_view what);
inline void expect(bool holds, std::string_view what) {
    if (!holds)
        broken(what);
}
template <typename Explain>
void expect(bool holds, std::string_view what, const Explain& explain) {
    if (!holds)
        broken(cat(what, ": ", explain()));
}
// Says something, and no place outside of the text (0: unknown).
void expect_told(const Error& error, std::string_view text);

inline std::string_view text_of(const std::uint8_t* bytes, std::size_t size) { return {reinterpret_cast<const char*>(bytes), size}; }
// What stands before the separator is taken off the text, and the separator with it; all of it when there is none.
std::string_view take_until(std::string_view& text, char separator);
bool is_utf8(std::string_view text);

}  // namespace kubewalk::fuzz
