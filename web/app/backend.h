#pragma once
// What stands between the interface and a cluster: takes actions, lets virtual time pass, fills the
// Model. SessionBackend (session_backend.h) is the real one; tests of the interface have their own.

#include <string>
#include <string_view>
#include <vector>

#include "core/cluster/manifest_compare.h"
#include "core/cluster/manifest_help.h"
#include "web/app/action.h"
#include "web/app/event_class.h"
#include "web/app/model.h"

namespace kubewalk::app {

// What is on the screen, so that nothing else need be computed.
struct Needs {
    std::string language = "en";
    View view = View::architecture;
    InspectorTab inspector = InspectorTab::manifest;
    BottomTab bottom = BottomTab::terminal;
    bool probes = false;            // kubelets' probes are wanted in the Traffic view
};

class Backend {
public:
    virtual ~Backend() = default;

    virtual void apply(const Action& action, Model& model) = 0;
    // Lets at most `amount` of virtual time pass; returns what is left when `out_of_time` says that
    // the frame's budget is used up. False when nothing but heartbeats is to be expected.
    virtual bool advance(Duration amount, bool (*out_of_time)(void*), void* context, Model& model) = 0;
    virtual bool settled() const = 0;
    virtual void refresh(Model& model, const Needs& needs) = 0;
    // Anything in the Model that refresh() has not brought up to date.
    virtual bool dirty() const = 0;

    // Which events count for step_forward and step_back.
    virtual void filter_events(EventMask) {}
    // A command of the shown terminal is still running.
    virtual bool command_running() const { return false; }
    // Tab in the terminal: the words that could stand at the end of the line.
    virtual std::vector<std::string> complete(std::string_view) const { return {}; }

    // The object that a word of the terminal's output names; an empty name when it is none.
    virtual sim::ObjectRef mentioned(std::string_view, std::string_view, std::string_view) const { return {}; }

    // The editor: what could stand at the caret (a byte of the text), and what the field at a byte means.
    virtual cluster::Completion complete_manifest(std::string_view, std::size_t) { return {}; }
    virtual cluster::FieldHelp explain_field(std::string_view, std::size_t) { return {}; }
    // What applying that document of the text would change.
    virtual cluster::ManifestComparison compare(std::string_view, int) const { return {}; }

    // The lesson's state for the browser's store.
    virtual std::string save_progress() const { return {}; }
    // The actions so far as a share link's fragment, "" when it would be too long.
    virtual std::string share() const { return {}; }
    // The same for the browser's own store: as long as it is.
    virtual std::string save_session() const { return {}; }

    // For teachers (lessons/TEACHERS.en.md). The completion file of the open lesson; "" while no task is fulfilled.
    virtual std::string completion_file() const { return {}; }
    // What was done so far as a lesson pack with one lesson. Error: nothing that a task could be made of.
    virtual Result<std::string> recorded_lesson() const { return Error{}; }
    // Takes a pack's lessons in until the page is left; the first one's slug. Error: what is wrong with the file.
    virtual Result<std::string> open_pack(std::string_view) { return Error{}; }
};

}  // namespace kubewalk::app
