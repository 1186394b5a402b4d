// kubectl's command line: words as a shell would hand them over; what stands behind the first line is its standard input.

#include <algorithm>

#include "tests/fuzz/driver/door.h"
#include "tests/fuzz/driver/seeds.h"
#include "tests/fuzz/driver/stage.h"

namespace kubewalk::fuzz {

namespace {

// Blanks part words, quotes keep them together. Nothing is expanded.
std::vector<std::string> words_of(std::string_view line) {
    std::vector<std::string> words;
    bool inside = false;
    char quote = 0;
    for (const char c : line) {
        if (quote ? c == quote : c == '\'' || c == '"') {
            quote = quote ? '\0' : c;
            if (!inside)
                words.emplace_back();
            inside = true;
        } else if (!quote && c == ' ') {
            inside = false;
        } else {
            if (!inside)
                words.emplace_back();
            inside = true;
            words.back() += c;
        }
    }
    return words;
}

bool reads_only(const std::vector<std::string>& words) {
    constexpr std::string_view readers[] = {"get", "describe", "explain", "api-resources", "api-versions", "version", "logs", "top", "events", "cluster-info", "diff"};
    if (words.size() > 1 && std::find(std::begin(readers), std::end(readers), words[1]) != std::end(readers))
        return true;
    if (std::find(words.begin(), words.end(), "--") != words.end())
        return false;
    std::vector<std::string> trials;
    std::copy_if(words.begin(), words.end(), std::back_inserter(trials), [](const auto& word) { return word.starts_with("--dry-run"); });
    // `--patch --dry-run=client` is a patch of that text: only as the last word it can be nothing else than the flag.
    return trials.size() == 1 && (words.back() == "--dry-run=client" || words.back() == "--dry-run=server") && words[words.size() - 2][0] != '-';
}

int run(const std::uint8_t* bytes, std::size_t size) {
    auto input = text_of(bytes, size);
    const auto line = take_until(input, '\n');
    auto words = words_of(line);
    if (words.empty() || words[0] != "kubectl")
        words.insert(words.begin(), "kubectl");
    auto& session = fresh_session();
    auto& cluster = session.cluster();
    const auto revision = cluster.revision();
    auto environment = cluster.kubectl_environment();
    environment.interactive = size % 2 == 0;
    for (const auto& word : kubectl::complete(environment, line))
        expect(!word.empty(), "a completion without a word");
    auto started = kubectl::start(environment, words, input);
    auto& output = started.output;
    if (!started.rest) {
        expect(output.exit >= 0 && output.exit <= 255, "an exit code", [&] { return cat(output.exit); });
        expect(output.exit == 0 || !output.err.empty() || !output.out.empty(), "a failure without a word", [&] { return std::string(line); });
    } else {
        auto copy = started.rest->clone();
        expect(copy != nullptr, "a command under way is copied");
        bool ended = started.rest->poll(cluster.simulation().now(), output);
        for (int i = 0; !ended && i < 3; ++i) {
            if (started.rest->editing())
                started.rest->edited(std::string(input), cluster.simulation().now(), output);
            else if (started.rest->prompt())
                started.rest->typed(line, cluster.simulation().now(), output);
            (void)started.rest->complete(line);
            ended = started.rest->poll(cluster.simulation().now(), output);
        }
        if (!ended)
            started.rest->interrupted(output);
    }
    if (reads_only(words))
        expect(cluster.revision() == revision, "reading changed something");
    return 0;
}

}  // namespace

Door kubectl() {
    (void)session();
    Door door{run, commands_of("kubectl "), {"kubectl", "get ", "describe ", "apply -f -", "create ", "delete ", "edit ", "patch ", "exec ", "logs ", "run ", "expose ", "scale ", "rollout ", "set ", "label ", "annotate ", "taint ", "drain ", "cordon ", "auth can-i ", "config ", "explain ", "wait ", "top ", "cp ", "port-forward ", "proxy", "debug ", "diff -f -", "replace ", "autoscale ", "events", "api-resources", "plugin", "kustomize", "completion bash", "-o json", "-o yaml", "-o wide", "-o name", "-o jsonpath=", "-o jsonpath='{.items[*].metadata.name}'", "-o go-template='{{.kind}}'", "-o custom-columns=A:.metadata.name", "-o custom-columns-file=x", "--template=", "--sort-by=.metadata.name", "-l app=web", "--field-selector=status.phase=Running", "-A", "-n kube-system", "-w", "--watch-only", "--dry-run=client", "--dry-run=server", "--force", "--grace-period=", "--cascade=orphan", "--all", "--type=json", "--type=merge", "--type=strategic", "-p '", "--patch '", "--subresource=status", "--for=condition=Ready", "--for=jsonpath='{.status.phase}'=Running", "--timeout=", "--tail=", "--since=", "-c nginx", "-it", "--", "--as=", "--as-group=", "--token=", "--kubeconfig=x", "--server=", "-v=9", "--raw=/api/v1", "--show-labels", "--chunk-size=1", "pod/web", "deploy/web", "svc web", "cm notes", "nodes", "all", "pods,svc", "web=1", "web-", "a=b:NoSchedule", "--replicas=", "--image=nginx", "--port=", "--from-literal=a=b", "--from-file=x", "--overrides='", "-h", "--help"}};
    door.longest = 2500;
    door.runs = 200;
    return door;
}

}  // namespace kubewalk::fuzz
