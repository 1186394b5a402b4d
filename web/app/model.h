#pragma once
// Everything the panels draw, as plain values. Backend fills it from the Session after each tick;
// tests of the interface fill it by hand.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/api/value.h"
#include "core/cluster/manifest_hints.h"
#include "core/cluster/session.h"
#include "core/lesson/lesson.h"
#include "core/net/trace.h"
#include "core/view/architecture.h"
#include "core/view/compare.h"
#include "core/view/dns_origin.h"
#include "core/view/inspect.h"
#include "core/view/objects.h"
#include "core/view/story.h"
#include "core/view/traffic.h"

namespace kubewalk::app {

// One tick on the time bar.
struct TimeMark {
    Time at;
    sim::EntryKind kind = sim::EntryKind::api_call;
    bool future = false;
};

// One request that the learner sent, newest last.
struct SentRequest {
    std::string title;  // "laptop → http://192.168.122.12:30001/"
    std::shared_ptr<const net::Trace> trace;
    std::string from{};   // where it started: "pod/sock-shop/carts-…"
    std::string url{};    // to send it once more; "" for what was no request to a URL
    api::Value lookup{};  // what `dig` found (cluster::lookup_json), null for other requests
    int batch = 0;        // requests sent together have the same number; 0: alone
    bool probe = false;   // a kubelet's, followed on request
    bool unresolved = false;  // its name led nowhere: what is shown is the lookup
    std::string host{};       // that name
};

// Where the requests of one batch ended.
struct EndpointCount {
    std::string name;     // "pod/sock-shop/front-end-…", "" where none answered
    std::string address;
    std::string node;
    int requests = 0;
    int failed = 0;       // not delivered
};

// A probe that a kubelet sends again and again; shown only when asked for.
struct ProbeTarget {
    std::string pod;      // "sock-shop/carts-…"
    std::string node;
    std::string kind;     // "readiness", "liveness", "startup"
    std::string url;
    std::string period;   // "10s"
};

// A request that was put aside to be compared with.
struct PinnedTrace {
    std::string title;
    std::shared_ptr<const net::Trace> trace;  // null: none
    int connection = 0;
    view::TrafficScene scene;
    net::Outcome outcome = net::Outcome::delivered;
};

// One lookup of the DNS view.
struct DnsLookup {
    std::string question;  // "A catalogue.sock-shop.svc.cluster.local."
    std::string answer;    // "NOERROR 10.98.3.17", "NXDOMAIN"
    std::string server;    // "10.96.0.10:53"
    std::string endpoint;  // who answered: "10.244.1.2:53"
    std::string endpoint_name;
    net::Outcome outcome = net::Outcome::delivered;
    Duration elapsed{};
    int connection = 0;    // index into the trace
    int depth = 0;         // 1: the server asked another one meanwhile
    std::vector<std::string> records{};  // data of the answer's records
    bool records_known = false;          // false: only the code was kept
    view::DnsOrigin origin{};            // which of CoreDNS's plugins it came from
};

// What the lookups belong to.
struct NameSearch {
    int request = -1;         // index into the requests
    std::string from;
    std::string name;         // as it was typed, "" when only the queries are known
    std::string resolv_conf;  // of that place, "" when it is gone
};

struct LessonChoice {
    std::string id;
    std::string text;
};

struct LessonPrediction {
    std::string id;
    std::string question;
    std::vector<LessonChoice> choices;
    std::string picked;  // "" until the learner picks
    std::string answer;
    std::string explanation;
};

struct LessonTask {
    std::string id;
    std::string text;
    lesson::TaskState state = lesson::TaskState::open;
    std::string message;  // what a wrong answer is told
    std::vector<std::string> solution;
};

struct LessonQuestion {
    std::string question;
    std::vector<std::string> choices;
};

struct LessonStepTitle {
    std::string title;
    std::string body;
    std::vector<LessonQuestion> predictions;
    std::vector<std::string> tasks;
    int done = 0;
};

// Markdown texts already in the learner's language.
struct LessonView {
    std::string slug;
    std::string part;       // title of its part, "" when it stands outside the course
    std::string title;
    std::string next;       // slug of the lesson after it, "" after the last one
    int step = 0;
    int steps = 0;
    std::string step_title;
    std::string body;
    std::string hint;
    std::string solution;
    std::string highlight;  // item path to point at, or ""
    std::string canvas;     // the view that this step brings to the front, or ""
    std::vector<LessonPrediction> predictions;
    std::vector<LessonTask> tasks;
    std::vector<LessonStepTitle> outline;  // all steps, for the teacher and for those who jump
    bool open() const { return steps > 0; }
};

struct LessonTitle {
    std::string slug;
    std::string title;
    int done = 0;   // tasks that were fulfilled, as the browser remembers them
    int tasks = 0;
};

// One part of the course with its lessons in order (lessons/course.json).
struct CoursePart {
    std::string id;
    std::string title;
    std::vector<LessonTitle> lessons;
};

// What the inspector shows of the selected object.
struct Inspected {
    sim::ObjectRef object;       // empty name: nothing selected
    std::string component;       // ComponentBox id when a component is selected
    std::string kind;            // "Deployment"
    std::string manifest;        // as the editor begins with; "" when it does not exist
    std::string describe;
    std::string iptables;        // of the selected node
    std::string node;            // whose iptables these are
    std::vector<sim::Entry> causes;  // from the learner's action to the newest entry
    std::vector<sim::Entry> entries; // about the object, newest last
    // Filled while their tab is in front.
    std::string yaml;
    view::Family family;
    std::optional<view::Scheduling> scheduling;
    std::vector<view::RequestWay> requests;   // newest first
    std::vector<sim::Entry> runtime;
    std::vector<view::TrackedFlow> flows;     // of `node`
    std::vector<view::EventRow> events;
    std::string address;         // of a selected Pod
    sim::CauseId call = 0;       // the API call that was clicked
    bool exists = false;
    std::string applied;         // what was applied last (the annotation), as YAML; "" when nothing was
};

struct Model {
    std::uint64_t revision = 0;  // grows whenever anything below changed
    std::uint64_t session = 0;   // grows when another cluster was started
    bool loading = true;         // the first cluster is still starting
    std::string failure;         // why there is no cluster, "" when all is well

