#include "core/kubelet/expansion.h"

namespace kubewalk::kubelet {

std::string expand(std::string_view text, const std::map<std::string, std::string>& variables) {
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
            out += found == variables.end() ? "$(" + name + ")" : found->second;
            i = close;
        } else {
            out += '$';
            out += next;
        }
    }
    return out;
}

}  // namespace kubewalk::kubelet
