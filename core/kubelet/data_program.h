#pragma once
// Programs described as data: what an image's process listens on, whom it calls for which request,
// what it answers and how it fails. The format is described in assets/images/README.md.

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/kubelet/image_catalogue.h"
#include "core/kubelet/program.h"

namespace kubewalk::kubelet {

struct ContainerConfig;

// The program an image runs for context.argv: one of its described processes, what the registry makes
// of it (programs that are code), or one of its shell programs. Null: no such executable in the image.
std::unique_ptr<Program> create_image_program(const Image& image, const ProgramContext& context,
                                              const ContainerConfig& config, const ProgramRegistry& registry);

// The TCP ports on which that program would listen, where the image's description tells: for the editor's hints.
// Nothing when the program is code or a shell's, or when there is no such program.
std::optional<std::vector<std::uint16_t>> described_ports(const Image& image, const std::vector<std::string>& argv,
                                                          const std::map<std::string, std::string>& environment,
                                                          const std::vector<std::int64_t>& declared);

// Interprets one entry of an image's "processes".
class DataProgram final : public Program {
public:
    // `image` and `process` outlive the program: they stand in the catalogue.
    DataProgram(const ProgramContext& context, const Image& image, const api::Value& process,
                std::vector<std::int64_t> declared_ports);

    std::string_view name() const override { return name_; }
    void start() override;
    void on_event(const sim::Event& event) override;
    std::unique_ptr<sim::Component> clone() const override { return std::make_unique<DataProgram>(*this); }
    std::optional<Obeys> terminate() override;
    Usage usage(Time started, Time now) const override;

    void set_memory_limit(std::int64_t bytes) override;
    net::HttpResponse serve_http(const net::HttpRequest& request, const net::Peer& peer) override;
    std::optional<net::Certificate> tls_certificate(std::string_view server_name, const net::Peer& peer) override;
    std::string serve_bytes(const std::string& bytes, const net::Peer& peer) override;

private:
    enum Code : std::uint32_t { initialize = 1, end, memory_check };
    using Words = std::map<std::string, std::string>;

    // How a call to another program went.
    struct Call {
        bool ok = false;
        std::string error;  // as Node prints it: "connect ECONNREFUSED 10.96.1.2:80"
        int status = 0;
        std::string body;
        std::map<std::string, std::string> headers;
        Duration took{};
    };

    void initialize_now();
    void listen();
    Call call(const api::Value& description, const Words& words);
    Call call_http(std::string_view method, std::string_view url, std::string body);
    Call call_bytes(std::string_view address, std::string_view send);
    // What it draws, by its description and its arguments.
    struct Draw {
        std::int64_t milli_cpu = 0;  // at rest
        Duration each_request{};
        std::int64_t memory = 0;  // bytes
    };
    static Draw draw_of(const api::Value& described, const std::vector<std::string>& argv);
    struct Target {
        bool ok = false;
        net::SocketAddress address;
        std::string error;
        Duration took{};
    };
    Target resolve(std::string_view host, std::uint16_t port);
    const api::Value& find_route(const net::HttpRequest& request, Words& words) const;
    // A file below the folder that the reply names, as a web server gives it.
    net::HttpResponse serve_file(const api::Value& reply, const Words& words) const;
    net::HttpResponse serve_grpc(const net::HttpRequest& request) const;
    net::HttpResponse answer(const api::Value& route, Words& words);
    net::HttpResponse make_reply(const api::Value& reply, const Words& words, const std::vector<Call>& calls) const;
    std::string fill(std::string_view text, const Words& words) const;
    std::uint16_t port_of(const api::Value& listener) const;
    bool speaks_tls(std::uint16_t port) const;
    Time now() const { return simulation_->now(); }

    sim::Simulation* simulation_;
    net::Network* network_;
    net::NamespaceId netns_;
    net::Libc libc_;
    std::string name_;
    std::string hostname_;
    std::string node_;
    std::string pod_;
    std::vector<std::string> argv_;
    std::shared_ptr<const std::map<std::string, std::string>> environment_;
    net::ResolverFiles files_;
    FileSystem file_system_;
    const Disks* disks_;
    std::int64_t memory_limit_ = 0;
    std::int64_t requests_ = 0;  // answered since the start
    Time started_;
    const api::Value* process_;
    Draw draw_;
    std::vector<std::int64_t> declared_ports_;
    std::vector<std::uint16_t> tls_ports_;
    Random random_;
    int in_flight_ = 0;
    int initialize_attempts_ = 0;
};

}  // namespace kubewalk::kubelet
