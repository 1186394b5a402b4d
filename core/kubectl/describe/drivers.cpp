// CSINode, VolumeAttributesClass, IPAddress, ServiceCIDR. Upstream: k8s.io/kubectl/pkg/describe/describe.go
// (describeCSINode, describeVolumeAttributesClass, describeIPAddressV1, describeServiceCIDRV1).

#include "core/kubectl/describe/describe.h"

namespace kubewalk::kubectl::describe {

using api::Value;

void csi_node(const Subject& subject, Writer& w) {
    const auto& object = subject.object;
    w.line(0, "Name:\t", api::name_of(object));
    labels(w, "Labels", object["metadata"]["labels"]);
    annotations(w, "Annotations", object["metadata"]["annotations"]);
    w.line(0, "CreationTimestamp:\t", rfc1123(object["metadata"]["creationTimestamp"]));
    w.line(0, "Spec:");
    const auto& drivers = object["spec"]["drivers"];
    if (!drivers.is_null())
        w.line(1, "Drivers:");
    for (const auto& driver : drivers.items()) {
        w.line(2, driver["name"].as_string(), ":");
        w.line(3, "Node ID:\t", driver["nodeID"].as_string());
        if (const auto& count = driver["allocatable"]["count"]; !count.is_null()) {
            w.line(3, "Allocatables:");
            w.line(4, "Count:\t", count.as_int());
        }
        if (!driver["topologyKeys"].is_null())
            w.line(3, "Topology Keys:\t[", joined(driver["topologyKeys"], " "), "]");
    }
    events(w, subject);
}

void volume_attributes_class(const Subject& subject, Writer& w) {
    const auto& object = subject.object;
    w.line(0, "Name:\t", api::name_of(object));
    w.line(0, "Annotations:\t", format_labels(object["metadata"]["annotations"]));
    w.line(0, "DriverName:\t", object["driverName"].as_string());
    w.line(0, "Parameters:\t", format_labels(object["parameters"]));
    events(w, subject);
}

void ip_address(const Subject& subject, Writer& w) {
    const auto& object = subject.object;
    w.line(0, "Name:\t", api::name_of(object));
    labels(w, "Labels", object["metadata"]["labels"]);
    annotations(w, "Annotations", object["metadata"]["annotations"]);
    if (const auto& parent = object["spec"]["parentRef"]; !parent.is_null()) {
        w.line(0, "Parent Reference:");
        w.line(1, "Group:\t", parent["group"].as_string());
        w.line(1, "Resource:\t", parent["resource"].as_string());
        w.line(1, "Namespace:\t", parent["namespace"].as_string());
        w.line(1, "Name:\t", parent["name"].as_string());
    }
    events(w, subject);
}

void service_cidr(const Subject& subject, Writer& w) {
    const auto& object = subject.object;
    w.line(0, "Name:\t", api::name_of(object));
    labels(w, "Labels", object["metadata"]["labels"]);
    annotations(w, "Annotations", object["metadata"]["annotations"]);
    w.line(0, "CIDRs:\t", joined(object["spec"]["cidrs"], ", "));
    if (const auto& conditions = object["status"]["conditions"]; !conditions.empty()) {
        w.line(0, "Status:");
        w.line(0, "Conditions:");
        w.line(1, "Type\tStatus\tLastTransitionTime\tReason\tMessage");
        w.line(1, "----\t------\t------------------\t------\t-------");
        for (const auto& condition : conditions.items())
            w.line(1, condition["type"].as_string(), "\t", condition["status"].as_string(), "\t", rfc1123(condition["lastTransitionTime"]), "\t",
                   condition["reason"].as_string(), "\t", condition["message"].as_string());
    }
    events(w, subject);
}

}  // namespace kubewalk::kubectl::describe
