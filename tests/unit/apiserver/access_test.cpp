// Who may do what: RBAC over Role and binding objects, Nodes, impersonation, tokens, reviews, and the record of it.
// Texts as k8s.io/apiserver/pkg/endpoints/handlers/responsewriters/errors.go, plugin/pkg/auth/authorizer word them.

#include <doctest/doctest.h>

#include "tests/unit/apiserver/world.h"

using namespace kubewalk;
using namespace kubewalk::apiserver;
using client::Method;

namespace {

// A server that has started with RBAC: the bootstrap policy is there.
struct Guarded : World {
    Guarded() : World(with_rbac()), super(server, "kubeadm", "kubernetes-super-admin") {
        server.set_available(false);
        server.set_available(true);
        make(api::kind::namespaces, R"({"metadata":{"name":"default"}})");
        make(api::kind::service_accounts, R"({"metadata":{"name":"default","namespace":"default"}})");
    }
    api::Value make(const api::Kind& kind, std::string_view text) {
        auto made = super.create(kind, json(text));
        REQUIRE(made.ok());
        return made.take();
    }
    client::Client as(std::string user) { return client::Client(server, "curl", std::move(user)); }
    client::Response ask(std::string user, Method method, std::string path, api::Value body = {}, std::map<std::string, std::string> headers = {}) {
        client::Request request;
        request.user = std::move(user);
        request.agent = "kubectl";
        request.method = method;
        request.path = std::move(path);
        request.body = std::move(body);
        request.headers = std::move(headers);
        return server.send(request);
    }

    client::Client super;
};

constexpr std::string_view reader = R"({"metadata":{"name":"reader","namespace":"default"},
  "rules":[{"apiGroups":[""],"resources":["pods","pods/log"],"verbs":["get","list"]}]})";
constexpr std::string_view reading = R"({"metadata":{"name":"reading","namespace":"default"},
  "roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"Role","name":"reader"},
  "subjects":[{"kind":"User","apiGroup":"rbac.authorization.k8s.io","name":"jane"}]})";

std::string message(const Result<api::Value>& result) { return result.ok() ? std::string("ok") : result.error().message; }

}  // namespace

TEST_CASE("a Role and its RoleBinding open what they name, in their namespace") {
    Guarded world;
    const auto jane = world.as("jane");
    const std::string_view refused =
        "pods is forbidden: User \"jane\" cannot list resource \"pods\" in API group \"\" in the namespace \"default\"";
    CHECK(message(jane.list(api::kind::pods, "default")) == refused);
    world.make(api::kind::role_bindings, reading);
    CHECK(message(jane.list(api::kind::pods, "default")) ==
          cat(refused, ": RBAC: role.rbac.authorization.k8s.io \"reader\" not found"));
    world.make(api::kind::roles, reader);
    CHECK(message(jane.list(api::kind::pods, "default")) == "ok");
    CHECK(message(jane.list(api::kind::pods, "")) ==
          "pods is forbidden: User \"jane\" cannot list resource \"pods\" in API group \"\" at the cluster scope");
    CHECK(message(jane.get(api::kind::deployments, "default", "web")) ==
          "deployments.apps \"web\" is forbidden: User \"jane\" cannot get resource \"deployments\" in API group \"apps\" in the namespace \"default\"");
    CHECK(message(jane.remove(api::kind::pods, "default", "p")) ==
          "pods \"p\" is forbidden: User \"jane\" cannot delete resource \"pods\" in API group \"\" in the namespace \"default\"");
    REQUIRE(world.super.remove(api::kind::role_bindings, "default", "reading").ok());
    CHECK(message(jane.list(api::kind::pods, "default")) == refused);
}

TEST_CASE("a ClusterRole bound in a namespace holds there") {
    Guarded world;
    // "view" itself is filled by the aggregation controller.
    world.make(api::kind::role_bindings, R"({"metadata":{"name":"viewing","namespace":"default"},
      "roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"ClusterRole","name":"system:aggregate-to-view"},
      "subjects":[{"kind":"ServiceAccount","name":"default","namespace":"default"}]})");
    const auto account = world.as("system:serviceaccount:default:default");
    CHECK(message(account.list(api::kind::config_maps, "default")) == "ok");
    CHECK(message(account.list(api::kind::secrets, "default")) ==
          "secrets is forbidden: User \"system:serviceaccount:default:default\" cannot list resource \"secrets\" in API group \"\" "
          "in the namespace \"default\"");
    CHECK(!account.list(api::kind::config_maps, "kube-system").ok());
}

TEST_CASE("a node reads what its Pods use") {
    Guarded world;
    const auto node = world.as("system:node:node-1");
    world.make(api::kind::secrets, R"({"metadata":{"name":"used","namespace":"default"}})");
    world.make(api::kind::secrets, R"({"metadata":{"name":"other","namespace":"default"}})");
    auto pod = World::pod("p", R"(,"volumes":[{"name":"s","secret":{"secretName":"used"}}])");
    REQUIRE(world.super.create(api::kind::pods, pod).ok());
    CHECK(message(node.get(api::kind::secrets, "default", "used")) ==
          "secrets \"used\" is forbidden: User \"system:node:node-1\" cannot get resource \"secrets\" in API group \"\" in the namespace "
          "\"default\": no relationship found between node 'node-1' and this object");
    REQUIRE(world.super.post(api::kind::pods, "default", "p", "binding", World::json(R"({"target":{"kind":"Node","name":"node-1"}})")).ok());
    CHECK(message(node.get(api::kind::secrets, "default", "used")) == "ok");
    CHECK(!node.get(api::kind::secrets, "default", "other").ok());
    CHECK(!world.as("system:node:node-2").get(api::kind::secrets, "default", "used").ok());
}

