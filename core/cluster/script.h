#pragma once
// A learner's session as text: one command a line, `#` comments, here-documents.
//   kubectl ...   curl ...   dig FROM NAME [TYPE]   trace FROM URL   component stop|start NAME [NODE]
//   link cut|slow|drop|restore NODE ...   node stop|start NODE   conntrack fill|restore NODE
//   sleep 30s (virtual time)   settle [LIMIT]   rewind [60s] (back in time; without a duration to the start)
// Nothing settles by itself.

#include <string>
#include <string_view>
#include <vector>

#include "core/api/value.h"
#include "core/cluster/session.h"

namespace kubewalk::cluster {

struct ScriptCommand {
    std::string line;   // without the here-document
    std::string input;  // the here-document's text
    int number = 1;     // line in the script
};

// Error reason "ParseError" for a here-document that never ends.
Result<std::vector<ScriptCommand>> parse_script(std::string_view text);

// "settle", "rewind": they move the session through time and are no action in it.
bool moves_time(std::string_view line);

// Runs one command in the session.
CommandResult run_command(Session& session, const ScriptCommand& command);

// {"command", "exit", "stdout", "stderr", "data"} as `script --json` prints it, one object a line.
api::Value command_json(const ScriptCommand& command, const CommandResult& result);

}  // namespace kubewalk::cluster
