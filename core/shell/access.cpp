// Upstream: containerd's mounts (a read-only root file system), credentials(7).

#include "core/shell/access.h"

#include <algorithm>

namespace kubewalk::shell {

namespace {

// Folders that every image has made root's.
bool is_roots(std::string_view path) {
    const auto rest = path.substr(1);
    const auto slash = rest.find('/');
    if (slash == std::string_view::npos)
        return true;  // the root folder itself
    const auto top = rest.substr(0, slash);
    for (const std::string_view folder : {"bin", "boot", "etc", "lib", "lib64", "proc", "root", "sbin", "sys", "usr"})
        if (top == folder)
            return true;
    return false;
}

}  // namespace

bool in_container(const ProcessContext& context) { return context.confinement != nullptr; }

Access access_to(const ProcessContext& context, std::string_view path) {
    const MountPoint* innermost = nullptr;
    if (context.confinement)
        for (const auto& mount : context.confinement->mounts)
            if (path.starts_with(mount.path) && (path.size() == mount.path.size() || path[mount.path.size()] == '/') &&
                (!innermost || mount.path.size() >= innermost->path.size()))
                innermost = &mount;
    if (!innermost)
        return {};
    return {innermost->path, innermost->volume, innermost->read_only, innermost->content};
}

std::string_view write_refusal(const ProcessContext& context, std::string_view path) {
    if (!in_container(context))
        return {};
    const Access access = access_to(context, path);
    if (access.read_only)
        return "Read-only file system";
    return context.uid != 0 && !access.mounted && is_roots(path) ? "Permission denied" : std::string_view();
}

Identity identity_of(const ProcessContext& context) {
    Identity identity;
    identity.gid = context.confinement ? context.confinement->gid : context.uid;
    identity.groups = {identity.gid};
    if (context.confinement)
        identity.groups.insert(identity.groups.end(), context.confinement->groups.begin(), context.confinement->groups.end());
    std::sort(identity.groups.begin(), identity.groups.end());
    identity.groups.erase(std::unique(identity.groups.begin(), identity.groups.end()), identity.groups.end());
    return identity;
}

bool is_applet(const ProcessContext& context, std::string_view name) {
    const auto& programs = context.programs;
    return std::find(programs.begin(), programs.end(), "busybox:*") != programs.end() ||
           std::find(programs.begin(), programs.end(), cat("busybox:", name)) != programs.end();
}

}  // namespace kubewalk::shell
