// Mirrors go.yaml.in/yaml/v2 (decode.go: wording and line numbers of errors, merge keys) and
// k8s.io/apimachinery/pkg/util/yaml/decoder.go (where a stream is split).

#include <yaml.h>

#include <algorithm>
#include <map>
#include <utility>

#include "core/base/text.h"
#include "core/yaml/yaml.h"

namespace kubewalk::yaml {

namespace {

Error parse_error(std::string message, Position at = {}) {
    return {"ParseError", std::move(message), {}, at.line, at.column};
}

// YAML knows more line ends than editors do: a lone carriage return, U+0085, U+2028 and U+2029. Where a text has none of those,
// which is nearly always, there is nothing to translate.
class LineMap {
public:
    explicit LineMap(std::string_view text) {
        Position at{1, 1};
        bool odd = false;
        starts_.push_back(at);
        for (std::size_t i = 0; i < text.size(); ++i) {
            const auto rest = text.substr(i);
            const bool line_end = rest[0] == '\n';
            const bool other = (rest[0] == '\r' && !rest.starts_with("\r\n")) || rest.starts_with("\xc2\x85") || rest.starts_with("\xe2\x80\xa8") ||
                               rest.starts_with("\xe2\x80\xa9");
            // Columns count characters.
            if (line_end)
                at = {at.line + 1, 1};
            else if ((static_cast<unsigned char>(rest[0]) & 0xc0) != 0x80)
                ++at.column;
            if (line_end || other)
                starts_.push_back(at);
            odd = odd || other;
        }
        if (!odd)
            starts_.clear();
    }
    Position operator()(const yaml_mark_t& mark) const {
        const int column = static_cast<int>(mark.column) + 1;
        if (starts_.empty())
            return {static_cast<int>(mark.line) + 1, column};
        const Position start = starts_[std::min(mark.line, starts_.size() - 1)];
        return {start.line, start.column - 1 + column};
    }

private:
    std::vector<Position> starts_;  // of YAML's lines in the text as editors count; empty: they are the same
};

// Owns libyaml's parser and hands out one event at a time.
class EventSource {
public:
    explicit EventSource(std::string_view text) : lines_(text) {
        yaml_parser_initialize(&parser_);
        yaml_parser_set_input_string(&parser_, reinterpret_cast<const unsigned char*>(text.data()), text.size());
    }
    ~EventSource() {
        drop();
        yaml_parser_delete(&parser_);
    }
    EventSource(const EventSource&) = delete;
    EventSource& operator=(const EventSource&) = delete;

    bool next() {
        drop();
        held_ = yaml_parser_parse(&parser_, &event_) != 0;
        return held_;
    }
    const yaml_event_t& event() const { return event_; }

    // go-yaml prints the parser's own line numbers, which count from 0, except for scanner errors.
    Error failure() const {
        std::size_t printed = parser_.problem_mark.line;
        if (printed != 0 && parser_.error == YAML_SCANNER_ERROR)
            ++printed;
        else if (printed == 0)
            printed = parser_.context_mark.line;
        std::string message = "yaml: ";
        if (printed != 0)
            append(message, "line ", printed, ": ");
        message += parser_.problem ? parser_.problem : "unknown problem parsing YAML content";
        return parse_error(std::move(message), lines_(parser_.problem_mark));
    }
    Position position_of(const yaml_mark_t& mark) const { return lines_(mark); }

private:
    void drop() {
        if (held_)
            yaml_event_delete(&event_);
        held_ = false;
    }

    LineMap lines_;
    yaml_parser_t parser_{};
    yaml_event_t event_{};
    bool held_ = false;
};

std::string text_of(const unsigned char* text) { return text ? reinterpret_cast<const char*>(text) : std::string(); }

Style style_of(yaml_scalar_style_t style) {
    switch (style) {
        case YAML_SINGLE_QUOTED_SCALAR_STYLE:
        case YAML_DOUBLE_QUOTED_SCALAR_STYLE: return Style::quoted;
        case YAML_LITERAL_SCALAR_STYLE:
        case YAML_FOLDED_SCALAR_STYLE: return Style::literal;
        default: return Style::plain;
    }
}

bool is_merge_key(const Node& key) {
    return key.kind == Kind::scalar && key.style == Style::plain && key.text == "<<";
}

// Builds one document's tree from the events.
class TreeBuilder {
public:
    TreeBuilder(std::string_view text, const Limits& limits) : source_(text), limits_(limits) {}

