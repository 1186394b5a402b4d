// vectors check DIR: runs every set found under DIR; ../shared/vectors/README.md fixes the form.

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

#include "core/api/json.h"
#include "core/base/text.h"
#include "core/cli/command.h"
#include "core/cli/vectors/known_differences.h"
#include "core/cli/vectors/runner.h"

namespace kubewalk::cli {

namespace {

// Collects one set's cases; failures that a reviewed entry explains count as passed.
class Tally final : public Report {
public:
    Tally(std::string_view set, const KnownDifferences& known) : set_(set), known_(known) {}

    void pass(std::string_view) override { ++passed; }
    void skip(std::string_view id, std::string_view reason) override {
        ++skipped;
        ++reasons[std::string(reason)];
        (void)id;
    }
    void fail(std::string_view id, std::string_view expected, std::string_view found) override {
        if (known_.explains(set_, id, expected, found)) {
            ++passed;
            ++explained;
            return;
        }
        ++failed;
        if (failures.size() < 200)
            failures.push_back(cat("  FAIL ", id, "\n    expected: ", expected, "\n    found:    ", found, "\n"));
    }

    int passed = 0;
    int failed = 0;
    int skipped = 0;
    int explained = 0;
    std::vector<std::string> failures;
    std::map<std::string, int> reasons;

private:
    std::string_view set_;
    const KnownDifferences& known_;
};

// What is no set (README): lists, data and licences.
bool is_no_set(std::string_view path) {
    for (const std::string_view folder : {"conformance/", "docs-transcripts/", "manifests/", "licences/"})
        if (path.starts_with(folder))
            return true;
    return path == "reserve.bin" || path.ends_with("README.md");
}

Result<api::Value> read_set(const std::string& path) {
    KUBEWALK_TRY(text, read_file(path));
    if (!path.ends_with(".jsonl"))
        return api::parse_json(text);
    api::Value lines = api::Value::array();
    for (const auto line : split(text, '\n')) {
        if (trim(line).empty())
            continue;
        KUBEWALK_TRY(value, api::parse_json(line));
        lines.push_back(std::move(value));
    }
    return lines;
}

std::vector<std::string> files_below(const std::string& folder) {
    std::vector<std::string> found;
    std::error_code problem;
    for (std::filesystem::recursive_directory_iterator it(folder, problem), end; !problem && it != end; it.increment(problem))
        if (it->is_regular_file())
            found.push_back(std::filesystem::relative(it->path(), folder).generic_string());
    std::sort(found.begin(), found.end());
    return found;
}

// "apiserver/*.jsonl" stands for every such file.
bool matches(std::string_view pattern, std::string_view path) {
    const auto star = pattern.find('*');
    if (star == std::string_view::npos)
        return pattern == path;
    return path.starts_with(pattern.substr(0, star)) && path.ends_with(pattern.substr(star + 1));
}

const VectorSet* find_set(std::string_view path) {
    for (const auto& set : vector_sets())
        if (matches(set.path, path))
            return &set;
    return nullptr;
}

}  // namespace

int run_vectors(const Invocation& invocation) {
    if (invocation.arguments.size() != 2 || invocation.arguments[0] != "check") {
        print_error("usage: kubewalk vectors check DIR\n");
        return 2;
    }
    const std::string& folder = invocation.arguments[1];
    const auto files = files_below(folder);
    if (files.empty()) {
        print_error(cat("kubewalk: no vectors under ", folder, "\n"));
        return 2;
    }
    const auto known = KnownDifferences::load();
    if (!known.ok()) {
        print_error(cat("kubewalk: ", known.error().message, "\n"));
        return 2;
    }
    int passed = 0, failed = 0, skipped = 0;
    for (const auto& file : files) {
        if (is_no_set(file))
            continue;
        if (known.value().pending(file)) {
            print(cat(file, ": pending\n"));
            ++skipped;
            continue;
        }
        const VectorSet* set = find_set(file);
        if (!set) {
            print(cat(file, ": unknown set\n"));
            ++failed;
            continue;
        }
        const auto root = read_set(cat(folder, "/", file));
        if (!root.ok()) {
            print(cat(file, ": ", root.error().message, "\n"));
            ++failed;
            continue;
        }
        Tally tally(file, known.value());
        set->run(root.value(), tally);
        const int total = tally.passed + tally.failed;
        print(cat(file, ": ", tally.passed, " of ", total, " passed"));
        if (tally.explained > 0)
            print(cat(" (", tally.explained, " by a known difference)"));
        if (tally.skipped > 0)
            print(cat(", ", tally.skipped, " skipped"));
        print("\n");
        for (const auto& [reason, count] : tally.reasons)
            print(cat("  skipped ", count, ": ", reason, "\n"));
        for (const auto& failure : tally.failures)
            print(failure);
        passed += tally.passed;
        failed += tally.failed;
        skipped += tally.skipped;
        if (total + tally.skipped == 0) {
            print(cat("  FAIL ", file, ": the runner judged nothing\n"));
            ++failed;
        }
    }
    print(cat(passed, " passed, ", failed, " failed, ", skipped, " skipped\n"));
    return failed == 0 ? 0 : 1;
}

}  // namespace kubewalk::cli
