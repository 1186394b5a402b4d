// Upstream: k8s.io/kubectl/pkg/cmd/get (get.go, sorter.go).

#include "core/api/json.h"
#include "core/api/quantity.h"
#include "core/api/yaml.h"
#include "core/base/sort.h"
#include "core/base/text.h"
#include "core/kubectl/printers/printers.h"
#include "core/kubectl/raw.h"
#include "core/kubectl/tab_writer.h"

namespace kubewalk::kubectl::command {

using api::Value;

namespace {

constexpr std::string_view table_accept =
    "application/json;as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json";
constexpr std::string_view no_type_given =
    "You must specify the type of resource to get. Use \"kubectl api-resources\" for a complete list of supported "
    "resources.\n\n";

TableOptions table_options(const Run& run, const Printer& printer) {
    TableOptions options;
    options.wide = printer.form == Printer::Form::wide;
    options.headers = !run.flags.is("no-headers");
    options.show_labels = run.flags.is("show-labels");
    options.label_columns = run.flags.list("label-columns");
    return options;
}

// How two values of --sort-by compare: numbers by value, quantities and text as text sorts them.
int order_of(const Value& a, const Value& b) {
    if (a.is_number() && b.is_number())
        return a.as_number() < b.as_number() ? -1 : a.as_number() > b.as_number();
    const auto left = JsonPath::text_of(a);
    const auto right = JsonPath::text_of(b);
    const auto first = api::Quantity::parse(left);
    const auto second = api::Quantity::parse(right);
    if (first.ok() && second.ok())
        return compare(first.value(), second.value());
    return left < right ? -1 : left > right;
}

// Sorts objects, or rows by the objects they carry.
std::optional<Refusal> sort_values(std::vector<Value>& values, const std::string& field, std::string_view inside) {
    auto path = JsonPath::parse_relaxed(field);
    if (!path.ok())
        return Refusal::plain(path.error().message);
    struct Keyed {
        Value key;
        Value value;
    };
    std::vector<Keyed> keyed;
    bool any = values.empty();
    for (auto& value : values) {
        const auto found = path.value().find(inside.empty() ? value : value[inside]);
        Value key = found.ok() && !found.value().empty() ? found.value()[0] : Value();
        any = any || !key.is_null();
        keyed.push_back({std::move(key), std::move(value)});
    }
    if (!any)
        return Refusal::plain(cat("couldn't find any field with path ", quoted(cat("{", field.starts_with('.') ? "" : ".", field, "}")),
                                  " in the list of objects"));
    sort_stably(keyed, [](const Keyed& a, const Keyed& b) { return order_of(a.key, b.key) < 0; });
    values.clear();
    for (auto& entry : keyed)
        values.push_back(std::move(entry.value));
    return std::nullopt;
}

Value array_of(std::vector<Value> values) {
    Value array = Value::array();
    for (auto& value : values)
        array.push_back(std::move(value));
    return array;
}

// All tables of the kinds asked for, as get prints them.
class Tables {
public:
    Tables(Run& run, TableOptions options) : run_(run), options_(std::move(options)) {}

    std::optional<Refusal> print(std::vector<Info>& infos) {
        const auto sort_by = run_.flags.text("sort-by");
        bool several = run_.flags.is("show-kind");
        for (const auto& info : infos)
            several = several || info.kind != infos[0].kind;
        options_.with_kind = several;
        const api::Kind* last = nullptr;
        TabWriter writer(table_stops);
        std::string printed;
        bool headers = true;
        for (auto& info : infos) {
            if (!sort_by.empty()) {
                const auto rows = info.object["rows"].items();
                std::vector<Value> sorted(rows.begin(), rows.end());
                if (auto refusal = sort_values(sorted, sort_by, "object"))
                    return refusal;
                info.object.set("rows", array_of(std::move(sorted)));
            }
            if (info.kind != last) {
                finish_group(writer, printed);
                last = info.kind;
                headers = true;
            }
            TableOptions options = options_;
            options.with_namespace = run_.flags.is("all-namespaces") && info.kind->namespaced();
            const auto lines = table_lines(info.object, *info.kind, options, headers);
            headers = headers && lines.empty();
            writer.write(lines);
        }
        finish_group(writer, printed);
        run_.out(printed);
        return std::nullopt;
    }

private:
    void finish_group(TabWriter& writer, std::string& printed) const {
        const auto group = writer.take();
        writer.forget_widths();
        if (!group.empty() && !printed.empty() && options_.headers)
            printed += "\n";
        printed += group;
    }

