// Tab in the terminal: commands, kubectl's words, machines, files.

#include <algorithm>

#include "core/api/kinds.h"
#include "core/base/text.h"
#include "core/cluster/cluster.h"
#include "core/cluster/laptop.h"

namespace kubewalk::cluster {

namespace {

// The last command of the line, where completion works: behind the last |, ; or && outside of quotes.
std::string_view last_command(std::string_view line) {
    char quote = 0;
    std::size_t begin = 0;
    for (std::size_t i = 0; i < line.size(); ++i) {
        if (quote != 0)
            quote = line[i] == quote ? '\0' : quote;
        else if (line[i] == '\'' || line[i] == '"')
            quote = line[i];
        else if (line[i] == '|' || line[i] == ';' || line[i] == '&' || line.substr(i, 2) == "$(")
            begin = i + (line[i] == '$' ? 2 : 1);
    }
    line.remove_prefix(begin);
    return line.substr(std::min(line.find_first_not_of(" \t"), line.size()));
}

// Files below the folder that the word names, as the word would go on.
std::vector<std::string> file_words(const std::map<std::string, std::string>& files, const std::string& here, std::string_view word) {
    const auto slash = word.rfind('/');
    const auto folder_part = slash == std::string_view::npos ? std::string_view() : word.substr(0, slash + 1);
    const std::string folder = word.starts_with('/') ? std::string(folder_part) : cat(here, here.ends_with('/') ? "" : "/", folder_part);
    std::vector<std::string> words;
    for (auto file = files.lower_bound(folder); file != files.end() && file->first.starts_with(folder); ++file) {
        const auto rest = std::string_view(file->first).substr(folder.size());
        const auto end = rest.find('/');
        auto found = cat(folder_part, rest.substr(0, end), end == std::string_view::npos ? "" : "/");
        if (found.starts_with(word) && (words.empty() || words.back() != found))
            words.push_back(std::move(found));
    }
    return words;
}

}  // namespace

std::vector<std::string> complete_on_laptop(const Cluster& cluster, const shell::Script& script, std::string_view line) {
    const auto command = last_command(line);
    const auto words = fields(command);
    const auto here = script.state().exported.find("PWD");
    const std::string folder = here == script.state().exported.end() ? std::string(laptop_folder) : here->second;
    const auto files = cluster.machine_files("laptop");
    const std::string_view last = command.empty() || command.ends_with(' ') ? std::string_view() : words.back();
    if (!words.empty() && words[0] == "watch" && (words.size() > 1 || command.ends_with(' '))) {
        const auto at = command.find("kubectl");
        return complete_on_laptop(cluster, script, at == std::string_view::npos ? command.substr(5) : command.substr(at));
    }
    if (!words.empty() && words[0] == "kubectl" && (words.size() > 1 || command.ends_with(' '))) {
        auto environment = cluster.quiet_kubectl_environment();
        environment.read_file = [&files](std::string_view path) {
            const auto found = files.find(std::string(path));
            return found == files.end() ? Result<std::string>(Error{"NotFound", {}, {}, 0, 0}) : Result<std::string>(found->second);
        };
        auto found = kubectl::complete(environment, command);
        const auto before = words.size() > 1 ? words[words.size() - (last.empty() ? 1 : 2)] : std::string_view();
        if (before == "-f" || before == "--filename")
            found = file_words(files, folder, last);
        return found;
    }
    if (words.empty() || (words.size() == 1 && !command.ends_with(' '))) {
        std::vector<std::string> out;
        for (const auto name : laptop_programs())
            out.emplace_back(name);
        for (std::string_view more : {"awk", "base64", "cat", "cd", "clear", "cp", "curl", "cut", "date", "echo", "env", "exit", "export", "grep", "head", "host", "jobs", "jq", "kill", "ls",
                                      "mkdir", "mv", "nslookup", "ping", "printf", "pwd", "rm", "sed", "seq", "settle", "sleep", "sort", "tail", "tee", "touch", "tr", "traceroute", "uniq", "wc",
                                      "wget", "which", "xargs"})
            out.emplace_back(more);
        std::erase_if(out, [&](const std::string& word) { return !word.starts_with(last); });
        std::sort(out.begin(), out.end());
        out.erase(std::unique(out.begin(), out.end()), out.end());
        return out;
    }
    if (words[0] == "ssh" && words.size() <= 2 && !(words.size() == 2 && command.ends_with(' '))) {
        std::vector<std::string> out;
        for (const auto& node : cluster.peek_list(api::kind::nodes, {}))
            if (api::name_of(node).starts_with(last))
                out.emplace_back(api::name_of(node));
        return out;
    }
    return file_words(files, folder, last);
}

}  // namespace kubewalk::cluster
