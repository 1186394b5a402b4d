#pragma once
// Seeded chance: xoshiro256** seeded by SplitMix64 (Blackman and Vigna, prng.di.unimi.it).
// std's distributions differ between libraries, so ranges are drawn here.

#include <cstdint>
#include <string>
#include <string_view>

namespace kubewalk {

class Random {
public:
    explicit Random(std::uint64_t seed = 1);

    std::uint64_t next();
    // Uniform in [0, bound); 0 when bound is 0.
    std::uint64_t below(std::uint64_t bound);
    // Uniform in [0, 1): 53 bits.
    double unit();
    // A stream of its own, derived from this seed and a label, without advancing this one:
    // a new component cannot change what the others draw.
    Random stream(std::string_view label) const;

    // As k8s.io/apimachinery/pkg/util/rand.String: lower-case consonants and digits that spell nothing.
    std::string name_suffix(int length);
    // Random (version 4) UUID, as object uids are.
    std::string uuid();

private:
    std::uint64_t state_[4];
};

// FNV-1a, 64 bit: stable across platforms. For seeds and ids, not for hostile input.
std::uint64_t fnv1a(std::string_view text, std::uint64_t seed = 14695981039346656037ull);

}  // namespace kubewalk
