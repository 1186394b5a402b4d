// Containers, their volumes and a Pod template.

#include <algorithm>

#include "core/api/int_or_string.h"
#include "core/api/quantity.h"
#include "core/base/sort.h"
#include "core/kubectl/describe/describe.h"

namespace kubewalk::kubectl::describe {

using api::Value;

namespace {

std::string port_list(const Value& ports, std::string_view field) {
    std::vector<std::string> texts;
    for (const auto& port : ports.items()) {
        auto text = cat(port[field].as_int(), "/", port["protocol"].as_string("TCP"));
        if (const auto name = port["name"].as_string(); !name.empty())
            append(text, " (", name, ")");
        texts.push_back(std::move(text));
    }
    return join(texts, ", ");
}

void port_line(Writer& w, std::string_view title, const std::string& list) {
    const bool several = list.find(',') != std::string::npos;
    w.line(2, title, several ? "s:\t" : ":\t", or_none(list));
}

void word_list(Writer& w, std::string_view title, const Value& words) {
    if (words.empty())
        return;
    w.line(2, title, ":");
    for (const auto& word : words.items())
        for (const auto piece : split(word.as_string(), '\n'))
            w.line(3, piece);
}

void state(Writer& w, std::string_view title, const Value& state) {
    if (const auto& running = state["running"]; !running.is_null()) {
        w.line(2, title, ":\tRunning");
        w.line(3, "Started:\t", rfc1123(running["startedAt"]));
    } else if (const auto& terminated = state["terminated"]; !terminated.is_null()) {
        w.line(2, title, ":\tTerminated");
        if (const auto reason = terminated["reason"].as_string(); !reason.empty())
            w.line(3, "Reason:\t", reason);
        if (const auto message = terminated["message"].as_string(); !message.empty())
            w.line(3, "Message:\t", message);
        w.line(3, "Exit Code:\t", terminated["exitCode"].as_int());
        if (terminated["signal"].as_int() > 0)
            w.line(3, "Signal:\t", terminated["signal"].as_int());
        w.line(3, "Started:\t", rfc1123(terminated["startedAt"]));
        w.line(3, "Finished:\t", rfc1123(terminated["finishedAt"]));
    } else {
        w.line(2, title, ":\tWaiting");
        if (const auto reason = state["waiting"]["reason"].as_string(); !reason.empty())
            w.line(3, "Reason:\t", reason);
    }
}

std::string probe_text(const Value& probe) {
    const auto attributes = cat("delay=", probe["initialDelaySeconds"].as_int(), "s timeout=", probe["timeoutSeconds"].as_int(),
                                "s period=", probe["periodSeconds"].as_int(), "s #success=", probe["successThreshold"].as_int(),
                                " #failure=", probe["failureThreshold"].as_int());
    if (const auto& exec = probe["exec"]; !exec.is_null())
        return cat("exec [", joined(exec["command"], " "), "] ", attributes);
    if (const auto& http = probe["httpGet"]; !http.is_null())
        return cat("http-get ", to_lower(http["scheme"].as_string("HTTP")), "://", http["host"].as_string(), ":",
                   api::int_or_string_text(http["port"]), http["path"].as_string().starts_with('/') ? "" : "/",
                   http["path"].as_string(), " ", attributes);
    if (const auto& tcp = probe["tcpSocket"]; !tcp.is_null())
        return cat("tcp-socket ", tcp["host"].as_string(), ":", api::int_or_string_text(tcp["port"]), " ", attributes);
    if (const auto& grpc = probe["grpc"]; !grpc.is_null())
        return cat("grpc <pod>:", grpc["port"].as_int(), " ", grpc["service"].as_string(), " ", attributes);
    return cat("unknown ", attributes);
}

void env_from(Writer& w, const Value& sources) {
    if (sources.empty())
        return;
    w.line(2, "Environment Variables from:");
    for (const auto& source : sources.items()) {
        const bool map = !source["configMapRef"].is_null();
        const auto& ref = map ? source["configMapRef"] : source["secretRef"];
        const auto prefix = source["prefix"].as_string();
        w.line(3, ref["name"].as_string(), "\t", map ? "ConfigMap" : "Secret",
               prefix.empty() ? std::string() : cat(" with prefix '", prefix, "'"), "\tOptional: ", ref["optional"].as_bool());
    }
}

// EnvValueRetriever, which goes through the scheme's default conversion of field labels
// (runtime.DefaultMetaV1FieldSelectorConversion): of all other fields describe leaves the value out.
std::string field_value(const Value& pod, std::string_view path) {
    return path == "metadata.name" || path == "metadata.namespace" ? pod["metadata"][path.substr(9)].str() : std::string();
}

std::string resource_value(const Value& container, const Value& ref) {
    const auto resource = ref["resource"].as_string();
    const auto dot = resource.find('.');
    const auto& list = container["resources"][resource.substr(0, dot)];
    const auto name = resource.substr(dot + 1);
    const auto amount = api::Quantity::from(list[name]);
    const auto divisor_text = ref["divisor"].as_string();
    auto divisor = api::Quantity::from(ref["divisor"]);
    if (divisor_text.empty() || divisor.is_zero())
        divisor = api::Quantity::of(1);
    std::int64_t result = 0;
    if (name == "cpu") {
        const auto by = std::max<std::int64_t>(divisor.milli_value(), 1);
        result = (amount.milli_value() + by - 1) / by;
    } else {
        const auto by = std::max<std::int64_t>(divisor.value(), 1);
        result = (amount.value() + by - 1) / by;
    }
    if (result == 0 && resource.starts_with("limits."))
        return "node allocatable";
    return cat(result);
}

void env(Writer& w, const Value& container, const Value& pod, Inside inside) {
    const auto& list = container["env"];
    w.line(2, "Environment:", list.empty() ? "\t<none>" : "");
    for (const auto& entry : list.items()) {
        const auto name = entry["name"].as_string();
        const auto& from = entry["valueFrom"];
        if (from.is_null()) {
            bool first = true;
            for (const auto piece : split(entry["value"].as_string(), '\n')) {
                w.line(3, first ? cat(name, ":") : std::string(), "\t", piece);
                first = false;
            }
        } else if (const auto& field = from["fieldRef"]; !field.is_null()) {
            w.line(3, name, ":\t", inside == Inside::pod ? field_value(pod, field["fieldPath"].as_string()) : std::string(), " (",
                   field["apiVersion"].as_string("v1"), ":", field["fieldPath"].as_string(), ")");
        } else if (const auto& resource = from["resourceFieldRef"]; !resource.is_null()) {
            w.line(3, name, ":\t", resource_value(container, resource), " (", resource["resource"].as_string(), ")");
        } else if (const auto& secret_key = from["secretKeyRef"]; !secret_key.is_null()) {
            w.line(3, name, ":\t<set to the key '", secret_key["key"].as_string(), "' in secret '", secret_key["name"].as_string(),
                   "'>\tOptional: ", secret_key["optional"].as_bool());
        } else if (const auto& map_key = from["configMapKeyRef"]; !map_key.is_null()) {
            w.line(3, name, ":\t<set to the key '", map_key["key"].as_string(), "' of config map '", map_key["name"].as_string(),
                   "'>\tOptional: ", map_key["optional"].as_bool());
        }
    }
}

std::vector<Value> sorted_by(const Value& list, std::string_view field) {
    const auto items = list.items();
    std::vector<Value> sorted(items.begin(), items.end());
    sort_stably(sorted, [field](const Value& a, const Value& b) { return a[field].as_string() < b[field].as_string(); });
    return sorted;
}

void mounts(Writer& w, const Value& list, const Value& devices) {
    const std::string_view none = list.empty() ? "\t<none>" : "";
    w.line(2, "Mounts:", none);
    for (const auto& mount : sorted_by(list, "mountPath")) {
        const auto sub_path = mount["subPath"].as_string();
        w.line(3, mount["mountPath"].as_string(), " from ", mount["name"].as_string(), " (",
               mount["readOnly"].as_bool() ? "ro" : "rw", sub_path.empty() ? std::string() : cat(",path=", quoted(sub_path)), ")");
    }
    if (devices.empty())
        return;
    w.line(2, "Devices:", none);  // upstream prints the mounts' "<none>" here too
    for (const auto& device : sorted_by(devices, "devicePath"))
        w.line(3, device["devicePath"].as_string(), " from ", device["name"].as_string());
}

void container(Writer& w, const Value& container, const Value& status, const Value& pod, Inside inside) {
    w.line(1, inside == Inside::pod ? "" : " ", container["name"].as_string(), ":");
    if (!status.is_null())
        w.line(2, "Container ID:\t", status["containerID"].as_string());
    w.line(2, "Image:\t", container["image"].as_string());
    if (!status.is_null())
        w.line(2, "Image ID:\t", status["imageID"].as_string());
    port_line(w, "Port", port_list(container["ports"], "containerPort"));
    port_line(w, "Host Port", port_list(container["ports"], "hostPort"));
    if (const auto& profile = container["securityContext"]["seccompProfile"]; !profile.is_null()) {
        w.line(2, "SeccompProfile:\t", profile["type"].as_string());
        if (profile["type"].as_string() == "Localhost")
            w.line(3, "LocalhostProfile:\t", profile["localhostProfile"].as_string());
    }
    word_list(w, "Command", container["command"]);
    word_list(w, "Args", container["args"]);
    if (!status.is_null()) {
        state(w, "State", status["state"]);
        if (!status["lastState"]["terminated"].is_null())
            state(w, "Last State", status["lastState"]);
        w.line(2, "Ready:\t", status["ready"].as_bool() ? "True" : "False");
        w.line(2, "Restart Count:\t", status["restartCount"].as_int());
    }
    resources(w, container["resources"], 2);
    struct Probe {
        std::string_view field;
        std::string_view title;
    };
    for (const auto& probe : {Probe{"livenessProbe", "Liveness"}, Probe{"readinessProbe", "Readiness"}, Probe{"startupProbe", "Startup"}})
        if (!container[probe.field].is_null())
            w.line(2, probe.title, ":\t", probe_text(container[probe.field]));
    env_from(w, container["envFrom"]);
    env(w, container, pod, inside);
    mounts(w, container["volumeMounts"], container["volumeDevices"]);
}

void projected(Writer& w, const Value& sources) {
    w.line(2, "Type:\tProjected (a volume that contains injected data from multiple sources)");
    for (const auto& source : sources.items()) {
        if (const auto& secret = source["secret"]; !secret.is_null()) {
            w.line(2, "SecretName:\t", secret["name"].as_string());
            w.line(2, "Optional:\t", secret["optional"].as_bool());
        } else if (!source["downwardAPI"].is_null()) {
            w.line(2, "DownwardAPI:\ttrue");
        } else if (const auto& map = source["configMap"]; !map.is_null()) {
            w.line(2, "ConfigMapName:\t", map["name"].as_string());
            w.line(2, "Optional:\t", map["optional"].as_bool());
        } else if (const auto& token = source["serviceAccountToken"]; !token.is_null()) {
            w.line(2, "TokenExpirationSeconds:\t", token["expirationSeconds"].as_int());
        }
    }
}

}  // namespace

// A generic ephemeral volume: printPersistentVolumeClaim of a template.
static void claim_volume(Writer& w, const Value& claim) {
    w.line(2, "Type:\tEphemeralVolume (an inline specification for a volume that gets created and deleted with the pod)");
    w.line(2, "StorageClass:\t", claim_class(claim));
    w.line(2, "Volume:\t", claim["spec"]["volumeName"].as_string());
    labels(w, "    Labels", claim["metadata"]["labels"]);
    annotations(w, "    Annotations", claim["metadata"]["annotations"]);
    w.line(2, "Capacity:\t");
    w.line(2, "Access Modes:\t");
    if (!claim["spec"]["volumeMode"].is_null())
        w.line(2, "VolumeMode:\t", claim["spec"]["volumeMode"].as_string());
}

void volume_source(Writer& w, const Value& volume) {
    if (const auto& host_path = volume["hostPath"]; !host_path.is_null()) {
        w.line(2, "Type:\tHostPath (bare host directory volume)");
        w.line(2, "Path:\t", host_path["path"].as_string());
        w.line(2, "HostPathType:\t", host_path["type"].as_string(host_path["type"].is_null() ? "<none>" : ""));
    } else if (const auto& empty_dir = volume["emptyDir"]; !empty_dir.is_null()) {
        w.line(2, "Type:\tEmptyDir (a temporary directory that shares a pod's lifetime)");
        w.line(2, "Medium:\t", empty_dir["medium"].as_string());
        w.line(2, "SizeLimit:\t", empty_dir["sizeLimit"].as_string("<unset>"));
    } else if (const auto& secret = volume["secret"]; !secret.is_null()) {
        w.line(2, "Type:\tSecret (a volume populated by a Secret)");
        w.line(2, "SecretName:\t", secret["secretName"].as_string());
        w.line(2, "Optional:\t", secret["optional"].as_bool());
    } else if (const auto& map = volume["configMap"]; !map.is_null()) {
        w.line(2, "Type:\tConfigMap (a volume populated by a ConfigMap)");
        w.line(2, "Name:\t", map["name"].as_string());
        w.line(2, "Optional:\t", map["optional"].as_bool());
    } else if (const auto& claim = volume["persistentVolumeClaim"]; !claim.is_null()) {
        w.line(2, "Type:\tPersistentVolumeClaim (a reference to a PersistentVolumeClaim in the same namespace)");
        w.line(2, "ClaimName:\t", claim["claimName"].as_string());
        w.line(2, "ReadOnly:\t", claim["readOnly"].as_bool());
    } else if (const auto& downward = volume["downwardAPI"]; !downward.is_null()) {
        w.line(2, "Type:\tDownwardAPI (a volume populated by information about the pod)\n    Items:");
        for (const auto& item : downward["items"].items()) {
            const auto& field = item["fieldRef"];
            w.line(3, field.is_null() ? item["resourceFieldRef"]["resource"].as_string() : field["fieldPath"].as_string(), " -> ",
                   item["path"].as_string());
        }
    } else if (const auto& nfs = volume["nfs"]; !nfs.is_null()) {
        w.line(2, "Type:\tNFS (an NFS mount that lasts the lifetime of a pod)");
        w.line(2, "Server:\t", nfs["server"].as_string());
        w.line(2, "Path:\t", nfs["path"].as_string());
        w.line(2, "ReadOnly:\t", nfs["readOnly"].as_bool());
    } else if (const auto& ephemeral = volume["ephemeral"]; !ephemeral.is_null()) {
        claim_volume(w, ephemeral["volumeClaimTemplate"]);
    } else if (const auto& image = volume["image"]; !image.is_null()) {
        w.line(2, "Type:\tImage (a container image or OCI artifact)");
        w.line(2, "Reference:\t", image["reference"].as_string());
        w.line(2, "PullPolicy:\t", image["pullPolicy"].as_string());
    } else if (const auto& mixed = volume["projected"]; !mixed.is_null()) {
        projected(w, mixed["sources"]);
    } else if (!volume_of_driver(w, volume)) {
        w.line(1, "<unknown>");
    }
}

void resources(Writer& w, const Value& requirements, int level) {
    struct Part {
        std::string_view field;
        std::string_view title;
    };
    for (const auto& part : {Part{"limits", "Limits"}, Part{"requests", "Requests"}}) {
        if (requirements[part.field].empty())
            continue;
        w.line(level, part.title, ":");
        for (const auto& [name, amount] : requirements[part.field].members())
            w.line(level + 1, name, ":\t", api::Quantity::from(amount).str());
    }
}

void containers(Writer& w, std::string_view label, const Value& list, const Value& statuses, const Value& pod, Inside inside) {
    w.line(0, inside == Inside::pod ? "" : "  ", label, ":", list.empty() ? " <none>" : "");
    for (const auto& entry : list.items()) {
        const Value* status = &api::null_value();
        for (const auto& candidate : statuses.items())
            if (candidate["name"] == entry["name"])
                status = &candidate;
        container(w, entry, *status, pod, inside);
    }
}

void volumes(Writer& w, const Value& list, Inside inside) {
    const std::string_view space = inside == Inside::pod ? "" : "  ";
    if (list.empty())
        return w.line(0, space, "Volumes:\t<none>");
    w.line(0, space, "Volumes:");
    for (const auto& entry : list.items()) {
        w.line(1, inside == Inside::pod ? "" : " ", entry["name"].as_string(), ":");
        volume_source(w, entry);
    }
}

void pod_template(Writer& w, const Value& pod_template) {
    const auto& spec = pod_template["spec"];
    w.line(0, "Pod Template:");
    labels(w, "  Labels", pod_template["metadata"]["labels"]);
    if (!pod_template["metadata"]["annotations"].empty())
        annotations(w, "  Annotations", pod_template["metadata"]["annotations"]);
    if (const auto account = spec["serviceAccountName"].as_string(); !account.empty())
        w.line(1, "Service Account:\t", account);
    if (!spec["initContainers"].empty())
        containers(w, "Init Containers", spec["initContainers"], {}, {}, Inside::pod_template);
    containers(w, "Containers", spec["containers"], {}, {}, Inside::pod_template);
    volumes(w, spec["volumes"], Inside::pod_template);
    topology_spread(w, spec["topologySpreadConstraints"], Inside::pod_template);
    if (const auto name = spec["priorityClassName"].as_string(); !name.empty())
        w.line(1, "Priority Class Name:\t", name);
    labels(w, "  Node-Selectors", spec["nodeSelector"]);
    tolerations(w, "  Tolerations", spec["tolerations"]);
}

}  // namespace kubewalk::kubectl::describe
