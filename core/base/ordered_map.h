#pragma once
// An ordered map whose copies share structure: copying is O(1), a write copies only the path it
// touches, and copies nothing at all while nobody else shares the nodes. That is what makes a
// checkpoint, a revision of the store or a controller's cache cheap. An AVL tree with path copying;
// iteration is in key order, so results never depend on hash order. Nodes point to their entries, so
// that a copied path shares keys and values.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <iterator>
#include <string_view>
#include <type_traits>
#include <utility>

#include "core/base/compare.h"
#include "core/base/pool.h"

namespace kubewalk {

namespace detail {

// A counted pointer to something with a `references`: plain integers, the simulation has one thread.
template <typename T>
class Counted {
public:
    Counted() = default;
    explicit Counted(T* made) : at_(made) {}  // takes over the one reference that new things are born with
    Counted(const Counted& other) : at_(other.at_) {
        if (at_)
            ++at_->references;
    }
    Counted(Counted&& other) noexcept : at_(std::exchange(other.at_, nullptr)) {}
    Counted& operator=(Counted other) noexcept {
        std::swap(at_, other.at_);
        return *this;
    }
    ~Counted() {
        if (at_ && --at_->references == 0)
            delete at_;
    }
    T* get() const { return at_; }
    T* operator->() const { return at_; }
    T& operator*() const { return *at_; }
    explicit operator bool() const { return at_ != nullptr; }
    bool shared() const { return at_->references > 1; }

private:
    T* at_ = nullptr;
};

}  // namespace detail

template <typename Key, typename Mapped, typename Less = std::less<>>
class OrderedMap {
    struct Entry : pool::Pooled {
        std::uint32_t references = 1;
        std::pair<const Key, Mapped> pair;

        Entry(Key key, Mapped mapped) : pair(std::move(key), std::move(mapped)) {}
        Entry(const Entry& other) : pool::Pooled(), pair(other.pair) {}
    };
    struct Node;
    using Link = detail::Counted<Node>;
    struct Node : pool::Pooled {
        std::uint32_t references = 1;
        std::int32_t height = 1;
        detail::Counted<Entry> entry;
        Link left;
        Link right;

        explicit Node(Entry* made) : entry(made) {}
        Node(const Node& other) : pool::Pooled(), height(other.height), entry(other.entry), left(other.left), right(other.right) {}
        const Key& key() const { return entry->pair.first; }
    };

public:
    using value_type = std::pair<const Key, Mapped>;

    class const_iterator {
    public:
        using value_type = std::pair<const Key, Mapped>;
        using difference_type = std::ptrdiff_t;
        using reference = const value_type&;
        using pointer = const value_type*;
        using iterator_category = std::forward_iterator_tag;

        const_iterator() = default;
        const_iterator(const const_iterator& other) : depth_(other.depth_) {
            std::copy_n(other.path_.begin(), depth_, path_.begin());
        }
        const_iterator& operator=(const const_iterator& other) {
            depth_ = other.depth_;
            std::copy_n(other.path_.begin(), depth_, path_.begin());
            return *this;
        }
        reference operator*() const { return path_[depth_ - 1]->entry->pair; }
        pointer operator->() const { return &path_[depth_ - 1]->entry->pair; }
        const_iterator& operator++() {
            const Node* node = path_[--depth_]->right.get();
            descend(node);
            return *this;
        }
        const_iterator operator++(int) {
            auto before = *this;
            ++*this;
            return before;
        }
        friend bool operator==(const const_iterator& a, const const_iterator& b) {
            return a.depth_ == 0 ? b.depth_ == 0 : b.depth_ != 0 && a.path_[a.depth_ - 1] == b.path_[b.depth_ - 1];
        }

    private:
        friend class OrderedMap;
        void push(const Node* node) { path_[depth_++] = node; }
        void descend(const Node* node) {
            for (; node; node = node->left.get())
                push(node);
        }
        // The node itself last; its pending ancestors before it. An AVL tree of 2^32 entries is not higher.
        std::array<const Node*, 48> path_;
        std::size_t depth_ = 0;
    };

    std::size_t size() const { return size_; }
    bool empty() const { return size_ == 0; }
    void clear() {
        root_ = {};
        size_ = 0;
    }
    // The same structure: nothing was written to either since one was copied from the other.
    bool same(const OrderedMap& other) const { return root_.get() == other.root_.get(); }

    const_iterator begin() const {
        const_iterator it;
        it.descend(root_.get());
        return it;
    }
    const_iterator end() const { return {}; }

    // First entry whose key is not less than `key`.
    template <typename Probe>
    const_iterator lower_bound(const Probe& key) const {
        const_iterator it;
        for (const Node* node = root_.get(); node;) {
            if (Less{}(node->key(), key)) {
                node = node->right.get();
            } else {
                it.push(node);
                node = node->left.get();
            }
        }
        return it;
    }

