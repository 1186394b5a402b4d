#pragma once
// Small steps that many strategies repeat.

#include "core/api/rules/entries.h"
#include "core/api/rules/object_meta.h"
#include "core/api/value.h"

namespace kubewalk::api {

// Default for a field that is absent (null).
inline void default_to(Value& object, std::string_view key, const Value& value) {
    if (object[key].is_null())
        object.set(key, value);
}

// status is the controllers' own: a create drops it, an update keeps the old one.
inline void drop_status(Value& object) { object.set("status", Value::object()); }
inline void keep_status(Value& object, const Value& old) {
    if (old.contains("status"))
        object.set("status", old["status"]);
    else
        object.erase("status");
}

// PUT .../status: everything but status (and what `keep_metadata` leaves) is the old object's.
inline void keep_all_but_status(Value& object, const Value& old) {
    Value updated = old;
    updated.set("status", object["status"]);
    // Labels and annotations may come with a status, as upstream's strategies let them.
    for (const std::string_view key : {"annotations", "labels", "finalizers", "managedFields", "resourceVersion"}) {
        if (object["metadata"].contains(key))
            updated.edit("metadata").set(key, object["metadata"][key]);
        else if (updated["metadata"].contains(key))
            updated.edit("metadata").erase(key);
    }
    object = std::move(updated);
}

inline void nothing(Value&) {}
inline void nothing_to_prepare(Value&, const Value&) {}
inline void validate_status_nothing(const Value&, const Value&, FieldErrors&) {}
inline void no_warnings(const Value&, std::vector<std::string>&) {}

// Kinds that count generations: 1 at creation, one more with every change of the spec.
inline void start_generation(Value& object) { object.edit("metadata").set("generation", 1); }

}  // namespace kubewalk::api
