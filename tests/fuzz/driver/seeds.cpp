#include "tests/fuzz/driver/seeds.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "core/api/json.h"
#include "core/base/text.h"
#include "core/cluster/script.h"
#include "core/yaml/yaml.h"

namespace kubewalk::fuzz {

namespace {

std::string project = ".";

void add_documents(std::string_view text, std::vector<std::string>& into) {
    for (const auto& piece : yaml::split_documents(text))
        into.emplace_back(text.substr(piece.begin, piece.end - piece.begin));
}

void add_script(std::string_view text, std::vector<std::string>& into) {
    const auto script = cluster::parse_script(text);
    if (script.ok())
        for (const auto& command : script.value())
            into.push_back(command.input.empty() ? command.line : cat(command.line, "\n", command.input));
}

// The scripts of a lesson, wherever in it they stand.
void add_scripts(const api::Value& value, std::vector<std::string>& into) {
    for (const auto& [key, member] : value.members()) {
        if (key == "solution" || key == "script")
            for (const auto& line : member.items())
                into.push_back(line.str());
        add_scripts(member, into);
    }
    for (const auto& item : value.items())
        add_scripts(item, into);
}

}  // namespace

void set_project(std::string folder) { project = std::move(folder); }

std::string file_text(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<std::string> texts_in(std::string_view folder, std::string_view ending) {
    std::vector<std::string> paths;
    std::error_code none;
    for (std::filesystem::recursive_directory_iterator at(std::filesystem::path(project) / folder, none), end; at != end; at.increment(none))
        if (at->is_regular_file() && at->path().filename().string().ends_with(ending))
            paths.push_back(at->path().string());
    std::sort(paths.begin(), paths.end());
    std::vector<std::string> texts;
    for (const auto& path : paths)
        texts.push_back(file_text(path));
    return texts;
}

std::vector<std::string> manifests() {
    static const std::vector<std::string> all = [] {
        std::vector<std::string> documents;
        for (const auto folder : {"assets", "lessons"})
            for (const auto& text : texts_in(folder, ".yaml"))
                add_documents(text, documents);
        for (const auto& text : texts_in("tests/golden", ".script")) {
            const auto script = cluster::parse_script(text);
            for (const auto& command : script.ok() ? script.value() : std::vector<cluster::ScriptCommand>())
                if (command.input.find("kind:") != std::string::npos)
                    add_documents(command.input, documents);
        }
        return documents;
    }();
    return all;
}

std::vector<std::string> commands() {
    static const std::vector<std::string> all = [] {
        std::vector<std::string> lines;
        for (const auto& text : texts_in("tests/golden", ".script"))
            add_script(text, lines);
        for (const auto& text : texts_in("lessons", "lesson.json"))
            add_scripts(api::parse_json(text).value_or(api::Value()), lines);
        return lines;
    }();
    return all;
}

std::vector<std::string> commands_of(std::string_view program) {
    std::vector<std::string> found;
    for (const auto& line : commands())
        if (line.starts_with(program))
            found.push_back(line);
    return found;
}

}  // namespace kubewalk::fuzz
