#include "core/cluster/manifest_compare.h"

#include <algorithm>
#include <map>
#include <span>

#include "core/api/json.h"
#include "core/api/kinds.h"
#include "core/api/yaml.h"
#include "core/base/text.h"
#include "core/cluster/cluster.h"
#include "core/yaml/yaml.h"

namespace kubewalk::cluster {

namespace {

using api::Value;

constexpr std::string_view last_applied = "kubectl.kubernetes.io/last-applied-configuration";
// Above this many cells the middle is shown as one block that went and one that came.
constexpr std::size_t most_cells = 4'000'000;

Value without_noise(Value object) {
    object.erase("status");
    auto& metadata = object.edit("metadata");
    for (const std::string_view key : {"uid", "resourceVersion", "generation", "creationTimestamp", "managedFields", "selfLink"})
        metadata.erase(key);
    if (metadata["annotations"].is_object()) {
        metadata.edit("annotations").erase(last_applied);
        if (metadata["annotations"].empty())
            metadata.erase("annotations");
    }
    return object;
}

// Items of a list by what names them, as patches do; by number where nothing does.
std::string item_name(const Value& item, std::size_t index) {
    for (const std::string_view key : {"name", "containerPort", "port", "mountPath", "ip", "type", "key"})
        if (item.is_object() && item.contains(key))
            return item[key].is_string() ? item[key].str() : api::to_json(item[key]);
    return cat(static_cast<int>(index));
}

using Leaves = std::map<std::string, std::string>;

void collect(const Value& value, const std::string& path, Leaves& leaves) {
    if (value.is_object() && !value.empty()) {
        for (const auto& [key, member] : value.members())
            collect(member, path.empty() ? key : key.find_first_of("./") == std::string::npos ? cat(path, ".", key) : cat(path, "[", key, "]"), leaves);
        return;
    }
    if (value.is_array() && !value.empty()) {
        std::size_t index = 0;
        for (const auto& item : value.items())
            collect(item, cat(path, "[", item_name(item, index++), "]"), leaves);
        return;
    }
    leaves[path] = value.is_string() ? value.str() : api::to_json(value);
}

Leaves leaves_of(const Value& object) {
    Leaves leaves;
    if (!object.is_null())
        collect(without_noise(object), {}, leaves);
    return leaves;
}

std::string_view text_of(const Leaves& leaves, const std::string& path) {
    const auto found = leaves.find(path);
    return found == leaves.end() ? std::string_view() : std::string_view(found->second);
}

std::vector<FieldRow> weigh(const Leaves& applied, const Leaves& live, const Leaves& mine) {
    std::map<std::string, int> paths;
    for (const auto* side : {&applied, &live, &mine})
        for (const auto& [path, text] : *side)
            paths[path];
    std::vector<FieldRow> rows, theirs;
    for (const auto& [path, unused] : paths) {
        FieldRow row{path, std::string(text_of(applied, path)), std::string(text_of(live, path)), std::string(text_of(mine, path)), {}};
        const bool was = applied.contains(path), is = live.contains(path), wanted = mine.contains(path);
        if (wanted && is && row.mine == row.live)
            continue;
        if (wanted) {
            row.effect = was && row.applied == row.mine ? FieldEffect::restored : FieldEffect::set;
            rows.push_back(std::move(row));
        } else if (was && is) {
            row.effect = FieldEffect::removed;
            rows.push_back(std::move(row));
        } else if (is) {
            row.effect = FieldEffect::theirs;
            theirs.push_back(std::move(row));
        }
    }
    rows.insert(rows.end(), theirs.begin(), theirs.end());
    return rows;
}

void add_middle(std::vector<DiffLine>& out, std::span<const std::string_view> a, std::span<const std::string_view> b) {
    if (a.size() * b.size() > most_cells) {
        for (const auto line : a)
            out.push_back({'-', std::string(line)});
        for (const auto line : b)
            out.push_back({'+', std::string(line)});
        return;
    }
    // Longest common subsequence of the rests, from the end.
    const std::size_t width = b.size() + 1;
    std::vector<std::uint32_t> common((a.size() + 1) * width);
    for (std::size_t i = a.size(); i-- > 0;)
        for (std::size_t j = b.size(); j-- > 0;)
            common[i * width + j] = a[i] == b[j] ? common[(i + 1) * width + j + 1] + 1
                                                 : std::max(common[(i + 1) * width + j], common[i * width + j + 1]);
    std::size_t i = 0, j = 0;
    while (i < a.size() || j < b.size()) {
        if (i < a.size() && j < b.size() && a[i] == b[j]) {
            out.push_back({' ', std::string(a[i])});
            ++i, ++j;
        } else if (i < a.size() && (j == b.size() || common[(i + 1) * width + j] >= common[i * width + j + 1])) {
            out.push_back({'-', std::string(a[i++])});
        } else {
            out.push_back({'+', std::string(b[j++])});
        }
    }
}

std::vector<std::string_view> lines_of(std::string_view text) {
    if (text.ends_with('\n'))
        text.remove_suffix(1);
    return text.empty() ? std::vector<std::string_view>() : split(text, '\n');
}

}  // namespace

std::vector<DiffLine> diff_lines(std::string_view before, std::string_view after) {
    const auto a = lines_of(before), b = lines_of(after);
    std::size_t head = 0, tail = 0;
    while (head < a.size() && head < b.size() && a[head] == b[head])
        ++head;
    while (tail < a.size() - head && tail < b.size() - head && a[a.size() - 1 - tail] == b[b.size() - 1 - tail])
        ++tail;
    std::vector<DiffLine> out;
    for (std::size_t i = 0; i < head; ++i)
        out.push_back({' ', std::string(a[i])});
    add_middle(out, std::span(a).subspan(head, a.size() - head - tail), std::span(b).subspan(head, b.size() - head - tail));
    for (std::size_t i = a.size() - tail; i < a.size(); ++i)
        out.push_back({' ', std::string(a[i])});
    return out;
}

ManifestComparison compare_manifest(const Cluster& cluster, std::string_view manifest, int document) {
    ManifestComparison result;
    const auto pieces = yaml::split_documents(manifest);
    if (document < 0 || static_cast<std::size_t>(document) >= pieces.size())
        return result;
    const auto& piece = pieces[static_cast<std::size_t>(document)];
    auto parsed = yaml::parse_document(manifest, piece);
    auto value = parsed.ok() ? api::to_value(parsed.value().root) : Result<Value>(parsed.error());
    if (!value.ok()) {
        result.refusal = value.error().message;
        return result;
    }
    Value mine = value.take();
    const auto* kind = api::find_kind(mine["apiVersion"].as_string(), mine["kind"].as_string());
    if (!kind)
        return result;
    result.object = cat(kind->group_resource(), "/", api::name_of(mine));
    if (kind->namespaced() && api::namespace_of(mine).empty())
        mine.edit("metadata").set("namespace", "default");
    const Value live = cluster.peek(*kind, api::namespace_of(mine), api::name_of(mine));
    result.exists = !live.is_null();

    const auto tried = kubectl::apply_documents(cluster.quiet_kubectl_environment(), manifest.substr(piece.begin, piece.end - piece.begin),
                                                kubectl::Trial::yes);
    const Value wanted = tried.empty() ? Value() : tried[0].object;
    if (!tried.empty())
        result.refusal = tried[0].error;
    const std::string before = live.is_null() ? std::string() : api::to_yaml(without_noise(live));
    if (!wanted.is_null())
        result.lines = diff_lines(before, api::to_yaml(without_noise(wanted)));
    const auto annotation = live["metadata"]["annotations"][last_applied].as_string();
    const Value applied = annotation.empty() ? Value() : api::parse_json(annotation).value_or({});
    result.fields = weigh(leaves_of(applied), leaves_of(live), leaves_of(mine));
    return result;
}

}  // namespace kubewalk::cluster
