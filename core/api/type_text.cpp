#include "core/api/type_text.h"

#include "core/base/text.h"

namespace kubewalk::api {

std::string type_text(const TypeRef& ref) {
    switch (ref.form) {
        case Form::string:
        case Form::bytes:
        case Form::time:
        case Form::micro_time: return "string";
        case Form::int32:
        case Form::int64: return "integer";
        case Form::number: return "number";
        case Form::boolean: return "boolean";
        case Form::quantity: return "Quantity";
        case Form::int_or_string: return "IntOrString";
        case Form::any: return "Object";
        case Form::object: return ref.type ? std::string(ref.type->go_name) : "Object";
        case Form::list: return cat("[]", ref.element ? type_text(*ref.element) : "Object");
        case Form::map: return cat("map[string]", ref.element ? type_text(*ref.element) : "Object");
    }
    return "Object";
}

const Type* inner_type(const TypeRef& ref) {
    const TypeRef* at = &ref;
    while (at && (at->form == Form::list || at->form == Form::map))
        at = at->element;
    return at && at->form == Form::object ? at->type : nullptr;
}

}  // namespace kubewalk::api
