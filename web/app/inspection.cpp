#include "web/app/inspection.h"

#include "core/api/kinds.h"
#include "core/cluster/cluster.h"

namespace kubewalk::app {

namespace {

// The entries of an object that are kept for the inspector.
constexpr std::size_t most_entries = 200;

}  // namespace

void Inspection::reset() {
    teller_.forget();
    node_.clear();
}

void Inspection::choose(const Action& action, Model& model) {
    Inspected& inspected = model.inspected;
    switch (action.kind) {
    case ActionKind::select_node: node_ = action.text; return;
    case ActionKind::select_component:
        inspected = {};
        inspected.component = action.text;
        if (std::size_t slash = action.text.find('/'); slash != std::string::npos) node_ = action.text.substr(slash + 1);
        return;
    default: break;
    }
    inspected = {};
    inspected.object = action.object;
    if (action.kind == ActionKind::select_call) inspected.call = static_cast<sim::CauseId>(action.number);
    node_.clear();
    if (action.object.resource == "nodes") node_ = action.object.name;
}

void Inspection::fill_object(const cluster::Session& session, Model& model, const Needs& needs) {
    Inspected& inspected = model.inspected;
    const sim::ObjectRef& object = inspected.object;
    if (const api::Kind* kind = api::find_by_any_name(object.resource)) inspected.kind = kind->kind;
    inspected.manifest = view::editable_manifest(session, object);
    inspected.exists = !inspected.manifest.empty();
    for (const view::NodeBox& node : model.architecture.nodes)
        for (const view::PodChip& pod : node.pods)
            if (object.resource == "pods" && pod.name == object.name && pod.namespace_name == object.namespace_name) {
                inspected.address = pod.ip;
                if (node_.empty()) node_ = node.name;
            }
    switch (needs.inspector) {
    case InspectorTab::describe: inspected.describe = view::describe(session, object); break;
    case InspectorTab::yaml: inspected.yaml = view::live_yaml(session, object); break;
    case InspectorTab::related: inspected.family = view::family(session, object); break;
    case InspectorTab::scheduling: inspected.scheduling = view::scheduling(session, object); break;
    case InspectorTab::runtime: inspected.runtime = view::cri_calls(session, object); break;
    case InspectorTab::events: inspected.events = view::events_about(session, object); break;
    case InspectorTab::requests: inspected.requests = view::requests_about(session, object); break;
    case InspectorTab::cause: {
        inspected.causes = model.story.chain;
        std::vector<sim::CauseId> ids = view::entries_of(session, object);
        std::size_t first = ids.size() > most_entries ? ids.size() - most_entries : 0;
        for (std::size_t i = first; i < ids.size(); ++i)
            if (auto entry = session.cluster().simulation().entry(ids[i])) inspected.entries.push_back(std::move(*entry));
        break;
    }
    default: break;
    }
}

void Inspection::fill_node(const cluster::Session& session, Model& model, const Needs& needs) const {
    Inspected& inspected = model.inspected;
    inspected.node = node_;
    const view::NodeBox* fallback = nullptr;
    bool known = false;
    for (const view::NodeBox& node : model.architecture.nodes) {
        known = known || node.name == inspected.node;
        if (!fallback || (fallback->role == "control-plane" && node.role != "control-plane")) fallback = &node;
    }
    if (!known) inspected.node = fallback ? fallback->name : std::string();
    if (inspected.node.empty()) return;
    if (needs.inspector == InspectorTab::iptables) inspected.iptables = view::iptables_save(session, inspected.node);
    if (needs.inspector == InspectorTab::conntrack) inspected.flows = view::tracked_flows(session, inspected.node);
    bool agent = inspected.component.starts_with("kubelet/") || inspected.component.starts_with("runtime/");
    if (needs.inspector == InspectorTab::runtime && agent)
        inspected.runtime = view::cri_calls(session, {"nodes", {}, inspected.component.substr(inspected.component.find('/') + 1)});
}

void Inspection::fill(const cluster::Session& session, Model& model, const Needs& needs) {
    Inspected& old = model.inspected;
    Inspected fresh;
    fresh.object = std::move(old.object);
    fresh.component = std::move(old.component);
    fresh.call = old.call;
    old = std::move(fresh);
    model.story = teller_.of(session, old.object);
    if (!old.object.name.empty()) fill_object(session, model, needs);
    // A call whose object is gone, or that is about a collection, still has its way.
    if (old.call != 0 && needs.inspector == InspectorTab::requests) {
        bool there = false;
        for (const view::RequestWay& way : old.requests) there = there || way.id == old.call;
        if (auto way = view::request_way(session, old.call); way && !there) old.requests.insert(old.requests.begin(), std::move(*way));
    }
    fill_node(session, model, needs);
}

}  // namespace kubewalk::app
