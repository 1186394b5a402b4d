#include "core/kubelet/expansion.h"

#include <set>

namespace kubewalk::kubelet {

namespace {

std::string expanded(std::string_view text, const std::map<std::string, std::string>& variables, std::set<std::string>* missing) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '$' || i + 1 == text.size()) {
            out += text[i];
            continue;
        }
        const char next = text[++i];
        if (next == '$') {
            out += '$';
        } else if (next == '(') {
            const auto close = text.find(')', i);
            if (close == std::string_view::npos) {
                out += "$(";
                continue;
            }
            const std::string name(text.substr(i + 1, close - i - 1));
            const auto found = variables.find(name);
            if (missing && (found == variables.end() || found->second.empty()))
                missing->insert(name);
            out += found == variables.end() ? "$(" + name + ")" : found->second;
            i = close;
        } else {
            out += '$';
            out += next;
        }
    }
    return out;
}

}  // namespace

std::string expand(std::string_view text, const std::map<std::string, std::string>& variables) { return expanded(text, variables, nullptr); }

std::vector<std::string> without_value(std::string_view text, const std::map<std::string, std::string>& variables) {
    std::set<std::string> missing;
    (void)expanded(text, variables, &missing);
    return {missing.begin(), missing.end()};
}

}  // namespace kubewalk::kubelet
