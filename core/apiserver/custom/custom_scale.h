#pragma once

#include "core/apiserver/registry.h"

namespace kubewalk::apiserver {

class CustomResource;
Answer<api::Value> custom_scale(Core& core, Registry& registry, Call& call, const CustomResource& resource);

}  // namespace kubewalk::apiserver
