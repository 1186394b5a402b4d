// Scripts: every one ends within bounds, and one that is kept between two commands goes on as if it had not been.

#include "core/api/json.h"
#include "core/shell/arithmetic.h"
#include "core/shell/script.h"
#include "core/shell/syntax.h"
#include "tests/fuzz/driver/door.h"
#include "tests/fuzz/driver/machine.h"
#include "tests/fuzz/driver/seeds.h"

namespace kubewalk::fuzz {

namespace {

constexpr std::size_t most_output = 64u << 20;

void step_through(std::string_view text) {
    Machine here, there;
    shell::Script script(shell::ShellKind::ash);
    if (const auto refused = script.take(text)) {
        expect(!refused->empty(), "a script is refused without a word");
        return;
    }
    for (int step = 0; step < 60 && !script.done(); ++step) {
        auto saved = shell::Script::load(script.save());
        expect(api::to_json(saved.save()) == api::to_json(script.save()), "a script that is kept", [&] { return cat(api::to_json(script.save()), "\n", api::to_json(saved.save())); });
        const auto mine = script.step(here.context, "in 1\nin 2\n");
        const auto other = saved.step(there.context, "in 1\nin 2\n");
        expect(mine.out == other.out && mine.err == other.err && mine.exit == other.exit, "a script that was kept goes on in its own way", [&] { return cat(mine.out, mine.err, "\n", other.out, other.err); });
        expect(mine.out.size() < most_output, "a command prints without end");
        there.context.files = here.context.files;
        there.context.environment = here.context.environment;
    }
}

int run(const std::uint8_t* bytes, std::size_t size) {
    const auto text = text_of(bytes, size);
    if (const auto parsed = shell::parse_script(text); !parsed.ok())
        expect_told(parsed.error(), text);
    step_through(text);
    Machine machine;
    const auto done = shell::run_line(machine.context, text, "x\ny\n");
    expect(done.out.size() < most_output && done.err.size() < most_output, "a line prints without end");
    expect(done.exit >= 0 && done.exit <= 255, "an exit code", [&] { return cat(done.exit); });
    std::size_t held = 0;
    for (const auto& [path, content] : machine.context.files)
        held += path.size() + content.size();
    expect(held < most_output, "a line fills the disk");
    (void)shell::evaluate_arithmetic(text, [](std::string_view name) { return std::string(name.size() % 2 == 0 ? "7" : ""); });
    return 0;
}

}  // namespace

Door shell() {
    Door door{run, {"for i in 1 2 3; do echo $i; done | sort -r | head -n 2 > /tmp/x; cat /tmp/x", "if [ -f /tmp/lines ]; then while read a b; do echo \"$b-$a\"; done < /tmp/lines; else echo no; fi", "x=$(cat /etc/hosts | wc -l); echo $((x * 2 + 1)) ${y:-none} ${#x} ${x%1} ${x##*/}", "case $1 in a*|b) echo 1 ;; *) echo 2 ;; esac; false && true || echo $?", "cat <<EOF\n$HOME `pwd`\nEOF\ncat <<'E' | tr a-z A-Z\n$x\nE\n", "( cd /tmp; ls ) 2>&1 >/dev/null; { echo a; exit 3; }; set -e; ! true; echo never", "until false; do break; done; for f in /tmp/*; do [ \"$f\" = x ] || continue; done; export A=1; unset A; read l <<< 'a b'", "while true; do echo x; sleep 1; done", "while true; do sh -c 'while true; do sh -c \"while true; do :; done\"; done'; done", "f=aaaaaaaaaa; for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30; do f=$f$f; done; echo ${#f}", "seq 1 1000000000 | wc -l; printf '%999999999d' 1; yes | head -n 1", "eval 'echo 1'; . /tmp/lines; exec ls; command -v ls; test 1 -lt 2 -a ! -e x"},
              {"$(", ")", "`", "$((", "))", "${", "}", "${x:-", "${#x}", "${x%%", "${x/", "\"", "'", "\\", "\n", ";", "&&", "||", "|", "&", "> ", ">> ", "2>&1", "&>", "< ", "<<E\n", "\nE\n", "<<< ", "if ", "then ", "elif ", "else ", "fi", "for i in ", "do ", "done", "while ", "until ", "case x in ", "esac", ";;", "{ ", "( ", "! ", "break", "break 9", "continue", "exit ", "return", "set -e", "export ", "unset ", "read ", "cd ", "eval ", "exec ", "sh -c '", "$?", "$#", "$@", "$*", "$1", "$!", "$$", "*", "?", "[a-z]", "~", "{a,b}", "x=", "1/0", "9223372036854775807+1", "-9223372036854775808/-1", "1<<64", "%0", "xargs ", "sleep 1;", "true", "false", "f() { f; }; f"}};
    for (const auto& line : commands())
        if (!line.starts_with("kubectl") && line.size() < 400)
            door.seeds.push_back(line);
    door.longest = 3000;
    door.runs = 250;
    return door;
}

}  // namespace kubewalk::fuzz
