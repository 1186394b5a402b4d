// What prints objects at a stranger's wish: JSONPath, Go templates, jq, custom columns. The first line is the template, the rest
// the object as YAML (or a Pod, when there is none).

#include "core/api/json.h"
#include "core/api/yaml.h"
#include "core/kubectl/go_template.h"
#include "core/kubectl/jsonpath.h"
#include "core/shell/programs/jq.h"
#include "tests/fuzz/driver/door.h"
#include "tests/fuzz/driver/seeds.h"

namespace kubewalk::fuzz {

namespace {

const api::Value& usual() {
    static const api::Value list = api::parse_yaml(
        "items:\n- {kind: Pod, metadata: {name: web, labels: {app: web}}, spec: {containers: [{name: a, image: nginx, ports: [{containerPort: 80}]}, {name: b}]}, status: {conditions: [{type: Ready, status: 'True'}], n: 1.5}}\n- {kind: Pod, metadata: {name: api}, spec: {containers: []}, status: {big: 9223372036854775807, low: -9223372036854775808}}\n").value_or(api::Value());
    return list;
}

template <typename Answer>
void judge(const Answer& answer, std::string_view what) {
    if (!answer.ok())
        expect(!answer.error().message.empty(), what);
}

int run(const std::uint8_t* bytes, std::size_t size) {
    auto rest = text_of(bytes, size);
    const auto text = take_until(rest, '\n');
    api::Value data = rest.empty() ? api::Value() : api::parse_yaml(rest).value_or(api::Value());
    if (data.is_null())
        data = usual();
    for (const bool relaxed : {false, true}) {
        const auto path = relaxed ? kubectl::JsonPath::parse_relaxed(text) : kubectl::JsonPath::parse(text);
        judge(path, "a path is refused without a word");
        if (!path.ok())
            continue;
        const auto printed = path.value().execute(data);
        judge(printed, "a path fails without a word");
        judge(path.value().find(data, kubectl::JsonPath::Missing::refused), "a path finds nothing and does not say so");
    }
    judge(kubectl::run_go_template(text, data), "a template fails without a word");
    const auto filter = shell::parse_jq(text);
    judge(filter, "a filter is refused without a word");
    if (filter.ok())
        judge(shell::run_jq(*filter.value(), data, {{"x", api::Value(7)}}), "a filter fails without a word");
    return 0;
}

}  // namespace

Door columns() {
    Door door{run, {"{.items[*].metadata.name}", "{range .items[*]}{.metadata.name}{\"\\t\"}{.status.conditions[?(@.type==\"Ready\")].status}{\"\\n\"}{end}", "{.items[-1:].kind}{..name}{.items[0,1]['metadata']}", "{.a.b[?(@.x>1)]}",
                    "{{range .items}}{{.metadata.name}}{{\"\\n\"}}{{end}}", "{{if eq .kind \"Pod\"}}a{{else if not .x}}b{{end}}{{with .y}}{{.}}{{end}}{{$a := index .items 0}}{{$a.kind | printf \"%s-%d\" \"x\"}}", "{{len .items}}{{and 1 0}}{{or .a .b}}{{slice \"abc\" 1 2}}{{/* c */}}{{- .items -}}",
                    ".items[] | {name: .metadata.name, n: (.spec.containers | length)}", "[.items[] | select(.status.conditions[]?.status == \"True\") | .metadata.name] | sort | join(\",\")", ".items | group_by(.kind) | map({k: .[0].kind, c: length}) | .[0].c + 1 // 7", "to_entries | map(\"\\(.key)=\\(.value|tostring)\") | .[]", ".items[1].status | .big + 1, -.low, .low % -1, .big * .big", "if . then 1 elif 2 then 3 else 4 end | . as $x | [$x, $x] | test(\"a+\") , (.[1:]), ..", "{a: 1}\nkind: Pod\nitems: [1, 2]"},
              {"{.", "}", "[*]", "[?(@.", ")]", "..", "{range ", "{end}", "{{", "}}", "{{range ", "{{end}}", "{{else}}", "{{template \"x\" .}}", "{{define \"x\"}}", "{{block \"x\" .}}", "{{break}}", "| ", "select(", "map(", "..", "[.,.]", "(.,.)", "| [.,.]", "| .+.", "recurse", "limit(3;", "range(9)", "range(1e9)", "test(", "gsub(", "sub(", "split(", "@base64", "@base64d", "@json", "@csv", "tojson", "fromjson", "to_entries", "from_entries", "add", "* 1e9", "tostring", "ascii_downcase", "printf \"%999999999d\" 1", "printf \"%s\"", "index ", "slice ", "$x", " as $y | ", "9223372036854775807", "-9223372036854775808", "first(", "until(", "while(", "env", "input", "paths", "splits(", "reduce ", "def f: f; f", "'", "\"\\(", "?//"}};
    for (const auto& line : commands())
        for (const std::string_view form : {"jsonpath=", "go-template=", "custom-columns=", "jq '"})
            if (const auto at = line.find(form); at != std::string::npos)
                door.seeds.push_back(line.substr(at + form.size()));
    door.longest = 8000;
    door.runs = 600;
    return door;
}

}  // namespace kubewalk::fuzz
