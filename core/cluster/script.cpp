#include "core/cluster/script.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "core/base/text.h"
#include "core/shell/syntax.h"

namespace kubewalk::cluster {

namespace {

// "<<EOF", "<<'EOF'", "<<-EOF" at the end of a line: the word that ends the here-document, and the
// line without it.
struct HereDocument {
    std::string word;
    std::string line;
    bool strip_tabs = false;
    bool quoted = false;
};

HereDocument find_here_document(std::string_view line) {
    HereDocument found;
    found.line = line;
    const auto at = line.rfind("<<");
    if (at == std::string_view::npos)
        return found;
    std::string_view word = trim(line.substr(at + 2));
    if (!word.empty() && word.front() == '-') {
        found.strip_tabs = true;
        word.remove_prefix(1);
    }
    if (word.size() >= 2 && (word.front() == '\'' || word.front() == '"') && word.back() == word.front()) {
        word = word.substr(1, word.size() - 2);
        found.quoted = true;
    }
    if (word.empty() || word.find_first_of(" \t'\"|<>;&") != std::string_view::npos)
        return found;
    found.word = word;
    found.line = trim(line.substr(0, at));
    return found;
}

bool is_unfinished(std::string_view line) {
    const auto parsed = shell::parse_script(line);
    return !parsed.ok() && (parsed.error().message.find("end of file") != std::string::npos || parsed.error().message.find("unterminated") != std::string::npos);
}

}  // namespace

Result<std::vector<ScriptCommand>> parse_script(std::string_view text) {
    std::vector<ScriptCommand> commands;
    const auto lines = split(text, '\n');
    for (std::size_t i = 0; i < lines.size(); ++i) {
        std::string_view raw = lines[i];
        if (raw.ends_with('\r'))
            raw.remove_suffix(1);
        if (trim(raw).empty() || trim(raw).front() == '#')
            continue;
        ScriptCommand command;
        command.number = static_cast<int>(i) + 1;
        std::string line(trim(raw));
        while (line.ends_with('\\') && i + 1 < lines.size()) {  // continued on the next line
            line.pop_back();
            line += trim(lines[++i]);
        }
        HereDocument here = find_here_document(line);
        command.line = here.line;
        // A here-document in the middle of a line, or a construct over several lines: the shell reads on.
        for (; here.word.empty() && is_unfinished(command.line) && i + 1 < lines.size();)
            append(command.line, "\n", lines[++i]);
        if (!here.word.empty()) {
            bool ended = false;
            for (++i; i < lines.size(); ++i) {
                std::string_view body = lines[i];
                if (body.ends_with('\r'))
                    body.remove_suffix(1);
                while (here.strip_tabs && body.starts_with('\t'))
                    body.remove_prefix(1);
                if (body == here.word) {
                    ended = true;
                    break;
                }
                append(command.input, body, "\n");
            }
            if (!ended)
                return Error{"ParseError", cat("here-document at line ", command.number, " is not ended by ", here.word), {},
                             command.number, 1};
            // What the shell has to expand is left to it.
            if (!here.quoted && command.input.find_first_of("$`\\") != std::string::npos)
                command.line = cat(line, "\n", std::exchange(command.input, {}), here.word);
        }
        commands.push_back(std::move(command));
    }
    return commands;
}

namespace {

CommandResult rewind(Session& session, const std::vector<std::string_view>& words) {
    CommandResult result;
    const auto amount = words.size() > 1 ? parse_go_duration(words[1]) : session.now() - Time{};
    if (!amount || amount->ns < 0) {
        result.exit = 2;
        result.err = "usage: rewind [DURATION]   (rewind 30s)\n";
        return result;
    }
    session.seek(std::max(Time{}, session.now() - *amount));
    return result;
}

}  // namespace

bool moves_time(std::string_view line) {
    const auto words = fields(line);
    return !words.empty() && (words[0] == "settle" || words[0] == "rewind");
}

CommandResult run_command(Session& session, const ScriptCommand& command) {
    const auto words = fields(command.line);
    if (!words.empty() && words[0] == "rewind")
        return rewind(session, words);
    if (!words.empty() && words[0] == "settle") {
        Duration limit = minutes(10);
        if (words.size() > 1)
            limit = parse_go_duration(words[1]).value_or(limit);
        CommandResult result;
        const Time before = session.now();
        if (!session.settle(limit)) {
            result.exit = 1;
            result.err = cat("not settled after ", go_duration(session.now() - before), "\n");
        }
        result.elapsed = session.now() - before;
        return result;
    }
    return session.run(command.line, command.input);
}

api::Value command_json(const ScriptCommand& command, const CommandResult& result) {
    return api::Value::object({{"command", command.line},
                               {"exit", result.exit},
                               {"stdout", result.out},
                               {"stderr", result.err},
                               {"data", result.data}});
}

}  // namespace kubewalk::cluster
