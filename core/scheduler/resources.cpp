#include "core/scheduler/resources.h"

#include <algorithm>

#include "core/api/quantity.h"

namespace kubewalk::scheduler {

namespace {
constexpr std::int64_t default_milli_cpu = 100;
constexpr std::int64_t default_memory = 200 * 1024 * 1024;
}  // namespace

std::int64_t Resources::get(std::string_view name) const {
    if (name == "cpu")
        return milli_cpu;
    if (name == "memory")
        return memory;
    if (name == "ephemeral-storage")
        return ephemeral_storage;
    if (name == "pods")
        return allowed_pods;
    const auto found = scalars.find(name);
    return found == scalars.end() ? 0 : found->second;
}

void Resources::set(std::string_view name, std::int64_t amount) {
    if (name == "cpu")
        milli_cpu = amount;
    else if (name == "memory")
        memory = amount;
    else if (name == "ephemeral-storage")
        ephemeral_storage = amount;
    else if (name == "pods")
        allowed_pods = amount;
    else
        scalars[std::string(name)] = amount;
}

void Resources::add(const Resources& other) {
    milli_cpu += other.milli_cpu;
    memory += other.memory;
    ephemeral_storage += other.ephemeral_storage;
    for (const auto& [name, amount] : other.scalars)
        scalars[name] += amount;
}

void Resources::subtract(const Resources& other) {
    milli_cpu -= other.milli_cpu;
    memory -= other.memory;
    ephemeral_storage -= other.ephemeral_storage;
    for (const auto& [name, amount] : other.scalars)
        scalars[name] -= amount;
}

void Resources::raise_to(const Resources& other) {
    milli_cpu = std::max(milli_cpu, other.milli_cpu);
    memory = std::max(memory, other.memory);
    ephemeral_storage = std::max(ephemeral_storage, other.ephemeral_storage);
    for (const auto& [name, amount] : other.scalars)
        scalars[name] = std::max(scalars[name], amount);
}

Resources resources_of(const api::Value& quantities) {
    Resources result;
    for (const auto& entry : quantities.members()) {
        const auto quantity = api::Quantity::from(entry.value);
        result.set(entry.key, entry.key == "cpu" ? quantity.milli_value() : quantity.value());
    }
    return result;
}

static Resources container_requests(const api::Value& container, MissingRequests missing) {
    const auto& requests = container["resources"]["requests"];
    Resources result = resources_of(requests);
    if (missing == MissingRequests::defaults) {
        if (!requests.contains("cpu"))
            result.milli_cpu = default_milli_cpu;
        if (!requests.contains("memory"))
            result.memory = default_memory;
    }
    return result;
}

Resources pod_requests(const api::Value& pod_spec, MissingRequests missing) {
    Resources total;
    for (const auto& container : pod_spec["containers"].items())
        total.add(container_requests(container, missing));
    // Init containers run one after another, beside the sidecars that started before them.
    Resources sidecars;
    Resources most;
    for (const auto& container : pod_spec["initContainers"].items()) {
        Resources wanted = container_requests(container, missing);
        if (container["restartPolicy"].as_string() == "Always") {
            total.add(wanted);
            sidecars.add(wanted);
            wanted = sidecars;
        } else {
            wanted.add(sidecars);
        }
        most.raise_to(wanted);
    }
    total.raise_to(most);
    // Requests of the Pod as a whole take the place of the containers' sum.
    for (const auto& entry : pod_spec["resources"]["requests"].members()) {
        const auto quantity = api::Quantity::from(entry.value);
        total.set(entry.key, entry.key == "cpu" ? quantity.milli_value() : quantity.value());
    }
    total.add(resources_of(pod_spec["overhead"]));
    total.allowed_pods = 0;
    return total;
}

bool is_extended_resource(std::string_view name) {
    const auto slash = name.find('/');
    return slash != std::string_view::npos && name.find("kubernetes.io/") == std::string_view::npos &&
           !name.starts_with("requests.");
}

bool is_scalar_resource(std::string_view name) {
    return is_extended_resource(name) || name.starts_with("hugepages-") || name.starts_with("attachable-volumes-") ||
           name.find("kubernetes.io/") != std::string_view::npos;
}

}  // namespace kubewalk::scheduler
