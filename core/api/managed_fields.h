#pragma once
// metadata.managedFields: who last wrote which field, and what server-side apply does with that.
// Upstream: k8s.io/apimachinery/pkg/util/managedfields/internal (managedfields.go, managedfieldsupdater.go, capmanagers.go,
// skipnonapplied.go, stripmeta.go, structuredmerge.go), sigs.k8s.io/structured-merge-diff/merge/update.go.

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/api/kinds.h"
#include "core/api/schema.h"
#include "core/base/time.h"

namespace kubewalk::api {

// One entry of the list. Who manages is told by name, operation and subresource, for an Update by the version too.
struct FieldManager {
    std::string name;
    bool applies = false;  // operation Apply; else Update
    std::string api_version;
    std::string subresource;
    std::string time;  // "": none
    Value fields;      // field_set.h

    bool is(const FieldManager& other) const;
    // As conflicts name it: `"kubectl" with subresource "scale" using apps/v1`.
    std::string text() const;
};
using FieldManagers = std::vector<FieldManager>;

// Nothing when an entry is not as it should be.
std::optional<FieldManagers> read_managers(const Value& entries);
// The entries in upstream's order; null when there are none.
Value write_managers(FieldManagers managers);
// The same managers with the same fields, whatever the times.
bool same_managers(const Value& entries, const Value& others);

// A write of an object's whole as a client asked for it, before admission and the rules of its kind.
struct FieldWrite {
    Value before;  // null: a creation
    Value asked;
    Value sent;    // the managedFields that the client sent; null: none
    std::string manager;
    std::string subresource;
    const Kind* served = nullptr;  // the version the client speaks
    Time at{};
};

// What is needed to look at objects of a kind in any of its versions.
struct FieldContext {
    const Schema& schema;
    const Kind& stored;
    const Type* type = nullptr;  // of a custom kind's objects, where more is known of them than the schema has
};

struct FieldConflict {
    FieldManager manager;
    Value fields;
};
struct Applied {
    Value object;  // in the version that was applied; null: nothing about it changes
    FieldManagers managers;
    std::vector<FieldConflict> conflicts;  // not empty: nothing was done
};
enum class Force : unsigned char { no, yes };
// `live` and `config` in the version of `write.served`; `write.before` and `write.asked` are not read.
Applied apply_fields(const FieldContext& context, const Value& live, const Value& config, FieldManagers managers, const FieldWrite& write, Force force);

// What became of an object's managedFields, worked out only when somebody wants to know: until then the writes are kept
// as they came. Copying one is cheap, and an old copy still tells what was true of it.
class ManagedFields {
public:
    ManagedFields() = default;
    explicit ManagedFields(Value entries);

    ManagedFields after(FieldWrite write) const;
    // How many writes are not worked out yet.
    int pending() const;
    // metadata.managedFields; null: none.
    Value entries(const FieldContext& context) const;

private:
    struct Node;
    std::shared_ptr<Node> last_;
};

}  // namespace kubewalk::api
