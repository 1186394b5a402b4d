// Upstream: k8s.io/kubectl/pkg/cmd/set/set_subject.go.

#include <algorithm>
#include <set>

#include "core/base/text.h"
#include "core/kubectl/modify.h"

namespace kubewalk::kubectl::command {

using api::Value;

namespace {

std::set<std::string> sorted(const Run& run, std::string_view flag) {
    const auto names = run.flags.list(flag);
    return {names.begin(), names.end()};
}

Value subjects_of(const Run& run) {
    constexpr std::string_view group = "rbac.authorization.k8s.io";
    Value subjects = Value::array();
    for (const auto& name : sorted(run, "user"))
        subjects.push_back(Value::object({{"kind", "User"}, {"apiGroup", group}, {"name", name}}));
    for (const auto& name : sorted(run, "group"))
        subjects.push_back(Value::object({{"kind", "Group"}, {"apiGroup", group}, {"name", name}}));
    for (const auto& account : sorted(run, "serviceaccount")) {
        const auto colon = account.find(':');
        const auto its_namespace = colon == 0 ? run.namespace_name() : account.substr(0, colon);
        subjects.push_back(Value::object({{"kind", "ServiceAccount"}, {"namespace", its_namespace}, {"name", account.substr(colon + 1)}}));
    }
    return subjects;
}

Answer<Outcome> add(const Run& run, const Info& info, const Value& subjects) {
    if (info.kind->kind != "RoleBinding" && info.kind->kind != "ClusterRoleBinding")
        return refusal_about(info, "setting subjects is only supported for RoleBinding/ClusterRoleBinding");
    Outcome outcome{info.object, "subjects updated"};
    if (info.kind->kind == "ClusterRoleBinding")
        for (const auto& account : run.flags.list("serviceaccount"))
            if (account.starts_with(':'))
                return Refusal::plain("serviceaccount must be <namespace>:<name>, namespace must be specified");
    const auto before = info.object["subjects"].items();
    for (const auto& subject : subjects.items())
        if (std::find(before.begin(), before.end(), subject) == before.end())
            outcome.object.edit("subjects").push_back(subject);
    if (outcome.object == info.object)
        outcome.operation.clear();
    return outcome;
}

}  // namespace

void set_subject_flags(FlagSet& set) {
    add_modify_flags(set, "kubectl-set");
    set.array("user", "A user's name; may come again")
        .array("group", "A group's name; may come again")
        .array("serviceaccount", "NAMESPACE:NAME; may come again");
}

void set_subject(Run& run) {
    if (run.args().empty() && !run.flags.has("filename"))
        return run.fail("You must provide one or more resources by argument or filename.\n"
                        "Example resource specifications include:\n"
                        "   '-f rsrc.yaml'\n"
                        "   '--filename=rsrc.json'\n"
                        "   '<resource> <name>'\n"
                        "   '<resource>'");
    if (!run.flags.has("user") && !run.flags.has("group") && !run.flags.has("serviceaccount"))
        return run.fail("you must specify at least one value of user, group or serviceaccount");
    for (const auto& account : run.flags.list("serviceaccount"))
        if (const auto colon = account.find(':'); colon == std::string::npos || account.find(':', colon + 1) != std::string::npos || colon + 1 == account.size())
            return run.fail("serviceaccount must be <namespace>:<name>");
    const Value subjects = subjects_of(run);
    modify_each(run, run.args(), [&](const Info& info) { return add(run, info, subjects); });
}

}  // namespace kubewalk::kubectl::command
