#include "core/apiserver/object_rules.h"

#include "core/api/rules/pod_spec.h"
#include "core/apiserver/custom/custom_resources.h"

namespace kubewalk::apiserver {

using Part = Registry::Part;

ObjectRules::ObjectRules(const Core& core, const api::Kind& kind)
    : rules_(api::is_custom(kind) ? nullptr : api::find_rules(kind)), custom_(core.customs.find(kind)) {}

void ObjectRules::set_defaults(api::Value& object) const {
    if (custom_)
        custom_->set_defaults(object);
    else if (rules_ && rules_->defaults)
        rules_->defaults(object);
}

void ObjectRules::set_defaults(api::Value& object, const api::Value& old, Part part) const {
    const bool known = rules_ && rules_->defaults_spec_only && part == Part::status && object["spec"].same(old["spec"]);
    if (!known)
        set_defaults(object);
}

void ObjectRules::prepare_for_create(api::Value& object) const {
    if (custom_)
        custom_->prepare_for_create(object);
    else if (rules_ && rules_->prepare_for_create)
        rules_->prepare_for_create(object);
}

void ObjectRules::prepare_for_update(api::Value& object, const api::Value& old, Part part) const {
    if (custom_)
        return part == Part::status ? custom_->prepare_for_status_update(object, old) : custom_->prepare_for_update(object, old);
    if (!rules_ || part == Part::approval)
        return;
    if (auto* prepare = part == Part::status ? rules_->prepare_for_status_update : rules_->prepare_for_update)
        prepare(object, old);
}

void ObjectRules::validate(const api::Value& object, api::FieldErrors& errors) const {
    if (custom_)
        custom_->validate(object, errors);
    else if (rules_ && rules_->validate)
        rules_->validate(object, errors);
}

void ObjectRules::validate_update(const api::Value& object, const api::Value& old, Part part, api::FieldErrors& errors, std::vector<std::string>& warnings) const {
    if (custom_)
        return custom_->validate_update(object, old, errors, warnings);
    if (!rules_)
        return;
    auto* validate = part == Part::status                 ? rules_->validate_status_update
                     : part == Part::ephemeral_containers ? api::validate_ephemeral_containers_update
                     : part == Part::resize               ? api::validate_pod_resize
                                                          : rules_->validate_update;
    if (validate)
        validate(object, old, errors);
}

void ObjectRules::warn(const api::Value& object, std::vector<std::string>& warnings) const {
    if (rules_ && rules_->warnings)
        rules_->warnings(object, warnings);
}

}  // namespace kubewalk::apiserver
