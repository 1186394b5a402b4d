#include "core/api/labels.h"
#include "core/kubectl/describe/describe.h"

namespace kubewalk::kubectl::describe {

void daemon_set(const Subject& subject, Writer& w) {
    const auto& object = subject.object;
    const auto& status = object["status"];
    const auto selector = api::LabelSelector::from_object(object["spec"]["selector"]);
    w.line(0, "Name:\t", api::name_of(object));
    w.line(0, "Namespace:\t", api::namespace_of(object));
    w.line(0, "Selector:\t", selector.ok() ? selector.value().str() : std::string());
    w.line(0, "Node-Selector:\t", format_labels(object["spec"]["template"]["spec"]["nodeSelector"]));
    labels(w, "Labels", object["metadata"]["labels"]);
    annotations(w, "Annotations", object["metadata"]["annotations"]);
    w.line(0, "Desired Number of Nodes Scheduled: ", status["desiredNumberScheduled"].as_int());
    w.line(0, "Current Number of Nodes Scheduled: ", status["currentNumberScheduled"].as_int());
    w.line(0, "Number of Nodes Scheduled with Up-to-date Pods: ", status["updatedNumberScheduled"].as_int());
    w.line(0, "Number of Nodes Scheduled with Available Pods: ", status["numberAvailable"].as_int());
    w.line(0, "Number of Nodes Misscheduled: ", status["numberMisscheduled"].as_int());
    w.line(0, "Pods Status:\t", pods_status(subject));
    pod_template(w, object["spec"]["template"]);
    events(w, subject);
}

}  // namespace kubewalk::kubectl::describe
