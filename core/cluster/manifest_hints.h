#pragma once
// The editor's fourth question: the manifest is right, but will it do what was meant? A selector that matches
// nothing, a port on which nobody listens, a name that nothing has: Kubernetes accepts all of these and says
// nothing. Facts only (an id and arguments); the interface words them (strings "hint.ID").

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace kubewalk::cluster {

class Cluster;

struct ManifestHint {
    std::string id;                 // "selector_matches_nothing"
    std::vector<std::string> args;  // in the order of the placeholders
    int line = 0;                   // from 1
    int column = 0;                 // from 1
    int document = 0;
};

// Looks at the text's own documents and at what lives in the cluster together. Documents that do not parse
// are passed over: their mistakes are check_manifest's.
//
//   selector_matches_nothing  selector, namespace          no Pod and no Pod template has these labels
//   selector_near_miss        label, nearest, who has it   a selector one letter off
//   selector_other_namespace  selector, theirs, own        Pods with these labels live there instead
//   target_port_name          name, names there are        no container port has this name
//   target_port_silent        port, ports listened on      nobody listens on a Service's target port
//   probe_port_name           probe, name, names           a probe's port name that the container lacks
//   probe_port_silent         probe, port, ports           nobody listens on a probe's port
//   node_selector             label, nearest or ""         no node has this label
//   missing_object            kind, name, nearest or ""    a reference to something that does not exist
//   missing_backend_port      service, port, ports         an Ingress names a port that the Service lacks
std::vector<ManifestHint> manifest_hints(const Cluster& cluster, std::string_view manifest);

// The same piece by piece, beside a page that goes on being drawn. The text must outlive it.
class ManifestHinter {
public:
    explicit ManifestHinter(std::string_view manifest);
    ~ManifestHinter();
    ManifestHinter(ManifestHinter&&) noexcept;

    // One document's or kind's share of the work; false when nothing is left.
    bool step(const Cluster& cluster);
    std::vector<ManifestHint> take();

private:
    class Work;
    std::unique_ptr<Work> work_;
};

}  // namespace kubewalk::cluster
