#pragma once
// metav1.Table: what `kubectl get` prints is made here, by the server. One file per group of kinds in
// core/apiserver/tables/, one line per kind in the table of table.cpp.
// Upstream: pkg/printers/internalversion/printers.go, k8s.io/apimachinery/pkg/apis/meta/v1.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/api/kinds.h"
#include "core/base/time.h"

namespace kubewalk::apiserver {

struct Column {
    std::string_view name;    // "Cluster-IP"
    std::string_view type;    // "string", "integer", "boolean"
    std::string_view format;  // "name" for the object's name
    int priority = 0;         // not 0: only with -o wide
};

// Narrow shortens what would be too long; the server itself always prints wide.
enum class Width : unsigned char { narrow, wide };

struct Printer {
    std::string_view group;
    std::string_view kind;
    std::span<const Column> columns;
    // One cell per column, those of priority too.
    std::vector<api::Value> (*cells)(const api::Value& object, Time now, Width width);
};

// Never null: kinds without a line of their own get Name and Age.
const Printer& printer_for(std::string_view group, std::string_view kind);

// Does an Accept header ask for a Table ("application/json;as=Table;v=v1;g=meta.k8s.io")?
bool wants_table(std::string_view accept);
// `object` is one object or a List. `include_object`: "Metadata" (also when empty), "Object" or "None".
api::Value to_table(const api::Kind& kind, const api::Value& object, Time now, std::string_view include_object);
// What a request gets: also of custom kinds, whose definitions name the columns, and of a Scale.
class Core;
struct Call;
api::Value to_table(const Core& core, const Call& call, const api::Value& body);

}  // namespace kubewalk::apiserver
