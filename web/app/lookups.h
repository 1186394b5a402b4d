#pragma once
// What the DNS view shows: the lookups of the shown request, or of the last one that needed a name.

#include "web/app/backend.h"

namespace kubewalk::app {

void fill_lookups(const cluster::Session& session, Model& model);

}  // namespace kubewalk::app
