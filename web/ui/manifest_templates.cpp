#include "web/ui/manifest_templates.h"

namespace kubewalk::ui {

namespace {

constexpr ManifestTemplate table[] = {
    {"Pod", R"(apiVersion: v1
kind: Pod
metadata:
  name: web
  labels:
    app: web
spec:
  containers:
  - name: web
    image: nginx:1.27
    ports:
    - name: http
      containerPort: 80
)"},
    {"Deployment", R"(apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 2
  selector:
    matchLabels:
      app: web
  template:
    metadata:
      labels:
        app: web
    spec:
      containers:
      - name: web
        image: nginx:1.27
        ports:
        - name: http
          containerPort: 80
        readinessProbe:
          httpGet:
            path: /
            port: http
)"},
    {"Service", R"(apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  selector:
    app: web
  ports:
  - name: http
    port: 80
    targetPort: http
)"},
    {"Ingress", R"(apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: web
spec:
  ingressClassName: nginx
  rules:
  - host: web.example.com
    http:
      paths:
      - path: /
        pathType: Prefix
        backend:
          service:
            name: web
            port:
              number: 80
)"},
    {"ConfigMap", R"(apiVersion: v1
kind: ConfigMap
metadata:
  name: settings
data:
  colour: blue
)"},
    {"CronJob", R"(apiVersion: batch/v1
kind: CronJob
metadata:
  name: tick
spec:
  schedule: "*/5 * * * *"
  jobTemplate:
    spec:
      template:
        spec:
          restartPolicy: OnFailure
          containers:
          - name: tick
            image: busybox:1.36
            command: ["sh", "-c", "date"]
)"},
    {"NetworkPolicy", R"(apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: only-web
spec:
  podSelector:
    matchLabels:
      app: web
  policyTypes:
  - Ingress
  ingress:
  - from:
    - podSelector:
        matchLabels:
          role: client
    ports:
    - port: 80
)"},
};

}  // namespace

std::span<const ManifestTemplate> manifest_templates() {
    return table;
}

}  // namespace kubewalk::ui
