// The programs of containers: their options, patterns and programs of their own (sed, awk, jq). The first line is the command,
// blanks or tabs between its words; the rest is its standard input.

#include "tests/fuzz/driver/door.h"
#include "tests/fuzz/driver/machine.h"
#include "core/shell/program.h"

namespace kubewalk::fuzz {

namespace {

int run(const std::uint8_t* bytes, std::size_t size) {
    auto input = text_of(bytes, size);
    const auto line = take_until(input, '\n');
    std::vector<std::string> words;
    // Tabs part words that hold blanks.
    for (const auto word : line.find('\t') == std::string_view::npos ? fields(line) : split(line, '\t'))
        words.emplace_back(word);
    if (words.empty())
        return 0;
    Machine machine;
    if (size % 2 == 0)
        machine.context.programs = {"busybox:*"};
    const auto done = shell::run(machine.context, words, input);
    expect(done.exit >= 0 && done.exit <= 255, "an exit code", [&] { return cat(done.exit); });
    expect(done.out.size() < (64u << 20), "a program prints without end");
    expect(done.elapsed >= Duration{}, "time that runs back", [&] { return cat(done.elapsed.ns); });
    return 0;
}

}  // namespace

Door program() {
    Door door{run, {"grep\t-En\t^o.*[0-9]$\t/tmp/lines", "sed\t-n\ts/\\(o\\)\\(.\\)/\\2\\1/gp;2,3d;/x/,$p;y/abc/xyz/\none\ntwo", "awk\t-F:\tBEGIN { n = 0 } /root/ { n += $3; printf \"%s-%d\\n\", $1, NR } END { print n, length($0), substr(\"abc\", 2), NF }\nroot:x:5", "jq\t-r\t.a[1].b // \"x\" | @base64\t/tmp/a.json", "cut -d' ' -f1,3- /tmp/lines", "tr -d [:digit:]a-c\\n", "sort -k2,2n -t: -ru", "head -c 5", "tail -n +2 -f", "printf %s\\n%05d%x%%\\t%b a 7 255", "seq 1 2 9", "xargs -n 1 -I{} echo {}-\na b\nc", "curl -sS -X POST -H A:b -d x=1 -w %{http_code} --max-time 2 http://server:80/a?b", "wget -qO- -T 1 server", "dig +short -x 10.0.0.1 @192.168.122.11 AAAA +tries=1", "nslookup -type=srv server 127.0.0.1", "ping -c 2 -W 1 -i 0.2 server", "ip -4 -o addr show dev eth0", "ip route get 10.0.0.1", "ip rule list table all", "iptables -t nat -L -n -v", "nft list ruleset", "ss -tlnp", "tcpdump -ni any -c 1 port 80 and host 10.0.0.1", "date -d @5 +%Y-%m-%dT%H:%M:%S", "base64 -d\naGk=", "wc -lwc", "ls -la /tmp", "nc -zv server 80", "traceroute -n -q 1 server", "getent hosts server", "conntrack -L -p tcp", "sysctl -a", "env -i A=b env", "uniq -c", "nl -ba", "cp /tmp/lines /tmp/x", "find / -name *.json", "sleep 1d", "timeout 1 sleep 5", "host -t mx a.b"},
              {"-", "--", "-n", "-E", "-i", "-v", "-c", "-o", "-r", "-e", "-f", "-h", "--help", "s/a/b/g", "s/.*/&&/", "1~2p", "$!N;P;D", ":a;ba", "N;ba", "y/a/b/", "{ print }", "BEGIN {", "END {", "while (1)", "for (;;)", "$NF", "$0", "$99999999", "NR==1", "gsub(", "split(", "substr(", "sprintf(\"%999999999d\")", "getline", "system(", "exit", "%*d", "%s", "%d", "%c", "%5.3f", "%-999999999s", "\\0377", "[[:alpha:]]", "[z-a]", "[a", "a-z", "1-", "-1", "+5", "0", "1e9", "999999999999", "0x10", ".5", "@127.0.0.1", "+search", "+time=0", "+bufsize=1", "-p 99999", "http://[::1]:99999/", "https://server", "/etc/hosts", "/dev/null", "/", "../..", "{}", "{1..3}", "\\(", "*", "\t"}};
    door.longest = 2500;
    door.runs = 1000;
    return door;
}

}  // namespace kubewalk::fuzz
