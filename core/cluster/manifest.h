#pragma once
// The editor's two questions: is this manifest right, and what happens when it is applied? Every
// problem is answered at its line.

#include <string>
#include <string_view>
#include <vector>

#include "core/cluster/session.h"
#include "core/yaml/yaml.h"

namespace kubewalk::cluster {

class Cluster;

// Syntax, schema, defaulting and validation, against the live object where there is one, by the same code as
// the API server's; then admission, by a dry run of the server's that leaves no trace. Nothing changes.
ApplyResult check_manifest(const Cluster& cluster, std::string_view manifest);

// The same document by document, for long texts beside which a page goes on being drawn.
class ManifestCheck {
public:
    explicit ManifestCheck(std::string manifest);

    // One document's share of the work; false when nothing is left.
    bool step(const Cluster& cluster);
    const std::string& manifest() const { return manifest_; }
    // Once nothing is left.
    ApplyResult take();

private:
    void read(const Cluster& cluster, int document);
    void try_admission(const Cluster& cluster, int document);

    std::string manifest_;
    std::vector<yaml::Piece> pieces_;
    std::vector<yaml::Document> documents_;  // those that parse
    std::size_t at_ = 0;                     // first every document is read, then each is tried
    ApplyResult result_;
};

// check_manifest, then `kubectl apply -f -`. What is misspelt is refused as kubectl's --validate=strict
// (its default) refuses it; nothing is applied when a document does not even parse.
ApplyResult apply_manifest(Cluster& cluster, std::string_view manifest);

}  // namespace kubewalk::cluster
