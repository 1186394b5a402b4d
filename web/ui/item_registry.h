#pragma once
// Every widget of the frame: a path that never depends on the language ("topbar/theme",
// "view/architecture/kube-apiserver"), its label and its rectangle. Tests click by path, lessons point
// at paths, and the page's twin of the canvas is made from them. Fed by Dear ImGui's own test hooks.

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "web/ui/imgui.h"

namespace kubewalk::ui {

struct Item {
    ImGuiID id = 0;
    std::string path;
    std::string label;
    Rect box;
    bool visible = true;
};

class ItemRegistry {
public:
    // Hooks into the current ImGui context; one registry per context.
    void attach();
    void begin_frame();

    void push_scope(std::string_view name);
    void pop_scope();
    // Ties the id of the item that comes next to the path scope/name; `label` is what a reader hears.
    void announce(ImGuiID id, std::string_view name, std::string_view label);

    // A region that is no widget of its own (a whole panel), by its full path.
    void note(std::string_view path, std::string_view label, const Rect& box);

    // From the hooks.
    void on_item(ImGuiID id, const Rect& box);

    // Of an item that was announced in this frame; "" for others.
    std::string_view path_of(ImGuiID id) const;

    // The newest complete frame; null when there is no such widget or it is scrolled out of sight.
    const Item* find(std::string_view path) const;
    const std::vector<Item>& items() const { return shown_; }
    // The newest complete frame has other items than the one before.
    bool changed() const { return changed_; }
    // [{"path","label","x","y","w","h"}], rectangles times `scale`.
    std::string json(float scale = 1) const;

private:
    std::vector<Item> building_;
    std::vector<Item> shown_;
    std::size_t fingerprint_ = 0;
    bool changed_ = true;
    std::unordered_map<ImGuiID, std::size_t> by_id_;
    std::vector<std::size_t> scope_lengths_;
    std::string scope_;
};

}  // namespace kubewalk::ui
