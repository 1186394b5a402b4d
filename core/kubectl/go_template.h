#pragma once
// Go's text/template as kubectl uses it: fields, variables, pipelines, if, range, with, and the functions that
// templates of the documentation use. What is not known is an error, never a guess.
// Upstream: Go's text/template; k8s.io/cli-runtime/pkg/printers/template.go.

#include <string>
#include <string_view>

#include "core/api/value.h"
#include "core/base/result.h"

namespace kubewalk::kubectl {

// Error: message as Go words it, for parsing ("template: output:1: unclosed action", reason "Parse") and for
// executing (reason "Execute").
Result<std::string> run_go_template(std::string_view text, const api::Value& data);

}  // namespace kubewalk::kubectl
