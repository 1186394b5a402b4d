#include "core/kubectl/describe/describe.h"

namespace kubewalk::kubectl::describe {

void namespace_object(const Subject& subject, Writer& w) {
    const auto& object = subject.object;
    w.line(0, "Name:\t", api::name_of(object));
    labels(w, "Labels", object["metadata"]["labels"]);
    annotations(w, "Annotations", object["metadata"]["annotations"]);
    w.line(0, "Status:\t", object["status"]["phase"].as_string());
    if (const auto& conditions = object["status"]["conditions"]; !conditions.empty()) {
        w.line(0, "Conditions:");
        w.line(1, "Type\tStatus\tLastTransitionTime\tReason\tMessage");
        w.line(1, "----\t------\t------------------\t------\t-------");
        for (const auto& condition : conditions.items())
            w.line(1, condition["type"].as_string(), "\t", condition["status"].as_string(), "\t",
                   rfc1123(condition["lastTransitionTime"]), "\t", condition["reason"].as_string(), "\t",
                   condition["message"].as_string());
    }
    // There are neither ResourceQuotas nor LimitRanges here.
    w.line(0, "\nNo resource quota.");
    w.line(0, "\nNo LimitRange resource.");
}

}  // namespace kubewalk::kubectl::describe
