#pragma once
// A vector whose copies share their elements block by block: a copy costs one pointer a block, a write copies the
// block it touches, and nothing at all while nobody else shares it. For large tables that belong to checkpoints.

#include <array>
#include <cstddef>
#include <memory>
#include <vector>

namespace kubewalk {

template <typename Element, std::size_t BlockSize = 64>
class SharedVector {
    static_assert((BlockSize & (BlockSize - 1)) == 0, "positions are split by shifting");
    using Block = std::array<Element, BlockSize>;

public:
    std::size_t size() const { return size_; }
    const Element& operator[](std::size_t at) const { return (*blocks_[at / BlockSize])[at % BlockSize]; }
    // For change. References from before may be to a block that others keep.
    Element& edit(std::size_t at) {
        std::shared_ptr<Block>& block = blocks_[at / BlockSize];
        if (block.use_count() > 1)
            block = std::make_shared<Block>(*block);
        return (*block)[at % BlockSize];
    }
    void push_back(Element element) {
        if (size_ == blocks_.size() * BlockSize)
            blocks_.push_back(std::make_shared<Block>());
        edit(size_++) = std::move(element);
    }
    // All elements anew.
    void assign(std::size_t count, const Element& element) {
        blocks_.clear();
        for (std::size_t at = 0; at < count; at += BlockSize) {
            blocks_.push_back(std::make_shared<Block>());
            blocks_.back()->fill(element);
        }
        size_ = count;
    }
    void clear() {
        blocks_.clear();
        size_ = 0;
    }

private:
    std::vector<std::shared_ptr<Block>> blocks_;
    std::size_t size_ = 0;
};

}  // namespace kubewalk
