#include "core/cluster/internet_host.h"

#include "core/api/json.h"
#include "core/base/text.h"

namespace kubewalk::cluster {

Result<std::vector<InternetHost::Description>> InternetHost::parse(std::string_view json) {
    KUBEWALK_TRY(root, api::parse_json(json));
    std::vector<Description> hosts;
    for (const auto& item : root["hosts"].items()) {
        const auto ip = net::Ip::parse(item["ip"].as_string());
        if (!ip)
            return Error{"Invalid", cat("internet.json: bad host ", item["name"].as_string()), {}, 0, 0};
        Description host{item["name"].str(), *ip, {}, item["process"].str(), item["page"].str()};
        for (const auto& port : item["ports"].items())
            host.ports.push_back(static_cast<std::uint16_t>(port.as_int()));
        hosts.push_back(std::move(host));
    }
    return hosts;
}

void InternetHost::start() {
    const auto where = network_->machine(description_.name);
    for (const auto port : description_.ports)
        (void)network_->listen(where, {net::Protocol::tcp, {}, port, id(), description_.process});  // the machine is new
}

net::HttpResponse InternetHost::serve_http(const net::HttpRequest& request, const net::Peer&) {
    net::HttpResponse response;
    response.took = milliseconds(1);
    response.headers["server"] = description_.process;
    response.headers["content-type"] = "text/html";
    if (description_.page.empty()) {
        response.status = 400;
    } else if (request.path != "/" && request.path != "/index.html") {
        response.status = 404;
        response.body = "<html><head><title>404 Not Found</title></head></html>\n";
    } else {
        response.body = description_.page;
    }
    return response;
}

}  // namespace kubewalk::cluster
