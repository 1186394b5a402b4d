// Volumes of storage drivers, CSINode, VolumeAttributesClass, IPAddress, ServiceCIDR. Upstream:
// k8s.io/kubectl/pkg/describe/describe.go (print…VolumeSource, describeCSINode, describeVolumeAttributesClass,
// describeIPAddressV1, describeServiceCIDRV1).

#include "core/kubectl/describe/describe.h"

namespace kubewalk::kubectl::describe {

using api::Value;

namespace {

// How Go's %v prints what stands in the field.
enum class As : unsigned char { title, text, number, truth, list, commas, map, secret, number_or_none, or_none, or_unset };
enum class Where : unsigned char { anywhere, persistent };

struct Row {
    std::string_view label;
    std::string_view field;  // of a title: the source's
    As as = As::text;
    Where where = Where::anywhere;
};

// One title per driver, then the lines of its table.
constexpr Row rows[] = {
    {"GCEPersistentDisk (a Persistent Disk resource in Google Compute Engine)", "gcePersistentDisk", As::title},
    {"PDName:\t", "pdName"},
    {"FSType:\t", "fsType"},
    {"Partition:\t", "partition", As::number},
    {"ReadOnly:\t", "readOnly", As::truth},
    {"AWSElasticBlockStore (a Persistent Disk resource in AWS)", "awsElasticBlockStore", As::title},
    {"VolumeID:\t", "volumeID"},
    {"FSType:\t", "fsType"},
    {"Partition:\t", "partition", As::number},
    {"ReadOnly:\t", "readOnly", As::truth},
    {"GitRepo (a volume that is pulled from git when the pod is created)", "gitRepo", As::title},
    {"Repository:\t", "repository"},
    {"Revision:\t", "revision"},
    {"ISCSI (an ISCSI Disk resource that is attached to a kubelet's host machine and then exposed to the pod)", "iscsi", As::title},
    {"TargetPortal:\t", "targetPortal"},
    {"IQN:\t", "iqn"},
    {"Lun:\t", "lun", As::number},
    {"ISCSIInterface\t", "iscsiInterface"},
    {"FSType:\t", "fsType"},
    {"ReadOnly:\t", "readOnly", As::truth},
    {"Portals:\t", "portals", As::list},
    {"DiscoveryCHAPAuth:\t", "chapAuthDiscovery", As::truth},
    {"SessionCHAPAuth:\t", "chapAuthSession", As::truth},
    {"SecretRef:\t", "secretRef", As::secret},
    {"InitiatorName:\t", "initiatorName", As::or_none},
    {"Glusterfs (a Glusterfs mount on the host that shares a pod's lifetime)", "glusterfs", As::title},
    {"EndpointsName:\t", "endpoints"},
    {"EndpointsNamespace:\t", "endpointsNamespace", As::or_unset, Where::persistent},
    {"Path:\t", "path"},
    {"ReadOnly:\t", "readOnly", As::truth},
    {"RBD (a Rados Block Device mount on the host that shares a pod's lifetime)", "rbd", As::title},
    {"CephMonitors:\t", "monitors", As::list},
    {"RBDImage:\t", "image"},
    {"FSType:\t", "fsType"},
    {"RBDPool:\t", "pool"},
    {"RadosUser:\t", "user"},
    {"Keyring:\t", "keyring"},
    {"SecretRef:\t", "secretRef", As::secret},
    {"ReadOnly:\t", "readOnly", As::truth},
    {"Quobyte (a Quobyte mount on the host that shares a pod's lifetime)", "quobyte", As::title},
    {"Registry:\t", "registry"},
    {"Volume:\t", "volume"},
    {"ReadOnly:\t", "readOnly", As::truth},
    {"AzureDisk (an Azure Data Disk mount on the host and bind mount to the pod)", "azureDisk", As::title},
    {"DiskName:\t", "diskName"},
    {"DiskURI:\t", "diskURI"},
    {"Kind: \t", "kind"},
    {"FSType:\t", "fsType"},
    {"CachingMode:\t", "cachingMode"},
    {"ReadOnly:\t", "readOnly", As::truth},
    {"vSphereVolume (a Persistent Disk resource in vSphere)", "vsphereVolume", As::title},
    {"VolumePath:\t", "volumePath"},
    {"FSType:\t", "fsType"},
    {"StoragePolicyName:\t", "storagePolicyName"},
    {"PhotonPersistentDisk (a Persistent Disk resource in photon platform)", "photonPersistentDisk", As::title},
    {"PdID:\t", "pdID"},
    {"FSType:\t", "fsType"},
    {"Cinder (a Persistent Disk resource in OpenStack)", "cinder", As::title},
    {"VolumeID:\t", "volumeID"},
    {"FSType:\t", "fsType"},
    {"ReadOnly:\t", "readOnly", As::truth},
    {"SecretRef:\t", "secretRef", As::secret},
    {"PortworxVolume (a Portworx Volume resource)", "portworxVolume", As::title},
    {"VolumeID:\t", "volumeID"},
    {"ScaleIO (a persistent volume backed by a block device in ScaleIO)", "scaleIO", As::title},
    {"Gateway:\t", "gateway"},
    {"System:\t", "system"},
    {"Protection Domain:\t", "protectionDomain"},
    {"Storage Pool:\t", "storagePool"},
    {"Storage Mode:\t", "storageMode"},
    {"VolumeName:\t", "volumeName"},
    {"SecretName:\t", "secretRef.name", As::text, Where::persistent},
    {"SecretNamespace:\t", "secretRef.namespace", As::text, Where::persistent},
    {"FSType:\t", "fsType"},
    {"ReadOnly:\t", "readOnly", As::truth},
    {"CephFS (a CephFS mount on the host that shares a pod's lifetime)", "cephfs", As::title},
    {"Monitors:\t", "monitors", As::list},
    {"Path:\t", "path"},
    {"User:\t", "user"},
    {"SecretFile:\t", "secretFile"},
    {"SecretRef:\t", "secretRef", As::secret},
    {"ReadOnly:\t", "readOnly", As::truth},
    {"StorageOS (a StorageOS Persistent Disk resource)", "storageos", As::title},
    {"VolumeName:\t", "volumeName"},
    {"VolumeNamespace:\t", "volumeNamespace"},
    {"FSType:\t", "fsType"},
    {"ReadOnly:\t", "readOnly", As::truth},
    {"FC (a Fibre Channel disk)", "fc", As::title},
    {"TargetWWNs:\t", "targetWWNs", As::commas},
    {"LUN:\t", "lun", As::number_or_none},
    {"FSType:\t", "fsType"},
    {"ReadOnly:\t", "readOnly", As::truth},
    {"AzureFile (an Azure File Service mount on the host and bind mount to the pod)", "azureFile", As::title},
    {"SecretName:\t", "secretName"},
    {"SecretNamespace:\t", "secretNamespace", As::text, Where::persistent},
    {"ShareName:\t", "shareName"},
    {"ReadOnly:\t", "readOnly", As::truth},
    {"FlexVolume (a generic volume resource that is provisioned/attached using an exec based plugin)", "flexVolume", As::title},
    {"Driver:\t", "driver"},
    {"FSType:\t", "fsType"},
    {"SecretRef:\t", "secretRef", As::secret},
    {"ReadOnly:\t", "readOnly", As::truth},
    {"Options:\t", "options", As::map},
    {"Flocker (a Flocker volume mounted by the Flocker agent)", "flocker", As::title},
    {"DatasetName:\t", "datasetName"},
    {"DatasetUUID:\t", "datasetUUID"},
    {"CSI (a Container Storage Interface (CSI) volume source)", "csi", As::title},
    {"Driver:\t", "driver"},
    {"FSType:\t", "fsType"},
    {"VolumeHandle:\t", "volumeHandle", As::text, Where::persistent},
    {"ReadOnly:\t", "readOnly", As::truth},
};

std::string map_text(const Value& map) {
    std::vector<std::string> pairs;
    for (const auto& [key, value] : map.members())
        pairs.push_back(cat(key, ":", value.as_string()));
    return cat("map[", join(pairs, " "), "]");
}

// LocalObjectReference of a Pod, SecretReference of a PersistentVolume; their generated String().
std::string secret_text(const Value& secret, Where where) {
    if (secret.is_null())
        return "nil";
    const auto name = secret["name"].as_string();
    return where == Where::anywhere ? cat("&LocalObjectReference{Name:", name, ",}")
                                    : cat("&SecretReference{Name:", name, ",Namespace:", secret["namespace"].as_string(), ",}");
}

const Value& at_path(const Value& source, std::string_view path) {
    const Value* at = &source;
    for (const auto step : split(path, '.'))
        at = &(*at)[step];
    return *at;
}

std::string value_text(const Row& row, const Value& value, Where where) {
    switch (row.as) {
    case As::number: return cat(value.as_int());
    case As::truth: return value.as_bool() ? "true" : "false";
    case As::list: return cat("[", joined(value, " "), "]");
    case As::commas: return joined(value, ", ");
    case As::map: return map_text(value);
    case As::secret: return secret_text(value, where);
    case As::number_or_none: return value.is_null() ? "<none>" : cat(value.as_int());
    case As::or_none: return value.str("<none>");
    case As::or_unset: return value.str("<unset>");
    case As::title:
    case As::text: break;
    }
    return value.str();
}

void csi_attributes(Writer& w, const Value& attributes) {
    constexpr std::size_t longest = 140;  // maxAnnotationLen
    w.write(2, "VolumeAttributes:\t");
    if (attributes.empty())
        w.line(0, "<none>");
    bool first = true;
    for (const auto& [key, value] : attributes.members()) {
        if (!first)
            w.write(4, "\t");
        const auto text = cat(key, "=", value.as_string());
        w.line(2, text.substr(0, longest), text.size() > longest ? "..." : "");
        first = false;
    }
}

bool print_source(Writer& w, const Value& volume, Where where) {
    const Value* source = nullptr;
    for (const auto& row : rows) {
        if (row.as == As::title) {
            if (source)
                break;
            if (const auto& candidate = volume[row.field]; !candidate.is_null()) {
                source = &candidate;
                w.line(2, "Type:\t", row.label);
            }
        } else if (source && (row.where == Where::anywhere || row.where == where)) {
            w.line(2, row.label, value_text(row, at_path(*source, row.field), where));
        }
    }
    if (source == &volume["csi"])
        csi_attributes(w, volume["csi"]["volumeAttributes"]);
    return source != nullptr;
}

}  // namespace

bool volume_of_driver(Writer& w, const Value& volume) { return print_source(w, volume, Where::anywhere); }
bool persistent_volume_of_driver(Writer& w, const Value& spec) { return print_source(w, spec, Where::persistent); }

void csi_node(const Subject& subject, Writer& w) {
    const auto& object = subject.object;
    w.line(0, "Name:\t", api::name_of(object));
    labels(w, "Labels", object["metadata"]["labels"]);
    annotations(w, "Annotations", object["metadata"]["annotations"]);
    w.line(0, "CreationTimestamp:\t", rfc1123(object["metadata"]["creationTimestamp"]));
    w.line(0, "Spec:");
    const auto& drivers = object["spec"]["drivers"];
    if (!drivers.is_null())
        w.line(1, "Drivers:");
    for (const auto& driver : drivers.items()) {
        w.line(2, driver["name"].as_string(), ":");
        w.line(3, "Node ID:\t", driver["nodeID"].as_string());
        if (const auto& count = driver["allocatable"]["count"]; !count.is_null()) {
            w.line(3, "Allocatables:");
            w.line(4, "Count:\t", count.as_int());
        }
        if (!driver["topologyKeys"].is_null())
            w.line(3, "Topology Keys:\t[", joined(driver["topologyKeys"], " "), "]");
    }
    events(w, subject);
}

void volume_attributes_class(const Subject& subject, Writer& w) {
    const auto& object = subject.object;
    w.line(0, "Name:\t", api::name_of(object));
    w.line(0, "Annotations:\t", format_labels(object["metadata"]["annotations"]));
    w.line(0, "DriverName:\t", object["driverName"].as_string());
    w.line(0, "Parameters:\t", format_labels(object["parameters"]));
    events(w, subject);
}

void ip_address(const Subject& subject, Writer& w) {
    const auto& object = subject.object;
    w.line(0, "Name:\t", api::name_of(object));
    labels(w, "Labels", object["metadata"]["labels"]);
    annotations(w, "Annotations", object["metadata"]["annotations"]);
    if (const auto& parent = object["spec"]["parentRef"]; !parent.is_null()) {
        w.line(0, "Parent Reference:");
        w.line(1, "Group:\t", parent["group"].as_string());
        w.line(1, "Resource:\t", parent["resource"].as_string());
        w.line(1, "Namespace:\t", parent["namespace"].as_string());
        w.line(1, "Name:\t", parent["name"].as_string());
    }
    events(w, subject);
}

void service_cidr(const Subject& subject, Writer& w) {
    const auto& object = subject.object;
    w.line(0, "Name:\t", api::name_of(object));
    labels(w, "Labels", object["metadata"]["labels"]);
    annotations(w, "Annotations", object["metadata"]["annotations"]);
    w.line(0, "CIDRs:\t", joined(object["spec"]["cidrs"], ", "));
    if (const auto& conditions = object["status"]["conditions"]; !conditions.empty()) {
        w.line(0, "Status:");
        w.line(0, "Conditions:");
        w.line(1, "Type\tStatus\tLastTransitionTime\tReason\tMessage");
        w.line(1, "----\t------\t------------------\t------\t-------");
        for (const auto& condition : conditions.items())
            w.line(1, condition["type"].as_string(), "\t", condition["status"].as_string(), "\t", rfc1123(condition["lastTransitionTime"]), "\t",
                   condition["reason"].as_string(), "\t", condition["message"].as_string());
    }
    events(w, subject);
}

}  // namespace kubewalk::kubectl::describe
