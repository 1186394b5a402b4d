#include "core/kubectl/describe/describe.h"

namespace kubewalk::kubectl::describe {

namespace {

std::string addresses_of(const api::Value& list) {
    std::vector<std::string> ips;
    for (const auto& address : list.items())
        ips.push_back(address["ip"].str());
    return or_none(join(ips, ","));
}

}  // namespace

void endpoints(const Subject& subject, Writer& w) {
    metadata(w, subject.object);
    w.line(0, "Subsets:");
    for (const auto& subset : subject.object["subsets"].items()) {
        w.line(1, "Addresses:\t", addresses_of(subset["addresses"]));
        w.line(1, "NotReadyAddresses:\t", addresses_of(subset["notReadyAddresses"]));
        if (!subset["ports"].empty()) {
            w.line(1, "Ports:");
            w.line(2, "Name\tPort\tProtocol");
            w.line(2, "----\t----\t--------");
            for (const auto& port : subset["ports"].items())
                w.line(2, port["name"].as_string("<unset>"), "\t", port["port"].as_int(), "\t", port["protocol"].as_string("TCP"));
        }
        w.line(0);
    }
    events(w, subject);
}

}  // namespace kubewalk::kubectl::describe
