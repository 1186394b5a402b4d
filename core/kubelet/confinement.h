#pragma once
// securityContext and mounts as a container's processes meet them: which groups and capabilities they have, where they may write,
// and the files in which the kernel says so. Upstream: pkg/kubelet/kuberuntime/security_context.go; containerd
// internal/cri/opts/spec_linux_opts.go (WithMounts); Linux fs/proc/array.c.

#include "core/api/value.h"
#include "core/kubelet/runtime.h"
#include "core/shell/shell.h"

namespace kubewalk::kubelet {

// What is asked for; the group and the mounts are known when the container is made.
shell::Confinement asked_confinement(const api::Value& pod_security, const api::Value& security);
std::shared_ptr<const shell::Confinement> confinement_of(const ContainerConfig& config, std::int64_t image_uid);
// Puts a process into it.
void confine(shell::ProcessContext& context, const std::shared_ptr<const shell::Confinement>& confinement, const std::vector<std::string>& argv);

}  // namespace kubewalk::kubelet
