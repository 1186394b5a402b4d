#pragma once
// What `iptables-save` and `ipset save` print, read back and judged line by line: a second opinion on every verdict that
// knows nothing of rules as data, of indexes or of the walk.

#include <doctest/doctest.h>

#include <cstdlib>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/text.h"
#include "core/net/node_stack.h"

namespace kubewalk {

class SaveReader {
public:
    explicit SaveReader(const net::NetNamespace& host) : host_(host) {
        std::string table;
        const std::string rules = net::save_text(host.rules(), Time{}), sets = net::ipset_save_text(host.ipsets);
        for (std::string_view line : split(rules, '\n')) {
            if (line.starts_with('*'))
                table = line.substr(1);
            else if (line.starts_with("-A "))
                chains_[cat(table, ' ', fields(line)[1])].push_back(words_of(line));
        }
        // "add NAME 10.244.1.2", "add NAME 10.0.0.0/8 nomatch"
        for (std::string_view line : split(sets, '\n'))
            if (const auto words = fields(line); words.size() >= 3 && words[0] == "add")
                sets_[std::string(words[1])].push_back({*net::Prefix::parse(words[2]), words.size() > 3 && words[3] == "nomatch"});
    }

    // "ACCEPT", "DROP", "REJECT", "DNAT 10.244.1.2:8080", "MASQUERADE"; "" when no rule decides. `state` as conntrack
    // words it; the pick-th chance on the way comes true.
    std::string judge(const std::string& table, const std::string& chain, net::Packet& packet, std::string_view state,
                      std::size_t pick) const {
        std::size_t chances = 0;
        return run(table, chain, {packet, state, pick, chances});
    }

private:
    using Words = std::vector<std::string>;
    struct Member {
        net::Prefix prefix;
        bool except = false;
    };
    struct At {
        net::Packet& packet;
        std::string_view state;
        std::size_t pick;
        std::size_t& chances;
    };

    // A line's words; what stands in quotes is one.
    static Words words_of(std::string_view line) {
        Words out;
        std::string word;
        bool quote = false, any = false;
        for (std::size_t i = 0; i < line.size(); ++i) {
            if (line[i] == '\\' && quote && i + 1 < line.size()) {
                word += line[++i];
            } else if (line[i] == '"') {
                quote = !quote;
                any = true;
            } else if (line[i] == ' ' && !quote) {
                if (any || !word.empty())
                    out.push_back(word);
                word.clear();
                any = false;
            } else {
                word += line[i];
            }
        }
        if (any || !word.empty())
            out.push_back(word);
        return out;
    }

    std::string run(const std::string& table, const std::string& chain, At at) const {
        const auto found = chains_.find(cat(table, ' ', chain));
        if (found == chains_.end())
            return "";
        for (const Words& rule : found->second) {
            std::size_t target = 0;
            if (!matches(rule, at, target) || target == 0)
                continue;
            const std::string& name = rule[target];
            if (name == "RETURN")
                return "";
            if (name == "NFLOG")
                continue;
            if (name == "MARK") {
                const auto parts = split(rule[target + 2], '/');
                at.packet.mark = (at.packet.mark & ~number(parts[1])) ^ number(parts[0]);
                continue;
            }
            if (name == "DNAT")
                return cat("DNAT ", rule[target + 2]);
            if (name == "ACCEPT" || name == "DROP" || name == "REJECT" || name == "MASQUERADE")
                return name;
            if (const std::string inner = run(table, name, at); !inner.empty())
                return inner;
        }
        return "";
    }

    static std::uint32_t number(std::string_view hex) { return static_cast<std::uint32_t>(std::strtoul(std::string(hex).c_str(), nullptr, 16)); }

    static bool mark_is(std::uint32_t mark, std::string_view text) {
        const auto parts = split(text, '/');
        return (mark & number(parts[1])) == number(parts[0]);
    }

    static bool state_is(std::string_view state, std::string_view wanted) {
        for (std::string_view have : split(state, ','))
            for (std::string_view want : split(wanted, ','))
                if (have == want)
                    return true;
        return false;
    }

    // The narrowest member decides.
    bool in_set(const std::string& name, const net::Ip& ip) const {
        const auto found = sets_.find(name);
        int length = -1;
        bool in = false;
        if (found != sets_.end())
            for (const Member& member : found->second)
                if (member.prefix.contains(ip) && member.prefix.length > length) {
                    length = member.prefix.length;
                    in = !member.except;
                }
        return in;
    }

    bool in_ports(std::string_view text, std::uint16_t port) const {
        const auto range = split(text, ':');
        return port >= *parse_int(range.front()) && port <= *parse_int(range.back());
    }

    bool matches(const Words& rule, At& at, std::size_t& target) const {
        const net::Tuple& tuple = at.packet.tuple;
        bool negate = false;
        for (std::size_t i = 2; i < rule.size(); ++i) {
            const std::string& word = rule[i];
            if (word == "!") {
                negate = true;
                continue;
            }
            if (word == "-j" || word == "-g") {
                target = i + 1;
                return true;
            }
            if (word == "-m" || word == "--comment" || word == "--nfacct-name" || word == "--mode" || word == "--limit" || word == "--limit-burst") {
                ++i;
                continue;
            }
            bool met = true;
            if (word == "-s" || word == "-d")
                met = net::Prefix::parse(rule[++i])->contains(word == "-s" ? tuple.source : tuple.destination);
            else if (word == "-p")
                met = net::protocol_name(tuple.protocol) == rule[++i];
            else if (word == "--dport" || word == "--dports")
                met = in_ports(rule[++i], tuple.destination_port);
            else if (word == "--mark")
                met = mark_is(at.packet.mark, rule[++i]);
            else if (word == "--ctstate")
                met = state_is(at.state, rule[++i]);
            else if (word == "--dst-type")
                met = (++i, host_.is_local(tuple.destination));
            else if (word == "--src-type")
                met = (++i, host_.is_local(tuple.source));
            else if (word == "--match-set")
                met = (i += 2, in_set(rule[i - 1], rule[i] == "src" ? tuple.source : tuple.destination));
            else if (word == "--probability")
                met = (++i, at.chances++ == at.pick);
            else if (word == "--icmp-type" || word == "--rcheck" || word == "--physdev-is-bridged")
                // TCP only; nobody was here before; what bridges pass is judged by the same chains as what is routed
                met = (i += word == "--icmp-type", false);
            else if (word == "--set" || word == "--reap" || word == "--rsource" || word == "--mask" || word == "--name" || word == "--seconds") {
                i += word == "--mask" || word == "--name" || word == "--seconds" ? 1 : 0;
                continue;
            } else {
                FAIL("a word of iptables-save that this reader does not know: ", word);
            }
            if (met == negate)
                return false;
            negate = false;
        }
        return true;
    }

    const net::NetNamespace& host_;
    std::map<std::string, std::vector<Words>> chains_;
    std::map<std::string, std::vector<Member>> sets_;
};

}  // namespace kubewalk
