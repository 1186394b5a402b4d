#include "core/kubectl/editing.h"

#include <algorithm>

#include "core/api/json.h"
#include "core/api/patch.h"
#include "core/api/yaml.h"
#include "core/base/sha256.h"
#include "core/base/text.h"
#include "core/kubectl/custom_kinds.h"
#include "core/kubectl/applier.h"
#include "core/kubectl/modify.h"

namespace kubewalk::kubectl {

using api::Value;

namespace {

constexpr std::string_view object_header =
    "# Please edit the object below. Lines beginning with a '#' will be ignored,\n"
    "# and an empty file will abort the edit. If an error occurs while saving this file will be\n"
    "# reopened with the relevant failures.\n"
    "#\n";
constexpr std::string_view annotation_header =
    "# Please edit the 'last-applied-configuration' annotations below.\n"
    "# Lines beginning with a '#' will be ignored, and an empty file will abort the edit.\n"
    "#\n";

std::string without_comments(std::string_view text) {
    std::string kept;
    for (const auto line : split(text, '\n'))
        if (const auto bare = trim(line); !bare.empty() && bare[0] != '#')
            append(kept, line, "\n");
    return kept;
}

std::string file_name(std::string_view text) {
    const auto hash = sha256(text);
    std::uint32_t number = 0;
    for (std::size_t i = 0; i < 4; ++i)
        number = number << 8 | hash[i];
    return cat("/tmp/kubectl-edit-", number, ".yaml");
}

std::string resource_text(const api::Kind& kind) { return kind.group.empty() ? std::string(kind.resource) : cat(kind.resource, ".", kind.group); }

// What of the run the editor needs to go on without it.
struct Setting {
    const api::Schema* schema;
    std::string namespace_name;
    std::string field_validation;
    std::string field_manager;
    std::string subresource;
    bool output_patch = false;
    bool save_config = false;
    std::string change_cause;  // --record
    std::function<Result<void>(std::string_view path, std::string_view text)> write_file;
};

class Editing final : public Waiting<Editing> {
public:
    Editing(const Server& server, Setting setting, std::vector<Info> infos, EditMode mode)
        : server_(server), setting_(std::move(setting)), infos_(std::move(infos)), mode_(mode) {
        open({});
    }

    bool poll(Time, Output& more) override {
        more.exit = exit_;
        return finished_;
    }
    void interrupted(Output& more) override { more.err += "Edit cancelled, no changes made.\n"; }

    std::optional<EditedFile> editing() const override {
        return finished_ ? std::nullopt : std::optional<EditedFile>({file_name(text_).substr(5), text_});
    }

    void edited(const std::optional<std::string>& saved, Time, Output& more) override {
        const std::string text = saved ? *saved : text_;
        const auto bare = without_comments(text);
        if (!reasons_.empty() && bare == without_comments(last_)) {
            keep(text, more);
            more.err += "error: Edit cancelled, no valid changes were saved.\n";
            return finish(1);
        }
        if (bare == without_comments(original_)) {
            more.err += "Edit cancelled, no changes made.\n";
            return next();
        }
        if (bare.empty()) {
            more.err += "Edit cancelled, saved file was empty.\n";
            return next();
        }
        last_ = text;
        reasons_.clear();
        Found found = parse_manifest(text, "edited-file", {setting_.namespace_name, false, true, &server_});
        if (!found.refusals.empty()) {
            reasons_ = cat("# The edited file had a syntax error: ", replace_all(found.refusals[0].text, "\n", "\n# "), "\n#\n");
            return open(bare);
        }
        save(found.infos, more);
    }

private:
    std::vector<Info> present() const {
        if (mode_ != EditMode::create)
            return infos_;
        return {infos_[at_]};
    }

    // Shows the objects, or again what was saved with the reasons why it would not do.
    void open(const std::string& again) {
        const auto shown = present();
        Value object = shown.size() == 1 ? shown[0].object : list_of(shown);
        if (shown.size() != 1)
            object.set("metadata", Value::object());
        original_ = api::to_yaml(object);
        text_ = cat(mode_ == EditMode::last_applied ? annotation_header : object_header, reasons_, again.empty() ? original_ : again);
    }

