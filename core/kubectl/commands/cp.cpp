// Upstream: k8s.io/kubectl/pkg/cmd/cp/cp.go. It runs tar in the container; here a file travels through `cat` and
// `tee`, one by one.

#include "core/base/text.h"
#include "core/kubectl/pods_of.h"

namespace kubewalk::kubectl::command {

using api::Value;

namespace {

// [[NAMESPACE/]POD:]PATH
struct Place {
    std::string namespace_name;
    std::string pod;  // "": this machine
    std::string path;
};

Answer<Place> parse_place(const Run& run, const std::string& text) {
    const auto colon = text.find(':');
    if (colon == std::string::npos)
        return Place{{}, {}, text};
    if (colon == 0)
        return Refusal::plain("filespec must match the canonical format: [[namespace/]pod:]file/path");
    const auto pod = text.substr(0, colon);
    const auto slash = pod.find('/');
    if (slash == std::string::npos)
        return Place{run.namespace_name(), pod, text.substr(colon + 1)};
    if (pod.find('/', slash + 1) != std::string::npos)
        return Refusal::plain("filespec must match the canonical format: [[namespace/]pod:]file/path");
    return Place{pod.substr(0, slash), pod.substr(slash + 1), text.substr(colon + 1)};
}

Answer<Value> execute(Run& run, const Place& place, const std::string& container, const std::vector<std::string>& argv, std::string_view input) {
    auto request = run.server.request(client::Method::post, cat(api::object_path(api::kind::pods, place.namespace_name, place.pod), "/exec"));
    request.query["container"] = container;
    request.query["command"] = join(argv, "\n");
    request.body = Value::object({{"stdin", input}});
    return run.server.answer(std::move(request));
}

std::string base_name(const std::string& path) { return path.substr(path.rfind('/') == std::string::npos ? 0 : path.rfind('/') + 1); }

// False (and said so) when the program in the container failed.
bool worked(Run& run, const Answer<Value>& answer) {
    if (!answer.ok()) {
        run.fail(answer.refusal());
        return false;
    }
    run.err(answer.value()["stderr"].as_string());
    const auto exit = static_cast<int>(answer.value()["exitCode"].as_int());
    if (exit != 0) {
        run.err(cat("command terminated with exit code ", exit, "\n"));
        run.started.output.exit = exit;
    }
    return exit == 0;
}

}  // namespace

void cp_flags(FlagSet& set) {
    set.text("container", "The container; else the Pod's default or first one", 'c')
        .boolean("no-preserve", "Accepted; owners and modes are not kept here")
        .integer("retries", "Accepted; nothing is lost on the way", "0");
}

void cp(Run& run) {
    if (run.args().size() != 2)
        return run.fail("source and destination are required");
    auto from = parse_place(run, run.args()[0]);
    auto to = parse_place(run, run.args()[1]);
    if (!from.ok() || !to.ok())
        return run.fail(from.ok() ? to.refusal() : from.refusal());
    const auto& source = from.value();
    const auto& target = to.value();
    if (!source.pod.empty() && !target.pod.empty())
        return run.fail("one of src or dest must be a local file specification");
    if (source.pod.empty() && target.pod.empty())
        return run.fail("one of src or dest must be a remote file specification");
    if (source.path.empty() || target.path.empty())
        return run.fail("filepath can not be empty");
    const auto& far = source.pod.empty() ? target : source;
    auto pod = run.server.get(api::kind::pods, far.namespace_name, far.pod);
    if (!pod.ok())
        return run.fail(pod.refusal());
    auto container = choose_container(pod.value(), run.flags.text("container"));
    if (!container.ok())
        return run.fail(container.refusal());
    run.err(container.value().note);
    if (!source.pod.empty()) {
        auto answer = execute(run, source, container.value().name, {"cat", source.path}, {});
        if (!worked(run, answer))
            return;
        const auto path = target.path.ends_with('/') ? cat(target.path, base_name(source.path)) : target.path;
        if (!run.environment.write_file || !run.environment.write_file(path, answer.value()["stdout"].as_string()).ok())
            run.fail(cat("open ", path, ": permission denied"));
        return;
    }
    auto text = run.environment.read_file ? run.environment.read_file(source.path) : Result<std::string>(Error{});
    if (!text.ok())
        return run.fail(cat(source.path, " doesn't exist in local filesystem"));
    const auto path = target.path.ends_with('/') ? cat(target.path, base_name(source.path)) : target.path;
    auto answer = execute(run, target, container.value().name, {"tee", path}, text.value());
    worked(run, answer);
}

}  // namespace kubewalk::kubectl::command
