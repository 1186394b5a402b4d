// script [--json] FILE|-

#include "core/api/json.h"
#include "core/base/text.h"
#include "core/cli/command.h"
#include "core/cluster/script.h"

namespace kubewalk::cli {

int run_script(const Invocation& invocation) {
    auto arguments = invocation.arguments;
    bool json = false;
    if (!arguments.empty() && arguments.front() == "--json") {
        json = true;
        arguments.erase(arguments.begin());
    }
    if (arguments.size() != 1) {
        print_error("usage: kubewalk script [--json] FILE|-\n");
        return 2;
    }
    const auto text = read_file(arguments[0]);
    if (!text.ok()) {
        print_error(cat("kubewalk: ", text.error().message, "\n"));
        return 1;
    }
    const auto commands = cluster::parse_script(text.value());
    if (!commands.ok()) {
        print_error(cat("kubewalk: ", arguments[0], ": ", commands.error().message, "\n"));
        return 2;
    }
    auto session = open_session(invocation);
    if (!session)
        return 1;
    for (const auto& command : commands.value()) {
        const auto result = cluster::run_command(*session, command);
        if (json) {
            print(api::to_json(cluster::command_json(command, result)) + "\n");
            continue;
        }
        print(cat("$ ", command.line, "\n", result.out, result.err));
    }
    return 0;
}

}  // namespace kubewalk::cli
