// Every set of cases and what judges it: one line each. The runners stand in the files of their names.

#include "core/cli/vectors/runner.h"

namespace kubewalk::cli {

void run_apiserver_objects(const api::Value& root, Report& report);
void run_coredns(const api::Value& root, Report& report);
void run_cronjob_schedule(const api::Value& root, Report& report);
void run_daemonset_node_should_run(const api::Value& root, Report& report);
void run_deployment_rolling_arithmetic(const api::Value& root, Report& report);
void run_deployment_rolling_steps(const api::Value& root, Report& report);
void run_dns_spec(const api::Value& root, Report& report);
void run_endpointslice_reconcile(const api::Value& root, Report& report);
void run_ingress_conformance(const api::Value& root, Report& report);
void run_ingress_docs(const api::Value& root, Report& report);
void run_intorstring(const api::Value& root, Report& report);
void run_kubectl_get_columns(const api::Value& root, Report& report);
void run_kubectl_get_rows(const api::Value& root, Report& report);
void run_kubelet_container_env(const api::Value& root, Report& report);
void run_kubelet_pod_phase(const api::Value& root, Report& report);
void run_kubelet_pod_resolv_conf(const api::Value& root, Report& report);
void run_kubelet_resolv_conf_helpers(const api::Value& root, Report& report);
void run_kubelet_service_env(const api::Value& root, Report& report);
void run_kubeproxy_ipvs(const api::Value& root, Report& report);
void run_kubeproxy_packet_flow(const api::Value& root, Report& report);
void run_kubeproxy_rules(const api::Value& root, Report& report);
void run_kubeproxy_topology(const api::Value& root, Report& report);
void run_name_validators(const api::Value& root, Report& report);
void run_netpol_cyclonus(const api::Value& root, Report& report);
void run_replicaset(const api::Value& root, Report& report);
void run_resolver(const api::Value& root, Report& report);
void run_scheduler_filter(const api::Value& root, Report& report);
void run_scheduler_score(const api::Value& root, Report& report);
void run_validation_create(const api::Value& root, Report& report);
void run_validation_update(const api::Value& root, Report& report);

namespace {
constexpr VectorSet table[] = {
    {"apiserver/*.jsonl", run_apiserver_objects},
    {"controllers/cronjob-schedule.json", run_cronjob_schedule},
    {"controllers/daemonset-node-should-run.json", run_daemonset_node_should_run},
    {"controllers/replicaset.json", run_replicaset},
    {"coredns/coredns-kubernetes.json", run_coredns},
    {"deployment/rolling-arithmetic.json", run_deployment_rolling_arithmetic},
    {"deployment/rolling-controller-steps.json", run_deployment_rolling_steps},
    {"deployment/intorstring.json", run_intorstring},
    {"dns-spec/dns-spec.json", run_dns_spec},
    {"endpointslice/reconcile.json", run_endpointslice_reconcile},
    {"ingress/conformance.json", run_ingress_conformance},
    {"ingress/docs-matching.json", run_ingress_docs},
    {"kubectl-get/columns.json", run_kubectl_get_columns},
    {"kubectl-get/rows.json", run_kubectl_get_rows},
    {"kubelet/container-env.json", run_kubelet_container_env},
    {"kubelet/pod-phase.json", run_kubelet_pod_phase},
    {"kubelet/pod-resolv-conf.json", run_kubelet_pod_resolv_conf},
    {"kubelet/resolv-conf-helpers.json", run_kubelet_resolv_conf_helpers},
    {"kubelet/service-env-vars.json", run_kubelet_service_env},
    {"kubeproxy/iptables-packet-flow.json", run_kubeproxy_packet_flow},
    {"kubeproxy/iptables-rules.json", run_kubeproxy_rules},
    {"kubeproxy/ipvs-state.json", run_kubeproxy_ipvs},
    {"kubeproxy/topology-categorize-endpoints.json", run_kubeproxy_topology},
    {"netpol/cyclonus.json", run_netpol_cyclonus},
    {"resolver/search-ndots.json", run_resolver},
    {"scheduler/filter.json", run_scheduler_filter},
    {"scheduler/score.json", run_scheduler_score},
    {"validation/create.json", run_validation_create},
    {"validation/name-validators.json", run_name_validators},
    {"validation/update.json", run_validation_update},
};
}  // namespace

std::span<const VectorSet> vector_sets() { return table; }

}  // namespace kubewalk::cli
