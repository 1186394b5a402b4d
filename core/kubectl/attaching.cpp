#include "core/kubectl/attaching.h"

#include "core/api/json.h"
#include "core/base/text.h"

namespace kubewalk::kubectl {

using api::Value;

namespace {

constexpr std::string_view try_enter =
    "All commands and output from this session will be recorded in container logs, including credentials and sensitive information passed "
    "through the command prompt.\nIf you don't see a command prompt, try pressing enter.\n";

// A shell in a container that waits for lines.
class ShellSession final : public Waiting<ShellSession> {
public:
    ShellSession(const Server& server, client::Request request) : server_(server), request_(std::move(request)) {}

    // The first exchange; false when the program turned out to be no shell.
    bool begin(Time now, Output& more, Duration& elapsed) {
        const bool shell = exchange({}, now, more);
        elapsed = elapsed_;
        return shell;
    }

    bool poll(Time now, Output& more) override {
        if (!ended_ && running_ && now >= due_)
            exchange({}, now, more);
        more.exit = exit_;
        return ended_;
    }
    std::optional<std::string> prompt() const override { return ended_ || running_ ? std::nullopt : std::optional(prompt_); }
    void typed(std::string_view line, Time now, Output& more) override { exchange(cat(line, "\n"), now, more); }
    void input_ended(Time now, Output& more) override { exchange("exit\n", now, more); }
    bool survives_interrupt() const override { return true; }
    void interrupted(Output& more) override {
        more.out += "^C\n";
        if (running_)
            exchange(std::string(1, '\x03'), due_, more);
    }

private:
    bool exchange(const std::string& typed, Time now, Output& more) {
        request_.body = Value::object({{"stdin", cat(session_mark, state_, session_mark, typed)}, {"tty", true}});
        auto answer = server_.answer(request_);
        more.err += server_.take_notes();
        if (!answer.ok()) {
            more.err += answer.refusal().is("InternalError") ? cat("error: Internal error occurred: ", answer.refusal().text, "\n") : answer.refusal().alone() + "\n";
            end(1, more);
            return false;
        }
        const auto text = answer.value()["stdout"].as_string();
        const auto mark = text.rfind(session_mark);
        more.out += text.substr(0, mark);
        more.err += answer.value()["stderr"].as_string();
        elapsed_ = Duration{answer.value()["elapsedNs"].as_int()};
        if (mark == std::string_view::npos) {
            end(static_cast<int>(answer.value()["exitCode"].as_int()), more);
            return false;
        }
        state_ = text.substr(mark + 1);
        const auto state = api::parse_json(state_).value_or({});
        prompt_ = state["prompt"].str();
        running_ = state["running"].as_bool() || elapsed_.ns > 0;
        due_ = now + elapsed_;
        if (state["ended"].as_bool())
            end(static_cast<int>(state["exit"].as_int()), more);
        return true;
    }

    void end(int exit, Output& more) {
        ended_ = true;
        exit_ = exit;
        if (exit != 0)
            append(more.err, "command terminated with exit code ", exit, "\n");
    }

    Server server_;
    client::Request request_;
    std::string state_;
    std::string prompt_;
    bool running_ = false;
    bool ended_ = false;
    int exit_ = 0;
    Time due_;
    Duration elapsed_{};
};

bool is_shell(const Value& container) {
    const auto& command = container["command"];
    const auto& words = command.empty() ? container["args"] : command;
    if (words.size() > 1)
        return false;
    if (words.empty())
        return true;  // the image's own command: asked for and seen
    const auto name = words[0].as_string();
    const auto base = name.substr(name.rfind('/') + 1);
    return base == "sh" || base == "bash" || base == "ash";
}

// Waits for the container, then is what runs in it; takes everything away at the end with --rm.
class Attached final : public Waiting<Attached> {
public:
    Attached(const Server& server, AttachPlan plan, Time now) : server_(server), plan_(std::move(plan)), deadline_(now + plan_.patience) {}
    Attached(const Attached& other)
        : Waiting<Attached>(other), server_(other.server_), plan_(other.plan_), deadline_(other.deadline_), phase_(other.phase_),
          shell_(other.shell_ ? other.shell_->clone() : nullptr), going_(other.going_), seen_(other.seen_), restarts_(other.restarts_), exit_(other.exit_) {}

    bool poll(Time now, Output& more) override {
        if (phase_ == Phase::waiting)
            wait(now, more);
        if (phase_ == Phase::shell && shell_->poll(now, more)) {
            exit_ = more.exit;
            if (!plan_.remove && !plan_.quiet)
                append(more.out, "Session ended, resume using 'kubectl attach ", plan_.pod, " -c ", plan_.container, " -n ", plan_.namespace_name,
                       " -i -t' command when the pod is running\n");
            finish(more);
        }
        if (phase_ == Phase::log)
            follow(more);
        if (phase_ == Phase::removing && (!going_ || going_->poll(now, more)))
            phase_ = Phase::ended;
        more.exit = exit_;
        return phase_ == Phase::ended;
    }

    std::optional<std::string> prompt() const override { return phase_ == Phase::shell ? shell_->prompt() : std::nullopt; }
    void typed(std::string_view line, Time now, Output& more) override {
        if (phase_ == Phase::shell)
            shell_->typed(line, now, more);
    }
    void input_ended(Time now, Output& more) override {
        if (phase_ == Phase::shell)
            shell_->input_ended(now, more);
    }
    bool survives_interrupt() const override { return phase_ == Phase::shell; }
    void interrupted(Output& more) override {
        if (phase_ == Phase::shell)
            return shell_->interrupted(more);
        if (plan_.remove)
            remove(more);
    }

private:
    enum class Phase : unsigned char { waiting, shell, log, removing, ended };

