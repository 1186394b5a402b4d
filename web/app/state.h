#pragma once
// The application: settings, words, the Model, the queue of actions and the clock that plays.

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "web/app/action.h"
#include "web/app/address.h"
#include "web/app/backend.h"
#include "web/app/model.h"
#include "web/app/platform.h"
#include "web/app/settings.h"
#include "web/app/shelf.h"
#include "web/app/simplifications.h"
#include "web/app/strings.h"

namespace kubewalk::app {

enum class Play : unsigned char {
    paused,
    playing,
    until_settled,  // after the learner did something: play until nothing but heartbeats is left
};

// A view as a file: pixels or lines.
enum class Picture : unsigned char { none, png, svg };

// What lies above the page until it is closed.
enum class Dialog : unsigned char { none, course, scenarios, clusters, shortcuts };

class State {
public:
    explicit State(Platform& platform) : shelf(platform), platform_(platform) {}

    Settings settings;
    Strings words;
    std::vector<Simplification> simplifications;
    Model model;
    Play play = Play::paused;
    InspectorTab inspector = InspectorTab::manifest;
    BottomTab bottom = BottomTab::terminal;
    int step = 0;  // the chosen step of the traffic scene
    EventMask events = all_events;  // classes shown on the time bar and stopped at by steps
    bool probes = false;            // kubelets' probes are shown among the requests
    std::string toast;       // a short notice, "" when there is none
    double toast_until = 0;  // on the platform's clock
    Address address;         // what the page was opened with
    std::string wanted_focus;  // path of a place for text that a shortcut leads to
    bool update_put_off = false;  // not now: the new release waits in the menu
    bool presenting = false; // for a classroom: larger type, no hints, the steps in sight
    Dialog dialog = Dialog::none;
    Picture wanted_picture = Picture::none;  // of the canvas; made with the next frame
    bool wants_print = false;
    std::optional<std::pair<float, float>> touch_pan;  // two fingers over the canvas, in this frame
    Shelf shelf;
    std::vector<GivenFile> files;  // given by the learner, for the editor to open

    Platform& platform() { return platform_; }
    void set_backend(std::unique_ptr<Backend> backend) { backend_ = std::move(backend); }
    Backend* backend() { return backend_.get(); }

    // Reads what earlier visits left and what the system prefers.
    void load();
    // Writes settings and progress when they changed.
    void save();

    void queue(Action action) { queue_.push_back(std::move(action)); }
    void queue(ActionKind kind) { queue_.push_back({kind, {}, {}, 0, {}}); }
    void queue(ActionKind kind, double number) { queue_.push_back({kind, {}, {}, number, {}}); }
    void queue(ActionKind kind, std::string text, std::string text2 = {}) {
        queue_.push_back({kind, std::move(text), std::move(text2), 0, {}});
    }

    // Once per frame, before drawing: applies what was queued, lets time pass, refreshes the Model.
    void tick();
    // Time passes or actions wait: another frame is needed.
    bool busy() const;
    // Something that repeats has to run although nobody touched anything.
    bool playing() const { return play != Play::paused; }

    // What is shown stays as it is until the language's words and letters are there.
    void set_language(std::string_view language);
    bool language_awaited() const { return awaited_ == Awaited::coming; }
    // The theme that is shown: the chosen one, or the system's.
    bool light() const;
    void notify(std::string text);
    // Keeps the session under a name; says so, or why not.
    void keep_cluster(std::string_view name);
    // Everything the browser keeps, as a file to take along; and back from one.
    void export_all();
    void import_all(std::string_view text);
    // lessons/TEACHERS.en.md: the completion file, and a lesson made from what was done so far, as downloads.
    void hand_in();
    void record_lesson();
    std::string_view t(std::string_view id) const { return words(id); }

private:
    void apply(const Action& action);
    void follow_language();
    void play_until_settled();
    Needs needs() const;
    // Opens its first lesson, or the one wanted.
    void open_pack(std::string_view text, std::string wanted = {});
    void open_folder(std::string_view name, std::string_view content);
    void take_files();
    void follow_branches();
    void say_once_that_nothing_is_kept();

    Platform& platform_;
    std::unique_ptr<Backend> backend_;
    std::vector<Action> queue_;
    Settings saved_;
    std::string saved_progress_, saved_lesson_;
    Needs shown_;
    enum class Awaited : unsigned char { nothing, coming, missing } awaited_ = Awaited::nothing;  // of the chosen language
    double chosen_at_ = 0;  // that language, on the platform's clock
    std::string page_language_;
    bool store_failed_ = false;
    bool light_ = false;
    double last_tick_ = -1;
    bool editing_ = false;   // a command waits for the editor
    std::uint64_t session_ = 0;  // Model::session that `play` is about
    std::uint64_t branch_ = 0, branches_of_ = 0;  // the newest history that was left, and of which session
    bool returned_ = false;  // one was gone back to: that leaves another
    Time settle_by_;         // Play::until_settled ends here at the latest
    double debt_s_ = 0;  // virtual seconds that are due but did not fit into the frames so far
};

}  // namespace kubewalk::app
