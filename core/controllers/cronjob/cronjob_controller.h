#pragma once
// Starts Jobs by the clock. Upstream: pkg/controller/cronjob/cronjob_controllerv2.go.

#include "core/client/controller.h"
#include "core/controllers/cronjob/schedule.h"

namespace kubewalk::controllers {

class CronJobController final : public client::ControllerOf<CronJobController> {
public:
    explicit CronJobController(client::Environment environment);

private:
    // A CronJob at work; `changed`: its status has to be written.
    struct Sync {
        Value cron_job;
        Objects jobs;
        bool changed = false;
        std::optional<Duration> again;
    };

    void changed(std::size_t informer, const client::Change& change) override;
    client::Outcome reconcile(const std::string& key) override;

    Result<void> update_active(Sync& sync);
    Result<void> drop_missing(Sync& sync);
    Result<void> start_if_due(Sync& sync);
    Result<void> start_job(Sync& sync, Time scheduled, const cronjob::Schedule& schedule);
    std::optional<cronjob::Schedule> schedule_of(const Value& cron_job);
    bool remove_job(Sync& sync, const Value& job);
    void clean_up(Sync& sync);
    void clean_up(Sync& sync, Objects finished, const Value& limit);
    void tell(const Value& cron_job, client::EventType type, std::string_view reason, const std::string& message);
};

}  // namespace kubewalk::controllers