    const Value& status_in(const Value& pod) const {
        for (const auto& status : pod["status"][plan_.list].items())
            if (status["name"].as_string() == plan_.container)
                return status["state"];
        return api::null_value();
    }

    std::int64_t restarts_in(const Value& pod) const {
        for (const auto& status : pod["status"][plan_.list].items())
            if (status["name"].as_string() == plan_.container)
                return status["restartCount"].as_int();
        return 0;
    }

    Answer<Value> pod() { return server_.quiet().get(api::kind::pods, plan_.namespace_name, plan_.pod); }

    void wait(Time now, Output& more) {
        auto object = pod();
        if (!object.ok())
            return give_up(object.refusal(), more);
        const auto& state = status_in(object.value());
        if (!state["terminated"].is_null()) {
            phase_ = Phase::log;
        } else if (!state["running"].is_null()) {
            restarts_ = restarts_in(object.value());
            begin(object.value(), now, more);
        } else if (now >= deadline_) {
            give_up(Refusal::plain("timed out waiting for the condition"), more);
        }
    }

    void begin(const Value& object, Time now, Output& more) {
        phase_ = Phase::log;
        if (!plan_.terminal)
            return;
        if (!plan_.quiet)
            more.err += try_enter;
        const std::string_view list = plan_.list == "containerStatuses" ? "containers" : "ephemeralContainers";
        for (const auto& container : object["spec"][list].items()) {
            if (container["name"].as_string() != plan_.container || !is_shell(container))
                continue;
            auto request = server_.request(client::Method::post, cat(api::object_path(api::kind::pods, plan_.namespace_name, plan_.pod), "/exec"));
            request.query["container"] = plan_.container;
            request.query["command"] = container["command"].empty() ? container["args"][0].str("sh") : container["command"][0].str();
            Output tried;
            Duration elapsed;
            if (auto shell = open_shell(server_, std::move(request), now, tried, elapsed)) {
                shell_ = std::move(shell);
                more.out += tried.out;
                phase_ = Phase::shell;
            }
        }
    }

    // What the container writes, until it ends.
    void follow(Output& more) {
        auto object = pod();
        if (!object.ok())
            return give_up(object.refusal(), more);
        auto request = server_.quiet().request(client::Method::get, cat(api::object_path(api::kind::pods, plan_.namespace_name, plan_.pod), "/log"));
        request.query["container"] = plan_.container;
        // What is attached to is one instance: the next one is nobody's.
        const bool restarted = restarts_in(object.value()) > restarts_;
        if (restarted)
            request.query["previous"] = "true";
        if (auto log = server_.quiet().answer(std::move(request)); log.ok()) {
            const auto text = log.value().as_string();
            more.out += text.substr(std::min(seen_, text.size()));
            seen_ = text.size();
        }
        if (restarted)
            return finish(more);
        const auto& terminated = status_in(object.value())["terminated"];
        if (terminated.is_null())
            return;
        exit_ = plan_.wait_for_end ? static_cast<int>(terminated["exitCode"].as_int()) : 0;
        if (exit_ != 0)
            append(more.err, "pod ", plan_.namespace_name, "/", plan_.pod, " terminated (", terminated["reason"].as_string(), ")\n",
                   terminated["message"].as_string(), terminated["message"].as_string().empty() ? "" : "\n");
        finish(more);
    }

    void give_up(const Refusal& refusal, Output& more) {
        more.err += refusal.alone() + "\n";
        exit_ = 1;
        finish(more);
    }

    void finish(Output& more) {
        phase_ = Phase::ended;
        if (plan_.remove)
            remove(more);
    }

    void remove(Output& more) {
        std::vector<Doomed> items;
        for (const auto& info : plan_.created) {
            auto request = server_.request(client::Method::del, api::object_path(*info.kind, info.namespace_name, info.name));
            request.body = Value::object({{"apiVersion", "v1"}, {"kind", "DeleteOptions"}, {"propagationPolicy", "Background"}});
            auto removed = server_.answer(std::move(request));
            more.err += server_.take_notes();
            if (!removed.ok()) {
                more.err += removed.refusal().alone() + "\n";
                continue;
            }
            more.out += removal_line(info, {}, DryRun::none);
            items.push_back(doomed(info, removed.value()));
        }
        going_ = Disappearing(server_, std::move(items), std::nullopt);
        phase_ = Phase::removing;
    }

    Server server_;
    AttachPlan plan_;
    Time deadline_;
    Phase phase_ = Phase::waiting;
    std::unique_ptr<Continuation> shell_;
    std::optional<Disappearing> going_;
    std::size_t seen_ = 0;
    std::int64_t restarts_ = 0;
    int exit_ = 0;
};

}  // namespace

std::unique_ptr<Continuation> open_shell(Server& server, client::Request exec, Time now, Output& output, Duration& elapsed) {
    auto session = std::make_unique<ShellSession>(server, std::move(exec));
    const bool shell = session->begin(now, output, elapsed);
    session->poll(now, output);
    return shell ? std::move(session) : nullptr;
}

std::unique_ptr<Continuation> attach_when_running(const Server& server, AttachPlan plan, Time now) {
    return std::make_unique<Attached>(server, std::move(plan), now);
}

}  // namespace kubewalk::kubectl
