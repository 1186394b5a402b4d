// Upstream: k8s.io/kubectl/pkg/explain/v2/templates/plaintext.tmpl.

#include <algorithm>

#include "core/api/custom_kinds.h"
#include "core/api/schema.h"
#include "core/api/type_text.h"
#include "core/base/text.h"
#include "core/kubectl/custom_kinds.h"
#include "core/kubectl/resource_args.h"
#include "core/kubectl/schema_types.h"

namespace kubewalk::kubectl::command {

namespace {

// As github.com/mitchellh/go-wordwrap breaks lines: blanks inside a line stay as they are, those at a break go. `text` is one line.
std::string wrapped(std::string_view text, std::size_t width) {
    std::string out;
    std::size_t column = 0;
    while (!text.empty()) {
        const std::size_t blanks = std::min(text.find_first_not_of(' '), text.size());
        const std::size_t word = std::min(text.find(' ', blanks), text.size()) - blanks;
        const bool fits = column + blanks + word <= width || column + blanks < 2;
        if (fits)
            out.append(text, 0, blanks + word);
        else if (word > 0)
            append(out, "\n", text.substr(blanks, word));
        column = fits ? column + blanks + word : word;
        text.remove_prefix(blanks + word);
    }
    return out;
}

std::string indented(std::string_view text, std::size_t columns) {
    const std::string blanks(columns, ' ');
    return cat(blanks, replace_all(text, "\n", cat("\n", blanks)));
}

class Explainer {
public:
    Explainer(Run& run, const SchemaTypes& own) : run_(run), own_(own) {}

    void description(std::string_view field_text, const api::Type* type) {
        // The text of the field, then that of its type; each ends its line, and so a line of blanks follows them.
        std::string text;
        for (const std::string_view one : {field_text, type ? of(type->name, "") : std::string_view()})
            if (!one.empty())
                append(text, wrapped(one, 76), "\n");
        run_.out(cat("DESCRIPTION:\n", indented(text.empty() ? "<empty>" : text, 4), "\n"));
    }

    void enum_of(const api::Field& field) {
        if (!field.enum_values.empty())
            run_.out("ENUM:");
        for (const auto& value : sorted_enum(field))
            run_.out(cat("\n    ", value));
    }

    void field_list(const api::Type& type, int level, bool recursive, std::vector<const api::Type*>& inside) {
        const std::string indent(static_cast<std::size_t>(2 * level), ' ');
        for (const auto& field : type.fields) {
            run_.out(cat(indent, field.name, "\t<", api::type_text(field.ref), ">", field.required ? " -required-" : "",
                         enum_line(field, indent), "\n"));
            const auto* inner = api::inner_type(field.ref);
            if (!recursive) {
                const auto text = of_field(type, field);
                const auto lines = wrapped(text.empty() ? std::string_view("<no description>") : text, 78 - indent.size());
                run_.out(cat(indented(lines, indent.size() + 2), "\n\n"));
                continue;
            }
            if (!inner || std::find(inside.begin(), inside.end(), inner) != inside.end())
                continue;
            inside.push_back(inner);
            field_list(*inner, level + 1, true, inside);
            inside.pop_back();
        }
    }

    std::string_view of(std::string_view type, std::string_view field) const {
        const auto& documentation = run_.environment.documentation;
        if (const auto text = own_.text_of(type, field); !text.empty())
            return text;
        if (type.find('/') != std::string_view::npos)  // one of those: what all kinds have is said of Pods
            type = field == "apiVersion" || field == "kind" ? std::string_view("V1Pod") : std::string_view();
        return documentation ? documentation(type, field) : std::string_view();
    }

private:
    // The generated client has no text for a field that holds an object of its own type: the type's stands for it.
    std::string_view of_field(const api::Type& type, const api::Field& field) const {
        const auto own = of(type.name, field.name);
        const auto* inner = api::inner_type(field.ref);
        return own.empty() && inner ? of(inner->name, "") : own;
    }

    static std::vector<std::string> sorted_enum(const api::Field& field) {
        std::vector<std::string> values;
        for (const auto value : field.enum_values)
            values.push_back(value.empty() ? std::string("\"\"") : std::string(value));
        std::sort(values.begin(), values.end());
        return values;
    }

    static std::string enum_line(const api::Field& field, std::string_view indent) {
        constexpr std::size_t shown = 4;
        auto values = sorted_enum(field);
        if (values.empty())
            return {};
        const bool more = values.size() > shown;
        values.resize(std::min(values.size(), shown));
        return cat("\n", indent, "enum: ", join(values, ", "), more ? ", ...." : "");
    }

