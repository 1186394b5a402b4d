#pragma once
// The admission chain: one file per plugin in core/apiserver/admission/, one line each in the table
// of admission.cpp. Upstream: pkg/kubeapiserver/options/plugins.go (the order), plugin/pkg/admission.

#include <span>
#include <string_view>

#include "core/apiserver/core.h"

namespace kubewalk::apiserver {

enum class Operation : unsigned char { create, update, remove };

struct Admission {
    Core& core;
    const api::Kind& kind;
    std::string_view subresource;
    Operation operation;
    std::string_view namespace_name;
    std::string_view name;
    const api::Value& old;  // null on create
    Call& call;
};

struct AdmissionPlugin {
    std::string_view name;  // as upstream registers it: "NamespaceLifecycle"
    // Which requests it looks at.
    bool (*handles)(const Admission& admission);
    // Changes or refuses the object (null on delete). May be null.
    Answer<Done> (*mutate)(const Admission& admission, api::Value& object);
    // Refuses what is about to be written. May be null.
    Answer<Done> (*validate)(const Admission& admission, const api::Value& object);
};

std::span<const AdmissionPlugin> admission_plugins();

}  // namespace kubewalk::apiserver
