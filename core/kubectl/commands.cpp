// The table of commands. A group stands before its subcommands.

#include "core/kubectl/command.h"

namespace kubewalk::kubectl {

namespace {

constexpr Command table[] = {
    {"apply", "Make the cluster match manifests", "apply -f FILENAME [options]", command::apply_flags, command::apply},
    {"delete", "Delete objects by file, by name or by label", "delete ([-f FILENAME] | TYPE [(NAME | -l label | --all)]) [options]",
     command::delete_resources_flags, command::delete_resources, Takes::resources},
    {"describe", "Show all about objects, and their events", "describe (-f FILENAME | TYPE [NAME_PREFIX | -l label] | TYPE/NAME) [options]",
     command::describe_flags, command::describe, Takes::resources},
    {"exec", "Run a program in a container", "exec (POD | TYPE/NAME) [-c CONTAINER] [flags] -- COMMAND [args...] [options]",
     command::exec_flags, command::exec, Takes::pods},
    {"get", "Show objects", "get [(-o|--output=)json|yaml|name|jsonpath|custom-columns|wide] (TYPE [NAME | -l label] | TYPE/NAME ...) [options]",
     command::get_flags, command::get, Takes::resources},
    {"logs", "Print what a container wrote", "logs [-f] [-p] (POD | TYPE/NAME) [-c CONTAINER] [options]", command::logs_flags,
     command::logs, Takes::pods},
    {"scale", "Change how many replicas there shall be", "scale --replicas=COUNT (-f FILENAME | TYPE NAME) [options]",
     command::scale_flags, command::scale, Takes::resources},
};

}  // namespace

std::span<const Command> commands() { return table; }

const Command* find_command(std::string_view path) {
    for (const auto& entry : table)
        if (entry.path == path)
            return &entry;
    return nullptr;
}

}  // namespace kubewalk::kubectl
