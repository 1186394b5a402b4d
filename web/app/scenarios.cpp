#include "web/app/scenarios.h"

namespace kubewalk::app {

namespace {

constexpr Scenario table[] = {
    {"sock-shop", "sock-shop", 2, false},
    {"empty", "empty", 2, false},
    {"cloud", "sock-shop", 3, true},
    {"ingress", "sock-shop+ingress-nginx", 2, true},
    {"dashboard", "sock-shop+dashboard+metrics-server", 2, false},
    {"many-nodes", "empty", 12, false},
};

}  // namespace

std::span<const Scenario> scenarios() {
    return table;
}

const Scenario* find_scenario(std::string_view id) {
    for (const Scenario& scenario : table)
        if (scenario.id == id) return &scenario;
    return nullptr;
}

cluster::Options options_of(const Scenario& scenario) {
    cluster::Options options;
    options.scenario = scenario.manifests;
    options.workers = scenario.workers;
    options.cloud = scenario.cloud;
    return options;
}

}  // namespace kubewalk::app
