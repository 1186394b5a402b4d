#include "core/kubelet/image_catalogue.h"

#include "core/api/json.h"
#include "core/base/text.h"

namespace kubewalk::kubelet {
namespace {

std::vector<std::string> texts(const api::Value& array) {
    std::vector<std::string> out;
    for (const auto& item : array.items())
        out.push_back(item.str());
    return out;
}

void add_members(std::map<std::string, std::string>& to, const api::Value& object) {
    for (const auto& member : object.members())
        to[member.key] = member.value.str();
}

Error invalid(std::string_view id, std::string_view what) {
    return Error{"Invalid", cat("image ", id, ": ", what), {}, 0, 0};
}

Error rpc(std::string_view code, std::string_view text) {
    return Error{std::string(code), cat("rpc error: code = ", code, " desc = ", text), {}, 0, 0};
}

// containerd 2.x: core/remotes/docker and client/pull.go.
Error pull_error(std::string_view code, std::string_view reference, std::string_view why) {
    return rpc(code, cat("failed to pull and unpack image ", quoted(reference), ": failed to resolve reference ",
                         quoted(reference), ": ", why));
}

}  // namespace

Result<ImageCatalogue> ImageCatalogue::parse(std::span<const std::string_view> files) {
    ImageCatalogue catalogue;
    std::vector<api::Value> waiting;
    for (const auto text : files) {
        KUBEWALK_TRY(file, api::parse_json(text));
        waiting.push_back(std::move(file));
    }
    // A file may stand before the one it inherits from.
    while (!waiting.empty()) {
        std::vector<api::Value> later;
        for (const auto& file : waiting) {
            const auto base = file["inherits"].as_string();
            if (!base.empty() && !catalogue.find(base)) {
                later.push_back(file);
                continue;
            }
            if (auto added = catalogue.add(file); !added.ok())
                return added.error();
        }
        if (later.size() == waiting.size())
            return invalid(later[0]["id"].as_string(), cat("inherits from unknown ", later[0]["inherits"].as_string()));
        waiting = std::move(later);
    }
    return catalogue;
}

const Image* ImageCatalogue::find(std::string_view id) const {
    for (const auto& image : images_) {
        if (image.id == id)
            return &image;
    }
    return nullptr;
}

Result<void> ImageCatalogue::add(const api::Value& file) {
    const std::string id = file["id"].str();
    if (id.empty())
        return Error{"Invalid", "an image file has no id", {}, 0, 0};
    Image image;
    if (const Image* base = find(file["inherits"].as_string()))
        image = *base;
    image.id = id;
    image.generic = file["generic"].as_bool();
    image.native = file["native"].str();
    if (const auto libc = file["libc"].as_string(); !libc.empty())
        image.libc = libc == "musl" ? net::Libc::musl : libc == "go" ? net::Libc::go : net::Libc::glibc;
    for (const auto& program : file["programs"].items())
        image.programs.push_back(program.str());
    if (file.contains("entrypoint"))
        image.entrypoint = texts(file["entrypoint"]);
    if (file.contains("command"))
        image.command = texts(file["command"]);
    if (file["user"].is_string())
        image.user = file["user"].str();
    image.uid = file["uid"].as_int(image.uid);
    add_members(image.environment, file["environment"]);
    add_members(image.files, file["files"]);
    if (file.contains("processes"))
        image.processes = file["processes"];
    for (const auto& host : file["registries"].items())
        registries_.push_back(host.str());
    images_.push_back(std::move(image));

    for (const auto& entry : file["images"].items()) {
        KUBEWALK_TRY(reference, ImageReference::parse(replace_all(entry["name"].as_string(), "*", "0kw0")));
        Name name;
        name.name = replace_all(reference.name(), "0kw0", "*");
        name.except = entry["except"].str();
        name.exact = name.name.find_first_of("*?") == std::string::npos;
        name.tags = texts(entry["tags"]);
        name.size = entry["size"].as_int();
        name.image = images_.size() - 1;
        if (name.size <= 0)
            return invalid(id, cat("no size for ", name.name));
        names_.push_back(std::move(name));
    }
    return {};
}

const ImageCatalogue::Name* ImageCatalogue::find_name(const ImageReference& reference, bool& repository_known) const {
    const Name* generic = nullptr;
    const std::string wanted = reference.name();
    for (const auto& entry : names_) {
        if (entry.exact ? entry.name != wanted : !glob_match(entry.name, wanted) || glob_match(entry.except, wanted))
            continue;
        if (images_[entry.image].generic) {
            if (!generic)
                generic = &entry;
            continue;
        }
        repository_known = true;
        bool fits = entry.tags.empty() || reference.tag.empty();
        for (const auto& tag : entry.tags)
            fits |= glob_match(tag, reference.tag);
        if (fits)
            return &entry;
    }
    return repository_known ? nullptr : generic;
}

Result<RemoteImage> ImageCatalogue::resolve(std::string_view text) const {
    auto parsed = ImageReference::parse(text);
    if (!parsed.ok())
        return Error{"InvalidImageName",
                     cat("couldn't parse image name ", quoted(text), ": ", parsed.error().message), {}, 0, 0};
    const auto& reference = parsed.value();
    bool repository_known = false;
    if (const Name* name = find_name(reference, repository_known)) {
        RemoteImage remote;
        remote.image = &images_[name->image];
        remote.reference = reference.text();
        remote.digest = reference.digest.empty() ? cat("sha256:", content_hash(reference.text())) : reference.digest;
        remote.size = name->size;
        return remote;
    }
    const std::string full = reference.text();
    if (repository_known)
        return pull_error("NotFound", full, cat(full, ": not found"));
    for (const auto& host : registries_) {
        if (host == reference.registry)
            return pull_error("Unknown", full, "pull access denied, repository does not exist or may require "
                                               "authorization: server message: insufficient_scope: authorization failed");
    }
    const std::string tag = reference.tag.empty() ? reference.digest : reference.tag;
    return pull_error("Unknown", full,
                      cat("failed to do request: Head ",
                          quoted(cat("https://", reference.registry, "/v2/", reference.repository, "/manifests/", tag)),
                          ": dial tcp: lookup ", reference.registry, ": no such host"));
}

}  // namespace kubewalk::kubelet
