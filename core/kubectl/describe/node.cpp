#include <algorithm>
#include <map>

#include "core/api/quantity.h"
#include "core/base/sort.h"
#include "core/kubectl/describe/describe.h"

namespace kubewalk::kubectl::describe {

using api::Quantity;
using api::Value;

namespace {

using Amounts = std::map<std::string, Quantity, std::less<>>;

void add(Amounts& to, const Value& list) {
    for (const auto& [name, amount] : list.members()) {
        const auto more = Quantity::from(amount);
        auto [entry, fresh] = to.try_emplace(name, more);
        if (!fresh)
            entry->second.add(more);
    }
}

void raise(Amounts& to, const Amounts& floor) {
    for (const auto& [name, amount] : floor) {
        auto [entry, fresh] = to.try_emplace(name, amount);
        if (!fresh && compare(entry->second, amount) < 0)
            entry->second = amount;
    }
}

// k8s.io/component-helpers/resource PodRequests and PodLimits: containers and sidecars together, or the
// largest init container if that is more; Pod-level resources go before both.
Amounts pod_resources(const Value& pod, std::string_view field) {
    const auto& spec = pod["spec"];
    Amounts total;
    for (const auto& container : spec["containers"].items())
        add(total, container["resources"][field]);
    Amounts sidecars, highest;
    for (const auto& container : spec["initContainers"].items()) {
        const auto& list = container["resources"][field];
        Amounts at_this_point = sidecars;
        add(at_this_point, list);
        if (container["restartPolicy"].as_string() == "Always") {
            add(sidecars, list);
            add(total, list);
        }
        raise(highest, at_this_point);
    }
    raise(total, highest);
    for (const auto& [name, amount] : spec["resources"][field].members())
        total[name] = Quantity::from(amount);
    if (!total.empty() || field == "requests")
        add(total, spec["overhead"]);
    return total;
}

Quantity amount_of(const Amounts& amounts, std::string_view name) {
    const auto found = amounts.find(name);
    return found == amounts.end() ? Quantity() : found->second;
}

std::string share(const Quantity& amount, const Value& allocatable, std::string_view name) {
    const auto whole = Quantity::from(allocatable[name]);
    const bool milli = name == "cpu";
    const auto of = milli ? whole.milli_value() : whole.value();
    const auto part = milli ? amount.milli_value() : amount.value();
    const auto percent = of == 0 ? 0 : static_cast<std::int64_t>(static_cast<double>(part) / static_cast<double>(of) * 100);
    return cat(amount.str(), " (", percent, "%)");
}

void taints(Writer& w, const Value& list) {
    w.write(0, "Taints:\t");
    if (list.empty())
        return w.line(0, "<none>");
    const auto items = list.items();
    std::vector<Value> sorted(items.begin(), items.end());
    const auto key = [](const Value& taint) { return cat(taint["effect"].as_string(), ",", taint["key"].as_string()); };
    sort_stably(sorted, [&](const Value& a, const Value& b) { return key(a) < key(b); });
    bool first = true;
    for (const auto& taint : sorted) {
        const auto value = taint["value"].as_string();
        w.line(0, first ? "" : "\t", taint["key"].as_string(), value.empty() ? std::string() : cat("=", value), ":", taint["effect"].as_string());
        first = false;
    }
}

void lease(Writer& w, const Subject& subject) {
    auto found = subject.server.get(*api::find_kind("coordination.k8s.io/v1", "Lease"), "kube-node-lease", api::name_of(subject.object));
    if (!found.ok())
        return w.line(0, "Lease:\tFailed to get lease: ", found.refusal().text);
    const auto& spec = found.value()["spec"];
    const auto time = [](const Value& value) { return value.is_null() ? std::string("<unset>") : rfc1123(value); };
    w.line(0, "Lease:");
    w.line(1, "HolderIdentity:\t", spec["holderIdentity"].as_string("<unset>"));
    w.line(1, "AcquireTime:\t", time(spec["acquireTime"]));
    w.line(1, "RenewTime:\t", time(spec["renewTime"]));
}

std::string roles(const Value& node) {
    constexpr std::string_view prefix = "node-role.kubernetes.io/";
    std::vector<std::string> found;
    for (const auto& [key, value] : node["metadata"]["labels"].members()) {
        if (key.starts_with(prefix) && key.size() > prefix.size())
            found.push_back(key.substr(prefix.size()));
        else if (key == "kubernetes.io/role" && !value.as_string().empty())
            found.push_back(value.str());
    }
    std::sort(found.begin(), found.end());
    found.erase(std::unique(found.begin(), found.end()), found.end());
    return or_none(join(found, ","));
}

void resource_list(Writer& w, std::string_view title, const Value& list) {
    if (list.empty())
        return;
    w.line(0, title, ":");
    for (const auto& [name, amount] : list.members())
        w.line(1, name, ":\t", Quantity::from(amount).str());
}

void system_info(Writer& w, const Value& info) {
    struct Line {
        std::string_view title;
        std::string_view field;
    };
    static constexpr Line lines[] = {{"Machine ID", "machineID"},
                                     {"System UUID", "systemUUID"},
                                     {"Boot ID", "bootID"},
                                     {"Kernel Version", "kernelVersion"},
                                     {"OS Image", "osImage"},
                                     {"Operating System", "operatingSystem"},
                                     {"Architecture", "architecture"},
                                     {"Container Runtime Version", "containerRuntimeVersion"},
                                     {"Kubelet Version", "kubeletVersion"}};
    w.line(0, "System Info:");
    for (const auto& line : lines)
        w.line(1, line.title, ":\t", info[line.field].as_string());
}

void pods(Writer& w, const Subject& subject) {
    const auto& status = subject.object["status"];
    const auto& allocatable = status["allocatable"].empty() ? status["capacity"] : status["allocatable"];
    auto list = subject.server.list(api::kind::pods, {}, {},
                                    cat("spec.nodeName=", api::name_of(subject.object),
                                        ",status.phase!=Failed,status.phase!=Succeeded"));
    const Value found = list.ok() ? list.value()["items"] : Value::array();
    w.line(0, "Non-terminated Pods:\t(", found.size(), " in total)");
    w.line(1, "Namespace\tName\t\tCPU Requests\tCPU Limits\tMemory Requests\tMemory Limits\tAge");
    w.line(1, "---------\t----\t\t------------\t----------\t---------------\t-------------\t---");
    Amounts requests, limits;
    for (const auto& pod : found.items()) {
        const auto request = pod_resources(pod, "requests");
        const auto limit = pod_resources(pod, "limits");
        w.line(1, api::namespace_of(pod), "\t", api::name_of(pod), "\t\t", share(amount_of(request, "cpu"), allocatable, "cpu"), "\t",
               share(amount_of(limit, "cpu"), allocatable, "cpu"), "\t", share(amount_of(request, "memory"), allocatable, "memory"),
               "\t", share(amount_of(limit, "memory"), allocatable, "memory"), "\t",
               since(pod["metadata"]["creationTimestamp"], subject.now));
        for (const auto& [name, amount] : request)
            requests.try_emplace(name, Quantity()).first->second.add(amount);
        for (const auto& [name, amount] : limit)
            limits.try_emplace(name, Quantity()).first->second.add(amount);
    }
    w.line(0, "Allocated resources:\n  (Total limits may be over 100 percent, i.e., overcommitted.)");
    w.line(1, "Resource\tRequests\tLimits");
    w.line(1, "--------\t--------\t------");
    std::vector<std::string> names{"cpu", "memory", "ephemeral-storage"};
    for (const auto& [name, amount] : allocatable.members())
        if (name.starts_with("hugepages-"))
            names.push_back(name);
    for (const auto& name : names)
        w.line(1, name, "\t", share(amount_of(requests, name), allocatable, name), "\t", share(amount_of(limits, name), allocatable, name));
    for (const auto& [name, amount] : allocatable.members())
        if (name.find('/') != std::string::npos)
            w.line(1, name, "\t", amount_of(requests, name).str(), "\t", amount_of(limits, name).str());
}

}  // namespace

void node(const Subject& subject, Writer& w) {
    const Value& object = subject.object;
    const auto& spec = object["spec"];
    const auto& status = object["status"];
    w.line(0, "Name:\t", api::name_of(object));
    w.line(0, "Roles:\t", roles(object));
    labels(w, "Labels", object["metadata"]["labels"]);
    annotations(w, "Annotations", object["metadata"]["annotations"]);
    w.line(0, "CreationTimestamp:\t", rfc1123(object["metadata"]["creationTimestamp"]));
    taints(w, spec["taints"]);
    w.line(0, "Unschedulable:\t", spec["unschedulable"].as_bool());
    lease(w, subject);
    if (!status["conditions"].empty()) {
        w.line(0, "Conditions:\n  Type\tStatus\tLastHeartbeatTime\tLastTransitionTime\tReason\tMessage");
        w.line(1, "----\t------\t-----------------\t------------------\t------\t-------");
        for (const auto& condition : status["conditions"].items())
            w.line(1, condition["type"].as_string(), " \t", condition["status"].as_string(), " \t",
                   rfc1123(condition["lastHeartbeatTime"]), " \t", rfc1123(condition["lastTransitionTime"]), " \t",
                   condition["reason"].as_string(), " \t", condition["message"].as_string());
    }
    w.line(0, "Addresses:");
    for (const auto& address : status["addresses"].items())
        w.line(1, address["type"].as_string(), ":\t", address["address"].as_string());
    resource_list(w, "Capacity", status["capacity"]);
    resource_list(w, "Allocatable", status["allocatable"]);
    system_info(w, status["nodeInfo"]);
    if (const auto cidr = spec["podCIDR"].as_string(); !cidr.empty())
        w.line(0, "PodCIDR:\t", cidr);
    if (!spec["podCIDRs"].empty())
        w.line(0, "PodCIDRs:\t", joined(spec["podCIDRs"], ","));
    if (const auto id = spec["providerID"].as_string(); !id.empty())
        w.line(0, "ProviderID:\t", id);
    pods(w, subject);
    events(w, subject);
}

}  // namespace kubewalk::kubectl::describe
