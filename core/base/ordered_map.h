#pragma once
// An ordered map whose copies share structure: copying is O(1), a write copies only the path it
// touches, and copies nothing at all while nobody else shares the nodes. That is what makes a
// checkpoint, a revision of the store or a controller's cache cheap. An AVL tree with path copying;
// iteration is in key order, so results never depend on hash order.

#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kubewalk {

template <typename Key, typename Mapped, typename Less = std::less<>>
class OrderedMap {
    struct Node;
    using Link = std::shared_ptr<Node>;
    struct Node {
        std::pair<const Key, Mapped> entry;
        Link left;
        Link right;
        int height = 1;

        Node(Key key, Mapped mapped) : entry(std::move(key), std::move(mapped)) {}
        Node(const Node&) = default;
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
        reference operator*() const { return path_.back()->entry; }
        pointer operator->() const { return &path_.back()->entry; }
        const_iterator& operator++() {
            const Node* node = path_.back()->right.get();
            path_.pop_back();
            descend(node);
            return *this;
        }
        const_iterator operator++(int) {
            auto before = *this;
            ++*this;
            return before;
        }
        friend bool operator==(const const_iterator& a, const const_iterator& b) {
            return a.path_.empty() ? b.path_.empty() : !b.path_.empty() && a.path_.back() == b.path_.back();
        }

    private:
        friend class OrderedMap;
        void descend(const Node* node) {
            for (; node; node = node->left.get())
                path_.push_back(node);
        }
        std::vector<const Node*> path_;  // the node itself last; its pending ancestors before it
    };

    std::size_t size() const { return size_; }
    bool empty() const { return size_ == 0; }
    void clear() {
        root_.reset();
        size_ = 0;
    }

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
            if (Less{}(node->entry.first, key)) {
                node = node->right.get();
            } else {
                it.path_.push_back(node);
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
            if (Less{}(key, node->entry.first))
                node = node->left.get();
            else if (Less{}(node->entry.first, key))
                node = node->right.get();
            else
                return &node->entry.second;
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
            if (Less{}(key, (*link)->entry.first))
                link = &(*link)->left;
            else if (Less{}((*link)->entry.first, key))
                link = &(*link)->right;
            else
                return (*link)->entry.second;
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
    static int height(const Link& link) { return link ? link->height : 0; }
    static void update(Node& node) { node.height = 1 + std::max(height(node.left), height(node.right)); }
    // Makes the node behind the link this map's own.
    static void own(Link& link) {
        if (link.use_count() > 1)
            link = std::make_shared<Node>(*link);
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
            link = std::make_shared<Node>(std::move(key), std::move(mapped));
            ++size_;
            return;
        }
        own(link);
        if (Less{}(key, link->entry.first)) {
            insert(link->left, std::move(key), std::move(mapped));
        } else if (Less{}(link->entry.first, key)) {
            insert(link->right, std::move(key), std::move(mapped));
        } else {
            link->entry.second = std::move(mapped);
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
        if (Less{}(key, link->entry.first)) {
            remove(link->left, key);
        } else if (Less{}(link->entry.first, key)) {
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
