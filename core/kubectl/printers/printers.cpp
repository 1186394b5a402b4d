#include "core/kubectl/printers/printers.h"

#include "core/api/json.h"
#include "core/api/yaml.h"
#include "core/base/text.h"
#include "core/kubectl/go_template.h"
#include "core/kubectl/tab_writer.h"

namespace kubewalk::kubectl {

using api::Value;

namespace {

// pflag's help lists these; the error does too. Upstream: genericclioptions.NoCompatiblePrinterError.
constexpr std::string_view generic_forms =
    "go-template,go-template-file,json,jsonpath,jsonpath-as-json,jsonpath-file,kyaml,name,template,templatefile,yaml";
constexpr std::string_view get_forms =
    "custom-columns,custom-columns-file,go-template,go-template-file,json,jsonpath,jsonpath-as-json,jsonpath-file,kyaml,"
    "name,template,templatefile,wide,yaml";

Refusal no_printer(std::string_view form, std::string_view also) {
    return Refusal::plain(cat("unable to match a printer suitable for the output format ", quoted(form),
                              ", allowed formats are: ", also.empty() ? generic_forms : get_forms));
}

Answer<Printer> jsonpath_printer(Printer::Form form, std::string_view text) {
    if (text.empty())
        return Refusal::plain("template format specified but no template given");
    auto path = JsonPath::parse(text);
    if (!path.ok())
        return Refusal::plain(cat("error parsing jsonpath ", text, ", ", path.error().message));
    Printer printer;
    printer.form = form;
    printer.path = path.take();
    return printer;
}

Answer<Printer> column_printer(std::string_view spec) {
    if (spec.empty())
        return Refusal::plain("custom-columns format specified but no custom columns given");
    Printer printer;
    printer.form = Printer::Form::custom_columns;
    for (const auto part : split(spec, ',')) {
        const auto colon = part.find(':');
        if (colon == std::string_view::npos)
            return Refusal::plain(cat("unexpected custom-columns spec: ", part, ", expected <header>:<json-path-expr>"));
        auto path = JsonPath::parse_relaxed(part.substr(colon + 1));
        if (!path.ok())
            return Refusal::plain(path.error().message);
        printer.columns.push_back({std::string(part.substr(0, colon)), path.take()});
    }
    return printer;
}

std::string columns_of(const std::vector<CustomColumn>& columns, const Value& object, bool headers) {
    TabWriter writer(table_stops);
    std::string line;
    for (const auto& column : columns)
        append(line, line.empty() ? "" : "\t", column.header);
    if (headers)
        writer.write(line + "\n");
    const auto row = [&](const Value& item) {
        std::vector<std::string> cells;
        for (const auto& column : columns) {
            const auto found = column.path.find(item);
            std::vector<std::string> texts;
            if (found.ok())
                for (const auto& value : found.value())
                    texts.push_back(value.is_null() ? "<none>" : JsonPath::text_of(value));
            cells.push_back(texts.empty() ? "<none>" : join(texts, ","));
        }
        writer.write(join(cells, "\t") + "\n");
    };
    if (object["items"].is_array())
        for (const auto& item : object["items"].items())
            row(item);
    else
        row(object);
    return writer.take();
}

std::string name_line(const api::Kind* kind, const Value& object) {
    const auto* its_kind = kind ? kind : api::find_kind(object["apiVersion"].as_string(), object["kind"].as_string());
    if (its_kind)
        return cat(kind_prefix(*its_kind), "/", api::name_of(object));
    // Of a kind that kubectl does not know by itself.
    const auto version = object["apiVersion"].as_string();
    const auto group = version.find('/') == std::string_view::npos ? std::string_view() : version.substr(0, version.find('/'));
    return cat(to_lower(object["kind"].as_string()), group.empty() ? "" : ".", group, "/", api::name_of(object));
}

}  // namespace

namespace {

Answer<std::string> file_of(const Run& run, std::string_view path, std::string_view what) {
    auto text = run.environment.read_file ? run.environment.read_file(path) : Result<std::string>(Error{});
    if (!text.ok())
        return Refusal::plain(cat("error reading --template ", what, path, ", open ", path, ": no such file or directory"));
    return text.take();
}

// A file of two lines: the headers, and under each its path.
Answer<Printer> column_file_printer(std::string_view text) {
    std::vector<std::vector<std::string_view>> rows;
    for (const auto line : split(text, '\n'))
        if (auto words = fields(line); !words.empty())
            rows.push_back(std::move(words));
    if (rows.size() != 2 || rows[0].size() != rows[1].size())
        return Refusal::plain(cat("number of headers (", rows.empty() ? 0 : rows[0].size(), ") and field specifications (",
                                  rows.size() < 2 ? 0 : rows[1].size(), ") don't match"));
    std::string spec;
    for (std::size_t i = 0; i < rows[0].size(); ++i)
        append(spec, i == 0 ? "" : ",", rows[0][i], ":", rows[1][i]);
    return column_printer(spec);
}

Answer<Printer> template_printer(std::string_view text) {
    if (text.empty())
        return Refusal::plain("template format specified but no template given");
    Printer printer;
    printer.form = Printer::Form::go_template;
    printer.text = text;
    // Mistakes of writing are found before anything is asked of the server.
    if (auto tried = run_go_template(text, Value::object()); !tried.ok() && tried.error().reason == "Parse")
        return Refusal::plain(cat("error parsing template ", text, ", ", tried.error().message));
    return printer;
}

}  // namespace

Answer<Printer> make_printer(const Run& run, std::string_view also) {
    const auto text = run.flags.text("output");
    const auto equals = text.find('=');
    std::string form = text.substr(0, equals);
    std::string rest = equals == std::string::npos ? run.flags.text("template") : text.substr(equals + 1);
    // --template alone is a go-template.
    if (form.empty() && run.flags.has("template"))
        form = "go-template";
    Printer printer;
    if (form.empty())
        return printer;
    if (form == "wide" && !also.empty()) {
        printer.form = Printer::Form::wide;
        return printer;
    }
    struct Plain {
        std::string_view name;
        Printer::Form form;
    };
    static constexpr Plain plain[] = {{"json", Printer::Form::json}, {"yaml", Printer::Form::yaml}, {"kyaml", Printer::Form::kyaml}, {"name", Printer::Form::name}};
    for (const auto& entry : plain)
        if (form == entry.name) {
            printer.form = entry.form;
            printer.managed_fields = run.flags.is("show-managed-fields");
            return printer;
        }
    const bool from_file = form == "go-template-file" || form == "templatefile" || form == "jsonpath-file" || form == "custom-columns-file";
    if (from_file && !rest.empty()) {
        auto content = file_of(run, rest, "");
        if (!content.ok())
            return content.refusal();
        rest = content.take();
    }
    if (form == "jsonpath" || form == "jsonpath-file" || form == "jsonpath-as-json") {
        auto made = jsonpath_printer(form == "jsonpath-as-json" ? Printer::Form::jsonpath_as_json : Printer::Form::jsonpath, rest);
        if (made.ok())
            made.value().missing_keys_allowed = run.flags.is("allow-missing-template-keys");
        return made;
    }
    if (form == "go-template" || form == "template" || form == "go-template-file" || form == "templatefile")
        return template_printer(rest);
    if (!also.empty() && form == "custom-columns")
        return column_printer(rest);
    if (!also.empty() && form == "custom-columns-file")
        return column_file_printer(rest);
    return no_printer(text, also);
}

// Upstream: cli-runtime/pkg/printers/managedfields.go.
static Value without_managed_fields(Value object) {
    if (object["metadata"].contains("managedFields"))
        object.edit("metadata").erase("managedFields");
    for (std::size_t i = 0; i < object["items"].size(); ++i)
        if (object["items"][i]["metadata"].contains("managedFields"))
            object.edit("items").edit_at(i).edit("metadata").erase("managedFields");
    return object;
}

Answer<std::string> Printer::print(const api::Kind* kind, const Value& given, bool headers) const {
    const bool hides = !managed_fields && (form == Form::json || form == Form::yaml || form == Form::kyaml);
    const Value object = hides ? without_managed_fields(given) : given;
    switch (form) {
        case Form::table:
        case Form::wide: break;
        case Form::json: return api::to_json(object, 4) + "\n";
        case Form::yaml: return api::to_yaml(object);
        case Form::kyaml: return to_kyaml(object);
        case Form::go_template: {
            auto done = run_go_template(text, object);
            if (!done.ok())
                return Refusal::plain(cat("error executing template ", quoted(text), ": ", done.error().message));
            return done.take();
        }
        case Form::name: {
            if (!object["items"].is_array())
                return name_line(kind, object) + "\n";
            std::string lines;
            for (const auto& item : object["items"].items())
                append(lines, name_line(nullptr, item), "\n");
            return lines;
        }
        case Form::jsonpath: {
            auto done = path.execute(object);
            if (!done.ok())
                return Refusal::plain(cat("error executing jsonpath: ", done.error().message));
            return done.take();
        }
        case Form::jsonpath_as_json: {
            auto found = path.find(object);
            if (!found.ok())
                return Refusal::plain(cat("error executing jsonpath: ", found.error().message));
            Value list = Value::array();
            for (auto& value : found.value())
                list.push_back(std::move(value));
            return api::to_json(list, 4) + "\n";
        }
        case Form::custom_columns: return columns_of(columns, object, headers);
    }
    return std::string();
}

void Printer::changed(Run& run, const api::Kind& kind, const Value& object, std::string_view operation) const {
    if (form == Form::table)
        return run.out(cat(name_line(&kind, object), " ", operation, "\n"));
    // --dry-run=yaml between several objects.
    if (form == Form::yaml && !run.started.output.out.empty())
        run.out("---\n");
    auto printed = print(&kind, object);
    if (!printed.ok())
        return run.fail(printed.refusal());
    run.out(printed.value());
}

Value list_of(const std::vector<Info>& infos) {
    Value items = Value::array();
    for (const auto& info : infos)
        items.push_back(info.object);
    return Value::object({{"apiVersion", "v1"},
                          {"kind", "List"},
                          {"metadata", Value::object({{"resourceVersion", ""}})},
                          {"items", std::move(items)}});
}

}  // namespace kubewalk::kubectl
