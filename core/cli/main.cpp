// kubewalk: the simulated cluster without a window.

#include <cstdlib>

#include "core/base/text.h"
#include "core/cli/command.h"
#include "core/cluster/scenario.h"

namespace kubewalk::cli {
namespace {

int usage() {
    std::string text =
        "usage: kubewalk [--scenario NAME] [--nodes N] [--cloud] [--seed N] [-f FILE]... COMMAND\n"
        "       [--pod-network-cidr CIDR[,CIDR]] [--service-cidr CIDR[,CIDR]] [--cluster-dns IP] [--flannel-backend vxlan|host-gw]\n"
        "       [--policy-controller kube-router|none] [--no-unprivileged-icmp]\n"
        "N counts workers. Files are applied, and the cluster settles, before the command. Scenarios:";
    for (const auto& scenario : cluster::scenarios())
        append(text, " ", scenario.id);
    text += "\n\n";
    for (const auto& command : commands())
        append(text, "  ", command.usage, "\n");
    print_error(text);
    return 2;
}

struct Arguments {
    Invocation invocation;
    std::string command;
    std::string error;
};

Arguments parse_arguments(int argc, char** argv) {
    Arguments parsed;
    auto& options = parsed.invocation.cluster;
    bool sized = false;  // --nodes wins over the size a scenario asks for
    int i = 1;
    auto value = [&](std::string_view name) -> std::string {
        if (i + 1 < argc)
            return argv[++i];
        parsed.error = cat(name, " needs a value");
        return {};
    };
    auto number = [&](std::string_view name, std::int64_t most) -> std::int64_t {
        const std::string text = value(name);
        const auto parsed_number = parse_int(text);
        if (parsed.error.empty() && (!parsed_number || *parsed_number < 0 || *parsed_number > most))
            parsed.error = cat(name, ": not a number from 0 to ", most, ": ", quoted(text));
        return parsed_number.value_or(0);
    };
    for (; i < argc && parsed.error.empty(); ++i) {
        const std::string_view argument = argv[i];
        if (argument == "--scenario") {
            options.scenario = value(argument);
            if (const auto* scenario = cluster::find_scenario(options.scenario)) {
                options.workers = sized ? options.workers : scenario->workers;
                options.cloud = options.cloud || scenario->cloud;
                if (options.pod_network_cidr.empty() && options.service_cidr.empty()) {
                    options.pod_network_cidr = scenario->pod_subnet;
                    options.service_cidr = scenario->service_subnet;
                }
            }
        } else if (argument == "--nodes")
            sized = true, options.workers = static_cast<int>(number(argument, 200));
        else if (argument == "--cloud")
            options.cloud = true;
        else if (argument == "--pod-network-cidr")
            options.pod_network_cidr = value(argument);
        else if (argument == "--service-cidr")
            options.service_cidr = value(argument);
        else if (argument == "--cluster-dns")
            options.cluster_dns = value(argument);
        else if (argument == "--flannel-backend")
            options.flannel_backend = value(argument);
        else if (argument == "--policy-controller")
            options.policy_controller = value(argument);
        else if (argument == "--no-unprivileged-icmp")
            options.unprivileged_icmp = false;
        else if (argument == "--seed")
            options.seed = static_cast<std::uint64_t>(number(argument, INT64_MAX));
        else if (argument == "-f")
            parsed.invocation.files.push_back(value(argument));
        else if (argument.starts_with('-'))
            parsed.error = cat("unknown option ", argument);
        else
            break;
    }
    if (parsed.error.empty() && i < argc) {
        parsed.command = argv[i];
        parsed.invocation.arguments.assign(argv + i + 1, argv + argc);
    }
    return parsed;
}

int run(int argc, char** argv) {
    const Arguments arguments = parse_arguments(argc, argv);
    if (!arguments.error.empty()) {
        print_error(cat("kubewalk: ", arguments.error, "\n"));
        return 2;
    }
    for (const auto& command : commands())
        if (command.name == arguments.command)
            return command.run(arguments.invocation);
    return usage();
}

}  // namespace
}  // namespace kubewalk::cli

int main(int argc, char** argv) { return kubewalk::cli::run(argc, argv); }
