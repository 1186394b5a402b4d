// The terminal on the laptop: a shell that remembers, pipes, what waits, sessions inside containers.

#include <doctest/doctest.h>

#include <algorithm>

#include "core/base/text.h"
#include "core/cluster/session.h"

using namespace kubewalk;
using cluster::Options;
using cluster::Session;

namespace {

struct Terminal {
    Session session{[] {
        Options options;
        options.scenario = "empty";
        return options;
    }()};

    std::string out(std::string_view line) { return session.run(line).out; }
    std::string completed(std::string_view line) const { return join(session.complete(line), " "); }
    std::string last() const { return session.transcript().back().result.out; }
};

}  // namespace

TEST_CASE("the terminal is a shell: variables, folders, files, pipes") {
    Terminal terminal;
    CHECK(terminal.out("NAME=web; echo \"<$NAME>\"") == "<web>\n");
    CHECK(terminal.out("echo $NAME $(echo in)") == "web in\n");
    CHECK(terminal.out("kubectl get nodes --no-headers | wc -l") == "3\n");
    CHECK(terminal.out("kubectl get nodes -o name | grep -v control | sort -r | head -n 1") == "node/node-2\n");
    CHECK(terminal.out("kubectl get nodes -o json | jq -r '.items[0].kind'") == "Node\n");
    CHECK(terminal.out("kubectl create configmap c --from-literal=a=1 --dry-run=client -o yaml > c.yaml && kubectl apply -f c.yaml") ==
          "configmap/c created\n");
    CHECK(terminal.out("kubectl get nothing 2>/dev/null || echo failed") == "failed\n");
    CHECK(terminal.session.run("false; true").exit == 0);
    CHECK(terminal.session.run("frobnicate").exit == 127);
}

TEST_CASE("Tab offers commands, flags, kinds, names, namespaces and containers") {
    Terminal terminal;
    CHECK(terminal.completed("kubec") == "kubectl");
    CHECK(terminal.completed("kubectl descr") == "describe");
    CHECK(terminal.completed("kubectl get nodes node-") == "node-1 node-2");
    CHECK(terminal.completed("kubectl get pods -n kube-sy") == "kube-system");
    CHECK(terminal.completed("kubectl get nodes | gre") == "grep");
    CHECK(terminal.completed("kubectl get pods --all-n") == "--all-namespaces");
}

TEST_CASE("Ctrl+C ends what waits") {
    Terminal terminal;
    REQUIRE(terminal.session.begin("kubectl get pods -w"));
    terminal.session.advance(seconds(5));
    CHECK(terminal.session.busy());
    terminal.session.interrupt();
    CHECK(!terminal.session.busy());
}

TEST_CASE("Ctrl+C throws away what was typed meanwhile, and shows that it did") {
    Terminal terminal;
    REQUIRE(terminal.session.begin("kubectl get nodes -w"));
    terminal.session.advance(seconds(1));
    terminal.session.interrupt(0, "echo ahead\nhalf a li");
    CHECK(terminal.last().ends_with("\necho ahead\nhalf a li^C"));
    // At the prompt of a program that survives it.
    terminal.session.run("kubectl run box --image=busybox --command -- sleep 3600");
    terminal.session.settle();
    REQUIRE(terminal.session.begin("kubectl exec -it box -- sh"));
    terminal.session.advance(seconds(1));
    terminal.session.interrupt(0, "ec");
    CHECK(terminal.last().ends_with("/ # ec^C\n"));
    CHECK(terminal.session.busy());
}

TEST_CASE("a session begins where its cluster stands: nobody can go back further") {
    Terminal terminal;
    CHECK(terminal.session.began_at() == terminal.session.now());
    CHECK(terminal.session.beginning() == terminal.session.log().size());
    const Time began = terminal.session.began_at();
    terminal.session.run("kubectl create namespace one");
    terminal.session.seek(Time{});
    CHECK(terminal.session.now() == began);
}

