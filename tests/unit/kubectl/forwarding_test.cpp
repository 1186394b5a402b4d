// kubectl proxy, port-forward and what kubectl has for Ingresses. Sources: k8s.io/kubectl/pkg/cmd/create/
// create_ingress.go (its examples), pkg/describe/describe.go, pkg/proxy/proxy_server.go, pkg/cmd/portforward,
// k8s.io/client-go/tools/portforward; kubernetes.io/docs/tasks/access-application-cluster.

#include <doctest/doctest.h>

#include "world.h"

using namespace kubewalk;
using namespace kubewalk::kubectl;

namespace {

LocalResponse ask(Started& started, std::string path, Output& more, std::string host = "127.0.0.1:8001", std::string method = "GET",
                  std::string body = {}) {
    const LocalRequest request{std::move(method), std::move(path), std::move(host), {{"user-agent", "curl/8.5.0"}}, std::move(body), false};
    return started.rest->serve(started.rest->ports().front(), request, {}, more);
}

constexpr std::string_view service_manifest =
    "apiVersion: v1\nkind: Service\nmetadata:\n  name: web\nspec:\n  selector:\n    app: web\n  ports:\n  - port: 8080\n    name: http\n"
    "    targetPort: 80\n";

}  // namespace

TEST_CASE("create ingress: upstream's examples") {
    World world;
    CHECK(world.run("kubectl create ingress simple --rule=foo.com/bar=svc1:8080,tls=my-cert").out == "ingress.networking.k8s.io/simple created\n");
    CHECK(world.run("kubectl get ingress simple -o jsonpath={.spec}").out ==
          R"({"rules":[{"host":"foo.com","http":{"paths":[{"backend":{"service":{"name":"svc1","port":{"number":8080}}},"path":"/bar","pathType":"Exact"}]}}],)"
          R"("tls":[{"hosts":["foo.com"],"secretName":"my-cert"}]})");
    CHECK(world.run("kubectl create ingress all --class=other --rule=/path=svc:port --rule=bar.com/admin*=svc2:http --default-backend=d:80 --annotation a/b=c").exit == 0);
    CHECK(world.run("kubectl get ing all -o jsonpath={.spec}").out ==
          R"({"defaultBackend":{"service":{"name":"d","port":{"number":80}}},"ingressClassName":"other",)"
          R"("rules":[{"http":{"paths":[{"backend":{"service":{"name":"svc","port":{"name":"port"}}},"path":"/path","pathType":"Exact"}]}},)"
          R"({"host":"bar.com","http":{"paths":[{"backend":{"service":{"name":"svc2","port":{"name":"http"}}},"path":"/admin","pathType":"Prefix"}]}}]})");
    CHECK(world.run("kubectl create ingress x --rule=foo.com=svc:80").err ==
          "error: rule foo.com=svc:80 is invalid and should be in format host/path=svcname:svcport[,tls[=secret]]\n");
    CHECK(world.run("kubectl create ingress x").err.find("not enough information provided") != std::string::npos);
    CHECK(world.run("kubectl get ingress").out ==
          "NAME     CLASS    HOSTS     ADDRESS   PORTS     AGE\nall      other    bar.com             80        0s\nsimple   <none>   foo.com             80, 443   0s\n");
}

TEST_CASE("describe ingress") {
    World world;
    world.apply(service_manifest);
    CHECK(world.run("kubectl create ingress web --class=nginx --rule=shop.example.com/*=web:8080 --rule=shop.example.com/gone=none:80").exit == 0);
    CHECK(world.run("kubectl describe ingress web").out ==
          "Name:             web\n"
          "Labels:           <none>\n"
          "Namespace:        default\n"
          "Address:          \n"
          "Ingress Class:    nginx\n"
          "Default backend:  <default>\n"
          "Rules:\n"
          "  Host              Path  Backends\n"
          "  ----              ----  --------\n"
          "  shop.example.com  \n"
          "                    /       web:8080 (<none>)\n"
          "                    /gone   none:80 (<error: services \"none\" not found>)\n"
          "Annotations:        <none>\n"
          "Events:             <none>\n");
}

