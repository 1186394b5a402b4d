#include "core/shell/programs/operands.h"

#include "core/base/text.h"

namespace kubewalk::shell {

namespace {

constexpr std::size_t most_text = 16 << 20;  // bytes; more is taken for a mistake, or for ill will

}  // namespace

bool read_operands(Process& process, const std::vector<std::string>& operands, std::string& text) {
    bool all = true;
    if (operands.empty())
        text = process.input;
    for (const auto& path : operands) {
        const std::string* file = path == "-" ? nullptr : process.file(path);
        const bool found = file || path == "-";
        const std::string_view part = file ? std::string_view(*file) : process.input;
        if (found && text.size() + part.size() <= most_text) {
            text += part;
        } else {
            all = false;
            process.fail(1, process.args[0], ": ", path, found ? ": Cannot allocate memory\n" : ": No such file or directory\n");
        }
    }
    return all;
}

std::vector<std::string_view> lines_of(std::string_view text) {
    if (text.empty())
        return {};
    auto lines = split(text, '\n');
    if (lines.back().empty())
        lines.pop_back();
    return lines;
}

}  // namespace kubewalk::shell
