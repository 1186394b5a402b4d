#include "web/ui/item_registry.h"

#include "core/api/json.h"

namespace kubewalk::ui {

void ItemRegistry::attach() {
    ImGuiContext& context = *ImGui::GetCurrentContext();
    context.TestEngine = this;
    context.TestEngineHookItems = true;
}

void ItemRegistry::begin_frame() {
    shown_.swap(building_);
    std::size_t fingerprint = shown_.size();
    for (const Item& item : shown_)
        if (item.visible && item.id != 0) fingerprint = fingerprint * 31 + item.id + item.label.size() * 7;
    changed_ = fingerprint != fingerprint_;
    fingerprint_ = fingerprint;
    building_.clear();
    by_id_.clear();
    scope_.clear();
    scope_lengths_.clear();
}

void ItemRegistry::push_scope(std::string_view name) {
    scope_lengths_.push_back(scope_.size());
    if (!name.empty()) scope_.append(name).push_back('/');
}

void ItemRegistry::pop_scope() {
    scope_.resize(scope_lengths_.back());
    scope_lengths_.pop_back();
}

void ItemRegistry::announce(ImGuiID id, std::string_view name, std::string_view label) {
    by_id_[id] = building_.size();
    Item item;
    item.id = id;
    item.path = scope_ + std::string(name);
    item.label = std::string(label);
    item.visible = false;  // until the hook reports its rectangle
    building_.push_back(std::move(item));
}

void ItemRegistry::note(std::string_view path, std::string_view label, const Rect& box) {
    building_.push_back({0, std::string(path), std::string(label), box, true});
}

void ItemRegistry::on_item(ImGuiID id, const Rect& box) {
    auto found = by_id_.find(id);
    if (found == by_id_.end()) return;
    Item& item = building_[found->second];
    Rect clip = ImGui::GetCurrentWindow()->ClipRect;
    item.box = box;
    item.box.ClipWith(clip);
    item.visible = item.box.GetWidth() > 1 && item.box.GetHeight() > 1;
}

std::string_view ItemRegistry::path_of(ImGuiID id) const {
    auto found = by_id_.find(id);
    return found == by_id_.end() ? std::string_view() : std::string_view(building_[found->second].path);
}

const Item* ItemRegistry::find(std::string_view path) const {
    for (const Item& item : shown_)
        if (item.visible && item.path == path) return &item;
    return nullptr;
}

std::string ItemRegistry::json(float scale) const {
    api::Value list = api::Value::array();
    for (const Item& item : shown_) {
        if (!item.visible) continue;
        list.push_back(api::Value::object({
            {"path", item.path},
            {"label", item.label},
            {"x", static_cast<double>(item.box.Min.x * scale)},
            {"y", static_cast<double>(item.box.Min.y * scale)},
            {"w", static_cast<double>(item.box.GetWidth() * scale)},
            {"h", static_cast<double>(item.box.GetHeight() * scale)},
        }));
    }
    return api::to_json(list);
}

}  // namespace kubewalk::ui

// Dear ImGui calls these because it is compiled with IMGUI_ENABLE_TEST_ENGINE.

void ImGuiTestEngineHook_ItemAdd(ImGuiContext* context, ImGuiID id, const ImRect& box, const ImGuiLastItemData*) {
    if (context->TestEngine && id != 0) static_cast<kubewalk::ui::ItemRegistry*>(context->TestEngine)->on_item(id, box);
}

void ImGuiTestEngineHook_ItemInfo(ImGuiContext*, ImGuiID, const char*, ImGuiItemStatusFlags) {}

void ImGuiTestEngineHook_Log(ImGuiContext*, const char*, ...) {}

const char* ImGuiTestEngine_FindItemDebugLabel(ImGuiContext*, ImGuiID) {
    return nullptr;
}
