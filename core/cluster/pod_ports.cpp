#include "core/cluster/pod_ports.h"

#include <algorithm>
#include <map>

#include "core/cluster/cluster.h"
#include "core/kubelet/data_program.h"

namespace kubewalk::cluster {

namespace {

// As the kubelet does: `command` replaces the image's entrypoint and drops its command, `args` replace the command.
std::vector<std::string> argv_of(const kubelet::Image& image, const api::Value& container) {
    std::vector<std::string> argv;
    const auto take = [&argv](const api::Value& list) {
        for (const auto& word : list.items())
            argv.push_back(word.str());
    };
    const bool own = !container["command"].empty();
    if (own)
        take(container["command"]);
    else
        argv = image.entrypoint;
    if (!container["args"].empty())
        take(container["args"]);
    else if (!own)
        argv.insert(argv.end(), image.command.begin(), image.command.end());
    return argv;
}

}  // namespace

std::vector<std::string> port_names(const api::Value& pod_spec) {
    std::vector<std::string> names;
    for (const auto& container : pod_spec["containers"].items())
        for (const auto& port : container["ports"].items())
            if (!port["name"].as_string().empty())
                names.push_back(port["name"].str());
    return names;
}

std::optional<std::vector<std::uint16_t>> listening_ports(const Cluster& cluster, const api::Value& pod_spec) {
    std::vector<std::uint16_t> ports;
    for (const auto& container : pod_spec["containers"].items()) {
        const auto image = cluster.images().resolve(container["image"].as_string());
        if (!image.ok() || !image.value().image)
            return std::nullopt;
        std::map<std::string, std::string> environment = image.value().image->environment;
        for (const auto& variable : container["env"].items())
            environment[variable["name"].str()] = variable["value"].str();
        std::vector<std::int64_t> declared;
        for (const auto& port : container["ports"].items())
            if (port["protocol"].as_string("TCP") == "TCP")
                declared.push_back(port["containerPort"].as_int());
        const auto heard = kubelet::described_ports(*image.value().image, argv_of(*image.value().image, container), environment, declared);
        if (!heard)
            return std::nullopt;
        ports.insert(ports.end(), heard->begin(), heard->end());
    }
    std::sort(ports.begin(), ports.end());
    ports.erase(std::unique(ports.begin(), ports.end()), ports.end());
    return ports;
}

}  // namespace kubewalk::cluster
