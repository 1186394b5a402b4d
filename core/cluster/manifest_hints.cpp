#include "core/cluster/manifest_hints.h"

#include <algorithm>
#include <map>
#include <optional>

#include "core/api/decode.h"
#include "core/api/kinds.h"
#include "core/api/labels.h"
#include "core/api/yaml.h"
#include "core/base/edit_distance.h"
#include "core/base/sort.h"
#include "core/base/text.h"
#include "core/cluster/cluster.h"
#include "core/cluster/pod_ports.h"
#include "core/yaml/yaml.h"

namespace kubewalk::cluster {

namespace {

using api::Value;

// Where a workload keeps its template; "" for kinds that have none.
std::string_view template_path(std::string_view kind) {
    if (kind == "Deployment" || kind == "StatefulSet" || kind == "DaemonSet" || kind == "ReplicaSet" || kind == "Job" ||
        kind == "ReplicationController")
        return "spec.template";
    if (kind == "CronJob")
        return "spec.jobTemplate.spec.template";
    return {};
}

const Value& at_path(const Value& value, std::string_view path) {
    const Value* at = &value;
    for (const auto key : split(path, '.'))
        at = &(*at)[key];
    return *at;
}

// A slip of the finger: one letter, and the words are not so short that everything is near.
bool near(std::string_view a, std::string_view b) {
    return a != b && std::max(a.size(), b.size()) >= 3 && edit_distance(a, b) == 1;
}

std::string nearest(std::string_view name, const std::vector<std::string>& known) {
    std::string best;
    std::size_t best_distance = std::max<std::size_t>(2, name.size() / 4) + 1;
    for (const auto& one : known)
        if (const auto away = edit_distance(name, one); away < best_distance) {
            best_distance = away;
            best = one;
        }
    return best;
}

std::string listed(const std::vector<std::uint16_t>& ports) {
    std::string out;
    for (const auto port : ports)
        append(out, out.empty() ? "" : ", ", static_cast<int>(port));
    return out;
}

}  // namespace

// Reads every document, then what the cluster has of one kind after the other, then looks at each document and template.
class ManifestHinter::Work {
public:
    explicit Work(std::string_view manifest) : manifest_(manifest), pieces_(yaml::split_documents(manifest)) { written_.reserve(pieces_.size()); }

    bool step(const Cluster& cluster) {
        cluster_ = &cluster;
        std::size_t at = at_++;
        if (at < pieces_.size())
            return read(static_cast<int>(at)), true;
        at -= pieces_.size();
        if (at < api::kinds().size())
            return add_live_templates(api::kinds()[at]), true;
        at -= api::kinds().size();
        if (at < written_.size())
            return look_at(written_[at]), true;
        at -= written_.size();
        if (at < templates_.size() && templates_[at].written)
            return look_at_template(templates_[at]), true;
        sort_stably(hints_, [](const ManifestHint& a, const ManifestHint& b) { return a.line < b.line; });
        return false;
    }
    std::vector<ManifestHint> take() { return std::move(hints_); }

private:
    // One document of the text.
    struct Written {
        int number = 0;
        yaml::Document document;
        const api::Kind* kind = nullptr;
        Value object;
        std::string space;  // its namespace, "default" when it names none
    };

    // What Pods are made from: a workload's template, or a Pod by itself.
    struct Template {
        std::string owner;  // "Deployment carts"
        std::string space;
        Value labels;
        Value spec;
        const Written* written = nullptr;  // null: it lives in the cluster
        std::string path;                  // of the Pod's spec in the document
    };

    void read(int number) {
        auto document = yaml::parse_document(manifest_, pieces_[static_cast<std::size_t>(number)]);
        if (!document.ok() || document.value().root.kind != yaml::Kind::mapping)
            return;
        auto object = api::to_value(document.value().root);
        if (!object.ok())
            return;
        const auto* kind = api::find_kind(object.value()["apiVersion"].as_string(), object.value()["kind"].as_string());
        if (!kind)
            return;
        auto space = api::namespace_of(object.value());
        written_.push_back({number, document.take(), kind, object.take(), space.empty() ? "default" : std::string(space)});
        const Written& one = written_.back();
        add_template(one.object, *one.kind, one.space, &one);
    }

    void add_live_templates(const api::Kind& kind) {
        if (template_path(kind.kind).empty() && (kind.kind != "Pod" || !kind.group.empty()))
            return;
        for (const auto& object : cluster_->peek_list(kind, {}))
            if (!replaced(kind, object) && !made_by_another(object))
                add_template(object, kind, std::string(api::namespace_of(object)), nullptr);
    }

