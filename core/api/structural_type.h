#pragma once
// The type that a structural schema is to server-side apply: what is owned as a whole, and which lists merge by what.
// Upstream: k8s.io/kube-openapi/pkg/schemaconv, k8s.io/apiextensions-apiserver/pkg/controller/openapi/builder.

#include <deque>
#include <memory>

#include "core/api/schema.h"
#include "core/api/value.h"

namespace kubewalk::api::structural {

class FieldTypes {
public:
    // `metadata`: the type of an object's metadata. The schema's texts must outlive this.
    FieldTypes(const Value& schema, const Type* metadata);
    FieldTypes(const FieldTypes&) = delete;
    FieldTypes& operator=(const FieldTypes&) = delete;

    const Type& root() const { return types_.front(); }

private:
    api::TypeRef reference(const Value& schema);
    void fill(Type& type, const Value& schema);
    const Type* object(const Value& schema);

    Value schema_;
    const Type* metadata_;
    std::deque<Type> types_;
    std::deque<api::TypeRef> elements_;
};

}  // namespace kubewalk::api::structural
