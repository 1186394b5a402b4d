// Upstream: containerd's mounts (a read-only root file system), Linux fs/proc (array.c, mounts), credentials(7).

#include "core/shell/access.h"

#include <algorithm>

namespace kubewalk::shell {

namespace {

constexpr std::string_view mounts_file = "/proc/mounts";
constexpr std::string_view status_file = "/proc/1/status";

const std::string* file_of(const ProcessContext& context, std::string_view path) {
    const auto found = context.files.find(std::string(path));
    return found == context.files.end() ? nullptr : &found->second;
}

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

bool in_container(const ProcessContext& context) { return file_of(context, mounts_file) != nullptr; }

Access access_to(const ProcessContext& context, std::string_view path) {
    Access found;
    const auto* mounts = file_of(context, mounts_file);
    for (const auto line : split(mounts ? std::string_view(*mounts) : std::string_view(), '\n')) {
        const auto words = fields(line);  // DEVICE PATH TYPE OPTIONS 0 0
        if (words.size() < 4)
            continue;
        const auto where = words[1] == "/" ? std::string_view() : words[1];
        const bool inside = path.starts_with(where) && (path.size() == where.size() || path[where.size()] == '/');
        if (!inside || where.size() < found.path.size())
            continue;
        const auto& volumes = context.folders;
        found = {std::string(where), std::find(volumes.begin(), volumes.end(), where) != volumes.end(), words[3].starts_with("ro"), false};
        found.linked = found.mounted && found.read_only && words[2] == "tmpfs";
    }
    return found;
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
    const auto* status = file_of(context, status_file);
    if (!status) {
        identity.gid = context.uid;
        identity.groups = {context.uid};
        return identity;
    }
    for (const auto line : split(std::string_view(*status), '\n')) {
        const auto words = fields(line);
        if (words.size() > 1 && words[0] == "Gid:")
            identity.gid = parse_int(words[1]).value_or(0);
        for (std::size_t i = 1; i < words.size() && words[0] == "Groups:"; ++i)
            identity.groups.push_back(parse_int(words[i]).value_or(0));
    }
    return identity;
}

bool is_applet(const ProcessContext& context, std::string_view name) {
    const auto& programs = context.programs;
    return std::find(programs.begin(), programs.end(), "busybox:*") != programs.end() ||
           std::find(programs.begin(), programs.end(), cat("busybox:", name)) != programs.end();
}

}  // namespace kubewalk::shell
