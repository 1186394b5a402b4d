#pragma once
// May they? The authorizers Node and RBAC, in this order, after the group system:masters, which may everything.
// Upstream: plugin/pkg/auth/authorizer/{node,rbac}, k8s.io/apiserver/pkg/authorization/authorizerfactory,
// k8s.io/apiserver/pkg/endpoints/handlers/responsewriters/errors.go (the words of a refusal).

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/api/value.h"
#include "core/apiserver/authentication.h"
#include "core/store/store.h"

namespace kubewalk::apiserver {

// What is asked for. An empty resource: a path that is no resource.
struct Attributes {
    const UserInfo& user;
    std::string_view verb;
    std::string_view group;
    std::string_view resource;
    std::string_view subresource;
    std::string_view namespace_name;
    std::string_view name;
    std::string_view path;
    std::string_view field_selector = {};  // of a list or watch
};

struct Decision {
    bool allowed = false;
    std::string_view authorizer;  // "Node", "RBAC", "system:masters"; empty when nobody had an opinion
    // Why: `RBAC: allowed by ClusterRoleBinding "x" of ClusterRole "y" to Group "z"`. Of a refusal mostly empty.
    std::shared_ptr<const std::string> reason;
};

// `User "x" cannot list resource "pods" in API group "" in the namespace "y"`.
std::string refusal_of(const Attributes& attributes);

class Authorizer {
public:
    explicit Authorizer(const store::Store& store) : store_(store) {}

    Decision authorize(const Attributes& attributes);
    // The rules that apply to a user in a namespace, as SelfSubjectRulesReview lists them.
    std::vector<api::Value> rules_for(const UserInfo& user, std::string_view namespace_name);
    // Roles or bindings changed, or the store is another's.
    void forget();

private:
    // A binding that applies to a user: where, and with which rules.
    struct Grant {
        std::string namespace_name;  // empty: everywhere
        api::Value rules;
        std::shared_ptr<const std::string> reason;
        std::string error;  // the role is not there
    };
    // A decision that holds until forget(). `by_name`: it depends on the object's name, so look again.
    struct Remembered {
        Decision decision;
        bool by_name = false;
    };

    const std::vector<Grant>& grants_of(const UserInfo& user);
    Remembered evaluate(const Attributes& attributes);
    Decision authorize_node(const Attributes& attributes, std::string_view node);
    bool pod_refers_to(const api::Value& pod, const Attributes& attributes) const;
    bool node_sees(const Attributes& attributes, std::string_view node);

    const store::Store& store_;
    std::map<std::string, std::vector<Grant>, std::less<>> grants_;
    std::map<std::string, Remembered> decisions_;
    std::map<std::string, bool> node_rules_;  // what kubelets may as such; holds for ever
    std::map<std::string, std::string> seen_by_node_;        // object of a node -> key of the Pod that needs it
    std::string key_;                                        // kept for its memory
};

// Does a PolicyRule cover this request? Names apart (`Names::ignored`), or with them.
enum class Names : std::uint8_t { checked, ignored };
bool rule_allows(const api::Value& rule, const Attributes& attributes, Names names);

}  // namespace kubewalk::apiserver
