// nslookup: BusyBox's own (since 1.29), BusyBox's through the C library (before), and BIND's.
// Upstream: busybox networking/nslookup.c, bind9 bin/dig/nslookup.c.

#include <algorithm>

#include "core/shell/programs.h"
#include "core/shell/programs/dns_client.h"

namespace kubewalk::shell {

namespace {

using net::DnsCode;
using net::DnsType;

std::string without_dot(std::string_view name) {
    return std::string(name.size() > 1 && name.back() == '.' ? name.substr(0, name.size() - 1) : name);
}

// Whether a name inside a record keeps the dot at its end: BIND's does (dns_rdata_totext), BusyBox's does not.
enum class EndDot : std::uint8_t { kept, cut };

// One record as both nslookups print it.
std::string record_text(const net::DnsRecord& record, EndDot dot) {
    const auto name = without_dot(record.name);
    const auto words = fields(record.data);
    const auto target = [dot](std::string_view text) { return dot == EndDot::kept ? std::string(text) : without_dot(text); };
    switch (record.type) {
    case DnsType::A:
    case DnsType::AAAA: return cat("Name:\t", name, "\nAddress: ", record.data, "\n");
    case DnsType::CNAME: return cat(name, "\tcanonical name = ", target(record.data), "\n");
    case DnsType::PTR: return cat(name, "\tname = ", target(record.data), "\n");
    case DnsType::NS: return cat(name, "\tnameserver = ", target(record.data), "\n");
    case DnsType::TXT: return cat(name, "\ttext = ", record.data, "\n");
    case DnsType::SRV:
        return words.size() == 4 ? cat(name, "\tservice = ", words[0], " ", words[1], " ", words[2], " ",
                                       target(words[3]), "\n")
                                 : std::string();
    case DnsType::SOA:
        return words.size() == 7
                   ? cat(name, "\n\torigin = ", without_dot(words[0]), "\n\tmail addr = ", without_dot(words[1]),
                         "\n\tserial = ", words[2], "\n\trefresh = ", words[3], "\n\tretry = ", words[4],
                         "\n\texpire = ", words[5], "\n\tminimum = ", words[6], "\n")
                   : std::string();
    default: return {};
    }
}

// "-type=SRV", "-query=a", "-q=...": the type, or nothing for others.
std::optional<std::string> type_option(std::string_view arg) {
    for (std::string_view prefix : {"-type=", "-querytype=", "-query=", "-qtype=", "-q=", "-t="})
        if (arg.substr(0, prefix.size()) == prefix)
            return std::string(arg.substr(prefix.size()));
    return std::nullopt;
}

struct Arguments {
    std::vector<DnsType> types;
    std::vector<std::string> operands;
    std::string bad_type;
};

Arguments read_arguments(const Process& process) {
    Arguments arguments;
    for (std::size_t i = 1; i < process.args.size(); ++i) {
        const auto& arg = process.args[i];
        if (auto type = type_option(arg)) {
            auto known = net::parse_dns_type(*type);
            if (known)
                arguments.types.push_back(*known);
            else
                arguments.bad_type = *type;
        } else if (arg.empty() || arg[0] != '-') {
            arguments.operands.push_back(arg);
        }
    }
    return arguments;
}

}  // namespace

int busybox_nslookup_main(Process& process) {
    const auto arguments = read_arguments(process);
    if (!arguments.bad_type.empty())
        return process.fail(1, "nslookup: invalid query type \"", arguments.bad_type, "\"\n");
    if (arguments.operands.empty() || arguments.operands.size() > 2)
        return process.fail(
            1,
            "BusyBox v1.36.1 multi-call binary.\n\nUsage: nslookup [-type=QUERY_TYPE] [-debug] HOST [DNS_SERVER]\n");
    DnsClient client(process);
    std::vector<std::string> search = client.conf.search;
    if (arguments.operands.size() == 2) {
        if (!client.use_server(arguments.operands[1]))
            return process.fail(1, "nslookup: bad address '", arguments.operands[1], "'\n");
        search.clear();  // it does not read resolv.conf then
    }
    if (search == std::vector<std::string>{"."})
        search.clear();
    const auto& host = arguments.operands[0];
    std::vector<std::pair<std::string, DnsType>> queries;
    // It knows no ndots: a name without dots gets every search domain, any other none.
    const auto add = [&](DnsType type) {
        if (host.find('.') != std::string::npos || search.empty() || type == DnsType::PTR)
            queries.emplace_back(host, type);
        else
            for (const auto& domain : search)
                queries.emplace_back(cat(host, ".", domain), type);
    };
    if (!arguments.types.empty()) {
        for (auto type : arguments.types)
            add(type);
    } else if (auto reverse = net::reverse_name(host)) {
        queries.emplace_back(without_dot(*reverse), DnsType::PTR);
    } else {
        add(DnsType::A);
        add(DnsType::AAAA);
    }
    int exit = 0;
    for (std::size_t server = 0; server < client.conf.nameservers.size(); ++server) {
        const auto answers = client.all_at_once(server, queries, seconds(5), 2);
        if (std::none_of(answers.begin(), answers.end(), [](const auto& a) { return a.has_value(); }))
            continue;
        const auto address = client.server(server);
        process.print("Server:\t\t", address.ip.text(), "\nAddress:\t", address.text(), "\n\n");
        bool unanswered = false;
        for (std::size_t i = 0; i < queries.size(); ++i) {
            if (!answers[i]) {
                unanswered = true;
                continue;
            }
            const auto& answer = *answers[i];
            if (answer.code != DnsCode::noerror) {
                process.print("** server can't find ", queries[i].first, ": ", net::dns_code_name(answer.code), "\n");
                exit = 1;
            } else {
                if (!answer.authoritative)
                    process.print("Non-authoritative answer:\n");
                for (const auto& record : answer.answer)
                    process.print(record_text(record, EndDot::cut));
            }
            process.print("\n");
        }
        for (std::size_t i = 0; i < queries.size() && unanswered; ++i)
            if (!answers[i])
                process.print("*** Can't find ", queries[i].first, ": No answer\n");
        if (unanswered)
            process.print("\n");
        return exit;
    }
    process.print(";; connection timed out; no servers could be reached\n\n");
    return 1;
}

int old_busybox_nslookup_main(Process& process) {
    if (process.args.size() < 2)
        return process.fail(1, "Usage: nslookup [HOST] [SERVER]\n");
    DnsClient client(process);
    if (process.args.size() > 2)
        client.use_server(process.args[2]);
    const auto print_host = [&](std::string_view host, std::string_view header) {
        auto resolution = process.resolve(host);
        if (resolution.addresses.empty())
            return process.fail(1, "nslookup: can't resolve '", host, "'\n");
        process.print(header, " ", host, "\n");
        int number = 0;
        for (const auto& ip : resolution.addresses) {
            const auto name = client.name_of(ip);
            process.print("Address ", ++number, ": ", ip.text(), name.empty() ? "" : " ", name, "\n");
        }
        return 0;
    };
    print_host(client.server(0).ip.text(), "Server:   ");
    process.print("\n");
    return print_host(process.args[1], "Name:     ");
}

int bind_nslookup_main(Process& process) {
    auto arguments = read_arguments(process);
    if (arguments.operands.empty())
        return process.fail(1, "nslookup: no interactive mode here\n");
    DnsClient client(process);
    if (arguments.operands.size() > 1 && !client.use_server(arguments.operands[1]))
        return process.fail(1, "nslookup: couldn't get address for '", arguments.operands[1], "': not found\n");
    const auto& host = arguments.operands[0];
    auto name = host;
    const bool by_default = arguments.types.empty();
    if (by_default) {
        if (auto reverse = net::reverse_name(host)) {
            name = *reverse;
            arguments.types = {DnsType::PTR};
        } else {
            arguments.types = {DnsType::A, DnsType::AAAA};
        }
    }
    bool header = false;
    int exit = 0;
    for (auto type : arguments.types) {
        // The search list belongs to the first question; AAAA goes to the name that was found.
        const auto queries = client.search(name, type);
        const auto& last = queries.back();
        if (last.outcome != net::Outcome::delivered) {
            process.print(";; connection timed out; no servers could be reached\n\n");
            return 1;
        }
        if (!header && (!by_default || type == DnsType::A))
            process.print("Server:\t\t", last.server.ip.text(), "\nAddress:\t", last.server.ip.text(), "#",
                          last.server.port, "\n\n");
        const auto& answer = last.answer;
        if (answer.code != DnsCode::noerror) {
            process.print("** server can't find ", without_dot(last.name), ": ", net::dns_code_name(answer.code),
                          "\n\n");
            return 1;
        }
        const bool second_family = type == DnsType::AAAA && header;
        if (answer.answer.empty()) {
            if (!second_family && arguments.types.size() == 1) {
                process.print("*** Can't find ", host, ": No answer\n\n");
                exit = 1;
            }
        } else {
            if (!answer.authoritative && !header)
                process.print("Non-authoritative answer:\n");
            for (const auto& record : answer.answer)
                process.print(record_text(record, EndDot::kept));
        }
        if (!answer.authoritative && type != DnsType::A && type != DnsType::AAAA) {
            process.print("\nAuthoritative answers can be found from:\n");
            for (const auto& record : answer.authority)
                process.print(record_text(record, EndDot::kept));
        }
        header = true;
        name = last.name;
    }
    process.print("\n");
    return exit;
}

}  // namespace kubewalk::shell
