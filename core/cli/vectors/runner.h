#pragma once
// Judges the cases of ../shared/vectors with the same code that the page runs. A set is one file of
// cases; its runner knows the file's shape and reports every case.

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/api/value.h"

namespace kubewalk::cli {

// Reports one case: equal texts pass. What is compared is up to the set: often to_json of both sides.
class Report {
public:
    virtual ~Report() = default;
    virtual void pass(std::string_view id) = 0;
    virtual void fail(std::string_view id, std::string_view expected, std::string_view found) = 0;
    // Not judged, with the reason (traps named in the sets' README).
    virtual void skip(std::string_view id, std::string_view reason) = 0;

    void check(std::string_view id, std::string_view expected, std::string_view found) {
        if (expected == found)
            pass(id);
        else
            fail(id, expected, found);
    }
};

// A set: the file's path below the vectors folder ("kubeproxy/iptables-rules.json"; for *.jsonl the
// root is an array of the lines) and what judges it.
struct VectorSet {
    std::string_view path;
    void (*run)(const api::Value& root, Report& report);
};

// One line per set, in vectors/sets.cpp.
std::span<const VectorSet> vector_sets();

}  // namespace kubewalk::cli
