// ingress/docs-matching.json: the documentation's tables of paths and hosts; ingress/conformance.json: features of
// the conformance suite. Both through the controller's own configuration and choice of location.
// The suite runs ingress-nginx with ssl-redirect: "false" in its ConfigMap and for Ingresses without a class.

#include <set>

#include "core/addons/ingress/balancer.h"
#include "core/addons/ingress/configuration.h"
#include "core/api/kinds.h"
#include "core/base/text.h"
#include "core/cli/vectors/runner.h"

namespace kubewalk::cli {

namespace {

using api::Value;
namespace ingress = addons::ingress;

const Value nothing_found;

// The Services that Ingresses name, each with one endpoint.
class Backends {
public:
    void add(const Value& object) {
        add_backend(object["spec"]["defaultBackend"]["service"]);
        for (const auto& rule : object["spec"]["rules"].items())
            for (const auto& path : rule["http"]["paths"].items())
                add_backend(path["backend"]["service"]);
    }

    const Value& service(std::string_view key) const {
        const auto found = services_.find(api::split_key(key).name);
        return found == services_.end() ? nothing_found : found->second;
    }

    static std::vector<Value> slices(std::string_view) {
        return {Value::object({{"ports", Value::array({Value::object({{"name", ""}, {"protocol", "TCP"}, {"port", 3000}})})},
                               {"endpoints", Value::array({Value::object({{"addresses", Value::array({"10.244.1.2"})}})})}})};
    }

private:
    void add_backend(const Value& backend) {
        if (!backend.is_object())
            return;
        Value port = Value::object({{"protocol", "TCP"}, {"port", backend["port"]["number"].as_int(8080)}, {"targetPort", 3000}});
        if (!backend["port"]["name"].is_null())
            port.set("name", backend["port"]["name"]);
        services_[backend["name"].str()] = Value::object({{"metadata", Value::object({{"name", backend["name"]}})},
                                                          {"spec", Value::object({{"type", "ClusterIP"}, {"ports", Value::array({port})}})}});
    }

