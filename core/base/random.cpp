#include "core/base/random.h"

namespace kubewalk {

namespace {
std::uint64_t split_mix(std::uint64_t& state) {
    state += 0x9e3779b97f4a7c15ull;
    std::uint64_t z = state;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
    return z ^ (z >> 31);
}
std::uint64_t rotate_left(std::uint64_t x, int k) { return (x << k) | (x >> (64 - k)); }
}  // namespace

std::uint64_t fnv1a(std::string_view text, std::uint64_t seed) {
    for (char c : text) {
        seed ^= static_cast<unsigned char>(c);
        seed *= 1099511628211ull;
    }
    return seed;
}

Random::Random(std::uint64_t seed) {
    for (auto& word : state_)
        word = split_mix(seed);
}

std::uint64_t Random::next() {
    const std::uint64_t result = rotate_left(state_[1] * 5, 7) * 9;
    const std::uint64_t t = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= t;
    state_[3] = rotate_left(state_[3], 45);
    return result;
}

namespace {

// Where the bound is known to the compiler it divides nothing.
template <typename Next>
inline std::uint64_t draw_below(std::uint64_t bound, Next next) {
    // Reject the uneven tail so that every value is equally likely.
    const std::uint64_t limit = ~0ull - ~0ull % bound;
    std::uint64_t draw = next();
    while (draw >= limit)
        draw = next();
    return draw % bound;
}

}  // namespace

std::uint64_t Random::below(std::uint64_t bound) {
    return bound == 0 ? 0 : draw_below(bound, [this] { return next(); });
}

double Random::unit() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }

Random Random::stream(std::string_view label) const {
    return Random(fnv1a(label, state_[0] ^ rotate_left(state_[2], 13)));
}

std::string Random::name_suffix(int length) {
    static constexpr std::string_view alphabet = "bcdfghjklmnpqrstvwxz2456789";
    std::string out;
    for (int i = 0; i < length; ++i)
        out += alphabet[below(alphabet.size())];
    return out;
}

std::string Random::uuid() {
    static constexpr char hex[] = "0123456789abcdef";
    const auto drawn = [this] { return next(); };
    char out[36];
    for (int i = 0; i < 36; ++i) {
        if (i == 8 || i == 13 || i == 18 || i == 23)
            out[i] = '-';
        else if (i == 14)
            out[i] = '4';
        else if (i == 19)
            out[i] = hex[8 + draw_below(4, drawn)];
        else
            out[i] = hex[draw_below(16, drawn)];
    }
    return std::string(out, sizeof out);
}

}  // namespace kubewalk
