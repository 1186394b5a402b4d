#include "core/kubelet/shell_program.h"

#include "core/base/text.h"
#include "core/kubelet/runtime.h"

namespace kubewalk::kubelet {
namespace {

// Commands that take no time at all must not spin: the least a round of a loop costs.
constexpr Duration least_step = milliseconds(5);

std::string_view base_name(std::string_view path) { return path.substr(path.rfind('/') + 1); }

bool is_shell(std::string_view argv0) {
    const auto name = base_name(argv0);
    return name == "sh" || name == "bash" || name == "ash";
}

// Never ends by itself.
bool waits_for_ever(std::string_view command) {
    const auto words = fields(command);
    if (words.size() >= 2 && words[0] == "sleep")
        return words[1] == "infinity" || words[1] == "inf";
    return words.size() >= 3 && words[0] == "tail" && words[1] == "-f" && words[2] == "/dev/null";
}

// Cuts at newline and ';' outside of quotes and parentheses; `&&`, `||` and pipes stay together.
std::vector<std::string> commands_of(std::string_view script) {
    std::vector<std::string> out;
    std::string current;
    char quote = 0;
    int depth = 0;
    const auto flush = [&] {
        if (const auto text = trim(current); !text.empty() && text[0] != '#')
            out.emplace_back(text);
        current.clear();
    };
    for (std::size_t i = 0; i < script.size(); ++i) {
        const char c = script[i];
        if (quote != 0) {
            if (c == quote)
                quote = 0;
        } else if (c == '\\' && i + 1 < script.size()) {
            current += c;
            current += script[++i];
            continue;
        } else if (c == '\'' || c == '"') {
            quote = c;
        } else if (c == '(' || c == '{') {
            ++depth;
        } else if (c == ')' || c == '}') {
            --depth;
        } else if (depth == 0 && (c == '\n' || c == ';')) {
            flush();
            continue;
        }
        current += c;
    }
    flush();
    return out;
}

// "do date" -> "date"; empty when the word is not there.
bool take_word(std::string& command, std::string_view word) {
    if (command.substr(0, word.size()) != word)
        return false;
    if (command.size() > word.size() && command[word.size()] != ' ' && command[word.size()] != '\t')
        return false;
    command = trim(std::string_view(command).substr(word.size()));
    return true;
}

}  // namespace

std::vector<ScriptStep> parse_script(std::string_view script) {
    using Kind = ScriptStep::Kind;
    std::vector<ScriptStep> steps;
    std::vector<std::size_t> loops;  // where each open loop's condition stands
    for (auto command : commands_of(script)) {
        const bool until = take_word(command, "until");
        if (until || take_word(command, "while")) {
            loops.push_back(steps.size());
            steps.push_back({Kind::jump_if_failed, until ? cat("! ", command) : command, 0});
            continue;
        }
        take_word(command, "do");
        std::string probe = command;
        if (!loops.empty() && take_word(probe, "done")) {
            steps.push_back({Kind::jump, {}, loops.back()});
            steps[loops.back()].target = steps.size();
            loops.pop_back();
            continue;
        }
        if (!command.empty())
            steps.push_back({Kind::command, command, 0});
    }
    return steps;
}

ShellProgram::ShellProgram(const ProgramContext& context, const Image& image, const ContainerConfig& config)
    : simulation_(&context.simulation), network_(&context.network), image_(&image), netns_(context.netns),
      name_(base_name(context.argv[0])), hostname_(config.hostname), environment_(context.shared_environment),
      file_system_(context.file_system), disks_(context.disks), stdin_open_(config.stdin_open), uid_(config.uid),
      net_raw_(config.net_raw), argv_(context.argv) {
    if (is_shell(argv_[0])) {
        // sh -c SCRIPT (also -ec, -xc); without a terminal and a script, sh reads its empty input and ends.
        for (std::size_t i = 1; i + 1 < argv_.size(); ++i) {
            if (argv_[i].size() > 1 && argv_[i][0] == '-' && argv_[i].back() == 'c') {
                script_ = parse_script(argv_[i + 1]);
                break;
            }
        }
    }
}

void ShellProgram::start() { simulation_->schedule(id(), milliseconds(10), next_step); }

void ShellProgram::on_event(const sim::Event& event) {
    if (event.code == next_step)
        step();
    else if (event.code == end)
        finish(*simulation_, static_cast<int>(event.number));
}

shell::ProcessContext ShellProgram::process() const {
    return {*simulation_, *network_, netns_, hostname_, disks_->view(file_system_), *environment_, image_->programs, {}, image_->libc, uid_,
            net_raw_, true};
}

void ShellProgram::print_lines(std::string_view text) {
    if (!text.empty() && text.back() == '\n')
        text.remove_suffix(1);
    else if (text.empty())
        return;
    for (const auto line : split(text, '\n'))
        print(simulation_->now(), std::string(line));
}

void ShellProgram::step() {
    const bool scripted = is_shell(argv_[0]);
    if (scripted && script_.empty() && stdin_open_)
        return;  // an interactive shell waits for its next line
    if (scripted && at_ >= script_.size()) {
        finish(*simulation_, last_exit_);
        return;
    }
    if (scripted && script_[at_].kind == ScriptStep::Kind::jump) {
        at_ = script_[at_].target;
        simulation_->schedule(id(), least_step, next_step, sim::Urgency::background);
        return;
    }
    std::vector<std::string> argv = argv_;
    const std::string command = scripted ? script_[at_].text : join(argv, " ");
    if (waits_for_ever(command))
        return;
    auto context = process();
    const Files before = context.files;
    shell::Completed done;
    if (!scripted) {
        argv[0] = base_name(argv[0]);
        done = shell::run(context, argv);
    } else {
        done = shell::run_line(context, command);
    }
    disks_->absorb(file_system_, before, context.files);
    print_lines(done.out);
    print_lines(done.err);
    last_exit_ = done.exit;
    if (!scripted) {
        simulation_->schedule(id(), done.elapsed, end, sim::Urgency::background, static_cast<std::uint64_t>(done.exit));
        return;
    }
    const bool leave = script_[at_].kind == ScriptStep::Kind::jump_if_failed && done.exit != 0;
    at_ = leave ? script_[at_].target : at_ + 1;
    // A script that runs for ever must not keep the cluster from being settled.
    simulation_->schedule(id(), done.elapsed, next_step, sim::Urgency::background);
}

}  // namespace kubewalk::kubelet
