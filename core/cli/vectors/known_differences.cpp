#include "core/cli/vectors/known_differences.h"

#include <algorithm>
#include <regex>

#include "core/api/json.h"
#include "core/base/text.h"
#include "kubewalk/embedded.h"

namespace kubewalk::cli {

namespace {

Result<api::Value> read(std::string_view path) {
    auto parsed = api::parse_json(embedded::find(path));
    if (parsed.ok())
        return parsed;
    return Error{"ParseError", cat(path, ": ", parsed.error().message), {}, 0, 0};
}

std::string rewrite(std::string text, const std::string& from, const std::string& to) {
    if (from.size() > 2 && from.front() == '/' && from.back() == '/')
        return std::regex_replace(text, std::regex(from.substr(1, from.size() - 2)), to);
    return replace_all(text, from, to);
}

}  // namespace

Result<KnownDifferences> KnownDifferences::load() {
    KUBEWALK_TRY(differences, read("tests/parity/known-differences.json"));
    KUBEWALK_TRY(pending, read("tests/parity/pending.json"));
    KnownDifferences known;
    for (const auto& entry : differences["entries"].items()) {
        if (entry["reason"].as_string().empty() || entry["upstream"].as_string().empty())
            return Error{"Invalid", "known-differences.json: every entry needs a reason and the upstream change", {}, 0, 0};
        Entry parsed{entry["set"].str(), entry["case"].str(), {}};
        for (const auto& rule : entry["expected"].items())
            parsed.rewrites.emplace_back(rule["replace"].str(), rule["with"].str());
        known.entries_.push_back(std::move(parsed));
    }
    for (const auto& [set, reason] : pending["sets"].members())
        known.pending_.push_back(set);
    return known;
}

bool KnownDifferences::pending(std::string_view set) const {
    return std::find(pending_.begin(), pending_.end(), set) != pending_.end();
}

bool KnownDifferences::explains(std::string_view set, std::string_view id, std::string_view expected,
                                std::string_view found) const {
    std::string text(expected);
    bool rewritten = false;
    for (const auto& entry : entries_) {
        if (entry.set != set)
            continue;
        if (!entry.id.empty()) {
            if (entry.id == id)
                return true;
            continue;
        }
        for (const auto& [from, to] : entry.rewrites) {
            text = rewrite(std::move(text), from, to);
            rewritten = true;
        }
    }
    return rewritten && text == found;
}

}  // namespace kubewalk::cli
