// Who owns whom (metadata.ownerReferences) and who refers to whom.

#include <map>
#include <string>
#include <vector>

#include "core/api/kinds.h"
#include "core/api/labels.h"
#include "core/base/text.h"
#include "core/cluster/cluster.h"
#include "core/view/inspect.h"
#include "core/view/pod_status.h"

namespace kubewalk::view {

namespace {

using api::Value;

// Kinds whose objects others own; the rest is not worth walking through.
constexpr std::string_view owned_kinds[] = {"replicasets", "pods", "jobs", "controllerrevisions", "endpointslices", "persistentvolumeclaims"};

Relative relative_of(const api::Kind& kind, const Value& object, int depth) {
    Relative out;
    out.object = {std::string(kind.resource), std::string(api::namespace_of(object)), std::string(api::name_of(object))};
    out.kind = kind.kind;
    out.depth = depth;
    if (kind.resource == "pods") {
        const auto chip = pod_chip(object);
        out.detail = chip.phase;
        out.health = chip.health;
        return out;
    }
    const auto& status = object["status"];
    if (object["spec"].contains("replicas")) {
        const auto desired = object["spec"]["replicas"].as_int(), ready = status["readyReplicas"].as_int();
        out.detail = cat(ready, "/", desired);
        out.health = ready >= desired ? Health::healthy : Health::pending;
    } else if (kind.resource == "daemonsets") {
        const auto desired = status["desiredNumberScheduled"].as_int(), ready = status["numberReady"].as_int();
        out.detail = cat(ready, "/", desired);
        out.health = ready >= desired ? Health::healthy : Health::pending;
    } else if (kind.resource == "services") {
        out.detail = object["spec"]["clusterIP"].str(object["spec"]["type"].as_string());
    } else if (kind.resource == "endpointslices") {
        out.detail = cat(object["endpoints"].items().size());
    } else if (kind.resource == "jobs") {
        out.detail = cat(status["succeeded"].as_int(), "/", object["spec"]["completions"].as_int(1));
        out.health = job_health(object);
    } else if (kind.resource == "persistentvolumeclaims" || kind.resource == "persistentvolumes") {
        out.detail = status["phase"].str();
        out.health = out.detail == "Bound" || out.detail == "Available" ? Health::healthy : Health::pending;
    }
    return out;
}

class Genealogy {
public:
    Genealogy(const cluster::Cluster& cluster, Family& out) : cluster_(cluster), out_(out) {}

    void add_owners(const Value& object) {
        Value child = object;
        for (int depth = 1; depth < 8; ++depth) {
            const auto& owner = api::controller_of(child);
            const auto* kind = owner.is_object() ? api::find_kind(owner["apiVersion"].as_string(), owner["kind"].as_string()) : nullptr;
            if (!kind)
                return;
            const auto space = kind->namespaced() ? api::namespace_of(child) : std::string_view();
            const Value parent = cluster_.peek(*kind, space, owner["name"].as_string());
            if (parent.is_null()) {
                out_.owners.push_back({{std::string(kind->resource), std::string(space), owner["name"].str()}, std::string(kind->kind), {}, depth, Health::stopped});
                return;
            }
            out_.owners.push_back(relative_of(*kind, parent, depth));
            child = parent;
        }
    }

    void add_owned(const Value& object) {
        struct Child {
            const api::Kind* kind;
            Value object;
        };
        std::map<std::string, std::vector<Child>, std::less<>> children;  // by the owner's uid
        const auto space = api::namespace_of(object);
        for (const auto resource : owned_kinds) {
            const auto* kind = api::find_by_any_name(resource);
            if (!kind)
                continue;
            for (const auto& one : cluster_.peek_list(*kind, space))
                for (const auto& owner : one["metadata"]["ownerReferences"].items())
                    children[owner["uid"].str()].push_back({kind, one});
        }
        auto walk = [&](auto&& self, std::string_view uid, int depth) -> void {
            const auto found = children.find(uid);
            if (found == children.end() || depth > 4)
                return;
            for (const auto& child : found->second) {
                if (out_.owned.size() >= most_relatives) {
                    out_.cut = true;
                    return;
                }
                out_.owned.push_back(relative_of(*child.kind, child.object, depth));
                self(self, api::uid_of(child.object), depth + 1);
            }
        };
        walk(walk, api::uid_of(object), 1);
    }

