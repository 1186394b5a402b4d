#include "core/cluster/scenario.h"

#include <algorithm>

#include <kubewalk/embedded.h>

#include "core/api/json.h"
#include "core/base/text.h"

namespace kubewalk::cluster {

namespace {

std::vector<Scenario> read_scenarios() {
    std::vector<Scenario> all;
    const auto json = api::parse_json(embedded::find("assets/scenarios.json"));
    if (!json.ok())
        return all;
    for (const auto& item : json.value()["scenarios"].items()) {
        Scenario scenario;
        scenario.id = item["id"].str();
        for (const auto& application : item["applications"].items())
            scenario.applications.push_back({application["folder"].str(), static_cast<int>(application["repeat"].as_int(1))});
        scenario.workers = static_cast<int>(item["workers"].as_int(2));
        scenario.cloud = item["cloud"].as_bool();
        scenario.pod_subnet = item["podSubnet"].str();
        scenario.service_subnet = item["serviceSubnet"].str();
        all.push_back(std::move(scenario));
    }
    return all;
}

// The manifests of a folder below assets/; none if it is no application.
std::vector<const embedded::File*> application_files(std::string_view name) {
    std::vector<const embedded::File*> files;
    if (name.starts_with("bootstrap"))
        return files;
    const std::string folder = cat("assets/", name, "/");
    for (const auto& file : embedded::files())
        if (file.path.starts_with(folder) && file.path.ends_with(".yaml"))
            files.push_back(&file);
    return files;
}

Result<void> add_application(const Application& application, std::vector<std::string>& manifests) {
    auto files = application_files(application.folder);
    if (files.empty())
        return Error{"NotFound", cat("unknown scenario ", quoted(application.folder)), {}, 0, 0};
    std::sort(files.begin(), files.end(), [](const auto* a, const auto* b) { return a->path < b->path; });
    for (const auto* file : files) {
        if (!file->path.ends_with(".repeat.yaml")) {
            manifests.emplace_back(file->data);
            continue;
        }
        for (int n = 1; n <= application.repeat; ++n)
            manifests.push_back(replace_all(file->data, "{{n}}", cat(n)));
    }
    return {};
}

}  // namespace

Options Scenario::options() const {
    Options options;
    options.scenario = id;
    options.workers = workers;
    options.cloud = cloud;
    options.pod_network_cidr = pod_subnet;
    options.service_cidr = service_subnet;
    return options;
}

const std::vector<Scenario>& scenarios() {
    static const std::vector<Scenario> all = read_scenarios();
    return all;
}

const Scenario* find_scenario(std::string_view id) {
    for (const auto& scenario : scenarios())
        if (scenario.id == id)
            return &scenario;
    return nullptr;
}

bool scenario_known(std::string_view name) {
    for (const auto part : split(name, '+'))
        if (!find_scenario(part) && application_files(part).empty())
            return false;
    return true;
}

Result<std::vector<std::string>> scenario_manifests(std::string_view name) {
    std::vector<std::string> manifests;
    for (const auto part : split(name, '+')) {
        const Scenario* scenario = find_scenario(part);
        const std::vector<Application> applications = scenario ? scenario->applications : std::vector<Application>{{std::string(part), 1}};
        for (const auto& application : applications)
            if (auto added = add_application(application, manifests); !added.ok())
                return added.error();
    }
    return manifests;
}

}  // namespace kubewalk::cluster
