// The shell language and the programs. Outputs are those of BusyBox 1.36, curl 8, BIND 9.18 and
// iputils; where a format has optional parts, the parts people read.

#include <doctest/doctest.h>

#include "core/net/node_stack.h"
#include "core/shell/shell.h"

using namespace kubewalk;
using namespace kubewalk::net;
using namespace kubewalk::shell;

namespace {

// Serves HTTP on 80 and DNS on 53.
class Machine final : public sim::Component, public Server {
public:
    std::string_view name() const override { return "machine"; }
    void on_event(const sim::Event&) override {}
    sim::Facet* facet() override { return this; }
    std::unique_ptr<sim::Component> clone() const override { return std::make_unique<Machine>(*this); }
    HttpResponse serve_http(const HttpRequest& request, const Peer&) override {
        if (request.path == "/missing")
            return {404, {}, "not found\n", milliseconds(1)};
        if (request.path == "/headers")
            return {200, {}, request.host + " " + request.headers.at("user-agent") + "\n", milliseconds(1)};
        return {
            200, {{"content-type", "text/plain"}}, request.method + " " + request.body + "hello\n", milliseconds(2)};
    }
    std::optional<DnsMessage> serve_dns(const DnsMessage& query, const Peer&) override {
        auto reply = dns_reply(query, DnsCode::nxdomain);
        reply.authoritative = true;
        if (query.question.name == "web.shop.svc.cluster.local.") {
            reply.code = DnsCode::noerror;
            if (query.question.type == DnsType::A)
                reply.answer.push_back({query.question.name, DnsType::A, 30, "192.168.122.11"});
        }
        return reply;
    }
};

struct World {
    sim::Simulation simulation{1};
    Network network{simulation};
    ProcessContext context{simulation, network, 0, {}, {}, {}, {}, {}, Libc::musl, 0, true, true};

    World() {
        simulation.register_service(network);
        context.netns = network.add_machine("client", Ip::v4(192, 168, 122, 1), 24, std::nullopt);
        const auto server = network.add_machine("server", Ip::v4(192, 168, 122, 11), 24, std::nullopt);
        const auto id = simulation.add(std::make_unique<Machine>());
        CHECK(network.listen(server, {Protocol::tcp, {}, 80, id, "web"}).ok());
        CHECK(network.listen(server, {Protocol::udp, {}, 53, id, "dns"}).ok());
        context.hostname = "client";
        context.programs = {"busybox:*", "curl", "dig", "getent", "iptables-save", "ss", "host"};
        context.environment = {{"HOME", "/root"}, {"WEB_SERVICE_HOST", "10.96.1.1"}};
        context.files["/etc/resolv.conf"] =
            "nameserver 192.168.122.11\nsearch shop.svc.cluster.local svc.cluster.local cluster.local\noptions ndots:5\n";
        context.files["/etc/hosts"] = "127.0.0.1\tlocalhost\n";
    }

    Completed line(std::string_view text) { return run_line(context, text); }
};

}  // namespace

TEST_CASE("a program the image lacks") {
    World world;
    const auto direct = run(world.context, {"tcpdump", "-i", "eth0"});
    CHECK(direct.exit == 127);
    CHECK(direct.err == "exec: \"tcpdump\": executable file not found in $PATH");
    const auto inside = world.line("tcpdump");
    CHECK(inside.exit == 127);
    CHECK(inside.err == "sh: tcpdump: not found\n");
}

TEST_CASE("shell: words, lists, pipes, expansions") {
    World world;
    CHECK(world.line("echo 'a  b' \"c $HOME\" d\\ e").out == "a  b c /root d e\n");
    CHECK(world.line("env | grep SERVICE").out == "WEB_SERVICE_HOST=10.96.1.1\n");
    CHECK(world.line("false && echo no || echo yes; echo $?").out == "yes\n0\n");
    CHECK(world.line("echo x > /tmp/f; cat /tmp/f; cat /nope 2>/dev/null; echo $?").out == "x\n1\n");
    CHECK(world.line("for i in 1 2 3; do echo n$i; done | tail -n 1").out == "n3\n");
    CHECK(world.line("if [ -f /etc/hosts ]; then echo there; else echo gone; fi").out == "there\n");
    CHECK(world.line("X=$(hostname); echo \"<${X}>${Y:-none}\"").out == "<client>none\n");
    CHECK(world.line("exit 3").exit == 3);
    CHECK(world.line("echo 'open").exit == 2);
    CHECK(world.line("sleep 2; sleep 0.5").elapsed == milliseconds(2500));
    CHECK(run(world.context, {"sh", "-c", "echo $1 $#", "x", "a", "b"}).out == "a 2\n");
    CHECK(world.line("while true; do sleep 60; done").exit == 137);  // does not hang
}

