#include "core/base/pool.h"

#include <cstdint>
#include <cstring>
#include <vector>

#include <doctest/doctest.h>

using namespace kubewalk;

TEST_CASE("pool: pieces of all sizes are aligned, do not overlap and can be had again") {
    struct Piece {
        unsigned char* memory;
        std::size_t bytes;
        unsigned char mark;
    };
    std::vector<Piece> pieces;
    const auto intact = [](const Piece& piece) {
        for (std::size_t i = 0; i < piece.bytes; ++i)
            if (piece.memory[i] != piece.mark)
                return false;
        return true;
    };
    int wrong = 0;
    // Enough to leave several slabs behind, with odd rests.
    for (int round = 0; round < 3; ++round) {
        for (std::size_t bytes = 1; bytes <= pool::largest + 40; bytes += 7) {
            auto* memory = static_cast<unsigned char*>(pool::take(bytes));
            wrong += reinterpret_cast<std::uintptr_t>(memory) % alignof(std::uint64_t) != 0;
            pieces.push_back({memory, bytes, static_cast<unsigned char>(pieces.size())});
            std::memset(memory, pieces.back().mark, bytes);
        }
        // Every third is given back, and its like taken anew.
        std::vector<Piece> left;
        for (std::size_t i = 0; i < pieces.size(); ++i) {
            wrong += !intact(pieces[i]);
            if (i % 3 == 0)
                pool::give_back(pieces[i].memory, pieces[i].bytes);
            else
                left.push_back(pieces[i]);
        }
        pieces = left;
    }
    for (const Piece& piece : pieces) {
        wrong += !intact(piece);
        pool::give_back(piece.memory, piece.bytes);
    }
    CHECK(wrong == 0);
}
