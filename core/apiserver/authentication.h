#pragma once
// Who asks. Upstream: k8s.io/apiserver/pkg/authentication (request/x509, request/bearertoken,
// serviceaccount), k8s.io/apiserver/pkg/endpoints/filters/impersonation.go.

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/client/transport.h"

namespace kubewalk::apiserver {

enum class Credential : std::uint8_t { client_certificate, service_account_token, anonymous };
std::string_view credential_name(Credential credential);  // "client certificate", "service account token", "anonymous"

struct UserInfo {
    std::string name;
    std::vector<std::string> groups;  // in the order in which kubectl auth whoami shows them
    Credential credential = Credential::anonymous;

    bool in_group(std::string_view group) const;
};

// The user whose certificate or token a request carries (Request::user stands for it), with the groups that
// kubeadm writes into certificates (O=...) and the API server gives to service accounts.
UserInfo user_info(std::string_view name);
// "system:serviceaccount:NAMESPACE:NAME"; empty parts when it is no service account.
struct ServiceAccountName {
    std::string_view namespace_name;
    std::string_view name;
};
ServiceAccountName service_account_of(std::string_view user);

// Users as they come, each looked at once.
class Users {
public:
    // Valid as long as the object.
    const UserInfo& find(std::string_view name);

private:
    std::map<std::string, std::unique_ptr<const UserInfo>, std::less<>> known_;
};

}  // namespace kubewalk::apiserver
