#include "core/cluster/laptop.h"

#include <algorithm>

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

// What one command leaves behind beside its output.
struct Side {
    std::unique_ptr<kubectl::Continuation> rest;
    api::Value data;
    int stage = -1;       // which stage of the pipeline goes on
    std::string printed;  // what that one printed before
    // Of the shell that runs it.
    shell::ProcessContext* context = nullptr;
    const shell::Machine* machine = nullptr;

    // A command that goes on where nobody could wait for it has ended.
    void keep(std::unique_ptr<kubectl::Continuation> continuation, std::string_view out) {
        if (!continuation || machine->state().stage < 0)
            return;
        rest = std::move(continuation);
        stage = machine->state().stage;
        printed = out;
    }
};

shell::Completed run_kubectl(Cluster& cluster, Side& side, const Argv& argv, std::string_view input) {
    auto environment = cluster.kubectl_environment();
    auto& context = *side.context;
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

// `watch [-n SECONDS] COMMAND...`: runs it again and again and shows the last screen.
class Watching final : public kubectl::Continuation {
public:
    Watching(Cluster& cluster, shell::ShellState state, std::string line, Duration every, bool title)
        : cluster_(&cluster), state_(std::move(state)), line_(std::move(line)), every_(every), title_(title) {}

    bool poll(Time now, kubectl::Output& out) override {
        if (now < next_)
            return false;
        next_ = now + every_;
        shell::Machine machine(state_.kind, state_.positional);
        out.wiped = true;
        if (title_) {
            const auto head = cat("Every ", seconds_text(), "s: ", line_);
            const auto tail = cat("laptop: ", replace_all(to_rfc3339(now).substr(0, 19), "T", " "));
            constexpr std::size_t width = 80;
            append(out.out, head, std::string(head.size() + tail.size() + 2 < width ? width - head.size() - tail.size() : 2, ' '), tail, "\n\n");
        }
        if (auto wrong = machine.take(line_)) {
            out.out += *wrong;
            return false;
        }
        while (!machine.idle()) {
            auto run = step_on_laptop(*cluster_, machine, line_, {});
            append(out.out, run.result.out, run.result.err);
        }
        return false;
    }
    std::unique_ptr<kubectl::Continuation> clone() const override { return std::make_unique<Watching>(*this); }

private:
    std::string seconds_text() const {
        const auto tenths = every_.ns / 100'000'000;
        return cat(tenths / 10, ".", tenths % 10);
    }

    Cluster* cluster_;  // a service
    shell::ShellState state_;
    std::string line_;
    Duration every_;
    bool title_;
    Time next_{};
};

shell::Completed run_watch(Cluster& cluster, Side& side, const Argv& argv, std::string_view) {
    Duration every = seconds(2);
    bool title = true;
    std::size_t at = 1;
    for (; at < argv.size() && argv[at].starts_with('-') && argv[at].size() > 1; ++at) {
        const auto& word = argv[at];
        if (word == "-t" || word == "--no-title") {
            title = false;
        } else if (word.starts_with("-n") || word.starts_with("--interval")) {
            const auto equals = word.find('=');
            const auto text = equals != std::string::npos ? word.substr(equals + 1) : word.size() > 2 && word[1] == 'n' ? word.substr(2) : at + 1 < argv.size() ? argv[++at] : std::string();
            const auto interval = parse_go_duration(text + "s");
            if (!interval || interval->ns <= 0)
                return failed(1, cat("watch: failed to parse argument: '", text, "'"));
            every = std::max(*interval, milliseconds(100));
        } else if (word != "-d" && word != "--differences" && word != "-c" && word != "--color") {
            return failed(1, cat("watch: invalid option -- '", word.substr(1), "'"));
        }
    }
    if (at >= argv.size())
        return failed(1, "Usage:\n watch [options] command");
    const std::vector<std::string> words(argv.begin() + static_cast<std::ptrdiff_t>(at), argv.end());
    auto watching = std::make_unique<Watching>(cluster, side.machine->state(), join(words, " "), every, title);
    if (side.machine->state().stage < 0)
        return failed(1, "watch: it can only run by itself");
    side.keep(std::move(watching), {});
    return {};
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
    const bool goes_on = running && !running->full() && argv[2] == "tcpdump" && captures.size() == 1 && line.find_first_of("|;&") == std::string::npos &&
                         side.machine->state().stage >= 0;
    if (goes_on)
        side.keep(std::make_unique<RunningCapture>(cluster.network(), captures.back()), done.out);
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
    {"watch", run_watch}, {"cloud", run_cloud_console}, {"link", run_fault}, {"node", run_fault}, {"conntrack", run_fault},
};

bool asks_for_json(std::string_view line) {
    return line.find("-o json") != std::string_view::npos || line.find("-ojson") != std::string_view::npos ||
           line.find("--output=json") != std::string_view::npos;
}

}  // namespace

