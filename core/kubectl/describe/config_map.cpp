#include "core/kubectl/describe/describe.h"

namespace kubewalk::kubectl::describe {

void config_map(const Subject& subject, Writer& w) {
    metadata(w, subject.object);
    w.line(0, "\nData\n====");
    for (const auto& [key, value] : subject.object["data"].members()) {
        w.line(0, key, ":\n----");
        w.line(0, value.as_string());
        w.line(0);
    }
    w.line(0, "\nBinaryData\n====");
    for (const auto& [key, value] : subject.object["binaryData"].members()) {
        const auto text = value.as_string();
        const auto padding = text.ends_with("==") ? 2u : text.ends_with('=') ? 1u : 0u;
        w.line(0, key, ": ", text.size() / 4 * 3 - padding, " bytes");
    }
    w.line(0);
    events(w, subject);
}

}  // namespace kubewalk::kubectl::describe
