#include "core/apiserver/bootstrap_policy.h"

namespace kubewalk::apiserver {

namespace {

#define KUBEWALK_READ "get,list,watch"
#define KUBEWALK_WRITE "create,update,patch,delete,deletecollection"
#define KUBEWALK_EVENTS "create,patch,update; core,events.k8s.io; events\n"

constexpr BootstrapRole roles[] = {
    {"cluster-admin", {}, "*; *; *\n*; url; *"},
    {"system:discovery", {}, "get; url; /livez,/readyz,/healthz,/version,/version/,/openapi,/openapi/*,/api,/api/*,/apis,/apis/*"},
    {"system:monitoring", {}, "get; url; /metrics,/metrics/slis,/livez,/readyz,/healthz,/livez/*,/readyz/*,/healthz/*"},
    {"system:basic-user", {},
     "create; authorization.k8s.io; selfsubjectaccessreviews,selfsubjectrulesreviews\n"
     "create; authentication.k8s.io; selfsubjectreviews"},
    {"system:public-info-viewer", {}, "get; url; /livez,/readyz,/healthz,/version,/version/"},
    {"admin", {}, {}, {}, "aggregate-to-admin"},
    {"edit", {}, {}, "aggregate-to-admin", "aggregate-to-edit"},
    {"view", {}, {}, "aggregate-to-edit", "aggregate-to-view"},
    {"system:aggregate-to-admin", {},
     "create; authorization.k8s.io; localsubjectaccessreviews\n"
     KUBEWALK_READ "," KUBEWALK_WRITE "; rbac.authorization.k8s.io; roles,rolebindings",
     "aggregate-to-admin"},
    {"system:aggregate-to-edit", {},
     KUBEWALK_READ "; core; pods/attach,pods/proxy,pods/exec,pods/portforward,secrets,services/proxy\n"
     "impersonate; core; serviceaccounts\n"
     KUBEWALK_WRITE "; core; pods,pods/attach,pods/proxy,pods/exec,pods/portforward\n"
     "create; core; pods/eviction\n"
     KUBEWALK_WRITE "; core; replicationcontrollers,replicationcontrollers/scale,serviceaccounts,services,services/proxy,persistentvolumeclaims,configmaps,secrets,events\n"
     "create; core; serviceaccounts/token\n"
     KUBEWALK_WRITE "; apps; statefulsets,statefulsets/scale,daemonsets,deployments,deployments/scale,deployments/rollback,replicasets,replicasets/scale\n"
     KUBEWALK_WRITE "; autoscaling; horizontalpodautoscalers\n"
     KUBEWALK_WRITE "; batch; jobs,cronjobs\n"
     KUBEWALK_WRITE "; extensions; daemonsets,deployments,deployments/scale,deployments/rollback,ingresses,replicasets,replicasets/scale,replicationcontrollers/scale,networkpolicies\n"
     KUBEWALK_WRITE "; policy; poddisruptionbudgets\n"
     KUBEWALK_WRITE "; networking.k8s.io; networkpolicies,ingresses\n"
     KUBEWALK_READ "," KUBEWALK_WRITE "; coordination.k8s.io; leases",
     "aggregate-to-edit"},
    {"system:aggregate-to-view", {},
     KUBEWALK_READ "; core; pods,replicationcontrollers,replicationcontrollers/scale,serviceaccounts,services,services/status,endpoints,persistentvolumeclaims,persistentvolumeclaims/status,configmaps\n"
     KUBEWALK_READ "; core; limitranges,resourcequotas,bindings,events,pods/status,resourcequotas/status,namespaces/status,replicationcontrollers/status,pods/log\n"
     KUBEWALK_READ "; core; namespaces\n"
     KUBEWALK_READ "; discovery.k8s.io; endpointslices\n"
     KUBEWALK_READ "; apps; controllerrevisions,statefulsets,statefulsets/status,statefulsets/scale,daemonsets,daemonsets/status,deployments,deployments/status,deployments/scale,replicasets,replicasets/status,replicasets/scale\n"
     KUBEWALK_READ "; autoscaling; horizontalpodautoscalers,horizontalpodautoscalers/status\n"
     KUBEWALK_READ "; batch; jobs,cronjobs,cronjobs/status,jobs/status\n"
     KUBEWALK_READ "; extensions; daemonsets,daemonsets/status,deployments,deployments/scale,deployments/status,ingresses,ingresses/status,replicasets,replicasets/scale,replicasets/status,replicationcontrollers/scale,networkpolicies\n"
     KUBEWALK_READ "; policy; poddisruptionbudgets,poddisruptionbudgets/status\n"
     KUBEWALK_READ "; networking.k8s.io; networkpolicies,ingresses,ingresses/status",
     "aggregate-to-view"},
    {"system:heapster", {}, KUBEWALK_READ "; core; events,pods,nodes,namespaces\n" KUBEWALK_READ "; extensions; deployments"},
    {"system:node", {},
     "create; authentication.k8s.io; tokenreviews\n"
     "create; authorization.k8s.io; subjectaccessreviews,localsubjectaccessreviews\n"
     KUBEWALK_READ "; core; services\n"
     "create,get,list,watch; core; nodes\n"
     "update,patch; core; nodes/status\n"
     "update,patch; core; nodes\n"
     "create,update,patch; core,events.k8s.io; events\n"
     KUBEWALK_READ "; core; pods\n"
     "create,delete; core; pods\n"
     "update,patch; core; pods/status\n"
     "create; core; pods/eviction\n"
     KUBEWALK_READ "; core; secrets,configmaps\n"
     "get; core; persistentvolumeclaims,persistentvolumes\n"
     "get; core; endpoints\n"
     "create,get,list,watch; certificates.k8s.io; certificatesigningrequests\n"
     "get,create,update,patch,delete; coordination.k8s.io; leases\n"
     "get; storage.k8s.io; volumeattachments\n"
     "create; core; serviceaccounts/token\n"
     "get,update,patch; core; persistentvolumeclaims/status\n"
     "get,watch,list; storage.k8s.io; csidrivers\n"
     "get,create,update,patch,delete; storage.k8s.io; csinodes\n"
     KUBEWALK_READ "; node.k8s.io; runtimeclasses"},
    {"system:node-problem-detector", {}, "get; core; nodes\npatch; core; nodes/status\n" KUBEWALK_EVENTS},
    {"system:kubelet-api-admin", {},
     KUBEWALK_READ "; core; nodes\nproxy; core; nodes\n"
     "*; core; nodes/proxy,nodes/metrics,nodes/stats,nodes/log,nodes/healthz,nodes/pods,nodes/configz,nodes/checkpoint"},
    {"system:node-bootstrapper", {}, "create,get,list,watch; certificates.k8s.io; certificatesigningrequests"},
    {"system:auth-delegator", {}, "create; authentication.k8s.io; tokenreviews\ncreate; authorization.k8s.io; subjectaccessreviews"},
    {"system:kube-aggregator", {}, KUBEWALK_READ "; core; services,endpoints"},
    {"system:kube-controller-manager", {},
     KUBEWALK_EVENTS
     "create; coordination.k8s.io; leases\n"
     "get,update; coordination.k8s.io; leases; kube-controller-manager\n"
     "create; core; secrets,serviceaccounts\n"
     "delete; core; secrets\n"
     "get; core; namespaces,secrets,serviceaccounts,configmaps\n"
     "update; core; secrets,serviceaccounts\n"
     "create; authentication.k8s.io; tokenreviews\n"
     "create; authorization.k8s.io; subjectaccessreviews\n"
     "list,watch; *; *\n"
     "create; core; serviceaccounts/token"},
    {"system:kube-dns", {}, "list,watch; core; endpoints,services"},
    {"system:persistent-volume-provisioner", {},
     "get,list,watch,create,delete; core; persistentvolumes\n"
     "get,list,watch,update; core; persistentvolumeclaims\n"
     KUBEWALK_READ "; storage.k8s.io; storageclasses\nwatch; core; events\n" KUBEWALK_EVENTS},
    {"system:certificates.k8s.io:certificatesigningrequests:nodeclient", {}, "create; certificates.k8s.io; certificatesigningrequests/nodeclient"},
    {"system:certificates.k8s.io:certificatesigningrequests:selfnodeclient", {}, "create; certificates.k8s.io; certificatesigningrequests/selfnodeclient"},
    {"system:volume-scheduler", {},
     "get,list,patch,update,watch; core; persistentvolumes\n" KUBEWALK_READ "; storage.k8s.io; storageclasses\n"
     "get,list,patch,update,watch; core; persistentvolumeclaims"},
    {"system:certificates.k8s.io:legacy-unknown-approver", {}, "approve; certificates.k8s.io; signers; kubernetes.io/legacy-unknown"},
    {"system:certificates.k8s.io:kubelet-serving-approver", {}, "approve; certificates.k8s.io; signers; kubernetes.io/kubelet-serving"},
    {"system:certificates.k8s.io:kube-apiserver-client-approver", {}, "approve; certificates.k8s.io; signers; kubernetes.io/kube-apiserver-client"},
    {"system:certificates.k8s.io:kube-apiserver-client-kubelet-approver", {}, "approve; certificates.k8s.io; signers; kubernetes.io/kube-apiserver-client-kubelet"},
    {"system:service-account-issuer-discovery", {}, "get; url; /.well-known/openid-configuration,/.well-known/openid-configuration/,/openid/v1/jwks,/openid/v1/jwks/"},
    {"system:node-proxier", {},
     "list,watch; core; services,endpoints\n" KUBEWALK_READ "; core; nodes\n" KUBEWALK_EVENTS
     "list,watch; discovery.k8s.io; endpointslices\nlist,watch; networking.k8s.io; servicecidrs"},
    {"system:kube-scheduler", {},
     KUBEWALK_EVENTS
     "create; coordination.k8s.io; leases\n"
     "get,list,update,watch; coordination.k8s.io; leases; kube-scheduler\n"
     KUBEWALK_READ "; core; nodes\n"
     "get,list,watch,delete; core; pods\n"
     "create; core; pods/binding,bindings\n"
     "patch,update; core; pods/status\n"
     KUBEWALK_READ "; core; services,replicationcontrollers\n"
     KUBEWALK_READ "; apps,extensions; replicasets\n"
     KUBEWALK_READ "; apps; statefulsets\n"
     KUBEWALK_READ "; policy; poddisruptionbudgets\n"
     KUBEWALK_READ "; core; persistentvolumeclaims,persistentvolumes\n"
     "create; authentication.k8s.io; tokenreviews\n"
     "create; authorization.k8s.io; subjectaccessreviews\n"
     KUBEWALK_READ "; storage.k8s.io; csinodes\n"
     KUBEWALK_READ "; core; namespaces\n"
     KUBEWALK_READ "; storage.k8s.io; csidrivers\n"
     KUBEWALK_READ "; storage.k8s.io; csistoragecapacities\n"
     KUBEWALK_READ "; storage.k8s.io; volumeattachments"},

    // -- the controllers', each with the service account of its name --------------------------------
    {"system:controller:attachdetach-controller", {},
     "list,watch; core; persistentvolumes,persistentvolumeclaims\n" KUBEWALK_READ "; core; nodes\npatch,update; core; nodes/status\n"
     "list,watch; core; pods\n" KUBEWALK_EVENTS "get,create,delete,list,watch; storage.k8s.io; volumeattachments\n"
     KUBEWALK_READ "; storage.k8s.io; csidrivers\n" KUBEWALK_READ "; storage.k8s.io; csinodes"},
    {"system:controller:clusterrole-aggregation-controller", {}, "escalate,get,list,watch,update,patch; rbac.authorization.k8s.io; clusterroles"},
    {"system:controller:cronjob-controller", {},
     "get,list,watch,update; batch; cronjobs\nget,list,watch,create,update,delete,patch; batch; jobs\nupdate; batch; cronjobs/status\n"
     "update; batch; cronjobs/finalizers\nlist,delete; core; pods\n" KUBEWALK_EVENTS},
    {"system:controller:daemon-set-controller", {},
     KUBEWALK_READ "; extensions,apps; daemonsets\nupdate; extensions,apps; daemonsets/status\nupdate; extensions,apps; daemonsets/finalizers\n"
     "list,watch; core; nodes\nlist,watch,create,delete,patch; core; pods\ncreate; core; pods/binding\n"
     "get,list,watch,create,delete,update,patch; apps; controllerrevisions\n" KUBEWALK_EVENTS},
    {"system:controller:deployment-controller", {},
     "get,list,watch,update; extensions,apps; deployments\nupdate; extensions,apps; deployments/status\nupdate; extensions,apps; deployments/finalizers\n"
     "get,list,watch,create,update,patch,delete; apps,extensions; replicasets\nget,list,watch,update; core; pods\n" KUBEWALK_EVENTS},
    {"system:controller:disruption-controller", {},
     KUBEWALK_READ "; extensions,apps; deployments\n" KUBEWALK_READ "; apps,extensions; replicasets\n" KUBEWALK_READ "; core; replicationcontrollers\n"
     KUBEWALK_READ "; policy; poddisruptionbudgets\n" KUBEWALK_READ "; apps; statefulsets\nupdate; policy; poddisruptionbudgets/status\n"
     "patch,update; core; pods/status\nget; *; */scale\n" KUBEWALK_EVENTS},
    {"system:controller:endpoint-controller", {},
     KUBEWALK_READ "; core; services,pods\nget,list,create,update,delete; core; endpoints\ncreate; core; endpoints/restricted\n" KUBEWALK_EVENTS},
    {"system:controller:endpointslice-controller", {},
     KUBEWALK_READ "; core; services,pods,nodes\nupdate; core; services/finalizers\nget,list,create,update,delete; discovery.k8s.io; endpointslices\n" KUBEWALK_EVENTS},
    {"system:controller:endpointslicemirroring-controller", {},
     KUBEWALK_READ "; core; services,endpoints\nupdate; core; services/finalizers\nupdate; core; endpoints/finalizers\n"
     "get,list,create,update,delete; discovery.k8s.io; endpointslices\n" KUBEWALK_EVENTS},
    {"system:controller:expand-controller", {},
     "get,list,watch,update,patch; core; persistentvolumes\nupdate,patch; core; persistentvolumeclaims/status\n" KUBEWALK_READ "; core; persistentvolumeclaims\n" KUBEWALK_EVENTS},
    {"system:controller:ephemeral-volume-controller", {},
     KUBEWALK_READ "; core; pods\nupdate; core; pods/finalizers\nget,list,watch,create; core; persistentvolumeclaims\n" KUBEWALK_EVENTS},
    {"system:controller:generic-garbage-collector", {}, "get,list,watch,patch,update,delete; *; *\n" KUBEWALK_EVENTS},
    {"system:controller:horizontal-pod-autoscaler", {},
     KUBEWALK_READ "; autoscaling; horizontalpodautoscalers\nupdate; autoscaling; horizontalpodautoscalers/status\nget,update; *; */scale\nlist; core; pods\n"
     "list; metrics.k8s.io; pods\nget,list; custom.metrics.k8s.io; *\nget,list; external.metrics.k8s.io; *\n" KUBEWALK_EVENTS},
    {"system:controller:job-controller", {},
     "get,list,watch,update,patch; batch; jobs\nupdate; batch; jobs/status\nupdate; batch; jobs/finalizers\nlist,watch,create,delete,patch; core; pods\n" KUBEWALK_EVENTS},
    {"system:controller:namespace-controller", {},
     "get,list,watch,delete; core; namespaces\nupdate; core; namespaces/finalize,namespaces/status\nget,list,delete,deletecollection; *; *"},
    {"system:controller:node-controller", {},
     "get,list,update,delete,patch; core; nodes\npatch,update; core; nodes/status\npatch,update; core; pods/status\nlist,get,delete; core; pods\n" KUBEWALK_EVENTS},
    {"system:controller:persistent-volume-binder", {},
     "get,list,watch,update,create,delete; core; persistentvolumes\nupdate; core; persistentvolumes/status\nget,list,watch,update; core; persistentvolumeclaims\n"
     "update; core; persistentvolumeclaims/status\nlist,watch,get,create,delete; core; pods\n" KUBEWALK_READ "; storage.k8s.io; storageclasses\n"
     "get,create,delete; core; services\nget; core; secrets\nget,list; core; nodes\nwatch; core; events\n" KUBEWALK_EVENTS},
    {"system:controller:pod-garbage-collector", {}, "list,watch,delete; core; pods\nget,list; core; nodes\npatch; core; pods/status\n"},
    {"system:controller:replicaset-controller", {},
     "get,list,watch,update; apps,extensions; replicasets\nupdate; apps,extensions; replicasets/status\nupdate; apps,extensions; replicasets/finalizers\n"
     "list,watch,patch,create,delete; core; pods\n" KUBEWALK_EVENTS},
    {"system:controller:replication-controller", {},
     "get,list,watch,update; core; replicationcontrollers\nupdate; core; replicationcontrollers/status\nupdate; core; replicationcontrollers/finalizers\n"
     "list,watch,patch,create,delete; core; pods\n" KUBEWALK_EVENTS},
    {"system:controller:resourcequota-controller", {}, "list,watch; *; *\nupdate; core; resourcequotas/status\n" KUBEWALK_EVENTS},
    {"system:controller:route-controller", {}, "list,watch; core; nodes\npatch; core; nodes/status\n" KUBEWALK_EVENTS},
    {"system:controller:service-account-controller", {}, "create; core; serviceaccounts\n" KUBEWALK_EVENTS},
    {"system:controller:service-controller", {}, KUBEWALK_READ "; core; services\npatch,update; core; services/status\nlist,watch; core; nodes\n" KUBEWALK_EVENTS},
    {"system:controller:statefulset-controller", {},
     "list,watch; core; pods\n" KUBEWALK_READ "; apps; statefulsets\nupdate; apps; statefulsets/status\nupdate; apps; statefulsets/finalizers\n"
     "get,create,delete,update,patch; core; pods\nget,create,delete,update,patch,list,watch; apps; controllerrevisions\nget,create; core; persistentvolumeclaims\n"
     KUBEWALK_EVENTS "update,delete; core; persistentvolumeclaims"},
    {"system:controller:ttl-controller", {}, "update,patch,list,watch; core; nodes\n" KUBEWALK_EVENTS},
    {"system:controller:certificate-controller", {},
     "get,list,watch,delete; certificates.k8s.io; certificatesigningrequests\n"
     "update; certificates.k8s.io; certificatesigningrequests/status,certificatesigningrequests/approval\n"
     "approve; certificates.k8s.io; signers; kubernetes.io/kube-apiserver-client-kubelet\n"
     "sign; certificates.k8s.io; signers; kubernetes.io/legacy-unknown,kubernetes.io/kube-apiserver-client,kubernetes.io/kube-apiserver-client-kubelet,kubernetes.io/kubelet-serving\n"
     "create; authorization.k8s.io; subjectaccessreviews\n" KUBEWALK_EVENTS},
    {"system:controller:pvc-protection-controller", {}, "get,list,watch,update; core; persistentvolumeclaims\nlist,watch,get; core; pods\n" KUBEWALK_EVENTS},
    {"system:controller:pv-protection-controller", {}, "get,list,watch,update; core; persistentvolumes\n" KUBEWALK_EVENTS},
    {"system:controller:ttl-after-finished-controller", {}, "get,list,watch,delete; batch; jobs\n" KUBEWALK_EVENTS},
    {"system:controller:root-ca-cert-publisher", {}, "create,update; core; configmaps\n" KUBEWALK_EVENTS},
    {"system:controller:validatingadmissionpolicy-status-controller", {},
     KUBEWALK_READ "; admissionregistration.k8s.io; validatingadmissionpolicies\n"
     "get,patch,update; admissionregistration.k8s.io; validatingadmissionpolicies/status\n" KUBEWALK_EVENTS},
    {"system:controller:legacy-service-account-token-cleaner", {}, "get; core; configmaps; kube-apiserver-legacy-service-account-token-tracking\npatch,delete; core; secrets"},
    {"system:controller:service-cidrs-controller", {},
     "get,list,watch,patch,update; networking.k8s.io; servicecidrs\npatch,update; networking.k8s.io; servicecidrs/finalizers\n"
     "patch,update; networking.k8s.io; servicecidrs/status\n" KUBEWALK_READ "; networking.k8s.io; ipaddresses\n" KUBEWALK_EVENTS},

    // -- in the system's namespaces -------------------------------------------------------------------
    {"extension-apiserver-authentication-reader", "kube-system", KUBEWALK_READ "; core; configmaps; extension-apiserver-authentication"},
    {"system:controller:bootstrap-signer", "kube-system", KUBEWALK_READ "; core; secrets"},
    {"system:controller:cloud-provider", "kube-system", "create,get,list,watch; core; configmaps"},
    {"system:controller:token-cleaner", "kube-system", "get,list,watch,delete; core; secrets\n" KUBEWALK_EVENTS},
    {"system::leader-locking-kube-controller-manager", "kube-system", "watch; core; configmaps\nget,update; core; configmaps; kube-controller-manager"},
    {"system::leader-locking-kube-scheduler", "kube-system", "watch; core; configmaps\nget,update; core; configmaps; kube-scheduler"},
    {"system:controller:bootstrap-signer", "kube-public", KUBEWALK_READ "; core; configmaps\nupdate; core; configmaps; cluster-info\n" KUBEWALK_EVENTS},
};

constexpr BootstrapBinding bindings[] = {
    {"cluster-admin", {}, "cluster-admin", "Group:system:masters"},
    {"system:monitoring", {}, "system:monitoring", "Group:system:monitoring"},
    {"system:discovery", {}, "system:discovery", "Group:system:authenticated"},
    {"system:basic-user", {}, "system:basic-user", "Group:system:authenticated"},
    {"system:public-info-viewer", {}, "system:public-info-viewer", "Group:system:authenticated,Group:system:unauthenticated"},
    {"system:node-proxier", {}, "system:node-proxier", "User:system:kube-proxy"},
    {"system:kube-controller-manager", {}, "system:kube-controller-manager", "User:system:kube-controller-manager"},
    {"system:kube-dns", {}, "system:kube-dns", "ServiceAccount:kube-system/kube-dns"},
    {"system:kube-scheduler", {}, "system:kube-scheduler", "User:system:kube-scheduler"},
    {"system:volume-scheduler", {}, "system:volume-scheduler", "User:system:kube-scheduler"},
    {"system:node", {}, "system:node", ""},
    {"system:service-account-issuer-discovery", {}, "system:service-account-issuer-discovery", "Group:system:serviceaccounts"},
    {"system::extension-apiserver-authentication-reader", "kube-system", "extension-apiserver-authentication-reader",
     "User:system:kube-controller-manager,User:system:kube-scheduler"},
    {"system::leader-locking-kube-controller-manager", "kube-system", "system::leader-locking-kube-controller-manager",
     "User:system:kube-controller-manager,ServiceAccount:kube-system/kube-controller-manager"},
    {"system::leader-locking-kube-scheduler", "kube-system", "system::leader-locking-kube-scheduler",
     "User:system:kube-scheduler,ServiceAccount:kube-system/kube-scheduler"},
    {"system:controller:bootstrap-signer", "kube-system", "system:controller:bootstrap-signer", "ServiceAccount:kube-system/bootstrap-signer"},
    {"system:controller:cloud-provider", "kube-system", "system:controller:cloud-provider", "ServiceAccount:kube-system/cloud-provider"},
    {"system:controller:token-cleaner", "kube-system", "system:controller:token-cleaner", "ServiceAccount:kube-system/token-cleaner"},
    {"system:controller:bootstrap-signer", "kube-public", "system:controller:bootstrap-signer", "ServiceAccount:kube-system/bootstrap-signer"},
};

#undef KUBEWALK_READ
#undef KUBEWALK_WRITE
#undef KUBEWALK_EVENTS

}  // namespace

std::span<const BootstrapRole> bootstrap_roles() { return roles; }
std::span<const BootstrapBinding> bootstrap_bindings() { return bindings; }

}  // namespace kubewalk::apiserver
