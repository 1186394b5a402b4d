#pragma once
// Programs whose behaviour is code of this project, by the name of their executable: the control
// plane, kube-proxy, flanneld, CoreDNS. All others are data (assets/images). A new one is one line in
// programs.cpp.

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/cluster/cluster.h"
#include "core/kubelet/program.h"

namespace kubewalk::cluster {

// The process of a container that does its work in components of their own (a controller manager has
// many): it starts them, and takes them along when it ends.
class HostProgram : public kubelet::Program {
public:
    // "process/kube-controller-manager/control-plane"
    std::string_view name() const override { return name_; }
    void on_event(const sim::Event&) override {}
    void stop() override;
    const std::vector<sim::ComponentId>& children() const { return children_; }
    // What the Architecture view and `component stop` call it: "kube-scheduler", "kube-proxy/node-1".
    const std::string& component() const { return component_; }
    // The machine it runs on.
    const std::string& node() const { return node_; }
    // Whether it has got as far as doing its work.
    virtual bool serves() const { return true; }

    static constexpr std::string_view name_prefix = "process/";

protected:
    HostProgram(const kubelet::ProgramContext& context, std::string component);
    void add_child(std::unique_ptr<sim::Component> child);
    sim::Simulation& simulation() const { return *simulation_; }

private:
    sim::Simulation* simulation_;
    std::string component_;
    std::string node_;
    std::string name_;
    std::vector<sim::ComponentId> children_;
};

// The host program behind a component of the simulation, or null.
const HostProgram* host_program(const sim::Component* component);

class ProgramTable final : public kubelet::ProgramRegistry {
public:
    explicit ProgramTable(Cluster& cluster) : cluster_(cluster) {}
    // Null when the executable is none of these.
    std::unique_ptr<kubelet::Program> create(const kubelet::ProgramContext& context) const override;

private:
    Cluster& cluster_;
};

}  // namespace kubewalk::cluster
