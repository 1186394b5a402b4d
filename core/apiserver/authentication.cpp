#include "core/apiserver/authentication.h"

#include <algorithm>

#include "core/base/text.h"

namespace kubewalk::apiserver {

namespace {

constexpr std::string_view account_prefix = "system:serviceaccount:";
constexpr std::string_view node_prefix = "system:node:";

// What kubeadm writes into the certificates it makes. Upstream: cmd/kubeadm/app/phases/kubeconfig.
struct Certificate {
    std::string_view name;
    std::string_view organisation;
};
constexpr Certificate certificates[] = {
    {"kubernetes-admin", "kubeadm:cluster-admins"},
    {"kubernetes-super-admin", "system:masters"},
    {"kube-apiserver-kubelet-client", "kubeadm:cluster-admins"},
    {"system:apiserver", "system:masters"},  // the server's own loopback client
};

}  // namespace

std::string_view credential_name(Credential credential) {
    static constexpr std::string_view names[] = {"client certificate", "service account token", "anonymous"};
    return names[static_cast<int>(credential)];
}

bool UserInfo::in_group(std::string_view group) const { return std::find(groups.begin(), groups.end(), group) != groups.end(); }

ServiceAccountName service_account_of(std::string_view user) {
    if (!user.starts_with(account_prefix))
        return {};
    const auto rest = user.substr(account_prefix.size());
    const auto colon = rest.find(':');
    if (colon == std::string_view::npos || colon == 0 || colon + 1 == rest.size())
        return {};
    return {rest.substr(0, colon), rest.substr(colon + 1)};
}

UserInfo user_info(std::string_view name) {
    UserInfo user;
    user.name = name.empty() ? "system:anonymous" : name;
    if (user.name == "system:anonymous") {
        user.groups = {"system:unauthenticated"};
        return user;
    }
    user.credential = Credential::client_certificate;
    if (const auto account = service_account_of(name); !account.name.empty()) {
        user.credential = Credential::service_account_token;
        user.groups = {"system:serviceaccounts", cat("system:serviceaccounts:", account.namespace_name)};
    } else if (name.starts_with(node_prefix)) {
        user.groups = {"system:nodes"};
    }
    for (const auto& certificate : certificates)
        if (certificate.name == name)
            user.groups.emplace_back(certificate.organisation);
    user.groups.emplace_back("system:authenticated");
    return user;
}

const UserInfo& Users::find(std::string_view name) {
    auto found = known_.find(name);
    if (found == known_.end())
        found = known_.emplace(std::string(name), std::make_unique<const UserInfo>(user_info(name))).first;
    return *found->second;
}

}  // namespace kubewalk::apiserver
