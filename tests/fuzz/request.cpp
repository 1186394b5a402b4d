// Requests to the API server as raw as they come: "METHOD PATH?QUERY", headers, an empty line, a body.

#include "core/api/json.h"
#include "core/api/yaml.h"
#include "tests/fuzz/driver/door.h"
#include "tests/fuzz/driver/seeds.h"
#include "tests/fuzz/driver/stage.h"

namespace kubewalk::fuzz {

namespace {

client::Request request_of(std::string_view text) {
    client::Request request;
    auto line = take_until(text, '\n');
    const auto method = take_until(line, ' ');
    for (const auto known : {client::Method::get, client::Method::post, client::Method::put, client::Method::patch, client::Method::del})
        if (method == client::method_name(known))
            request.method = known;
    request.path = take_until(line, '?');
    while (!line.empty()) {
        auto pair = take_until(line, '&');
        const std::string key(take_until(pair, '='));
        auto& value = request.query[key];
        value = value.empty() ? std::string(pair) : cat(value, "\n", pair);
    }
    request.user = "kubernetes-admin";
    request.agent = "kubectl";
    while (!text.empty()) {
        auto header = take_until(text, '\n');
        if (header.empty())
            break;
        const std::string name(take_until(header, ':'));
        if (name == "User")
            request.user = trim(header);
        else
            request.headers[name] = trim(header);
    }
    if (!text.empty()) {
        auto json = api::parse_json(text);
        request.body = json.ok() ? json.take() : api::parse_yaml(text).value_or(api::Value(text));
    }
    return request;
}

int run(const std::uint8_t* bytes, std::size_t size) {
    auto& session = fresh_session();
    auto& cluster = session.cluster();
    const auto request = request_of(text_of(bytes, size));
    const auto revision = cluster.revision();
    const auto response = cluster.api().send(request);
    const bool proxied = !response.headers.empty();
    expect(response.code >= 100 && response.code < 600, "a status that there is not", [&] { return cat(response.code, response.failure); });
    if (!response.ok() && !proxied && response.code >= 400) {
        const auto& status = response.body;
        if (status.is_object() && status["kind"].as_string() == "Status") {
            expect(status["status"].as_string() == "Failure", "a refusal is a failure", [&] { return api::to_json(status); });
            expect(status["code"].as_int() == response.code, "a refusal's code is the answer's", [&] { return api::to_json(status); });
            expect(!status["message"].as_string().empty(), "a refusal without a word", [&] { return api::to_json(status); });
        } else {
            expect(status.is_string() || request.path.find("/proxy") != std::string::npos || request.path.ends_with("z") || request.path.find("z/") != std::string::npos, "a refusal is a Status", [&] { return cat(response.code, " ", api::to_json(status)); });
        }
        expect(cluster.revision() == revision, "what was refused left a trace", [&] { return api::to_json(status); });
    }
    // "connect" verbs (exec, proxy) run something, which may write; their paths have those words.
    if (request.method == client::Method::get && !proxied && request.path.find("/exec") == std::string::npos && request.path.find("/proxy") == std::string::npos && request.path.find("/attach") == std::string::npos)
        expect(cluster.revision() == revision, "reading changed something");
    const auto dry = request.query.find("dryRun");
    if (dry != request.query.end() && dry->second == "All" && request.path.find("/proxy") == std::string::npos)
        expect(cluster.revision() == revision, "a trial changed something");
    if (response.code == 201 && request.method == client::Method::post && response.body["metadata"]["name"].is_string() && cluster.revision() != revision) {
        client::Request read;
        read.path = cat(request.path, "/", response.body["metadata"]["name"].as_string());
        read.user = request.user;
        read.agent = request.agent;
        if (response.body["kind"].as_string() == request.body["kind"].as_string() && request.user == "kubernetes-admin")
            expect(cluster.api().send(read).ok(), "what was created is there", [&] { return read.path; });
    }
    return 0;
}

}  // namespace

Door request() {
    (void)session();
    Door door{run, {}, {"GET ", "POST ", "PUT ", "PATCH ", "DELETE ", "/api/v1/namespaces/default/pods", "/apis/apps/v1/namespaces/default/deployments/web", "/status", "/scale", "/log", "/exec", "/proxy/", "/binding", "/eviction", "/token", "/resize", "/ephemeralcontainers", "/finalize", "/approval", "/api", "/apis", "/openapi/v3", "/version", "/healthz", "/livez?verbose", "/readyz/ping", "/metrics", "?watch=true", "&labelSelector=app=web", "&fieldSelector=metadata.name=web", "&limit=1", "&continue=", "&resourceVersion=", "&resourceVersionMatch=Exact", "&dryRun=All", "&fieldValidation=Strict", "&propagationPolicy=Foreground", "&gracePeriodSeconds=0", "&fieldManager=x", "&force=true", "&pretty=1", "&timeoutSeconds=", "&command=ls", "&container=nginx", "&tailLines=-1", "Content-Type: application/merge-patch+json", "Content-Type: application/strategic-merge-patch+json", "Content-Type: application/json-patch+json", "Content-Type: application/apply-patch+yaml", "Accept: application/json;as=Table;v=v1;g=meta.k8s.io", "Accept: application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io", "User: system:anonymous", "User: system:serviceaccount:default:default", "User: system:node:node-1", "Impersonate-User: a", "//", "/..", "%2F"}};
    door.seeds = {"GET /api/v1/namespaces/default/pods?limit=1&labelSelector=app%20in%20(web)\nAccept: application/json;as=Table;v=v1;g=meta.k8s.io\n", "PATCH /apis/apps/v1/namespaces/default/deployments/web/scale\nContent-Type: application/merge-patch+json\n\n{\"spec\":{\"replicas\":3}}",
                  "PATCH /apis/apps/v1/namespaces/default/deployments/web\nContent-Type: application/strategic-merge-patch+json\n\n{\"spec\":{\"template\":{\"spec\":{\"containers\":[{\"name\":\"nginx\",\"image\":\"b\"}]}}}}",
                  "PATCH /api/v1/namespaces/default/configmaps/notes\nContent-Type: application/json-patch+json\n\n[{\"op\":\"replace\",\"path\":\"/data/a\",\"value\":\"2\"}]", "DELETE /api/v1/namespaces/default/pods/box?gracePeriodSeconds=0&propagationPolicy=Background\n\n{\"kind\":\"DeleteOptions\",\"apiVersion\":\"v1\",\"preconditions\":{\"uid\":\"x\"}}",
                  "DELETE /api/v1/namespaces/default/configmaps?labelSelector=a\n", "GET /api/v1/pods?watch=true&resourceVersion=1\n", "GET /api/v1/namespaces/default/pods/box/log?tailLines=3&container=box\n", "POST /api/v1/namespaces/default/pods/box/exec?command=ls&command=-l&stdout=true\n",
                  "POST /api/v1/namespaces/default/serviceaccounts/default/token\n\n{\"kind\":\"TokenRequest\",\"apiVersion\":\"authentication.k8s.io/v1\",\"spec\":{\"audiences\":[\"a\"],\"expirationSeconds\":600}}", "POST /api/v1/namespaces/default/pods/box/eviction\n\n{\"kind\":\"Eviction\",\"apiVersion\":\"policy/v1\",\"metadata\":{\"name\":\"box\"}}",
                  "POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews\n\n{\"kind\":\"SelfSubjectAccessReview\",\"apiVersion\":\"authorization.k8s.io/v1\",\"spec\":{\"resourceAttributes\":{\"verb\":\"get\",\"resource\":\"pods\"}}}", "GET /api/v1/namespaces/default/services/http:web:80/proxy/a?b=c\n", "GET /apis/apps/v1\n", "GET /version\n", "GET /readyz?verbose\n", "GET /openapi/v3/api/v1\n",
                  "PUT /api/v1/namespaces/default/configmaps/notes\n\n{\"kind\":\"ConfigMap\",\"apiVersion\":\"v1\",\"metadata\":{\"name\":\"notes\"},\"data\":{\"a\":\"5\"}}", "PATCH /api/v1/namespaces/default/pods/box/resize\nContent-Type: application/merge-patch+json\n\n{\"spec\":{\"containers\":[{\"name\":\"box\",\"resources\":{\"requests\":{\"cpu\":\"1\"}}}]}}"};
    for (const auto& text : manifests())
        if (text.size() < 2500)
            for (const auto& [kind, path] : std::initializer_list<std::pair<std::string_view, std::string_view>>{{"kind: Pod\n", "/api/v1/namespaces/default/pods"}, {"kind: Service\n", "/api/v1/namespaces/default/services"}, {"kind: Deployment\n", "/apis/apps/v1/namespaces/default/deployments"}, {"kind: Job\n", "/apis/batch/v1/namespaces/default/jobs"}, {"kind: NetworkPolicy\n", "/apis/networking.k8s.io/v1/namespaces/default/networkpolicies"}})
                if (text.find(kind) != std::string::npos)
                    door.seeds.push_back(cat("POST ", path, "?dryRun=All\n\n", text));
    door.runs = 250;
    return door;
}

}  // namespace kubewalk::fuzz
