#pragma once
// A container whose process is a program of its image's shell room: `sleep 3600`, `tail -f /dev/null`,
// `sh -c "while true; do date; sleep 5; done"`, `nslookup kubernetes`.

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/kubelet/image_catalogue.h"
#include "core/kubelet/program.h"
#include "core/shell/shell.h"

namespace kubewalk::kubelet {

struct ContainerConfig;

// Lines of a shell script that are run one after the other; a `while` loop becomes jumps.
struct ScriptStep {
    enum class Kind : std::uint8_t { command, jump_if_failed, jump } kind = Kind::command;
    std::string text;        // command, or the condition of jump_if_failed
    std::size_t target = 0;  // of jumps
};
// Understands lists by newline and ';', `while COND; do … done`, `until …`; what stands inside quotes,
// and everything else, goes to shell::run_line as it is.
std::vector<ScriptStep> parse_script(std::string_view script);

class ShellProgram final : public Program {
public:
    ShellProgram(const ProgramContext& context, const Image& image, const ContainerConfig& config);

    std::string_view name() const override { return name_; }
    void start() override;
    void on_event(const sim::Event& event) override;
    std::unique_ptr<sim::Component> clone() const override { return std::make_unique<ShellProgram>(*this); }
    // As PID 1 without a handler, a plain program never sees SIGTERM.
    std::optional<Obeys> terminate() override { return std::nullopt; }

private:
    enum Code : std::uint32_t { next_step = 1, end };

    void step();
    void print_lines(std::string_view text);
    shell::ProcessContext process() const;

    sim::Simulation* simulation_;
    net::Network* network_;
    const Image* image_;
    net::NamespaceId netns_;
    std::string name_;
    std::string hostname_;
    std::shared_ptr<const std::map<std::string, std::string>> environment_;
    FileSystem file_system_;
    Disks* disks_;
    bool stdin_open_ = false;
    std::int64_t uid_ = 0;
    bool net_raw_ = true;
    std::vector<std::string> argv_;
    std::vector<ScriptStep> script_;
    std::size_t at_ = 0;
    int last_exit_ = 0;
};

}  // namespace kubewalk::kubelet
