#include "core/kubectl/resource_args.h"

#include <algorithm>

#include "core/api/conversion.h"
#include "core/base/text.h"
#include "core/kubectl/custom_kinds.h"

namespace kubewalk::kubectl {

using api::Kind;
using api::Value;

namespace {

constexpr std::string_view nothing_given =
    "You must provide one or more resources by argument or filename.\n"
    "Example resource specifications include:\n"
    "   '-f rsrc.yaml'\n"
    "   '--filename=rsrc.json'\n"
    "   '<resource> <name>'\n"
    "   '<resource>'";

constexpr std::string_view mixed_forms =
    "there is no need to specify a resource type as a separate argument when passing arguments in resource/name form "
    "(e.g. 'kubectl get resource/<resource_name>' instead of 'kubectl get resource resource/<resource_name>'";

struct Wanted {
    std::vector<const Kind*> kinds;   // lists of these, or `names` in each
    std::vector<std::string> names;
    std::vector<Target> pairs;        // TYPE/NAME
};

// Of several versions of a resource the first is the preferred one.
bool is_preferred(const Kind& kind, const std::vector<const Kind*>& before) {
    return std::none_of(before.begin(), before.end(), [&](const Kind* one) { return one->group == kind.group && one->resource == kind.resource; });
}

// One TYPE[,TYPE...] word: `all` stands for the kinds of that category.
Answer<Done> add_types(Server& server, std::string_view word, Wanted& wanted) {
    for (const auto type : split(word, ',')) {
        if (type.empty())
            continue;
        if (to_lower(type) == "all") {
            for (const auto& kind : api::kinds())
                for (const auto category : split(kind.categories, ','))
                    if (category == "all" && api::is_stored_form(kind))
                        wanted.kinds.push_back(&kind);
            for (const auto* kind : custom_kinds(server))
                for (const auto category : split(kind->categories, ','))
                    if (category == "all" && is_preferred(*kind, wanted.kinds))
                        wanted.kinds.push_back(kind);
            continue;
        }
        auto kind = kind_named(type, &server);
        if (!kind.ok())
            return kind.refusal();
        wanted.kinds.push_back(kind.value());
    }
    return Done{};
}

Answer<Wanted> parse_args(Server& server, const std::vector<std::string>& args, std::string_view default_type) {
    Wanted wanted;
    const auto has_slash = [](const std::string& arg) { return arg.find('/') != std::string::npos; };
    const auto with_slash = std::count_if(args.begin(), args.end(), has_slash);
    if (with_slash > 0) {
        if (static_cast<std::size_t>(with_slash) != args.size() && default_type.empty())
            return Refusal::plain(std::string(mixed_forms));
        for (const auto& arg : args) {
            auto target = parse_target(arg, default_type, &server);
            if (!target.ok())
                return target.refusal();
            wanted.pairs.push_back(target.take());
        }
        return wanted;
    }
    if (args.empty())
        return wanted;
    if (auto added = add_types(server, args[0], wanted); !added.ok())
        return added.refusal();
    wanted.names.assign(args.begin() + 1, args.end());
    return wanted;
}

// What was looked for, before what the server said. Upstream: k8s.io/cli-runtime/pkg/resource/selector.go.
Refusal explained(Refusal refusal, const Kind& kind, std::string_view selector, std::string_view field_selector) {
    if (!refusal.is("BadRequest") && !refusal.is("NotFound"))
        return refusal;
    const auto resource = quoted(cat(kind.group, "/", kind.version, ", Resource=", kind.resource));
    const auto before = selector.empty() && field_selector.empty()
                            ? cat("Unable to list ", resource)
                            : cat("Unable to find ", resource, " that match label selector ", quoted(selector), ", field selector ", quoted(field_selector));
    refusal.text = cat(before, ": ", refusal.text);
    if (refusal.status.is_object())
        refusal.status.set("message", refusal.text);
    return refusal;
}

class Finder {
public:
    Finder(Run& run, const Asked& asked) : run_(run), asked_(asked) {}

