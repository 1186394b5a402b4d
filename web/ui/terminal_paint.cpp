#include "web/ui/terminal_paint.h"

#include <algorithm>
#include <cctype>
#include <span>

#include "web/ui/yaml_paint.h"

namespace kubewalk::ui {

namespace {

constexpr std::string_view good[] = {"Running", "Ready", "Completed", "Succeeded", "Active", "Bound", "Complete", "True", "Normal",
                                     "created", "configured", "unchanged", "scaled", "exposed", "restarted", "NOERROR", "succeeded"};
constexpr std::string_view waiting[] = {"Pending", "ContainerCreating", "Terminating", "PodInitializing", "Unknown", "Progressing",
                                        "SchedulingDisabled", "Ready,SchedulingDisabled", "Warning", "NotReady", "<pending>"};
constexpr std::string_view bad[] = {"Error", "CrashLoopBackOff", "ImagePullBackOff", "ErrImagePull", "OOMKilled", "Failed", "Evicted",
                                    "CreateContainerConfigError", "CreateContainerError", "RunContainerError", "InvalidImageName",
                                    "NXDOMAIN", "SERVFAIL", "False", "Lost", "deleted"};

bool among(std::span<const std::string_view> words, std::string_view word) {
    return std::find(words.begin(), words.end(), word) != words.end();
}

// "NAME   READY   STATUS": capital words, and at least two of them.
bool is_head(std::string_view line) {
    int words = 0;
    bool inside = false;
    for (char c : line) {
        bool letter = std::isupper(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '(' || c == ')' || c == '_' || c == '%' || c == '/';
        if (c == ' ') {
            inside = false;
        } else if (!letter) {
            return false;
        } else if (!inside) {
            inside = true;
            ++words;
        }
    }
    return words >= 2;
}

bool wants_yaml(std::string_view command) {
    for (std::string_view flag : {"-o yaml", "-oyaml", "-o=yaml", "--output=yaml", "-o json", "-ojson", "-o=json", " describe ", " explain "})
        if (command.find(flag) != std::string_view::npos) return true;
    return false;
}

// "1/2" while something is missing.
bool unfinished(std::string_view word) {
    std::size_t slash = word.find('/');
    if (slash == std::string_view::npos || slash == 0 || slash + 1 == word.size()) return false;
    std::string_view a = word.substr(0, slash), b = word.substr(slash + 1);
    auto digits = [](std::string_view text) { return text.size() < 6 && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; }); };
    return digits(a) && digits(b) && a != b;
}

}  // namespace

void paint_output(const Theme& theme, std::string_view command, std::string_view line, std::vector<CodeSpan>& spans) {
    if (is_head(line)) return spans.push_back({0, line.size(), theme.blue_text});
    if (wants_yaml(command)) return paint_yaml(theme, line, spans);
    std::size_t at = 0;
    while (at < line.size()) {
        while (at < line.size() && line[at] == ' ') ++at;
        std::size_t end = at;
        while (end < line.size() && line[end] != ' ') ++end;
        std::string_view word = line.substr(at, end - at);
        std::string_view plain = word.ends_with(':') || word.ends_with(',') ? word.substr(0, word.size() - 1) : word;
        Color color = among(good, plain) ? theme.green : among(waiting, plain) || unfinished(plain) ? theme.amber_text : among(bad, plain) ? theme.rose_text : 0;
        if (color) spans.push_back({at, end, color});
        at = end;
    }
}

void paint_command(const Theme& theme, std::string_view line, std::vector<CodeSpan>& spans) {
    bool first = true;
    std::size_t at = 0;
    while (at < line.size()) {
        while (at < line.size() && line[at] == ' ') ++at;
        if (at == line.size()) break;
        std::size_t end = at;
        char quote = line[at] == '"' || line[at] == '\'' ? line[at] : ' ';
        if (quote != ' ') ++end;
        while (end < line.size() && line[end] != quote) ++end;
        if (quote != ' ' && end < line.size()) ++end;
        if (line[at] == '|' || line[at] == '&' || line[at] == ';') {
            spans.push_back({at, end, theme.amber_text});
            first = true;
        } else {
            if (first) spans.push_back({at, end, theme.blue_text});
            if (!first && line[at] == '-') spans.push_back({at, end, theme.violet_text});
            if (!first && quote != ' ') spans.push_back({at, end, theme.teal_text});
            first = false;
        }
        at = end;
    }
}

}  // namespace kubewalk::ui