    void next() {
        if (mode_ == EditMode::create && ++at_ < infos_.size()) {
            reasons_.clear();
            return open({});
        }
        finish(0);
    }

    void finish(int exit) {
        finished_ = true;
        exit_ = exit;
    }

    void keep(const std::string& text, Output& more) const {
        const auto path = file_name(text);
        if (setting_.write_file && setting_.write_file(path, text).ok())
            append(more.err, "A copy of your changes has been stored to ", quoted(path), "\n");
    }

    const Info* original_of(const Info& info) const {
        for (const auto& candidate : infos_)
            if (mode_ == EditMode::last_applied ? candidate.kind == info.kind && candidate.name == info.name
                                                : api::uid_of(candidate.object) == api::uid_of(info.object))
                return &candidate;
        return nullptr;
    }

    void save(std::vector<Info>& edited, Output& more) {
        int retryable = 0, missing = 0;
        for (auto& info : edited) {
            if (!setting_.change_cause.empty())
                info.object.edit_path("metadata", "annotations").set("kubernetes.io/change-cause", setting_.change_cause);
            auto refusal = mode_ == EditMode::create ? create(info, more) : patch(info, more);
            more.err += server_.take_notes();
            if (!refusal)
                continue;
            if (refusal->origin == Refusal::Origin::kubectl) {
                keep(last_, more);
                more.err += refusal->alone() + "\n";
                return finish(1);
            }
            complain(info, *refusal, more, retryable, missing);
        }
        if (retryable > 0) {
            append(more.err, "You can run `kubectl replace -f ", file_name(last_), "` to try this update again.\n");
            keep(last_, more);
            return finish(1);
        }
        if (missing > 0) {
            append(more.err, "The edits you made on deleted resources have been saved to ", quoted(file_name(last_)), "\n");
            keep(last_, more);
            return finish(1);
        }
        if (!reasons_.empty())
            return open(without_comments(last_));
        next();
    }

    // editResults.addError
    void complain(const Info& info, const Refusal& refusal, Output& more, int& retryable, int& missing) {
        const auto subject = cat(resource_text(*info.kind), " ", quoted(info.name));
        if (refusal.is("Invalid")) {
            const auto& causes = refusal.status["details"]["causes"];
            append(reasons_, "# ", subject, " was not valid", causes.empty() ? "" : ":", "\n");
            for (const auto& cause : causes.items())
                append(reasons_, "# * ", cause["field"].as_string(), ": ", replace_all(cause["message"].as_string(), "\n", "\n# "), "\n");
            reasons_ += "#\n";
            append(more.err, "error: ", subject, " is invalid\n");
        } else if (refusal.is("NotFound")) {
            ++missing;
            append(more.err, "error: ", subject, " could not be found on the server\n");
        } else {
            ++retryable;
            append(more.err, "error: ", subject, " could not be patched: ", refusal.text, "\n");
        }
    }

    std::optional<Refusal> create(const Info& info, Output& more) {
        auto request = server_.request(client::Method::post, api::collection_path(*info.kind, info.namespace_name));
        request.body = without_version(setting_.save_config ? with_last_applied(info.object) : info.object);
        add_query(request);
        auto created = server_.answer(std::move(request));
        if (!created.ok())
            return created.refusal();
        append(more.out, info.slash_name(), " created\n");
        return std::nullopt;
    }

