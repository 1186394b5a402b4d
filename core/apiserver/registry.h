#pragma once
// The generic registry: what every kind's storage does for each verb. What differs between kinds
// stands in the table of strategies. Upstream: k8s.io/apiserver/pkg/registry/generic/registry/store.go,
// pkg/registry/rest/{create,update,delete}.go.

#include <functional>

#include "core/apiserver/admission.h"
#include "core/apiserver/core.h"

namespace kubewalk::apiserver {

class Registry {
public:
    explicit Registry(Core& core) : core_(core) {}

    Answer<api::Value> get(Call& call) const;
    Answer<api::Value> list(Call& call) const;
    Answer<api::Value> create(Call& call);
    Answer<api::Value> update(Call& call);
    Answer<api::Value> patch(Call& call);
    Answer<api::Value> remove(Call& call);
    Answer<api::Value> remove_collection(Call& call);

    // -- for subresources ------------------------------------------------------------------------
    // Writes a changed object through admission, preparation and validation.
    enum class Part : unsigned char { object, status, ephemeral_containers, resize, approval };
    Answer<api::Value> replace(Call& call, const api::Kind& kind, api::Value object, const api::Value& old, Part part);
    // Writes it as it is (binding, finalize); removes it when its deletion waited for nothing else.
    Answer<api::Value> store_or_finish(Call& call, const api::Kind& kind, api::Value object, const api::Value& old);
    // As DELETE of one object does it; `options`: DeleteOptions.
    Answer<api::Value> remove_named(Call& call, const api::Kind& kind, std::string_view namespace_name, std::string_view name,
                                    const api::Value& options);
    // The body as an object of that kind, its unknown fields reported as the client asked.
    Answer<api::Value> decode(Call& call, const api::Kind& kind, const api::Value& body) const;
    // `current` with the request's patch applied, by the type named in the Content-Type header.
    Answer<api::Value> patched(const Call& call, const api::Kind& kind, const api::Value& current) const;

private:
    Answer<api::Value> create_applied(Call& call, const api::Kind& kind, api::Value object);
    Answer<api::Value> create_once(Call& call, const api::Kind& kind, api::Value object);
    Answer<Done> admit(Call& call, const api::Kind& kind, Operation operation, api::Value& object, const api::Value& old);
    // The second half of admission: looks at what is about to be written, after validation.
    Answer<Done> admit_finally(Call& call, const api::Kind& kind, Operation operation, const api::Value& object, const api::Value& old);
    Answer<api::Value> remove_one(Call& call, const api::Kind& kind, const api::Value& old, const api::Value& options);

    Core& core_;
};

}  // namespace kubewalk::apiserver
