#include "core/kubelet/disks.h"

#include "core/base/text.h"

namespace kubewalk::kubelet {
namespace {

const Files& no_files() {
    static const Files none;
    return none;
}

bool below(std::string_view path, std::string_view folder) {
    return path.size() > folder.size() && path.substr(0, folder.size()) == folder && path[folder.size()] == '/';
}

// Where a file of the volume appears, "" when the mount does not show it.
std::string shown_at(const Mount& mount, std::string_view path) {
    const std::string root = mount.path == "/" ? std::string() : mount.path;
    if (mount.sub_path.empty())
        return path.empty() ? mount.path : cat(root, "/", path);
    if (path == mount.sub_path)
        return mount.path;
    return below(path, mount.sub_path) ? cat(root, path.substr(mount.sub_path.size())) : std::string();
}

// The way back: the path in the volume of what a process calls `path`.
std::string stored_at(const Mount& mount, std::string_view path) {
    const std::string_view rest = path == mount.path ? std::string_view()
                                  : mount.path == "/" ? path.substr(1)
                                                      : path.substr(mount.path.size() + 1);
    if (mount.sub_path.empty())
        return std::string(rest);
    return rest.empty() ? mount.sub_path : cat(mount.sub_path, "/", rest);
}

// The innermost mount over a path. Null: the container's own layer.
const Mount* mount_over(const std::vector<Mount>& mounts, std::string_view path) {
    const Mount* best = nullptr;
    for (const auto& mount : mounts) {
        if (mount.path != "/" && path != mount.path && !below(path, mount.path))
            continue;
        if (!best || mount.path.size() >= best->path.size())
            best = &mount;
    }
    return best;
}

}  // namespace

std::vector<std::string> mount_paths(const FileSystem& of) {
    std::vector<std::string> paths;
    for (const auto& mount : of.mounts)
        paths.push_back(mount.path);
    return paths;
}

std::string node_disk(std::string_view node) { return cat("node/", node); }

std::string pod_volume(std::string_view node, std::string_view pod_uid, std::string_view volume) {
    return cat("pod/", node, "/", pod_uid, "/", volume);
}

std::string network_volume(std::string_view persistent_volume) { return cat("pv/", persistent_volume); }

const Files& Disks::files(std::string_view volume) const {
    const auto* found = volumes_.find(volume);
    return found ? **found : no_files();
}

void Disks::put(std::string_view volume, Files files) {
    volumes_.set(std::string(volume), std::make_shared<const Files>(std::move(files)));
}

void Disks::write(std::string_view volume, std::string_view path, std::string content) {
    Files changed = files(volume);
    changed[std::string(path)] = std::move(content);
    put(volume, std::move(changed));
}

void Disks::remove(std::string_view volume) { volumes_.erase(std::string(volume)); }

std::int64_t Disks::bytes(std::string_view volume) const {
    std::int64_t sum = 0;
    for (const auto& [path, content] : files(volume))
        sum += static_cast<std::int64_t>(content.size());
    return sum;
}

const Files& Disks::own(const FileSystem& of) const {
    if (const auto* written = volumes_.find(of.layer))
        return **written;
    return of.initial ? *of.initial : no_files();
}

Files Disks::view(const FileSystem& of) const {
    Files seen = own(of);
    for (const auto& mount : of.mounts) {
        // A mount hides what lies below it.
        const std::string folder = mount.path == "/" ? mount.path : cat(mount.path, "/");
        for (auto it = seen.lower_bound(folder); it != seen.end() && it->first.compare(0, folder.size(), folder) == 0;)
            it = seen.erase(it);
        const Files& stored = files(mount.volume);
        for (auto it = stored.lower_bound(mount.sub_path); it != stored.end(); ++it) {
            if (it->first.compare(0, mount.sub_path.size(), mount.sub_path) != 0)
                break;
            if (const auto path = shown_at(mount, it->first); !path.empty())
                seen[path] = it->second;
        }
    }
    return seen;
}

const std::string* Disks::read(const FileSystem& of, std::string_view path) const {
    const Mount* mount = mount_over(of.mounts, path);
    const Files& where = mount ? files(mount->volume) : own(of);
    const auto found = where.find(mount ? stored_at(*mount, path) : std::string(path));
    return found == where.end() ? nullptr : &found->second;
}

void Disks::absorb(const FileSystem& of, const Files& before, const Files& after) {
    const auto change = [&](const std::string& path, const std::string* content) {
        const Mount* mount = mount_over(of.mounts, path);
        if (mount && mount->access == Access::read_only)
            return;
        Files changed = mount ? files(mount->volume) : own(of);
        const std::string stored = mount ? stored_at(*mount, path) : path;
        if (content)
            changed[stored] = *content;
        else
            changed.erase(stored);
        put(mount ? mount->volume : of.layer, std::move(changed));
    };
    for (const auto& [path, content] : after) {
        const auto old = before.find(path);
        if (old == before.end() || old->second != content)
            change(path, &content);
    }
    for (const auto& [path, content] : before) {
        if (after.count(path) == 0)
            change(path, nullptr);
    }
}

std::shared_ptr<const void> Disks::save() const { return std::make_shared<const Volumes>(volumes_); }

void Disks::load(const std::shared_ptr<const void>& state) { volumes_ = *static_cast<const Volumes*>(state.get()); }

Files relative_files(const Files& absolute) {
    Files out;
    for (const auto& [path, content] : absolute)
        out[path.substr(path.find_first_not_of('/'))] = content;
    return out;
}

Files absolute_files(const Files& relative) {
    Files out;
    for (const auto& [path, content] : relative)
        out[cat("/", path)] = content;
    return out;
}

}  // namespace kubewalk::kubelet
