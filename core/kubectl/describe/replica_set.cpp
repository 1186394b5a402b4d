#include "core/api/labels.h"
#include "core/kubectl/describe/describe.h"

namespace kubewalk::kubectl::describe {

void replica_set(const Subject& subject, Writer& w) {
    const auto& object = subject.object;
    w.line(0, "Name:\t", api::name_of(object));
    w.line(0, "Namespace:\t", api::namespace_of(object));
    w.line(0, "Selector:\t", api::format_label_selector(object["spec"]["selector"]));
    labels(w, "Labels", object["metadata"]["labels"]);
    annotations(w, "Annotations", object["metadata"]["annotations"]);
    if (const auto owner = controller(object); !owner.empty())
        w.line(0, "Controlled By:\t", owner);
    w.line(0, "Replicas:\t", object["status"]["replicas"].as_int(), " current / ", object["spec"]["replicas"].as_int(1), " desired");
    w.line(0, "Pods Status:\t", pods_status(subject));
    pod_template(w, object["spec"]["template"]);
    conditions_with_reason(w, object["status"]["conditions"]);
    events(w, subject);
}

}  // namespace kubewalk::kubectl::describe
