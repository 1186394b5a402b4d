// Upstream: k8s.io/kubectl/pkg/explain/v2/templates/plaintext.tmpl.

#include <algorithm>

#include "core/api/schema.h"
#include "core/api/type_text.h"
#include "core/base/text.h"
#include "core/kubectl/resource_args.h"

namespace kubewalk::kubectl::command {

namespace {

std::string wrapped(std::string_view text, std::string_view indent) {
    constexpr std::size_t width = 76;
    std::string out;
    for (const auto paragraph : split(text, '\n')) {
        std::string line;
        for (const auto word : fields(paragraph)) {
            if (!line.empty() && line.size() + 1 + word.size() > width) {
                append(out, indent, line, "\n");
                line.clear();
            }
            append(line, line.empty() ? "" : " ", word);
        }
        append(out, line.empty() ? "" : indent, line, "\n");
    }
    return out;
}

class Explainer {
public:
    explicit Explainer(Run& run) : run_(run) {}

    std::string description(std::string_view type, std::string_view field, std::string_view indent) const {
        const auto& documentation = run_.environment.documentation;
        const std::string_view text = documentation ? documentation(type, field) : std::string_view();
        return wrapped(text.empty() ? std::string_view("<empty>") : text, indent);
    }

    void field_list(const api::Type& type, int level, bool recursive, std::vector<const api::Type*>& inside) {
        const std::string indent(static_cast<std::size_t>(2 * level), ' ');
        for (const auto& field : type.fields) {
            run_.out(cat(indent, field.name, "\t<", api::type_text(field.ref), ">", field.required ? " -required-" : "", "\n"));
            if (!field.enum_values.empty())
                enum_line(field, recursive ? indent : indent);
            if (!recursive) {
                run_.out(cat(description(type.name, field.name, indent + "  "), "\n"));
                continue;
            }
            const auto* inner = api::inner_type(field.ref);
            if (!inner || std::find(inside.begin(), inside.end(), inner) != inside.end())
                continue;
            inside.push_back(inner);
            field_list(*inner, level + 1, true, inside);
            inside.pop_back();
        }
    }

private:
    void enum_line(const api::Field& field, std::string_view indent) {
        std::vector<std::string> values;
        for (const auto value : field.enum_values)
            values.emplace_back(value);
        run_.out(cat(indent, "enum: ", join(values, ", "), "\n"));
    }

    Run& run_;
};

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
    const auto pieces = split(run.args()[0], '.');
    auto kind = kind_named(pieces[0]);
    if (!kind.ok())
        return run.fail(kind.refusal());
    const api::Type* type = run.environment.schema.find(kind.value()->schema);
    if (!type)
        return run.fail(cat("GVR (", kind.value()->api_version(), ", Resource=", kind.value()->resource, ") not found in OpenAPI schema"));
    const api::Field* field = nullptr;
    const api::Type* owner = nullptr;
    for (std::size_t i = 1; i < pieces.size(); ++i) {
        const api::Field* next = type ? type->find(pieces[i]) : nullptr;
        if (!next)
            return run.fail(cat("field ", quoted(pieces[i]), " does not exist"));
        owner = type;
        field = next;
        type = api::inner_type(next->ref);
    }
    if (!kind.value()->group.empty())
        run.out(cat("GROUP:      ", kind.value()->group, "\n"));
    run.out(cat("KIND:       ", kind.value()->kind, "\nVERSION:    ", kind.value()->version, "\n\n"));
    Explainer explainer(run);
    if (field)
        run.out(cat("FIELD: ", field->name, " <", api::type_text(field->ref), ">\n\n"));
    run.out("DESCRIPTION:\n");
    run.out(field ? explainer.description(owner->name, field->name, "    ") : explainer.description(type->name, "", "    "));
    if (type) {
        run.out(cat("\nFIELDS:\n"));
        std::vector<const api::Type*> inside{type};
        explainer.field_list(*type, 1, run.flags.is("recursive"), inside);
    }
    run.out("\n");
}

}  // namespace kubewalk::kubectl::command
