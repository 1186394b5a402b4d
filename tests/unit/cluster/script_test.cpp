#include <doctest/doctest.h>

#include "core/cluster/script.h"

using namespace kubewalk;

TEST_CASE("a script: comments, here-documents, continued lines") {
    const auto parsed = cluster::parse_script("# a comment\n\nkubectl get pods\nkubectl apply -f - <<EOF\nkind: Pod\n  # kept\nEOF\nkubectl \\\n  version\n");
    REQUIRE(parsed.ok());
    const auto& commands = parsed.value();
    REQUIRE(commands.size() == 3);
    CHECK(commands[0].line == "kubectl get pods");
    CHECK(commands[0].number == 3);
    CHECK(commands[1].line == "kubectl apply -f -");
    CHECK(commands[1].input == "kind: Pod\n  # kept\n");
    CHECK(commands[2].line == "kubectl version");
}

TEST_CASE("a here-document that never ends is an error with its line") {
    const auto parsed = cluster::parse_script("kubectl get pods\nkubectl apply -f - <<'YAML'\nkind: Pod\n");
    REQUIRE_FALSE(parsed.ok());
    CHECK(parsed.error().line == 2);
    CHECK(parsed.error().message.find("YAML") != std::string::npos);
}

TEST_CASE("a here-document may strip tabs, and Windows line ends are no part of it") {
    const auto parsed = cluster::parse_script("cat <<-END\r\n\tone\r\n\tEND\r\n");
    REQUIRE(parsed.ok());
    CHECK(parsed.value()[0].input == "one\n");
}

// POSIX, Shell Command Language, 2.7.4 Here-Document.
TEST_CASE("a here-document is expanded unless its word is quoted") {
    cluster::Options options;
    options.scenario = "empty";
    options.workers = 1;
    cluster::Session session(options);
    const auto play = [&](std::string_view text) {
        std::string out;
        const auto parsed = cluster::parse_script(text);
        for (const auto& command : parsed.value())
            out += cluster::run_command(session, command).out;
        return out;
    };
    CHECK(play("NAME=web\ncat <<EOF\nname: $NAME\nkept: \\$NAME\nnow: `echo 1`\nEOF\n") == "name: web\nkept: $NAME\nnow: 1\n");
    CHECK(play("cat <<'EOF'\nname: $NAME\nEOF\n") == "name: $NAME\n");
    CHECK(play("cat <<EOF | grep name\nname: ${NAME}\nx: 1\nEOF\n") == "name: web\n");
}

TEST_CASE("rewind goes back in time, to the session's own beginning at most") {
    cluster::Options options;
    options.scenario = "empty";
    options.workers = 1;
    cluster::Session session(options);
    const Time begun = session.now();
    session.run("kubectl create namespace later");
    session.advance(seconds(20));
    const Time late = session.now();
    const auto rewind = [&](const char* line) { return cluster::run_command(session, {line, {}, 1}).exit; };
    CHECK(rewind("rewind 5s") == 0);
    CHECK(session.now() <= late - seconds(5));
    CHECK(session.now() > begun);
    CHECK(rewind("rewind 1h") == 0);
    CHECK(session.now() == begun);
    CHECK(session.known_until() == late);
    CHECK(rewind("rewind yesterday") == 2);
}
