#pragma once
// The commands of the native program `kubewalk`. A new command is one file and one line in
// commands.cpp.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/cluster/session.h"

namespace kubewalk::cli {

// Options that stand before the command.
struct Invocation {
    cluster::Options cluster;
    std::vector<std::string> files;  // -f: applied, then settled, before the command
    std::vector<std::string> arguments;  // after the command's name
};

struct Command {
    std::string_view name;
    std::string_view usage;
    int (*run)(const Invocation& invocation);
};

std::span<const Command> commands();

int run_kubectl(const Invocation& invocation);
int run_trace(const Invocation& invocation);
int run_dig(const Invocation& invocation);
int run_iptables_save(const Invocation& invocation);
int run_ip6tables_save(const Invocation& invocation);
int run_script(const Invocation& invocation);
int run_lessons(const Invocation& invocation);
int run_vectors(const Invocation& invocation);

// The cluster of the invocation, with its files applied and settled, reading files from this machine.
// Prints the error and gives null when a file cannot be applied.
std::unique_ptr<cluster::Session> open_session(const Invocation& invocation);

// Files of this machine. "-" is standard input. Error reason "NotFound" with the system's words.
Result<std::string> read_file(std::string_view path);
Result<std::vector<std::string>> list_folder(std::string_view path);

void print(std::string_view text);
void print_error(std::string_view text);

}  // namespace kubewalk::cli