    Found take() { return std::move(found_); }

    void list(const Kind& kind, std::string_view selector, std::string_view field_selector) {
        auto request = run_.server.request(client::Method::get, api::collection_path(kind, namespace_for(kind)));
        if (!selector.empty())
            request.query["labelSelector"] = selector;
        if (!field_selector.empty())
            request.query["fieldSelector"] = field_selector;
        // What a single name is for the server's printer (`kubectl get` with one name is no list).
        auto answer = send_in_chunks(std::move(request));
        if (!answer.ok())
            return refuse(explained(answer.refusal(), kind, selector, field_selector));
        if (!asked_.flatten || !answer.value()["items"].is_array()) {
            found_.infos.push_back({&kind, std::string(namespace_for(kind)), {}, {}, 0, answer.take()});
            return;
        }
        for (const auto& item : answer.value()["items"].items())
            add(kind, item, {});
    }

    void get(const Kind& kind, std::string_view namespace_name, std::string_view name, std::string_view source = {}) {
        if (!asked_.require_object) {
            found_.infos.push_back({&kind, std::string(kind.namespaced() ? namespace_name : std::string_view()),
                                    std::string(name), std::string(source), 0, {}});
            return;
        }
        auto path = api::object_path(kind, namespace_name, name);
        if (run_.command.path == "get" && run_.flags.has("subresource"))
            append(path, "/", run_.flags.text("subresource"));
        auto answer = send(run_.server.request(client::Method::get, std::move(path)));
        if (!answer.ok())
            return refuse(answer.refusal());
        found_.infos.push_back({&kind, std::string(kind.namespaced() ? namespace_name : std::string_view()),
                                std::string(name), std::string(source), 0, answer.take()});
    }

    void refuse(const Refusal& refusal) {
        if (refusal.is("NotFound") && run_.flags.is("ignore-not-found"))
            return;
        // Nobody answers: saying so once is enough.
        if (refusal.origin == Refusal::Origin::connection && !found_.refusals.empty())
            return;
        found_.refusals.push_back(refusal);
    }

private:
    std::string_view namespace_for(const Kind& kind) const {
        return kind.namespaced() ? run_.namespace_or_all() : std::string_view();
    }

    Answer<Value> send(client::Request request) {
        if (!asked_.accept.empty())
            request.headers["Accept"] = asked_.accept;
        if (!asked_.include_object.empty())
            request.query["includeObject"] = asked_.include_object;
        return run_.server.answer(std::move(request));
    }

    // resource.FollowContinue: a list that comes in pieces is put together again.
    Answer<Value> send_in_chunks(client::Request request) {
        const auto size = run_.flags.integer("chunk-size");
        if (size > 0)
            request.query["limit"] = cat(size);
        auto whole = send(request);
        while (whole.ok() && !whole.value()["metadata"]["continue"].is_null()) {
            request.query["continue"] = whole.value()["metadata"]["continue"].str();
            auto more = send(request);
            if (!more.ok())
                return more;
            Value joined = more.take();
            for (std::string_view field : {"items", "rows"})
                if (joined[field].is_array()) {
                    Value all = whole.value()[field];
                    for (const auto& one : joined[field].items())
                        all.push_back(one);
                    joined.set(field, std::move(all));
                }
            whole = std::move(joined);
        }
        return whole;
    }

    void add(const Kind& kind, const Value& object, std::string_view source) {
        found_.infos.push_back({&kind, std::string(api::namespace_of(object)), std::string(api::name_of(object)),
                                std::string(source), 0, object});
    }

