#pragma once
// The requests that the Traffic and DNS views can show: the session's own, kubelets' probes when asked for,
// batches with their counts, and one that was pinned to be compared with.

#include <memory>
#include <string>
#include <vector>

#include "web/app/backend.h"

namespace kubewalk::app {

class TrafficLog {
public:
    // Another cluster. The pinned request stays: to compare two clusters is what it is for.
    void reset(Model& model);
    // Another history of the same cluster: its newest request is shown.
    void forget_seen(Model& model);
    // The next `count` requests belong together.
    void begin_batch(int count);
    // What a kubelet's probe would meet now.
    void follow_probe(const cluster::Session& session, int index, Model& model);
    void pin(Model& model) const;
    void fill(const cluster::Session& session, Model& model, const Needs& needs);

private:
    struct Batch {
        std::size_t after = 0;   // requests that had been sent before it
        int count = 0;
    };
    void collect(const cluster::Session& session, Model& model);
    int batch_of(std::size_t request) const;

    std::vector<Batch> batches_;
    std::vector<SentRequest> probes_;  // followed ones, newest last
    std::size_t sent_ = 0;             // requests of the session, as collected last
    std::size_t seen_ = 0;             // entries of Model::requests in the refresh before
};

}  // namespace kubewalk::app
