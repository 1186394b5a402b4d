#pragma once
// The set-up function of each plugin; the table in chain.cpp gives their order.

#include "core/addons/coredns/chain.h"

namespace kubewalk::addons::coredns {

Result<void> setup_root(const Setup& setup, PluginSetup& into);
Result<void> setup_metadata(const Setup& setup, PluginSetup& into);
Result<void> setup_cancel(const Setup& setup, PluginSetup& into);
Result<void> setup_timeouts(const Setup& setup, PluginSetup& into);
Result<void> setup_multisocket(const Setup& setup, PluginSetup& into);
Result<void> setup_reload(const Setup& setup, PluginSetup& into);
Result<void> setup_nsid(const Setup& setup, PluginSetup& into);
Result<void> setup_bufsize(const Setup& setup, PluginSetup& into);
Result<void> setup_bind(const Setup& setup, PluginSetup& into);
Result<void> setup_debug(const Setup& setup, PluginSetup& into);
Result<void> setup_ready(const Setup& setup, PluginSetup& into);
Result<void> setup_health(const Setup& setup, PluginSetup& into);
Result<void> setup_prometheus(const Setup& setup, PluginSetup& into);
Result<void> setup_errors(const Setup& setup, PluginSetup& into);
Result<void> setup_log(const Setup& setup, PluginSetup& into);
Result<void> setup_local(const Setup& setup, PluginSetup& into);
Result<void> setup_dns64(const Setup& setup, PluginSetup& into);
Result<void> setup_any(const Setup& setup, PluginSetup& into);
Result<void> setup_chaos(const Setup& setup, PluginSetup& into);
Result<void> setup_loadbalance(const Setup& setup, PluginSetup& into);
Result<void> setup_cache(const Setup& setup, PluginSetup& into);
Result<void> setup_rewrite(const Setup& setup, PluginSetup& into);
Result<void> setup_acl(const Setup& setup, PluginSetup& into);
Result<void> setup_header(const Setup& setup, PluginSetup& into);
Result<void> setup_autopath(const Setup& setup, PluginSetup& into);
Result<void> setup_minimal(const Setup& setup, PluginSetup& into);
Result<void> setup_template(const Setup& setup, PluginSetup& into);
Result<void> setup_hosts(const Setup& setup, PluginSetup& into);
Result<void> setup_k8s_external(const Setup& setup, PluginSetup& into);
Result<void> setup_kubernetes(const Setup& setup, PluginSetup& into);
Result<void> setup_file(const Setup& setup, PluginSetup& into);
Result<void> setup_loop(const Setup& setup, PluginSetup& into);
Result<void> setup_forward(const Setup& setup, PluginSetup& into);
Result<void> setup_whoami(const Setup& setup, PluginSetup& into);

// Errors without a place in the file.
inline Error plain_error(std::string message) { return {"ParseError", std::move(message), {}, 0, 0}; }

// strconv.Atoi and time.ParseDuration with their errors.
Result<std::int64_t> number_of(std::string_view text);
Result<Duration> duration_of(std::string_view text);

}  // namespace kubewalk::addons::coredns
