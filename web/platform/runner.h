#pragma once
// One running application: Dear ImGui's context, the OpenGL backend, the interface and its state. The
// desktop's and the browser's loops feed it input and ask it for frames.

#include <memory>

#include "web/app/state.h"
#include "web/ui/interface.h"

namespace kubewalk::platform {

class Runner {
public:
    explicit Runner(app::Platform& platform);
    ~Runner();
    Runner(const Runner&) = delete;
    Runner& operator=(const Runner&) = delete;

    // With a current OpenGL context. `glsl`: the version line of the shaders.
    bool start_graphics(const char* glsl);
    // The context is gone (and its objects with it); start_graphics() again when there is a new one.
    void stop_graphics();

    app::State& state() { return state_; }
    ui::Interface& interface() { return *interface_; }

    // Fonts and theme; before the platform's NewFrame.
    void prepare();
    // After the platform's NewFrame: everything up to the pixels of the current framebuffer.
    void frame(int framebuffer_width, int framebuffer_height);

private:
    app::State state_;
    std::unique_ptr<ui::Interface> interface_;
    bool graphics_ = false;
};

}  // namespace kubewalk::platform
