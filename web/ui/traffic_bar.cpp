#include "web/ui/traffic_bar.h"

#include <algorithm>
#include <utility>

#include "core/base/text.h"
#include "web/ui/hop_words.h"
#include "web/ui/rich_text.h"
#include "web/ui/widgets.h"

namespace kubewalk::ui {

namespace {

using app::ActionKind;

constexpr int counts[] = {1, 5, 10, 20, 50};

std::vector<DropdownItem> sources(const Ui& ui) {
    std::vector<DropdownItem> out = {{"laptop", "laptop"}, {"internet", "internet"}};
    const view::Architecture& snapshot = ui.model().architecture;
    for (const view::NodeBox& node : snapshot.nodes) out.push_back({"node/" + node.name, "node/" + node.name});
    // What the learner's programs are comes before what keeps the cluster running.
    for (bool system : {false, true})
        for (const view::NodeBox& node : snapshot.nodes)
            for (const view::PodChip& pod : node.pods) {
                if (pod.namespace_name.starts_with("kube-") != system || pod.ip.empty() || pod.ip == node.ip) continue;
                std::string id = cat("pod/", pod.namespace_name, "/", pod.name);
                out.push_back({id, id});
                if (out.size() > 400) return out;
            }
    return out;
}

// The first port of kubectl's PORT(S): "80:30001/TCP" -> {"80", "30001"}.
struct Ports {
    std::string port, node_port;
};
Ports first_ports(std::string_view ports) {
    std::string_view first = ports.substr(0, ports.find_first_of("/,"));
    std::size_t colon = first.find(':');
    if (colon == std::string_view::npos) return {std::string(first), {}};
    return {std::string(first.substr(0, colon)), std::string(first.substr(colon + 1))};
}

}  // namespace

std::string shown_place(const Fonts& fonts, std::string_view place, const TextStyle& style, float width) {
    if (fonts.width(place, style) <= width) return std::string(place);
    return elide(fonts, place.substr(place.rfind('/') + 1), style, width);
}

std::string url_of_service(const Ui& ui, const view::ServiceBox& service, std::string_view from) {
    Ports ports = first_ports(service.ports);
    std::string scheme = ports.port == "443" ? "https://" : "http://";
    std::string ending = ports.port == "80" || ports.port == "443" || ports.port.empty() ? "/" : cat(":", ports.port, "/");
    if (from.starts_with("pod/")) {
        std::string_view space = from.substr(4, from.find('/', 4) - 4);
        return cat(scheme, service.name, space == service.namespace_name ? "" : cat(".", service.namespace_name), ending);
    }
    bool outside = !from.starts_with("node/");
    if (outside && service.external.find_first_of("<") == std::string::npos && !service.external.empty()) return cat(scheme, service.external, ending);
    if (outside && !ports.node_port.empty())
        for (const view::NodeBox& node : ui.model().architecture.nodes)
            if (node.role != "control-plane") return cat(scheme, node.ip, ":", ports.node_port, "/");
    return cat(scheme, service.cluster_ip == "None" ? service.name : service.cluster_ip, ending);
}

void TrafficBar::take(std::string_view place, const std::string& url) {
    if (picking_ == Picking::source) {
        if (place.starts_with("service/")) return;  // nothing is sent from a Service
        from_ = place;
        picking_ = Picking::target;
        return;
    }
    if (!url.empty()) url_.buffer.reset(url);
    picking_ = Picking::nothing;
}

// The field, with the Services one could call behind its arrow.
void TrafficBar::draw_target(Ui& ui, const Rect& box) {
    FieldOptions options;
    options.face = Face::code;
    options.size = 12;
    options.placeholder = "http://catalogue/health";
    options.error = mistake(ui) == Mistake::url;
    constexpr float arrow = 30;
    FieldEvent event = url_.draw(ui, Rect(box.Min, Vec(box.Max.x - arrow - 4, box.Max.y)), "url", ui.t("traffic.to"), options);
    if (event == FieldEvent::submitted) send(ui);
    std::vector<DropdownItem> items;
    std::vector<std::string> urls;
    for (bool system : {false, true})
        for (const view::ServiceBox& service : ui.model().architecture.services) {
            if (service.namespace_name.starts_with("kube-") != system) continue;
            urls.push_back(url_of_service(ui, service, from_));
            items.push_back({cat(service.namespace_name, ".", service.name), cat(service.name, "  ", urls.back())});
        }
    int chosen = dropdown(ui, Rect(box.Max.x - arrow, box.Min.y, box.Max.x, box.Max.y), "targets", ui.t("traffic.targets"), {}, items, -1, Face::code);
    if (chosen >= 0) url_.buffer.reset(urls[static_cast<std::size_t>(chosen)]);
}

// Another cluster: from the laptop to the first Service that is open to it.
void TrafficBar::begin(const Ui& ui) {
    session_ = ui.model().session;
    from_ = "laptop";
    picking_ = Picking::nothing;
    std::string url;
    for (const view::ServiceBox& service : ui.model().architecture.services)
        if (url.empty() && (service.type == "NodePort" || service.type == "LoadBalancer") && !service.namespace_name.starts_with("kube-"))
            url = url_of_service(ui, service, from_);
    url_.buffer.reset(url);
    shown_ = nullptr;
    sent_ = false;
}

void TrafficBar::send(Ui& ui) {
    if (url_.buffer.text().empty()) return;
    sent_ = true;
    ui.state.queue({ActionKind::send_request, from_, url_.buffer.text(), static_cast<double>(count_), {}});
}

// Both ends are those of the request on the canvas, whoever sent it: a program in the terminal, or the bar before.
void TrafficBar::follow(const Ui& ui) {
    const app::Model& model = ui.model();
    if (model.request_error.reason.empty()) {
        refused_url_.clear();
    } else if (refused_url_.empty()) {
        sent_ = false;
        refused_from_ = from_;
        refused_url_ = url_.buffer.text();
    }
    if (model.request < 0) return;
    const app::SentRequest& request = model.requests[static_cast<std::size_t>(model.request)];
    if (request.trace.get() == shown_) return;
    shown_ = request.trace.get();
    const bool own = std::exchange(sent_, false) && request.from == from_;
    if (own || request.from.empty()) return;
    from_ = request.from;
    url_.buffer.reset(request.url);
}

// What was refused and has not been mended since.
TrafficBar::Mistake TrafficBar::mistake(const Ui& ui) const {
    const Error& error = ui.model().request_error;
    if (error.reason.empty()) return Mistake::none;
    const bool url = error.reason == "InvalidUrl";
    if (url ? refused_url_ != url_.buffer.text() : refused_from_ != from_) return Mistake::none;
    return url ? Mistake::url : Mistake::sender;
}

// Why the last request could not be sent, and what to do about it.
std::string TrafficBar::notice(const Ui& ui) const {
    const app::Model& model = ui.model();
    const Mistake wrong = mistake(ui);
    if (wrong == Mistake::url) return std::string(ui.t("traffic.bad." + model.request_error.field));
    if (wrong == Mistake::sender) {
        const std::vector<DropdownItem> items = sources(ui);
        const bool known = std::any_of(items.begin(), items.end(), [&](const DropdownItem& item) { return item.id == from_; });
        return ui.state.words.format(known ? "traffic.idle" : "traffic.gone", {from_});
    }
    // A name that nobody could be asked about: there is no packet to show.
    if (model.request < 0 || model.requests[static_cast<std::size_t>(model.request)].trace) return {};
    const app::SentRequest& shown = model.requests[static_cast<std::size_t>(model.request)];
    return shown.unresolved ? ui.state.words.format("traffic.unresolved.unasked", {shown.host}) : std::string();
}

namespace {

constexpr float notice_line = 19, notice_padding = 8;

}  // namespace

float TrafficBar::notice_height(Ui& ui, const Rect& area) const {
    const std::string said = notice(ui);
    if (said.empty()) return 0;
    return measure_rich(ui, words(said), {12.5f, notice_line, ui.theme().text}, area.GetWidth() - 32 - 46) + 2 * notice_padding + 8;
}

void TrafficBar::draw_notice(Ui& ui, const Rect& area) const {
    const std::string said = notice(ui);
    if (said.empty()) return;
    const float bottom = area.Max.y - height - 8;
    const Rect box(area.Min.x + 16, bottom - notice_height(ui, area) + 8, area.Max.x - 16, bottom);
    box_with_line(ui.list(), box, ui.theme().rose_tint, ui.theme().rose, 9);
    draw_icon(ui.list(), Icon::warning, Vec(box.Min.x + 18, box.Min.y + notice_padding + 9), 12, ui.theme().rose);
    draw_rich(ui, box.Min + Vec(34, notice_padding), words(said), {12.5f, notice_line, ui.theme().text}, box.GetWidth() - 46);
    ui.items.note("view/traffic/notice", said, box);
}

void TrafficBar::draw(Ui& ui, const Rect& area) {
    const Theme& theme = ui.theme();
    if (session_ != ui.model().session && !ui.model().architecture.nodes.empty()) begin(ui);
    follow(ui);
    Rect bar = Rect(area.Min.x + 16, area.Max.y - height, area.Max.x - 16, area.Max.y - 14);
    shadow(ui.list(), bar, 10, theme.shadow, 8);
    box_with_line(ui.list(), bar, theme.panel, theme.line, 10);
    const bool roomy = bar.GetWidth() > 760, aims = TrafficBar::aims(area.GetWidth()), tight = TrafficBar::tight(area.GetWidth());
    float x = bar.Min.x + 10, y = bar.Min.y + 7, tall = bar.GetHeight() - 14;
    TextStyle label = ui.dim(13);
    auto say = [&](std::string_view id) {
        if (!roomy) return;
        std::string text(ui.t(id));
        draw_text(ui.list(), ui.fonts, Vec(x, y), tall, label, text);
        x += ui.fonts.width(text, label) + 7;
    };
    auto pick_button = [&](Picking what, std::string_view id, std::string_view words) {
        ButtonOptions options;
        options.size = 13;
        options.selected = picking_ == what;
        if (icon_button(ui, rect(x, y, 30, tall), id, Icon::target, ui.t(words), options)) picking_ = picking_ == what ? Picking::nothing : what;
        x += 36;
    };
    say("traffic.from");
    std::vector<DropdownItem> items = sources(ui);
    auto found = std::find_if(items.begin(), items.end(), [&](const DropdownItem& item) { return item.id == from_; });
    int selected = static_cast<int>(found - items.begin());
    if (found == items.end()) items.push_back({from_, from_});  // gone since, or one of too many: it is what was sent from
    float from_width = std::clamp(bar.GetWidth() * (aims ? 0.2f : 0.17f), 84.0f, 240.0f);
    TextStyle code{Face::code, 12, theme.text};
    const Rect sender = rect(x, y, from_width, tall);
    int chosen = dropdown(ui, sender, "from", ui.t("traffic.from"), shown_place(ui.fonts, from_, code, from_width - 38), items, selected, Face::code);
    if (mistake(ui) == Mistake::sender) ui.list()->AddRect(sender.Min, sender.Max, theme.rose, 8);
    if (chosen >= 0) from_ = items[static_cast<std::size_t>(chosen)].id;
    x += from_width + 5;
    if (aims) pick_button(Picking::source, "pick-source", "traffic.pick_source");
    say("traffic.to");
    std::string words(ui.t("traffic.send"));
    float send_width = button_width(ui, words, 13, 14) + 4, count_width = tight ? 0 : 66;
    float end = bar.Max.x - 8 - send_width - 6 - count_width - (aims ? 42.0f : 6.0f);
    draw_target(ui, Rect(x, y, end, y + tall));
    x = end + 5;
    if (aims) pick_button(Picking::target, "pick-target", "traffic.pick_target");
    if (!tight) {
        std::vector<DropdownItem> times;
        int current = 0;
        for (int count : counts) {
            if (count == count_) current = static_cast<int>(times.size());
            times.push_back({std::to_string(count), cat("×", count)});
        }
        int often = dropdown(ui, rect(x, y, count_width - 2, tall), "count", ui.t("traffic.count"), cat("×", count_), times, current);
        if (often >= 0) count_ = counts[often];
    }
    ButtonOptions primary;
    primary.kind = ButtonKind::primary;
    if (button(ui, rect(bar.Max.x - 8 - send_width, y, send_width, tall), "send", words, primary)) {
        send(ui);
        picking_ = Picking::nothing;
    }
    draw_notice(ui, area);
}

}  // namespace kubewalk::ui