LaptopRun step_on_laptop(Cluster& cluster, shell::Machine& machine, std::string_view line, std::string_view input) {
    LaptopRun run;
    auto process = cluster.process_at("laptop");
    if (!process.ok()) {
        machine.stop();
        run.result.exit = 1;
        run.result.err = process.error().message + "\n";
        return run;
    }
    auto& context = process.value();
    context.environment.emplace("PWD", "/root");
    Side side;
    side.context = &context;
    side.machine = &machine;
    for (const auto& program : brought_programs) {
        context.brought[std::string(program.name)] = [&cluster, &side, function = program.run](const Argv& argv, std::string_view in) {
            return function(cluster, side, argv, in);
        };
    }
    const auto before = context.files;
    net::Network::Recording recording(cluster.network());
    shell::Completed completed = machine.step(context, input);
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
    context.environment.emplace("PWD", "/root");
    for (const auto& [name, value] : state.exported)
        context.environment[name] = value;
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

namespace {

// The last command of the line, where completion works: behind the last |, ; or && outside of quotes.
std::string_view last_command(std::string_view line) {
    char quote = 0;
    std::size_t begin = 0;
    for (std::size_t i = 0; i < line.size(); ++i) {
        if (quote != 0)
            quote = line[i] == quote ? '\0' : quote;
        else if (line[i] == '\'' || line[i] == '"')
            quote = line[i];
        else if (line[i] == '|' || line[i] == ';' || line[i] == '&' || line.substr(i, 2) == "$(")
            begin = i + (line[i] == '$' ? 2 : 1);
    }
    line.remove_prefix(begin);
    return line.substr(std::min(line.find_first_not_of(" \t"), line.size()));
}

// Files below the folder that the word names, as the word would go on.
std::vector<std::string> file_words(const std::map<std::string, std::string>& files, const std::string& here, std::string_view word) {
    const auto slash = word.rfind('/');
    const auto folder_part = slash == std::string_view::npos ? std::string_view() : word.substr(0, slash + 1);
    const std::string folder = word.starts_with('/') ? std::string(folder_part) : cat(here, here.ends_with('/') ? "" : "/", folder_part);
    std::vector<std::string> words;
    for (auto file = files.lower_bound(folder); file != files.end() && file->first.starts_with(folder); ++file) {
        const auto rest = std::string_view(file->first).substr(folder.size());
        const auto end = rest.find('/');
        auto found = cat(folder_part, rest.substr(0, end), end == std::string_view::npos ? "" : "/");
        if (found.starts_with(word) && (words.empty() || words.back() != found))
            words.push_back(std::move(found));
    }
    return words;
}

}  // namespace

std::vector<std::string> complete_on_laptop(const Cluster& cluster, const shell::Machine& machine, std::string_view line) {
    const auto command = last_command(line);
    const auto words = fields(command);
    const auto here = machine.state().exported.find("PWD");
    const std::string folder = here == machine.state().exported.end() ? "/root" : here->second;
    const auto files = cluster.machine_files("laptop");
    const std::string_view last = command.empty() || command.ends_with(' ') ? std::string_view() : words.back();
    if (!words.empty() && words[0] == "watch" && (words.size() > 1 || command.ends_with(' '))) {
        const auto at = command.find("kubectl");
        return complete_on_laptop(cluster, machine, at == std::string_view::npos ? command.substr(5) : command.substr(at));
    }
    if (!words.empty() && words[0] == "kubectl" && (words.size() > 1 || command.ends_with(' '))) {
        auto environment = cluster.quiet_kubectl_environment();
        environment.read_file = [&files](std::string_view path) {
            const auto found = files.find(std::string(path));
            return found == files.end() ? Result<std::string>(Error{"NotFound", {}, {}, 0, 0}) : Result<std::string>(found->second);
        };
        auto found = kubectl::complete(environment, command);
        const auto before = words.size() > 1 ? words[words.size() - (last.empty() ? 1 : 2)] : std::string_view();
        if (before == "-f" || before == "--filename")
            found = file_words(files, folder, last);
        return found;
    }
    if (words.empty() || (words.size() == 1 && !command.ends_with(' '))) {
        std::vector<std::string> out;
        for (const auto& program : brought_programs)
            out.emplace_back(program.name);
        for (std::string_view more : {"awk", "base64", "cat", "cd", "clear", "cp", "curl", "cut", "date", "echo", "env", "exit", "export", "grep", "head", "host", "jobs", "jq", "kill", "ls",
                                      "mkdir", "mv", "nslookup", "ping", "printf", "pwd", "rm", "sed", "seq", "settle", "sleep", "sort", "tail", "tee", "touch", "tr", "traceroute", "uniq", "wc",
                                      "wget", "which", "xargs"})
            out.emplace_back(more);
        std::erase_if(out, [&](const std::string& word) { return !word.starts_with(last); });
        std::sort(out.begin(), out.end());
        out.erase(std::unique(out.begin(), out.end()), out.end());
        return out;
    }
    if (words[0] == "ssh" && words.size() <= 2 && !(words.size() == 2 && command.ends_with(' '))) {
        std::vector<std::string> out;
        for (const auto& node : cluster.peek_list(api::kind::nodes, {}))
            if (api::name_of(node).starts_with(last))
                out.emplace_back(api::name_of(node));
        return out;
    }
    return file_words(files, folder, last);
}

}  // namespace kubewalk::cluster
