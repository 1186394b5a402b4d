#pragma once
// A learner's session: one cluster, the list of what was done to it, and time in both directions.
// Same options and same actions give the same bytes, so going back means: restore the nearest
// checkpoint, play forward. An action taken in the past drops what came after it.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/api/value.h"
#include "core/base/result.h"
#include "core/base/time.h"
#include "core/net/trace.h"
#include "core/sim/cause.h"
#include "core/sim/simulation.h"

namespace kubewalk::scheduler {
struct Decision;  // schedule_one.h
}

namespace kubewalk::cluster {

class Cluster;  // cluster.h

struct Options {
    std::string scenario = "sock-shop";  // or "empty": the cluster kubeadm gives, nothing on it
    int workers = 2;
    bool cloud = false;  // external cloud provider, cloud-controller-manager, load balancer
    std::uint64_t seed = 1;
    // What kubeadm, flannel and the runtime are told of the network. Empty: the defaults for this size.
    std::string pod_network_cidr;           // kubeadm --pod-network-cidr
    std::string service_cidr;               // kubeadm --service-cidr
    std::string cluster_dns;                // clusterDNS of the kubelets; empty: the DNS Service's address
    std::string flannel_backend = "vxlan";  // net-conf.json: or "host-gw"
    std::string policy_controller = "auto"; // "kube-router", "none"; auto: kube-router on small clusters
    bool unprivileged_icmp = true;          // containerd: enable_unprivileged_icmp
};

// What one line typed by the learner gave.
struct CommandResult {
    int exit = 0;
    std::string out;
    std::string err;
    Duration elapsed{};
    // For curl, wget, dig, trace: what travelled, hop by hop. Null for others.
    std::shared_ptr<const net::Trace> trace;
    api::Value data;  // the same result as structured data where there is any (script --json)
};

struct TranscriptEntry {
    // A line typed to the command while it ran, as to a shell in a container.
    struct Typed {
        std::string line;
        std::uint64_t step = 0;
        std::size_t printed = 0;  // where in the output its own begins
    };

    Time at;
    std::uint64_t step = 0;  // the step it ended as
    bool finished = true;
    std::string command;  // may have several lines (here-document)
    CommandResult result;
    std::vector<Typed> typed;
};

// One mistake of a manifest, at its place in the text (line and column from 1; 0: unknown).
struct ManifestProblem {
    // What a text that is being written lacks is no mistake yet.
    enum class Nature : std::uint8_t {
        wrong,    // something that stands there will be refused
        missing,  // a field has to be there and is not
        follows,  // said about a field that is not there, while others are missing: it may go with them
    };
    Error error;
    int document = 0;
    Nature nature = Nature::wrong;
};

struct ApplyResult {
    bool ok = false;
    std::vector<std::string> lines;  // "deployment.apps/carts configured", as kubectl prints
    std::vector<std::string> warnings;
    std::vector<ManifestProblem> problems;
};

struct TraceResult {
    net::Outcome outcome = net::Outcome::unresolved;
    int status = 0;  // HTTP; 0 when no answer came
    std::string body;
    std::optional<net::SocketAddress> endpoint;
    std::string endpoint_pod;   // "namespace/name", empty when the endpoint is no Pod
    std::string endpoint_node;
    std::string client_address_seen;
    std::shared_ptr<const net::Trace> trace;
};

// One request the learner sent, from the Traffic view or the terminal.
struct RequestRecord {
    Time at;
    std::uint64_t step = 0;  // the step it was sent as
    std::string from;  // "laptop", "pod/sock-shop/carts-…"
    std::string to;    // what was dialled: "192.168.122.12:30001"; the URL when its name was not resolved
    std::string line;  // "GET /"
    TraceResult result;
};

// Something the learner did, at its place in history.
struct Action {
    enum class Kind : unsigned char { command, interrupt, apply, trace, component, fault, type, end_input, edited } kind = Kind::command;
    std::uint64_t step = 0;  // the step it was taken as
    Time at;
    std::string text;   // the line, the manifest, "FROM URL", the component, what the editor saved, what an interrupt threw away
    std::string input;  // the here-document; "on" or "off" for components; "saved" for an edit that was
    std::size_t terminal = 0;  // of commands, interrupts and what is typed

    friend bool operator==(const Action&, const Action&) = default;
};

// Which entries of the cause log count as an event when stepping.
struct EventFilter {
    bool heartbeats = false;
    std::vector<sim::EntryKind> kinds;  // empty: all
    std::string component;              // "": all; else a name or a prefix ("kubelet/")
    sim::ObjectRef object{};            // empty name: all
    bool changes = false;               // only requests that wrote something, and what the runtime did

    bool passes(const sim::Log& log, std::size_t index) const;
};

// A history that an action in its past has put aside ("what if"). It is kept and can be returned to.
struct Branch {
    std::uint64_t id = 0;    // never used twice in a session
    Time parted_at;          // until there it is the present history
    Time known_until;        // how far it had come
    std::string first;       // the first thing done on it afterwards, as typed; "" when nothing was
};

class Session {
public:
    static constexpr std::size_t most_terminals = 8;

    explicit Session(Options options);
    ~Session();

    const Options& options() const;
    Cluster& cluster();
    const Cluster& cluster() const;

