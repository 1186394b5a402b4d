#pragma once
// A command of the laptop that listens (kubectl proxy, kubectl port-forward): its ports are the laptop's sockets,
// what comes in there goes to the command, and what the command prints waits for its terminal.

#include <memory>
#include <optional>
#include <string>

#include "core/kubectl/kubectl.h"
#include "core/net/network.h"
#include "core/sim/simulation.h"

namespace kubewalk::cluster {

class ListeningCommand final : public sim::Component, public net::Server {
public:
    // `command`: "kubectl proxy"; the process is called by its first word.
    ListeningCommand(sim::Simulation& simulation, net::Network& network, std::string command,
                     std::unique_ptr<kubectl::Continuation> rest);
    ListeningCommand(const ListeningCommand& other);

    std::string_view name() const override { return name_; }
    void on_event(const sim::Event& event) override;
    sim::Facet* facet() override { return this; }
    std::unique_ptr<sim::Component> clone() const override { return std::make_unique<ListeningCommand>(*this); }

    // Once it has been added: all its ports, or none (then the command has ended).
    void open();
    // Closes what is open.
    void close();
    bool ended() const { return ended_; }
    // What was printed since the last call; exit counts when ended().
    kubectl::Output take();

    net::HttpResponse serve_http(const net::HttpRequest& request, const net::Peer& peer) override;
    std::optional<net::Certificate> tls_certificate(std::string_view server_name, const net::Peer& peer) override;

    static constexpr std::string_view name_prefix = "laptop/";

private:
    void poll();
    kubectl::LocalPort at(const net::Peer& peer) const { return {peer.local.ip.text(), peer.local.port}; }

    sim::Simulation* simulation_;
    net::Network* network_;
    std::string name_;
    std::unique_ptr<kubectl::Continuation> rest_;
    kubectl::Output printed_;
    bool ended_ = false;
};

// The listening command behind a component, or null.
ListeningCommand* listening_command(sim::Component* component);

}  // namespace kubewalk::cluster
