#pragma once
// What the table of admission.cpp names; each plugin is a file of its own.

#include "core/apiserver/admission.h"

#define KUBEWALK_ADMISSION_PLUGIN(name)                            \
    namespace kubewalk::apiserver::name {                          \
    bool handles(const Admission& admission);                      \
    Answer<Done> mutate(const Admission& admission, api::Value& object); \
    }

KUBEWALK_ADMISSION_PLUGIN(namespace_lifecycle)
KUBEWALK_ADMISSION_PLUGIN(service_account)
KUBEWALK_ADMISSION_PLUGIN(taint_nodes_by_condition)
KUBEWALK_ADMISSION_PLUGIN(priority)
KUBEWALK_ADMISSION_PLUGIN(default_toleration_seconds)
KUBEWALK_ADMISSION_PLUGIN(default_ingress_class)

KUBEWALK_ADMISSION_PLUGIN(default_storage_class)
KUBEWALK_ADMISSION_PLUGIN(limit_ranger)
KUBEWALK_ADMISSION_PLUGIN(node_restriction)
KUBEWALK_ADMISSION_PLUGIN(storage_object_in_use_protection)
KUBEWALK_ADMISSION_PLUGIN(runtime_class)

#undef KUBEWALK_ADMISSION_PLUGIN

// Those that look at the object once more when it is complete.
#define KUBEWALK_VALIDATING_PLUGIN(name)                           \
    namespace kubewalk::apiserver::name {                          \
    bool handles(const Admission& admission);                      \
    Answer<Done> validate(const Admission& admission, const api::Value& object); \
    }

KUBEWALK_VALIDATING_PLUGIN(certificate_approval)
KUBEWALK_VALIDATING_PLUGIN(certificate_signing)
KUBEWALK_VALIDATING_PLUGIN(certificate_subject_restriction)
KUBEWALK_VALIDATING_PLUGIN(limit_ranger)
KUBEWALK_VALIDATING_PLUGIN(persistent_volume_claim_resize)
KUBEWALK_VALIDATING_PLUGIN(pod_security)
KUBEWALK_VALIDATING_PLUGIN(priority)
KUBEWALK_VALIDATING_PLUGIN(resource_quota)
KUBEWALK_VALIDATING_PLUGIN(runtime_class)
KUBEWALK_VALIDATING_PLUGIN(validating_admission_policy)

#undef KUBEWALK_VALIDATING_PLUGIN
