#pragma once
// Requests for certificates: who approves those of nodes, who signs what was approved, who clears away what is old.
// Upstream: pkg/controller/certificates/{approver/sarapprove.go,signer/signer.go,cleaner/cleaner.go}.

#include "core/client/controller.h"
#include "core/controllers/controllers.h"

namespace kubewalk::controllers {

// A node's request for its own client certificate is approved when it may make it.
class CertificateApprover final : public client::ControllerOf<CertificateApprover> {
public:
    explicit CertificateApprover(client::Environment environment);

private:
    void changed(std::size_t informer, const client::Change& change) override;
    client::Outcome reconcile(const std::string& key) override;
    Result<bool> may(const api::Value& request, std::string_view subresource) const;
};

// Of the signers kubernetes.io/...; upstream runs one controller for each.
class CertificateSigner final : public client::ControllerOf<CertificateSigner> {
public:
    explicit CertificateSigner(client::Environment environment);

private:
    void changed(std::size_t informer, const client::Change& change) override;
    client::Outcome reconcile(const std::string& key) override;
};

class CertificateCleaner final : public client::ControllerOf<CertificateCleaner> {
public:
    explicit CertificateCleaner(client::Environment environment);

private:
    void changed(std::size_t informer, const client::Change& change) override;
    client::Outcome reconcile(const std::string& key) override;
};

}  // namespace kubewalk::controllers
