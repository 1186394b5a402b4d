// Volumes that hold data of their own, and what a container sees of them. Upstream: pkg/volume/hostpath/host_path.go
// (type checks), pkg/volume/local/local.go, pkg/kubelet/kubelet_pods.go (makeMounts), pkg/volume/util/util.go
// (GetPodVolumeNames).

#include <algorithm>

#include "core/api/kinds.h"
#include "core/base/text.h"
#include "core/kubelet/expansion.h"
#include "core/kubelet/volumes.h"

namespace kubewalk::kubelet {
namespace {

std::string relative(std::string_view path) {
    const auto first = path.find_first_not_of('/');
    if (first == std::string_view::npos)
        return {};
    const auto last = path.find_last_not_of('/');
    return std::string(path.substr(first, last - first + 1));
}

enum class Found : std::uint8_t { nothing, file, folder };

// Folders of every Linux machine that need no file below them to exist.
bool is_standard_folder(std::string_view path) {
    constexpr std::string_view folders[] = {"",        "boot",    "dev",      "etc",          "home",    "lib/modules", "media", "mnt",
                                            "opt",     "proc",    "root",     "run",          "srv",     "sys",         "tmp",   "usr",
                                            "usr/lib", "var",     "var/lib",  "var/lib/kubelet", "var/log", "var/log/pods", "var/run"};
    return std::find(std::begin(folders), std::end(folders), path) != std::end(folders);
}

Found look(const Files& files, const std::string& path) {
    if (is_standard_folder(path))
        return Found::folder;
    if (files.count(path) != 0)
        return Found::file;
    const auto next = files.lower_bound(path + "/");
    return next != files.end() && next->first.compare(0, path.size() + 1, path + "/") == 0 ? Found::folder : Found::nothing;
}

}  // namespace

Result<VolumeSource> host_path(std::string_view node, std::string_view path, std::string_view type, Disks& disks) {
    VolumeSource source{node_disk(node), relative(path), Access::read_write, false};
    if (type.empty())
        return source;
    const Found found = look(disks.files(source.disk), source.path);
    const auto refuse = [&](std::string_view what) { return mount_error(cat("hostPath type check failed: ", path, " is not a ", what)); };
    if (type == "DirectoryOrCreate")
        return found == Found::file ? Result<VolumeSource>(refuse("directory")) : source;
    if (type == "Directory")
        return found == Found::folder ? source : Result<VolumeSource>(refuse("directory"));
    if (type == "FileOrCreate" && found == Found::nothing)
        disks.write(source.disk, source.path, {});
    else if (type == "FileOrCreate" || type == "File")
        return found == Found::file ? source : Result<VolumeSource>(refuse("file"));
    else if (type == "Socket")
        return refuse("socket file");  // nothing on the node's disk is one
    else if (type == "CharDevice")
        return refuse("character device");
    else if (type == "BlockDevice")
        return refuse("block device");
    return source;
}

Result<VolumeSource> persistent_volume(std::string_view node, const api::Value& volume, Disks& disks) {
    const auto& spec = volume["spec"];
    const auto name = api::name_of(volume);
    if (spec["hostPath"].is_object()) {
        auto source = host_path(node, spec["hostPath"]["path"].as_string(), spec["hostPath"]["type"].as_string(), disks);
        if (!source.ok())
            return mount_error(cat("MountVolume.SetUp failed for volume ", quoted(name), " : ", source.error().message));
        return source;
    }
    if (spec["local"].is_object()) {
        const auto path = spec["local"]["path"].as_string();
        VolumeSource source{node_disk(node), relative(path), Access::read_write, false};
        if (look(disks.files(source.disk), source.path) == Found::nothing)
            return mount_error(cat("MountVolume.NewMounter initialization failed for volume ", quoted(name), " : path ",
                                   quoted(path), " does not exist"));
        return source;
    }
    return VolumeSource{network_volume(name), {}, Access::read_write, false};
}

ContainerMounts container_mounts(const api::Value& container, const std::map<std::string, VolumeSource>& volumes,
                                 const std::map<std::string, std::string>& environment, const Disks& disks) {
    ContainerMounts out;
    for (const auto& mount : container["volumeMounts"].items()) {
        const auto found = volumes.find(mount["name"].str());
        if (found == volumes.end())
            continue;
        const VolumeSource& source = found->second;
        const std::string sub = relative(mount["subPathExpr"].is_string() ? expand(mount["subPathExpr"].as_string(), environment)
                                                                            : mount["subPath"].str());
        const std::string below = source.path.empty() || sub.empty() ? source.path + sub : cat(source.path, "/", sub);
        const auto access = mount["readOnly"].as_bool() || source.content ? Access::read_only : source.access;
        Mount made{source.disk, cat("/", relative(mount["mountPath"].as_string())), below, access};
        if (!source.content || sub.empty()) {
            out.mounts.push_back(std::move(made));
            continue;
        }
        const FileSystem only{{}, nullptr, {made}};
        out.files.merge(disks.view(only));
    }
    return out;
}

std::vector<std::string> mounted_volumes(const api::Value& pod) {
    std::vector<std::string> names;
    for (const char* list : {"initContainers", "containers", "ephemeralContainers"}) {
        for (const auto& container : pod["spec"][list].items()) {
            for (const char* kind : {"volumeMounts", "volumeDevices"}) {
                for (const auto& mount : container[kind].items())
                    names.push_back(mount["name"].str());
            }
        }
    }
    return names;
}

}  // namespace kubewalk::kubelet
