// A script that is run step by step.

#include <algorithm>
#include <utility>

#include "core/shell/interpreter.h"

namespace kubewalk::shell {

Machine::Machine(ShellKind kind, std::vector<std::string> positional) {
    state_.kind = kind;
    state_.positional = std::move(positional);
}

std::optional<std::string> Machine::take(std::string_view script) {
    auto parsed = parse_script(script);
    if (!parsed) {
        state_.last = 2;
        return cat(state_.kind == ShellKind::bash ? "bash: " : "sh: ", parsed.error().message, "\n");
    }
    script_ = script;
    root_ = std::make_shared<const Command>(parsed.take());
    frames_.clear();
    ran_ = nullptr;
    enter(*root_);
    return std::nullopt;
}

void Machine::enter(const Command& node) { frames_.push_back({&node, 0, {}, true}); }

void Machine::stop() {
    frames_.clear();
    state_.last = 130;
}

// Descends to the next command that is run as one: a simple one, a pipeline, or a construct whose output goes elsewhere.
const Command* Machine::next(ProcessContext& context) {
    using Kind = Command::Kind;
    while (!frames_.empty()) {
        Frame& frame = frames_.back();
        const Command& node = *frame.node;
        switch (node.kind) {
            case Kind::list:
                if (frame.at == node.children.size())
                    break;
                enter(node.children[frame.at++]);
                continue;
            case Kind::and_or: {
                while (frame.at < node.children.size() && frame.at > 0 &&
                       ((node.operators[frame.at] == "&&" && state_.last != 0) || (node.operators[frame.at] == "||" && state_.last == 0)))
                    ++frame.at;
                if (frame.at == node.children.size())
                    break;
                enter(node.children[frame.at++]);
                continue;
            }
            case Kind::pipeline: {
                const bool compound = node.children.size() == 1 && !node.negated && node.children[0].kind != Kind::simple &&
                                      node.children[0].redirections.empty();
                frames_.pop_back();
                if (!compound)
                    return &node;
                enter(node.children[0]);
                continue;
            }
            case Kind::simple: frames_.pop_back(); return &node;
            case Kind::group: {
                const Command& inner = node.children[0];
                frames_.pop_back();
                enter(inner);
                continue;
            }
            case Kind::if_: {
                if (frame.at > 0 && frame.at % 2 == 1) {  // a condition has been judged
                    const auto then = frame.at;
                    if (state_.last == 0) {
                        const Command& inner = node.children[then];
                        frames_.pop_back();
                        enter(inner);
                        continue;
                    }
                    ++frame.at;
                }
                const auto at = frame.at;
                if (at >= node.children.size()) {
                    state_.last = 0;
                    break;
                }
                const Command& inner = node.children[at];
                if (at + 1 == node.children.size())
                    frames_.pop_back();  // else
                else
                    ++frame.at;
                enter(inner);
                continue;
            }
            case Kind::while_: {
                if (frame.at == 1 && (state_.last == 0) == node.negated) {
                    state_.last = 0;
                    break;
                }
                const auto at = frame.at;
                frame.at = 1 - frame.at;
                enter(node.children[at]);
                continue;
            }
            case Kind::for_: {
                if (frame.at == 0) {
                    frame.values = expanded(context, state_, {node.words.begin() + 1, node.words.end()});
                }
                if (frame.at >= frame.values.size())
                    break;
                auto& variables = context.environment.contains(node.words[0]) ? context.environment : state_.variables;
                variables[node.words[0]] = frame.values[frame.at++];
                enter(node.children[0]);
                continue;
            }
        }
        frames_.pop_back();
    }
    return nullptr;
}

Completed Machine::step(ProcessContext& context, std::string_view input) {
    for (const auto& [name, value] : state_.exported)
        context.environment[name] = value;
    const Command* command = next(context);
    if (!command)
        return {state_.last, {}, {}, {}};
    ran_ = command;
    auto done = interpret(context, state_, *command, input);
    state_.last = done.exit;
    for (auto& [name, value] : state_.exported)
        if (const auto now = context.environment.find(name); now != context.environment.end())
            value = now->second;
    return done;
}

std::string Machine::prompt(const ProcessContext& context) const {
    const auto found = state_.exported.find("PWD");
    const auto here = found == state_.exported.end() ? absolute_path(context, ".") : found->second;
    const auto home = context.environment.find("HOME");
    const bool at_home = home != context.environment.end() && here == home->second;
    switch (state_.kind) {
        case ShellKind::dash: return context.uid == 0 ? "# " : "$ ";
        case ShellKind::bash:
            return cat(context.uid == 0 ? "root" : "I have no name!", "@", context.hostname, ":", at_home ? "~" : here, context.uid == 0 ? "# " : "$ ");
        case ShellKind::ash: return cat(at_home && here != "/" ? "~" : here, context.uid == 0 ? " # " : " $ ");
    }
    return "# ";
}

std::shared_ptr<const Command> Machine::stages_behind(int stage) const {
    if (!ran_ || ran_->kind != Command::Kind::pipeline || stage < 0 || static_cast<std::size_t>(stage) + 1 >= ran_->children.size())
        return nullptr;
    auto rest = std::make_shared<Command>(*ran_);
    rest->children.erase(rest->children.begin(), rest->children.begin() + stage + 1);
    return rest;
}

std::vector<Redirection> Machine::redirections_of(int stage) const {
    if (!ran_ || stage < 0)
        return {};
    if (ran_->kind == Command::Kind::simple)
        return ran_->redirections;
    return static_cast<std::size_t>(stage) < ran_->children.size() ? ran_->children[static_cast<std::size_t>(stage)].redirections : std::vector<Redirection>{};
}

Completed run_stages(ProcessContext& context, const ShellState& state, const Command& stages, std::string_view input) {
    ShellState copy = state;
    for (const auto& [name, value] : copy.exported)
        context.environment[name] = value;
    return interpret(context, copy, stages, input);
}

bool needs_all(const Command& stages) {
    for (const auto& stage : stages.children) {
        const auto name = stage.words.empty() ? std::string_view() : std::string_view(stage.words[0]);
        for (std::string_view patient : {"sort", "wc", "tail", "tac", "uniq", "xargs", "jq", "base64", "tee", "sh", "bash", "kubectl"})
            if (name == patient)
                return true;
        for (const auto& word : stage.words)
            if (name == "grep" && (word == "-c" || word == "-q"))
                return true;
    }
    return false;
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

}  // namespace

// A frame is found again by its place: which child of the frame before it was entered last.
api::Value Machine::save() const {
    using api::Value;
    Value positional = Value::array();
    for (const auto& word : state_.positional)
        positional.push_back(word);
    Value saved = Value::object({{"kind", static_cast<int>(state_.kind)}, {"positional", std::move(positional)}, {"variables", map_value(state_.variables)},
                                 {"exported", map_value(state_.exported)}, {"last", state_.last}});
    if (idle())
        return saved;
    saved.set("script", script_);
    Value frames = Value::array();
    for (const auto& frame : frames_) {
        Value values = Value::array();
        for (const auto& value : frame.values)
            values.push_back(value);
        // The way from the root: child numbers, found by searching the tree for the node.
        Value path = Value::array();
        std::vector<std::pair<const Command*, std::vector<int>>> open = {{root_.get(), {}}};
        while (!open.empty()) {
            auto [node, way] = open.back();
            open.pop_back();
            if (node == frame.node) {
                for (const int step : way)
                    path.push_back(step);
                break;
            }
            for (std::size_t i = 0; i < node->children.size(); ++i) {
                auto longer = way;
                longer.push_back(static_cast<int>(i));
                open.emplace_back(&node->children[i], std::move(longer));
            }
        }
        frames.push_back(Value::object({{"path", std::move(path)}, {"at", static_cast<std::int64_t>(frame.at)}, {"values", std::move(values)}}));
    }
    saved.set("frames", std::move(frames));
    return saved;
}

Machine Machine::load(const api::Value& saved) {
    Machine machine(static_cast<ShellKind>(saved["kind"].as_int(static_cast<int>(ShellKind::ash))));
    machine.state_.positional.clear();
    for (const auto& word : saved["positional"].items())
        machine.state_.positional.push_back(word.str());
    machine.state_.variables = map_of(saved["variables"]);
    machine.state_.exported = map_of(saved["exported"]);
    machine.state_.last = static_cast<int>(saved["last"].as_int());
    if (!saved.contains("script") || machine.take(saved["script"].as_string()))
        return machine;
    machine.frames_.clear();
    machine.state_.last = static_cast<int>(saved["last"].as_int());
    for (const auto& entry : saved["frames"].items()) {
        const Command* node = machine.root_.get();
        for (const auto& step : entry["path"].items()) {
            const auto child = static_cast<std::size_t>(step.as_int());
            if (child >= node->children.size())
                return machine;
            node = &node->children[child];
        }
        Frame frame{node, static_cast<std::size_t>(entry["at"].as_int()), {}, true};
        for (const auto& value : entry["values"].items())
            frame.values.push_back(value.str());
        machine.frames_.push_back(std::move(frame));
    }
    return machine;
}

}  // namespace kubewalk::shell