    std::optional<Refusal> patch(Info& info, Output& more) {
        const Info* original = original_of(info);
        if (!original)
            return Refusal::plain(cat("no original object found for ", info.slash_name()));
        if (info.object == original->object) {
            append(more.out, info.slash_name(), " skipped\n");
            return std::nullopt;
        }
        if (info.kind != original->kind || info.name != original->name)
            return Refusal::plain("At least one of apiVersion, kind and name was changed");
        auto path = api::object_path(*info.kind, info.namespace_name, info.name);
        if (!setting_.subresource.empty())
            append(path, "/", setting_.subresource);
        auto request = server_.request(client::Method::patch, std::move(path));
        if (mode_ == EditMode::last_applied) {
            request.headers["Content-Type"] = "application/merge-patch+json";
            request.body.edit_path("metadata", "annotations").set(last_applied_annotation, api::to_json(info.object) + "\n");
        } else {
            const Value modified = setting_.save_config ? with_last_applied(info.object) : info.object;
            auto change = api::two_way_patch(*setting_.schema, info.kind->schema, original->object, modified);
            if (!change.ok())
                return Refusal::plain(change.error().message);
            request.headers["Content-Type"] = patch_content_type(*info.kind);
            request.body = change.take();
        }
        if (setting_.output_patch)
            append(more.out, "Patch: ", api::to_json(request.body), "\n");
        add_query(request);
        auto patched = server_.answer(std::move(request));
        if (!patched.ok())
            return patched.refusal();
        append(more.out, info.slash_name(), " edited\n");
        return std::nullopt;
    }

    void add_query(client::Request& request) const {
        request.query["fieldManager"] = setting_.field_manager;
        request.query["fieldValidation"] = setting_.field_validation;
    }

    Server server_;
    Setting setting_;
    std::vector<Info> infos_;
    EditMode mode_;
    std::size_t at_ = 0;     // of create: which object is in the editor
    std::string text_;       // what the editor shows
    std::string original_;   // the objects in it, without the header
    std::string last_;       // what was saved last
    std::string reasons_;    // why it would not do, as comments
    bool finished_ = false;
    int exit_ = 0;
};

Setting setting_of(const Run& run) {
    Setting setting;
    setting.schema = &run.environment.schema;
    setting.namespace_name = run.namespace_name();
    setting.field_validation = field_validation_of(run);
    setting.field_manager = run.flags.text("field-manager");
    setting.subresource = run.flags.text("subresource");
    setting.output_patch = run.flags.is("output-patch");
    setting.save_config = run.flags.is("save-config");
    if (run.flags.is("record"))
        setting.change_cause = run.typed();
    setting.write_file = run.environment.write_file;
    return setting;
}

}  // namespace

void start_editing(Run& run, std::vector<Info> infos, EditMode mode) {
    auto rest = std::make_unique<Editing>(run.server, setting_of(run), std::move(infos), mode);
    if (run.input.empty()) {
        if (!run.environment.interactive)
            return run.fail("unable to launch the editor \"vi\"");
        return run.go_on(std::move(rest));
    }
    auto& output = run.started.output;
    while (!rest->poll(run.environment.now, output))
        rest->edited(std::string(run.input), run.environment.now, output);
}

void edit_before_create(Run& run) {
    Found found = read_manifests(run);
    if (!found.refusals.empty())
        return run.fail(found.refusals);
    start_editing(run, std::move(found.infos), EditMode::create);
}

namespace command {

void edit_flags(FlagSet& set) {
    add_filename_flags(set);
    add_output_flags(set);
    add_validate_flag(set);
    add_manager_flag(set, "kubectl-edit");
    add_record_flag(set);
    set.boolean("output-patch", "Print the patch that is sent")
        .boolean("save-config", "Keep the configuration in an annotation, as apply does")
        .text("subresource", "Edit a part of the object: status or scale")
        .boolean("windows-line-endings", "Accepted; the editor's lines end with a newline");
}

void edit(Run& run) {
    Asked asked;
    asked.empty_selector = EmptySelector::selects_all;
    Found found = find_resources(run, run.args(), asked);
    if (!found.refusals.empty())
        return run.fail(found.refusals);
    if (found.infos.empty())
        return run.fail("edit cancelled, no objects found");
    start_editing(run, std::move(found.infos), EditMode::patch);
}

}  // namespace command

}  // namespace kubewalk::kubectl