    Run& run_;
    TableOptions options_;
};

Asked table_request(const Run& run) {
    Asked asked;
    asked.empty_selector = EmptySelector::selects_all;
    asked.accept = table_accept;
    asked.flatten = false;
    if (run.flags.has("sort-by"))
        asked.include_object = "Object";
    return asked;
}

// pkg/printers/internalversion/printers.go printScale.
Value scale_table(const Value& scale, Time now) {
    auto columns = Value::array();
    for (const std::string_view name : {"Name", "Desired", "Available", "Age"})
        columns.push_back(Value::object({{"name", name}, {"type", "string"}, {"priority", 0}}));
    const auto created = parse_rfc3339(scale["metadata"]["creationTimestamp"].as_string());
    auto cells = Value::array({scale["metadata"]["name"], scale["spec"]["replicas"].as_int(), scale["status"]["replicas"].as_int(),
                               created ? human_duration(now - *created) : std::string("<unknown>")});
    auto row = Value::object({{"cells", std::move(cells)}, {"object", Value::object({{"metadata", scale["metadata"]}})}});
    return Value::object({{"kind", "Table"}, {"columnDefinitions", std::move(columns)}, {"rows", Value::array({std::move(row)})}});
}

void print_tables(Run& run, const Printer& printer) {
    Found found = find_resources(run, run.args(), table_request(run));
    for (auto& info : found.infos)
        if (info.object["kind"].as_string() == "Scale")
            info.object = scale_table(info.object, run.environment.now);
    if (found.infos.empty())
        return run.fail(found.refusals);
    bool namespaced = !run.flags.is("all-namespaces");
    for (const auto& info : found.infos)
        namespaced = namespaced && info.kind->namespaced();
    if (auto refusal = Tables(run, table_options(run, printer)).print(found.infos))
        return run.fail(*refusal);
    if (run.started.output.out.empty() && found.refusals.empty() && !run.flags.is("ignore-not-found"))
        run.err(namespaced ? cat("No resources found in ", run.namespace_name(), " namespace.\n") : "No resources found\n");
    run.fail(found.refusals);
}

void print_generic(Run& run, const Printer& printer) {
    Asked asked;
    asked.empty_selector = EmptySelector::selects_all;
    Found found = find_resources(run, run.args(), asked);
    if (found.infos.empty() && !found.refusals.empty())
        return run.fail(found.refusals);
    if (found.single_item && found.infos.empty())
        return;  // --ignore-not-found
    if (run.flags.has("sort-by")) {
        std::vector<Value> values;
        for (const auto& info : found.infos)
            values.push_back(info.object);
        if (auto refusal = sort_values(values, run.flags.text("sort-by"), {}))
            return run.fail(*refusal);
        for (std::size_t i = 0; i < values.size(); ++i)
            found.infos[i].object = values[i];
    }
    const Value object = found.single_item ? found.infos[0].object : list_of(found.infos);
    auto text = printer.print(found.single_item ? found.infos[0].kind : nullptr, object, !run.flags.is("no-headers"));
    if (!text.ok())
        return run.fail(text.refusal());
    run.out(text.value());
    run.fail(found.refusals);
}

// get --watch: reads what was written since the last look, line by line as the server's watch tells it.
class Watching final : public Waiting<Watching> {
public:
    Watching(const Server& server, client::Request request, const api::Kind& kind, TableOptions options, Printer printer, bool with_event)
        : server_(server.quiet()), request_(std::move(request)), kind_(&kind), options_(std::move(options)), printer_(std::move(printer)),
          with_event_(with_event) {
        request_.unrecorded = true;
    }

    Answer<Value> look() { return server_.answer(request_); }
    // The watch goes on from this list.
    void begin_at(const Value& answer) {
        head_ = answer;
        head_.erase("rows");
        request_.query["watch"] = "true";
        request_.query["allowWatchBookmarks"] = "true";
        request_.query["resourceVersion"] = api::resource_version_of(answer);
    }

    bool poll(Time, Output& more) override {
        auto answer = look();
        if (!answer.ok()) {
            more.err += answer.refusal().alone() + "\n";
            more.exit = 1;
            return true;
        }
        for (const auto line : split(answer.value().as_string(), '\n')) {
            const auto event = api::parse_json(line);
            if (!event.ok())
                continue;  // the empty end
            const auto& object = event.value()["object"];
            const auto type = event.value()["type"].as_string();
            const auto& metadata = object.contains("rows") ? object["rows"][0]["object"]["metadata"] : object["metadata"];
            request_.query["resourceVersion"] = metadata["resourceVersion"].str();
            if (type == "BOOKMARK")
                continue;
            if (object.contains("rows"))
                print(object["rows"].items(), type, more);
            else
                print(std::span(&object, 1), type, more);
        }
        return false;
    }

