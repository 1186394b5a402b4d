#include <doctest/doctest.h>

#include <algorithm>

#include "core/base/text.h"
#include "core/kubectl/command.h"
#include "flags_of_1_36.h"
#include "world.h"

using namespace kubewalk;
using namespace kubewalk::kubectl;

namespace {

std::string shown(const Flag& flag) {
    const bool text = flag.type == FlagType::text;
    const bool list = flag.type == FlagType::list || flag.type == FlagType::array;
    return cat(flag.shorthand ? cat(flag.shorthand, ",") : std::string(), flag.name, "=", text ? "'" : list ? "[" : "", flag.fallback, text ? "'" : list ? "]" : "");
}

}  // namespace

TEST_CASE("every command has the flags of kubectl 1.36, with their shorthands and defaults") {
    for (const auto& real : real_flags) {
        const Command* command = find_command(real.command);
        REQUIRE_MESSAGE(command != nullptr, real.command);
        FlagSet own;
        if (command->flags)
            command->flags(own);
        std::vector<std::string> found;
        for (const auto& flag : own.all())
            if (flag.deprecated.empty())
                found.push_back(shown(flag));
        std::vector<std::string> wanted;
        for (const auto word : fields(real.flags))
            wanted.emplace_back(word);
        for (const auto& flag : wanted) {
            // Lists whose default the program prints inside the brackets, and maps, are compared by name.
            const bool there = std::any_of(found.begin(), found.end(), [&](const std::string& one) {
                return one == flag || ((flag.ends_with(']') || flag.ends_with('=')) && one.substr(0, one.find('=')) == flag.substr(0, flag.find('=')));
            });
            CHECK_MESSAGE(there, real.command, ": ", flag);
        }
        for (const auto& flag : found)
            CHECK_MESSAGE(std::any_of(wanted.begin(), wanted.end(), [&](const std::string& one) { return one.substr(0, one.find('=')) == flag.substr(0, flag.find('=')); }),
                          real.command, " has no ", flag);
    }
}

TEST_CASE("help lists what a command takes, and its usage") {
    World world;
    for (const auto& command : commands()) {
        const auto help = world.run(cat("kubectl ", command.path, " --help"));
        CHECK_MESSAGE(help.exit == 0, command.path);
        CHECK_MESSAGE(help.out.find(cat("Usage:\n  kubectl ", command.usage)) != std::string::npos, command.path);
    }
    CHECK(world.run("kubectl help create job").out == world.run("kubectl create job -h").out);
    CHECK(world.run("kubectl").out.find("Basic Commands (Beginner):\n  create   ") != std::string::npos);
}
