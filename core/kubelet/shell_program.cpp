#include "core/kubelet/shell_program.h"

#include <algorithm>

#include "core/base/text.h"
#include "core/kubelet/confinement.h"
#include "core/kubelet/runtime.h"

namespace kubewalk::kubelet {
namespace {

// Commands that take no time at all must not spin: the least that one costs.
constexpr Duration least_step = milliseconds(1);

std::string_view base_name(std::string_view path) { return path.substr(path.rfind('/') + 1); }

bool is_shell(std::string_view argv0) {
    const auto name = base_name(argv0);
    return name == "sh" || name == "bash" || name == "ash";
}

// Never ends by itself.
bool waits_for_ever(const std::vector<std::string>& words) {
    if (words.size() >= 2 && words[0] == "sleep")
        return words[1] == "infinity" || words[1] == "inf";
    return words.size() >= 3 && words[0] == "tail" && (words[1] == "-f" || words[1] == "-F") && words[2] == "/dev/null";
}

}  // namespace

ShellProgram::ShellProgram(const ProgramContext& context, const Image& image, const ContainerConfig& config)
    : simulation_(&context.simulation), network_(&context.network), image_(&image), netns_(context.netns),
      name_(base_name(context.argv[0])), hostname_(config.hostname), environment_(context.shared_environment),
      file_system_(context.file_system), disks_(context.disks), stdin_open_(config.stdin_open), uid_(config.uid),
      net_raw_(config.net_raw), confined_(config.confined), argv_(context.argv) {
    if (is_shell(argv_[0])) {
        // sh -c SCRIPT [NAME [ARG...]] (also -ec, -xc); without a terminal and a script, sh reads its empty input and ends.
        for (std::size_t i = 1; i + 1 < argv_.size(); ++i) {
            if (argv_[i].size() > 1 && argv_[i][0] == '-' && argv_[i].back() == 'c') {
                std::vector<std::string> positional(argv_.begin() + static_cast<std::ptrdiff_t>(i) + 2, argv_.end());
                if (positional.empty())
                    positional.push_back(argv_[0]);
                script_ = shell::Script(argv_[i + 1], name_ == "bash" ? shell::ShellKind::bash : shell::ShellKind::ash,
                                        std::move(positional));
                if (argv_[i].find('e') != std::string::npos)
                    script_.exit_on_error();
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
    shell::ProcessContext context{*simulation_, *network_, netns_, hostname_, disks_->view(file_system_), *environment_, image_->programs, {}, image_->libc, uid_,
                                  net_raw_, true, {}, mount_paths(file_system_)};
    confine(context, confined_, argv_);
    return context;
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
    if (scripted && script_.done()) {
        finish(*simulation_, script_.exit_code());
        return;
    }
    if (waits_for_ever(scripted ? script_.next_words() : argv_))
        return;
    auto context = process();
    const Files before = context.files;
    shell::Completed done;
    if (scripted) {
        context.processes = {{1, uid_, join(argv_, " ")}};
        done = script_.step(context);
        shell::end_captures(context, done);
    } else {
        std::vector<std::string> argv = argv_;
        argv[0] = base_name(argv[0]);
        done = shell::run(context, argv);
    }
    disks_->absorb(file_system_, before, context.files);
    print_lines(done.out);
    print_lines(done.err);
    if (!scripted) {
        simulation_->schedule(id(), done.elapsed, end, sim::Urgency::background, static_cast<std::uint64_t>(done.exit));
        return;
    }
    // A script that runs for ever must not keep the cluster from being settled.
    simulation_->schedule(id(), std::max(done.elapsed, least_step), next_step, sim::Urgency::background);
}

}  // namespace kubewalk::kubelet