// POSIX.1, Shell Command Language, 2.13.3 (Patterns Used for Filename Expansion).
TEST_CASE("shell: names of files for patterns") {
    World world;
    world.context.files["/data/a.txt"] = "a\n";
    world.context.files["/data/b.txt"] = "b\n";
    world.context.files["/data/.hidden.txt"] = "h\n";
    world.context.files["/data/sub/c.txt"] = "c\n";
    CHECK(world.line("cat /data/*.txt").out == "a\nb\n");
    CHECK(world.line("echo /data/*").out == "/data/a.txt /data/b.txt /data/sub\n");
    CHECK(world.line("echo /data/.h*").out == "/data/.hidden.txt\n");
    CHECK(world.line("echo /data/*/*").out == "/data/sub/c.txt\n");
    CHECK(world.line("echo /data/[b-z].txt /data/?.txt /data/[!a].txt").out == "/data/b.txt /data/a.txt /data/b.txt /data/b.txt\n");
    CHECK(world.line("cd /data; echo *.txt").out == "a.txt b.txt\n");
    CHECK(world.line("for f in /data/*.txt; do echo \"<$f>\"; done").out == "</data/a.txt>\n</data/b.txt>\n");
    // What stands for nothing, or is quoted, stays; an assignment is no place for it.
    CHECK(world.line("echo /nope/* '/data/*' \"/data/*\" /data/\\* {.items[*].x}").out == "/nope/* /data/* /data/* /data/* {.items[*].x}\n");
    CHECK(world.line("X=/data/*; echo \"$X\"; echo $X").out == "/data/*\n/data/a.txt /data/b.txt /data/sub\n");
    CHECK(world.line("case a.b in 'a*') echo quoted;; a.?) echo plain;; esac").out == "plain\n");
}

TEST_CASE("wget of BusyBox") {
    World world;
    CHECK(world.line("wget -qO- http://web/").out == "GET hello\n");
    CHECK(
        world.line("wget -O- http://web/x").err.find("Connecting to web (192.168.122.11:80)\nwriting to stdout\n") ==
        0);
    CHECK(world.line("wget -qO- http://web/missing").err == "wget: server returned error: HTTP/1.1 404 Not Found\n");
    const auto unknown = world.line("wget -qO- http://nosuch/");
    CHECK(unknown.err == "wget: bad address 'nosuch'\n");
    CHECK(unknown.exit == 1);
    CHECK(world.line("wget -qO- http://192.168.122.11:81/").err ==
          "wget: can't connect to remote host (192.168.122.11): Connection refused\n");
}

TEST_CASE("curl: output, codes, messages") {
    World world;
    CHECK(world.line("curl -s http://web/").out == "GET hello\n");
    CHECK(world.line("curl -s -o /dev/null -w '%{http_code}\\n' http://web/missing").out == "404\n");
    CHECK(world.line("curl -sd a=1 -d b=2 http://web/").out == "POST a=1&b=2hello\n");
    CHECK(world.line("curl -s -H 'Host: shop.test' http://web/headers").out == "shop.test curl/8.5.0\n");
    CHECK(world.line("curl -sI http://web/").out ==
          "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 11\r\n\r\n");
    CHECK(world.line("curl -s --resolve x.test:80:192.168.122.11 http://x.test/").exit == 0);
    const auto unknown = world.line("curl http://nosuch/");
    CHECK(unknown.exit == 6);
    CHECK(unknown.err == "curl: (6) Could not resolve host: nosuch\n");
    const auto closed = world.line("curl -sS http://192.168.122.11:81/");
    CHECK(closed.exit == 7);
    CHECK(closed.err.find("curl: (7) Failed to connect to 192.168.122.11 port 81 after ") == 0);
    CHECK(closed.err.find(" ms: Couldn't connect to server\n") != std::string::npos);
    CHECK(world.line("curl -sf http://web/missing").exit == 22);
    world.network.set_machine_up("server", false);
    const auto silent = world.line("curl -sS -m 2 http://192.168.122.11/");
    CHECK(silent.exit == 28);
    CHECK(silent.elapsed <= seconds(2));
}

TEST_CASE("nslookup of BusyBox asks every search domain, A before AAAA, and fails with them") {
    World world;
    const auto found = world.line("nslookup web");
    CHECK(found.exit == 1);
    CHECK(found.out ==
          "Server:\t\t192.168.122.11\nAddress:\t192.168.122.11:53\n\n"
          "Name:\tweb.shop.svc.cluster.local\nAddress: 192.168.122.11\n\n"
          "** server can't find web.svc.cluster.local: NXDOMAIN\n\n"
          "** server can't find web.cluster.local: NXDOMAIN\n\n"
          "\n"
          "** server can't find web.svc.cluster.local: NXDOMAIN\n\n"
          "** server can't find web.cluster.local: NXDOMAIN\n\n");
    CHECK(world.line("nslookup web.shop.svc.cluster.local").exit == 0);
    world.network.set_machine_up("server", false);
    CHECK(world.line("nslookup web").out == ";; connection timed out; no servers could be reached\n\n");
}

