// Upstream: k8s.io/kubectl/pkg/cmd/top (top_node.go, top_pod.go), pkg/metricsutil.

#include <algorithm>

#include "core/api/quantity.h"
#include "core/base/sort.h"
#include "core/base/text.h"
#include "core/kubectl/resource_args.h"
#include "core/kubectl/tab_writer.h"

namespace kubewalk::kubectl::command {

using api::Quantity;
using api::Value;

namespace {

constexpr std::string_view metrics_path = "/apis/metrics.k8s.io/v1beta1";

// An aggregated API is there when discovery lists its group.
bool has_metrics(Run& run) {
    auto groups = run.server.answer(run.server.request(client::Method::get, "/apis"));
    if (groups.ok())
        for (const auto& group : groups.value()["groups"].items())
            if (group["name"].as_string() == "metrics.k8s.io")
                return true;
    return false;
}

Answer<std::vector<Value>> read_metrics(Run& run, const std::string& collection, const std::string& name) {
    auto request = run.server.request(client::Method::get, name.empty() ? collection : cat(collection, "/", name));
    if (name.empty() && run.flags.has("selector"))
        request.query["labelSelector"] = run.flags.text("selector");
    auto answer = run.server.answer(std::move(request));
    if (!answer.ok())
        return answer.refusal();
    if (!name.empty())
        return std::vector<Value>{answer.take()};
    const auto items = answer.value()["items"].items();
    return std::vector<Value>(items.begin(), items.end());
}

// What a Pod uses is the sum of its containers.
Quantity usage(const Value& metrics, std::string_view resource) {
    if (!metrics["usage"].is_null())
        return Quantity::from(metrics["usage"][resource]);
    Quantity sum;
    for (const auto& container : metrics["containers"].items())
        sum.add(Quantity::from(container["usage"][resource]));
    return sum;
}

std::string cores(const Quantity& quantity) { return cat(quantity.milli_value(), "m"); }
std::string mebibytes(const Quantity& quantity) { return cat(quantity.value() / (1024 * 1024), "Mi"); }

// By --sort-by, the most first; else by namespace and name.
void sort_metrics(std::vector<Value>& list, const std::string& by) {
    sort_stably(list, [&by](const Value& a, const Value& b) {
        if (!by.empty())
            return compare(usage(a, by), usage(b, by)) > 0;
        const auto left = api::namespace_of(a.contains("metadata") ? a : Value());
        const auto right = api::namespace_of(b.contains("metadata") ? b : Value());
        const auto name = [](const Value& value) { return value.contains("metadata") ? api::name_of(value) : value["name"].as_string(); };
        return left != right ? left < right : name(a) < name(b);
    });
}

// False (and said so) when the question itself is wrong.
bool is_sound(Run& run) {
    if (run.args().size() > 1) {
        run.usage_error(cat(run.command.path.substr(4), " [NAME | -l label]"));
        return false;
    }
    const auto by = run.flags.text("sort-by");
    if (!by.empty() && by != "cpu" && by != "memory") {
        run.fail("--sort-by accepts only cpu or memory");
        return false;
    }
    if (!run.args().empty() && (run.flags.has("selector") || run.flags.has("field-selector"))) {
        run.fail(run.command.path == "top node" ? "only one of NAME or --selector can be provided" : "only one of NAME or selector can be provided");
        return false;
    }
    if (!has_metrics(run)) {
        run.fail("Metrics API not available");
        return false;
    }
    return true;
}

std::string share(const Quantity& used, const Quantity& available) {
    if (available.is_zero())
        return "0%";
    return cat(static_cast<std::int64_t>(static_cast<double>(used.milli_value()) / static_cast<double>(available.milli_value()) * 100), "%");
}

void add_swap_flags(FlagSet& set) {
    set.boolean("show-swap", "A column for swap too (nodes here have none)")
        .boolean("use-protocol-buffers", "Accepted; metrics travel as JSON here", 0, "true");
}

}  // namespace

void top_node_flags(FlagSet& set) {
    add_label_flag(set);
    add_swap_flags(set);
    set.boolean("no-headers", "No line of column names")
        .boolean("show-capacity", "Percent of the capacity, not of what Pods may have")
        .text("sort-by", "cpu or memory: the most first");
}

void top_node(Run& run) {
    if (!is_sound(run))
        return;
    const auto name = run.args().empty() ? std::string() : run.args()[0];
    auto metrics = read_metrics(run, cat(metrics_path, "/nodes"), name);
    if (!metrics.ok())
        return run.fail(metrics.refusal());
    if (metrics.value().empty())
        return run.fail("metrics not available yet");
    auto nodes = run.server.list(api::kind::nodes, {}, run.flags.text("selector"));
    if (!nodes.ok())
        return run.fail(nodes.refusal());
    sort_metrics(metrics.value(), run.flags.text("sort-by"));
    const std::string_view field = run.flags.is("show-capacity") ? "capacity" : "allocatable";
    const bool swap = run.flags.is("show-swap");
    TabWriter writer(table_stops);
    if (!run.flags.is("no-headers"))
        writer.write(cat("NAME\tCPU(cores)\tCPU(%)\tMEMORY(bytes)\tMEMORY(%)\t", swap ? "SWAP(bytes)\tSWAP(%)\t" : "", "\n"));
    std::vector<std::string> missing;
    for (const auto& node : nodes.value()["items"].items()) {
        const auto its_name = api::name_of(node);
        const bool known = std::any_of(metrics.value().begin(), metrics.value().end(), [&](const Value& one) { return api::name_of(one) == its_name; });
        if (!known && name.empty())
            missing.emplace_back(its_name);
    }
    for (const auto& one : metrics.value())
        for (const auto& node : nodes.value()["items"].items()) {
            if (api::name_of(node) != api::name_of(one))
                continue;
            const auto& amounts = node["status"][field];
            const auto cpu = usage(one, "cpu");
            const auto memory = usage(one, "memory");
            writer.write(cat(api::name_of(one), "\t", cores(cpu), "\t", share(cpu, Quantity::from(amounts["cpu"])), "\t", mebibytes(memory), "\t",
                             share(memory, Quantity::from(amounts["memory"])), "\t", swap ? "<unknown>\t<unknown>\t" : "", "\n"));
        }
    for (const auto& its_name : missing)
        writer.write(cat(its_name, "\t<unknown>\t<unknown>\t<unknown>\t<unknown>\t", swap ? "<unknown>\t<unknown>\t" : "", "\n"));
    run.out(writer.take());
}

void top_pod_flags(FlagSet& set) {
    add_selector_flags(set);
    add_swap_flags(set);
    set.boolean("all-namespaces", "In all namespaces", 'A')
        .boolean("containers", "A line for each container")
        .boolean("no-headers", "No line of column names")
        .text("sort-by", "cpu or memory: the most first")
        .boolean("sum", "The sum of all in a last line");
}

namespace {

void pod_lines(const Run& run, TabWriter& writer, std::vector<Value>& metrics) {
    const bool all = run.flags.is("all-namespaces");
    const bool containers = run.flags.is("containers");
    const std::string_view swap = run.flags.is("show-swap") ? "0Mi\t" : "";
    Quantity cpu, memory;
    for (auto& pod : metrics) {
        cpu.add(usage(pod, "cpu"));
        memory.add(usage(pod, "memory"));
        const auto place = all ? cat(api::namespace_of(pod), "\t") : std::string();
        if (!containers) {
            writer.write(cat(place, api::name_of(pod), "\t", cores(usage(pod, "cpu")), "\t", mebibytes(usage(pod, "memory")), "\t", swap, "\n"));
            continue;
        }
        const auto items = pod["containers"].items();
        std::vector<Value> sorted(items.begin(), items.end());
        sort_metrics(sorted, run.flags.text("sort-by"));
        for (const auto& container : sorted)
            writer.write(cat(place, api::name_of(pod), "\t", container["name"].as_string(), "\t", cores(usage(container, "cpu")), "\t",
                             mebibytes(usage(container, "memory")), "\t", swap, "\n"));
    }
    if (!run.flags.is("sum"))
        return;
    const std::string blanks(static_cast<std::size_t>((all ? 1 : 0) + (containers ? 1 : 0)), '\t');
    writer.write(cat(blanks, "\t________\t________\t\n"));
    writer.write(cat(blanks, "\t", cores(cpu), "\t", mebibytes(memory), "\t", swap, "\n"));
}

// No metrics: because there are no Pods, because they are too young, or because nobody measures.
std::optional<Refusal> why_empty(Run& run, const std::string& name) {
    std::vector<Value> pods;
    if (!name.empty()) {
        auto pod = run.server.get(api::kind::pods, run.namespace_name(), name);
        if (!pod.ok())
            return pod.refusal();
        pods.push_back(pod.take());
    } else {
        auto list = run.server.list(api::kind::pods, run.namespace_or_all(), run.flags.text("selector"), run.flags.text("field-selector"));
        if (!list.ok())
            return list.refusal();
        for (const auto& pod : list.value()["items"].items())
            pods.push_back(pod);
    }
    if (pods.empty())
        return std::nullopt;
    for (const auto& pod : pods) {
        const auto made = parse_rfc3339(pod["metadata"]["creationTimestamp"].as_string());
        const auto age = made ? run.environment.now - *made : Duration{};
        if (age > minutes(2))
            return Refusal::plain(cat("Metrics not available for pod ", api::key_of(pod), ", age: ", go_duration(age)));
    }
    return Refusal::plain("metrics not available yet");
}

}  // namespace

void top_pod(Run& run) {
    if (!is_sound(run))
        return;
    const auto name = run.args().empty() ? std::string() : run.args()[0];
    const bool all = run.flags.is("all-namespaces");
    auto metrics = read_metrics(run, all ? cat(metrics_path, "/pods") : cat(metrics_path, "/namespaces/", run.namespace_name(), "/pods"), name);
    if (!metrics.ok())
        return run.fail(metrics.refusal());
    if (run.flags.has("field-selector")) {
        auto pods = run.server.list(api::kind::pods, run.namespace_or_all(), run.flags.text("selector"), run.flags.text("field-selector"));
        if (!pods.ok())
            return run.fail(pods.refusal());
        std::erase_if(metrics.value(), [&](const Value& one) {
            const auto items = pods.value()["items"].items();
            return std::none_of(items.begin(), items.end(), [&](const Value& pod) { return api::key_of(pod) == api::key_of(one); });
        });
    }
    if (metrics.value().empty()) {
        if (auto refused = why_empty(run, name))
            return run.fail(*refused);
        return run.err(all ? "No resources found\n" : cat("No resources found in ", run.namespace_name(), " namespace.\n"));
    }
    sort_metrics(metrics.value(), run.flags.text("sort-by"));
    TabWriter writer(table_stops);
    if (!run.flags.is("no-headers"))
        writer.write(cat(all ? "NAMESPACE\t" : "", run.flags.is("containers") ? "POD\t" : "", "NAME\tCPU(cores)\tMEMORY(bytes)\t",
                         run.flags.is("show-swap") ? "SWAP(bytes)\t" : "", "\n"));
    pod_lines(run, writer, metrics.value());
    run.out(writer.take());
}

}  // namespace kubewalk::kubectl::command
