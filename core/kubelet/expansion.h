#pragma once
// $(VAR) in commands, arguments and environment values. Upstream: third_party/forked/golang/expansion.

#include <map>
#include <string>
#include <string_view>

namespace kubewalk::kubelet {

// Unknown references stay as they are; $$(VAR) gives $(VAR).
std::string expand(std::string_view text, const std::map<std::string, std::string>& variables);

}  // namespace kubewalk::kubelet
