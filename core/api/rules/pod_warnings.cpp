// Warnings about a PodSpec. Upstream: pkg/api/pod/warnings.go, pkg/api/node/util.go.

#include <map>
#include <set>
#include <string>

#include "core/api/quantity.h"
#include "core/api/rules/pod_spec.h"
#include "core/base/text.h"

namespace kubewalk::api {
namespace {

using Warnings = std::vector<std::string>;

struct Notice {
    std::string_view what;
    std::string_view text;
};

constexpr Notice old_labels[] = {
    {"beta.kubernetes.io/arch", "deprecated since v1.14; use \"kubernetes.io/arch\" instead"},
    {"beta.kubernetes.io/os", "deprecated since v1.14; use \"kubernetes.io/os\" instead"},
    {"failure-domain.beta.kubernetes.io/region",
     "deprecated since v1.17; use \"topology.kubernetes.io/region\" instead"},
    {"failure-domain.beta.kubernetes.io/zone", "deprecated since v1.17; use \"topology.kubernetes.io/zone\" instead"},
    {"beta.kubernetes.io/instance-type", "deprecated since v1.17; use \"node.kubernetes.io/instance-type\" instead"},
};

constexpr Notice old_volumes[] = {
    {"photonPersistentDisk", "deprecated in v1.11, non-functional in v1.16+"},
    {"gitRepo", "deprecated in v1.11, and disabled by default in v1.33+"},
    {"scaleIO", "deprecated in v1.16, non-functional in v1.22+"},
    {"flocker", "deprecated in v1.22, non-functional in v1.25+"},
    {"storageos", "deprecated in v1.22, non-functional in v1.25+"},
    {"quobyte", "deprecated in v1.22, non-functional in v1.25+"},
    {"glusterfs", "deprecated in v1.25, non-functional in v1.26+"},
    {"cephfs", "deprecated in v1.28, non-functional in v1.31+"},
    {"rbd", "deprecated in v1.28, non-functional in v1.31+"},
};

void warn(Warnings& out, const Path& path, std::string_view text) {
    out.push_back(path.str() + ": " + std::string(text));
}

std::string_view label_notice(std::string_view label) {
    for (const Notice& notice : old_labels) {
        if (notice.what == label) return notice.text;
    }
    return {};
}

void warn_of_term(const Value& term, const Path& path, Warnings& out) {
    const Path expressions = path.child("matchExpressions");
    const Value& requirements = term["matchExpressions"];
    for (std::size_t i = 0; i < requirements.size(); ++i) {
        const std::string_view key = requirements[i]["key"].as_string();
        const std::string_view notice = label_notice(key);
        const Path at = expressions.index(i);
        if (!notice.empty()) warn(out, at.child("key"), std::string(key) + " is " + std::string(notice));
    }
}

void warn_of_node_labels(const Value& spec, const Path& path, Warnings& out) {
    const Path selector_path = path.child("nodeSelector");
    for (const Value::Member& label : spec["nodeSelector"].members()) {
        const std::string_view notice = label_notice(label.key);
        if (!notice.empty()) warn(out, selector_path.key(label.key), notice);
    }
    const Path affinity_path = path.child("affinity");
    const Path node_path = affinity_path.child("nodeAffinity");
    const Value& affinity = spec.path("affinity", "nodeAffinity");
    const Path required_path = node_path.child("requiredDuringSchedulingIgnoredDuringExecution");
    const Path terms_path = required_path.child("nodeSelectorTerms");
    const Value& terms = affinity["requiredDuringSchedulingIgnoredDuringExecution"]["nodeSelectorTerms"];
    for (std::size_t i = 0; i < terms.size(); ++i) warn_of_term(terms[i], terms_path.index(i), out);
    const Value& preferred = affinity["preferredDuringSchedulingIgnoredDuringExecution"];
    const Path preferred_path = node_path.child("preferredDuringSchedulingIgnoredDuringExecution");
    for (std::size_t i = 0; i < preferred.size(); ++i) {
        const Path at = preferred_path.index(i);
        warn_of_term(preferred[i]["preference"], at.child("preference"), out);
    }
    const Value& constraints = spec["topologySpreadConstraints"];
    const Path constraints_path = path.child("topologySpreadConstraints");
    for (std::size_t i = 0; i < constraints.size(); ++i) {
        const Path at = constraints_path.index(i);
        const std::string_view key = constraints[i]["topologyKey"].as_string();
        const std::string_view notice = label_notice(key);
        if (!notice.empty()) warn(out, at.child("topologyKey"), std::string(key) + " is " + std::string(notice));
        if (constraints[i]["labelSelector"].is_null()) {
            warn(out, at.child("labelSelector"), "a null labelSelector results in matching no pod");
        }
    }
}

void warn_of_volumes(const Value& spec, const Path& path, Warnings& out) {
    const Value& volumes = spec["volumes"];
    for (std::size_t i = 0; i < volumes.size(); ++i) {
        const Path at = path.index(i);
        for (const Notice& notice : old_volumes) {
            if (volumes[i][notice.what].is_null()) continue;
            warn(out, at.child(notice.what == "storageos" ? "storageOS" : notice.what), notice.text);
        }
    }
}

void warn_of_repeats(const Value& list, std::string_view field, std::string_view word, const Path& path,
                     Warnings& out) {
    std::set<std::string_view> seen;
    for (std::size_t i = 0; i < list.size(); ++i) {
        const std::string_view text = list[i][field].as_string();
        const Path at = path.index(i);
        if (seen.insert(text).second) continue;
        warn(out, at.child(field), "duplicate " + std::string(word) + " " + quoted(text));
    }
}

void warn_of_fractions(const Value& list, const Path& path, Warnings& out) {
    for (const std::string_view name : {"memory", "ephemeral-storage"}) {
        if (!list.contains(name)) continue;
        const Quantity amount = Quantity::from(list[name]);
        if (amount.milli_value() % 1000 == 0) continue;
        warn(out, path.key(name), "fractional byte value " + quoted(amount.str()) + " is invalid, must be an integer");
    }
}

void warn_of_variables(const Value& variables, const Path& path, Warnings& out) {
    std::set<std::string_view> seen;
    for (std::size_t i = 0; i < variables.size(); ++i) {
        const std::string_view name = variables[i]["name"].as_string();
        if (seen.insert(name).second) continue;
        // X="$(X) more" builds on what was there; anything else hides it.
        const std::string reference = "$(" + std::string(name) + ")";
        const std::string_view value = variables[i]["value"].as_string();
        const bool extends = variables[i]["valueFrom"].is_null() && value != reference &&
                             value.find(reference) != std::string_view::npos;
        if (extends) continue;
        warn(out, path.index(i),
             "hides previous definition of " + quoted(name) + ", which may be dropped when using apply");
    }
}

struct SeenPort {
    std::string path;
    Value port;
};

void warn_of_ports(const Value& ports, const Path& path, std::map<std::string, std::vector<SeenPort>>& seen,
                   Warnings& out) {
    for (std::size_t i = 0; i < ports.size(); ++i) {
        const Value& port = ports[i];
        const Path at = path.index(i);
        const std::string key = std::to_string(port["containerPort"].as_int()) + "/" + port["protocol"].str();
        const std::int64_t host_port = port["hostPort"].as_int();
        const std::string_view host_ip = port["hostIP"].as_string();
        for (const SeenPort& other : seen[key]) {
            const std::int64_t other_port = other.port["hostPort"].as_int();
            const std::string_view other_ip = other.port["hostIP"].as_string();
            if (host_ip == other_ip && host_port == other_port) {
                warn(out, at, "duplicate port definition with " + other.path);
            } else if (host_port == 0 || other_port == 0) {
                warn(out, at, "overlapping port definition with " + other.path);
            } else if (host_port == other_port && (host_ip.empty() || other_ip.empty())) {
                warn(out, at, "dangerously ambiguous port definition with " + other.path);
            }
        }
        seen[key].push_back({at.str(), port});
    }
}

}  // namespace

void pod_template_warnings(const Value& pod_template, const Path& path, std::vector<std::string>& out) {
    pod_annotation_warnings(pod_template, path.child("metadata"), out);
    pod_spec_warnings(pod_template["spec"], path.child("spec"), out);
}

void pod_spec_warnings(const Value& spec, const Path& path, std::vector<std::string>& out) {
    warn_of_node_labels(spec, path, out);
    warn_of_volumes(spec, path.child("volumes"), out);
    warn_of_repeats(spec["hostAliases"], "ip", "ip", path.child("hostAliases"), out);
    const Path secrets_path = path.child("imagePullSecrets");
    warn_of_repeats(spec["imagePullSecrets"], "name", "name", secrets_path, out);
    for (std::size_t i = 0; i < spec["imagePullSecrets"].size(); ++i) {
        const Path at = secrets_path.index(i);
        if (spec["imagePullSecrets"][i]["name"].as_string().empty()) {
            warn(out, at.child("name"), "invalid empty name \"\"");
        }
    }
    warn_of_fractions(spec["overhead"], path.child("overhead"), out);
    std::map<std::string, std::vector<SeenPort>> ports;
    Warnings of_ports;
    for (const std::string_view list : {"initContainers", "containers", "ephemeralContainers"}) {
        const Path list_path = path.child(list);
        for (std::size_t i = 0; i < spec[list].size(); ++i) {
            const Value& container = spec[list][i];
            const Path at = list_path.index(i);
            const Path resources = at.child("resources");
            warn_of_fractions(container.path("resources", "limits"), resources.child("limits"), out);
            warn_of_fractions(container.path("resources", "requests"), resources.child("requests"), out);
            warn_of_variables(container["env"], at.child("env"), out);
            warn_of_ports(container["ports"], at.child("ports"), ports, of_ports);
        }
    }
    out.insert(out.end(), of_ports.begin(), of_ports.end());
    const Value& grace = spec["terminationGracePeriodSeconds"];
    if (grace.as_int() < 0) {
        warn(out, path.child("terminationGracePeriodSeconds"),
             "must be >= 0; negative values are invalid and will be treated as 1");
    }
}

}  // namespace kubewalk::api