TEST_CASE("kubectl --as asks for a permission of its own") {
    Guarded world;
    const std::string path = "/api/v1/namespaces/default/pods";
    CHECK(world.ask("jane", Method::get, path, {}, {{"Impersonate-User", "joe"}}).body["message"].str() ==
          "users \"joe\" is forbidden: User \"jane\" cannot impersonate resource \"users\" in API group \"\" at the cluster scope");
    const auto refused = world.ask("kubernetes-super-admin", Method::get, path, {}, {{"Impersonate-User", "joe"}});
    CHECK(refused.code == 403);
    CHECK(refused.body["message"].str() ==
          "pods is forbidden: User \"joe\" cannot list resource \"pods\" in API group \"\" in the namespace \"default\"");
    CHECK(world.ask("kubernetes-super-admin", Method::get, path, {}, {{"Impersonate-User", "joe"}, {"Impersonate-Group", "system:masters"}}).ok());
}

TEST_CASE("reviews say who one is and what one may") {
    Guarded world;
    world.make(api::kind::roles, reader);
    world.make(api::kind::role_bindings, reading);
    const auto may = [&](std::string_view verb, std::string_view resource) {
        return world.ask("jane", Method::post, "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
                         World::json(cat(R"({"apiVersion":"authorization.k8s.io/v1","kind":"SelfSubjectAccessReview","spec":{"resourceAttributes":{"verb":")",
                                         verb, R"(","resource":")", resource, R"(","namespace":"default"}}})")));
    };
    CHECK(api::to_json(may("list", "pods").body["status"]) ==
          R"({"allowed":true,"reason":"RBAC: allowed by RoleBinding \"reading/default\" of Role \"reader\" to User \"jane\""})");
    CHECK(api::to_json(may("create", "pods").body["status"]) == R"({"allowed":false})");
    const auto who = world.ask("jane", Method::post, "/apis/authentication.k8s.io/v1/selfsubjectreviews",
                               World::json(R"({"apiVersion":"authentication.k8s.io/v1","kind":"SelfSubjectReview"})"));
    CHECK(who.code == 201);
    CHECK(who.body["status"]["userInfo"]["username"].str() == "jane");
    CHECK(who.body["status"]["userInfo"]["groups"] == World::json(R"(["system:authenticated"])"));
}

TEST_CASE("a token that was asked for lets its account in") {
    Guarded world;
    const auto request = World::json(R"({"apiVersion":"authentication.k8s.io/v1","kind":"TokenRequest","spec":{"expirationSeconds":600}})");
    const auto answer = world.super.post(api::kind::service_accounts, "default", "default", "token", request);
    REQUIRE(answer.ok());
    const auto token = answer.value()["status"]["token"].str();
    const auto refused = world.ask("", Method::get, "/api/v1/namespaces/default/pods", {}, {{"Authorization", cat("Bearer ", token)}});
    CHECK(refused.body["message"].str() == "pods is forbidden: User \"system:serviceaccount:default:default\" cannot list resource \"pods\" "
                                           "in API group \"\" in the namespace \"default\"");
    CHECK(world.ask("", Method::get, "/version", {}, {{"Authorization", cat("Bearer ", token, "x")}}).code == 401);
    world.simulation.run_for(minutes(11));
    CHECK(world.ask("", Method::get, "/version", {}, {{"Authorization", cat("Bearer ", token)}}).code == 401);
    CHECK(world.ask("", Method::get, "/version").ok());  // anonymous: system:public-info-viewer
}

TEST_CASE("each request leaves a record of every step, and at most so many are kept") {
    Guarded world;
    world.make(api::kind::cluster_role_bindings, R"({"metadata":{"name":"all"},
      "roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"ClusterRole","name":"cluster-admin"},
      "subjects":[{"kind":"User","apiGroup":"rbac.authorization.k8s.io","name":"jane"}]})");
    REQUIRE(world.as("jane").create(api::kind::config_maps, World::json(R"({"metadata":{"name":"c","namespace":"default"}})")).ok());
    const auto& record = world.server.requests().recent(0);
    CHECK(record.user == "jane");
    CHECK(record.verb == "create");
    CHECK(record.authorised);
    CHECK(record.authorizer == "RBAC");
    REQUIRE(record.reason);
    CHECK(*record.reason == "RBAC: allowed by ClusterRoleBinding \"all\" of ClusterRole \"cluster-admin\" to User \"jane\"");
    CHECK(record.validation_errors == 0);
    CHECK(record.store_key == "/registry/configmaps/default/c");
    CHECK(record.code == 201);
    for (std::size_t i = 0; i < RequestLog::capacity + 10; ++i)
        (void)world.as("joe").list(api::kind::pods, "default");
    CHECK(world.server.requests().size() == RequestLog::capacity);
    CHECK(world.server.requests().recent(0).code == 403);
}
