// The learner's terminal: lines as a shared session repeats them, faults and traces among them. What runs is stopped by Ctrl+C
// and the end of its input, and the session goes on.

#include "core/api/json.h"
#include "core/cluster/repeat.h"
#include "core/cluster/script.h"
#include "tests/fuzz/driver/door.h"
#include "tests/fuzz/driver/seeds.h"
#include "tests/fuzz/driver/stage.h"

namespace kubewalk::fuzz {

namespace {

void stop(cluster::Session& session) {
    for (int i = 0; i < 10 && session.busy(); ++i) {
        if (session.editing())
            session.finish_edit(std::nullopt);
        session.interrupt();
        session.end_input();
        session.advance(milliseconds(200));
    }
    expect(!session.busy(), "a command that nothing stops");
}

int run(const std::uint8_t* bytes, std::size_t size) {
    auto& session = fresh_session();
    const auto text = text_of(bytes, size);
    const auto script = cluster::parse_script(text);
    if (!script.ok()) {
        expect_told(script.error(), text);
        return 0;
    }
    int lines = 0;
    for (const auto& command : script.value()) {
        if (++lines > 4)
            break;
        for (const auto& word : session.complete(command.line))
            expect(!word.empty(), "a completion without a word");
        if (session.begin(command.line, command.input))
            session.advance(seconds(2));
        if (session.busy() && session.prompt())
            session.type("echo typed; exit 3");
        if (session.busy())
            session.advance(seconds(1));
        stop(session);
    }
    // What was done is told in the transcript, and can be repeated.
    for (const auto& entry : session.transcript())
        expect(entry.finished, "a command that ended is finished", [&] { return entry.command; });
    return 0;
}

}  // namespace

Door terminal() {
    (void)session();
    Door door{run, {}, {"kubectl ", "curl ", "dig ", "ping ", "trace laptop http://", "trace pod/box http://web/", "trace node/node-1 http://10.96.0.1:443/", "link cut node-1", "link slow node-1 200ms", "link drop node-1 50%", "node stop node-1", "conntrack fill node-1", "component stop kubelet node-1", "component start", "watch -n 1 ", "sleep 1s", "settle", "rewind", "cloud ", "ssh node-1", "kubectl exec -it box -- sh", "kubectl edit deploy/web", "kubectl port-forward svc/web 8080:80 &", "kubectl proxy &", "jobs", "kill %1", "fg", "| grep ", "| jq .", "| head -n 1", "> /tmp/x", "<<EOF\n", "\nEOF\n", "&&", ";", "&", "cat", "read x", "while true; do sleep 1; done", "vi x", "clear", "history", "#"}};
    for (const auto& line : commands())
        if (line.size() < 1500)
            door.seeds.push_back(line.find('\n') == std::string::npos ? line : cat(line.substr(0, line.find('\n')), " <<EOF\n", line.substr(line.find('\n') + 1), "EOF\n"));
    door.longest = 2500;
    door.runs = 30;
    return door;
}

}  // namespace kubewalk::fuzz
