#pragma once
// What applying a manifest would change: the lines as `kubectl diff` shows them (the live object against what the
// server's dry run makes of it), and the fields that `kubectl apply` weighs three ways: what was applied last, what
// lives, what the text says. Nothing changes. Upstream: k8s.io/kubectl/pkg/cmd/diff/diff.go, pkg/util/apply.go.

#include <string>
#include <string_view>
#include <vector>

namespace kubewalk::cluster {

class Cluster;

struct DiffLine {
    char sign = ' ';  // ' ', '-', '+'
    std::string text;
};

enum class FieldEffect : unsigned char {
    set,      // the text says otherwise than what lives: apply writes it
    removed,  // it was applied before and the text has it no longer: apply takes it away
    restored, // somebody changed it since it was applied: apply writes it back
    theirs,   // lives, and neither text nor last apply knows it: apply leaves it alone
};

struct FieldRow {
    std::string path;  // "spec.template.spec.containers[carts].image"
    std::string applied, live, mine;  // "" where the field is not there
    FieldEffect effect = FieldEffect::set;
};

struct ManifestComparison {
    std::string object;      // "deployment.apps/carts", "" when the text cannot be read
    bool exists = false;     // else the object would be created
    std::string refusal;     // why the server would not take it
    std::vector<DiffLine> lines;
    std::vector<FieldRow> fields;  // what apply acts on first, then `theirs`
};

// `document`: counted from 0 as ManifestProblem counts. Status, managed fields and what changes by itself
// (resourceVersion, generation) are left out.
ManifestComparison compare_manifest(const Cluster& cluster, std::string_view manifest, int document = 0);

// Both texts line by line: shortest edit script for what differs in the middle.
std::vector<DiffLine> diff_lines(std::string_view before, std::string_view after);

}  // namespace kubewalk::cluster
