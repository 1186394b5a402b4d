#include "core/controllers/statefulset/stateful_pod_control.h"

#include "core/base/text.h"
#include "core/controllers/statefulset/stateful_set_utils.h"

namespace kubewalk::controllers::statefulset {

namespace {

// strings.Title for the three verbs.
std::string title(std::string_view verb) {
    std::string text(verb);
    text[0] = static_cast<char>(text[0] - 'a' + 'A');
    return text;
}

Result<void> outcome_of(const Result<Value>& answer) { return answer.ok() ? Result<void>() : Result<void>(answer.error()); }

}  // namespace

void StatefulPodControl::tell(std::string_view verb, const Value& set, const Value& pod, const Result<void>& done) {
    const auto what = cat(verb, " Pod ", api::name_of(pod), " in StatefulSet ", api::name_of(set));
    if (done.ok())
        recorder_.record(simulation_, set, client::EventType::normal, cat("Successful", title(verb)),
                         cat(what, " successful"));
    else
        recorder_.record(simulation_, set, client::EventType::warning, cat("Failed", title(verb)),
                         cat(what, " failed error: ", done.error().message));
}

Result<Value> StatefulPodControl::create(const Value& set, const Value& pod) {
    if (auto claims = create_missing_claims(set, pod); !claims.ok()) {
        tell("create", set, pod, claims);
        return claims.error();
    }
    auto created = client_.create(api::kind::pods, pod);
    if (!created.ok() && created.error().reason == "AlreadyExists")
        return created;
    tell("create", set, pod, outcome_of(created));
    if (created.ok() && !claims_match_policy(set, created.value()))
        if (auto fixed = fix_claims(set, created.value()); !fixed.ok())
            return fixed.error();
    return created;
}

Result<void> StatefulPodControl::remove(const Value& set, const Value& pod) {
    const auto done = outcome_of(client_.remove(api::kind::pods, api::namespace_of(pod), api::name_of(pod)));
    tell("delete", set, pod, done);
    return done;
}

Result<void> StatefulPodControl::update(const Value& set, const Value& pod) {
    if (!claims_match_policy(set, pod))
        if (auto fixed = fix_claims(set, pod); !fixed.ok())
            return fixed;
    if (identity_matches(set, pod) && storage_matches(set, pod))
        return {};
    Value updated = pod;
    update_identity(set, updated);
    if (!storage_matches(set, updated)) {
        update_storage(set, updated);
        if (auto claims = create_missing_claims(set, updated); !claims.ok()) {
            tell("update", set, pod, claims);
            return claims;
        }
    }
    const auto done = outcome_of(client_.update(api::kind::pods, updated));
    tell("update", set, pod, done);
    return done;
}

Result<void> StatefulPodControl::create_missing_claims(const Value& set, const Value& pod) {
    Result<void> result;
    for (const auto& claim : claims_of(set, pod)) {
        const auto& known = claims_.get(api::key_of(claim));
        if (!known.is_null()) {
            if (api::is_deleting(known) && result.ok())
                result = Error{"Conflict", cat("pvc ", api::name_of(known), " is being deleted"), {}, 0, 0};
            continue;
        }
        const auto created = client_.create(api::kind::persistent_volume_claims, claim);
        if (!created.ok() && created.error().reason == "AlreadyExists")
            continue;  // the cache has not shown it yet
        const auto in_set = cat(api::name_of(pod), " in StatefulSet ", api::name_of(set));
        if (created.ok()) {
            recorder_.record(simulation_, set, client::EventType::normal, "SuccessfulCreate",
                             cat("create Claim ", api::name_of(claim), " Pod ", in_set, " success"));
            continue;
        }
        recorder_.record(simulation_, set, client::EventType::warning, "FailedCreate",
                         cat("create Claim ", api::name_of(claim), " for Pod ", in_set,
                             " failed error: ", created.error().message));
        if (result.ok())
            result = Error{created.error().reason,
                           cat("failed to create PVC ", api::name_of(claim), ": ", created.error().message), {}, 0, 0};
    }
    return result;
}

bool StatefulPodControl::claims_match_policy(const Value& set, const Value& pod) const {
    for (const auto& wanted : claims_of(set, pod)) {
        const auto& claim = claims_.get(api::key_of(wanted));
        if (!claim.is_null() && !owner_is_up_to_date(claim, set, pod))
            return false;
    }
    return true;
}

Result<void> StatefulPodControl::fix_claims(const Value& set, const Value& pod) {
    for (const auto& wanted : claims_of(set, pod)) {
        const auto& claim = claims_.get(api::key_of(wanted));
        if (claim.is_null() || owner_is_up_to_date(claim, set, pod))
            continue;
        const auto updated =
            client_.update(api::kind::persistent_volume_claims, with_wanted_owners(claim, set, pod));
        if (!updated.ok())
            return Error{updated.error().reason,
                         cat("could not update claim ", api::name_of(claim),
                             " for delete policy ownerRefs: ", updated.error().message), {}, 0, 0};
    }
    return {};
}

bool StatefulPodControl::has_stale_claim(const Value& set, const Value& pod) const {
    for (const auto& wanted : claims_of(set, pod))
        if (is_stale(claims_.get(api::key_of(wanted)), pod))
            return true;
    return false;
}

}  // namespace kubewalk::controllers::statefulset
