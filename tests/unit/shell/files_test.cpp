// touch, rm, cp, mv, tee, cat: what they leave behind, and BusyBox's words (coreutils/cat.c, libbb/wfopen_input.c).

#include <doctest/doctest.h>

#include "core/shell/shell.h"

using namespace kubewalk;

namespace {

struct Box {
    sim::Simulation simulation{1};
    net::Network network{simulation};
    shell::ProcessContext context{.simulation = simulation, .network = network, .hostname = "box", .files = {}, .environment = {}, .programs = {}, .brought = {}};

    Box() { context.programs = {"busybox:*"}; }
    shell::Completed run(std::string_view line) { return shell::run_line(context, line); }
};

}  // namespace

TEST_CASE("files come and go") {
    Box box;
    CHECK(box.run("touch /tmp/healthy").exit == 0);
    CHECK(box.context.files.count("/tmp/healthy") == 1);
    CHECK(box.run("rm -f /tmp/healthy; rm -f /tmp/healthy").exit == 0);
    const auto missing = box.run("cat /tmp/healthy");
    CHECK(missing.exit == 1);
    CHECK(missing.err == "cat: can't open '/tmp/healthy': No such file or directory\n");
    CHECK(box.run("rm /tmp/healthy").err == "rm: can't remove '/tmp/healthy': No such file or directory\n");
}

TEST_CASE("copies, moves and folders") {
    Box box;
    box.run("echo a > /one/x; echo b > /one/y; cp -r /one /two; mv /two/x /three");
    CHECK(box.context.files == std::map<std::string, std::string>{{"/one/x", "a\n"}, {"/one/y", "b\n"}, {"/three", "a\n"}, {"/two/y", "b\n"}});
    CHECK(box.run("rm /one").exit == 1);
    CHECK(box.run("rm -rf /one").exit == 0);
    CHECK(box.context.files.size() == 2);
    CHECK(box.run("echo c | tee -a /three").out == "c\n");
    CHECK(box.context.files["/three"] == "a\nc\n");
}
