// The list of requests on a real cluster.

#include <doctest/doctest.h>

#include "core/base/text.h"
#include "core/cluster/session.h"
#include "web/app/model.h"
#include "web/app/traffic_log.h"

using namespace kubewalk;

namespace {

std::string newest_url(const cluster::Session& session) {
    app::TrafficLog log;
    app::Model model;
    log.fill(session, model, {});
    return model.requests.empty() ? std::string() : model.requests.back().url;
}

}  // namespace

TEST_CASE("a request is repeated as it was made: with TLS where it had it, by the name where that was looked up") {
    cluster::Options options;
    options.scenario = "dashboard";
    cluster::Session session(options);
    (void)session.run("trace laptop https://192.168.122.12:32443/");
    CHECK(newest_url(session) == "https://192.168.122.12:32443/");
    (void)session.run("kubectl create deployment web --image=nginx");
    (void)session.run("kubectl expose deployment web --port=80");
    (void)session.run("kubectl run client --image=busybox -- sleep 3600");
    session.advance(seconds(30));
    (void)session.run("trace pod/default/client http://web/health");
    CHECK(newest_url(session) == "http://web/health");
    (void)session.run("kubectl expose deployment web --name=closed --port=81");
    session.advance(seconds(5));
    for (const std::string refused : {"http://closed:81/", "http://closed.default:81/", "http://closed.default.svc.cluster.local:81/"}) {
        (void)session.run(cat("trace pod/default/client ", refused));
        CHECK(newest_url(session) == refused);
    }
    (void)session.run("trace pod/default/client http://10.96.0.10:81/");
    CHECK(newest_url(session) == "http://10.96.0.10:81/");
    (void)session.run("curl -H 'Host: shop.example' http://192.168.122.12:32443/");
    CHECK(newest_url(session) == "http://192.168.122.12:32443/");
}
