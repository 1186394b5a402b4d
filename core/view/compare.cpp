#include "core/view/compare.h"

#include <algorithm>

#include "core/base/text.h"

namespace kubewalk::view {

namespace {

// Two hops with the same key do the same thing, if perhaps elsewhere.
std::string key_of(const TrafficStep& step) {
    std::string at = step.data.at;
    if (const auto slash = at.rfind('/'); slash != std::string::npos)
        at = "pod";  // a Pod's own interface: "front-end-7d…/eth0"
    if (at.starts_with("veth"))
        at = "veth";
    // The endpoint's chain has the endpoint's name.
    for (const std::string_view prefix : {"KUBE-SEP-", "KUBE-SVC-", "KUBE-SVL-", "KUBE-XLB-", "KUBE-EXT-", "KUBE-FW-"})
        if (at.starts_with(prefix))
            at = prefix;
    return cat(static_cast<int>(step.direction), "|", static_cast<int>(step.data.place), "|", at);
}

// Ports above the range of services are chosen anew by every client and by masquerading.
bool same_end(const net::SocketAddress& a, const net::SocketAddress& b) {
    constexpr std::uint16_t first_ephemeral = 32768;
    const bool chosen = a.port >= first_ephemeral && b.port >= first_ephemeral;
    return a.ip == b.ip && (a.port == b.port || chosen);
}

bool same_header(const net::Header& a, const net::Header& b) {
    return same_end(a.source, b.source) && same_end(a.destination, b.destination) && a.mark == b.mark;
}

HopDifference difference_of(const TrafficStep& a, const TrafficStep& b) {
    if (a.data.verdict != b.data.verdict)
        return HopDifference::verdict;
    if (a.machine != b.machine)
        return HopDifference::node;
    if (!same_header(a.data.in, b.data.in) || !same_header(a.data.out, b.data.out))
        return HopDifference::header;
    return HopDifference::none;
}

}  // namespace

std::vector<HopPair> compare_hops(const TrafficScene& left, const TrafficScene& right) {
    const auto& a = left.steps;
    const auto& b = right.steps;
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
            pairs.push_back({static_cast<int>(i), static_cast<int>(j), difference_of(a[i], b[j])});
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
