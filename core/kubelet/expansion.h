#pragma once
// $(VAR) in commands, arguments and environment values. Upstream: third_party/forked/golang/expansion.

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace kubewalk::kubelet {

// Unknown references stay as they are; $$(VAR) gives $(VAR).
std::string expand(std::string_view text, const std::map<std::string, std::string>& variables);

// Names that the text refers to and that have no value, in order.
std::vector<std::string> without_value(std::string_view text, const std::map<std::string, std::string>& variables);

}  // namespace kubewalk::kubelet
