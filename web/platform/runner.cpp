#include "web/platform/runner.h"

#include <imgui_impl_opengl3.h>
#ifdef __EMSCRIPTEN__
#include <GLES3/gl3.h>
#else
#include <SDL_opengl.h>
#endif

#include "web/app/session_backend.h"
#include "web/ui/imgui.h"

namespace kubewalk::platform {

Runner::Runner(app::Platform& platform) : state_(platform) {
    ImGui::CreateContext();
    app::load_embedded_strings(state_.words);
    state_.load();
    interface_ = std::make_unique<ui::Interface>(state_);
}

Runner::~Runner() {
    stop_graphics();
    interface_.reset();
    ImGui::DestroyContext();
}

bool Runner::start_graphics(const char* glsl) {
    graphics_ = ImGui_ImplOpenGL3_Init(glsl);
    return graphics_;
}

void Runner::stop_graphics() {
    if (graphics_) ImGui_ImplOpenGL3_Shutdown();
    graphics_ = false;
}

void Runner::prepare() {
    interface_->prepare();
}

void Runner::frame(int framebuffer_width, int framebuffer_height) {
    ImGui_ImplOpenGL3_NewFrame();
    ImGui::NewFrame();
    // Edges are softened over one device pixel, not one CSS pixel.
    float scale = ImGui::GetIO().DisplayFramebufferScale.x;
    if (scale > 0) ImGui::GetDrawListSharedData()->InitialFringeScale = 1.0f / scale;
    interface_->frame();
    ImGui::Render();
    glViewport(0, 0, framebuffer_width, framebuffer_height);
    ImVec4 clear = ImGui::GetStyle().Colors[ImGuiCol_WindowBg];
    glClearColor(clear.x, clear.y, clear.z, 1);
    glClear(GL_COLOR_BUFFER_BIT);
    ImGui_ImplOpenGL3_RenderDrawData(ImGui::GetDrawData());
}

}  // namespace kubewalk::platform