    Run& run_;
    const SchemaTypes& own_;
};

// The type of a kind that only the server knows, of the schema that it publishes.
const api::Type* published_type(Run& run, const api::Kind& kind, SchemaTypes& types) {
    const auto published = run.server.quiet().answer(run.server.request(client::Method::get, cat("/openapi/v3/apis/", kind.api_version())));
    if (!published.ok())
        return nullptr;
    for (const auto& [name, schema] : published.value()["components"]["schemas"].members())
        if (schema["x-kubernetes-group-version-kind"][0]["kind"].as_string() == kind.kind)
            return types.add(cat(kind.api_version(), ".", kind.kind), schema, run.environment.schema);
    return nullptr;
}

// "jobs.batch.spec.suspend" -> jobs.batch and [spec, suspend]; a group may stand behind the plural name only.
struct Path {
    std::string_view resource;
    std::vector<std::string_view> fields;
};
Path split_path(Server& server, std::string_view argument) {
    std::vector<const api::Kind*> kinds;
    for (const auto& kind : api::kinds())
        kinds.push_back(&kind);
    if (!api::find_by_any_name(argument.substr(0, argument.find('.'))))
        for (const auto* kind : custom_kinds(server))
            kinds.push_back(kind);
    for (const auto* kind : kinds) {
        const std::string whole = cat(kind->resource, ".", kind->group);
        if (kind->group.empty() || !argument.starts_with(whole))
            continue;
        const auto rest = argument.substr(whole.size());
        if (rest.empty())
            return {argument, {}};
        if (rest.front() == '.')
            return {argument.substr(0, whole.size()), split(rest.substr(1), '.')};
    }
    auto pieces = split(argument, '.');
    const auto resource = pieces.front();
    pieces.erase(pieces.begin());
    return {resource, std::move(pieces)};
}

}  // namespace

void explain_flags(FlagSet& set) {
    set.boolean("recursive", "All fields below, without their texts", 'R')
        .text("api-version", "Accepted; each kind has one version here")
        .text("output", "Accepted: plaintext", 'o', "plaintext");
}

void explain(Run& run) {
    if (run.args().empty())
        return run.fail(
            "You must specify the type of resource to explain. Use \"kubectl api-resources\" for a complete list of supported "
            "resources.");
    if (run.args().size() > 1)
        return run.fail("We accept only this format: explain RESOURCE");
    const auto path = split_path(run.server, run.args()[0]);
    const api::Kind* kind = kind_called(run.server, path.resource);
    if (!kind) {
        // Alone among kubectl's refusals this one has no "error: " before it (meta.NoResourceMatchError).
        run.err(cat("the server doesn't have a resource type ", quoted(path.resource), "\n"));
        run.started.output.exit = 1;
        return;
    }
    if (const auto version = run.flags.text("api-version"); !version.empty() && version != kind->api_version()) {
        const auto slash = version.find('/');
        const auto group = slash == std::string_view::npos ? std::string_view() : std::string_view(version).substr(0, slash);
        const auto resource = kind->resource;
        const auto* asked = kind;
        kind = api::find_resource(group, std::string_view(version).substr(slash + 1), resource);
        if (api::is_custom(*asked))
            for (const auto* other : custom_kinds(run.server))
                if (other->resource == resource && other->api_version() == version)
                    kind = other;
        if (!kind)
            return run.fail(cat("couldn't find resource for ", quoted(cat(version, ", Resource=", resource))));
    }
    if (const auto format = run.flags.text("output"); format != "plaintext" && format != "plaintext-openapiv2")
        return run.fail(cat("unrecognized format: ", format));
    SchemaTypes own;
    const api::Type* type = api::is_custom(*kind) ? published_type(run, *kind, own) : run.environment.schema.find(kind->schema);
    if (!type)
        return run.fail(cat("GVR (", kind->api_version(), ", Resource=", kind->resource, ") not found in OpenAPI schema"));
    if (!kind->group.empty())
        run.out(cat("GROUP:      ", kind->group, "\n"));
    run.out(cat("KIND:       ", kind->kind, "\nVERSION:    ", kind->version, "\n\n"));
    Explainer explainer(run, own);
    std::string_view text;
    const api::Field* field = nullptr;
    for (const auto name : path.fields) {
        field = type ? type->find(name) : nullptr;
        if (!field)
            return run.fail(cat("field ", quoted(path.fields.back()), " does not exist"));
        text = explainer.of(type->name, name);
        type = api::inner_type(field->ref);
    }
    if (field) {
        run.out(cat("FIELD: ", field->name, " <", api::type_text(field->ref), ">\n"));
        explainer.enum_of(*field);
        run.out("\n\n");
    }
    explainer.description(text, type);
    if (type) {
        run.out("FIELDS:\n");
        std::vector<const api::Type*> inside{type};
        explainer.field_list(*type, 1, run.flags.is("recursive"), inside);
    }
    run.out("\n");
}

}  // namespace kubewalk::kubectl::command
