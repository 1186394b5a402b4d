#pragma once
// Which objects a command is about: TYPE NAME, TYPE/NAME, TYPE1,TYPE2, `all`, selectors, -f.
// Upstream: k8s.io/cli-runtime/pkg/resource/builder.go, visitor.go.

#include <string>
#include <string_view>
#include <vector>

#include "core/api/kinds.h"
#include "core/kubectl/command.h"

namespace kubewalk::kubectl {

struct Info {
    const api::Kind* kind = nullptr;
    std::string namespace_name;  // "" for cluster-wide kinds, and for lists over all namespaces
    std::string name;            // "" when `object` is a whole list
    std::string source;          // the file it came from, as errors name it: "STDIN"
    int document = 0;            // which piece of the file, from 0
    api::Value object;           // as the server answered; from files: as written

    // "deployment.apps/carts", as kubectl names things.
    std::string slash_name() const;
};

enum class EmptySelector : unsigned char { refused, selects_all };
// Objects from files: as written, or as they are on the server.
enum class Files : unsigned char { as_written, live };

struct Asked {
    EmptySelector empty_selector = EmptySelector::refused;
    Files files = Files::live;
    std::string_view default_type;  // "pods" where a bare name is a Pod's
    std::string_view accept;        // Accept header of every request ("" for objects)
    std::string_view include_object;
    bool flatten = true;            // lists become their items
    bool require_object = true;     // false: what is named is not fetched
};

struct Found {
    std::vector<Info> infos;
    std::vector<Refusal> refusals;
    bool single_item = false;  // one object by name
};

// From args, -f, -l, --field-selector, -A, --all of the run.
Found find_resources(Run& run, const std::vector<std::string>& args, const Asked& asked);

// The kind that a word names; the refusal when there is none.
// `server`: who is asked for kinds that kubectl does not know by itself.
Answer<const api::Kind*> kind_named(std::string_view word, Server* server = nullptr);
// Words of an argument list that name one object: ("deploy", "x") or ("deploy/x").
struct Target {
    const api::Kind* kind = nullptr;
    std::string name;
};
Answer<Target> parse_target(std::string_view word, std::string_view default_type, Server* server = nullptr);

// "pod", "deployment.apps": lower-case kind with its group.
std::string kind_prefix(const api::Kind& kind);

// -- manifests --------------------------------------------------------------------------------------

// The documents of -f: Lists expanded, kinds resolved, namespaces filled in.
Found read_manifests(Run& run);
struct ManifestOptions {
    std::string namespace_name;  // where an object names none
    bool enforce_namespace = false;
    bool refuse_untyped = true;  // false: --validate=false
    Server* server = nullptr;    // asked for kinds that kubectl does not know by itself
};
Found parse_manifest(std::string_view text, std::string_view source, const ManifestOptions& options);

}  // namespace kubewalk::kubectl
