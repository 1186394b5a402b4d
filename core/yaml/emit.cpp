// Mirrors go.yaml.in/yaml/v2's encode.go: which style is asked for; libyaml decides what is possible.

#include <yaml.h>

#include "core/yaml/yaml.h"

namespace kubewalk::yaml {

namespace {

int append_output(void* out, unsigned char* text, std::size_t size) {
    static_cast<std::string*>(out)->append(reinterpret_cast<const char*>(text), size);
    return 1;
}

// Bytes of the UTF-8 character at the front; 0 when there is none that libyaml would take.
std::size_t character(std::string_view text) {
    const auto byte = [text](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u; };
    const auto lead = byte(0);
    const std::size_t size = lead < 0x80 ? 1 : lead >= 0xc2 && lead < 0xe0 ? 2 : lead >= 0xe0 && lead < 0xf0 ? 3 : lead >= 0xf0 && lead < 0xf5 ? 4 : 0;
    for (std::size_t i = 1; i < size; ++i)
        if ((byte(i) & 0xc0) != 0x80)
            return 0;
    const bool overlong = (lead == 0xe0 && byte(1) < 0xa0) || (lead == 0xf0 && byte(1) < 0x90);
    const bool surrogate = (lead == 0xed && byte(1) >= 0xa0) || (lead == 0xf4 && byte(1) >= 0x90);
    return overlong || surrogate ? 0 : size;
}

// On the wire between a client and the server, JSON's strings lose what is no UTF-8 to U+FFFD; libyaml would refuse them.
std::string as_utf8(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        const auto size = character(text);
        if (size > 0)
            out += text.substr(0, size);
        else
            out += "\xef\xbf\xbd";
        text.remove_prefix(size > 0 ? size : 1);
    }
    return out;
}

yaml_char_t* bytes(const std::string& text) {
    return reinterpret_cast<yaml_char_t*>(const_cast<char*>(text.data()));
}

class Emitter {
public:
    explicit Emitter(std::string& out) {
        yaml_emitter_initialize(&emitter_);
        yaml_emitter_set_output(&emitter_, append_output, &out);
        yaml_emitter_set_unicode(&emitter_, 1);
        yaml_emitter_set_width(&emitter_, -1);
        yaml_emitter_set_indent(&emitter_, 2);
    }
    ~Emitter() { yaml_emitter_delete(&emitter_); }
    Emitter(const Emitter&) = delete;
    Emitter& operator=(const Emitter&) = delete;

    void document(const Node& root) {
        yaml_event_t event;
        yaml_stream_start_event_initialize(&event, YAML_UTF8_ENCODING);
        emit(event);
        yaml_document_start_event_initialize(&event, nullptr, nullptr, nullptr, 1);
        emit(event);
        node(root);
        yaml_document_end_event_initialize(&event, 1);
        emit(event);
        yaml_stream_end_event_initialize(&event);
        emit(event);
    }

private:
    void emit(yaml_event_t& event) { yaml_emitter_emit(&emitter_, &event); }

    void node(const Node& node) {
        switch (node.kind) {
            case Kind::scalar: scalar(node); break;
            case Kind::sequence: sequence(node); break;
            case Kind::mapping: mapping(node); break;
        }
    }

    void scalar(const Node& node) {
        yaml_scalar_style_t style = YAML_PLAIN_SCALAR_STYLE;
        if (node.style == Style::quoted)
            style = YAML_DOUBLE_QUOTED_SCALAR_STYLE;
        else if (node.style == Style::literal)
            style = YAML_LITERAL_SCALAR_STYLE;
        yaml_event_t event;
        // Both forms implicit: no tag is ever written.
        const auto write = [&](const std::string& text) {
            return yaml_scalar_event_initialize(&event, nullptr, nullptr, bytes(text), static_cast<int>(text.size()), 1, 1, style) != 0;
        };
        if (write(node.text) || write(as_utf8(node.text)))
            emit(event);
    }

    void sequence(const Node& node) {
        yaml_event_t event;
        yaml_sequence_start_event_initialize(&event, nullptr, nullptr, 1, YAML_BLOCK_SEQUENCE_STYLE);
        emit(event);
        for (const auto& item : node.items)
            this->node(item);
        yaml_sequence_end_event_initialize(&event);
        emit(event);
    }

    void mapping(const Node& node) {
        yaml_event_t event;
        yaml_mapping_start_event_initialize(&event, nullptr, nullptr, 1, YAML_BLOCK_MAPPING_STYLE);
        emit(event);
        for (std::size_t i = 0; i < node.keys.size(); ++i) {
            this->node(node.keys[i]);
            this->node(node.items[i]);
        }
        yaml_mapping_end_event_initialize(&event);
        emit(event);
    }

    yaml_emitter_t emitter_{};
};

}  // namespace

std::string emit(const Node& root) {
    std::string out;
    {
        Emitter emitter(out);
        emitter.document(root);
    }
    // libyaml marks an open end with "...", which go-yaml does not.
    if (out == "...\n" || out.ends_with("\n...\n"))
        out.resize(out.size() - 4);
    return out;
}

}  // namespace kubewalk::yaml
