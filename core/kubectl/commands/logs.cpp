// Upstream: k8s.io/kubectl/pkg/cmd/logs/logs.go, pkg/polymorphichelpers/logsforobject.go.

#include "core/base/text.h"
#include "core/kubectl/pods_of.h"

namespace kubewalk::kubectl::command {

using api::Value;

namespace {

struct Stream {
    client::Request request;
    std::string prefix;      // "[pod/x/c] ", or ""
    std::size_t seen = 0;    // bytes of the whole log already printed
};

std::string with_prefix(std::string_view text, std::string_view prefix) {
    if (prefix.empty())
        return std::string(text);
    std::string out;
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size() - 1);
        append(out, prefix, text.substr(0, end + 1));
        text.remove_prefix(end + 1);
    }
    return out;
}

// logs --follow: reads the whole log again and prints what is new. Ends with the container.
class Following final : public Waiting<Following> {
public:
    Following(const Server& server, std::vector<Stream> streams) : server_(server.quiet()), streams_(std::move(streams)) {}

    bool poll(Time, Output& more) override {
        bool all_ended = true;
        for (auto& stream : streams_) {
            auto answer = server_.answer(stream.request);
            if (!answer.ok()) {
                if (answer.refusal().origin != Refusal::Origin::connection)
                    continue;
                more.err += answer.refusal().alone() + "\n";
                more.exit = 1;
                return true;
            }
            const auto text = answer.value().as_string();
            if (text.size() < stream.seen)
                stream.seen = 0;  // another container of that name writes a new log
            more.out += with_prefix(text.substr(stream.seen), stream.prefix);
            stream.seen = text.size();
            all_ended = all_ended && has_ended(stream.request);
        }
        return all_ended;
    }

private:
    bool has_ended(const client::Request& request) {
        const auto path = request.path.substr(0, request.path.rfind('/'));
        auto pod = server_.answer(server_.request(client::Method::get, path));
        if (!pod.ok())
            return pod.refusal().is("NotFound");
        const auto& name = request.query.at("container");
        for (std::string_view list : {"containerStatuses", "initContainerStatuses"})
            for (const auto& status : pod.value()["status"][list].items())
                if (status["name"].as_string() == name)
                    return !status["state"]["terminated"].is_null();
        return false;
    }

    Server server_;
    std::vector<Stream> streams_;
};

std::vector<std::string> containers_of(const Value& pod) {
    std::vector<std::string> names;
    for (std::string_view list : {"initContainers", "containers", "ephemeralContainers"})
        for (const auto& container : pod["spec"][list].items())
            names.push_back(container["name"].str());
    return names;
}

void add_options(const Run& run, bool by_selector, client::Request& request) {
    const auto& flags = run.flags;
    auto tail = flags.integer("tail");
    if (tail == -1 && by_selector && !flags.has("tail"))
        tail = 10;
    if (tail >= 0)
        request.query["tailLines"] = cat(tail);
    if (flags.is("previous"))
        request.query["previous"] = "true";
    if (flags.is("timestamps"))
        request.query["timestamps"] = "true";
    if (const auto since = flags.duration("since"); since.ns > 0)
        request.query["sinceSeconds"] = cat((since.ns + 999'999'999) / 1'000'000'000);
    if (const auto bytes = flags.integer("limit-bytes"); bytes > 0)
        request.query["limitBytes"] = cat(bytes);
    if (const auto since = parse_rfc3339(flags.text("since-time")))
        request.query["sinceSeconds"] = cat((run.environment.now - *since).whole_seconds() + 1);
}

Answer<Done> add_streams(Run& run, const Value& pod, bool by_selector, std::vector<Stream>& streams) {
    std::vector<std::string> names;
    if (run.flags.is("all-containers")) {
        names = containers_of(pod);
    } else {
        const auto asked = run.args().size() == 2 ? run.args()[1] : run.flags.text("container");
        auto chosen = choose_container(pod, asked);
        if (!chosen.ok())
            return Refusal::plain(cat("container ", asked, " is not valid for pod ", api::name_of(pod)));
        run.err(chosen.value().note);
        names = {chosen.value().name};
    }
    const bool prefixed = run.flags.is("prefix") || run.flags.is("all-pods");
    for (const auto& name : names) {
        const auto path = api::object_path(api::kind::pods, api::namespace_of(pod), api::name_of(pod));
        Stream stream{run.server.request(client::Method::get, cat(path, "/log")), {}, 0};
        stream.request.query["container"] = name;
        add_options(run, by_selector, stream.request);
        if (prefixed)
            stream.prefix = cat("[pod/", api::name_of(pod), "/", name, "] ");
        streams.push_back(std::move(stream));
    }
    return Done{};
}

Answer<std::vector<Value>> pods_asked(Run& run) {
    const auto selector = run.flags.text("selector");
    if (!selector.empty()) {
        auto list = run.server.list(api::kind::pods, run.namespace_name(), selector);
        if (!list.ok())
            return list.refusal();
        const auto items = list.value()["items"].items();
        return std::vector<Value>(items.begin(), items.end());
    }
    auto target = parse_target(run.args()[0], "pods");
    if (!target.ok())
        return target.refusal();
    const auto& kind = *target.value().kind;
    auto object = run.server.get(kind, run.namespace_name(), target.value().name);
    // A bare name that is no Pod's and a Pod that does not exist read the same.
    if (!object.ok()) {
        Refusal refusal = object.refusal();
        if (refusal.is("NotFound"))
            return Refusal::plain(cat("error: error from server (NotFound): ", refusal.text, " in namespace ", quoted(run.namespace_name())));
        return refusal;
    }
    auto pods = pods_of(run.server, kind, object.value());
    if (!pods.ok())
        return pods;
    if (pods.value().empty())
        return Refusal::plain("timed out waiting for the condition");
    if (pods.value().size() > 1 && !run.flags.is("all-pods")) {
        run.err(cat("Found ", pods.value().size(), " pods, using pod/", api::name_of(pods.value()[0]), "\n"));
        pods.value().resize(1);
    }
    return pods;
}

// Following goes on where the first answer ended: without the limits that shortened it.
void follow(Run& run, std::vector<Stream> streams) {
    for (auto& stream : streams) {
        for (const char* key : {"tailLines", "limitBytes", "sinceSeconds"})
            stream.request.query.erase(key);
        auto whole = run.server.answer(stream.request);
        stream.seen = whole.ok() ? whole.value().as_string().size() : 0;
        stream.request.unrecorded = true;
    }
    auto rest = std::make_unique<Following>(run.server, std::move(streams));
    Output more;
    if (!rest->poll(run.environment.now, more))
        run.go_on(std::move(rest));
    run.out(more.out);
}

}  // namespace

