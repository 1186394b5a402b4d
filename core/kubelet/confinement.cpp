#include "core/kubelet/confinement.h"

#include <algorithm>
#include <iterator>

#include "core/base/text.h"

namespace kubewalk::kubelet {
namespace {

// Bits of linux/capability.h.
constexpr std::string_view capability_names[] = {
    "CHOWN", "DAC_OVERRIDE", "DAC_READ_SEARCH", "FOWNER", "FSETID", "KILL", "SETGID", "SETUID", "SETPCAP", "LINUX_IMMUTABLE",
    "NET_BIND_SERVICE", "NET_BROADCAST", "NET_ADMIN", "NET_RAW", "IPC_LOCK", "IPC_OWNER", "SYS_MODULE", "SYS_RAWIO", "SYS_CHROOT",
    "SYS_PTRACE", "SYS_PACCT", "SYS_ADMIN", "SYS_BOOT", "SYS_NICE", "SYS_RESOURCE", "SYS_TIME", "SYS_TTY_CONFIG", "MKNOD", "LEASE",
    "AUDIT_WRITE", "AUDIT_CONTROL", "SETFCAP", "MAC_OVERRIDE", "MAC_ADMIN", "SYSLOG", "WAKE_ALARM", "BLOCK_SUSPEND", "AUDIT_READ",
    "PERFMON", "BPF", "CHECKPOINT_RESTORE"};

std::uint64_t capability_set(const api::Value& security) {
    constexpr std::uint64_t usual = 0xa80425fb;  // containerd pkg/oci (defaultUnixCaps)
    constexpr std::uint64_t all = (std::uint64_t{1} << std::size(capability_names)) - 1;
    if (security["privileged"].as_bool())
        return all;
    std::uint64_t set = usual;
    const auto bits = [](std::string_view name) {
        if (name.starts_with("CAP_"))
            name.remove_prefix(4);
        const auto found = std::find(std::begin(capability_names), std::end(capability_names), name);
        return found == std::end(capability_names) ? 0 : std::uint64_t{1} << (found - std::begin(capability_names));
    };
    // ALL comes first on either side (containerd internal/cri/opts, WithCapabilities).
    for (const auto& name : security["capabilities"]["add"].items())
        if (name.as_string() == "ALL")
            set = all;
    for (const auto& name : security["capabilities"]["drop"].items())
        if (name.as_string() == "ALL")
            set = 0;
    for (const auto& name : security["capabilities"]["add"].items())
        if (name.as_string() != "ALL")
            set |= bits(name.as_string());
    for (const auto& name : security["capabilities"]["drop"].items())
        if (name.as_string() != "ALL")
            set &= ~bits(name.as_string());
    return set;
}

std::string hexadecimal(std::uint64_t number) {
    std::string text(16, '0');
    for (std::size_t i = 0; i < text.size(); ++i)
        text[text.size() - 1 - i] = "0123456789abcdef"[(number >> (4 * i)) & 15];
    return text;
}

std::string base_name_of(const std::vector<std::string>& argv) {
    return argv.empty() ? std::string() : argv[0].substr(argv[0].rfind('/') + 1);
}

std::string process_status(const shell::ProcessContext& context, const std::vector<std::string>& argv) {
    const auto& confinement = *context.confinement;
    const auto uid = context.uid;
    auto groups = confinement.groups;
    groups.push_back(confinement.gid);
    std::sort(groups.begin(), groups.end());
    groups.erase(std::unique(groups.begin(), groups.end()), groups.end());
    std::string listed;
    for (const auto group : groups)
        append(listed, group, " ");
    const auto held = uid == 0 ? confinement.capabilities : 0;
    const auto four = [](std::int64_t id) { return cat(id, "\t", id, "\t", id, "\t", id); };
    return cat("Name:\t", base_name_of(argv), "\nUmask:\t0022\nState:\tS (sleeping)\nTgid:\t1\nNgid:\t0\nPid:\t1\nPPid:\t0\nTracerPid:\t0\nUid:\t", four(uid), "\nGid:\t", four(confinement.gid),
               "\nFDSize:\t64\nGroups:\t", listed, "\nThreads:\t1\nCapInh:\t", hexadecimal(0), "\nCapPrm:\t", hexadecimal(held), "\nCapEff:\t", hexadecimal(held),
               "\nCapBnd:\t", hexadecimal(confinement.capabilities), "\nCapAmb:\t", hexadecimal(0), "\nNoNewPrivs:\t", confinement.no_new_privileges ? 1 : 0,
               "\nSeccomp:\t0\n");
}

std::string mount_table(const shell::Confinement& confinement) {
    std::string table;
    for (const auto& mount : confinement.mounts)
        append(table, mount.device, " ", mount.path.empty() ? "/" : mount.path, " ", mount.type, " ", mount.read_only ? "ro," : "rw,", mount.options, " 0 0\n");
    return table;
}

}  // namespace

shell::Confinement asked_confinement(const api::Value& pod_security, const api::Value& security) {
    shell::Confinement made;
    const auto& group = security["runAsGroup"].is_int() ? security["runAsGroup"] : pod_security["runAsGroup"];
    made.gid = group.as_int(-1);
    if (pod_security["fsGroup"].is_int())
        made.groups.push_back(pod_security["fsGroup"].as_int());
    for (const auto& one : pod_security["supplementalGroups"].items())
        made.groups.push_back(one.as_int());
    made.capabilities = capability_set(security);
    made.read_only_root = security["readOnlyRootFilesystem"].as_bool();
    made.no_new_privileges = !security["allowPrivilegeEscalation"].as_bool(true);
    return made;
}

std::shared_ptr<const shell::Confinement> confinement_of(const ContainerConfig& config, std::int64_t image_uid) {
    shell::Confinement made = config.asked;
    // Without one it is the primary group that the image knows for its user, and root's for a user that it does not know.
    if (made.gid < 0)
        made.gid = config.uid == image_uid ? image_uid : 0;
    const bool sealed = made.read_only_root;
    constexpr std::string_view usual = "nosuid,nodev,noexec,relatime";
    made.mounts = {{"", "overlay", "overlay", "relatime", sealed},
                   {"/proc", "proc", "proc", usual},
                   {"/dev", "tmpfs", "tmpfs", "nosuid,size=65536k,mode=755"},
                   {"/dev/pts", "devpts", "devpts", "nosuid,noexec,relatime,gid=5,mode=620,ptmxmode=666"},
                   {"/dev/mqueue", "mqueue", "mqueue", usual},
                   {"/sys", "sysfs", "sysfs", usual, true},
                   {"/sys/fs/cgroup", "cgroup", "cgroup2", usual, true}};
    for (const auto& mount : config.mounts) {
        // What the kubelet writes into a Pod's own volume is nobody else's to change.
        const bool content = mount.access == Access::read_only && mount.volume.starts_with("pod/");
        made.mounts.push_back({mount.path == "/" ? std::string() : mount.path, content ? "tmpfs" : "/dev/vda1", content ? "tmpfs" : "ext4", "relatime",
                               mount.access == Access::read_only, true, content});
    }
    for (const std::string_view file : {"/etc/hosts", "/dev/termination-log", "/etc/hostname", "/etc/resolv.conf"})
        made.mounts.push_back({std::string(file), "/dev/vda1", "ext4", "relatime", sealed && file.starts_with("/etc/h")});
    made.mounts.push_back({"/dev/shm", "shm", "tmpfs", "nosuid,nodev,noexec,relatime,size=65536k"});
    return std::make_shared<const shell::Confinement>(std::move(made));
}

void confine(shell::ProcessContext& context, const std::shared_ptr<const shell::Confinement>& confinement, const std::vector<std::string>& argv) {
    if (!confinement)
        return;  // of a program that nobody has put into a container
    context.confinement = confinement;
    context.files["/proc/1/status"] = process_status(context, argv);
    context.files["/proc/mounts"] = context.files["/proc/1/mounts"] = mount_table(*confinement);
}

}  // namespace kubewalk::kubelet
