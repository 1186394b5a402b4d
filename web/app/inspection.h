#pragma once
// Fills what the inspector shows: of the selected object, component, node or API call, and only what the
// tab in front needs.

#include <string>

#include "web/app/backend.h"

namespace kubewalk::app {

class Inspection {
public:
    void reset();
    // select_object, select_component, select_node, select_call.
    void choose(const Action& action, Model& model);
    void fill(const cluster::Session& session, Model& model, const Needs& needs);

private:
    void fill_object(const cluster::Session& session, Model& model, const Needs& needs);
    void fill_node(const cluster::Session& session, Model& model, const Needs& needs) const;

    view::StoryTeller teller_;
    std::string node_;       // chosen by hand or with what was selected
};

}  // namespace kubewalk::app
