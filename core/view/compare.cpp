#include "core/view/compare.h"

#include <algorithm>
#include <map>

#include "core/base/text.h"

namespace kubewalk::view {

namespace {

// Names that differ from cluster to cluster and from request to request, replaced by the part they play: the
// second machine on the way, the address that was dialled. So a request to node-1 and one to node-2 can be the
// same way.
class Parts {
public:
    explicit Parts(const TrafficScene& scene) {
        if (scene.steps.empty())
            return;
        const auto& first = scene.steps.front().data.in;
        part(addresses_, first.source.ip.text());
        part(addresses_, first.destination.ip.text());
        for (const auto& step : scene.steps) {
            part(machines_, step.machine);
            for (const auto* header : {&step.data.in, &step.data.out})
                for (const auto* end : {&header->source, &header->destination})
                    part(addresses_, end->ip.text());
        }
    }
    std::size_t machine(const std::string& name) const { return machines_.at(name); }
    std::string end(const net::SocketAddress& address) const {
        // Ports above the range of services are chosen anew by every client and by masquerading.
        constexpr std::uint16_t first_ephemeral = 32768;
        return cat(addresses_.at(address.ip.text()), address.port >= first_ephemeral ? std::string() : cat(":", address.port));
    }
    std::string header(const net::Header& header) const { return cat(end(header.source), ">", end(header.destination), "#", header.mark); }

private:
    static void part(std::map<std::string, std::size_t>& parts, const std::string& name) { parts.emplace(name, parts.size()); }
    std::map<std::string, std::size_t> machines_, addresses_;
};

// Chains that kube-proxy names by a hash: the kind is what counts.
std::string chain_kind(const std::string& chain) {
    for (const std::string_view prefix : {"KUBE-SEP-", "KUBE-SVC-", "KUBE-SVL-", "KUBE-EXT-", "KUBE-FW-", "KUBE-POD-FW-"})
        if (chain.starts_with(prefix))
            return std::string(prefix);
    return chain;
}

// Two hops with the same key do the same thing, if perhaps elsewhere.
std::string key_of(const TrafficStep& step) {
    std::string at = chain_kind(step.data.at);
    if (at.find('/') != std::string::npos)
        at = "pod";  // a Pod's own interface: "front-end-7d…/eth0"
    if (at.starts_with("veth"))
        at = "veth";
    return cat(static_cast<int>(step.direction), "|", static_cast<int>(step.data.place), "|", at);
}

bool same_chains(const TrafficStep& a, const TrafficStep& b) {
    return std::equal(a.data.chain.begin(), a.data.chain.end(), b.data.chain.begin(), b.data.chain.end(),
                      [](const std::string& x, const std::string& y) { return chain_kind(x) == chain_kind(y); });
}

HopDifference difference_of(const TrafficStep& a, const Parts& left, const TrafficStep& b, const Parts& right) {
    if (a.data.verdict != b.data.verdict)
        return HopDifference::verdict;
    if (left.machine(a.machine) != right.machine(b.machine))
        return HopDifference::node;
    if (left.header(a.data.in) != right.header(b.data.in) || left.header(a.data.out) != right.header(b.data.out))
        return HopDifference::header;
    return same_chains(a, b) ? HopDifference::none : HopDifference::chains;
}

}  // namespace

std::vector<HopPair> compare_hops(const TrafficScene& left, const TrafficScene& right) {
    const auto& a = left.steps;
    const auto& b = right.steps;
    const Parts left_parts(left), right_parts(right);
    std::vector<std::string> left_keys, right_keys;
    for (const auto& step : a)
        left_keys.push_back(key_of(step));
    for (const auto& step : b)
        right_keys.push_back(key_of(step));
    // The longest common subsequence; hops are few.
    const std::size_t rows = a.size(), columns = b.size();
    std::vector<std::vector<std::size_t>> length(rows + 1, std::vector<std::size_t>(columns + 1, 0));
    for (std::size_t i = rows; i-- > 0;)
        for (std::size_t j = columns; j-- > 0;)
            length[i][j] = left_keys[i] == right_keys[j] ? length[i + 1][j + 1] + 1 : std::max(length[i + 1][j], length[i][j + 1]);
    std::vector<HopPair> pairs;
    std::size_t i = 0, j = 0;
    while (i < rows || j < columns) {
        if (i < rows && j < columns && left_keys[i] == right_keys[j]) {
            pairs.push_back({static_cast<int>(i), static_cast<int>(j), difference_of(a[i], left_parts, b[j], right_parts)});
            ++i;
            ++j;
        } else if (j == columns || (i < rows && length[i + 1][j] >= length[i][j + 1])) {
            pairs.push_back({static_cast<int>(i++), -1, HopDifference::only_left});
        } else {
            pairs.push_back({-1, static_cast<int>(j++), HopDifference::only_right});
        }
    }
    return pairs;
}

}  // namespace kubewalk::view
