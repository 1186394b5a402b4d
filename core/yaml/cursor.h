#pragma once
// Where a caret stands in a manifest that is being typed and need not parse: which key's value, or
// which mapping's next key. Goes by indentation alone, as an editor has to.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace kubewalk::yaml {

struct Cursor {
    enum class Place : std::uint8_t {
        key,        // a key of the mapping at `path`, or an item of the list there
        value,      // behind "key:"; the key is the last element of `path`
        elsewhere,  // comments, block scalars, flow collections, marker lines
    };
    Place place = Place::elsewhere;
    // Keys from the document's root; items of lists are stepped over ("spec", "containers", "ports").
    std::vector<std::string> path;
    std::string word;       // the key's or value's text up to the caret
    std::size_t begin = 0;  // of the key or value in the whole text; a completion replaces [begin, end)
    std::size_t end = 0;
    int column = 0;         // at which the mapping's keys stand, from 0
    std::vector<std::string> siblings;  // keys that the mapping has already, without this one
    std::string api_version;            // of the document
    std::string kind;

    std::string dotted_path() const;  // "spec.containers.ports"
};

// `offset`: bytes; the end of the text when it is beyond.
Cursor cursor_at(std::string_view text, std::size_t offset);

}  // namespace kubewalk::yaml
