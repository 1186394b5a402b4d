#include "core/view/activity.h"

#include "core/api/kinds.h"
#include "core/apiserver/availability_controller.h"
#include "core/base/text.h"

namespace kubewalk::view {

std::string box_of(std::string_view component) {
    for (const std::string_view name : {"cloud-node-controller", "cloud-node-lifecycle-controller", "route_controller", "service-controller"})
        if (component == name)
            return "cloud-controller-manager";
    if (component == apiserver::AvailabilityController::hook)
        return "kube-apiserver";
    if (component.ends_with("-controller") || component.ends_with("-controller-manager") || component.ends_with("-publisher") ||
        component == "garbage-collector" || component == "kube-controller-manager")
        return component == "cloud-controller-manager" ? "cloud-controller-manager" : "kube-controller-manager";
    if (component.starts_with("flanneld/"))
        return cat("flannel/", component.substr(9));
    if (component == "laptop" || component == "kubeadm")
        return "kubectl";
    return std::string(component);
}

std::string work_item(std::string_view resource, std::string_view key) {
    const auto* kind = api::find_by_any_name(resource);
    return kind ? cat(kind->kind, " ", key) : std::string(key);
}

Activity activity_of(const sim::Entry& entry) {
    Activity activity;
    activity.cause = entry.id;
    activity.at = entry.at;
    activity.kind = entry.kind;
    activity.object = entry.object;
    activity.from = activity.to = box_of(entry.component);
    const auto& args = entry.fact.args;
    const std::string object = entry.object.name.empty() ? entry.object.resource : cat(entry.object.resource, "/", entry.object.name);
    // The cloud does what the cloud-controller-manager asks of it.
    if (entry.component == "cloud")
        activity.from = "cloud-controller-manager";
    switch (entry.kind) {
        case sim::EntryKind::api_call:
            activity.to = "kube-apiserver";
            activity.label = cat(args.empty() ? std::string() : args[0], " ", object);
            break;
        case sim::EntryKind::watch:
            activity.from = "kube-apiserver";
            activity.label = cat(args.empty() ? std::string() : args[0], " ", object);
            break;
        case sim::EntryKind::cri:
            if (activity.from.starts_with("kubelet/"))
                activity.to = cat("runtime/", activity.from.substr(8));
            activity.label = entry.fact.id.starts_with("cri.") ? entry.fact.id.substr(4) : entry.fact.id;
            break;
        case sim::EntryKind::reconcile:
        case sim::EntryKind::schedule: activity.label = args.empty() ? object : work_item(entry.object.resource, args[0]); break;
        default: activity.label = args.empty() ? object : args[0]; break;
    }
    return activity;
}

}  // namespace kubewalk::view
