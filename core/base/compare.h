#pragma once
// Texts compared inline, eight bytes at a time: the keys of objects and maps are short, and a call of memcmp for each costs
// more than the comparison (in WebAssembly it goes byte by byte besides).

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace kubewalk {

namespace detail {
template <typename Word>
Word word_at(const char* text) {
    Word word;
    std::memcpy(&word, text, sizeof word);
    return word;
}
// Whether two texts of that length begin with the same bytes: whole words, and at the end one that overlaps.
template <typename Word>
bool same_words(const char* a, const char* b, std::size_t length) {
    const std::size_t last = length - sizeof(Word);
    for (std::size_t at = 0; at < last; at += sizeof(Word))
        if (word_at<Word>(a + at) != word_at<Word>(b + at))
            return false;
    return word_at<Word>(a + last) == word_at<Word>(b + last);
}
}  // namespace detail

// a == b.
inline bool same_text(std::string_view a, std::string_view b) {
    const std::size_t length = a.size();
    if (length != b.size())
        return false;
    if (length >= 8)
        return detail::same_words<std::uint64_t>(a.data(), b.data(), length);
    if (length >= 4)
        return detail::same_words<std::uint32_t>(a.data(), b.data(), length);
    for (std::size_t at = 0; at < length; ++at)
        if (a[at] != b[at])
            return false;
    return true;
}

// Negative, zero or positive, as a.compare(b): bytes as unsigned numbers, then the length.
inline int compare_texts(std::string_view a, std::string_view b) {
    const std::size_t common = a.size() < b.size() ? a.size() : b.size();
    std::size_t at = 0;
    while (at + 8 <= common && detail::word_at<std::uint64_t>(a.data() + at) == detail::word_at<std::uint64_t>(b.data() + at))
        at += 8;
    for (; at < common; ++at)
        if (a[at] != b[at])
            return static_cast<unsigned char>(a[at]) < static_cast<unsigned char>(b[at]) ? -1 : 1;
    return a.size() < b.size() ? -1 : a.size() > b.size() ? 1 : 0;
}

}  // namespace kubewalk
