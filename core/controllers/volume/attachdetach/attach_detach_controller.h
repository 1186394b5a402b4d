#pragma once
// Asks for volumes of CSI drivers to be attached to the Nodes of the Pods that use them (VolumeAttachment), and
// reports what is attached in the Node's status. A driver's external-attacher does the attaching.
// Upstream: pkg/controller/volume/attachdetach, pkg/volume/csi/csi_attacher.go.

#include "core/client/controller.h"
#include "core/controllers/controller_utils.h"

namespace kubewalk::controllers {

class AttachDetachController final : public client::ControllerOf<AttachDetachController> {
public:
    explicit AttachDetachController(client::Environment environment);

private:
    // One key for all: what is wanted follows from Pods, claims and volumes together.
    void changed(std::size_t informer, const client::Change& change) override;
    client::Outcome reconcile(const std::string& key) override;

    struct Wanted {
        Value volume;
        std::string node;
        Value pod;  // one that uses it there
    };
    // By name of the VolumeAttachment.
    std::map<std::string, Wanted> wanted() const;
    Result<void> attach(const std::string& name, const Wanted& one, const std::map<std::string, std::string>& taken);
    Result<void> report(const std::string& node);

    std::set<std::string> told_;  // attachments whose success was told
};

}  // namespace kubewalk::controllers
