#include "core/shell/programs/http.h"

namespace kubewalk::shell {

Fetch fetch(Process& process, const FetchTarget& target, const net::HttpRequest& request, Duration connect_limit,
            net::WantFamilies families, const CheckCertificate& check) {
    auto& network = process.context.network;
    Fetch fetch;
    if (target.address) {
        fetch.resolution.addresses = {*target.address};
    } else {
        fetch.resolution = process.resolve(target.host, families);
        if (fetch.resolution.addresses.empty()) {
            fetch.error = FetchError::name;
            return fetch;
        }
    }
    net::Dialled dialled;
    for (const auto& address : fetch.resolution.addresses) {
        fetch.address = address;
        dialled = network.connect(process.context.netns, {address, target.port},
                                  cat(request.method, " ", request.path), connect_limit);
        const auto taken = std::min(dialled.connection.elapsed, connect_limit);
        fetch.connect_elapsed = fetch.connect_elapsed + taken;
        process.wait(taken);
        if (dialled.outcome == net::Outcome::delivered)
            break;
    }
    // A refusal that comes after the caller's patience is no refusal to it.
    const bool too_late = dialled.connection.elapsed >= connect_limit;
    fetch.outcome = dialled.outcome;
    fetch.local = dialled.connection.client;
    if (dialled.outcome != net::Outcome::delivered) {
        fetch.error = FetchError::connect;
        fetch.reason = dialled.error;
        fetch.timed_out =
            too_late || dialled.outcome == net::Outcome::timeout || dialled.outcome == net::Outcome::dropped;
        return fetch;
    }
    if (request.tls) {
        const auto shown = network.tls(dialled.id, *request.tls);
        if (shown.ok())
            fetch.certificate = shown.value();
        fetch.reason = !shown.ok() ? shown.error().message : check ? check(shown.value()) : std::string();
        if (!fetch.reason.empty()) {
            network.disconnect(dialled.id);
            fetch.error = shown.ok() ? FetchError::certificate : FetchError::tls;
            fetch.timed_out = !shown.ok() && shown.error().reason == "Timeout";
            return fetch;
        }
    }
    auto response = network.http(dialled.id, request);
    network.disconnect(dialled.id);
    if (response) {
        fetch.response = response.take();
        process.wait(fetch.response.took);
        return fetch;
    }
    fetch.error = FetchError::exchange;
    fetch.reason = response.error().message;
    fetch.timed_out = response.error().reason == "Timeout";
    return fetch;
}

}  // namespace kubewalk::shell
