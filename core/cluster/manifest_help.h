#pragma once
// The editor's third question: what could stand here, and what does this field mean? Answers come from
// the schema with the official texts, and from what lives in the cluster.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace kubewalk::cluster {

class Cluster;

struct Suggestion {
    std::string label;   // "replicas", "NodePort"
    std::string insert;  // "replicas: ", "ports:\n  - "
    std::string detail;  // "integer", "[]ServicePort"; "" for values
    std::string text;    // the official text, "" when there is none
    bool required = false;
};

struct Completion {
    // What an accepted suggestion replaces: bytes [begin, end) of the manifest.
    std::size_t begin = 0;
    std::size_t end = 0;
    std::vector<Suggestion> suggestions;  // best first
};

// What could stand at the caret; nothing inside comments, block scalars and unknown fields. Keys that the
// mapping has already are left out.
Completion complete_manifest(const Cluster& cluster, std::string_view manifest, std::size_t caret);

struct FieldHelp {
    std::string path;    // "spec.template.spec.containers"; "" when nothing is known
    std::string type;    // "[]Container"
    std::string text;
    std::vector<std::string> values;  // of an enumeration
    bool required = false;
};

// About the key at (or whose value is at) this place.
FieldHelp explain_field(const Cluster& cluster, std::string_view manifest, std::size_t offset);

}  // namespace kubewalk::cluster
