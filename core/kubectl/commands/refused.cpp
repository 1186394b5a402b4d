// Commands that real kubectl has and this page answers otherwise: each says what to use instead.

#include "core/base/text.h"
#include "core/kubectl/command.h"

namespace kubewalk::kubectl::command {

void edit(Run& run) { run.fail("edit needs an editor: open the object's YAML in this page's editor, change it and apply it"); }
void top(Run& run) { run.fail("Metrics API not available"); }
void diff(Run& run) { run.fail("diff is not part of this kubectl yet: kubectl apply --dry-run=server -o yaml shows what would be stored"); }

}  // namespace kubewalk::kubectl::command