    // Null when absent. Valid until the next write to this map.
    template <typename Probe>
    const Mapped* find(const Probe& key) const {
        const Node* node = root_.get();
        while (node) {
            const int order = compare(key, node->key());
            if (order == 0)
                return &node->entry->pair.second;
            node = order < 0 ? node->left.get() : node->right.get();
        }
        return nullptr;
    }

    template <typename Probe>
    bool contains(const Probe& key) const {
        return find(key) != nullptr;
    }

    void set(Key key, Mapped mapped) { insert(root_, std::move(key), std::move(mapped)); }

    // The value for in-place change; created empty when absent.
    Mapped& operator[](const Key& key) {
        if (!contains(key))
            set(key, Mapped{});
        Link* link = &root_;
        while (true) {
            own(*link);
            const int order = compare(key, (*link)->key());
            if (order == 0)
                return own_entry(**link).pair.second;
            link = order < 0 ? &(*link)->left : &(*link)->right;
        }
    }

    template <typename Probe>
    bool erase(const Probe& key) {
        if (!contains(key))
            return false;
        remove(root_, key);
        --size_;
        return true;
    }

private:
    // Texts are compared once, not once in each direction.
    template <typename Probe>
    static int compare(const Probe& a, const Key& b) {
        if constexpr (std::is_same_v<Less, std::less<>> && std::is_convertible_v<const Probe&, std::string_view> &&
                      std::is_convertible_v<const Key&, std::string_view>)
            return compare_texts(a, b);
        else
            return Less{}(a, b) ? -1 : Less{}(b, a) ? 1 : 0;
    }
    static std::int32_t height(const Link& link) { return link ? link->height : 0; }
    static void update(Node& node) { node.height = 1 + std::max(height(node.left), height(node.right)); }
    // Makes the node behind the link this map's own.
    static void own(Link& link) {
        if (link.shared())
            link = Link(new Node(*link));
    }
    static Entry& own_entry(Node& node) {
        if (node.entry.shared())
            node.entry = detail::Counted<Entry>(new Entry(*node.entry));
        return *node.entry;
    }

    static void rotate_right(Link& link) {
        own(link->left);
        Link pivot = std::move(link->left);
        link->left = std::move(pivot->right);
        update(*link);
        pivot->right = std::move(link);
        update(*pivot);
        link = std::move(pivot);
    }
    static void rotate_left(Link& link) {
        own(link->right);
        Link pivot = std::move(link->right);
        link->right = std::move(pivot->left);
        update(*link);
        pivot->left = std::move(link);
        update(*pivot);
        link = std::move(pivot);
    }
    // Expects an owned node.
    static void rebalance(Link& link) {
        update(*link);
        const int balance = height(link->left) - height(link->right);
        if (balance > 1) {
            if (height(link->left->left) < height(link->left->right)) {
                own(link->left);
                rotate_left(link->left);
            }
            rotate_right(link);
        } else if (balance < -1) {
            if (height(link->right->right) < height(link->right->left)) {
                own(link->right);
                rotate_right(link->right);
            }
            rotate_left(link);
        }
    }

    void insert(Link& link, Key&& key, Mapped&& mapped) {
        if (!link) {
            link = Link(new Node(new Entry(std::move(key), std::move(mapped))));
            ++size_;
            return;
        }
        own(link);
        const int order = compare(key, link->key());
        if (order < 0) {
            insert(link->left, std::move(key), std::move(mapped));
        } else if (order > 0) {
            insert(link->right, std::move(key), std::move(mapped));
        } else {
            if (link->entry.shared())
                link->entry = detail::Counted<Entry>(new Entry(std::move(key), std::move(mapped)));
            else
                link->entry->pair.second = std::move(mapped);
            return;
        }
        rebalance(link);
    }

    // Takes the smallest node out of the subtree.
    static Link take_first(Link& link) {
        own(link);
        if (!link->left) {
            Link first = std::move(link);
            link = std::move(first->right);
            return first;
        }
        Link first = take_first(link->left);
        rebalance(link);
        return first;
    }

    template <typename Probe>
    static void remove(Link& link, const Probe& key) {
        own(link);
        const int order = compare(key, link->key());
        if (order < 0) {
            remove(link->left, key);
        } else if (order > 0) {
            remove(link->right, key);
        } else if (!link->left || !link->right) {
            Link child = link->left ? std::move(link->left) : std::move(link->right);
            link = std::move(child);
            return;
        } else {
            Link successor = take_first(link->right);
            successor->left = std::move(link->left);
            successor->right = std::move(link->right);
            link = std::move(successor);
        }
        rebalance(link);
    }

    Link root_;
    std::size_t size_ = 0;
};

}  // namespace kubewalk
