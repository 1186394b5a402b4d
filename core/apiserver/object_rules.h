#pragma once
// What the registry does to objects of a kind: the rules of core/api, or what a CustomResourceDefinition says.

#include "core/api/rules.h"
#include "core/apiserver/registry.h"

namespace kubewalk::apiserver {

class CustomResource;

class ObjectRules {
public:
    ObjectRules(const Core& core, const api::Kind& kind);

    void set_defaults(api::Value& object) const;
    // Of an update: nothing where they are there already.
    void set_defaults(api::Value& object, const api::Value& old, Registry::Part part) const;
    void prepare_for_create(api::Value& object) const;
    void prepare_for_update(api::Value& object, const api::Value& old, Registry::Part part) const;
    void validate(const api::Value& object, api::FieldErrors& errors) const;
    void validate_update(const api::Value& object, const api::Value& old, Registry::Part part, api::FieldErrors& errors, std::vector<std::string>& warnings) const;
    void warn(const api::Value& object, std::vector<std::string>& warnings) const;

private:
    const api::Rules* rules_;         // null: none
    const CustomResource* custom_;    // null: a kind of the server's own
};

}  // namespace kubewalk::apiserver
