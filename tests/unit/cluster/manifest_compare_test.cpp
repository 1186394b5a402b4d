// What applying would change, before it is done.

#include <doctest/doctest.h>

#include <algorithm>

#include "core/base/text.h"
#include "core/cluster/cluster.h"
#include "core/cluster/manifest_compare.h"
#include "core/cluster/session.h"

using namespace kubewalk;
using cluster::compare_manifest;
using cluster::FieldEffect;

namespace {

std::string joined(const std::vector<cluster::DiffLine>& lines) {
    std::string out;
    for (const auto& line : lines)
        append(out, line.sign, line.text, "\n");
    return out;
}

const cluster::FieldRow* row(const cluster::ManifestComparison& all, std::string_view path) {
    const auto found = std::find_if(all.fields.begin(), all.fields.end(), [&](const auto& one) { return one.path == path; });
    return found == all.fields.end() ? nullptr : &*found;
}

const std::string text = R"(apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  labels:
    tier: front
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
)";

std::string changed(std::string_view from, std::string_view to) {
    std::string out = text;
    out.replace(out.find(from), from.size(), to);
    return out;
}

}  // namespace

TEST_CASE("lines: what is the same stays, the rest goes and comes in order") {
    CHECK(joined(cluster::diff_lines("a\nb\nc\n", "a\nx\nc\n")) == " a\n-b\n+x\n c\n");
    CHECK(joined(cluster::diff_lines("", "a\n")) == "+a\n");
    CHECK(joined(cluster::diff_lines("a\nb\n", "b\n")) == "-a\n b\n");
    CHECK(joined(cluster::diff_lines("same\n", "same\n")) == " same\n");
    CHECK(joined(cluster::diff_lines("1\n2\n3\n4\n", "0\n2\n4\n5\n")) == "-1\n+0\n 2\n-3\n 4\n+5\n");
}

TEST_CASE("three ways: set, removed, restored, left alone") {
    cluster::Options options;
    options.scenario = "empty";
    options.workers = 1;
    cluster::Session session(options);
    session.settle();
    const auto fresh = compare_manifest(session.cluster(), text);
    CHECK_FALSE(fresh.exists);
    CHECK(fresh.object == "deployments.apps/web");
    CHECK(joined(fresh.lines).find("+  replicas: 2") != std::string::npos);
    REQUIRE(session.apply(text).ok);
    session.settle();
    const auto same = compare_manifest(session.cluster(), text);
    CHECK(same.exists);
    CHECK(std::all_of(same.lines.begin(), same.lines.end(), [](const auto& line) { return line.sign == ' '; }));
    CHECK(std::all_of(same.fields.begin(), same.fields.end(), [](const auto& one) { return one.effect == FieldEffect::theirs; }));

    session.run("kubectl scale deployment web --replicas=5");
    const auto drifted = compare_manifest(session.cluster(), text);
    const auto* replicas = row(drifted, "spec.replicas");
    REQUIRE(replicas);
    CHECK(replicas->effect == FieldEffect::restored);
    CHECK(replicas->applied == "2");
    CHECK(replicas->live == "5");
    CHECK(replicas->mine == "2");
    CHECK(joined(drifted.lines).find("-  replicas: 5\n+  replicas: 2\n") != std::string::npos);

    const auto image = compare_manifest(session.cluster(), changed("nginx:1.27", "nginx:1.28"));
    const auto* container = row(image, "spec.template.spec.containers[web].image");
    REQUIRE(container);
    CHECK(container->effect == FieldEffect::set);
    CHECK(container->live == "nginx:1.27");
    CHECK(container->mine == "nginx:1.28");

    const auto removed = compare_manifest(session.cluster(), changed("  labels:\n    tier: front\n", ""));
    const auto* label = row(removed, "metadata.labels.tier");
    REQUIRE(label);
    CHECK(label->effect == FieldEffect::removed);
    // Defaults that the server wrote belong to nobody's text.
    const auto* policy = row(same, "spec.template.spec.restartPolicy");
    REQUIRE(policy);
    CHECK(policy->effect == FieldEffect::theirs);

    const auto refused = compare_manifest(session.cluster(), changed("replicas: 2", "replicas: -2"));
    CHECK(refused.refusal.find("must be greater than or equal to 0") != std::string::npos);
    CHECK(refused.lines.empty());
}
