// jq: its options, its input, what it prints.

#include "core/api/json.h"
#include "core/shell/programs/jq.h"
#include "core/shell/programs.h"

namespace kubewalk::shell {

namespace {

using api::Value;
using Values = std::vector<Value>;

// The JSON texts that stand one after the other.
Result<Values> inputs_of(std::string_view text) {
    Values values;
    while (!trim(text).empty()) {
        text = text.substr(text.find_first_not_of(" \t\r\n"));
        // Where the value ends: brackets are counted, strings are skipped.
        std::size_t at = 0;
        int depth = 0;
        bool inside = false;
        for (; at < text.size(); ++at) {
            const char c = text[at];
            if (inside) {
                if (c == '\\')
                    ++at;
                else if (c == '"')
                    inside = false;
            } else if (c == '"') {
                inside = true;
            } else if (c == '{' || c == '[') {
                ++depth;
            } else if (c == '}' || c == ']') {
                --depth;
            }
            const char next = at + 1 < text.size() ? text[at + 1] : '\n';
            if (!inside && depth <= 0 && (c == '}' || c == ']' || c == '"' || next == '\n' || next == ' ' || next == '\t' || next == '\r'))
                break;
        }
        const auto piece = text.substr(0, std::min(at + 1, text.size()));
        auto parsed = api::parse_json(piece);
        if (!parsed.ok())
            return Error{"jq", cat("parse error: Invalid numeric literal at line 1, column ", std::min(piece.find_first_of(" \n"), piece.size())), {}, 0, 0};
        values.push_back(parsed.take());
        text.remove_prefix(piece.size());
    }
    return values;
}

}  // namespace

int jq_main(Process& process) {
    std::string filter;
    bool have_filter = false, raw = false, compact = false, slurp = false, no_input = false, joined = false, raw_input = false, exit_status = false, tabs = false;
    std::vector<std::string> files;
    std::map<std::string, Value> variables;
    for (std::size_t i = 1; i < process.args.size(); ++i) {
        const auto& word = process.args[i];
        if (word == "--arg" || word == "--argjson") {
            if (i + 2 >= process.args.size())
                return process.fail(2, "jq: ", word, " takes two parameters (e.g. ", word, " name value)\n");
            auto json = word == "--argjson" ? api::parse_json(process.args[i + 2]) : Result<Value>(Value(process.args[i + 2]));
            if (!json.ok())
                return process.fail(2, "jq: Invalid JSON text passed to --argjson\n");
            variables[process.args[i + 1]] = json.take();
            i += 2;
        } else if (word.size() > 1 && word[0] == '-' && word != "-") {
            struct Long {
                std::string_view name;
                char letter;
            };
            static constexpr Long names[] = {{"--raw-output", 'r'}, {"--compact-output", 'c'}, {"--slurp", 's'}, {"--null-input", 'n'}, {"--join-output", 'j'}, {"--raw-input", 'R'},
                                             {"--exit-status", 'e'}, {"--tab", 't'}, {"--sort-keys", 'S'}, {"--color-output", 'C'}, {"--monochrome-output", 'M'}};
            std::string letters = word.substr(1);
            if (word.starts_with("--")) {
                letters.clear();
                for (const auto& one : names)
                    if (one.name == word)
                        letters = std::string(1, one.letter);
                if (letters.empty())
                    return process.fail(2, "jq: Unknown option: ", word, "\n");
            }
            for (const char letter : letters) {
                raw = raw || letter == 'r' || letter == 'j';
                joined = joined || letter == 'j';
                compact = compact || letter == 'c';
                slurp = slurp || letter == 's';
                no_input = no_input || letter == 'n';
                raw_input = raw_input || letter == 'R';
                exit_status = exit_status || letter == 'e';
                tabs = tabs || letter == 't';
                if (std::string_view("rjcsnRetSCM").find(letter) == std::string_view::npos)
                    return process.fail(2, "jq: Unknown option: ", word, "\n");
            }
        } else if (!have_filter) {
            filter = word;
            have_filter = true;
        } else {
            files.push_back(word);
        }
    }
    if (!have_filter)
        return process.fail(2, "Usage:\tjq [OPTIONS] FILTER [FILES...]\n");
    auto program = parse_jq(filter);
    if (!program.ok())
        return process.fail(3, "jq: error: ", program.error().message, " at <top-level>, line 1:\n", filter, "\njq: 1 compile error\n");
    std::string text(files.empty() ? process.input : std::string_view());
    for (const auto& path : files) {
        const auto* file = process.file(path);
        if (!file)
            return process.fail(2, "jq: error: Could not open ", path, ": No such file or directory\n");
        text += *file;
    }
    Values inputs;
    if (no_input) {
        inputs.emplace_back();
    } else if (raw_input) {
        for (const auto line : split(text, '\n'))
            if (!line.empty())
                inputs.emplace_back(line);
    } else {
        auto read = inputs_of(text);
        if (!read.ok())
            return process.fail(2, "jq: ", read.error().message, "\n");
        inputs = read.take();
    }
    if (slurp) {
        Value all = Value::array();
        for (auto& value : inputs)
            all.push_back(std::move(value));
        inputs = {std::move(all)};
    }
    int exit = 0;
    Value last;
    for (const auto& input : inputs) {
        auto outputs = run_jq(*program.value(), input, variables);
        if (!outputs.ok()) {
            process.fail(5, "jq: error (at <stdin>:0): ", outputs.error().message, "\n");
            exit = 5;
            continue;
        }
        for (const auto& value : outputs.value()) {
            last = value;
            process.print(raw && value.is_string() ? value.str() : tabs ? replace_all(api::to_json(value, 4), "    ", "\t") : api::to_json(value, compact ? -1 : 2),
                          joined ? "" : "\n");
        }
    }
    return exit != 0 ? exit : exit_status && (last.is_null() || (last.is_bool() && !last.as_bool())) ? 1 : 0;
}

}  // namespace kubewalk::shell
