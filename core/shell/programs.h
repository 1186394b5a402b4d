#pragma once
// Declarations of the programs; programs.cpp gives them their names.

#include "core/shell/program.h"

namespace kubewalk::shell {

// programs/sh.cpp
int sh_main(Process& process);
int ash_main(Process& process);
int bash_main(Process& process);
int busybox_main(Process& process);
// programs/system.cpp
int mount_main(Process& process);
int df_main(Process& process);
int free_main(Process& process);
int nproc_main(Process& process);
int top_main(Process& process);
int stat_main(Process& process);
int find_main(Process& process);
// programs/ls.cpp
int ls_main(Process& process);
// programs/text.cpp
int echo_main(Process& process);
int printf_main(Process& process);
int cat_main(Process& process);
int busybox_cat_main(Process& process);
int grep_main(Process& process);
int head_main(Process& process);
int tail_main(Process& process);
int wc_main(Process& process);
int sort_main(Process& process);
// programs/environment.cpp
int env_main(Process& process);
int printenv_main(Process& process);
int hostname_main(Process& process);
int id_main(Process& process);
int whoami_main(Process& process);
int pwd_main(Process& process);
int sleep_main(Process& process);
int true_main(Process& process);
int false_main(Process& process);
int date_main(Process& process);
int ps_main(Process& process);
int uname_main(Process& process);
int seq_main(Process& process);
int which_main(Process& process);
// programs/wget.cpp
int busybox_wget_main(Process& process);
int gnu_wget_main(Process& process);
// programs/curl.cpp
int curl_main(Process& process);
// programs/nslookup.cpp
int busybox_nslookup_main(Process& process);
int old_busybox_nslookup_main(Process& process);
int bind_nslookup_main(Process& process);
// programs/dig.cpp
int dig_main(Process& process);
int host_main(Process& process);
// programs/getent.cpp
int getent_main(Process& process);
// programs/ping.cpp
int busybox_ping_main(Process& process);
int ping_main(Process& process);
// programs/tcpdump.cpp
int tcpdump_main(Process& process);
// programs/traceroute.cpp
int traceroute_main(Process& process);
int busybox_traceroute_main(Process& process);
// programs/kernel.cpp
int conntrack_main(Process& process);
int dmesg_main(Process& process);
int sysctl_main(Process& process);
// programs/ip.cpp
int ip_main(Process& process);
// programs/sockets.cpp
int ss_main(Process& process);
int netstat_main(Process& process);
int nc_main(Process& process);
int busybox_nc_main(Process& process);
// programs/iptables.cpp
int iptables_main(Process& process);
int iptables_save_main(Process& process);
int ip6tables_main(Process& process);
int ip6tables_save_main(Process& process);
// programs/balancers.cpp
int ipvsadm_main(Process& process);
int ipset_main(Process& process);
int nft_main(Process& process);
// programs/columns.cpp
int uniq_main(Process& process);
int cut_main(Process& process);
int tr_main(Process& process);
int tac_main(Process& process);
int nl_main(Process& process);
int sed_main(Process& process);
int awk_main(Process& process);
int base64_main(Process& process);
int xargs_main(Process& process);
int clear_main(Process& process);
// programs/jq.cpp
int jq_main(Process& process);
// programs/files.cpp
int touch_main(Process& process);
int rm_main(Process& process);
int mkdir_main(Process& process);
int cp_main(Process& process);
int mv_main(Process& process);
int tee_main(Process& process);
int chmod_main(Process& process);

}  // namespace kubewalk::shell