TEST_CASE("dig: +short, +search, the sections") {
    World world;
    CHECK(world.line("dig +short web.shop.svc.cluster.local").out == "192.168.122.11\n");
    CHECK(world.line("dig +short web").out.empty());
    CHECK(world.line("dig +search +short web").out == "192.168.122.11\n");
    const auto full = world.line("dig web.shop.svc.cluster.local").out;
    CHECK(full.find("; <<>> DiG 9.18.28 <<>> web.shop.svc.cluster.local\n;; global options: +cmd\n;; Got answer:\n"
                    ";; ->>HEADER<<- opcode: QUERY, status: NOERROR, id: ") == 1);
    CHECK(full.find(";; flags: qr aa rd; QUERY: 1, ANSWER: 1, AUTHORITY: 0, ADDITIONAL: 0\n"
                    ";; WARNING: recursion requested but not available\n\n"
                    ";; QUESTION SECTION:\n;web.shop.svc.cluster.local.\tIN\tA\n\n"
                    ";; ANSWER SECTION:\nweb.shop.svc.cluster.local. 30\tIN\tA\t192.168.122.11\n\n") !=
          std::string::npos);
    CHECK(full.find(";; SERVER: 192.168.122.11#53(192.168.122.11) (UDP)\n") != std::string::npos);
    const auto missing = world.line("dig kubernetes.default.svc.cluster.local").out;
    CHECK(missing.find(";kubernetes.default.svc.cluster.local. IN A\n") != std::string::npos);
    CHECK(world.line("dig +noall +answer web.shop.svc.cluster.local")
              .out.find("web.shop.svc.cluster.local. 30\tIN\tA\t192.168.122.11\n") != std::string::npos);
}

TEST_CASE("getent, ping, ip, ss") {
    World world;
    CHECK(world.line("getent hosts web").out == "192.168.122.11  web.shop.svc.cluster.local\n");
    CHECK(world.line("getent hosts nosuch").exit == 2);
    const auto ping = world.line("ping -c 2 web");
    CHECK(ping.out.find(
              "PING web (192.168.122.11): 56 data bytes\n64 bytes from 192.168.122.11: seq=0 ttl=64 time=") == 0);
    CHECK(ping.out.find("2 packets transmitted, 2 packets received, 0% packet loss\n") != std::string::npos);
    world.context.net_raw = world.context.ping_group = false;
    CHECK(world.line("ping -c 1 192.168.122.11").err == "ping: permission denied (are you root?)\n");
    world.network.stack("client")->root().add_address("eth0", *net::Prefix::parse("fd00::1/64"));
    world.network.stack("client")->root().add_address("eth0", *net::Prefix::parse("10.9.9.9/32"));
    const auto addresses = world.line("ip addr show eth0").out;
    CHECK(addresses.find("inet 10.9.9.9/32") < addresses.find("inet6 fd00::1/64"));
    CHECK(world.line("ip addr show eth0").out.find("inet 192.168.122.1/24 brd 192.168.122.255 scope global eth0\n") !=
          std::string::npos);
    CHECK(world.line("ip route").out.find("192.168.122.0/24 dev eth0") == 0);
    CHECK(world.line("iptables-save").exit == 0);
    // One table is what stands between its comments, whether it is the first or not.
    auto& rules = world.network.stack("client")->root().edit_rules();
    for (const auto table : {TableId::raw, TableId::filter})
        rules.ensure_rule(Ruleset::Position::append, table, "OUTPUT", Rule().protocol(Protocol::tcp).accept());
    const std::string both = world.line("iptables-save").out;
    CHECK(world.line("iptables-save -t raw").out + world.line("iptables-save -t filter").out == both);
    CHECK(world.line("iptables-save -t nat").exit == 3);
    CHECK(world.line("nc -z -w 1 192.168.122.11 80").exit == 0);
    CHECK(world.line("nc -z -w 1 192.168.122.11 81").exit == 1);
}

TEST_CASE("the text programs, as GNU's and BusyBox's do") {
    World world;
    world.context.files["/tmp/t"] = "pear 3\napple 10\nfig 2\napple 10\n";
    CHECK(world.line("grep -n -i APPLE /tmp/t").out == "2:apple 10\n4:apple 10\n");
    CHECK(world.line("grep -c -v apple /tmp/t").out == "2\n");
    CHECK(world.line("grep -E -o '[0-9]+' /tmp/t | sort -n | uniq -c | head -n 1").out == "      1 2\n");
    CHECK(world.line("grep -A 1 pear /tmp/t").out == "pear 3\napple 10\n");
    CHECK(world.line("grep -B1 fig /tmp/t").out == "apple 10\nfig 2\n");
    CHECK(world.line("sort -u /tmp/t | cut -d ' ' -f 1").out == "apple\nfig\npear\n");
    CHECK(world.line("awk '{print $2}' /tmp/t | tail -n 2").out == "2\n10\n");
    CHECK(world.line("wc -l < /tmp/t").out == "4\n");
    CHECK(world.line("cat <<< here").out == "here\n");
    CHECK(world.line("cd /tmp && pwd && cat t | head -n 1").out == "/tmp\npear 3\n");
}
