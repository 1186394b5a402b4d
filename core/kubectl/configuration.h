#pragma once
// The kubeconfig: which cluster, as whom, in which namespace. A file of the machine kubectl runs on; where there is
// none it is what kubeadm left there (Environment). Upstream: k8s.io/client-go/tools/clientcmd.

#include <string>
#include <string_view>

#include "core/kubectl/flags.h"
#include "core/kubectl/kubectl.h"
#include "core/kubectl/refusal.h"

namespace kubewalk::kubectl {

struct Configuration {
    std::string path;
    api::Value content;  // apiVersion, clusters, contexts, current-context, kind, users

    const api::Value& entry(std::string_view list, std::string_view name) const;  // null when absent
};

Configuration load_configuration(const Environment& environment, const Parsed& flags);
// Error: there is nowhere to write.
Answer<Done> store_configuration(const Environment& environment, const Configuration& configuration);

// What a command works with.
struct Connection {
    std::string namespace_name;
    std::string user;   // whose certificate is shown; "" with a token, and for nobody
    std::string token;
};
// The error when a context, user or cluster is asked for by name and does not exist.
Answer<Connection> connection_of(const Environment& environment, const Parsed& flags);

}  // namespace kubewalk::kubectl
