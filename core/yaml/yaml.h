#pragma once
// YAML text <-> a tree that remembers where everything stood. Parsing and emitting are libyaml's;
// what a scalar means (number, boolean, ...) is decided by core/api/yaml.h.
// Mirrors what kubectl does to a manifest: k8s.io/apimachinery/pkg/util/yaml/decoder.go splits the
// stream at "---" lines, go.yaml.in/yaml/v2 parses each piece.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"

namespace kubewalk::yaml {

// Lines and columns count from 1; 0 means unknown.
struct Position {
    int line = 0;
    int column = 0;

    friend bool operator==(Position, Position) = default;
};

enum class Kind : std::uint8_t { scalar, sequence, mapping };
enum class Style : std::uint8_t { plain, quoted, literal };

// A node of the tree. Aliases are resolved (copied), merge keys ("<<") are merged, and of a key that
// is given twice both entries remain (duplicate_keys() finds them; readers take the last).
struct Node {
    Kind kind = Kind::scalar;
    Style style = Style::plain;
    std::string text;         // scalars only
    std::string tag;          // "" unless written out, e.g. "tag:yaml.org,2002:str"
    Position start;
    Position end;             // just behind the node
    std::vector<Node> keys;   // mappings only: keys[i] belongs to items[i]
    std::vector<Node> items;  // values of a mapping, items of a sequence

    // The value of the last entry with this key, or null; null too when this is no mapping.
    const Node* find(std::string_view key) const;
    // True for "" and comments only: no document at all.
    bool is_empty_plain() const { return kind == Kind::scalar && style == Style::plain && text.empty(); }

    static Node scalar(std::string text, Style style = Style::plain);
    static Node sequence();
    static Node mapping();
    void add(Node item) { items.push_back(std::move(item)); }
    void add(Node key, Node value);
};

// One piece of a stream between "---" lines.
struct Document {
    Node root;
    std::size_t begin = 0;  // the piece is text.substr(begin, end - begin)
    std::size_t end = 0;
    int line = 1;  // line of the stream at which the piece begins
};

struct Piece {
    std::size_t begin = 0;
    std::size_t end = 0;
    int line = 1;
};

// Bounds on hostile input. `nodes` counts after aliases are resolved ("billion laughs").
struct Limits {
    std::size_t bytes = 3u << 20;  // what an API request may weigh
    std::size_t nodes = 400'000;
    int depth = 200;
};

// The pieces of a stream, as kubectl splits it: at lines that begin with "---" followed by blanks or a
// comment only. Pieces of blanks and comments alone are left out.
std::vector<Piece> split_documents(std::string_view text);

// One piece of a stream. Positions in the tree and in the error count in the whole stream; the message
// ("yaml: line 3: did not find expected key") counts in the piece, as kubectl prints it.
Result<Document> parse_document(std::string_view text, const Piece& piece, const Limits& limits = {});

// All pieces; the first error ends it. Error reason: "ParseError".
Result<std::vector<Document>> parse(std::string_view text, const Limits& limits = {});

// Keys given twice in one mapping, as go-yaml's strict mode words them ("line 4: key "a" already set in
// map"), in order of appearance; line and column are those of the second.
std::vector<Error> duplicate_keys(const Node& root);

// The text of one document. Blocks throughout except for empty collections ("{}", "[]"), sequences not
// indented under their key, lines never folded: kubectl's form. Literal style falls back to quotes where
// the text does not permit it.
std::string emit(const Node& root);

}  // namespace kubewalk::yaml
