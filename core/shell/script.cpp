#include "core/shell/script.h"

#include <utility>

#include "core/base/text.h"

namespace kubewalk::shell {

// Turns what syntax.h parses into a row of instructions. What hands output from one command to another (pipelines,
// redirected loops, substitutions) stays one instruction: it runs in one go.
class ScriptCompiler {
public:
    using Instruction = Script::Instruction;
    using Kind = Instruction::Kind;

    std::shared_ptr<const Script::Program> compile(Command script) {
        add(std::move(script));
        return std::make_shared<const Script::Program>(std::move(program_));
    }

private:
    struct OpenLoop {
        std::size_t again;                // where the next round begins
        std::vector<std::size_t> leaves;  // jumps that `break` made
    };

    std::size_t here() const { return program_.size(); }
    std::size_t emit(Kind kind, std::size_t target = 0) {
        program_.push_back({kind, {}, target});
        return program_.size() - 1;
    }
    void run(Command command) { program_.push_back({Kind::run, std::move(command), 0}); }

    void add(Command command) {
        switch (command.kind) {
        case Command::Kind::list:
            for (auto& part : command.children)
                add(std::move(part));
            return;
        case Command::Kind::and_or: return add_chain(std::move(command));
        case Command::Kind::pipeline:
            if (command.children.size() == 1 && !command.negated)
                return add(std::move(command.children[0]));
            return run(std::move(command));
        case Command::Kind::simple: return add_simple(std::move(command));
        case Command::Kind::group:
        case Command::Kind::for_:
        case Command::Kind::while_:
            if (!command.redirections.empty())
                return run(std::move(command));
            return add_compound(std::move(command));
        case Command::Kind::if_: return add_if(std::move(command));
        case Command::Kind::case_: return run(std::move(command));
        }
    }

    // `a && b || c`: each part runs or not by what the last one said.
    void add_chain(Command command) {
        for (std::size_t i = 0; i < command.children.size(); ++i) {
            if (i == 0) {
                add(std::move(command.children[0]));
                continue;
            }
            const std::size_t skip = emit(command.operators[i] == "&&" ? Kind::jump_if_failed : Kind::jump_if_ok);
            add(std::move(command.children[i]));
            program_[skip].target = here();
        }
    }

    void add_simple(Command command) {
        const bool alone = command.words.size() == 1 && command.redirections.empty() && !loops_.empty();
        if (alone && command.words[0] == "break") {
            loops_.back().leaves.push_back(emit(Kind::jump));
        } else if (alone && command.words[0] == "continue") {
            emit(Kind::jump, loops_.back().again);
        } else {
            run(std::move(command));
        }
    }

    void add_if(Command command) {
        std::vector<std::size_t> ends;
        for (std::size_t i = 0; i + 1 < command.children.size(); i += 2) {
            add(std::move(command.children[i]));
            const std::size_t next = emit(Kind::jump_if_failed);
            add(std::move(command.children[i + 1]));
            ends.push_back(emit(Kind::jump));
            program_[next].target = here();
        }
        if (command.children.size() % 2 == 1)
            add(std::move(command.children.back()));
        else
            emit(Kind::succeed);  // no branch was taken
        for (const auto end : ends)
            program_[end].target = here();
    }

    void add_compound(Command command) {
        if (command.kind == Command::Kind::group)
            return add(std::move(command.children[0]));
        if (command.kind == Command::Kind::for_) {
            Command words;
            words.words = std::move(command.words);
            program_.push_back({Kind::begin_for, std::move(words), 0});
            const std::size_t next = emit(Kind::next_for);
            add_body(std::move(command.children[0]), next);
            program_[next].target = here();
            return leave_loop();
        }
        const std::size_t condition = here();
        add(std::move(command.children[0]));
        const std::size_t leave = emit(command.negated ? Kind::jump_if_ok : Kind::jump_if_failed);
        add_body(std::move(command.children[1]), condition);
        program_[leave].target = here();
        leave_loop();
        emit(Kind::succeed);
    }