TEST_CASE("a shell in a container is a session with a prompt, a folder and an end") {
    Terminal terminal;
    terminal.session.run("kubectl run box --image=busybox --command -- sleep 3600");
    terminal.session.settle();
    REQUIRE(terminal.session.begin("kubectl exec -it box -- sh"));
    terminal.session.advance(seconds(1));
    REQUIRE(terminal.session.prompt());
    CHECK(*terminal.session.prompt() == "/ # ");
    terminal.session.type("cd /etc");
    terminal.session.advance(seconds(1));
    REQUIRE(terminal.session.prompt());
    CHECK(*terminal.session.prompt() == "/etc # ");
    terminal.session.type("curl localhost");
    terminal.session.advance(seconds(1));
    CHECK(terminal.last().find("sh: curl: not found") != std::string::npos);
    terminal.session.type("exit 3");
    terminal.session.advance(seconds(1));
    CHECK(!terminal.session.busy());
    CHECK(terminal.session.transcript().back().result.exit == 3);
}

TEST_CASE("kubectl edit hands out the object and applies what comes back") {
    Terminal terminal;
    terminal.session.run("kubectl create configmap c --from-literal=a=1");
    REQUIRE(terminal.session.begin("kubectl edit configmap c"));
    terminal.session.advance(seconds(1));
    const auto editing = terminal.session.editing();
    REQUIRE(editing);
    std::string text = editing->text;
    const auto at = text.find("a: \"1\"");
    REQUIRE(at != std::string::npos);
    text.replace(at, 6, "a: \"2\"");
    terminal.session.finish_edit(text);
    terminal.session.advance(seconds(1));
    CHECK(!terminal.session.busy());
    CHECK(terminal.last() == "configmap/c edited\n");
    CHECK(terminal.out("kubectl get configmap c -o jsonpath={.data.a}") == "2");
}

TEST_CASE("watch paints its screen anew, and Ctrl+C ends it") {
    Terminal terminal;
    REQUIRE(terminal.session.begin("watch -n 5 'kubectl get configmaps --no-headers | wc -l'"));
    terminal.session.advance(seconds(1));
    CHECK(terminal.session.busy());
    CHECK(terminal.last().find("Every 5.0s: kubectl get configmaps --no-headers | wc -l") == 0);
    CHECK(terminal.last().ends_with("\n\n1\n"));
    REQUIRE(terminal.session.begin("kubectl create configmap c --from-literal=a=1", {}, 1));
    terminal.session.advance(seconds(6));
    CHECK(terminal.last().ends_with("\n\n2\n"));
    terminal.session.interrupt();
    CHECK(!terminal.session.busy());
    CHECK(terminal.session.transcript().back().result.exit == 130);
}

TEST_CASE("a line goes on behind a command that waits; a filter sees a stream as it comes") {
    Terminal terminal;
    CHECK(terminal.out("kubectl create configmap c --from-literal=a=1; sleep 2; kubectl get configmap c -o name | tr a-z A-Z") ==
          "configmap/c created\nCONFIGMAP/C\n");
    CHECK(terminal.session.transcript().back().result.elapsed >= seconds(2));
    REQUIRE(terminal.session.begin("kubectl get configmaps -w -o name | grep -v root"));
    terminal.session.advance(seconds(1));
    REQUIRE(terminal.session.begin("kubectl create configmap d --from-literal=a=1", {}, 1));
    terminal.session.advance(seconds(1));
    CHECK(terminal.last() == "configmap/c\nconfigmap/d\n");
    terminal.session.interrupt();
}

TEST_CASE("going back in time takes what was typed to a program with it") {
    Terminal terminal;
    terminal.session.run("kubectl run box --image=busybox --command -- sleep 3600");
    terminal.session.settle();
    REQUIRE(terminal.session.begin("kubectl exec -it box -- sh"));
    terminal.session.advance(seconds(1));
    terminal.session.type("X=1");
    terminal.session.advance(seconds(1));
    const Time before = terminal.session.now();
    terminal.session.type("X=2");
    terminal.session.advance(seconds(1));
    const Time after = terminal.session.now();
    terminal.session.seek(before);
    terminal.session.seek(after);
    terminal.session.type("echo $X");
    terminal.session.advance(seconds(1));
    CHECK(terminal.last().find("echo $X\n2\n") != std::string::npos);
    terminal.session.end_input();
    terminal.session.advance(seconds(1));
    CHECK(!terminal.session.busy());
}
