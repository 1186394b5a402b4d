#pragma once
// The reviewed exceptions: tests/parity/known-differences.json and pending.json, embedded at build time.
//
// known-differences.json: {"entries": [
//   {"set": "kubeproxy/iptables-rules.json", "case": "ID", "reason": "...", "upstream": "..."},
//   {"set": "...", "expected": [{"replace": "text or /regex/", "with": "text"}], "reason": ..., "upstream": ...}]}
// The second form rewrites what was expected before comparing, for what release 1.36 changed
// everywhere; it holds for cases nobody has seen as well.
// pending.json: {"sets": {"path": "why it is not reached yet"}}

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/result.h"

namespace kubewalk::cli {

class KnownDifferences {
public:
    static Result<KnownDifferences> load();

    bool pending(std::string_view set) const;
    bool explains(std::string_view set, std::string_view id, std::string_view expected, std::string_view found) const;

private:
    struct Entry {
        std::string set;
        std::string id;  // one case; empty: a rewrite for all of them
        std::vector<std::pair<std::string, std::string>> rewrites;
    };
    std::vector<Entry> entries_;
    std::vector<std::string> pending_;
};

}  // namespace kubewalk::cli
