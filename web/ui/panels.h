#pragma once
// Every panel's maker; each stands in the file of its name.

#include "web/ui/panel.h"

namespace kubewalk::ui {

std::unique_ptr<Panel> make_lesson_panel();
std::unique_ptr<Panel> make_objects_panel();
std::unique_ptr<Panel> make_architecture_view();
std::unique_ptr<Panel> make_cluster_view();
std::unique_ptr<Panel> make_traffic_view();
std::unique_ptr<Panel> make_dns_view();
std::unique_ptr<Panel> make_hops_panel();
std::unique_ptr<Panel> make_cause_panel();
std::unique_ptr<Panel> make_manifest_panel();
std::unique_ptr<Panel> make_describe_panel();
std::unique_ptr<Panel> make_iptables_panel();
std::unique_ptr<Panel> make_yaml_panel();
std::unique_ptr<Panel> make_related_panel();
std::unique_ptr<Panel> make_object_events_panel();
std::unique_ptr<Panel> make_requests_panel();
std::unique_ptr<Panel> make_scheduling_panel();
std::unique_ptr<Panel> make_runtime_panel();
std::unique_ptr<Panel> make_conntrack_panel();
std::unique_ptr<Panel> make_terminal_panel();
std::unique_ptr<Panel> make_events_panel();
std::unique_ptr<Panel> make_api_calls_panel();

}  // namespace kubewalk::ui
