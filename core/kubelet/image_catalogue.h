#pragma once
// Images as data (assets/images/*.json, format in assets/images/README.md): which names there are to
// pull, what stands in them and how their processes behave. Immutable once parsed; a service with a
// fixed address that containers point into.

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/api/value.h"
#include "core/base/result.h"
#include "core/net/resolver.h"

namespace kubewalk::kubelet {

// A reference taken apart: "nginx" -> docker.io, library/nginx, latest.
// Upstream: github.com/distribution/reference.
struct ImageReference {
    std::string registry;
    std::string repository;
    std::string tag;
    std::string digest;  // "sha256:…"; then the tag may be empty

    static Result<ImageReference> parse(std::string_view text);
    std::string name() const;  // "docker.io/library/nginx"
    std::string text() const;  // "docker.io/library/nginx:latest"
};

struct Image {
    std::string id;  // the file's "id"
    net::Libc libc = net::Libc::glibc;
    std::vector<std::string> programs;  // what exec finds, as shell::ProcessContext names it
    std::vector<std::string> entrypoint;
    std::vector<std::string> command;
    std::map<std::string, std::string> environment;
    std::map<std::string, std::string> files;
    std::int64_t uid = 0;
    std::string user;    // a name, where the image gives one instead of a number
    std::string native;  // the program is code of this name, not data ("kube-proxy")
    bool generic = false;  // stands for any image nobody described (simplification "generic-image")
    api::Value processes;  // array: see data_program.h
};

// What a registry answers for a reference.
struct RemoteImage {
    const Image* image = nullptr;
    std::string reference;  // normalised, with tag
    std::string digest;     // of the manifest: imageID is NAME@DIGEST
    std::int64_t size = 0;  // bytes to fetch
};

class ImageCatalogue {
public:
    // Each text is one file. Error: reason "ParseError" or "Invalid", the message names the file's id.
    static Result<ImageCatalogue> parse(std::span<const std::string_view> texts);

    // Error: what containerd answers ("rpc error: code = NotFound desc = …").
    Result<RemoteImage> resolve(std::string_view reference) const;
    const std::vector<Image>& images() const { return images_; }

private:
    struct Name {
        std::string name;    // normalised, may hold wildcards
        bool exact = false;  // it holds none
        std::string except;  // what the wildcards do not mean
        std::vector<std::string> tags;  // patterns; empty: any
        std::int64_t size = 0;
        std::size_t image = 0;
    };
    Result<void> add(const api::Value& file);
    const Image* find(std::string_view id) const;
    const Name* find_name(const ImageReference& reference, bool& repository_known) const;

    std::vector<Image> images_;
    std::vector<Name> names_;
    std::vector<std::string> registries_;  // hosts that answer
};

// '*' any text, '?' one character.
bool glob_match(std::string_view pattern, std::string_view text);
// 64 hexadecimal digits that depend on nothing but the text (stands for SHA-256).
std::string content_hash(std::string_view text);

}  // namespace kubewalk::kubelet
