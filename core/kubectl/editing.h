#pragma once
// Objects in an editor: edit, create --edit, apply edit-last-applied. kubectl gives the text; whoever runs it shows
// an editor and brings back what was saved (Continuation::editing, edited).
// Upstream: k8s.io/kubectl/pkg/cmd/util/editor/editoptions.go.

#include "core/kubectl/resource_args.h"

namespace kubewalk::kubectl {

// What is done with an edited object.
enum class EditMode : unsigned char { patch, create, last_applied };

// Opens the editor. Standard input, when there is any, is what it would have saved.
void start_editing(Run& run, std::vector<Info> infos, EditMode mode);
// create -f ... --edit
void edit_before_create(Run& run);

}  // namespace kubewalk::kubectl
