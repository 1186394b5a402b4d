#include "core/addons/ingress/configuration.h"

#include <algorithm>

#include "core/api/int_or_string.h"
#include "core/api/kinds.h"
#include "core/base/base64.h"
#include "core/base/sort.h"
#include "core/base/text.h"
#include "core/net/x509.h"

namespace kubewalk::addons::ingress {

namespace {

using api::Value;

constexpr std::string_view class_annotation = "kubernetes.io/ingress.class";

class Builder {
public:
    Builder(const Settings& settings, Sources& sources) : sources_(sources) { out_.settings = settings; }

    Configuration run() {
        for (const auto& ingress : sources_.ingresses)
            annotations_.push_back(annotations_from(ingress, out_.settings));
        create_upstreams();
        create_servers();
        add_certificates();
        add_locations();
        merge_canaries();
        for (auto& [host, server] : out_.servers)
            server.finish();
        return std::move(out_);
    }

private:
    // Calls `visit(annotations, ingress)` for each Ingress, oldest first.
    template <typename Visit>
    void each(Visit visit) {
        for (std::size_t i = 0; i < sources_.ingresses.size(); ++i)
            visit(annotations_[i], sources_.ingresses[i]);
    }

    static std::string port_text(const Value& service) {
        const auto number = service["port"]["number"].as_int();
        return number > 0 ? cat(number) : service["port"]["name"].str();
    }
    static std::string upstream_name(const Value& ingress, const Value& service) {
        const auto port = port_text(service);
        return port.empty() ? cat(api::namespace_of(ingress), "-INVALID")
                            : cat(api::namespace_of(ingress), "-", service["name"].as_string(), "-", port);
    }
    static std::string host_of(const Value& rule) {
        const auto host = rule["host"].as_string();
        return host.empty() ? std::string(catch_all) : to_lower(host);
    }

    // -- upstreams -------------------------------------------------------------------------------
    void create_upstreams() {
        each([this](const Annotations& annotations, const Value& ingress) {
            if (const auto& backend = ingress["spec"]["defaultBackend"]["service"]; backend.is_object())
                create_upstream(annotations, ingress, backend);
            for (const auto& rule : ingress["spec"]["rules"].items())
                for (const auto& path : rule["http"]["paths"].items())
                    if (path["backend"]["service"].is_object())
                        create_upstream(annotations, ingress, path["backend"]["service"]);
        });
    }

    void create_upstream(const Annotations& annotations, const Value& ingress, const Value& backend) {
        const auto name = upstream_name(ingress, backend);
        if (out_.upstreams.count(name) != 0)
            return;
        Upstream& upstream = out_.upstreams[name];
        upstream.name = name;
        upstream.namespace_name = api::namespace_of(ingress);
        upstream.service = backend["name"].str();
        upstream.alternative = annotations.canary.enabled;
        upstream.canary = annotations.canary;
        const auto key = cat(upstream.namespace_name, "/", upstream.service);
        const Value& service = sources_.service(key);
        if (service.is_null()) {
            out_.warnings.push_back(cat("Error obtaining Endpoints for Service ", quoted(key), ": no object matching key ", quoted(key),
                                        " in local store"));
            return;
        }
        upstream.endpoints = endpoints_of(annotations, key, service, port_text(backend));
    }

    std::vector<Endpoint> endpoints_of(const Annotations& annotations, const std::string& key, const Value& service,
                                       const std::string& port) {
        const Value& spec = service["spec"];
        if (spec["type"].as_string() == "ExternalName")
            return external_endpoint(spec, port);
        for (const auto& entry : spec["ports"].items()) {
            const auto target = api::int_or_string_text(entry["targetPort"]);
            if (cat(entry["port"].as_int()) != port && target != port && entry["name"].as_string() != port)
                continue;
            if (annotations.service_upstream)
                return {{spec["clusterIP"].str(), static_cast<std::uint16_t>(entry["port"].as_int())}};
            auto found = slice_endpoints(service, entry);
            if (found.empty())
                out_.warnings.push_back(cat("Service ", quoted(key), " does not have any active Endpoint."));
            return found;
        }
        return {};
    }

    static std::vector<Endpoint> external_endpoint(const Value& spec, const std::string& port) {
        std::int64_t number = parse_int(port).value_or(0);
        for (const auto& entry : spec["ports"].items())
            if (entry["name"].as_string() == port || cat(entry["port"].as_int()) == port)
                number = entry["targetPort"].as_int(entry["port"].as_int());
        const auto name = spec["externalName"].as_string();
        if (number <= 0 || name == "localhost")
            return {};
        return {{std::string(name), static_cast<std::uint16_t>(number)}};
    }

