#pragma once
// A container whose process is a program of its image's shell room: `sleep 3600`, `tail -f /dev/null`,
// `sh -c "while true; do date; sleep 5; done"`, `nslookup kubernetes`.

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/kubelet/image_catalogue.h"
#include "core/kubelet/program.h"
#include "core/shell/script.h"
#include "core/shell/shell.h"

namespace kubewalk::kubelet {

struct ContainerConfig;

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
    std::shared_ptr<const shell::Confinement> confined_;
    std::vector<std::string> argv_;
    shell::Script script_;
};

}  // namespace kubewalk::kubelet
