#pragma once
// The real Backend: one cluster::Session, the lesson on it, and the snapshots that core/view makes.

#include <memory>

#include "web/app/backend.h"
#include "web/app/platform.h"

namespace kubewalk::app {

// The cluster starts with the first refresh, so that a first frame can say so.
std::unique_ptr<Backend> make_session_backend(Platform& platform);

// The words of the interface from the files inside the program.
class Strings;
void load_embedded_strings(Strings& strings);

}  // namespace kubewalk::app
