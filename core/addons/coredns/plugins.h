#pragma once
// The set-up function of each plugin; the table in chain.cpp gives their order.

#include "core/addons/coredns/chain.h"

namespace kubewalk::addons::coredns {

Result<void> setup_reload(const Setup& setup, PluginSetup& into);
Result<void> setup_ready(const Setup& setup, PluginSetup& into);
Result<void> setup_health(const Setup& setup, PluginSetup& into);
Result<void> setup_prometheus(const Setup& setup, PluginSetup& into);
Result<void> setup_errors(const Setup& setup, PluginSetup& into);
Result<void> setup_log(const Setup& setup, PluginSetup& into);
Result<void> setup_loadbalance(const Setup& setup, PluginSetup& into);
Result<void> setup_cache(const Setup& setup, PluginSetup& into);
Result<void> setup_hosts(const Setup& setup, PluginSetup& into);
Result<void> setup_k8s_external(const Setup& setup, PluginSetup& into);
Result<void> setup_kubernetes(const Setup& setup, PluginSetup& into);
Result<void> setup_loop(const Setup& setup, PluginSetup& into);
Result<void> setup_forward(const Setup& setup, PluginSetup& into);

// Errors without a place in the file.
inline Error plain_error(std::string message) { return {"ParseError", std::move(message), {}, 0, 0}; }

}  // namespace kubewalk::addons::coredns
