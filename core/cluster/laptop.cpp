#include "core/cluster/laptop.h"

#include "core/api/json.h"
#include "core/base/text.h"
#include "core/cluster/cloud_command.h"
#include "core/cluster/cluster.h"
#include "core/cluster/faults.h"
#include "core/cluster/lookup.h"
#include "core/cluster/request.h"
#include "core/net/node_stack.h"

namespace kubewalk::cluster {

namespace {

using Argv = std::vector<std::string>;

shell::Completed failed(int exit, std::string message) { return {exit, {}, message + "\n", {}}; }

// What one line leaves behind beside its output.
struct Side {
    std::unique_ptr<kubectl::Continuation> rest;
    api::Value data;
};

shell::Completed run_kubectl(Cluster& cluster, Side& side, const Argv& argv, std::string_view input) {
    kubectl::Started started = kubectl::start(cluster.kubectl_environment(), argv, input);
    side.rest = std::move(started.rest);
    return {started.output.exit, std::move(started.output.out), std::move(started.output.err), started.elapsed};
}

shell::Completed run_trace(Cluster& cluster, Side& side, const Argv& argv, std::string_view) {
    if (argv.size() != 3)
        return failed(2, "usage: trace FROM URL   (FROM: laptop | internet | node/NAME | pod/[NAMESPACE/]NAME)");
    const auto result = trace_request(cluster, argv[1], argv[2]);
    if (!result.ok())
        return failed(1, cat("trace: ", result.error().message));
    side.data = trace_json(result.value());
    return {result.value().outcome == net::Outcome::delivered ? 0 : 1, trace_text(result.value()), {}, {}};
}

bool is_place(std::string_view word) {
    return word == "laptop" || word == "internet" || word.starts_with("node/") || word.starts_with("pod/");
}

// `dig FROM NAME [TYPE]`; without a place it is the ordinary dig on the laptop.
shell::Completed run_dig(Cluster& cluster, Side& side, const Argv& argv, std::string_view input) {
    if (argv.size() < 2 || !is_place(argv[1])) {
        auto process = cluster.process_at("laptop");
        return process.ok() ? shell::run(process.value(), argv, input) : failed(1, process.error().message);
    }
    std::vector<std::string> words;
    auto search = net::UseSearch::yes;
    for (std::size_t i = 2; i < argv.size(); ++i) {
        if (argv[i] == "--absolute")
            search = net::UseSearch::no;
        else
            words.push_back(argv[i]);
    }
    if (words.empty() || words.size() > 2)
        return failed(2, "usage: dig FROM NAME [TYPE] [--absolute]");
    const auto result = look_up(cluster, argv[1], words[0], words.size() > 1 ? words[1] : "", search);
    if (!result.ok())
        return failed(1, cat("dig: ", result.error().message));
    side.data = lookup_json(result.value());
    Duration elapsed{};
    for (const auto& query : result.value().queries)
        elapsed = elapsed + query.elapsed;
    return {0, lookup_text(result.value()), {}, elapsed};
}

// component, link, node, conntrack: what core/cluster/faults.h lists.
shell::Completed run_fault(Cluster& cluster, Side&, const Argv& argv, std::string_view input) {
    if (argv[0] == "conntrack" && (argv.size() < 2 || argv[1].starts_with('-'))) {  // the ordinary tool
        auto process = cluster.process_at("laptop");
        return process.ok() ? shell::run(process.value(), argv, input) : failed(1, process.error().message);
    }
    const auto result = apply_fault(cluster, join(argv, " "));
    if (result.ok())
        return {};
    const bool usage = result.error().reason == "Usage";
    return failed(usage ? 2 : 1, usage ? result.error().message : cat(argv[0], ": ", result.error().message));
}

// Only a command by itself may go on running; in a pipe or a list it has ended when the line has.
bool is_single_command(std::string_view line) {
    char quote = 0;
    for (char c : line) {
        if (quote != 0) {
            if (c == quote)
                quote = 0;
        } else if (c == '\'' || c == '"') {
            quote = c;
        } else if (c == '|' || c == ';' || c == '&') {
            return false;
        }
    }
    return true;
}

// tcpdump on a node, until it has seen enough or is interrupted.
class RunningCapture final : public kubectl::Continuation {
public:
    RunningCapture(net::Network& network, std::uint64_t id) : network_(&network), id_(id) {}