    // Items in the printer's form; a table's head comes with its first row.
    void print(std::span<const Value> items, std::string_view event, Output& more) {
        if (items.empty())
            return;
        if (!printer_.is_table()) {
            for (const auto& item : items) {
                const Value shown = with_event_ ? Value::object({{"type", event}, {"object", item}}) : item;
                if (auto text = printer_.print(with_event_ ? nullptr : kind_, shown); text.ok())
                    more.out += text.value();
            }
            return;
        }
        Value table = head_;
        table.set("rows", array_of({items.begin(), items.end()}));
        bool head = options_.headers && !std::exchange(head_printed_, true);
        const auto lines = table_lines(table, *kind_, options_, head);
        for (const auto line : split(std::string_view(lines).substr(0, lines.empty() ? 0 : lines.size() - 1), '\n')) {
            writer_.write(cat(!with_event_ ? "" : head ? "EVENT\t" : cat(event, "\t"), line, "\n"));
            head = false;
        }
        more.out += writer_.take();
    }

    // What there is when the watch begins.
    void print_first(const Value& answer, Output& more) {
        print(answer[answer.contains("rows") ? "rows" : "items"].items(), "ADDED", more);
    }

private:
    Server server_;
    client::Request request_;
    const api::Kind* kind_;
    TableOptions options_;
    Printer printer_;
    bool with_event_;
    TabWriter writer_{table_stops};
    bool head_printed_ = false;
    Value head_;  // a table without its rows
};

void start_watch(Run& run, const Printer& printer) {
    std::vector<std::string> words = run.args();
    if (words.size() == 1 && words[0].find('/') != std::string::npos) {
        const auto slash = words[0].find('/');
        words = {words[0].substr(0, slash), words[0].substr(slash + 1)};
    }
    if (words.empty() || words.size() > 2 || words[0].find(',') != std::string::npos || words[0] == "all")
        return run.fail("you may only specify a single resource type");
    auto kind = kind_named(words[0], &run.server);
    if (!kind.ok())
        return run.fail(kind.refusal());
    const bool all_namespaces = run.flags.is("all-namespaces");
    auto request = run.server.request(client::Method::get, api::collection_path(*kind.value(), run.namespace_or_all()));
    auto selector = run.flags.text("field-selector");
    if (words.size() == 2)
        selector = cat("metadata.name=", words[1]);
    if (!selector.empty())
        request.query["fieldSelector"] = selector;
    if (run.flags.has("selector"))
        request.query["labelSelector"] = run.flags.text("selector");
    if (printer.is_table())
        request.headers["Accept"] = table_accept;
    if (words.size() == 2)
        if (auto there = run.server.get(*kind.value(), run.namespace_name(), words[1]); !there.ok())
            return run.fail(there.refusal());
    TableOptions options = table_options(run, printer);
    options.with_namespace = all_namespaces && kind.value()->namespaced();
    options.with_kind = run.flags.is("show-kind");
    auto watching = std::make_unique<Watching>(run.server, std::move(request), *kind.value(), options, printer, run.flags.is("output-watch-events"));
    auto first = watching->look();
    if (!first.ok())
        return run.fail(first.refusal());
    watching->begin_at(first.value());
    if (!run.flags.is("watch-only"))
        watching->print_first(first.value(), run.started.output);
    run.go_on(std::move(watching));
}

}  // namespace

void get_flags(FlagSet& set) {
    add_output_flags(set);
    add_filename_flags(set);
    add_selector_flags(set);
    set.boolean("all-namespaces", "In all namespaces", 'A')
        .boolean("watch", "Print what there is, then what changes", 'w')
        .boolean("watch-only", "Print only what changes")
        .boolean("output-watch-events", "With each line what happened: ADDED, MODIFIED or DELETED")
        .boolean("show-labels", "All labels in a last column")
        .boolean("show-kind", "The kind before each name")
        .boolean("no-headers", "No line of column names")
        .boolean("ignore-not-found", "What does not exist is no error")
        .boolean("server-print", "Accepted; tables are always made by the server", 0, "true")
        .list("label-columns", "Labels that get a column of their own", 'L')
        .text("sort-by", "The field to sort by, a JSONPath such as .metadata.name")
        .text("subresource", "A part of the object: status, scale or resize")
        .text("raw", "A path to read from the server as it is")
        .integer("chunk-size", "Lists come in pieces of this many; 0: whole", "500");
}

void get(Run& run) {
    if (run.flags.has("raw"))
        return send_raw(run, client::Method::get);
    if (run.args().empty() && !run.flags.has("filename")) {
        run.err(no_type_given);
        return run.usage_error(
            "Required resource not specified.\n"
            "Use \"kubectl explain <resource>\" for a detailed description of that resource (e.g. kubectl explain pods).");
    }
    auto printer = make_printer(run, "wide");
    if (!printer.ok())
        return run.fail(printer.refusal());
    if (run.flags.is("watch") || run.flags.is("watch-only"))
        return start_watch(run, printer.value());
    if (printer.value().is_table())
        return print_tables(run, printer.value());
    print_generic(run, printer.value());
}

}  // namespace kubewalk::kubectl::command
