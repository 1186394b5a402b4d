#include "core/kubectl/describe/describe.h"

namespace kubewalk::kubectl::describe {

void service_account(const Subject& subject, Writer& w) {
    metadata(w, subject.object);
    const auto& secrets = subject.object["imagePullSecrets"];
    if (secrets.empty())
        w.line(0, "Image pull secrets:\t<none>");
    std::string_view header = "Image pull secrets:";
    for (const auto& secret : secrets.items()) {
        w.line(0, header, "\t", secret["name"].as_string());
        header = "                   ";
    }
    events(w, subject);
}

}  // namespace kubewalk::kubectl::describe