    // An empty plain scalar when there is no document.
    Result<Node> document() {
        while (source_.next()) {
            switch (source_.event().type) {
                case YAML_STREAM_START_EVENT:
                case YAML_DOCUMENT_START_EVENT: break;
                case YAML_STREAM_END_EVENT:
                case YAML_DOCUMENT_END_EVENT: return Node{};
                default: {
                    auto root = node(0);
                    if (!root.ok())
                        return root;
                    // What follows the document must be well formed too, as for go-yaml.
                    if (!source_.next())
                        return source_.failure();
                    return root;
                }
            }
        }
        return source_.failure();
    }

private:
    struct Anchor {
        Node node;
        std::size_t nodes = 0;
        bool open = true;  // still being built: an alias inside would contain itself
    };

    Result<Node> next_node(int depth) {
        if (!source_.next())
            return source_.failure();
        return node(depth);
    }

    // The node that begins with the current event.
    Result<Node> node(int depth) {
        const auto& event = source_.event();
        if (event.type == YAML_ALIAS_EVENT)
            return alias();
        if (depth > limits_.depth)
            return parse_error(cat("yaml: exceeded max depth of ", limits_.depth), source_.position_of(event.start_mark));
        if (++nodes_ > limits_.nodes)
            return parse_error("yaml: document contains too many nodes", source_.position_of(event.start_mark));

        Node made;
        made.start = source_.position_of(event.start_mark);
        made.end = source_.position_of(event.end_mark);
        std::string anchor;
        const std::size_t before = nodes_;
        if (event.type == YAML_SCALAR_EVENT) {
            const auto& scalar = event.data.scalar;
            anchor = text_of(scalar.anchor);
            made.tag = text_of(scalar.tag);
            made.style = style_of(scalar.style);
            made.text.assign(reinterpret_cast<const char*>(scalar.value), scalar.length);
        } else if (event.type == YAML_SEQUENCE_START_EVENT) {
            anchor = text_of(event.data.sequence_start.anchor);
            made.tag = text_of(event.data.sequence_start.tag);
            made.kind = Kind::sequence;
            open_anchor(anchor);
            if (auto done = fill_sequence(made, depth); !done.ok())
                return done.error();
        } else {
            anchor = text_of(event.data.mapping_start.anchor);
            made.tag = text_of(event.data.mapping_start.tag);
            made.kind = Kind::mapping;
            open_anchor(anchor);
            if (auto done = fill_mapping(made, depth); !done.ok())
                return done.error();
        }
        if (!anchor.empty())
            anchors_[anchor] = {made, nodes_ - before + 1, false};
        return made;
    }

    void open_anchor(const std::string& anchor) {
        if (!anchor.empty())
            anchors_[anchor] = {};
    }

    Result<Node> alias() {
        const auto& event = source_.event();
        const Position at = source_.position_of(event.start_mark);
        const std::string name = text_of(event.data.alias.anchor);
        const auto found = anchors_.find(name);
        if (found == anchors_.end())
            return parse_error(cat("yaml: unknown anchor '", name, "' referenced"), at);
        if (found->second.open)
            return parse_error(cat("yaml: anchor '", name, "' value contains itself"), at);
        nodes_ += found->second.nodes;
        if (nodes_ > limits_.nodes)
            return parse_error("yaml: document contains excessive aliasing", at);
        Node copy = found->second.node;
        copy.start = at;
        copy.end = source_.position_of(event.end_mark);
        return copy;
    }

    Result<void> fill_sequence(Node& sequence, int depth) {
        while (true) {
            if (!source_.next())
                return source_.failure();
            if (source_.event().type == YAML_SEQUENCE_END_EVENT)
                break;
            KUBEWALK_TRY(item, node(depth + 1));
            sequence.items.push_back(std::move(item));
        }
        sequence.end = source_.position_of(source_.event().end_mark);
        return {};
    }

    Result<void> fill_mapping(Node& mapping, int depth) {
        std::vector<Node> merged;
        while (true) {
            if (!source_.next())
                return source_.failure();
            if (source_.event().type == YAML_MAPPING_END_EVENT)
                break;
            KUBEWALK_TRY(key, node(depth + 1));
            KUBEWALK_TRY(value, next_node(depth + 1));
            if (is_merge_key(key)) {
                if (auto done = collect_merge(value, merged); !done.ok())
                    return done;
            } else {
                mapping.add(std::move(key), std::move(value));
            }
        }
        mapping.end = source_.position_of(source_.event().end_mark);
        for (const auto& other : merged)
            for (std::size_t i = 0; i < other.keys.size(); ++i)
                if (other.keys[i].kind != Kind::scalar || !mapping.find(other.keys[i].text))
                    mapping.add(other.keys[i], other.items[i]);
        return {};
    }

