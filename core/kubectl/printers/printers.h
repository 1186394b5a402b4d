#pragma once
// -o: how objects are printed. Upstream: k8s.io/cli-runtime/pkg/printers, pkg/genericclioptions/print_flags.go.

#include <string>
#include <string_view>
#include <vector>

#include "core/kubectl/jsonpath.h"
#include "core/kubectl/resource_args.h"

namespace kubewalk::kubectl {

struct CustomColumn {
    std::string header;
    JsonPath path;
};

class Printer {
public:
    enum class Form : unsigned char { table, wide, name, json, yaml, kyaml, jsonpath, jsonpath_as_json, custom_columns, go_template };

    Form form = Form::table;
    JsonPath path;                      // jsonpath forms
    std::vector<CustomColumn> columns;  // custom_columns
    std::string text;                   // go_template
    bool missing_keys_allowed = true;
    bool managed_fields = false;        // --show-managed-fields

    bool is_table() const { return form == Form::table || form == Form::wide; }
    // One object, or a List. For the forms that are no table.
    Answer<std::string> print(const api::Kind* kind, const api::Value& object, bool headers = true) const;
    // After a change: "deployment.apps/carts created", or the object in the form asked for.
    void changed(Run& run, const api::Kind& kind, const api::Value& object, std::string_view operation) const;
};

// From -o and --template. `also` names further forms the command knows ("wide").
Answer<Printer> make_printer(const Run& run, std::string_view also);

// YAML in flow style, as -o kyaml prints it.
std::string to_kyaml(const api::Value& value);

// -- tables -----------------------------------------------------------------------------------------

struct TableOptions {
    bool wide = false;
    bool headers = true;
    bool with_kind = false;
    bool with_namespace = false;
    bool show_labels = false;
    std::vector<std::string> label_columns;
};

// A metav1.Table as lines of cells separated by tabs. `headers` as far as this table has rows.
std::string table_lines(const api::Value& table, const api::Kind& kind, const TableOptions& options, bool headers);

// {"apiVersion": "v1", "kind": "List", "metadata": {"resourceVersion": ""}, "items": [...]}
api::Value list_of(const std::vector<Info>& infos);

}  // namespace kubewalk::kubectl
