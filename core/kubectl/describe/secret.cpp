#include "core/base/base64.h"
#include "core/kubectl/describe/describe.h"

namespace kubewalk::kubectl::describe {

void secret(const Subject& subject, Writer& w) {
    metadata(w, subject.object);
    w.line(0, "\nType:\t", subject.object["type"].as_string());
    w.line(0, "\nData\n====");
    for (const auto& [key, value] : subject.object["data"].members()) {
        const auto text = value.as_string();
        if (key == "token" && subject.object["type"].as_string() == "kubernetes.io/service-account-token") {
            w.line(0, key, ":\t", from_base64(text).value_or(std::string()));
            continue;
        }
        const auto padding = text.ends_with("==") ? 2u : text.ends_with('=') ? 1u : 0u;
        w.line(0, key, ":\t", text.size() / 4 * 3 - padding, " bytes");
    }
}

}  // namespace kubewalk::kubectl::describe
