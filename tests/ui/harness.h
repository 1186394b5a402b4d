#pragma once
// The interface without window and graphics card: draws frames, clicks widgets by path, types.

#include <string>
#include <string_view>
#include <vector>

#include "tests/ui/demo_model.h"
#include "web/app/backend.h"
#include "web/app/state.h"
#include "web/ui/interface.h"

namespace kubewalk::ui_tests {

// Remembers what it was asked to do.
class FakeBackend : public app::Backend {
public:
    void apply(const app::Action& action, app::Model& model) override;
    bool advance(Duration amount, bool (*)(void*), void*, app::Model& model) override;
    bool settled() const override { return at_rest; }
    bool command_running() const override { return running; }
    void refresh(app::Model&, const app::Needs&) override { refreshed = true; }
    bool dirty() const override { return false; }
    std::vector<std::string> complete(std::string_view line) const override;
    sim::ObjectRef mentioned(std::string_view word, std::string_view, std::string_view) const override {
        return word == "carts-666b98fdc4-x2p4q" ? sim::ObjectRef{"pods", "sock-shop", std::string(word)} : sim::ObjectRef{};
    }
    // Offers two keys wherever a word begins with "re".
    cluster::Completion complete_manifest(std::string_view text, std::size_t caret) override;
    cluster::FieldHelp explain_field(std::string_view text, std::size_t offset) override;

    cluster::ManifestComparison compare(std::string_view, int) const override { return comparison; }
    std::string save_session() const override { return session; }
    std::string save_progress() const override { return progress; }

    cluster::ManifestComparison comparison;
    Result<std::string> open_pack(std::string_view) override { return lesson.empty() ? Result<std::string>(Error{}) : lesson; }

    std::string session = "s=abc", progress;
    std::string lesson;  // the first one of every pack
    std::vector<app::Action> done;
    bool refreshed = false;
    bool at_rest = true, running = false;
};

class Harness {
public:
    // `address`: what the page was opened with, "?view=traffic"; `canvas`: the view that the lesson's first step shows.
    explicit Harness(std::string_view address = {}, std::string_view canvas = {});
    ~Harness();

    void frames(int count = 3);
    // False when there is no such widget in sight.
    bool click(std::string_view path);
    bool drag(std::string_view path, float dx, float dy);
    void type(std::string_view text);
    void key(ImGuiKey key, ImGuiKey modifier = ImGuiKey_None);
    bool has(std::string_view path) const { return interface.items().find(path) != nullptr; }
    const app::Action* last(app::ActionKind kind) const;

    FakePlatform platform;
    app::State state;
    FakeBackend* backend = nullptr;

private:
    // The context has to be there before the Interface.
    struct Context {
        Context();
        ~Context();
    } context_;

public:
    ui::Interface interface;
};

}  // namespace kubewalk::ui_tests
