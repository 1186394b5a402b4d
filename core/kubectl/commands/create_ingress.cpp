// Upstream: k8s.io/kubectl/pkg/cmd/create/create_ingress.go.

#include "core/base/text.h"
#include "core/kubectl/creating.h"

namespace kubewalk::kubectl::command {

using api::Value;

namespace {

// "host/path=service:port[,tls[=secret]]" in parts.
struct Rule {
    std::string host;
    std::string path;
    std::string service;
    std::string port;
    bool tls = false;
    std::string secret;
};

bool is_word(std::string_view text, std::string_view more) {
    for (const char c : text) {
        const bool alphanumeric = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
        if (!alphanumeric && more.find(c) == std::string_view::npos)
            return false;
    }
    return true;
}

bool split_tls(std::string_view text, Rule& rule) {
    if (!text.starts_with("tls"))
        return false;
    text.remove_prefix(3);
    if (text.starts_with('='))
        text.remove_prefix(1);
    rule.tls = true;
    rule.secret = text;
    return is_word(text, "-");
}

Answer<Rule> parse_rule(std::string_view text) {
    const auto wrong = Refusal::plain(cat("rule ", text, " is invalid and should be in format host/path=svcname:svcport[,tls[=secret]]"));
    Rule rule;
    const auto equals = text.find('=');
    const auto slash = text.find('/');
    if (slash == std::string_view::npos || equals == std::string_view::npos || slash > equals)
        return wrong;
    rule.host = text.substr(0, slash);
    rule.path = text.substr(slash, equals - slash);
    auto rest = text.substr(equals + 1);
    const auto comma = rest.find(',');
    if (comma != std::string_view::npos && !split_tls(rest.substr(comma + 1), rule))
        return wrong;
    rest = rest.substr(0, comma);
    const auto colon = rest.find(':');
    if (colon == std::string_view::npos)
        return wrong;
    rule.service = rest.substr(0, colon);
    rule.port = rest.substr(colon + 1);
    if (!is_word(rule.host, "*-.") || rule.path.find(',') != std::string::npos || rule.service.empty() || rule.port.empty() ||
        !is_word(rule.service, "-") || !is_word(rule.port, "-"))
        return wrong;
    return rule;
}

Value backend_of(std::string_view service, std::string_view port) {
    const auto number = parse_int(port);
    return Value::object({{"service", Value::object({{"name", service},
                                                     {"port", number ? Value::object({{"number", *number}})
                                                                     : Value::object({{"name", port}})}})}});
}

Value rules_of(const std::vector<Rule>& rules) {
    Value list = Value::array();
    for (const auto& rule : rules) {
        std::string path = rule.path;
        const bool prefix = path.ends_with('*');
        if (prefix)
            path.pop_back();
        Value entry = Value::object({{"path", path}, {"pathType", prefix ? "Prefix" : "Exact"}, {"backend", backend_of(rule.service, rule.port)}});
        std::size_t at = 0;
        while (at < list.size() && list[at]["host"].as_string() != rule.host)
            ++at;
        if (at == list.size()) {
            Value fresh = Value::object({{"http", Value::object({{"paths", Value::array()}})}});
            if (!rule.host.empty())
                fresh.set("host", rule.host);
            list.push_back(std::move(fresh));
        }
        list.edit_at(at).edit_path("http", "paths").push_back(std::move(entry));
    }
    return list;
}

// One entry a secret; a host is taken once.
Value tls_of(const std::vector<Rule>& rules) {
    Value list = Value::array();
    std::vector<std::string> hosts;
    for (const auto& rule : rules) {
        bool known = !rule.tls;
        for (const auto& host : hosts)
            known = known || host == rule.host;
        if (known)
            continue;
        hosts.push_back(rule.host);
        std::size_t at = 0;
        while (at < list.size() && list[at]["secretName"].as_string() != rule.secret)
            ++at;
        if (at < list.size()) {
            list.edit_at(at).edit("hosts").push_back(rule.host);
            continue;
        }
        Value entry = Value::object();
        if (!rule.host.empty())
            entry.set("hosts", Value::array({rule.host}));
        if (!rule.secret.empty())
            entry.set("secretName", rule.secret);
        if (!entry.empty())
            list.push_back(std::move(entry));
    }
    return list;
}

}  // namespace

void create_ingress_flags(FlagSet& set) {
    add_create_flags(set);
    set.text("class", "The ingress class")
        .array("rule", "host/path=service:port[,tls[=secret]]; a path that ends with * is of type Prefix")
        .text("default-backend", "SERVICE:PORT for what no rule takes")
        .array("annotation", "KEY=VALUE");
}

void create_ingress(Run& run) {
    if (!one_name(run))
        return;
    const auto fallback = run.flags.text("default-backend");
    const auto texts = run.flags.list("rule");
    if (fallback.empty() && texts.empty())
        return run.fail("not enough information provided: every ingress has to either specify a default-backend (which catches all traffic) or a list of rules (which catch specific paths)");
    std::vector<Rule> rules;
    for (const auto& text : texts) {
        auto rule = parse_rule(text);
        if (!rule.ok())
            return run.fail(rule.refusal());
        rules.push_back(rule.take());
    }
    Value object = object_with_name("networking.k8s.io/v1", "Ingress", run.args()[0]);
    for (const auto& annotation : run.flags.list("annotation")) {
        const auto equals = annotation.find('=');
        if (equals == std::string::npos)
            return run.fail(cat("annotation ", annotation, " is invalid and should be in format key=[value]"));
        object.edit_path("metadata", "annotations").set(annotation.substr(0, equals), annotation.substr(equals + 1));
    }
    const auto colon = fallback.find(':');
    if (!fallback.empty() && (colon == std::string::npos || fallback.find(':', colon + 1) != std::string::npos))
        return run.fail("default-backend should be in format servicename:serviceport");
    Value& spec = object.edit("spec");
    if (const auto name = run.flags.text("class"); !name.empty())
        spec.set("ingressClassName", name);
    if (!fallback.empty())
        spec.set("defaultBackend", backend_of(fallback.substr(0, colon), fallback.substr(colon + 1)));
    if (!rules.empty())
        spec.set("rules", rules_of(rules));
    if (const Value tls = tls_of(rules); !tls.empty())
        spec.set("tls", tls);
    object.edit("status").set("loadBalancer", Value::object());
    create_and_print(run, api::kind::ingresses, std::move(object), "created");
}

}  // namespace kubewalk::kubectl::command