void logs_flags(FlagSet& set) {
    set.boolean("follow", "Go on printing what is written", 'f')
        .boolean("previous", "The log of the container before the last restart", 'p')
        .text("container", "The container", 'c')
        .text("selector", "Pods with these labels", 'l')
        .integer("tail", "How many of the last lines; -1: all (with -l: 10)", "-1")
        .duration("since", "Only what is younger", "0s")
        .text("since-time", "Only what was written after this instant (RFC 3339)")
        .boolean("timestamps", "The instant before each line")
        .boolean("prefix", "Pod and container before each line")
        .boolean("all-containers", "Of all containers")
        .boolean("all-pods", "Of all Pods; with prefixes")
        .boolean("ignore-errors", "Go on after errors")
        .boolean("insecure-skip-tls-verify-backend", "Accepted")
        .integer("limit-bytes", "How many bytes at most; 0: all", "0")
        .integer("max-log-requests", "How many logs may be followed at a time", "5")
        .duration("pod-running-timeout", "Accepted", "20s");
}

void logs(Run& run) {
    const bool by_selector = run.flags.has("selector");
    const auto& args = run.args();
    if (args.empty() && !by_selector)
        return run.usage_error(
            "expected 'logs [-f] [-p] (POD | TYPE/NAME) [-c CONTAINER]'.\n"
            "POD or TYPE/NAME is a required argument for the logs command");
    if (!args.empty() && by_selector)
        return run.usage_error("only a selector (-l) or a POD name is allowed");
    if (args.size() > 2)
        return run.usage_error(
            "expected 'logs [-f] [-p] (POD | TYPE/NAME) [-c CONTAINER]'.\n"
            "POD or TYPE/NAME is a required argument for the logs command");
    if (args.size() == 2 && run.flags.has("container"))
        return run.fail("only one of -c or an inline [CONTAINER] arg is allowed");
    if (run.flags.is("all-containers") && run.flags.has("container"))
        return run.fail(cat("--all-containers=true should not be specified with container name ", run.flags.text("container")));
    if (run.flags.integer("tail") < -1)
        return run.fail("--tail must be greater than or equal to -1");
    auto pods = pods_asked(run);
    if (!pods.ok())
        return run.fail(pods.refusal());
    if (pods.value().empty())
        return run.err(cat("No resources found in ", run.namespace_name(), " namespace.\n"));
    std::vector<Stream> streams;
    for (const auto& pod : pods.value())
        if (auto added = add_streams(run, pod, by_selector, streams); !added.ok())
            return run.fail(added.refusal());
    const bool following = run.flags.is("follow");
    if (following && static_cast<std::int64_t>(streams.size()) > run.flags.integer("max-log-requests"))
        return run.fail(cat("you are attempting to follow ", streams.size(), " log streams, but maximum allowed concurrency is ",
                            run.flags.integer("max-log-requests"), ", use --max-log-requests to increase the limit"));
    for (const auto& stream : streams) {
        auto answer = run.server.answer(stream.request);
        if (answer.ok())
            run.out(with_prefix(answer.value().as_string(), stream.prefix));
        else if (run.flags.is("ignore-errors"))
            run.out(cat("error: ", answer.refusal().text, "\n"));
        else
            return run.fail(answer.refusal());
    }
    if (following)
        follow(run, std::move(streams));
}

}  // namespace kubewalk::kubectl::command
