#include "core/cluster/manifest.h"

#include <algorithm>
#include <set>

#include "core/api/decode.h"
#include "core/api/patch.h"
#include "core/api/rules.h"
#include "core/api/yaml.h"
#include "core/base/text.h"
#include "core/cluster/cluster.h"
#include "core/yaml/yaml.h"

namespace kubewalk::cluster {

namespace {

using api::Value;

using Nature = ManifestProblem::Nature;

void add_problem(ApplyResult& result, int document, Error error, Nature nature = Nature::wrong) {
    result.problems.push_back({std::move(error), document, nature});
}

// The line of a field, for errors that only know its path.
Error at_field(const yaml::Node& root, std::string reason, std::string message, std::string field) {
    const auto position = api::locate(root, field);
    return Error{std::move(reason), std::move(message), std::move(field), position.line, position.column};
}

// Whether the text has the field itself: one that is not there is told where what holds it begins.
bool stands_in(const yaml::Node& root, std::string_view field) {
    const auto step = field.find_last_of(".[");
    if (step == std::string_view::npos)
        return root.find(field) != nullptr;
    const auto own = api::locate(root, field), around = api::locate(root, field.substr(0, step));
    return own.line != around.line || own.column != around.column;
}

void check_rules(const Cluster& cluster, const api::Kind& kind, Value object, const yaml::Node& root, int document,
                 ApplyResult& result) {
    const api::Rules* rules = api::find_rules(kind);
    if (!rules)
        return;
    if (kind.namespaced() && api::namespace_of(object).empty())
        object.edit("metadata").set("namespace", "default");
    const Value live = cluster.peek(kind, api::namespace_of(object), api::name_of(object));
    if (rules->defaults)
        rules->defaults(object);
    api::FieldErrors errors;
    if (live.is_null()) {
        if (rules->prepare_for_create)
            rules->prepare_for_create(object);
        if (rules->validate)
            rules->validate(object, errors);
    } else {
        // What apply would send: the learner's fields over the live object.
        auto merged = api::apply_strategic_merge_patch(cluster.schema(), kind.schema, live, object);
        if (!merged.ok())
            return add_problem(result, document, merged.error());
        Value updated = merged.take();
        if (rules->prepare_for_update)
            rules->prepare_for_update(updated, live);
        if (rules->validate_update)
            rules->validate_update(updated, live, errors);
    }
    const bool unfinished = std::any_of(errors.begin(), errors.end(), [](const auto& error) { return error.type == api::ErrorType::required; });
    for (const auto& error : errors) {
        const bool required = error.type == api::ErrorType::required;
        const bool follows = unfinished && !required && !stands_in(root, error.field);
        add_problem(result, document, at_field(root, std::string(error.reason()), error.message(), error.field),
                    required ? Nature::missing : follows ? Nature::follows : Nature::wrong);
    }
    if (rules->warnings)
        rules->warnings(object, result.warnings);
}

void check_document(const Cluster& cluster, const yaml::Document& document, int number, ApplyResult& result) {
    const yaml::Node& root = document.root;
    if (root.kind != yaml::Kind::mapping) {
        const auto value = api::to_value(root);
        return add_problem(result, number,
                           Error{"BadRequest", "a manifest is a mapping with apiVersion, kind and metadata", {}, root.start.line,
                                 root.start.column});
    }
    const auto* api_version = root.find("apiVersion");
    const auto* kind_node = root.find("kind");
    if (!kind_node || kind_node->text.empty())
        return add_problem(result, number, Error{"BadRequest", "Object 'Kind' is missing", "kind", root.start.line, 1}, Nature::missing);
    if (!api_version || api_version->text.empty())
        return add_problem(result, number, Error{"BadRequest", "apiVersion not set", "apiVersion", root.start.line, 1}, Nature::missing);
    const api::Kind* kind = api::find_kind(api_version->text, kind_node->text);
    if (!kind)
        kind = cluster.api().custom_kind(api_version->text, kind_node->text);
    if (!kind) {
        const auto* metadata = root.find("metadata");
        const auto* name = metadata ? metadata->find("name") : nullptr;
        return add_problem(
            result, number,
            Error{"NotFound",
                  cat("resource mapping not found for name: \"", name ? name->text : "", "\" namespace: \"\": no matches for kind ",
                      quoted(kind_node->text), " in version ", quoted(api_version->text), "\nensure CRDs are installed first"),
                  "kind", kind_node->start.line, kind_node->start.column});
    }
    auto decoded = api::decode(cluster.schema(), kind->schema, root);
    if (!decoded.ok()) {
        Error error = decoded.error();
        error.message = api::cannot_be_handled(*kind, error);
        return add_problem(result, number, std::move(error));
    }
    for (const auto& problem : decoded.value().strict)
        add_problem(result, number, problem);
    check_rules(cluster, *kind, decoded.value().object, root, number, result);
}

struct Parsed {
    std::vector<yaml::Document> documents;
    bool ok = true;
};

Parsed parse_all(std::string_view manifest, ApplyResult& result) {
    Parsed parsed;
    int number = 0;
    for (const auto& piece : yaml::split_documents(manifest)) {
        auto document = yaml::parse_document(manifest, piece);
        if (document.ok()) {
            parsed.documents.push_back(document.take());
        } else {
            add_problem(result, number, document.error());
            parsed.ok = false;
        }
        ++number;
    }
    return parsed;
}

bool defines_namespace(const std::vector<yaml::Document>& documents, std::string_view name) {
    return std::any_of(documents.begin(), documents.end(), [name](const yaml::Document& document) {
        const auto* kind = document.root.find("kind");
        const auto* metadata = document.root.find("metadata");
        const auto* own = metadata ? metadata->find("name") : nullptr;
        return kind && own && kind->text == "Namespace" && own->text == name;
    });
}

// kubectl names the file in front of what the server said; here there is none.
std::string without_source(std::string_view message) {
    constexpr std::string_view source = "\"STDIN\": ";
    const auto at = message.starts_with("error when") ? message.find(source) : std::string_view::npos;
    return std::string(at == std::string_view::npos ? message : message.substr(at + source.size()));
}

}  // namespace

ManifestCheck::ManifestCheck(std::string manifest) : manifest_(std::move(manifest)), pieces_(yaml::split_documents(manifest_)) {}

bool ManifestCheck::step(const Cluster& cluster) {
    const std::size_t count = pieces_.size();
    if (at_ < count)
        read(cluster, static_cast<int>(at_));
    else if (at_ < 2 * count && documents_.size() == count)
        try_admission(cluster, static_cast<int>(at_ - count));
    else
        return false;
    ++at_;
    return true;
}

ApplyResult ManifestCheck::take() {
    result_.ok = result_.problems.empty();
    return std::move(result_);
}

void ManifestCheck::read(const Cluster& cluster, int document) {
    auto parsed = yaml::parse_document(manifest_, pieces_[static_cast<std::size_t>(document)]);
    if (!parsed.ok())
        return add_problem(result_, document, parsed.error());
    documents_.push_back(parsed.take());
    check_document(cluster, documents_.back(), document, result_);
}

// What only the API server can say (quotas, Pod security, limits, classes): a dry run of what is right so far.
// Its other answers repeat what was said already, at better places.
void ManifestCheck::try_admission(const Cluster& cluster, int document) {
    if (std::any_of(result_.problems.begin(), result_.problems.end(), [&](const ManifestProblem& problem) { return problem.document == document; }))
        return;
    const yaml::Piece& piece = pieces_[static_cast<std::size_t>(document)];
    const auto text = std::string_view(manifest_).substr(piece.begin, piece.end - piece.begin);
    for (const auto& tried : kubectl::apply_documents(cluster.quiet_kubectl_environment(), text, kubectl::Trial::yes)) {
        for (const auto& warning : tried.warnings)
            if (std::find(result_.warnings.begin(), result_.warnings.end(), warning) == result_.warnings.end())
                result_.warnings.push_back(warning);
        if (tried.status.is_null())
            continue;  // accepted, or nobody answered: that is no mistake of the text
        const auto& details = tried.status["details"];
        // An earlier document of the same text makes the namespace.
        if (details["kind"].as_string() == "namespaces" && defines_namespace(documents_, details["name"].as_string()))
            continue;
        const yaml::Node& root = documents_[static_cast<std::size_t>(document)].root;
        const auto causes = details["causes"].items();
        const std::string field = causes.empty() ? std::string() : causes[0]["field"].str();
        add_problem(result_, document, at_field(root, tried.status["reason"].str(), without_source(tried.status["message"].as_string()), field));
    }
}

ApplyResult check_manifest(const Cluster& cluster, std::string_view manifest) {
    ManifestCheck check{std::string(manifest)};
    while (check.step(cluster)) {
    }
    return check.take();
}

ApplyResult apply_manifest(Cluster& cluster, std::string_view manifest) {
    ApplyResult result;
    const Parsed parsed = parse_all(manifest, result);
    if (!parsed.ok)
        return result;
    for (auto& applied : kubectl::apply_documents(cluster.kubectl_environment(), manifest)) {
        for (auto& warning : applied.warnings)
            result.warnings.push_back(std::move(warning));
        if (applied.error.empty()) {
            result.lines.push_back(std::move(applied.line));
            continue;
        }
        const auto index = static_cast<std::size_t>(applied.document);
        const yaml::Node empty;
        const yaml::Node& root = index < parsed.documents.size() ? parsed.documents[index].root : empty;
        const auto causes = applied.status["details"]["causes"].items();
        if (causes.empty())
            add_problem(result, applied.document, Error{applied.status["reason"].str("BadRequest"), applied.error, {}, root.start.line, 1});
        for (const auto& cause : causes)
            add_problem(result, applied.document,
                        at_field(root, cause["reason"].str(),
                                 cause["field"].as_string().empty() ? cause["message"].str()
                                                                    : cat(cause["field"].as_string(), ": ", cause["message"].as_string()),
                                 cause["field"].str()));
    }
    // Misspelt fields are known with their places: say those instead of kubectl's one sentence.
    if (!result.problems.empty()) {
        const ApplyResult checked = check_manifest(cluster, manifest);
        for (const auto& problem : checked.problems)
            if (problem.error.reason == "BadRequest" || problem.error.message.starts_with("unknown field"))
                result.problems.push_back(problem);
    }
    result.ok = result.problems.empty();
    return result;
}

}  // namespace kubewalk::cluster
