#include "core/apiserver/health.h"

#include <algorithm>

#include "core/base/text.h"

namespace kubewalk::apiserver {

using api::Value;

namespace {

constexpr std::string_view endpoints[] = {"healthz", "livez", "readyz"};

// Where a check is asked: what waits for caches or for the end is about readiness alone.
enum class Where : unsigned char { everywhere, readiness };
struct Check {
    std::string_view name;
    Where where = Where::everywhere;
    bool needs_etcd = false;
};
constexpr Check checks[] = {
    {"ping"},
    {"log"},
    {"etcd", Where::everywhere, true},
    {"etcd-readiness", Where::readiness, true},
    {"informer-sync", Where::readiness},
    {"poststarthook/start-apiserver-admission-initializer"},
    {"poststarthook/generic-apiserver-start-informers"},
    {"poststarthook/priority-and-fairness-config-consumer"},
    {"poststarthook/priority-and-fairness-filter"},
    {"poststarthook/storage-object-count-tracker-hook"},
    {"poststarthook/start-apiextensions-informers"},
    {"poststarthook/start-apiextensions-controllers"},
    {"poststarthook/crd-informer-synced"},
    {"poststarthook/start-system-namespaces-controller"},
    {"poststarthook/start-cluster-authentication-info-controller"},
    {"poststarthook/start-kube-apiserver-identity-lease-controller"},
    {"poststarthook/start-kube-apiserver-identity-lease-garbage-collector"},
    {"poststarthook/start-legacy-token-tracking-controller"},
    {"poststarthook/start-service-ip-repair-controllers"},
    {"poststarthook/rbac/bootstrap-roles"},
    {"poststarthook/scheduling/bootstrap-system-priority-classes"},
    {"poststarthook/priority-and-fairness-config-producer"},
    {"poststarthook/bootstrap-controller"},
    {"poststarthook/start-kubernetes-service-cidr-controller"},
    {"poststarthook/aggregator-reload-proxy-client-cert"},
    {"poststarthook/start-kube-aggregator-informers"},
    {"poststarthook/apiservice-status-local-available-controller"},
    {"poststarthook/apiservice-status-remote-available-controller"},
    {"poststarthook/apiservice-registration-controller"},
    {"poststarthook/apiservice-discovery-controller"},
    {"poststarthook/kube-apiserver-autoregistration"},
    {"autoregister-completion"},
    {"poststarthook/apiservice-openapi-controller"},
    {"poststarthook/apiservice-openapiv3-controller"},
    {"shutdown", Where::readiness},
};

struct Asked {
    std::string_view endpoint;  // "livez"
    std::string_view check;     // empty: all of them
};

Asked asked(std::string_view path) {
    path.remove_prefix(std::min<std::size_t>(path.size(), 1));
    const auto slash = path.find('/');
    return {path.substr(0, slash), slash == std::string_view::npos ? std::string_view() : path.substr(slash + 1)};
}

bool belongs(const Check& check, std::string_view endpoint) {
    return check.where == Where::everywhere || endpoint == "readyz";
}

}  // namespace

bool is_health_path(std::string_view path) {
    return std::find(std::begin(endpoints), std::end(endpoints), asked(path).endpoint) != std::end(endpoints);
}

Answer<Value> health(const Core& core, Call& call) {
    const auto [endpoint, only] = asked(call.request.path);
    const auto fails = [&](const Check& check) { return check.needs_etcd && !core.state.storage_answers; };
    if (!only.empty()) {
        const auto found = std::find_if(std::begin(checks), std::end(checks), [&, at = endpoint](const Check& check) {
            return check.name == asked(call.request.path).check && belongs(check, at);
        });
        if (found == std::end(checks))
            return status::unknown_path();
        if (!fails(*found))
            return Value("ok");
        call.code = 500;
        return Value("internal server error: error getting data from etcd: context deadline exceeded\n");
    }
    auto excluded = split(call.query("exclude"), '\n');
    std::string text;
    bool failed = false;
    for (const auto& check : checks) {
        if (!belongs(check, endpoint))
            continue;
        if (const auto out = std::find(excluded.begin(), excluded.end(), check.name); out != excluded.end()) {
            excluded.erase(out);
            append(text, "[+]", check.name, " excluded: ok\n");
        } else if (fails(check)) {
            failed = true;
            append(text, "[-]", check.name, " failed: reason withheld\n");
        } else {
            append(text, "[+]", check.name, " ok\n");
        }
    }
    std::vector<std::string> unknown;
    for (const auto name : excluded)
        if (!name.empty())
            unknown.push_back(quoted(name));
    if (!unknown.empty())
        append(text, "warn: some health checks cannot be excluded: no matches for ", join(unknown, ","), "\n");
    if (failed) {
        call.code = 500;
        return Value(cat(text, endpoint, " check failed\n"));
    }
    if (!call.request.query.contains("verbose"))
        return Value("ok");
    return Value(cat(text, endpoint, " check passed\n"));
}

}  // namespace kubewalk::apiserver
