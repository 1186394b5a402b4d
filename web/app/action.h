#pragma once
// What the learner did, as data. Panels queue actions; State applies them at the beginning of the
// next tick, so that nothing changes while a frame is being drawn.

#include <string>

#include "core/base/time.h"
#include "core/sim/cause.h"

namespace kubewalk::app {

enum class View : unsigned char { architecture, cluster, traffic, dns };
enum class InspectorTab : unsigned char {
    hops, cause, manifest, describe, events, iptables, yaml, related, requests, scheduling, runtime, conntrack,
};
enum class BottomTab : unsigned char { terminal, events, api_calls };
enum class Mode : unsigned char { learn, sandbox };

enum class ActionKind : unsigned char {
    // the cluster
    run_command,     // text: the line, text2: here-document; number: the terminal
    apply_manifest,  // text: YAML
    send_request,    // text: from, text2: URL, number: how often (0 and 1: once)
    trace_probe,     // number: index into Model::probes; nothing happens in the cluster
    interrupt,       // Ctrl+C; number: the terminal
    end_input,       // Ctrl+D
    finish_edit,     // text: what the editor saved; number: 1 when it did, 0 when it was closed without
    stop_component,  // text: ComponentBox id
    start_component, // text: ComponentBox id
    fault,           // text: "node stop node-1", "link cut node-1" (core/cluster/faults.h)
    reset_cluster,
    start_scenario,  // text: id of a scenario (scenarios.h); the sandbox begins
    open_cluster,    // text: a name on the shelf
    show_terminal,   // number: index; a new one is opened by showing it
    // time
    play,
    pause,
    to_start,
    step_forward,    // to the next event of the classes that the filter lets pass
    step_back,
    next_change,     // to the next change of the selected object
    previous_change,
    return_to,       // number: id of a branch
    seek,            // number: seconds of virtual time
    settle,
    set_speed,       // number: times real time
    // the lesson
    open_lesson,     // text: slug
    lesson_step,     // number: index
    predict,         // text: prediction, text2: choice
    run_solution,    // text: task
    // looking
    select_object,   // object
    select_component,// text: ComponentBox id
    select_node,     // text: whose iptables the inspector shows
    clear_selection,
    select_step,     // number: index into the traffic scene's steps
    select_connection,
    select_trace,    // number: index into the session's kept traces
    pin_trace,       // keep the shown request for comparison; again: let it go
    select_call,     // number: cause id of an API call, object: what it was about
    refresh_checks,  // text: YAML to check while typing
    refresh_course,  // progress came from elsewhere
};

struct Action {
    ActionKind kind = ActionKind::pause;
    std::string text;
    std::string text2;
    double number = 0;
    sim::ObjectRef object;
};

}  // namespace kubewalk::app