    // -- actions, at the present instant; each is recorded and clears the known future ------------
    // One line of the learner's terminal on the laptop: kubectl, curl, dig, ping, trace, sleep,
    // settle, ... `input` is what a here-document or a pipe feeds.
    // Runs to the end, virtual time passing as the command needs it (kubectl delete waits).
    CommandResult run(std::string_view line, std::string_view input = {});
    // The same without letting time pass: what the command prints appears in transcript() as
    // advance() moves on, until busy() is false. Refused (false) while another one runs in that terminal, and
    // for a terminal beyond most_terminals.
    bool begin(std::string_view line, std::string_view input = {}, std::size_t terminal = 0);
    bool busy(std::size_t terminal = 0) const;
    // Ctrl+C; `echoed` is what had been typed and is thrown away.
    void interrupt(std::size_t terminal = 0, std::string_view echoed = {});
    // Tab: the words that could stand at the end of the line.
    std::vector<std::string> complete(std::string_view line, std::size_t terminal = 0) const;
    // The running command reads lines (kubectl exec -it POD -- sh): the words before the cursor; nothing when it does
    // not. type() is one line of input, end_input() Ctrl+D. What is typed is echoed into the transcript.
    std::optional<std::string> prompt(std::size_t terminal = 0) const;
    void type(std::string_view line, std::size_t terminal = 0);
    void end_input(std::size_t terminal = 0);
    // The running command has an editor open (kubectl edit): its file's name and text. finish_edit() gives it back as
    // it was saved, or nothing when the editor was closed without saving; the command may open it again.
    struct Editing {
        std::string name;
        std::string text;
    };
    std::optional<Editing> editing(std::size_t terminal = 0) const;
    void finish_edit(const std::optional<std::string>& text, std::size_t terminal = 0);
    // Stops or starts a component's process (Architecture view, `component stop NAME [NODE]`).
    Result<void> set_component_running(std::string_view component, bool running);
    // Breaks something or mends it: "link cut node-1", "node stop node-2", ... (core/cluster/faults.h has
    // them all). The terminal takes the same lines.
    Result<void> fault(std::string_view line);
    // What the editor's Apply does: kubectl apply -f - with the text, errors placed in it.
    ApplyResult apply(std::string_view manifest);
    // Checks without applying (server-side dry run): for squiggles while typing. Changes nothing.
    ApplyResult check(std::string_view manifest) const;
    // FROM: laptop | internet | node/NAME | pod/[NAMESPACE/]NAME. Error: unknown source, bad URL.
    Result<TraceResult> trace(std::string_view from, std::string_view url);
    // What trace() would give, `times` in a row, and nothing has happened: for checks of behaviour.
    Result<std::vector<TraceResult>> probe(std::string_view from, std::string_view url, int times) const;
    // What a line of the terminal would give if it ends at once, and nothing has happened. Nothing for one that
    // goes on (kubectl delete, watches).
    std::optional<CommandResult> attempt(std::string_view line) const;
    // What `dig FROM NAME [TYPE]` would find, as lookup_json() words it; nothing has happened.
    Result<api::Value> probe_lookup(std::string_view from, std::string_view name, std::string_view type) const;

    // The scheduler's latest decision about a Pod up to now, with every plugin's verdict and score for every Node:
    // made again from the instant before it. Changes nothing. Error: reason "NotFound" where none was made.
    Result<scheduler::Decision> explain_scheduling(std::string_view namespace_name, std::string_view pod) const;

    // -- time -------------------------------------------------------------------------------------
    Time now() const;
    // The latest instant that was reached on this branch; later than now() after going back.
    Time known_until() const;
    // Plays forward, repeating actions that the known future holds.
    void advance(Duration duration);
    // Stops right after the next (before the previous) entry that passes. False when there is none:
    // forward gives up after 10 minutes of virtual time.
    bool step_forward(const EventFilter& filter);
    bool step_back(const EventFilter& filter);
    void seek(Time time);
    bool settle(Duration limit = minutes(10));

    // Histories put aside, oldest first, at most 8. An action in the past makes one when something lay ahead.
    std::vector<Branch> branches() const;
    // Plays that history again, up to where it had come; the present one becomes a branch in its place.
    // False when there is none with that id.
    bool return_to(std::uint64_t branch);

    // -- beginning and returning --------------------------------------------------------------------
    // What happened so far was the stage being set: it is no action of the learner's, the terminal is empty,
    // and nobody goes back behind this instant.
    void begin_here();
    // The first entry of the log that came after begin_here().
    std::size_t beginning() const;
    Time began_at() const;
    // An instant to return to, cheaply and as often as wanted.
    class Bookmark;
    std::shared_ptr<const Bookmark> bookmark() const;
    // What came after it has never been.
    void return_to(const Bookmark& bookmark);
    // What the learner did since the beginning and up to now, oldest first.
    std::vector<Action> actions() const;
    // Makes these the known future; seek(), advance() and play_to() then repeat them.
    void foresee(std::vector<Action> actions);
    // Plays forward to a position of history (sim::Simulation::steps()), at most to `limit`. False when it
    // is not reached.
    bool play_to(std::uint64_t steps, Time limit);
    // Everything the API server stores, the instant and the position in history, as 64 hex digits.
    std::string outcome_hash() const;

    // Everything up to now, then what is known of the future (after seek or step_back).
    const sim::Log& log() const;
    sim::LogRange future() const;
    const std::vector<TranscriptEntry>& transcript(std::size_t terminal = 0) const;
    // How many terminals something was typed in (the highest index and one), at least one.
    std::size_t terminals() const;
    // Oldest first; the last 200.
    const std::vector<RequestRecord>& requests() const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace kubewalk::cluster