    // The ready endpoints of a Service's port (getEndpointsFromSlices).
    std::vector<Endpoint> slice_endpoints(const Value& service, const Value& port) const {
        std::vector<Endpoint> out;
        const auto port_name = port["name"].as_string();
        const auto number = port["targetPort"].as_int();
        for (const auto& slice : sources_.slices(api::namespace_of(service), api::name_of(service))) {
            std::vector<std::int64_t> ports;
            if (slice["ports"].empty() && number > 0)
                ports.push_back(number);
            for (const auto& entry : slice["ports"].items()) {
                if (entry["protocol"].as_string("TCP") != "TCP")
                    continue;
                const bool same = port_name.empty() || port_name == entry["name"].as_string();
                if (const auto target = same ? entry["port"].as_int() : number; target > 0)
                    ports.push_back(target);
            }
            for (const auto& endpoint : slice["endpoints"].items()) {
                if (!endpoint["conditions"]["ready"].as_bool(true))
                    continue;
                for (const auto target : ports)
                    for (const auto& address : endpoint["addresses"].items()) {
                        Endpoint found{address.str(), static_cast<std::uint16_t>(target)};
                        if (std::find(out.begin(), out.end(), found) == out.end())
                            out.push_back(std::move(found));
                    }
            }
        }
        return out;
    }

    // -- servers ----------------------------------------------------------------------------------
    void create_servers() {
        VirtualHost& rest = out_.servers[std::string(catch_all)];
        rest.host = catch_all;
        rest.certificate = fake_certificate();
        rest.locations.emplace_back();
        rest.locations.front().fallback = true;
        rest.locations.front().annotations.ssl_redirect = false;
        each([this](const Annotations& annotations, const Value& ingress) {
            if (annotations.canary.enabled)
                return;
            const Value& backend = ingress["spec"]["defaultBackend"]["service"];
            const std::string upstream = backend.is_object() ? upstream_name(ingress, backend) : std::string();
            Location fallback = location_of(ingress, annotations, upstream, backend["name"].as_string());
            fallback.fallback = true;
            Location& all = out_.servers.find(catch_all)->second.locations.front();
            if (!upstream.empty() && all.fallback && ingress["spec"]["rules"].empty()) {
                all = fallback;  // an Ingress with a backend and no rule takes what no host takes
                all.fallback = false;
                all.annotations.rewrite_target.clear();
                all.annotations.ssl_redirect = false;
            }
            for (const auto& rule : ingress["spec"]["rules"].items()) {
                auto [at, added] = out_.servers.try_emplace(host_of(rule));
                if (!added)
                    continue;
                at->second.host = at->first;
                at->second.locations.push_back(fallback);
            }
        });
    }

    static Location location_of(const Value& ingress, const Annotations& annotations, std::string upstream, std::string_view service) {
        Location location;
        location.upstream = std::move(upstream);
        location.ingress = api::key_of(ingress);
        location.service = service;
        location.annotations = annotations;
        return location;
    }

    // The first Ingress with a tls section decides on a host's certificate.
    void add_certificates() {
        each([this](const Annotations& annotations, const Value& ingress) {
            if (annotations.canary.enabled || ingress["spec"]["tls"].empty())
                return;
            for (const auto& rule : ingress["spec"]["rules"].items()) {
                const auto host = host_of(rule);
                if (VirtualHost& server = out_.servers[host]; !server.certificate)
                    server.certificate = certificate_for(ingress, host);
            }
        });
    }

    net::Certificate certificate_for(const Value& ingress, const std::string& host) {
        const auto secret = secret_for(ingress, host);
        if (secret.empty())
            return fake_certificate();
        const auto key = cat(api::namespace_of(ingress), "/", secret);
        const auto instead = [this](std::string warning) {
            out_.warnings.push_back(std::move(warning));
            return fake_certificate();
        };
        const Value& object = sources_.secret(key);
        if (object.is_null())
            return instead(cat("Error getting SSL certificate ", quoted(key), ": local SSL certificate ", key,
                               " was not found. Using default certificate"));
        const auto certificate = net::read_certificate(base64_prefix(object["data"]["tls.crt"].as_string()).bytes);
        if (!certificate)
            return instead(cat("Error getting SSL certificate ", quoted(key), ": local SSL certificate ", key,
                               " was not found. Using default certificate"));
        // A wildcard host is served by the certificate of that very wildcard.
        const bool fits = net::certificate_fits(*certificate, host) || certificate->subject == host ||
                          std::find(certificate->names.begin(), certificate->names.end(), host) != certificate->names.end();
        if (!fits)
            return instead(cat("SSL certificate ", quoted(key), " does not contain a Common Name or Subject Alternative Name for server ",
                               quoted(host), ". Using default certificate"));
        return *certificate;
    }

    // extractTLSSecretName: the entry that names the host, else the first whose certificate fits it.
    std::string secret_for(const Value& ingress, const std::string& host) const {
        for (const auto& tls : ingress["spec"]["tls"].items())
            for (const auto& name : tls["hosts"].items())
                if (to_lower(name.as_string()) == host)
                    return tls["secretName"].str();
        for (const auto& tls : ingress["spec"]["tls"].items()) {
            const auto secret = tls["secretName"].as_string();
            if (secret.empty())
                continue;
            const Value& object = sources_.secret(cat(api::namespace_of(ingress), "/", secret));
            const auto certificate = net::read_certificate(base64_prefix(object["data"]["tls.crt"].as_string()).bytes);
            if (certificate && net::certificate_fits(*certificate, host))
                return std::string(secret);
        }
        return {};
    }