TEST_CASE("kubectl proxy hands requests on in the user's name") {
    World world;
    world.apply(pod_manifest);
    auto started = world.start("kubectl proxy");
    REQUIRE(started.rest);
    REQUIRE(started.rest->ports().size() == 1);
    CHECK(started.rest->ports()[0].address == "127.0.0.1");
    CHECK(started.rest->ports()[0].port == 8001);
    Output more;
    started.rest->opened({{"127.0.0.1", 8001}}, more);
    CHECK(more.out == "Starting to serve on 127.0.0.1:8001\n");
    const auto pod = ask(started, "/api/v1/namespaces/default/pods/web", more);
    CHECK(pod.status == 200);
    CHECK(pod.headers.at("content-type") == "application/json");
    CHECK(pod.body.find("\n  \"kind\": \"Pod\"") != std::string::npos);  // indented for curl
    CHECK(ask(started, "/api/v1/namespaces/default/pods/nobody", more).status == 404);
    CHECK(ask(started, "/api/v1/namespaces/default/pods?labelSelector=app%3Dnobody", more).body.find("\"items\": []") != std::string::npos);
    // Another name for this machine is refused: that is what --accept-hosts is for.
    const auto foreign = ask(started, "/api", more, "example.com:8001");
    CHECK(foreign.status == 403);
    CHECK(foreign.body == "Forbidden\n");
    CHECK(ask(started, "/api/v1/namespaces/default/pods/web/exec", more).status == 403);
    const auto made = ask(started, "/api/v1/namespaces", more, "localhost:8001", "POST", R"({"apiVersion":"v1","kind":"Namespace","metadata":{"name":"made"}})");
    CHECK(made.status == 201);
    CHECK(world.run("kubectl get ns made -o name").out == "namespace/made\n");
    world.server.set_available(false);
    CHECK(ask(started, "/api", more).status == 500);
}

TEST_CASE("kubectl proxy: flags") {
    World world;
    auto custom = world.start("kubectl proxy --port=0 --api-prefix=/k8s-api");
    REQUIRE(custom.rest);
    Output more;
    CHECK(custom.rest->ports()[0].port == 0);
    CHECK(ask(custom, "/k8s-api/version", more).status == 200);
    CHECK(ask(custom, "/version", more).status == 404);
    CHECK(world.run("kubectl proxy --www=/tmp").exit == 1);
    custom.rest->not_opened({"127.0.0.1", 8001}, more);
    CHECK(more.err == "error: listen tcp 127.0.0.1:8001: bind: address already in use\n");
    CHECK(more.exit == 1);
}

TEST_CASE("port-forward through a Pod, a Service, a name") {
    World world;
    world.apply(pod_manifest);
    world.apply(service_manifest);
    CHECK(world.run("kubectl port-forward web 8080:80").err == "error: unable to forward port because pod is not running. Current status=Pending\n");
    world.make_running("web");
    auto direct = world.start("kubectl port-forward pod/web 9000:80");
    REQUIRE(direct.rest);
    Output more;
    auto ports = direct.rest->ports();
    REQUIRE(ports.size() == 2);  // 127.0.0.1 and ::1
    direct.rest->opened(ports, more);
    CHECK(more.out == "Forwarding from 127.0.0.1:9000 -> 80\nForwarding from [::1]:9000 -> 80\n");
    more = {};
    CHECK(ask(direct, "/x", more).body == "port 80/x\n");
    CHECK(more.out == "Handling connection for 9000\n");
    CHECK(world.dialer.asked.pod == "web");

    auto service = world.start("kubectl port-forward svc/web :http --address 127.0.0.1");
    REQUIRE(service.rest);
    CHECK(service.rest->ports().size() == 1);
    more = {};
    service.rest->opened({{"127.0.0.1", 40123}}, more);
    CHECK(more.out == "Forwarding from 127.0.0.1:40123 -> 80\n");
    CHECK(world.run("kubectl port-forward svc/web 81").err == "error: Service web does not have a service port 81\n");
    CHECK(world.run("kubectl port-forward web http").err == "error: Pod 'web' does not have a named port 'http'\n");
    CHECK(world.run("kubectl port-forward web 80:0").err == "error: remote port must be > 0\n");
    CHECK(world.run("kubectl port-forward web").err.starts_with("error: TYPE/NAME and list of ports are required for port-forward\n"));
}