    // The text has a newer idea of it.
    bool replaced(const api::Kind& kind, const Value& object) const {
        return std::any_of(written_.begin(), written_.end(), [&](const Written& one) {
            return one.kind == &kind && one.space == api::namespace_of(object) && api::name_of(one.object) == api::name_of(object);
        });
    }

    // Its labels are those of its owner's template.
    static bool made_by_another(const Value& object) {
        const auto owner = object["metadata"]["ownerReferences"][0]["kind"].as_string();
        return !owner.empty() && owner != "Node";
    }

    void add_template(const Value& object, const api::Kind& kind, std::string space, const Written* written) {
        const bool pod = kind.kind == "Pod";
        const auto path = template_path(kind.kind);
        if (!pod && path.empty())
            return;
        const Value& made = pod ? object : at_path(object, path);
        templates_.push_back({cat(kind.kind, " ", api::name_of(object)), std::move(space), made["metadata"]["labels"], made["spec"],
                              written, pod ? "spec" : cat(path, ".spec")});
    }

    void add(const Written& one, std::string_view path, std::string id, std::vector<std::string> args) {
        const auto place = api::locate(one.document.root, path);
        hints_.push_back({std::move(id), std::move(args), place.line, place.column, one.number});
    }

    void look_at(const Written& one) {
        const auto& kind = one.kind->kind;
        const Value& spec = one.object["spec"];
        if (kind == "Service" && one.kind->group.empty() && spec["type"].as_string() != "ExternalName" && !spec["selector"].empty()) {
            const auto chosen = look_at_selector(one, "spec.selector", spec["selector"]);
            look_at_service_ports(one, chosen);
        } else if (kind == "NetworkPolicy" && !spec["podSelector"]["matchLabels"].empty()) {
            look_at_selector(one, "spec.podSelector.matchLabels", spec["podSelector"]["matchLabels"]);
        } else if (kind == "PodDisruptionBudget" && !spec["selector"]["matchLabels"].empty()) {
            look_at_selector(one, "spec.selector.matchLabels", spec["selector"]["matchLabels"]);
        } else if (kind == "Ingress") {
            look_at_ingress(one);
        } else if (kind == "HorizontalPodAutoscaler") {
            const Value& target = spec["scaleTargetRef"];
            need(one, "spec.scaleTargetRef.name", target["kind"].as_string(), target["name"].as_string());
        } else if (kind == "StatefulSet") {
            need(one, "spec.serviceName", "Service", spec["serviceName"].as_string());
        } else if (kind == "PersistentVolumeClaim") {
            need(one, "spec.storageClassName", "StorageClass", spec["storageClassName"].as_string());
        }
    }

    // -- selectors --------------------------------------------------------------------------------

    std::vector<const Template*> look_at_selector(const Written& one, std::string_view path, const Value& wanted) {
        const auto selector = api::LabelSelector::from_map(wanted);
        std::vector<const Template*> here;
        const Template* elsewhere = nullptr;
        for (const auto& made : templates_) {
            if (!selector.matches(made.labels))
                continue;
            if (made.space == one.space)
                here.push_back(&made);
            else
                elsewhere = &made;
        }
        if (!here.empty())
            return here;
        if (say_near_miss(one, path, wanted))
            return here;
        if (elsewhere)
            add(one, path, "selector_other_namespace", {selector.str(), elsewhere->space, one.space});
        else
            add(one, path, "selector_matches_nothing", {selector.str(), one.space});
        return here;
    }

    // Everything fits but one label, and that one by a letter.
    bool say_near_miss(const Written& one, std::string_view path, const Value& wanted) {
        for (const auto& made : templates_) {
            if (made.space != one.space)
                continue;
            const api::Value::Member* off = nullptr;
            int misses = 0;
            for (const auto& label : wanted.members())
                if (made.labels[label.key].as_string() != label.value.as_string() || !made.labels.contains(label.key)) {
                    off = &label;
                    ++misses;
                }
            if (misses != 1)
                continue;
            for (const auto& label : made.labels.members()) {
                const bool value_off = label.key == off->key && near(label.value.as_string(), off->value.as_string());
                const bool key_off = label.value.as_string() == off->value.as_string() && near(label.key, off->key);
                if (!value_off && !key_off)
                    continue;
                add(one, cat(path, "[", off->key, "]"), "selector_near_miss",
                    {cat(off->key, "=", off->value.as_string()), cat(label.key, "=", label.value.as_string()), made.owner});
                return true;
            }
        }
        return false;
    }

    // -- ports ------------------------------------------------------------------------------------

