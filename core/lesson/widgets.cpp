#include "core/lesson/widgets.h"

#include <algorithm>

#include "core/base/edit_distance.h"
#include "core/base/text.h"

namespace kubewalk::lesson {

namespace {

constexpr Widget table[] = {
    {"topbar/where"},
    {"topbar/learn"},
    {"topbar/sandbox"},
    {"topbar/language"},
    {"topbar/theme"},
    {"topbar/share"},
    {"topbar/simplified/open"},
    {"topbar/menu/open"},
    {"left/lesson/hint"},
    {"left/lesson/solution"},
    {"left/lesson/back"},
    {"left/lesson/next"},
    {"view/tabs/architecture"},
    {"view/tabs/cluster"},
    {"view/tabs/traffic"},
    {"view/tabs/dns"},
    {"bottom/tabs/terminal"},
    {"bottom/tabs/events"},
    {"bottom/tabs/api-calls"},
    {"bottom/terminal/input"},
    {"time/start"},
    {"time/back"},
    {"time/play"},
    {"time/forward"},
    {"time/next-change"},
    {"time/speed/open"},
    {"time/scrubber"},

    {"view/architecture/board/kubectl", "architecture"},
    {"view/architecture/board/kube-apiserver", "architecture"},
    {"view/architecture/board/kube-apiserver/power", "architecture"},
    {"view/architecture/board/etcd", "architecture"},
    {"view/architecture/board/etcd/power", "architecture"},
    {"view/architecture/board/kube-controller-manager", "architecture"},
    {"view/architecture/board/kube-controller-manager/power", "architecture"},
    {"view/architecture/board/kube-scheduler", "architecture"},
    {"view/architecture/board/kube-scheduler/power", "architecture"},
    {"view/architecture/board/cloud", "architecture", true},
    {"view/architecture/board/cloud-controller-manager", "architecture", true},
    {"view/architecture/board/cloud-controller-manager/power", "architecture", true},
    {"view/architecture/board/node/{node}/title", "architecture"},
    {"view/architecture/board/node/{node}/power", "architecture"},
    {"view/architecture/board/node/{node}/link", "architecture"},
    {"view/architecture/board/kubelet/{node}", "architecture"},
    {"view/architecture/board/kubelet/{node}/power", "architecture"},
    {"view/architecture/board/runtime/{node}", "architecture"},
    {"view/architecture/board/runtime/{node}/power", "architecture"},
    {"view/architecture/board/kube-proxy/{node}", "architecture"},
    {"view/architecture/board/kube-proxy/{node}/power", "architecture"},
    {"view/architecture/board/flannel/{node}", "architecture"},
    {"view/architecture/board/flannel/{node}/power", "architecture"},

    {"view/cluster/tools/namespace/open", "cluster"},
    {"view/cluster/tools/search", "cluster"},
    {"view/cluster/tools/fit", "cluster"},
    {"view/cluster/nodes//{node}", "cluster"},
    {"view/cluster/services/{name}/{name}", "cluster"},
    {"view/cluster/deployments/{name}/{name}", "cluster"},
    {"view/cluster/statefulsets/{name}/{name}", "cluster"},
    {"view/cluster/daemonsets/{name}/{name}", "cluster"},

    {"view/traffic/from/open", "traffic"},
    {"view/traffic/url", "traffic"},
    {"view/traffic/targets/open", "traffic"},
    {"view/traffic/count/open", "traffic"},
    {"view/traffic/send", "traffic"},
    {"view/traffic/stage/laptop", "traffic"},
    {"view/traffic/stage/internet", "traffic"},
    {"view/traffic/stage/node/{node}", "traffic"},

    {"view/dns/from/open", "dns"},
    {"view/dns/name", "dns"},
    {"view/dns/type/open", "dns"},
    {"view/dns/look-up", "dns"},
};

bool is_node(std::string_view name, int workers) {
    if (name == "control-plane")
        return true;
    if (!name.starts_with("node-"))
        return false;
    const auto number = parse_int(name.substr(5));
    return number && *number >= 1 && *number <= workers;
}

// Whether the path is the widget's; `node` gets a name that stands where a machine should.
bool is_the(const Widget& widget, std::string_view path, int workers, std::string_view* stranger) {
    const auto wanted = split(widget.path, '/'), given = split(path, '/');
    if (wanted.size() != given.size())
        return false;
    std::string_view not_a_node;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        if (wanted[i] == "{node}") {
            if (!is_node(given[i], workers))
                not_a_node = given[i];
        } else if (wanted[i] == "{name}" ? given[i].empty() : wanted[i] != given[i]) {
            return false;
        }
    }
    *stranger = not_a_node;
    return true;
}

std::string spelled(std::string_view path) { return replace_all(replace_all(path, "{node}", "node-1"), "{name}", "NAME"); }

// What may have been meant: the nearest spellings, and what ends in the same word.
std::vector<std::string> near_matches(std::string_view highlight, const cluster::Options& start) {
    struct Match {
        std::size_t away;
        std::string path;
    };
    std::vector<Match> matches;
    const auto word = [](std::string_view path) { return path.substr(path.rfind('/') + 1); };
    const auto consider = [&](std::string path) {
        std::size_t away = edit_distance(highlight, path);
        if (word(path) == word(highlight) || edit_distance(word(path), word(highlight)) == 1)
            away = std::min<std::size_t>(away, 2);
        if (away <= std::max<std::size_t>(3, highlight.size() / 5))
            matches.push_back({away, std::move(path)});
    };
    for (const WidgetPanel& panel : widget_panels)
        consider(cat("panel/", panel.id));
    for (const Widget& widget : table)
        if (!widget.cloud || start.cloud)
            consider(spelled(widget.path));
    std::stable_sort(matches.begin(), matches.end(), [](const Match& a, const Match& b) { return a.away < b.away; });
    std::vector<std::string> paths;
    for (std::size_t i = 0; i < matches.size() && i < 4; ++i)
        paths.push_back(std::move(matches[i].path));
    return paths;
}

std::string_view panel_of(std::string_view highlight) {
    const auto slash = highlight.find('/');
    const auto dock = highlight.substr(0, slash), id = slash == std::string_view::npos ? std::string_view() : highlight.substr(slash + 1);
    for (const WidgetPanel& panel : widget_panels)
        if (panel.id == id && (dock == "panel" || dock == panel.dock))
            return panel.id;
    return {};
}

}  // namespace