TEST_CASE("port-forward ends when the far port does not answer, or with its Pod") {
    World world;
    world.apply(pod_manifest);
    world.make_running("web");
    auto closed = world.start("kubectl port-forward web 81");
    REQUIRE(closed.rest);
    Output more;
    CHECK(ask(closed, "/", more).status == 0);
    CHECK(more.err.find("portforward.go:424] \"An error occurred forwarding\" err=\"error forwarding port 81 to pod") != std::string::npos);
    CHECK(closed.rest->poll({}, more));
    CHECK(more.err.ends_with("error: lost connection to pod\n"));
    CHECK(more.exit == 1);

    auto open = world.start("kubectl port-forward web 80");
    Output rest;
    CHECK_FALSE(open.rest->poll({}, rest));
    CHECK(world.run("kubectl delete pod web --grace-period=0 --force --wait=false").exit == 0);
    CHECK(open.rest->poll({}, rest));
    CHECK(rest.err == "error: lost connection to pod\n");
}

TEST_CASE("the API server's proxy: locations, errors, links") {
    World world;
    world.apply(pod_manifest);
    world.apply(service_manifest);
    const std::string raw = "kubectl get --raw /api/v1/namespaces/default/";
    CHECK(world.run(raw + "services/web:http/proxy/").err ==
          "Error from server (ServiceUnavailable): no endpoints available for service \"web:http\"\n");
    CHECK(world.run(raw + "services/web:81/proxy/").err ==
          "Error from server (ServiceUnavailable): no service port 81 found for service \"web\"\n");
    CHECK(world.run(raw + "services/nobody/proxy/").err == "Error from server (NotFound): services \"nobody\" not found\n");
    CHECK(world.run(raw + "services/a:b:c:d/proxy/").err == "Error from server (BadRequest): invalid service request \"a:b:c:d\"\n");
    CHECK(world.run(raw + "pods/web/proxy/").err == "Error from server (BadRequest): address not allowed\n");
    world.make_running("web");
    CHECK(world.run(raw + "pods/web:80/proxy/a/b?c=d").out ==
          "GET 10.244.1.4:80/a/b?c=d <a href=\"/api/v1/namespaces/default/pods/web:80/proxy/x\">\n");
    client::Client admin(world.server, "test", "kubernetes-admin");
    CHECK(admin.create(api::kind::endpoint_slices, api::parse_json(R"({"metadata":{"name":"web-1","namespace":"default","labels":{"kubernetes.io/service-name":"web"}},
        "addressType":"IPv4","ports":[{"name":"http","port":80,"protocol":"TCP"}],"endpoints":[{"addresses":["10.244.1.4"],"conditions":{"ready":true},
        "targetRef":{"kind":"Pod","name":"web","namespace":"default"}},{"addresses":["10.9.9.9"],"conditions":{"ready":true}}]})").take()).ok());
    for (int i = 0; i < 5; ++i)  // never the hand-made address
        CHECK(world.run(raw + "services/http:web:8080/proxy/").out.starts_with("GET 10.244.1.4:80/ "));
    world.dialer.refused = "10.244.1.4:80";
    CHECK(world.run(raw + "services/web:http/proxy/").err ==
          "Error from server (ServiceUnavailable): error trying to reach service: dial tcp 10.244.1.4:80: connect: connection refused\n");
    // Without the slash the client is sent to where relative links work.
    auto started = world.start("kubectl proxy");
    Output more;
    const auto moved = ask(started, "/api/v1/namespaces/default/services/web:http/proxy", more);
    CHECK(moved.status == 301);
    CHECK(moved.headers.at("location") == "/api/v1/namespaces/default/services/web:http/proxy/");
}
