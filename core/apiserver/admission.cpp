#include "core/apiserver/admission.h"

#include "core/apiserver/admission/plugins.h"

namespace kubewalk::apiserver {

namespace {

constexpr AdmissionPlugin table[] = {
    {"NamespaceLifecycle", namespace_lifecycle::handles, namespace_lifecycle::mutate, nullptr},
    {"LimitRanger", limit_ranger::handles, limit_ranger::mutate, limit_ranger::validate},
    {"ServiceAccount", service_account::handles, service_account::mutate, nullptr},
    {"NodeRestriction", node_restriction::handles, node_restriction::mutate, nullptr},
    {"TaintNodesByCondition", taint_nodes_by_condition::handles, taint_nodes_by_condition::mutate, nullptr},
    {"PodSecurity", pod_security::handles, nullptr, pod_security::validate},
    {"Priority", priority::handles, priority::mutate, priority::validate},
    {"DefaultTolerationSeconds", default_toleration_seconds::handles, default_toleration_seconds::mutate, nullptr},
    {"DefaultStorageClass", default_storage_class::handles, default_storage_class::mutate, nullptr},
    {"StorageObjectInUseProtection", storage_object_in_use_protection::handles, storage_object_in_use_protection::mutate, nullptr},
    {"PersistentVolumeClaimResize", persistent_volume_claim_resize::handles, nullptr, persistent_volume_claim_resize::validate},
    {"RuntimeClass", runtime_class::handles, runtime_class::mutate, runtime_class::validate},
    {"CertificateApproval", certificate_approval::handles, nullptr, certificate_approval::validate},
    {"CertificateSigning", certificate_signing::handles, nullptr, certificate_signing::validate},
    {"CertificateSubjectRestriction", certificate_subject_restriction::handles, nullptr, certificate_subject_restriction::validate},
    {"DefaultIngressClass", default_ingress_class::handles, default_ingress_class::mutate, nullptr},
    {"ValidatingAdmissionPolicy", validating_admission_policy::handles, nullptr, validating_admission_policy::validate},
    {"ResourceQuota", resource_quota::handles, nullptr, resource_quota::validate},
};

}  // namespace

std::span<const AdmissionPlugin> admission_plugins() { return table; }

}  // namespace kubewalk::apiserver