    Time now;
    Time began_at;               // when the learner's part began: nothing goes back further
    Time known_until;
    view::Architecture architecture;
    std::vector<TimeMark> marks;
    std::vector<cluster::Branch> branches;
    view::Story story;           // of the selected object

    std::vector<SentRequest> requests;
    int request = -1;            // index of the shown request, -1: none
    int connection = 0;          // index into its trace
    net::Outcome outcome = net::Outcome::delivered;  // of what was asked for: a lookup on the way may have gone well and led nowhere
    view::TrafficScene traffic;
    view::TrafficScene stage;    // all machines and Pods, to choose from; filled in the Traffic view
    std::vector<EndpointCount> counts;  // of the shown request's batch
    PinnedTrace pinned;
    std::vector<view::HopPair> compared;  // pinned against shown
    std::vector<ProbeTarget> probes;
    std::vector<DnsLookup> lookups;
    NameSearch search;

    // Of the shown terminal. The version grows when it changed, so that panels need not look at each line.
    std::vector<cluster::TranscriptEntry> transcript;
    std::uint64_t transcript_version = 0;
    int terminal = 0;
    int terminals = 1;
    // Lines that were typed while its command runs: whoever reads next gets them.
    std::vector<std::string> typed_ahead;
    // Its running command reads lines: the words before the cursor.
    std::optional<std::string> prompt;
    // A command of any terminal has an editor open (kubectl edit).
    std::optional<cluster::Session::Editing> editing;
    std::vector<view::EventRow> events;
    std::vector<view::ApiCallRow> api_calls;

    Inspected inspected;
    // The editor's problems for `checked_text`.
    std::vector<cluster::ManifestProblem> problems;
    std::vector<std::string> warnings;
    std::vector<cluster::ManifestHint> hints;
    std::string checked_text;
    // What the last Apply printed.
    std::vector<std::string> apply_lines;
    bool apply_ok = true;
    std::uint64_t applies = 0;

    Error request_error;         // why the last request could not be sent; no reason: it was
    std::string scenario;        // id of the sandbox's scenario, "" in lessons and for shared sessions
    std::vector<CoursePart> course;
    LessonView lesson;
};

}  // namespace kubewalk::app
