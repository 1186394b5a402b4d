#include "core/cluster/listening_command.h"

#include <utility>

#include "core/base/text.h"

namespace kubewalk::cluster {

namespace {

constexpr std::uint32_t look = 1;
// The command looks whether what it depends on is still there.
constexpr Duration look_every = seconds(1);
constexpr std::uint16_t first_free_port = 40000;

}  // namespace

ListeningCommand::ListeningCommand(sim::Simulation& simulation, net::Network& network, std::string command,
                                   std::unique_ptr<kubectl::Continuation> rest)
    : simulation_(&simulation), network_(&network), name_(cat(name_prefix, command)), rest_(std::move(rest)) {}

ListeningCommand::ListeningCommand(const ListeningCommand& other)
    : sim::Component(other),
      net::Server(other),
      simulation_(other.simulation_),
      network_(other.network_),
      name_(other.name_),
      rest_(other.rest_ ? other.rest_->clone() : nullptr),
      printed_(other.printed_),
      ended_(other.ended_) {}

ListeningCommand* listening_command(sim::Component* component) {
    // The prefix belongs to this class alone.
    return component && component->name().starts_with(ListeningCommand::name_prefix) ? static_cast<ListeningCommand*>(component) : nullptr;
}

void ListeningCommand::open() {
    const auto laptop = network_->machine("laptop");
    auto ports = rest_->ports();
    for (auto& port : ports) {
        const auto ip = net::Ip::parse(port.address);
        net::Listener listener{net::Protocol::tcp, ip.value_or(net::Ip{}), port.port, id(), "kubectl"};
        if (port.port == 0) {
            listener.port = first_free_port;
            while (!network_->listen(laptop, listener).ok() && listener.port != 65535)
                ++listener.port;
            port.port = listener.port;
            continue;
        }
        if (network_->listen(laptop, std::move(listener)).ok())
            continue;
        rest_->not_opened(port, printed_);
        ended_ = true;
        close();
        return;
    }
    rest_->opened(ports, printed_);
    simulation_->schedule(id(), look_every, look, sim::Urgency::background);
}

void ListeningCommand::close() { network_->close_all(id()); }

void ListeningCommand::poll() {
    if (ended_ || !rest_->poll(simulation_->now(), printed_))
        return;
    ended_ = true;
    close();
}

void ListeningCommand::on_event(const sim::Event&) {
    poll();
    if (!ended_)
        simulation_->schedule(id(), look_every, look, sim::Urgency::background);
}

kubectl::Output ListeningCommand::take() {
    poll();
    kubectl::Output out = printed_;
    printed_.out.clear();
    printed_.err.clear();
    return out;
}

net::HttpResponse ListeningCommand::serve_http(const net::HttpRequest& request, const net::Peer& peer) {
    net::HttpResponse response;
    response.status = 0;
    if (ended_)
        return response;
    kubectl::LocalRequest local{request.method, request.path, request.host, request.headers, request.body, request.tls.has_value()};
    auto answer = rest_->serve(at(peer), local, simulation_->now(), printed_);
    response.status = answer.status;
    response.headers = std::move(answer.headers);
    response.body = std::move(answer.body);
    response.took = answer.took;
    return response;
}

std::optional<net::Certificate> ListeningCommand::tls_certificate(std::string_view server_name, const net::Peer& peer) {
    if (ended_)
        return std::nullopt;
    auto shown = rest_->certificate(at(peer), std::string(server_name));
    if (!shown)
        return std::nullopt;
    return net::Certificate{std::move(shown->subject), std::move(shown->issuer), std::move(shown->names)};
}

}  // namespace kubewalk::cluster
