#include "core/apiserver/admission.h"

#include "core/apiserver/admission/plugins.h"

namespace kubewalk::apiserver {

namespace {

constexpr AdmissionPlugin table[] = {
    {"NamespaceLifecycle", namespace_lifecycle::handles, namespace_lifecycle::mutate, nullptr},
    {"ServiceAccount", service_account::handles, service_account::mutate, nullptr},
    {"TaintNodesByCondition", taint_nodes_by_condition::handles, taint_nodes_by_condition::mutate, nullptr},
    {"Priority", priority::handles, priority::mutate, nullptr},
    {"DefaultTolerationSeconds", default_toleration_seconds::handles, default_toleration_seconds::mutate, nullptr},
};

}  // namespace

std::span<const AdmissionPlugin> admission_plugins() { return table; }

}  // namespace kubewalk::apiserver
