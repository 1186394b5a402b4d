#include "tests/ui/harness.h"

#include <algorithm>

#include "core/base/text.h"
#include "web/ui/imgui.h"

namespace kubewalk::ui_tests {

namespace {

// What a graphics backend does when a texture goes.
void forget(ImTextureData& texture) {
    texture.SetTexID(ImTextureID_Invalid);
    texture.SetStatus(ImTextureStatus_Destroyed);
}

}  // namespace

void FakeBackend::apply(const app::Action& action, app::Model& model) {
    done.push_back(action);
    if (action.kind == app::ActionKind::select_object) model.inspected.object = action.object;
    if (action.kind == app::ActionKind::refresh_checks) model.checked_text = action.text;
    if (action.kind == app::ActionKind::show_terminal) {
        model.terminal = static_cast<int>(action.number);
        model.terminals = std::max(model.terminals, model.terminal + 1);
        ++model.transcript_version;
    }
    ++model.revision;
}

bool FakeBackend::advance(Duration amount, bool (*)(void*), void*, app::Model& model) {
    model.now = model.now + amount;
    return true;
}

std::vector<std::string> FakeBackend::complete(std::string_view line) const {
    return line == "kubectl ge" ? std::vector<std::string>{"get"} : std::vector<std::string>();
}

cluster::Completion FakeBackend::complete_manifest(std::string_view text, std::size_t caret) {
    std::size_t begin = caret;
    while (begin > 0 && text[begin - 1] != ' ' && text[begin - 1] != '\n') --begin;
    if (text.substr(begin, caret - begin).substr(0, 2) != "re") return {};
    return {begin, caret, {{"replicas", "replicas: ", "integer", "Number of desired pods.", true}, {"revisionHistoryLimit", "revisionHistoryLimit: ", "integer", {}, false}}};
}

cluster::FieldHelp FakeBackend::explain_field(std::string_view text, std::size_t offset) {
    if (offset > 4 || text.substr(0, 4) != "kind") return {};
    return {"kind", "string", "The kind.", {}, false};
}

Harness::Context::Context() {
    ImGui::CreateContext();
    ImGuiIO& io = ImGui::GetIO();
    io.DisplaySize = ImVec2(1440, 900);
    io.BackendFlags |= ImGuiBackendFlags_RendererHasTextures;
}

Harness::Context::~Context() {
    ImGui::DestroyContext();
}

Harness::Harness(std::string_view address, std::string_view canvas) : state(platform), interface(state) {
    if (!address.empty()) {
        platform.address_text = cat("https://kubewalk.test/", address);
        state.load();
    }
    add_demo_strings(state.words);
    state.set_language("en");
    auto made = std::make_unique<FakeBackend>();
    backend = made.get();
    state.set_backend(std::move(made));
    state.model = demo_model();
    if (!canvas.empty()) state.model.lesson.canvas = canvas;
    frames();
}

Harness::~Harness() {
    for (ImTextureData* texture : ImGui::GetPlatformIO().Textures) forget(*texture);
}

void Harness::frames(int count) {
    for (int i = 0; i < count; ++i) {
        platform.now_s += 1.0 / 60;
        ImGui::GetIO().DeltaTime = 1.0f / 60;
        interface.prepare();
        ImGui::NewFrame();
        interface.frame();
        ImGui::Render();
        for (ImTextureData* texture : ImGui::GetPlatformIO().Textures) {
            if (texture->Status == ImTextureStatus_WantCreate || texture->Status == ImTextureStatus_WantUpdates) {
                texture->SetTexID(1);
                texture->SetStatus(ImTextureStatus_OK);
            }
            if (texture->Status == ImTextureStatus_WantDestroy) forget(*texture);
        }
    }
}

bool Harness::click(std::string_view path) {
    const ui::Item* item = interface.items().find(path);
    if (!item) return false;
    ImVec2 at = item->box.GetCenter();
    ImGuiIO& io = ImGui::GetIO();
    io.AddMousePosEvent(at.x, at.y);
    frames(2);
    io.AddMouseButtonEvent(0, true);
    frames(2);
    io.AddMouseButtonEvent(0, false);
    frames(3);
    return true;
}

bool Harness::drag(std::string_view path, float dx, float dy) {
    const ui::Item* item = interface.items().find(path);
    if (!item) return false;
    // Near the end, where no fold handle lies above.
    ImVec2 at(item->box.GetWidth() > item->box.GetHeight() ? item->box.Min.x + 30 : item->box.GetCenter().x,
              item->box.GetWidth() > item->box.GetHeight() ? item->box.GetCenter().y : item->box.Min.y + 30);
    ImGuiIO& io = ImGui::GetIO();
    io.AddMousePosEvent(at.x, at.y);
    frames(2);
    io.AddMouseButtonEvent(0, true);
    frames(2);
    io.AddMousePosEvent(at.x + dx, at.y + dy);
    frames(2);
    io.AddMouseButtonEvent(0, false);
    frames(3);
    return true;
}

void Harness::type(std::string_view text) {
    ImGui::GetIO().AddInputCharactersUTF8(std::string(text).c_str());
    frames(3);
}

void Harness::key(ImGuiKey key, ImGuiKey modifier) {
    ImGuiIO& io = ImGui::GetIO();
    if (modifier != ImGuiKey_None) io.AddKeyEvent(modifier, true);
    io.AddKeyEvent(key, true);
    frames(2);
    io.AddKeyEvent(key, false);
    if (modifier != ImGuiKey_None) io.AddKeyEvent(modifier, false);
    frames(2);
}

const app::Action* Harness::last(app::ActionKind kind) const {
    for (auto action = backend->done.rbegin(); action != backend->done.rend(); ++action)
        if (action->kind == kind) return &*action;
    return nullptr;
}

}  // namespace kubewalk::ui_tests
