#include "core/shell/programs.h"

namespace kubewalk::shell {

namespace {

constexpr std::string_view any;  // programs without a flavour

constexpr Program known_programs[] = {
    {any, "sh", sh_main},
    {any, "bash", bash_main},
    {any, "busybox", busybox_main},
    {any, "echo", echo_main},
    {any, "printf", printf_main},
    {any, "cat", cat_main},
    {any, "grep", grep_main},
    {any, "head", head_main},
    {any, "tail", tail_main},
    {any, "wc", wc_main},
    {any, "sort", sort_main},
    {any, "uniq", uniq_main},
    {any, "cut", cut_main},
    {any, "tr", tr_main},
    {any, "tac", tac_main},
    {any, "nl", nl_main},
    {any, "sed", sed_main},
    {any, "awk", awk_main},
    {any, "base64", base64_main},
    {any, "xargs", xargs_main},
    {any, "clear", clear_main},
    {any, "jq", jq_main},
    {any, "env", env_main},
    {any, "printenv", printenv_main},
    {any, "hostname", hostname_main},
    {any, "id", id_main},
    {any, "whoami", whoami_main},
    {any, "pwd", pwd_main},
    {any, "ls", ls_main},
    {any, "sleep", sleep_main},
    {any, "true", true_main},
    {any, "false", false_main},
    {any, "date", date_main},
    {any, "touch", touch_main},
    {any, "rm", rm_main},
    {any, "mkdir", mkdir_main},
    {any, "cp", cp_main},
    {any, "mv", mv_main},
    {any, "tee", tee_main},
    {any, "chmod", chmod_main},
    {any, "uname", uname_main},
    {any, "seq", seq_main},
    {any, "which", which_main},
    {any, "mount", mount_main},
    {any, "df", df_main},
    {any, "free", free_main},
    {any, "nproc", nproc_main},
    {any, "top", top_main},
    {any, "stat", stat_main},
    {any, "find", find_main},
    {any, "wget", gnu_wget_main},
    {any, "curl", curl_main},
    {any, "nslookup", bind_nslookup_main},
    {any, "dig", dig_main},
    {any, "host", host_main},
    {any, "getent", getent_main},
    {any, "ping", ping_main},
    {any, "ping6", ping_main},
    {any, "ip", ip_main},
    {any, "tcpdump", tcpdump_main},
    {any, "traceroute", traceroute_main},
    {any, "conntrack", conntrack_main},
    {any, "dmesg", dmesg_main},
    {any, "sysctl", sysctl_main},
    {any, "ss", ss_main},
    {any, "netstat", netstat_main},
    {any, "nc", nc_main},
    {any, "iptables", iptables_main},
    {any, "iptables-save", iptables_save_main},
    {any, "ip6tables", ip6tables_main},
    {any, "ip6tables-save", ip6tables_save_main},
    {any, "ipvsadm", ipvsadm_main},
    {any, "ipset", ipset_main},
    {any, "nft", nft_main},

    {"busybox", "sh", ash_main},
    {"busybox", "ash", ash_main},
    {"busybox", "busybox", busybox_main},
    {"busybox", "echo", echo_main},
    {"busybox", "printf", printf_main},
    {"busybox", "cat", busybox_cat_main},
    {"busybox", "grep", grep_main},
    {"busybox", "head", head_main},
    {"busybox", "tail", tail_main},
    {"busybox", "wc", wc_main},
    {"busybox", "sort", sort_main},
    {"busybox", "uniq", uniq_main},
    {"busybox", "cut", cut_main},
    {"busybox", "tr", tr_main},
    {"busybox", "tac", tac_main},
    {"busybox", "nl", nl_main},
    {"busybox", "sed", sed_main},
    {"busybox", "awk", awk_main},
    {"busybox", "base64", base64_main},
    {"busybox", "xargs", xargs_main},
    {"busybox", "clear", clear_main},
    {"busybox", "env", env_main},
    {"busybox", "printenv", printenv_main},
    {"busybox", "hostname", hostname_main},
    {"busybox", "id", id_main},
    {"busybox", "whoami", whoami_main},
    {"busybox", "pwd", pwd_main},
    {"busybox", "ls", ls_main},
    {"busybox", "sleep", sleep_main},
    {"busybox", "true", true_main},
    {"busybox", "false", false_main},
    {"busybox", "date", date_main},
    {"busybox", "touch", touch_main},
    {"busybox", "rm", rm_main},
    {"busybox", "mkdir", mkdir_main},
    {"busybox", "cp", cp_main},
    {"busybox", "mv", mv_main},
    {"busybox", "tee", tee_main},
    {"busybox", "chmod", chmod_main},
    {"busybox", "ps", ps_main},
    {"busybox", "uname", uname_main},
    {"busybox", "seq", seq_main},
    {"busybox", "which", which_main},
    {"busybox", "mount", mount_main},
    {"busybox", "df", df_main},
    {"busybox", "free", free_main},
    {"busybox", "nproc", nproc_main},
    {"busybox", "top", top_main},
    {"busybox", "stat", stat_main},
    {"busybox", "find", find_main},
    {"busybox", "sysctl", sysctl_main},
    {"busybox", "wget", busybox_wget_main},
    {"busybox", "nslookup", busybox_nslookup_main},
    {"busybox", "ping", busybox_ping_main},
    {"busybox", "ping6", busybox_ping_main},
    {"busybox", "ip", ip_main},
    {"busybox", "traceroute", busybox_traceroute_main},
    {"busybox", "netstat", netstat_main},
    {"busybox", "nc", busybox_nc_main},

    {"busybox-1.28", "nslookup", old_busybox_nslookup_main},
};

// A flavour falls back on the plain one ("netshoot:dig" is dig).
const Program* find_or_plain(std::string_view flavour, std::string_view name) {
    const auto* program = find_program(flavour, name);
    if (!program && flavour.substr(0, 7) == "busybox" && flavour != "busybox")
        program = find_program("busybox", name);
    return program || flavour.empty() ? program : find_program(any, name);
}

}  // namespace

std::span<const Program> programs() { return known_programs; }

const Program* find_program(std::string_view flavour, std::string_view name) {
    for (const auto& program : known_programs)
        if (program.flavour == flavour && program.name == name)
            return &program;
    return nullptr;
}

const Program* program_of(const ProcessContext& context, std::string_view name) {
    if (const auto slash = name.rfind('/'); slash != std::string_view::npos) {
        const auto folder = name.substr(0, slash);
        if (folder != "/bin" && folder != "/usr/bin" && folder != "/sbin" && folder != "/usr/sbin" &&
            folder != "/usr/local/bin")
            return nullptr;
        name.remove_prefix(slash + 1);
    }
    const Program* fallback = nullptr;
    for (std::string_view entry : context.programs) {
        std::string_view flavour;
        if (const auto colon = entry.find(':'); colon != std::string_view::npos) {
            flavour = entry.substr(0, colon);
            entry.remove_prefix(colon + 1);
        }
        if (entry == name)
            return find_or_plain(flavour, name);
        if (entry == "*" && !fallback)
            fallback = find_program(flavour, name);
    }
    return fallback;
}

}  // namespace kubewalk::shell