    void add_body(Command body, std::size_t again) {
        loops_.push_back({again, {}});
        add(std::move(body));
        emit(Kind::jump, again);
    }

    void leave_loop() {
        for (const auto leave : loops_.back().leaves)
            program_[leave].target = here();
        loops_.pop_back();
    }

    Script::Program program_;
    std::vector<OpenLoop> loops_;
};

Script::Script(ShellKind kind, std::vector<std::string> positional) {
    state_.kind = kind;
    state_.positional = std::move(positional);
}

Script::Script(std::string_view text, ShellKind kind, std::vector<std::string> positional) : Script(kind, std::move(positional)) {
    auto parsed = parse_script(text);
    if (parsed.ok())
        program_ = ScriptCompiler().compile(parsed.take());
    else
        error_ = parsed.error().message;
}

std::optional<std::string> Script::take(std::string_view text) {
    constexpr int syntax_error = 2;
    program_ = nullptr;
    loops_.clear();
    at_ = 0;
    ran_ = SIZE_MAX;
    auto parsed = parse_script(text);
    if (!parsed.ok()) {
        state_.last = syntax_error;
        return cat(state_.kind == ShellKind::bash ? "bash: " : "sh: ", parsed.error().message, "\n");
    }
    text_ = text;
    program_ = ScriptCompiler().compile(parsed.take());
    return std::nullopt;
}

void Script::stop() {
    constexpr int interrupted = 130;
    program_ = nullptr;
    loops_.clear();
    at_ = 0;
    state_.last = interrupted;
}

bool Script::done() const { return state_.exited || (error_.empty() && (!program_ || at_ >= program_->size())); }

std::vector<std::string> Script::next_words() const {
    if (done() || !program_ || (*program_)[at_].kind != Instruction::Kind::run)
        return {};
    return (*program_)[at_].command.words;
}

// set -e: a command that fails ends the script, unless what comes next asks how it went.
void Script::leave_after_failure(int exit) {
    using Kind = Instruction::Kind;
    if (!state_.exits_on_error || exit == 0 || state_.exited)
        return;
    const auto next = at_ < program_->size() ? (*program_)[at_].kind : Kind::run;
    if (next == Kind::jump_if_failed || next == Kind::jump_if_ok)
        return;
    state_.exited = true;
    state_.exit_code = exit;
}

Completed Script::step_to_command(ProcessContext& context, std::string_view input) {
    Completed result;
    while (!done()) {
        const bool runs = !program_ || (*program_)[at_].kind == Instruction::Kind::run;
        result = step(context, input);
        if (runs)
            break;
    }
    return result;
}

Completed Script::step(ProcessContext& context, std::string_view input) {
    constexpr int syntax_error = 2;
    if (!error_.empty()) {
        state_.exited = true;
        state_.exit_code = syntax_error;
        return {syntax_error, {}, cat("sh: ", std::exchange(error_, {}), "\n"), {}};
    }
    Completed result;
    if (done())
        return result;
    bring_environment(context, state_);
    const Instruction& now = (*program_)[at_];
    using Kind = Instruction::Kind;
    switch (now.kind) {
    case Kind::run:
        ran_ = at_++;
        execute_command(context, state_, now.command, input, result);
        leave_after_failure(result.exit);
        break;
    case Kind::jump: at_ = now.target; break;
    case Kind::jump_if_failed: at_ = state_.last != 0 ? now.target : at_ + 1; break;
    case Kind::jump_if_ok: at_ = state_.last == 0 ? now.target : at_ + 1; break;
    case Kind::succeed:
        state_.last = 0;
        ++at_;
        break;
    case Kind::begin_for: {
        const auto& words = now.command.words;
        ++at_;
        // A loop left by `break` has left its values behind.
        while (!loops_.empty() && loops_.back().at >= at_)
            loops_.pop_back();
        loops_.push_back({at_, words[0], expand_words(context, state_, {words.begin() + 1, words.end()}), 0});
        break;
    }
    case Kind::next_for: {
        while (loops_.size() > 1 && loops_.back().at != at_)
            loops_.pop_back();
        if (loops_.empty()) {
            at_ = now.target;
            break;
        }
        Loop& loop = loops_.back();
        if (loop.next < loop.values.size()) {
            assign_variable(context, state_, loop.name, loop.values[loop.next++]);
            ++at_;
        } else {
            loops_.pop_back();
            at_ = now.target;
        }
        break;
    }
    }
    return result;
}

namespace {

api::Value map_value(const std::map<std::string, std::string>& map) {
    api::Value value = api::Value::object();
    for (const auto& [key, text] : map)
        value.set(key, text);
    return value;
}

std::map<std::string, std::string> map_of(const api::Value& value) {
    std::map<std::string, std::string> map;
    for (const auto& [key, text] : value.members())
        map[key] = text.str();
    return map;
}

template <typename Texts>
api::Value list_value(const Texts& texts) {
    api::Value value = api::Value::array();
    for (const auto& text : texts)
        value.push_back(text);
    return value;
}

}  // namespace

api::Value Script::save() const {
    using api::Value;
    Value saved = Value::object({{"kind", static_cast<int>(state_.kind)}, {"positional", list_value(state_.positional)},
                                 {"variables", map_value(state_.variables)}, {"exported", map_value(state_.exported)},
                                 {"removed", list_value(state_.removed)}, {"last", state_.last}, {"errexit", state_.exits_on_error},
                                 {"exited", state_.exited}, {"exitCode", state_.exit_code}});
    if (done())
        return saved;
    Value loops = Value::array();
    for (const auto& loop : loops_)
        loops.push_back(Value::object({{"at", static_cast<std::int64_t>(loop.at)}, {"name", loop.name},
                                       {"values", list_value(loop.values)}, {"next", static_cast<std::int64_t>(loop.next)}}));
    saved.set("script", text_);
    saved.set("at", static_cast<std::int64_t>(at_));
    saved.set("loops", std::move(loops));
    return saved;
}

// It comes back from a container, where nobody vouches for it: places outside of the script are refused.
Script Script::load(const api::Value& saved) {
    const auto kind = saved["kind"].as_int(static_cast<int>(ShellKind::ash));
    Script script(kind == static_cast<int>(ShellKind::dash)   ? ShellKind::dash
                  : kind == static_cast<int>(ShellKind::bash) ? ShellKind::bash
                                                              : ShellKind::ash,
                  {});
    auto& state = script.state_;
    for (const auto& word : saved["positional"].items())
        state.positional.push_back(word.str());
    state.variables = map_of(saved["variables"]);
    state.exported = map_of(saved["exported"]);
    for (const auto& name : saved["removed"].items())
        state.removed.insert(name.str());
    state.exits_on_error = saved["errexit"].as_bool();
    state.exited = saved["exited"].as_bool();
    state.exit_code = static_cast<int>(saved["exitCode"].as_int());
    const auto at = static_cast<std::size_t>(saved["at"].as_int());
    if (saved.contains("script") && !script.take(saved["script"].as_string()) && at < script.program_->size()) {
        script.at_ = at;
        for (const auto& entry : saved["loops"].items()) {
            Loop loop{static_cast<std::size_t>(entry["at"].as_int()), entry["name"].str(), {}, static_cast<std::size_t>(entry["next"].as_int())};
            for (const auto& value : entry["values"].items())
                loop.values.push_back(value.str());
            script.loops_.push_back(std::move(loop));
        }
    } else {
        script.program_ = nullptr;
    }
    state.last = static_cast<int>(saved["last"].as_int());
    return script;
}

}  // namespace kubewalk::shell