    void look_at_service_ports(const Written& one, const std::vector<const Template*>& chosen) {
        if (chosen.empty())
            return;
        std::size_t index = 0;
        for (const auto& port : one.object["spec"]["ports"].items()) {
            const std::string own = cat("spec.ports[", static_cast<int>(index++), "]");
            const bool stated = port.contains("targetPort");
            const Value& target = stated ? port["targetPort"] : port["port"];
            const std::string path = cat(own, stated ? ".targetPort" : ".port");
            std::optional<std::vector<std::uint16_t>> heard = std::vector<std::uint16_t>();
            std::vector<std::string> names;
            for (const Template* made : chosen) {
                for (const auto& name : port_names(made->spec))
                    names.push_back(name);
                const auto ports = listening_ports(*cluster_, made->spec);
                if (!ports)
                    heard.reset();
                else if (heard)
                    heard->insert(heard->end(), ports->begin(), ports->end());
            }
            if (target.is_string() && !parse_int(target.as_string())) {
                if (std::find(names.begin(), names.end(), target.as_string()) == names.end())
                    add(one, path, "target_port_name", {target.str(), join(names, ", ")});
                continue;
            }
            const auto number = static_cast<std::uint16_t>(target.is_string() ? parse_int(target.as_string()).value_or(0) : target.as_int());
            const auto protocol = port["protocol"].as_string("TCP");
            if (heard && protocol == "TCP" && number != 0 && std::find(heard->begin(), heard->end(), number) == heard->end())
                add(one, path, "target_port_silent", {cat(static_cast<int>(number)), listed(*heard)});
        }
    }

    void look_at_template(const Template& made) {
        std::size_t index = 0;
        for (const auto& container : made.spec["containers"].items())
            look_at_probes(made, container, cat(made.path, ".containers[", static_cast<int>(index++), "]"));
        look_at_node_selector(made);
        look_at_references(made);
    }

    void look_at_probes(const Template& made, const Value& container, const std::string& path) {
        const auto heard = listening_ports(*cluster_, made.spec);
        for (const std::string_view probe : {"readinessProbe", "livenessProbe", "startupProbe"})
            for (const std::string_view handler : {"httpGet", "tcpSocket", "grpc"}) {
                const Value& port = container[probe][handler]["port"];
                if (port.is_null())
                    continue;
                const std::string place = cat(path, ".", probe, ".", handler, ".port");
                if (port.is_string()) {
                    const auto names = port_names(Value::object({{"containers", Value::array({container})}}));
                    if (std::find(names.begin(), names.end(), port.as_string()) == names.end())
                        add(*made.written, place, "probe_port_name", {std::string(probe), port.str(), join(names, ", ")});
                } else if (heard && std::find(heard->begin(), heard->end(), static_cast<std::uint16_t>(port.as_int())) == heard->end()) {
                    add(*made.written, place, "probe_port_silent", {std::string(probe), cat(port.as_int()), listed(*heard)});
                }
            }
    }

    // -- what must be there -------------------------------------------------------------------------

    void look_at_node_selector(const Template& made) {
        const auto* node_kind = api::find_kind("v1", "Node");
        const Value& wanted = made.spec["nodeSelector"];
        if (wanted.empty() || !node_kind)
            return;
        const auto nodes = cluster_->peek_list(*node_kind, {});
        for (const auto& label : wanted.members()) {
            std::vector<std::string> values;
            bool fits = false;
            for (const auto& node : nodes)
                for (const auto& own : node["metadata"]["labels"].members()) {
                    fits = fits || (own.key == label.key && own.value == label.value);
                    values.push_back(cat(own.key, "=", own.value.as_string()));
                }
            const std::string own = cat(label.key, "=", label.value.as_string());
            if (!fits)
                add(*made.written, cat(made.path, ".nodeSelector[", label.key, "]"), "node_selector", {own, nearest(own, values)});
        }
    }

    void look_at_references(const Template& made) {
        std::size_t index = 0;
        for (const auto& volume : made.spec["volumes"].items()) {
            const std::string path = cat(made.path, ".volumes[", static_cast<int>(index++), "]");
            if (!volume["configMap"]["optional"].as_bool())
                need(*made.written, path + ".configMap.name", "ConfigMap", volume["configMap"]["name"].as_string());
            if (!volume["secret"]["optional"].as_bool())
                need(*made.written, path + ".secret.secretName", "Secret", volume["secret"]["secretName"].as_string());
            need(*made.written, path + ".persistentVolumeClaim.claimName", "PersistentVolumeClaim",
                 volume["persistentVolumeClaim"]["claimName"].as_string());
        }
        need(*made.written, made.path + ".serviceAccountName", "ServiceAccount", made.spec["serviceAccountName"].as_string());
        index = 0;
        for (const auto& container : made.spec["containers"].items()) {
            const std::string path = cat(made.path, ".containers[", static_cast<int>(index++), "]");
            std::size_t entry = 0;
            for (const auto& variable : container["env"].items()) {
                const std::string from = cat(path, ".env[", static_cast<int>(entry++), "].valueFrom");
                need_key(*made.written, from + ".configMapKeyRef", "ConfigMap", variable["valueFrom"]["configMapKeyRef"]);
                need_key(*made.written, from + ".secretKeyRef", "Secret", variable["valueFrom"]["secretKeyRef"]);
            }
            entry = 0;
            for (const auto& source : container["envFrom"].items()) {
                const std::string from = cat(path, ".envFrom[", static_cast<int>(entry++), "]");
                need_key(*made.written, from + ".configMapRef", "ConfigMap", source["configMapRef"]);
                need_key(*made.written, from + ".secretRef", "Secret", source["secretRef"]);
            }
        }
    }

