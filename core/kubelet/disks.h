#pragma once
// What is stored: the nodes' own file systems, the volumes of Pods, and storage beyond the nodes. Whoever
// mounts a volume sees the same files, so one container reads what another has written. A service with a
// fixed address; copies share structure.

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/ordered_map.h"
#include "core/sim/simulation.h"

namespace kubewalk::kubelet {

using Files = std::map<std::string, std::string>;  // path -> content

enum class Access : std::uint8_t { read_write, read_only };

// A volume, or a part of it, in a container's file system.
struct Mount {
    std::string volume;    // its id in Disks
    std::string path;      // absolute, without a slash at the end
    std::string sub_path;  // below the volume's root, "" for all of it
    Access access = Access::read_write;
};

// The file system of one container: its image and what the kubelet put there, its own changes, mounts.
struct FileSystem {
    std::string layer;                     // the volume that takes what its processes write outside of mounts
    std::shared_ptr<const Files> initial;  // absolute paths; may be null
    std::vector<Mount> mounts;
};

// Where volumes are mounted: folders that exist though nothing may lie in them.
std::vector<std::string> mount_paths(const FileSystem& of);

// Ids of volumes: "node/NODE" is a node's disk, "pod/NODE/UID/NAME" lives as long as the Pod,
// "pv/NAME" lies beyond the nodes, "layer/ID" is what a container has written. Paths in a volume are relative to its root.
std::string node_disk(std::string_view node);
std::string pod_volume(std::string_view node, std::string_view pod_uid, std::string_view volume);
std::string network_volume(std::string_view persistent_volume);

class Disks final : public sim::Snapshotable {
public:
    // Empty when nobody has written anything.
    const Files& files(std::string_view volume) const;
    bool contains(std::string_view volume) const { return volumes_.contains(volume); }
    void put(std::string_view volume, Files files);
    void write(std::string_view volume, std::string_view path, std::string content);
    void remove(std::string_view volume);
    std::int64_t bytes(std::string_view volume) const;

    // What a process sees, by absolute path.
    Files view(const FileSystem& of) const;
    // One file of that. Null when absent; valid until the next write.
    const std::string* read(const FileSystem& of, std::string_view path) const;
    // A process has turned `before` (a view) into `after`: what changed goes where it is stored. Mounts
    // that are read-only keep what they had.
    void absorb(const FileSystem& of, const Files& before, const Files& after);

    std::shared_ptr<const void> save() const override;
    void load(const std::shared_ptr<const void>& state) override;

private:
    const Files& own(const FileSystem& of) const;

    using Volumes = OrderedMap<std::string, std::shared_ptr<const Files>>;
    Volumes volumes_;
};

// Files of a node by absolute path, as Disks keeps them and back.
Files relative_files(const Files& absolute);
Files absolute_files(const Files& relative);

}  // namespace kubewalk::kubelet