std::span<const Widget> widgets() { return table; }

std::string highlight_problem(std::string_view highlight, std::string_view view, const cluster::Options& start) {
    if (highlight.empty() || !panel_of(highlight).empty())
        return {};
    constexpr std::size_t longest = 200;  // a pack may come from anybody
    for (const Widget& widget : table) {
        std::string_view stranger;
        if (highlight.size() > longest || !is_the(widget, highlight, start.workers, &stranger))
            continue;
        if (!stranger.empty())
            return start.workers > 0 ? cat("there is no machine ", quoted(stranger), "; they are control-plane and node-1 to node-", start.workers)
                                     : cat("there is no machine ", quoted(stranger), "; the only one is control-plane");
        if (widget.cloud && !start.cloud)
            return cat(quoted(highlight), " is on the page only where \"start\" has \"cloud\": true");
        if (!widget.view.empty() && !view.empty() && widget.view != view)
            return cat(quoted(highlight), " is in the view ", widget.view, ", and this step shows ", view);
        return {};
    }
    const auto meant = highlight.size() > longest ? std::vector<std::string>() : near_matches(highlight, start);
    return cat("there is no widget ", quoted(highlight.substr(0, longest)), "; ",
               meant.empty() ? std::string("lessons/README.md lists them")
                             : cat("perhaps it is ", join(meant, ", ")));
}

}  // namespace kubewalk::lesson
