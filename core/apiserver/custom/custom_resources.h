#pragma once
// What CustomResourceDefinitions make the server serve. It follows from the store and is kept only to be quick: a write to a
// definition, or another store, makes it be read anew when next somebody asks for a path that no kind of the server's own has.
// Upstream: k8s.io/apiextensions-apiserver/pkg/apiserver/customresource_handler.go, pkg/registry/customresource/strategy.go.

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/api/custom_kinds.h"
#include "core/api/field_error.h"
#include "core/api/kinds.h"
#include "core/store/store.h"

namespace kubewalk::api {
struct Type;
class Schema;
}
namespace kubewalk::api::structural {
class FieldTypes;
class Rules;
}

namespace kubewalk::apiserver {

// One version of one definition.
class CustomResource {
public:
    CustomResource(const api::Value& definition, const api::Value& version);

    const api::Kind& kind() const { return *kind_; }
    const api::Value& version() const { return version_; }
    const api::Value& schema() const { return version_["schema"]["openAPIV3Schema"]; }
    const api::Value& scale() const { return version_["subresources"]["scale"]; }
    bool has_status() const { return kind_->status == api::StatusSubresource::yes; }
    // Its definition is being deleted: nothing new is made.
    bool is_ending() const { return ending_; }
    // The warning that every request gets; empty: none.
    std::string deprecation() const;

    // Takes away what the schema does not name, and tells of it as decoding does.
    void prune(api::Value& object, std::vector<Error>& strict) const;
    void set_defaults(api::Value& object) const;
    void prepare_for_create(api::Value& object) const;
    void prepare_for_update(api::Value& object, const api::Value& old) const;
    void prepare_for_status_update(api::Value& object, const api::Value& old) const;
    void validate(const api::Value& object, api::FieldErrors& errors) const;
    // What was wrong before and did not change only warns.
    void validate_update(const api::Value& object, const api::Value& old, api::FieldErrors& errors, std::vector<std::string>& warnings) const;
    // For server-side apply: what of its objects is owned by whom.
    const api::Type& field_types(const api::Schema& schema) const;
    // Versions differ in nothing but their name.
    api::Value in_this_version(api::Value object) const;

    // As kubectl shows it (custom_table.cpp); `object` is one object or a list.
    api::Value table(const api::Value& object, Time now, std::string_view include_object) const;
    // autoscaling/v1 Scale (custom_scale.cpp).
    api::Value scale_of(const api::Value& object) const;

private:
    void check_rules(const api::Value& object, const api::Value& old, api::FieldErrors& errors, std::vector<std::string>& warnings) const;

    const api::Kind* kind_;
    api::Value version_;
    bool ending_ = false;
    mutable std::shared_ptr<const api::structural::FieldTypes> types_;
    // Compiled when the first object comes.
    mutable std::optional<std::shared_ptr<const api::structural::Rules>> rules_;
};

class CustomResources {
public:
    explicit CustomResources(const store::Store& store) : store_(store) {}

    // Null when nobody serves that.
    const CustomResource* find(std::string_view group, std::string_view version, std::string_view resource) const;
    const CustomResource* find(const api::Kind& kind) const { return api::is_custom(kind) ? find(kind.group, kind.version, kind.resource) : nullptr; }
    bool serves(std::string_view group, std::string_view version) const;
    // In the order of their groups; within a group the preferred version first.
    const std::vector<CustomResource>& all() const;
    void forget() { known_ = false; }

private:
    const store::Store& store_;
    mutable std::vector<CustomResource> all_;
    mutable bool known_ = false;
};

}  // namespace kubewalk::apiserver
