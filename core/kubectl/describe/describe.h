#pragma once
// kubectl describe: one file per kind, one line each in the table of describe.cpp.
// Upstream: k8s.io/kubectl/pkg/describe/describe.go.

#include <string>
#include <string_view>
#include <utility>

#include "core/api/kinds.h"
#include "core/base/text.h"
#include "core/kubectl/refusal.h"
#include "core/kubectl/server.h"
#include "core/kubectl/tab_writer.h"

namespace kubewalk::kubectl::describe {

// Where a describer writes: levels of two blanks, tabs between columns.
class Writer {
public:
    enum class Tabs : unsigned char { aligned, kept };  // kept: `rollout history --revision` prints them

    explicit Writer(Tabs tabs = Tabs::aligned) : tabs_(tabs) {}

    template <typename... Pieces>
    void write(int level, const Pieces&... pieces);
    template <typename... Pieces>
    void line(int level, const Pieces&... pieces);
    void flush() { out_.flush(); }
    std::string take() { return tabs_ == Tabs::kept ? std::exchange(plain_, {}) : out_.take(); }

private:
    void put(std::string_view text) {
        if (tabs_ == Tabs::kept)
            plain_ += text;
        else
            out_.write(text);
    }

    Tabs tabs_;
    std::string plain_;
    TabWriter out_{describe_stops};
};

// What a describer is given.
struct Subject {
    const api::Kind& kind;
    const api::Value& object;
    Server& server;
    Time now;
    api::Value events;  // null with --show-events=false
};

using Describer = void (*)(const Subject& subject, Writer& w);

// All of `kubectl describe` about one object. The object was fetched already.
std::string describe(const api::Kind& kind, const api::Value& object, Server& server, Time now, bool show_events);

// -- pieces that several kinds share ------------------------------------------------------------------

void labels(Writer& w, std::string_view title, const api::Value& labels);
void annotations(Writer& w, std::string_view title, const api::Value& annotations);
// Name, Namespace (when there is one), Labels, Annotations.
void metadata(Writer& w, const api::Value& object);
void events(Writer& w, const Subject& subject);
void pod_template(Writer& w, const api::Value& pod_template);
enum class Inside : unsigned char { pod, pod_template };
void containers(Writer& w, std::string_view label, const api::Value& containers, const api::Value& statuses,
                const api::Value& pod, Inside inside);
void volumes(Writer& w, const api::Value& volumes, Inside inside);
void tolerations(Writer& w, std::string_view title, const api::Value& tolerations);
void topology_spread(Writer& w, const api::Value& constraints, Inside inside);
void resources(Writer& w, const api::Value& requirements, int level);
void conditions_with_reason(Writer& w, const api::Value& conditions);
// "2 Running / 0 Waiting / 0 Succeeded / 0 Failed" of the Pods that the object controls.
std::string pods_status(const Subject& subject);

std::string rfc1123(const api::Value& timestamp);  // "Thu, 01 Jan 2026 00:03:12 +0000"
std::string since(const api::Value& timestamp, Time now);
std::string or_none(std::string_view text);
std::string controller(const api::Value& object);  // "ReplicaSet/x", or ""
// labels.FormatLabels: "a=b,c=d" or "<none>".
std::string format_labels(const api::Value& labels);
std::string joined(const api::Value& texts, std::string_view separator);
// formatEndpointSlices: three ready addresses of the port of that name, then how many more.
std::string endpoints_of_slices(const api::Value& slices, std::string_view port_name);
std::string bool_or_unset(const api::Value& value);  // "True", "False", "<unset>"
// What stands behind a volume's name: "Type:", "Path:", ...
void volume_source(Writer& w, const api::Value& volume);
// The same for disks and file systems of vendors, and CSI; false when it is none of them.
bool volume_of_driver(Writer& w, const api::Value& volume);
bool persistent_volume_of_driver(Writer& w, const api::Value& spec);
// The storage class a claim asks for, by field or by the annotation of old.
std::string claim_class(const api::Value& claim);
// Rules of a role, one resource a line, cells separated by tabs; `auth can-i --list` prints the same.
std::string rule_lines(const api::Value& rules);

#define KUBEWALK_DESCRIBER(name) void name(const Subject& subject, Writer& w);
KUBEWALK_DESCRIBER(autoscaler)
KUBEWALK_DESCRIBER(certificate_signing_request)
KUBEWALK_DESCRIBER(config_map)
KUBEWALK_DESCRIBER(cron_job)
KUBEWALK_DESCRIBER(csi_node)
KUBEWALK_DESCRIBER(daemon_set)
KUBEWALK_DESCRIBER(deployment)
KUBEWALK_DESCRIBER(disruption_budget)
KUBEWALK_DESCRIBER(endpoint_slice)
KUBEWALK_DESCRIBER(endpoints)
KUBEWALK_DESCRIBER(generic)
KUBEWALK_DESCRIBER(ingress)
KUBEWALK_DESCRIBER(ingress_class)
KUBEWALK_DESCRIBER(ip_address)
KUBEWALK_DESCRIBER(job)
KUBEWALK_DESCRIBER(limit_range)
KUBEWALK_DESCRIBER(namespace_object)
KUBEWALK_DESCRIBER(network_policy)
KUBEWALK_DESCRIBER(node)
KUBEWALK_DESCRIBER(persistent_volume)
KUBEWALK_DESCRIBER(persistent_volume_claim)
KUBEWALK_DESCRIBER(pod)
KUBEWALK_DESCRIBER(priority_class)
KUBEWALK_DESCRIBER(replica_set)
KUBEWALK_DESCRIBER(replication_controller)
KUBEWALK_DESCRIBER(resource_quota)
KUBEWALK_DESCRIBER(role)
KUBEWALK_DESCRIBER(role_binding)
KUBEWALK_DESCRIBER(secret)
KUBEWALK_DESCRIBER(service)
KUBEWALK_DESCRIBER(service_account)
KUBEWALK_DESCRIBER(service_cidr)
KUBEWALK_DESCRIBER(stateful_set)
KUBEWALK_DESCRIBER(storage_class)
KUBEWALK_DESCRIBER(volume_attributes_class)
#undef KUBEWALK_DESCRIBER

template <typename... Pieces>
void Writer::write(int level, const Pieces&... pieces) {
    put(std::string(static_cast<std::size_t>(2 * level), ' '));
    put(cat(pieces...));
}

template <typename... Pieces>
void Writer::line(int level, const Pieces&... pieces) {
    write(level, pieces...);
    put("\n");
}

}  // namespace kubewalk::kubectl::describe
