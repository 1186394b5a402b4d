#include "core/kubectl/describe/describe.h"

namespace kubewalk::kubectl::describe {

using api::Value;

namespace {

std::string or_unset(const Value& value) {
    if (value.is_null())
        return "<unset>";
    return value.is_bool() ? cat(value.as_bool()) : value.is_int() ? cat(value.as_int()) : value.str();
}

void ports(Writer& w, const Value& list) {
    if (list.empty())
        return w.line(0, "Ports: <unset>");
    w.line(0, "Ports:");
    w.line(1, "Name\tPort\tProtocol");
    w.line(1, "----\t----\t--------");
    for (const auto& port : list.items()) {
        const auto name = port["name"].as_string();
        w.line(1, name.empty() ? std::string_view("<unset>") : name, "\t", or_unset(port["port"]), "\t", port["protocol"].as_string("TCP"));
    }
}

void endpoint(Writer& w, const Value& endpoint) {
    w.line(1, "- Addresses:\t", or_none(joined(endpoint["addresses"], ", ")));
    w.line(2, "Conditions:");
    w.line(3, "Ready:\t", or_unset(endpoint["conditions"]["ready"]));
    w.line(2, "Hostname:\t", or_unset(endpoint["hostname"]));
    if (const auto& target = endpoint["targetRef"]; !target.is_null())
        w.line(2, "TargetRef:\t", target["kind"].as_string(), "/", target["name"].as_string());
    w.line(2, "NodeName:\t", or_unset(endpoint["nodeName"]));
    w.line(2, "Zone:\t", or_unset(endpoint["zone"]));
}

}  // namespace

void endpoint_slice(const Subject& subject, Writer& w) {
    metadata(w, subject.object);
    w.line(0, "AddressType:\t", subject.object["addressType"].as_string());
    ports(w, subject.object["ports"]);
    if (subject.object["endpoints"].empty()) {
        w.line(0, "Endpoints: <none>");
    } else {
        w.line(0, "Endpoints:");
        for (const auto& each : subject.object["endpoints"].items())
            endpoint(w, each);
    }
    events(w, subject);
}

}  // namespace kubewalk::kubectl::describe