    Result<void> collect_merge(const Node& value, std::vector<Node>& merged) {
        if (value.kind == Kind::mapping) {
            merged.push_back(value);
            return {};
        }
        if (value.kind == Kind::sequence) {
            for (const auto& item : value.items) {
                if (item.kind != Kind::mapping)
                    return bad_merge(value);
                merged.push_back(item);
            }
            return {};
        }
        return bad_merge(value);
    }

    static Error bad_merge(const Node& value) {
        return parse_error("yaml: map merge requires map or sequence of maps as the value", value.start);
    }

    EventSource source_;
    Limits limits_;
    std::map<std::string, Anchor, std::less<>> anchors_;
    std::size_t nodes_ = 0;
};

void move_lines(Node& node, int by) {
    if (node.start.line > 0) {
        node.start.line += by;
        node.end.line += by;
    }
    for (auto& key : node.keys)
        move_lines(key, by);
    for (auto& item : node.items)
        move_lines(item, by);
}

// A line that ends a piece: "---", then blanks or a comment.
bool is_separator(std::string_view line) {
    if (line.substr(0, 3) != "---")
        return false;
    const auto rest = trim(line.substr(3));
    return rest.empty() || rest.front() == '#';
}

bool has_content(std::string_view text) {
    for (auto line : split(text, '\n')) {
        const auto body = trim(line);
        if (!body.empty() && body.front() != '#' && !is_separator(line))
            return true;
    }
    return false;
}

void collect_duplicates(const Node& node, std::vector<Error>& out) {
    std::map<std::string_view, int> seen;
    for (std::size_t i = 0; i < node.keys.size(); ++i) {
        const auto& key = node.keys[i];
        if (key.kind == Kind::scalar && ++seen[key.text] > 1)
            out.push_back(parse_error(cat("line ", key.start.line, ": key ", quoted(key.text), " already set in map"),
                                      key.start));
        collect_duplicates(node.items[i], out);
    }
    if (node.kind == Kind::sequence)
        for (const auto& item : node.items)
            collect_duplicates(item, out);
}

}  // namespace

const Node* Node::find(std::string_view key) const {
    if (kind != Kind::mapping)
        return nullptr;
    for (std::size_t i = keys.size(); i-- > 0;)
        if (keys[i].kind == Kind::scalar && keys[i].text == key)
            return &items[i];
    return nullptr;
}

Node Node::scalar(std::string text, Style style) {
    Node node;
    node.text = std::move(text);
    node.style = style;
    return node;
}

Node Node::sequence() {
    Node node;
    node.kind = Kind::sequence;
    return node;
}

Node Node::mapping() {
    Node node;
    node.kind = Kind::mapping;
    return node;
}

void Node::add(Node key, Node value) {
    keys.push_back(std::move(key));
    items.push_back(std::move(value));
}

std::vector<Piece> split_documents(std::string_view text) {
    std::vector<Piece> pieces;
    Piece piece;
    int line_number = 1;
    std::size_t at = 0;
    auto close = [&](std::size_t end) {
        piece.end = end;
        if (has_content(text.substr(piece.begin, piece.end - piece.begin)))
            pieces.push_back(piece);
    };
    while (at < text.size()) {
        auto end = text.find('\n', at);
        const auto next = end == std::string_view::npos ? text.size() : end + 1;
        // A separator with nothing before it stays in its piece, as in k8s.io/apimachinery's YAMLReader.
        if (at > piece.begin && is_separator(text.substr(at, next - at))) {
            close(at);
            piece.begin = next;
            piece.line = line_number + 1;
        }
        at = next;
        ++line_number;
    }
    close(text.size());
    return pieces;
}

Result<Document> parse_document(std::string_view text, const Piece& piece, const Limits& limits) {
    Document document;
    document.begin = piece.begin;
    document.end = piece.end;
    document.line = piece.line;
    const auto body = text.substr(piece.begin, piece.end - piece.begin);
    if (body.size() > limits.bytes)
        return parse_error(cat("yaml: document is larger than ", limits.bytes, " bytes"), {piece.line, 1});
    auto root = TreeBuilder(body, limits).document();
    if (!root.ok()) {
        Error error = root.error();
        if (error.line > 0)
            error.line += piece.line - 1;
        return error;
    }
    document.root = root.take();
    move_lines(document.root, piece.line - 1);
    return document;
}

Result<std::vector<Document>> parse(std::string_view text, const Limits& limits) {
    std::vector<Document> documents;
    for (const auto& piece : split_documents(text)) {
        KUBEWALK_TRY(document, parse_document(text, piece, limits));
        documents.push_back(std::move(document));
    }
    return documents;
}

std::vector<Error> duplicate_keys(const Node& root) {
    std::vector<Error> out;
    collect_duplicates(root, out);
    return out;
}

}  // namespace kubewalk::yaml
