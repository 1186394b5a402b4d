#include "core/cluster/laptop.h"

#include <algorithm>

#include "core/api/json.h"
#include "core/base/text.h"
#include "core/cluster/cloud_command.h"
#include "core/cluster/cluster.h"
#include "core/cluster/faults.h"
#include "core/cluster/lookup.h"
#include "core/cluster/request.h"
#include "core/cluster/watch_command.h"
#include "core/net/node_stack.h"

namespace kubewalk::cluster {

namespace {

using Argv = std::vector<std::string>;

shell::Completed failed(int exit, std::string message) { return {exit, {}, message + "\n", {}}; }

// What one command leaves behind beside its output.
struct Side {
    std::unique_ptr<kubectl::Continuation> rest;
    api::Value data;
    int stage = -1;       // which stage of the pipeline goes on
    std::string printed;  // what that one printed before
    // Of the shell that runs it.
    shell::ProcessContext* context = nullptr;
    const shell::Script* script = nullptr;

    bool can_wait() const { return context->stage >= 0; }
    // A command that goes on where nobody could wait for it has ended.
    void keep(std::unique_ptr<kubectl::Continuation> continuation, std::string_view out) {
        if (!continuation || !can_wait())
            return;
        rest = std::move(continuation);
        stage = context->stage;
        printed = out;
    }
};

shell::Completed run_kubectl(Cluster& cluster, Side& side, const Argv& argv, std::string_view input) {
    auto environment = cluster.kubectl_environment();
    auto& context = *side.context;
    environment.interactive = side.can_wait();
    if (const auto config = context.environment.find("KUBECONFIG"); config != context.environment.end() && !config->second.empty())
        environment.kubeconfig = config->second;
    // The learner's own files go before the examples that lie beside them.
    environment.read_file = [&context, examples = environment.read_file](std::string_view path) {
        const auto own = context.files.find(shell::absolute_path(context, path));
        return own != context.files.end() ? Result<std::string>(own->second) : examples(path);
    };
    environment.list_folder = [&context, examples = environment.list_folder](std::string_view path) {
        const auto folder = shell::absolute_path(context, path) + "/";
        std::vector<std::string> names;
        for (auto file = context.files.lower_bound(folder); file != context.files.end() && file->first.starts_with(folder); ++file) {
            const auto name = file->first.substr(folder.size(), file->first.find('/', folder.size()) - folder.size());
            if (names.empty() || names.back() != name)
                names.push_back(name);
        }
        return names.empty() ? examples(path) : Result<std::vector<std::string>>(names);
    };
    environment.write_file = [&context](std::string_view path, std::string_view text) -> Result<void> {
        context.files[shell::absolute_path(context, path)] = text;
        return {};
    };
    kubectl::Started started = kubectl::start(environment, argv, input);
    side.keep(std::move(started.rest), started.output.out);
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
    const bool goes_on = running && !running->full() && argv[2] == "tcpdump" && captures.size() == 1 && line.find_first_of("|;&") == std::string::npos && side.can_wait();
    if (goes_on)
        side.keep(std::make_unique<RunningCapture>(cluster.network(), captures.back()), done.out);
    else
        shell::end_captures(process.value(), done);
    return done;
}

shell::Completed run_watch(Cluster& cluster, Side& side, const Argv& argv, std::string_view) {
    auto watching = start_watching(cluster, *side.script, argv);
    if (!watching.ok())
        return failed(1, watching.error().message);
    if (!side.can_wait())
        return failed(1, "watch: it can only run by itself");
    side.keep(watching.take(), {});
    return {};
}

shell::Completed run_cloud_console(Cluster& cluster, Side&, const Argv& argv, std::string_view) { return run_cloud(cluster, argv); }

struct Brought {
    std::string_view name;
    shell::Completed (*run)(Cluster&, Side&, const Argv&, std::string_view);
};

// A program of the laptop's own is one line here.
constexpr Brought brought_programs[] = {
    {"kubectl", run_kubectl}, {"trace", run_trace}, {"dig", run_dig}, {"component", run_fault}, {"ssh", run_ssh},
    {"watch", run_watch}, {"cloud", run_cloud_console}, {"link", run_fault}, {"node", run_fault}, {"conntrack", run_fault},
};

bool asks_for_json(std::string_view line) {
    return line.find("-o json") != std::string_view::npos || line.find("-ojson") != std::string_view::npos ||
           line.find("--output=json") != std::string_view::npos;
}

}  // namespace

std::vector<std::string_view> laptop_programs() {
    std::vector<std::string_view> names;
    for (const auto& program : brought_programs)
        names.push_back(program.name);
    return names;
}

LaptopRun step_on_laptop(Cluster& cluster, shell::Script& script, std::string_view line, std::string_view input) {
    LaptopRun run;
    auto process = cluster.process_at("laptop");
    if (!process.ok()) {
        script.stop();
        run.result.exit = 1;
        run.result.err = process.error().message + "\n";
        return run;
    }
    auto& context = process.value();
    context.environment.emplace("PWD", laptop_folder);
    Side side;
    side.context = &context;
    side.script = &script;
    for (const auto& program : brought_programs) {
        context.brought[std::string(program.name)] = [&cluster, &side, function = program.run](const Argv& argv, std::string_view in) {
            return function(cluster, side, argv, in);
        };
    }
    const auto before = context.files;
    net::Network::Recording recording(cluster.network());
    shell::Completed completed = script.step_to_command(context, input);
    shell::end_captures(context, completed);
    if (context.files != before)
        cluster.write_machine_files("laptop", before, context.files);
    run.result.exit = completed.exit;
    run.result.out = std::move(completed.out);
    run.result.err = std::move(completed.err);
    run.result.elapsed = completed.elapsed;
    run.result.data = std::move(side.data);
    if (run.result.data.is_null() && asks_for_json(line))
        run.result.data = api::parse_json(run.result.out).value_or({});
    if (!recording.trace().connections.empty())
        run.result.trace = std::make_shared<net::Trace>(recording.trace());
    run.rest = std::move(side.rest);
    run.stage = side.stage;
    run.printed = std::move(side.printed);
    return run;
}

void Piped::pass(Cluster& cluster, kubectl::Output& more, bool ended) {
    auto process = cluster.process_at("laptop");
    if (!process.ok())
        return;
    auto& context = process.value();
    context.environment.emplace("PWD", laptop_folder);
    shell::bring_environment(context, state);
    const auto before = context.files;
    for (const auto& redirection : redirections) {
        if (redirection.operation.starts_with("<"))
            continue;
        auto& text = redirection.descriptor == 2 ? more.err : more.out;
        if (redirection.operation == ">&") {
            if (redirection.descriptor == 2 && redirection.target == "1") {
                more.out += more.err;
                more.err.clear();
            }
            continue;
        }
        if (redirection.target != "/dev/null")
            context.files[shell::absolute_path(context, redirection.target)] += text;
        text.clear();
    }
    if (stages) {
        // A filter works on all there is so far and shows what is new; what must see the end waits for it.
        const bool wiped = more.wiped;
        input = wiped ? more.out : input + more.out;
        shown = wiped ? 0 : shown;
        more.out.clear();
        const bool patient = !ended && shell::needs_all(*stages);
        if (!patient) {
            auto filtered = shell::run_stages(context, state, *stages, input);
            more.out = filtered.out.substr(std::min(shown, filtered.out.size()));
            more.err += shown == 0 ? filtered.err : std::string();
            shown = filtered.out.size();
            if (ended)
                more.exit = filtered.exit;
        }
    }
    if (context.files != before)
        cluster.write_machine_files("laptop", before, context.files);
}

}  // namespace kubewalk::cluster
