#include "web/app/shelf.h"

#include <algorithm>

#include "core/api/json.h"
#include "core/base/text.h"

namespace kubewalk::app {

namespace {

constexpr std::string_view names_key = "kubewalk.clusters";
constexpr std::string_view cluster_key = "kubewalk.cluster.";
constexpr std::string_view progress_key = "kubewalk.progress.";
// A file from a stranger: more than a browser's store holds is none of ours.
constexpr std::size_t most_shelf_bytes = 8u << 20;
constexpr std::size_t most_clusters = 50;
constexpr std::size_t longest_name = 60;

}  // namespace

std::vector<std::string> Shelf::clusters() const {
    std::vector<std::string> names;
    auto text = platform_.load(names_key);
    auto parsed = api::parse_json(text.value_or("[]"));
    if (!parsed.ok()) return names;
    for (const api::Value& name : parsed.value().items()) names.push_back(name.str());
    return names;
}

bool Shelf::write_names(const std::vector<std::string>& names) {
    api::Value list = api::Value::array();
    for (const std::string& name : names) list.push_back(name);
    return platform_.store(names_key, api::to_json(list));
}

bool Shelf::keep(std::string_view name, std::string_view session) {
    std::string short_name(trim(name.substr(0, longest_name)));
    if (short_name.empty() || session.empty()) return false;
    std::vector<std::string> names = clusters();
    std::erase(names, short_name);
    if (names.size() >= most_clusters) return false;
    names.insert(names.begin(), short_name);
    if (!platform_.store(cat(cluster_key, short_name), session)) return false;
    return write_names(names);
}

std::string Shelf::cluster(std::string_view name) const {
    return platform_.load(cat(cluster_key, name)).value_or(std::string());
}

void Shelf::forget(std::string_view name) {
    std::vector<std::string> names = clusters();
    std::erase(names, name);
    write_names(names);
    platform_.forget(cat(cluster_key, name));
}

std::string Shelf::progress(std::string_view lesson) const {
    return platform_.load(cat(progress_key, lesson)).value_or(std::string());
}

bool Shelf::keep_progress(std::string_view lesson, std::string_view progress) {
    return platform_.store(cat(progress_key, lesson), progress);
}

std::string Shelf::export_all(std::string_view settings, const std::vector<std::string>& lessons) const {
    api::Value all = api::Value::object({{"kubewalk", 1}});
    all.set("settings", api::parse_json(settings).value_or(api::Value::object()));
    api::Value kept = api::Value::object();
    for (const std::string& lesson : lessons)
        if (std::string text = progress(lesson); !text.empty()) kept.set(lesson, text);
    all.set("progress", kept);
    api::Value list = api::Value::array();
    for (const std::string& name : clusters()) list.push_back(api::Value::object({{"name", name}, {"session", cluster(name)}}));
    all.set("clusters", list);
    return api::to_json(all);
}

Shelf::Imported Shelf::import_all(std::string_view text) {
    Imported result;
    if (text.size() > most_shelf_bytes) return result;
    auto parsed = api::parse_json(text);
    if (!parsed.ok() || parsed.value()["kubewalk"].as_int() != 1) return result;
    const api::Value& all = parsed.value();
    result.ok = true;
    if (all["settings"].is_object()) result.settings = api::to_json(all["settings"]);
    for (const auto& [lesson, progress] : all["progress"].members()) {
        if (!progress.is_string()) continue;
        if (keep_progress(lesson, progress.as_string()))
            ++result.lessons;
        else
            result.complete = false;
    }
    auto list = all["clusters"].items();
    // Oldest first, so that the newest stands at the top again.
    for (std::size_t i = list.size(); i-- > 0;) {
        if (keep(list[i]["name"].as_string(), list[i]["session"].as_string()))
            ++result.clusters;
        else
            result.complete = false;
    }
    return result;
}

}  // namespace kubewalk::app
