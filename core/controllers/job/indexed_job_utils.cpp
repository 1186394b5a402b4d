#include "core/controllers/job/indexed_job_utils.h"

#include <algorithm>
#include <map>

#include "core/base/text.h"
#include "core/controllers/replicaset/replica_set_util.h"

namespace kubewalk::controllers::job {

namespace {
constexpr std::string_view index_variable = "JOB_COMPLETION_INDEX";
constexpr std::size_t generated_name_limit = 63 - 5;  // a random suffix follows

void add_variable(Value& containers) {
    for (std::size_t i = 0; i < containers.size(); ++i) {
        const auto has = containers[i]["env"].items();
        if (std::any_of(has.begin(), has.end(), [](const Value& one) { return one["name"].as_string() == index_variable; }))
            continue;
        const Value source = Value::object(
            {{"fieldRef", Value::object({{"fieldPath", cat("metadata.labels['", index_annotation, "']")}})}});
        containers.edit_at(i).edit("env").push_back(Value::object({{"name", index_variable}, {"valueFrom", source}}));
    }
}
}  // namespace

bool is_indexed(const Value& job) { return job["spec"]["completionMode"].as_string() == "Indexed"; }
bool has_limit_per_index(const Value& job) { return !job["spec"]["backoffLimitPerIndex"].is_null(); }

std::int64_t annotation_count(const Value& pod, std::string_view annotation) {
    return std::max<std::int64_t>(0, parse_int(pod["metadata"]["annotations"][annotation].as_string()).value_or(0));
}

std::int64_t completion_index(const Value& pod) {
    const auto index = parse_int(pod["metadata"]["annotations"][index_annotation].as_string());
    return index && *index >= 0 ? *index : -1;
}

bool has_valid_index(const Value& pod, const Value& job) {
    const auto index = completion_index(pod);
    return index >= 0 && index < job["spec"]["completions"].as_int();
}

Indexes Indexes::parse(std::string_view text, std::int64_t completions) {
    Indexes indexes;
    for (const auto piece : split(text, ',')) {
        const auto dash = piece.find('-');
        const auto first = parse_int(piece.substr(0, dash));
        const auto last = dash == std::string_view::npos ? first : parse_int(piece.substr(dash + 1));
        if (!first || !last || *first >= completions)
            break;
        const std::int64_t end = std::min(*last, completions - 1);
        // Two neighbours are written as two.
        if (!indexes.intervals_.empty() && indexes.intervals_.back().last + 1 == *first)
            indexes.intervals_.back().last = end;
        else
            indexes.intervals_.push_back({*first, end});
    }
    return indexes;
}

void Indexes::add(std::int64_t index) {
    if (has(index))
        return;
    auto at = std::find_if(intervals_.begin(), intervals_.end(),
                           [index](const Interval& one) { return one.first > index; });
    at = intervals_.insert(at, {index, index});
    if (const auto next = at + 1; next != intervals_.end() && next->first == index + 1) {
        at->last = next->last;
        intervals_.erase(next);
    }
    if (at != intervals_.begin() && (at - 1)->last == index - 1) {
        (at - 1)->last = at->last;
        intervals_.erase(at);
    }
}

bool Indexes::has(std::int64_t index) const {
    return std::any_of(intervals_.begin(), intervals_.end(),
                       [index](const Interval& one) { return one.first <= index && index <= one.last; });
}

std::int64_t Indexes::total() const {
    std::int64_t count = 0;
    for (const auto& one : intervals_)
        count += one.last - one.first + 1;
    return count;
}

// Two neighbours are written with a comma, as three and more with a dash.
std::string Indexes::text() const {
    std::string text;
    for (const auto& one : intervals_) {
        if (!text.empty())
            text.push_back(',');
        append(text, one.first);
        if (one.last != one.first)
            append(text, one.last > one.first + 1 ? '-' : ',', one.last);
    }
    return text;
}

std::vector<std::int64_t> first_pending(const Objects& active, const Indexes& done, const Indexes& failed,
                                        std::int64_t count, std::int64_t completions) {
    std::set<std::int64_t> taken;
    for (const auto& pod : active)
        taken.insert(completion_index(pod));
    std::vector<std::int64_t> result;
    for (std::int64_t i = 0; i < completions && static_cast<std::int64_t>(result.size()) < count; ++i)
        if (!taken.contains(i) && !done.has(i) && !failed.has(i))
            result.push_back(i);
    return result;
}

Objects repeated_indexes(const Objects& active, std::int64_t completions, Objects& left) {
    Objects surplus;
    std::map<std::int64_t, Objects> by_index;
    for (const auto& pod : active) {
        const auto index = completion_index(pod);
        if (index < 0 || index >= completions)
            surplus.push_back(pod);
        else
            by_index[index].push_back(pod);
    }
    for (const auto& [index, pods] : by_index) {
        if (pods.size() == 1) {
            left.push_back(pods.front());
            continue;
        }
        // The most valuable one stays.
        const Objects going = replicaset::pods_to_delete(pods, {}, pods.size() - 1, Time{});
        for (const auto& pod : pods) {
            const bool goes = std::any_of(going.begin(), going.end(),
                                          [&](const Value& one) { return api::uid_of(one) == api::uid_of(pod); });
            (goes ? surplus : left).push_back(pod);
        }
    }
    return surplus;
}

void add_index_environment(Value& pod) {
    Value& spec = pod.edit("spec");
    for (const auto list : {"initContainers", "containers"})
        if (!spec[list].empty())
            add_variable(spec.edit(list));
}

void set_index(Value& pod, const Value& job, std::int64_t index) {
    Value& metadata = pod.edit("metadata");
    metadata.edit("annotations").set(index_annotation, cat(index));
    metadata.edit("labels").set(index_annotation, cat(index));
    const std::string ending = cat("-", index, "-");
    std::string prefix = cat(api::name_of(job), ending);
    if (prefix.size() > generated_name_limit)
        prefix = prefix.substr(0, generated_name_limit - ending.size()) + ending;
    metadata.set("generateName", prefix);
    pod.edit("spec").set("hostname", cat(api::name_of(job), "-", index));
}

}  // namespace kubewalk::controllers::job