    // -- locations ------------------------------------------------------------------------------
    void add_locations() {
        each([this](const Annotations& annotations, const Value& ingress) {
            for (const auto& rule : ingress["spec"]["rules"].items())
                for (const auto& path : rule["http"]["paths"].items())
                    add_location(annotations, ingress, host_of(rule), path);
        });
    }

    void add_location(const Annotations& annotations, const Value& ingress, const std::string& host, const Value& path) {
        const Value& service = path["backend"]["service"];
        if (!service.is_object()) {
            out_.warnings.push_back(cat("Ingress ", quoted(api::key_of(ingress)), " and path ", quoted(path["path"].as_string()),
                                        " does not contain a service backend, using default backend"));
            return;
        }
        Upstream& upstream = out_.upstreams.find(upstream_name(ingress, service))->second;
        if (upstream.alternative)
            return;
        const auto found = out_.servers.find(host);
        VirtualHost& server = found == out_.servers.end() ? out_.servers.find(catch_all)->second : found->second;
        const auto text = path["path"].as_string();
        Location location = location_of(ingress, annotations, upstream.name, service["name"].as_string());
        location.path = text.empty() ? std::string("/") : std::string(text);
        location.type = path_type_of(path["pathType"].as_string());
        place(server, std::move(location));
        if (!annotations.sticky)
            return;
        upstream.sticky = true;
        upstream.cookie = annotations.cookie;
        upstream.cookie_locations.insert({server.host, text.empty() ? std::string("/") : std::string(text)});
    }

    // The same path with the same type belongs to who came first, unless that was only the default backend.
    static void place(VirtualHost& server, Location location) {
        for (auto& there : server.locations) {
            if (there.path != location.path || there.type != location.type)
                continue;
            if (there.fallback)
                there = std::move(location);
            return;
        }
        server.locations.push_back(std::move(location));
    }

    // -- canaries -----------------------------------------------------------------------------------
    void merge_canaries() {
        each([this](const Annotations& annotations, const Value& ingress) {
            if (!annotations.canary.enabled)
                return;
            for (const auto& rule : ingress["spec"]["rules"].items())
                for (const auto& path : rule["http"]["paths"].items())
                    if (path["backend"]["service"].is_object())
                        merge_canary(ingress, host_of(rule), path);
        });
    }

    void merge_canary(const Value& ingress, const std::string& host, const Value& path) {
        const auto name = upstream_name(ingress, path["backend"]["service"]);
        const auto server = out_.servers.find(host);
        bool merged = false;
        if (server != out_.servers.end())
            for (const auto& location : server->second.locations) {
                const auto primary = out_.upstreams.find(location.upstream);
                const bool same_place = location.path == path["path"].as_string("/") &&
                                        location.type == path_type_of(path["pathType"].as_string());
                if (primary == out_.upstreams.end() || primary->first == name || primary->second.alternative || !same_place)
                    continue;
                primary->second.alternatives.push_back(name);
                merged = true;
            }
        if (!merged)
            out_.warnings.push_back(cat("unable to find real backend for alternative backend ", name, ". Deleting."));
    }

    Sources& sources_;
    Configuration out_;
    std::vector<Annotations> annotations_;
};

}  // namespace

std::string Endpoint::text() const {
    return address.find(':') == std::string::npos ? cat(address, ":", port) : cat("[", address, "]:", port);
}

net::Certificate fake_certificate() {
    constexpr std::string_view name = "Kubernetes Ingress Controller Fake Certificate";
    return {std::string(name), std::string(name), {"ingress.local"}};
}

Configuration build(const Settings& settings, Sources sources) {
    // Oldest first; of equal age the one with the greater name (ListIngresses).
    sort_stably(sources.ingresses, [](const Value& a, const Value& b) {
        const auto at = a["metadata"]["creationTimestamp"].as_string(), bt = b["metadata"]["creationTimestamp"].as_string();
        return at != bt ? at < bt : api::key_of(a) > api::key_of(b);
    });
    return Builder(settings, sources).run();
}

std::string class_mismatch(const Value& ingress, const ClassOptions& options,
                           const std::function<const Value&(std::string_view name)>& find_class) {
    if (const Value& name = ingress["spec"]["ingressClassName"]; !name.is_null()) {
        const Value& object = find_class(name.as_string());
        if (object.is_null() || object["spec"]["controller"].as_string() != options.controller)
            return cat("no object matching key ", quoted(name.as_string()), " in local store");
        return {};
    }
    if (const Value& annotation = ingress["metadata"]["annotations"][class_annotation]; !annotation.is_null()) {
        if (annotation.as_string() != options.annotation)
            return "ingress class annotation is not equal to the expected by Ingress Controller";
        return {};
    }
    return options.without_class ? std::string() : std::string("ingress does not contain a valid IngressClass");
}

}  // namespace kubewalk::addons::ingress
