#include "core/apiserver/request_record.h"

#include "core/base/text.h"

namespace kubewalk::apiserver {

std::vector<sim::Fact> RequestRecord::facts() const {
    static constexpr std::string_view verdicts[] = {"allowed", "changed", "denied"};
    std::vector<sim::Fact> facts;
    facts.push_back({"apiserver.authn", {user, std::string(credential_name(credential))}});
    auto what = resource.empty() ? path : group.empty() ? resource : cat(resource, ".", group);
    if (!subresource.empty())
        append(what, "/", subresource);
    facts.push_back({"apiserver.authz",
                     {authorised ? "allow" : "deny", user, std::string(verb), std::move(what), std::string(authorizer), reason ? *reason : std::string()}});
    for (const auto& one : admission)
        facts.push_back({"apiserver.admission", {std::string(one.plugin), std::string(verdicts[static_cast<int>(one.verdict)])}});
    if (validation_errors >= 0)
        facts.push_back({"apiserver.validation", {validation_errors == 0 ? "valid" : "invalid", cat(validation_errors)}});
    if (!store_key.empty())
        facts.push_back({"apiserver.write", {store_key, cat(revision)}});
    if (watches_told > 0)
        facts.push_back({"apiserver.watch", {cat(watches_told)}});
    return facts;
}

void RequestRecord::clear() {
    entry = 0;
    heartbeat = authorised = false;
    for (std::string* text : {&agent, &path, &user, &impersonated_by, &group, &resource, &subresource, &namespace_name, &name, &store_key, &message})
        text->clear();
    groups.clear();
    verb = authorizer = {};
    reason.reset();
    admission.clear();
    validation_errors = -1;
    revision = 0;
    watches_told = code = 0;
}

RequestRecord& RequestLog::begin() {
    if (ring_.size() <= next_)
        ring_.resize(next_ + 1);  // grows to its capacity and stays there; a request under way keeps its place (exec, proxies)
    RequestRecord& record = ring_[next_];
    record.clear();
    next_ = (next_ + 1) % capacity;
    if (size_ < capacity)
        ++size_;
    return record;
}

void RequestLog::drop_last() {
    next_ = (next_ + capacity - 1) % capacity;
    --size_;
}

const RequestRecord& RequestLog::recent(std::size_t index) const { return ring_[(next_ + 2 * capacity - 1 - index) % capacity]; }

const RequestRecord* RequestLog::find(sim::CauseId entry) const {
    for (std::size_t i = 0; entry != 0 && i < size_; ++i)
        if (recent(i).entry == entry)
            return &recent(i);
    return nullptr;
}

void RequestLog::clear() { next_ = size_ = 0; }

}  // namespace kubewalk::apiserver
