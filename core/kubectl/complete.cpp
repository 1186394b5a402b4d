#include "core/kubectl/kubectl.h"

namespace kubewalk::kubectl {
std::vector<std::string> complete(const Environment&, std::string_view) { return {}; }
}
