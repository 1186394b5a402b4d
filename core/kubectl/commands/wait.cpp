// Upstream: k8s.io/kubectl/pkg/cmd/wait (wait.go, condition.go, delete.go, json.go).

#include "core/base/text.h"
#include "core/kubectl/jsonpath.h"
#include "core/kubectl/resource_args.h"

namespace kubewalk::kubectl::command {

using api::Value;

namespace {

struct Condition {
    enum class Form : unsigned char { deleted, created, status_condition, jsonpath };
    Form form = Form::deleted;
    std::string name;   // of the condition
    std::string value;  // what it must be; "" for a JSONPath that must only lead somewhere
    JsonPath path;
};

Answer<Condition> parse_condition(const std::string& text) {
    Condition condition;
    const auto lower = to_lower(text);
    if (lower == "delete")
        return condition;
    if (lower == "create") {
        condition.form = Condition::Form::created;
        return condition;
    }
    if (text.starts_with("condition=")) {
        condition.form = Condition::Form::status_condition;
        const auto rest = text.substr(10);
        const auto equals = rest.find('=');
        condition.name = rest.substr(0, equals);
        condition.value = equals == std::string::npos ? "true" : rest.substr(equals + 1);
        return condition;
    }
    if (text.starts_with("jsonpath=")) {
        condition.form = Condition::Form::jsonpath;
        std::string rest = text.substr(9);
        const auto close = rest.find('}');
        const auto equals = close == std::string::npos ? rest.find('=') : rest.find('=', close);
        if (equals != std::string::npos) {
            condition.value = rest.substr(equals + 1);
            rest.resize(equals);
        }
        if (rest.size() > 1 && rest.front() == '\'' && rest.back() == '\'')
            rest = rest.substr(1, rest.size() - 2);
        auto path = JsonPath::parse_relaxed(rest);
        if (!path.ok())
            return Refusal::plain(path.error().message);
        condition.path = path.take();
        return condition;
    }
    return Refusal::plain(cat("unrecognized condition: ", quoted(text)));
}

bool is_met(const Condition& condition, const Value& object) {
    switch (condition.form) {
        case Condition::Form::deleted: return false;
        case Condition::Form::created: return true;
        case Condition::Form::status_condition:
            for (const auto& entry : object["status"]["conditions"].items()) {
                if (to_lower(entry["type"].as_string()) != to_lower(condition.name))
                    continue;
                const auto observed = entry["observedGeneration"].as_int();
                const auto generation = object["metadata"]["generation"].as_int();
                if (observed > 0 && observed < generation)
                    return false;
                return to_lower(entry["status"].as_string()) == to_lower(condition.value);
            }
            return false;
        case Condition::Form::jsonpath: {
            const auto found = condition.path.find(object);
            if (!found.ok() || found.value().empty())
                return false;
            return condition.value.empty() || JsonPath::text_of(found.value()[0]) == condition.value;
        }
    }
    return false;
}

class WaitingFor final : public Waiting<WaitingFor> {
public:
    WaitingFor(const Server& server, std::vector<Info> infos, Condition condition, Time deadline)
        : server_(server.quiet()), infos_(std::move(infos)), condition_(std::move(condition)), deadline_(deadline) {}

    bool poll(Time now, Output& more) override {
        std::erase_if(infos_, [&](const Info& info) { return done(info, more); });
        if (infos_.empty()) {
            more.exit = failed_ ? 1 : 0;
            return true;
        }
        if (now < deadline_)
            return false;
        for (const auto& info : infos_)
            append(more.err, infos_.size() + (failed_ ? 1u : 0u) == 1 ? "error: " : "",
                   "timed out waiting for the condition on ", info.kind->resource, "/", info.name, "\n");
        more.exit = 1;
        return true;
    }

private:
    bool done(const Info& info, Output& more) {
        const bool for_deletion = condition_.form == Condition::Form::deleted;
        auto object = server_.get(*info.kind, info.namespace_name, info.name);
        const bool gone = object.ok() ? for_deletion && api::uid_of(object.value()) != api::uid_of(info.object)
                                      : object.refusal().is("NotFound");
        if (gone && for_deletion)
            return say(info, "condition met", more);
        if (!object.ok()) {
            if (condition_.form == Condition::Form::created && object.refusal().is("NotFound"))
                return false;
            more.err += object.refusal().alone() + "\n";
            failed_ = true;
            return true;
        }
        return is_met(condition_, object.value()) && say(info, "condition met", more);
    }

    static bool say(const Info& info, std::string_view what, Output& more) {
        append(more.out, info.slash_name(), " ", what, "\n");
        return true;
    }

    Server server_;
    std::vector<Info> infos_;
    Condition condition_;
    Time deadline_;
    bool failed_ = false;
};

}  // namespace

void wait_flags(FlagSet& set) {
    add_output_flags(set);
    add_selector_flags(set);
    set.list("filename", "Files or folders with manifests; - is standard input", 'f')
        .boolean("recursive", "Read folders inside the folder too", 'R', "true")
        .array("for", "delete, create, condition=NAME[=VALUE] or jsonpath={PATH}[=VALUE]")
        .duration("timeout", "How long to wait", "30s")
        .boolean("all", "All of the kind in the namespace")
        .boolean("all-namespaces", "In all namespaces", 'A')
        .boolean("local", "Accepted: what is in the files is looked up all the same");
}

void wait(Run& run) {
    const auto conditions = run.flags.list("for");
    if (conditions.empty())
        return run.fail("unrecognized condition: []");
    auto condition = parse_condition(conditions.back());
    if (!condition.ok())
        return run.fail(condition.refusal());
    Asked asked;
    asked.require_object = condition.value().form != Condition::Form::created;
    Found found = find_resources(run, run.args(), asked);
    // What is gone already needs no waiting for.
    if (condition.value().form == Condition::Form::deleted)
        std::erase_if(found.refusals, [](const Refusal& refusal) { return refusal.is("NotFound"); });
    if (!found.refusals.empty())
        return run.fail(found.refusals);
    if (found.infos.empty())
        return condition.value().form == Condition::Form::deleted ? void() : run.fail("no matching resources found");
    auto timeout = run.flags.duration("timeout");
    if (timeout.ns < 0)
        timeout = hours(7 * 24);
    auto rest = std::make_unique<WaitingFor>(run.server, std::move(found.infos), condition.take(), run.environment.now + timeout);
    if (!rest->poll(run.environment.now, run.started.output))
        run.go_on(std::move(rest));
}

}  // namespace kubewalk::kubectl::command
