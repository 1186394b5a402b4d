#include "web/ui/architecture_light.h"

#include <algorithm>

#include "core/view/activity.h"

namespace kubewalk::ui {

namespace {

constexpr float gap_s = 0.09f;  // between two dots that start at the same instant
constexpr float glow_s = 1.1f;
constexpr std::size_t most_flights = 20;

// The end of an activity's wire that is not the API server.
std::string wire_of(const view::Activity& activity) {
    if (activity.to.starts_with("runtime/") || activity.to == "cloud") return activity.to;
    return activity.from == "kube-apiserver" ? activity.to : activity.from;
}

}  // namespace

std::vector<ChainLink> links_of(const view::Story& story) {
    std::vector<ChainLink> links;
    for (std::size_t i = 0; i < story.chain.size(); ++i) {
        const sim::Entry& entry = story.chain[i];
        view::Activity activity = view::activity_of(entry);
        std::string box = entry.kind == sim::EntryKind::cri ? activity.to : activity.from == "kube-apiserver" ? activity.to : activity.from;
        // The learner's own words and the request they became are one step.
        bool own = entry.kind == sim::EntryKind::action || entry.component == "laptop";
        std::string component = own ? std::string("kubectl") : entry.component;
        if (own) box = "kubectl";
        if (entry.kind == sim::EntryKind::cri) component = "runtime";
        bool says = entry.kind != sim::EntryKind::watch;
        if (!links.empty() && links.back().box == box && links.back().component == component) {
            if (says) links.back().label = activity.label;
            links.back().entry = i;
            links.back().at = entry.at;
            continue;
        }
        links.push_back({component, box, activity.label, entry.at, i});
    }
    return links;
}

void ArchitectureLight::follow(Ui& ui) {
    const app::Model& model = ui.model();
    take_activities(ui);
    if (revision_ == model.revision) return;
    revision_ = model.revision;
    touched_.clear();
    chain_.clear();
    if (model.inspected.object.name.empty()) return;
    touched_.insert(model.story.touched.begin(), model.story.touched.end());
    chain_ = links_of(model.story);
    for (const ChainLink& link : chain_) touched_.insert(link.box);
    // Whoever writes does so through these two.
    if (!touched_.empty()) touched_.insert({"kube-apiserver", "etcd"});
}

std::vector<int> ArchitectureLight::numbers(std::string_view component) const {
    std::vector<int> out;
    for (std::size_t i = 0; i < chain_.size(); ++i)
        if (chain_[i].box == component) out.push_back(static_cast<int>(i) + 1);
    return out;
}

void ArchitectureLight::take_activities(Ui& ui) {
    const app::Model& model = ui.model();
    const auto& recent = model.architecture.recent;
    bool jumped = session_ != model.session || model.now < last_now_;
    session_ = model.session;
    last_now_ = model.now;
    if (jumped) {
        flights_.clear();
        lit_.clear();
        seen_ = 0;
        // What is already there does not fly again, but the newest stays lit.
        for (const view::Activity& activity : recent) seen_ = std::max(seen_, activity.cause);
        resting_ = recent.empty() ? std::string() : wire_of(recent.back());
        if (!recent.empty()) holding_[resting_] = recent.back().label;
        return;
    }
    double start = ui.now;
    for (const Flight& flight : flights_) start = std::max(start, flight.start + gap_s);
    std::size_t fresh = 0;
    for (const view::Activity& activity : recent) fresh += activity.cause > seen_ ? 1 : 0;
    // A burst shows its newest part: the eye cannot follow more.
    std::size_t skip = fresh > most_flights ? fresh - most_flights : 0;
    for (const view::Activity& activity : recent) {
        if (activity.cause <= seen_) continue;
        seen_ = activity.cause;
        resting_ = wire_of(activity);
        holding_[resting_] = activity.label;
        if (skip > 0) {
            --skip;
            continue;
        }
        lit_[resting_] = std::max(lit_[resting_], start + glow_s + flight_s);
        bool travels = activity.from != activity.to;
        if (!travels || ui.reduced_motion || flights_.size() >= most_flights) continue;
        flights_.push_back({resting_, activity.to == "kube-apiserver", start, activity.kind, activity});
        start += gap_s;
    }
}

float ArchitectureLight::glow(const Ui& ui, std::string_view component) const {
    if (flights_.empty() && resting_ == component) return 1;
    // Every wire ends at the API server: it is at work whenever anything is.
    if (component == "kube-apiserver" && !flights_.empty()) return 1;
    auto found = lit_.find(component);
    if (found == lit_.end()) return 0;
    return ImSaturate(static_cast<float>(found->second - ui.now) / 0.35f);
}

std::string_view ArchitectureLight::holding(std::string_view component) const {
    auto found = holding_.find(component);
    return found == holding_.end() ? std::string_view() : std::string_view(found->second);
}

void ArchitectureLight::settle(Ui& ui) {
    std::erase_if(flights_, [&](const Flight& flight) { return ui.now > flight.start + flight_s; });
    bool glowing = std::any_of(lit_.begin(), lit_.end(), [&](const auto& entry) { return entry.second > ui.now; });
    if (!flights_.empty() || (glowing && !ui.reduced_motion)) ui.animating = true;
    std::erase_if(lit_, [&](const auto& entry) { return entry.second <= ui.now; });
}

std::string shown_key(const Fonts& fonts, std::string_view key, const TextStyle& style, float width) {
    std::string shown(key);
    const std::size_t slash = shown.find('/');
    if (slash != std::string::npos && fonts.width(shown, style) > width) {
        const std::size_t space = shown.rfind(' ', slash);
        const std::size_t from = space == std::string::npos ? 0 : space + 1;
        shown.erase(from, slash + 1 - from);
    }
    return elide_middle(fonts, shown, style, width);
}

}  // namespace kubewalk::ui
