// -f FILE, -f FOLDER, -f -. Upstream: k8s.io/cli-runtime/pkg/resource/visitor.go, mapper.go.

#include "core/api/json.h"
#include "core/api/yaml.h"
#include "core/base/text.h"
#include "core/kubectl/custom_kinds.h"
#include "core/kubectl/resource_args.h"
#include "core/yaml/yaml.h"

namespace kubewalk::kubectl {

using api::Value;

namespace {

constexpr std::string_view stop_validating =
    "if you choose to ignore these errors, turn validation off with --validate=false";

class ManifestReader {
public:
    ManifestReader(std::string_view source, const ManifestOptions& options, Found& found)
        : source_(source), options_(options), found_(found) {}

    void read(std::string_view text) {
        int number = 0;
        for (const auto& piece : yaml::split_documents(text))
            read_piece(text, piece, number++);
    }

private:
    void refuse(int document, std::string message) {
        found_.refusals.push_back(Refusal::plain(std::move(message)));
        // Which document it was travels in `field`, for apply_documents.
        found_.infos.push_back({nullptr, {}, {}, source_, document, {}});
    }

    void read_piece(std::string_view text, const yaml::Piece& piece, int number) {
        auto document = yaml::parse_document(text, piece);
        auto value = document.ok() ? api::to_value(document.value().root) : Result<Value>(document.error());
        if (!value.ok())
            return refuse(number, cat("error parsing ", source_, ": error converting YAML to JSON: ", value.error().message));
        if (value.value().is_null())
            return;
        object(number, value.value());
    }

    void object(int number, const Value& value) {
        const auto api_version = value["apiVersion"].as_string();
        const auto kind_name = value["kind"].as_string();
        if (!value.is_object() || (kind_name.empty() && !options_.refuse_untyped))
            return refuse(number, cat("unable to decode ", quoted(source_), ": Object 'Kind' is missing in '",
                                      api::to_json(value), "'"));
        if (options_.refuse_untyped && (api_version.empty() || kind_name.empty())) {
            const std::string_view what = api_version.empty() && kind_name.empty() ? "[apiVersion not set, kind not set]"
                                          : api_version.empty()                    ? "apiVersion not set"
                                                                                   : "kind not set";
            return refuse(number, cat("error validating ", quoted(source_), ": error validating data: ", what, "; ",
                                      stop_validating));
        }
        if (value["items"].is_array() && kind_name.ends_with("List")) {
            for (const auto& item : value["items"].items())
                object(number, item);
            return;
        }
        const auto* kind = options_.server ? kind_of_object(*options_.server, api_version, kind_name) : api::find_kind(api_version, kind_name);
        if (!kind)
            return refuse(number, cat("resource mapping not found for name: ", quoted(api::name_of(value)), " namespace: ",
                                      quoted(api::namespace_of(value)), " from ", quoted(source_),
                                      ": no matches for kind ", quoted(kind_name), " in version ", quoted(api_version),
                                      "\nensure CRDs are installed first"));
        Info info{kind, {}, std::string(api::name_of(value)), source_, number, value};
        if (kind->namespaced() && !place(number, info))
            return;
        if (info.name.empty() && value["metadata"]["generateName"].is_null())
            return refuse(number, cat("error when retrieving current configuration of:\nResource: ", quoted(described(*kind)),
                                      ", GroupVersionKind: ", quoted(cat(kind->api_version(), ", Kind=", kind->kind)),
                                      "\nName: \"\", Namespace: ", quoted(info.namespace_name), "\nfrom server for: ",
                                      quoted(source_), ": resource name may not be empty"));
        found_.infos.push_back(std::move(info));
    }

    static std::string described(const api::Kind& kind) { return cat(kind.api_version(), ", Resource=", kind.resource); }

    bool place(int number, Info& info) {
        const auto own = api::namespace_of(info.object);
        if (own.empty()) {
            info.namespace_name = options_.namespace_name;
            info.object.edit("metadata").set("namespace", options_.namespace_name);
            return true;
        }
        if (options_.enforce_namespace && own != options_.namespace_name) {
            refuse(number, cat("the namespace from the provided object ", quoted(own), " does not match the namespace ",
                               quoted(options_.namespace_name), ". You must pass '--namespace=", own,
                               "' to perform this operation."));
            return false;
        }
        info.namespace_name = own;
        return true;
    }

    std::string source_;
    const ManifestOptions& options_;
    Found& found_;
};

bool is_manifest(std::string_view path) {
    return path.ends_with(".yaml") || path.ends_with(".yml") || path.ends_with(".json");
}

void read_path(Run& run, const std::string& path, const ManifestOptions& options, Found& found) {
    const auto& environment = run.environment;
    if (path == "-")
        return ManifestReader("STDIN", options, found).read(run.input);
    if (path.starts_with("http://") || path.starts_with("https://")) {
        found.refusals.push_back(Refusal::plain(cat("unable to read URL ", quoted(path), ": there is no way to the internet from here")));
        return;
    }
    if (environment.list_folder) {
        if (const auto folder = environment.list_folder(path); folder.ok()) {
            bool any = false;
            for (const auto& name : folder.value()) {
                const auto inner = cat(path, path.ends_with('/') ? "" : "/", name);
                const bool is_folder = environment.list_folder(inner).ok();
                if (is_folder ? run.flags.is("recursive") : is_manifest(name)) {
                    any = true;
                    read_path(run, inner, options, found);
                }
            }
            if (!any)
                found.refusals.push_back(Refusal::plain(cat("error reading [", path, "]: recognized file extensions are [.json .yaml .yml]")));
            return;
        }
    }
    const auto text = environment.read_file ? environment.read_file(path)
                                            : Result<std::string>(Error{"NotFound", {}, {}, 0, 0});
    if (!text.ok()) {
        found.refusals.push_back(Refusal::plain(cat("the path ", quoted(path), " does not exist")));
        return;
    }
    ManifestReader(path, options, found).read(text.value());
}

}  // namespace

Found parse_manifest(std::string_view text, std::string_view source, const ManifestOptions& options) {
    Found found;
    ManifestReader(source, options, found).read(text);
    return found;
}

Found read_manifests(Run& run) {
    ManifestOptions options;
    options.namespace_name = run.namespace_name();
    options.enforce_namespace = run.namespace_given();
    options.server = &run.server;
    const auto validate = run.flags.text("validate");
    options.refuse_untyped = validate != "false" && validate != "ignore";
    Found found;
    for (const auto& path : run.flags.list("filename"))
        read_path(run, path, options, found);
    std::erase_if(found.infos, [](const Info& info) { return info.kind == nullptr; });
    if (found.infos.empty() && found.refusals.empty())
        found.refusals.push_back(Refusal::plain(cat("no objects passed to ", run.command.path)));
    return found;
}

}  // namespace kubewalk::kubectl
