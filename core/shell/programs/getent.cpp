// getent hosts|ahosts NAME. Upstream: glibc nss/getent.c.

#include <algorithm>

#include "core/shell/programs.h"
#include "core/shell/programs/dns_client.h"

namespace kubewalk::shell {

namespace {

std::string column(std::string text) {
    constexpr std::size_t width = 16;
    text.resize(std::max(text.size() + (text.size() >= width ? 1 : 0), width), ' ');
    return text;
}

}  // namespace

int getent_main(Process& process) {
    constexpr int not_found = 2;
    if (process.args.size() < 3)
        return process.fail(1, "getent: wrong number of arguments\n");
    const auto& database = process.args[1];
    if (database != "hosts" && database != "ahosts" && database != "ahostsv4")
        return process.fail(1, "Unknown database: ", database,
                            "\nTry `getent --help' or `getent --usage' for more information.\n");
    int exit = 0;
    for (std::size_t i = 2; i < process.args.size(); ++i) {
        const auto& name = process.args[i];
        if (auto ip = net::Ip::parse(name); ip && database == "hosts") {
            const auto host = DnsClient(process).name_of(*ip);
            if (host.empty())
                exit = not_found;
            else
                process.print(column(ip->text()), host, "\n");
            continue;
        }
        const auto found =
            process.resolve(name, database == "ahostsv4" ? net::WantFamilies::ipv4_only : net::WantFamilies::both);
        if (found.addresses.empty())
            exit = not_found;
        if (database == "hosts") {
            // gethostbyname2: IPv6 addresses if there are any, else IPv4.
            const bool ipv6 = std::any_of(found.addresses.begin(), found.addresses.end(),
                                          [](const auto& ip) { return ip.family == net::Family::ipv6; });
            for (const auto& ip : found.addresses)
                if ((ip.family == net::Family::ipv6) == ipv6)
                    process.print(column(ip.text()), found.canonical_name, "\n");
            continue;
        }
        bool first = true;
        for (const auto& ip : found.addresses) {
            process.print(column(ip.text()), "STREAM ", first ? found.canonical_name : std::string(), "\n",
                          column(ip.text()), "DGRAM  \n", column(ip.text()), "RAW    \n");
            first = false;
        }
    }
    return exit;
}

}  // namespace kubewalk::shell
