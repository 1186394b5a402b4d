// Scripts that run over time: the same language, one command a step.

#include <doctest/doctest.h>

#include "core/shell/arithmetic.h"
#include "core/shell/programs/jq.h"
#include "core/shell/script.h"

using namespace kubewalk;
using namespace kubewalk::shell;

namespace {

struct Machine {
    sim::Simulation simulation{1};
    net::Network network{simulation};
    ProcessContext context{simulation, network, 0, "box", {}, {{"HOME", "/root"}}, {"busybox:*"}, {}, net::Libc::musl, 0, true, true};

    // Everything it printed, with the seconds at which it did.
    std::string play(std::string_view text, int* code = nullptr, std::vector<std::string> positional = {"sh"}) {
        Script script(text, ShellKind::ash, std::move(positional));
        std::string out;
        Duration passed{};
        for (int i = 0; i < 10'000 && !script.done(); ++i) {
            const auto done = script.step(context);
            if (!done.out.empty() || !done.err.empty())
                append(out, passed.ns / 1'000'000'000, ": ", done.out, done.err);
            passed = passed + done.elapsed;
        }
        if (code)
            *code = script.exit_code();
        return out;
    }
};

std::int64_t arithmetic(std::string_view text) {
    return evaluate_arithmetic(text, [](std::string_view name) { return name == "i" ? std::string("7") : std::string(); }).value_or(-999);
}

}  // namespace

TEST_CASE("a script goes on where time left it") {
    Machine machine;
    CHECK(machine.play("echo a; sleep 5; echo b") == "0: a\n5: b\n");
    CHECK(machine.play("sleep 5 && echo later") == "5: later\n");
    CHECK(machine.play("i=0; while [ $i -lt 3 ]; do echo $i; i=$((i+1)); sleep 2; done; echo end") == "0: 0\n2: 1\n4: 2\n6: end\n");
    CHECK(machine.play("for w in a 'b c'; do echo \"$w\"; sleep 1; done") == "0: a\n1: b c\n");
    CHECK(machine.play("for a in 1 2; do for b in x y; do echo $a$b; done; done") == "0: 1x\n0: 1y\n0: 2x\n0: 2y\n");
}

TEST_CASE("it decides as a shell does") {
    Machine machine;
    int code = -1;
    CHECK(machine.play("if false; then echo no; elif true; then echo yes; else echo never; fi") == "0: yes\n");
    CHECK(machine.play("false || echo or; true && echo and; false && echo no || echo last") == "0: or\n0: and\n0: last\n");
    machine.play("if [ 1 = 1 ]; then exit 3; fi; echo never", &code);
    CHECK(code == 3);
    CHECK(machine.play("while true; do echo once; break; done; echo out") == "0: once\n0: out\n");
    CHECK(machine.play("for i in 1 2 3; do if [ $i = 2 ]; then continue; fi; echo $i; done") == "0: 1\n0: 3\n");
    CHECK(machine.play("case $HOME in /home/*) echo home;; /root|/) echo root;; *) echo other;; esac") == "0: root\n");
    CHECK(machine.play("until [ -f /tmp/there ]; do echo waits; touch /tmp/there; done; echo there") == "0: waits\n0: there\n");
    CHECK(machine.play("echo $0 $1 $#", nullptr, {"name", "first"}) == "0: name first 1\n");
    CHECK(machine.play("X=`hostname`; echo \"I am $X\"") == "0: I am box\n");
    machine.play("set -e; false; echo never", &code);
    CHECK(code == 1);
    CHECK(machine.play("set -e; if false; then echo no; fi; false || true; echo on") == "0: on\n");
    CHECK(machine.play("fi", &code) == "0: sh: syntax error: unexpected \"fi\"\n");
    CHECK(code == 2);
}

TEST_CASE("arithmetic") {
    CHECK(arithmetic("1 + 2 * 3") == 7);
    CHECK(arithmetic("(1 + 2) * 3 - -1") == 10);
    CHECK(arithmetic("i % 4 == 3 && i / 2 == 3") == 1);
    CHECK(arithmetic("nothing + 1") == 1);
    CHECK(arithmetic("7 / 0") == -999);
    CHECK(arithmetic("1 +") == -999);
    CHECK(arithmetic("9223372036854775807 + 1") == INT64_MIN);
    CHECK(arithmetic(std::string(10'000, '(')) == -999);
}

TEST_CASE("a shell takes one line after the other and can be put away in between") {
    Machine machine;
    Script shell(ShellKind::ash);
    const auto line = [&](std::string_view text) {
        std::string out = shell.take(text).value_or("");
        while (!shell.done()) {
            // As it travels between a terminal and a container: nothing but its JSON is kept.
            const auto done = shell.step_to_command(machine.context, {});
            shell = Script::load(shell.save());
            out += done.out + done.err;
        }
        return out;
    };
    machine.context.files["/etc/hosts"] = "x\n";
    CHECK(line("a=1; export B=2") == "");
    CHECK(line("echo $a $B; env | grep B=") == "1 2\nB=2\n");
    CHECK(line("unset B; echo \"<$B>\"") == "<>\n");
    CHECK(line("for i in 1 2 3; do if [ $i = 2 ]; then continue; fi; echo $i; done") == "1\n3\n");
    CHECK(line("cd /etc && pwd && cat hosts") == "/etc\nx\n");
    CHECK(line("cd nowhere") == "sh: cd: can't cd to nowhere: No such file or directory\n");
    CHECK(line("cd -; pwd") == "/\n/\n");
    CHECK(line("false") == "");
    CHECK(line("echo $?") == "1\n");
    CHECK(line("if true; then") == "sh: syntax error: unexpected end of file\n");
    CHECK(line("echo $?") == "2\n");
    CHECK(shell.take("while true; do sleep 1; done") == std::nullopt);
    CHECK(shell.step_to_command(machine.context, {}).elapsed.ns == 0);
    CHECK(shell.step_to_command(machine.context, {}).elapsed == seconds(1));
    shell.stop();
    CHECK(shell.done());
    CHECK(line("echo $?; exit 3") == "130\n");
    CHECK(shell.state().exited);
    CHECK(shell.state().exit_code == 3);
}

TEST_CASE("read takes standard input line by line; here-documents and here-strings are standard input") {
    Machine machine;
    CHECK(machine.play("printf 'a 1\\nb 2\\n' | while read -r name rest; do echo \"$rest=$name\"; done") == "0: 1=a\n2=b\n");
    CHECK(machine.play("cat <<END\n$HOME\nEND") == "0: /root\n");
    CHECK(machine.play("cat <<'END'\n$HOME\nEND") == "0: $HOME\n");
    CHECK(machine.play("cat <<END\na \\\"b\\\" \"c\" 'd' \\$HOME \\x `echo \"e f\"` $(echo \"g  h\" | cat)\nEND") ==
          "0: a \\\"b\\\" \"c\" 'd' $HOME \\x e f g  h\n");
    CHECK(machine.play("cat <<< \"$HOME\"") == "0: /root\n");
    CHECK(machine.play("mkdir -p /a/b && cd /a/b && pwd && ls /a") == "0: /a/b\n0: b\n");
    CHECK(machine.play("mkdir /a; echo $?") == "0: mkdir: can't create directory '/a': File exists\n0: 1\n");
}

TEST_CASE("ill will costs little: nesting, growth") {
    Machine machine;
    const auto repeat = [](std::string_view text, int times) {
        std::string out;
        for (int i = 0; i < times; ++i)
            out += text;
        return out;
    };
    for (const char* open : {"( ", "{ ", "if ", "while ", "! ( "})
        CHECK(machine.play(cat(repeat(open, 20'000), "x")).find("syntax error") != std::string::npos);
    CHECK(machine.play(cat(repeat("$(echo ", 2'000), "x", repeat(")", 2'000))).find("maximum nesting") != std::string::npos);
    // The variable stays what it was, and the script goes on.
    const std::string grown = machine.play("x=abcdefgh; for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do x=$x$x; done; echo $x | wc -c");
    CHECK(grown.find("x: out of memory") != std::string::npos);
    CHECK(grown.find("131073") != std::string::npos);
    CHECK(machine.play("echo abcdefgh > f; for i in 1 2 3 4 5 6 7 8 9 10 11 12; do cat f f f f > g; cat g > f; done; echo over").find("No space left on device") !=
          std::string::npos);
    // Patterns and variables that stand for much, many times in a line.
    const std::string files = "i=0; while [ $i -lt 200 ]; do echo > /tmp/file-with-a-name-$i; i=$((i+1)); done; ";
    const std::string many = machine.play(cat(files, "X='", repeat("/tmp/* ", 2'000), "'; echo $X | wc -c; for f in $X; do echo $f; done | wc -l; echo over"));
    CHECK(many.find("echo: Argument list too long") != std::string::npos);
    CHECK(many.find("sh: Argument list too long") != std::string::npos);
    CHECK(many.find("over") != std::string::npos);
    const std::string big = "x=abcdefgh; for i in 1 2 3 4 5 6 7 8 9 10 11 12 13; do x=$x$x; done; ";
    CHECK(machine.play(cat(big, "echo \"", repeat("$x", 2'000), "\"")).find("Argument list too long") != std::string::npos);
    CHECK(machine.play(cat(big, "echo ", repeat("$x ", 2'000))).find("Argument list too long") != std::string::npos);
    CHECK_FALSE(parse_jq(repeat("[", 20'000)).ok());
    CHECK(parse_jq(cat(repeat("[", 50), "1", repeat("]", 50))).ok());
}
