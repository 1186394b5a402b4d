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

#undef KUBEWALK_ADMISSION_PLUGIN