    std::map<std::string, Value, std::less<>> services_;
};

std::string class_fault(const Value& object) {
    ingress::ClassOptions options;
    options.without_class = true;
    return ingress::class_mismatch(object, options, [](std::string_view) -> const Value& { return nothing_found; });
}

ingress::Configuration configure(const std::vector<Value>& objects) {
    Backends backends;
    ingress::Sources sources;
    for (const auto& object : objects) {
        if (!class_fault(object).empty())
            continue;
        backends.add(object);
        sources.ingresses.push_back(object);
    }
    sources.service = [&backends](std::string_view key) -> const Value& { return backends.service(key); };
    sources.slices = [](std::string_view, std::string_view service) { return Backends::slices(service); };
    sources.secret = [](std::string_view) -> const Value& { return nothing_found; };
    ingress::Settings settings;
    settings.ssl_redirect = false;
    return ingress::build(settings, std::move(sources));
}

ingress::Selected select(const ingress::Configuration& configuration, std::string_view host, std::string_view path) {
    const auto* server = ingress::select_server(configuration.servers, host);
    return server ? ingress::select_location(*server, ingress::normalize_path(path)) : ingress::Selected{};
}

struct Answer {
    int status = 404;
    std::string service = "nobody";
    const ingress::Upstream* upstream = nullptr;
};

Answer answer_of(const ingress::Configuration& configuration, const Value& request) {
    const auto selected = select(configuration, request["host"].as_string(), request["path"].as_string("/"));
    if (!selected.location || selected.location->upstream.empty())
        return {};
    const auto upstream = configuration.upstreams.find(selected.location->upstream);
    if (upstream == configuration.upstreams.end() || upstream->second.endpoints.empty())
        return {503, "nobody", nullptr};
    return {200, upstream->second.service, &upstream->second};
}

// A number that a case gives under a name with this in it ("requests", "expectDistinctPods").
std::int64_t number_of(const Value& test, std::string_view what) {
    for (const auto& member : test.members())
        if (member.value.is_number() && to_lower(member.key).find(what) != std::string::npos)
            return member.value.as_int();
    return 0;
}

// How many Pods answer that many requests, when the Service has that many.
std::size_t pods_that_answer(ingress::Upstream upstream, std::int64_t requests, std::int64_t pods) {
    upstream.endpoints.resize(static_cast<std::size_t>(pods), upstream.endpoints.front());
    for (std::size_t i = 0; i < upstream.endpoints.size(); ++i)
        upstream.endpoints[i].address = cat("10.244.1.", i + 2);
    ingress::Balancer balancer{Random{1}};
    std::set<std::string> seen;
    for (std::int64_t i = 0; i < requests; ++i)
        if (const auto choice = balancer.choose(upstream, {}, {}, Time{}); choice.endpoint)
            seen.insert(choice.endpoint->text());
    return seen.size();
}

// "200 foo-exact", "404 nobody", "200 echo-service, 10 Pods"; a case that names no Service asks for none.
void judge_request(const ingress::Configuration& configuration, const Value& test, std::string_view id, Report& report) {
    const Answer answer = answer_of(configuration, test);
    const std::int64_t status = test["expectStatus"].as_int(200);
    const bool names_service = !test["expectService"].is_null() || status != 200;
    std::string expected = cat(status, " ", names_service ? test["expectService"].as_string("nobody") : answer.service);
    std::string found = cat(answer.status, " ", answer.service);
    if (const auto pods = number_of(test, "pods"); pods > 0 && answer.upstream) {
        append(expected, ", ", pods, " Pods");
        append(found, ", ", pods_that_answer(*answer.upstream, number_of(test, "requests"), pods), " Pods");
    }
    report.check(id, expected, found);
}

Value docs_rule(const Value& host, const Value& paths) {
    Value list = Value::array();
    for (const auto& path : paths.items()) {
        Value entry = path;
        entry.set("backend", Value::object({{"service", Value::object({{"name", "web"}, {"port", Value::object({{"number", 80}})}})}}));
        list.push_back(std::move(entry));
    }
    Value rule = Value::object({{"http", Value::object({{"paths", list}})}});
    if (!host.is_null())
        rule.set("host", host);
    return Value::object({{"apiVersion", "networking.k8s.io/v1"},
                          {"kind", "Ingress"},
                          {"metadata", Value::object({{"name", "docs"}, {"namespace", "default"}})},
                          {"spec", Value::object({{"rules", Value::array({rule})}})}});
}

void judge_path(const Value& test, Report& report) {
    const auto configuration = configure({docs_rule(Value(), test["paths"])});
    const auto selected = select(configuration, "docs.example.com", test["request"].as_string());
    const bool taken = selected.location && !selected.location->fallback;
    const Value& wanted = test["matched"];
    report.check(test["id"].as_string(),
                 wanted.is_null() ? "nobody" : cat(wanted["pathType"].as_string(), " ", wanted["path"].as_string()),
                 taken ? cat(ingress::path_type_name(selected.location->type), " ", selected.location->path) : "nobody");
}

void judge_host(const Value& test, Report& report) {
    const Value paths = Value::array({Value::object({{"path", "/"}, {"pathType", "Prefix"}})});
    const auto configuration = configure({docs_rule(test["host"], paths)});
    const auto selected = select(configuration, test["hostHeader"].as_string(), "/");
    const bool taken = selected.location && !selected.location->fallback;
    report.check(cat(test["host"].as_string(), " ", test["hostHeader"].as_string()), test["matches"].as_bool() ? "matches" : "no match",
                 taken ? "matches" : "no match");
}

void judge_feature(const Value& feature, Report& report) {
    std::vector<Value> objects;
    bool address = false;
    for (const auto& object : feature["ingresses"].items()) {
        objects.push_back(object);
        address = address || class_fault(object).empty();
    }
    const auto configuration = configure(objects);
    for (std::size_t i = 0; i < feature["cases"].size(); ++i) {
        const Value& test = feature["cases"][i];
        const auto id = cat(feature["feature"].as_string(), "/", i, " ", test["note"].as_string(test["scenario"].as_string()));
        if (test["expectNoAddress"].as_bool())
            report.check(id, "no address", address ? "an address" : "no address");
        else
            judge_request(configuration, test, id, report);
    }
}

}  // namespace

void run_ingress_docs(const Value& root, Report& report) {
    for (const auto& test : root["pathCases"].items())
        judge_path(test, report);
    for (const auto& test : root["hostCases"].items())
        judge_host(test, report);
}

void run_ingress_conformance(const Value& root, Report& report) {
    for (const auto& feature : root["features"].items())
        judge_feature(feature, report);
}

}  // namespace kubewalk::cli
