#pragma once
// What a new manifest can begin with: small, complete, and right on a real cluster too.

#include <span>
#include <string_view>

namespace kubewalk::ui {

struct ManifestTemplate {
    std::string_view id;    // in item paths, and the kind as it is written
    std::string_view text;
};

std::span<const ManifestTemplate> manifest_templates();

}  // namespace kubewalk::ui
