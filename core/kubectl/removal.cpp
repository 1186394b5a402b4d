#include "core/kubectl/removal.h"

#include "core/base/text.h"

namespace kubewalk::kubectl {

using api::Value;

Answer<Removal> removal_of(Run& run) {
    Removal removal;
    removal.grace_period = run.flags.integer("grace-period");
    const bool force = run.flags.is("force");
    if (run.flags.is("now")) {
        if (removal.grace_period != -1)
            return Refusal::plain("--now and --grace-period cannot be specified together");
        removal.grace_period = 1;
    }
    // Without --force nothing vanishes before its node says so.
    if (removal.grace_period == 0 && !force)
        removal.grace_period = 1;
    if (force && removal.grace_period < 0)
        removal.grace_period = 0;
    if (force && removal.grace_period > 0)
        return Refusal::plain("--force and --grace-period greater than 0 cannot be specified together");
    const auto cascade = run.flags.text("cascade");
    if (cascade == "background" || cascade == "true")
        removal.policy = "Background";
    else if (cascade == "foreground")
        removal.policy = "Foreground";
    else if (cascade == "orphan" || cascade == "false")
        removal.policy = "Orphan";
    else
        return Refusal::plain(cat("invalid cascade value (", cascade, "). Must be \"background\", \"foreground\", or \"orphan\""));
    return removal;
}

Answer<Value> remove_object(Run& run, const Info& info, const Removal& removal, DryRun dry_run) {
    auto request = run.server.request(client::Method::del, api::object_path(*info.kind, info.namespace_name, info.name));
    request.body = Value::object({{"apiVersion", "v1"}, {"kind", "DeleteOptions"}, {"propagationPolicy", removal.policy}});
    if (removal.grace_period >= 0)
        request.body.set("gracePeriodSeconds", removal.grace_period);
    if (dry_run == DryRun::server)
        request.query["dryRun"] = "All";
    auto answer = run.server.answer(std::move(request));
    if (answer.ok() || info.source.empty())
        return answer;
    Refusal refusal = answer.refusal();
    refusal.add_source("deleting", info.source);
    return refusal;
}

Doomed doomed(const Info& info, const Value& answer) {
    const auto& uid = answer["details"]["uid"];
    return {info.kind, info.namespace_name, info.name, uid.is_null() ? std::string(api::uid_of(answer)) : uid.str()};
}

std::string removal_line(const Info& info, const Removal& removal, DryRun dry_run) {
    std::string line = cat(kind_prefix(*info.kind), " ", quoted(info.name), removal.grace_period == 0 ? " force deleted" : " deleted");
    if (info.kind->namespaced())
        append(line, " from ", info.namespace_name, " namespace");
    return cat(line, dry_run_suffix(dry_run), "\n");
}

bool Disappearing::poll(Time now, Output& more) {
    std::erase_if(items_, [this](const Doomed& item) { return is_gone(item); });
    if (items_.empty())
        return true;
    if (!deadline_ || now < *deadline_)
        return false;
    for (const auto& item : items_)
        append(more.err, "error: timed out waiting for the condition on ", item.kind->resource, "/", item.name, "\n");
    more.exit = 1;
    return true;
}

bool Disappearing::is_gone(const Doomed& item) {
    auto answer = server_.get(*item.kind, item.namespace_name, item.name);
    if (!answer.ok())
        return answer.refusal().is("NotFound");
    return !item.uid.empty() && api::uid_of(answer.value()) != item.uid;
}

}  // namespace kubewalk::kubectl