    void need_key(const Written& one, const std::string& path, std::string_view kind, const Value& reference) {
        if (!reference["optional"].as_bool())
            need(one, path + ".name", kind, reference["name"].as_string());
    }

    void look_at_ingress(const Written& one) {
        const Value& spec = one.object["spec"];
        need(one, "spec.ingressClassName", "IngressClass", spec["ingressClassName"].as_string());
        look_at_backend(one, "spec.defaultBackend.service", spec["defaultBackend"]["service"]);
        std::size_t rule_index = 0;
        for (const auto& rule : spec["rules"].items()) {
            std::size_t path_index = 0;
            for (const auto& path : rule["http"]["paths"].items())
                look_at_backend(one,
                                cat("spec.rules[", static_cast<int>(rule_index), "].http.paths[", static_cast<int>(path_index++),
                                    "].backend.service"),
                                path["backend"]["service"]);
            ++rule_index;
        }
    }

    void look_at_backend(const Written& one, const std::string& path, const Value& backend) {
        const auto name = backend["name"].as_string();
        if (name.empty() || !need(one, path + ".name", "Service", name))
            return;
        const Value service = object("Service", one.space, name);
        const Value& wanted = backend["port"];
        std::string known;
        for (const auto& port : service["spec"]["ports"].items()) {
            if ((wanted.contains("number") && port["port"] == wanted["number"]) || (wanted.contains("name") && port["name"] == wanted["name"]))
                return;
            append(known, known.empty() ? "" : ", ", port["port"].as_int());
        }
        const bool by_name = wanted.contains("name");
        add(one, cat(path, by_name ? ".port.name" : ".port.number"), "missing_backend_port",
            {std::string(name), by_name ? wanted["name"].str() : cat(wanted["number"].as_int()), known});
    }

    // From the text, or from the cluster.
    Value object(std::string_view kind, std::string_view space, std::string_view name) const {
        for (const auto& one : written_)
            if (one.kind->kind == kind && api::name_of(one.object) == name && (!one.kind->namespaced() || one.space == space))
                return one.object;
        for (const auto& known : api::kinds())
            if (known.kind == kind)
                if (Value live = cluster_->peek(known, known.namespaced() ? space : std::string_view(), name); !live.is_null())
                    return live;
        return {};
    }

    bool need(const Written& one, std::string_view path, std::string_view kind, std::string_view name) {
        if (name.empty() || kind.empty() || !object(kind, one.space, name).is_null())
            return true;
        std::vector<std::string> known;
        for (const auto& other : api::kinds())
            if (other.kind == kind)
                for (const auto& live : cluster_->peek_list(other, other.namespaced() ? std::string_view(one.space) : std::string_view()))
                    known.emplace_back(api::name_of(live));
        add(one, path, "missing_object", {std::string(kind), std::string(name), nearest(name, known)});
        return false;
    }

    std::string_view manifest_;
    std::vector<yaml::Piece> pieces_;
    std::size_t at_ = 0;
    const Cluster* cluster_ = nullptr;  // of the step under way
    std::vector<Written> written_;      // does not grow beyond what it has room for: templates point into it
    std::vector<Template> templates_;
    std::vector<ManifestHint> hints_;
};

ManifestHinter::ManifestHinter(std::string_view manifest) : work_(std::make_unique<Work>(manifest)) {}
ManifestHinter::~ManifestHinter() = default;
ManifestHinter::ManifestHinter(ManifestHinter&&) noexcept = default;
bool ManifestHinter::step(const Cluster& cluster) { return work_->step(cluster); }
std::vector<ManifestHint> ManifestHinter::take() { return work_->take(); }

std::vector<ManifestHint> manifest_hints(const Cluster& cluster, std::string_view manifest) {
    ManifestHinter hinter(manifest);
    while (hinter.step(cluster)) {
    }
    return hinter.take();
}

}  // namespace kubewalk::cluster
