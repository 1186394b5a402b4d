#pragma once
// Adding and removing one finalizer; shared by the protection controllers of claims and volumes.

#include <algorithm>

#include "core/client/controller.h"
#include "core/controllers/controller_utils.h"

namespace kubewalk::controllers::protection {

inline bool has_finalizer(const Value& object, std::string_view finalizer) {
    const auto items = object["metadata"]["finalizers"].items();
    return std::any_of(items.begin(), items.end(), [&](const Value& one) { return one.as_string() == finalizer; });
}

inline client::Outcome write(const client::Client& client, const api::Kind& kind, const Value& object, Value finalizers) {
    Value updated = object;
    if (finalizers.empty())
        updated.edit("metadata").erase("finalizers");
    else
        updated.edit("metadata").set("finalizers", std::move(finalizers));
    const auto written = client.update(kind, updated);
    return written.ok() || written.error().reason == "NotFound" ? client::Outcome::done()
                                                                : client::Outcome::failed(written.error());
}

inline client::Outcome add_finalizer(const client::Client& client, const api::Kind& kind, const Value& object,
                                     std::string_view finalizer) {
    Value finalizers = object["metadata"]["finalizers"];
    finalizers.push_back(finalizer);
    return write(client, kind, object, finalizers);
}

inline client::Outcome remove_finalizer(const client::Client& client, const api::Kind& kind, const Value& object,
                                        std::string_view finalizer) {
    Value kept = Value::array();
    for (const auto& one : object["metadata"]["finalizers"].items())
        if (one.as_string() != finalizer)
            kept.push_back(one);
    return write(client, kind, object, kept);
}

}  // namespace kubewalk::controllers::protection