    Run& run_;
    const Asked& asked_;
    Found found_;
};

Found refused(std::string text) {
    Found found;
    found.refusals.push_back(Refusal::plain(std::move(text)));
    return found;
}

Found from_files(Run& run, const Asked& asked) {
    Found written = read_manifests(run);
    if (asked.files == Files::as_written)
        return written;
    Finder finder(run, asked);
    for (const auto& info : written.infos)
        finder.get(*info.kind, info.namespace_name, info.name, info.source);
    Found found = finder.take();
    found.refusals.insert(found.refusals.begin(), written.refusals.begin(), written.refusals.end());
    found.single_item = written.infos.size() == 1;
    return found;
}

}  // namespace

std::string kind_prefix(const Kind& kind) {
    return kind.group.empty() ? to_lower(kind.kind) : cat(to_lower(kind.kind), ".", kind.group);
}

std::string Info::slash_name() const { return cat(kind_prefix(*kind), "/", name); }

Answer<const Kind*> kind_named(std::string_view word, Server* server) {
    if (const auto* kind = server ? kind_called(*server, word) : api::find_by_any_name(word))
        return kind;
    return Refusal::plain(cat("the server doesn't have a resource type ", quoted(word)));
}

Answer<Target> parse_target(std::string_view word, std::string_view default_type, Server* server) {
    const auto slash = word.find('/');
    if (slash == std::string_view::npos) {
        auto kind = kind_named(default_type, server);
        if (!kind.ok())
            return kind.refusal();
        return Target{kind.value(), std::string(word)};
    }
    const auto type = word.substr(0, slash);
    const auto name = word.substr(slash + 1);
    if (name.find('/') != std::string_view::npos)
        return Refusal::plain("arguments in resource/name form may not have more than one slash");
    if (type.empty() || name.empty())
        return Refusal::plain("arguments in resource/name form must have a single resource and name");
    auto kind = kind_named(type, server);
    if (!kind.ok())
        return kind.refusal();
    return Target{kind.value(), std::string(name)};
}

Found find_resources(Run& run, const std::vector<std::string>& args, const Asked& asked) {
    const auto selector = run.flags.text("selector");
    const auto field_selector = run.flags.text("field-selector");
    const bool all = run.flags.is("all");
    if (all && !selector.empty())
        return refused("setting 'all' parameter but found a non empty selector. ");
    if (run.flags.has("kustomize"))
        return refused("kustomize is not part of this kubectl");
    if (run.flags.has("filename")) {
        if (!args.empty())
            return refused("when paths, URLs, or stdin is provided as input, you may not specify resource arguments as well");
        return from_files(run, asked);
    }
    if (args.empty())
        return refused(std::string(nothing_given));
    std::vector<std::string> words = args;
    if (!asked.default_type.empty() && words.size() == 1 && words[0].find('/') == std::string::npos)
        words.insert(words.begin(), std::string(asked.default_type));
    auto wanted = parse_args(run.server, words, {});
    if (!wanted.ok()) {
        Found found;
        found.refusals.push_back(wanted.refusal());
        return found;
    }
    const auto& [kinds, names, pairs] = wanted.value();
    Finder finder(run, asked);
    const bool by_name = !names.empty() || !pairs.empty();
    if (by_name) {
        if (all || !selector.empty())
            return refused("name cannot be provided when a selector is specified");
        if (!field_selector.empty())
            return refused("name cannot be provided when a field selector is specified");
        if (run.flags.is("all-namespaces"))
            return refused("a resource cannot be retrieved by name across all namespaces");
        for (const auto& pair : pairs)
            finder.get(*pair.kind, run.namespace_name(), pair.name);
        for (const auto* kind : kinds)
            for (const auto& name : names)
                finder.get(*kind, run.namespace_name(), name);
        Found found = finder.take();
        found.single_item = pairs.size() + kinds.size() * names.size() == 1;
        return found;
    }
    if (selector.empty() && field_selector.empty() && !all && asked.empty_selector == EmptySelector::refused)
        return refused("resource(s) were provided, but no name was specified");
    for (const auto* kind : kinds)
        finder.list(*kind, selector, field_selector);
    return finder.take();
}

}  // namespace kubewalk::kubectl