    // What selects a Pod, or names a Service.
    void add_selecting(const api::Kind& kind, const Value& object) {
        const auto space = api::namespace_of(object);
        if (kind.resource == "pods") {
            const auto& labels = object["metadata"]["labels"];
            for (const auto& service : cluster_.peek_list(api::kind::services, space))
                if (const auto& selector = service["spec"]["selector"]; !selector.empty() && api::LabelSelector::from_map(selector).matches(labels))
                    out_.selected_by.push_back(relative_of(api::kind::services, service, 1));
            for (const auto* other : {&api::kind::pod_disruption_budgets, &api::kind::network_policies})
                for (const auto& one : cluster_.peek_list(*other, space)) {
                    const auto& selector = other == &api::kind::network_policies ? one["spec"]["podSelector"] : one["spec"]["selector"];
                    if (api::LabelSelector::from_object(selector).value_or(api::LabelSelector::nothing()).matches(labels))
                        out_.selected_by.push_back(relative_of(*other, one, 1));
                }
        }
        if (kind.resource == "services")
            for (const auto& ingress : cluster_.peek_list(api::kind::ingresses, space))
                if (names_service(ingress, api::name_of(object)))
                    out_.selected_by.push_back(relative_of(api::kind::ingresses, ingress, 1));
        if (kind.resource != "services" || object["spec"]["selector"].empty())
            return;
        const auto selector = api::LabelSelector::from_map(object["spec"]["selector"]);
        for (const auto& pod : cluster_.peek_list(api::kind::pods, space))
            if (selector.matches(pod["metadata"]["labels"]) && out_.uses.size() < most_relatives)
                out_.uses.push_back(relative_of(api::kind::pods, pod, 1));
    }

    // What a Pod needs to run.
    void add_used(const api::Kind& kind, const Value& object) {
        if (kind.resource == "persistentvolumeclaims" && !object["spec"]["volumeName"].str().empty())
            use(api::kind::persistent_volumes, {}, object["spec"]["volumeName"].as_string());
        if (kind.resource != "pods")
            return;
        const auto space = api::namespace_of(object);
        const auto& spec = object["spec"];
        use(api::kind::nodes, {}, spec["nodeName"].as_string());
        use(api::kind::service_accounts, space, spec["serviceAccountName"].as_string());
        for (const auto& volume : spec["volumes"].items()) {
            use(api::kind::persistent_volume_claims, space, volume["persistentVolumeClaim"]["claimName"].as_string());
            use(api::kind::config_maps, space, volume["configMap"]["name"].as_string());
            use(api::kind::secrets, space, volume["secret"]["secretName"].as_string());
        }
        for (const auto& container : spec["containers"].items()) {
            for (const auto& from : container["envFrom"].items()) {
                use(api::kind::config_maps, space, from["configMapRef"]["name"].as_string());
                use(api::kind::secrets, space, from["secretRef"]["name"].as_string());
            }
            for (const auto& variable : container["env"].items()) {
                use(api::kind::config_maps, space, variable["valueFrom"]["configMapKeyRef"]["name"].as_string());
                use(api::kind::secrets, space, variable["valueFrom"]["secretKeyRef"]["name"].as_string());
            }
        }
    }

private:
    static bool names_service(const Value& ingress, std::string_view name) {
        if (ingress["spec"]["defaultBackend"]["service"]["name"].as_string() == name)
            return true;
        for (const auto& rule : ingress["spec"]["rules"].items())
            for (const auto& path : rule["http"]["paths"].items())
                if (path["backend"]["service"]["name"].as_string() == name)
                    return true;
        return false;
    }
    void use(const api::Kind& kind, std::string_view space, std::string_view name) {
        if (name.empty())
            return;
        for (const auto& known : out_.uses)
            if (known.object.resource == kind.resource && known.object.name == name)
                return;
        const Value object = cluster_.peek(kind, space, name);
        if (!object.is_null())
            out_.uses.push_back(relative_of(kind, object, 1));
        else
            out_.uses.push_back({{std::string(kind.resource), std::string(space), std::string(name)}, std::string(kind.kind), {}, 1, Health::failed});
    }

    const cluster::Cluster& cluster_;
    Family& out_;
};

}  // namespace

Family family(const cluster::Session& session, const sim::ObjectRef& object) {
    Family out;
    const auto* kind = api::find_by_any_name(object.resource);
    if (!kind)
        return out;
    const Value live = session.cluster().peek(*kind, object.namespace_name, object.name);
    if (live.is_null())
        return out;
    Genealogy genealogy(session.cluster(), out);
    genealogy.add_owners(live);
    genealogy.add_owned(live);
    genealogy.add_selecting(*kind, live);
    genealogy.add_used(*kind, live);
    if (kind->resource == "nodes")
        for (const auto& pod : session.cluster().peek_list(api::kind::pods, ""))
            if (pod["spec"]["nodeName"].as_string() == object.name && out.uses.size() < most_relatives)
                out.uses.push_back(relative_of(api::kind::pods, pod, 1));
    return out;
}

}  // namespace kubewalk::view
