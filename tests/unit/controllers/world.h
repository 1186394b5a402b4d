#pragma once
// A cluster with chosen controllers and Pods that become ready when the test says so.

#include <memory>

#include "core/controllers/controllers.h"
#include "core/sim/simulation.h"
#include "tests/unit/controllers/fake_cluster.h"

namespace kubewalk::testing {

struct World {
    sim::Simulation simulation{1};
    FakeCluster cluster{simulation};

    explicit World(std::initializer_list<std::string_view> names) {
        for (const auto name : names)
            for (const auto& entry : controllers::controllers())
                if (entry.name == name)
                    simulation.add(entry.create({simulation, cluster}, {}));
    }
    void run(Duration duration = seconds(2)) { simulation.run_for(duration); }
    // What a kubelet would report of every Pod that is not ready yet.
    void make_pods_ready() {
        int ip = 1;
        for (auto pod : cluster.all(api::kind::pods)) {
            ++ip;
            if (pod["status"]["phase"].as_string() == "Running")
                continue;
            const std::string address = cat("10.244.1.", ip);
            pod.set("status", parse(cat(R"({"phase":"Running","podIP":")", address, R"(","podIPs":[{"ip":")", address,
                                        R"("}],"conditions":[{"type":"Ready","status":"True","lastTransitionTime":")",
                                        to_rfc3339(simulation.now()), R"("}]})")));
            if (pod["spec"]["nodeName"].is_null())
                pod.edit("spec").set("nodeName", "node-1");
            cluster.put(api::kind::pods, pod);
        }
    }
    void run_with_pods_ready(int rounds) {
        for (int i = 0; i < rounds; ++i) {
            run();
            make_pods_ready();
        }
        run();
    }
    int replicas_of(std::string_view replica_set) const {
        return static_cast<int>(cluster.object(api::kind::replica_sets, replica_set)["spec"]["replicas"].as_int());
    }
};

inline Value deployment(std::string_view name, int replicas, std::string_view image, std::string_view strategy = R"({"type":"RollingUpdate","rollingUpdate":{"maxSurge":"25%","maxUnavailable":"25%"}})") {
    return parse(cat(R"({"metadata":{"name":")", name, R"(","namespace":"default"},"spec":{"replicas":)", replicas,
                     R"(,"progressDeadlineSeconds":600,"revisionHistoryLimit":10,"selector":{"matchLabels":{"app":")", name,
                     R"("}},"strategy":)", strategy, R"(,"template":{"metadata":{"labels":{"app":")", name,
                     R"("}},"spec":{"containers":[{"name":"c","image":")", image, R"("}]}}}})"));
}

}  // namespace kubewalk::testing
