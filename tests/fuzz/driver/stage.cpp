#include "tests/fuzz/driver/stage.h"

#include "tests/fuzz/driver/door.h"

namespace kubewalk::fuzz {

namespace {

constexpr std::string_view things = R"(apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {app: web}}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - {name: nginx, image: nginx, ports: [{name: http, containerPort: 80}]}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 80, targetPort: http}]}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: notes, annotations: {example.com/a: "1"}}
data: {a: "1", file.txt: "one\ntwo\n"}
---
apiVersion: v1
kind: Pod
metadata: {name: box}
spec: {containers: [{name: box, image: busybox, command: [sleep, "36000"]}]}
)";

struct Stage {
    cluster::Session session;
    std::shared_ptr<const cluster::Session::Bookmark> start;
    std::uint64_t steps = 0;
    std::int64_t revision = 0;

    static cluster::Options options() {
        cluster::Options options;
        options.scenario = "empty";
        options.workers = 1;
        options.policy_controller = "none";
        return options;
    }
    Stage() : session(options()) {
        const auto applied = session.apply(things);
        expect(applied.ok, "the stage cannot be set");
        session.settle();
        session.begin_here();
        start = session.bookmark();
        steps = session.cluster().simulation().steps();
        revision = session.cluster().revision();
    }
    bool touched() const { return session.cluster().simulation().steps() != steps || session.cluster().revision() != revision; }
};

Stage& stage() {
    static Stage one;
    return one;
}

}  // namespace

cluster::Session& session() { return stage().session; }

cluster::Session& fresh_session() {
    auto& one = stage();
    if (one.touched())
        one.session.return_to(*one.start);
    return one.session;
}

}  // namespace kubewalk::fuzz