    bool poll(Time, kubectl::Output& out) override {
        shown_ = shell::print_capture(*network_, id_, shown_, out.out);
        const net::Capture* capture = network_->capture(id_);
        if (capture && !capture->full())
            return false;
        shell::end_capture(*network_, id_, out.err);
        return true;
    }
    void interrupted(kubectl::Output& out) override {
        shown_ = shell::print_capture(*network_, id_, shown_, out.out);
        out.out += '\n';
        shell::end_capture(*network_, id_, out.err);
    }
    std::unique_ptr<kubectl::Continuation> clone() const override { return std::make_unique<RunningCapture>(*this); }

private:
    net::Network* network_;  // a service
    std::uint64_t id_;
    std::size_t shown_ = 0;
};

// Nobody answers where there is no power, or no cable to the learner's network.
bool answers(const Cluster& cluster, const std::string& machine) {
    const net::NodeStack* stack = cluster.network().stack(machine);
    return stack && stack->up && !cluster.network().link_fault(machine).cut && !cluster.network().link_fault("laptop").cut;
}

// `ssh NODE COMMAND...`: a program on a node, as the administrator would run it there.
shell::Completed run_ssh(Cluster& cluster, Side& side, const Argv& argv, std::string_view input) {
    if (argv.size() < 3)
        return failed(255, "usage: ssh NODE COMMAND...");
    auto process = cluster.process_at(cat("node/", argv[1]));
    if (!process.ok())
        return failed(255, cat("ssh: Could not resolve hostname ", argv[1], ": Name or service not known"));
    if (!answers(cluster, argv[1])) {
        auto silent = failed(255, cat("ssh: connect to host ", argv[1], " port 22: No route to host"));
        silent.elapsed = milliseconds(3060);
        return silent;
    }
    std::string line;
    for (std::size_t i = 2; i < argv.size(); ++i)
        append(line, i > 2 ? " " : "", argv[i]);
    const auto before = process.value().files;
    auto done = shell::run_line_and_go_on(process.value(), line, input);
    cluster.write_machine_files(argv[1], before, process.value().files);
    auto& captures = process.value().captures;
    const net::Capture* running = captures.empty() ? nullptr : cluster.network().capture(captures.back());
    const bool goes_on = running && !running->full() && argv[2] == "tcpdump" && captures.size() == 1 && is_single_command(line);
    if (goes_on)
        side.rest = std::make_unique<RunningCapture>(cluster.network(), captures.back());
    else
        shell::end_captures(process.value(), done);
    return done;
}

shell::Completed run_cloud_console(Cluster& cluster, Side&, const Argv& argv, std::string_view) { return run_cloud(cluster, argv); }

struct Brought {
    std::string_view name;
    shell::Completed (*run)(Cluster&, Side&, const Argv&, std::string_view);
};

// A program of the laptop's own is one line here.
constexpr Brought brought_programs[] = {
    {"kubectl", run_kubectl}, {"trace", run_trace}, {"dig", run_dig}, {"component", run_fault}, {"ssh", run_ssh},
    {"cloud", run_cloud_console}, {"link", run_fault}, {"node", run_fault}, {"conntrack", run_fault},
};

bool asks_for_json(std::string_view line) {
    return line.find("-o json") != std::string_view::npos || line.find("-ojson") != std::string_view::npos ||
           line.find("--output=json") != std::string_view::npos;
}

}  // namespace

LaptopRun run_on_laptop(Cluster& cluster, std::string_view line, std::string_view input) {
    LaptopRun run;
    auto process = cluster.process_at("laptop");
    if (!process.ok()) {
        run.result.exit = 1;
        run.result.err = process.error().message + "\n";
        return run;
    }
    cluster.simulation().record(sim::EntryKind::action, "laptop", {}, {"action.command", {std::string(line)}});
    Side side;
    for (const auto& program : brought_programs) {
        process.value().brought[std::string(program.name)] = [&cluster, &side, function = program.run](const Argv& argv, std::string_view in) {
            return function(cluster, side, argv, in);
        };
    }
    net::Network::Recording recording(cluster.network());
    shell::Completed completed = shell::run_line(process.value(), line, input);
    run.result.exit = completed.exit;
    run.result.out = std::move(completed.out);
    run.result.err = std::move(completed.err);
    run.result.elapsed = completed.elapsed;
    run.result.data = std::move(side.data);
    if (run.result.data.is_null() && asks_for_json(line))
        run.result.data = api::parse_json(run.result.out).value_or({});
    if (!recording.trace().connections.empty())
        run.result.trace = std::make_shared<net::Trace>(recording.trace());
    if (is_single_command(line))
        run.rest = std::move(side.rest);
    return run;
}

std::vector<std::string> complete_on_laptop(const Cluster& cluster, std::string_view line) {
    const auto words = fields(line);
    if (!words.empty() && words[0] == "kubectl" && (words.size() > 1 || line.ends_with(' '))) {
        return kubectl::complete(cluster.quiet_kubectl_environment(), line);
    }
    std::vector<std::string> out;
    static constexpr std::string_view commands[] = {"cloud", "component", "curl", "dig", "kubectl", "ping", "sleep", "ssh", "trace", "wget"};
    for (const auto command : commands)
        if (words.empty() || (words.size() == 1 && !line.ends_with(' ') && command.starts_with(words[0])))
            out.emplace_back(command);
    return out;
}

}  // namespace kubewalk::cluster
