#include "core/base/glob.h"
#include "core/base/random.h"
#include "core/base/text.h"
#include "core/kubelet/image_catalogue.h"

namespace kubewalk::kubelet {
namespace {

bool valid_repository(std::string_view text) {
    if (text.empty())
        return false;
    for (const char c : text) {
        const bool fine = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-' || c == '/';
        if (!fine)
            return false;
    }
    return text.front() != '/' && text.back() != '/';
}

}  // namespace

Result<ImageReference> ImageReference::parse(std::string_view text) {
    ImageReference out;
    std::string_view rest = text;
    if (const auto at = rest.find('@'); at != std::string_view::npos) {
        out.digest = rest.substr(at + 1);
        rest = rest.substr(0, at);
    }
    const auto slash = rest.rfind('/');
    if (const auto colon = rest.rfind(':');
        colon != std::string_view::npos && (slash == std::string_view::npos || colon > slash)) {
        out.tag = rest.substr(colon + 1);
        rest = rest.substr(0, colon);
        if (out.tag.empty())
            return Error{"Invalid", "invalid reference format", {}, 0, 0};
    }
    const auto first = rest.find('/');
    const auto head = rest.substr(0, first);
    if (first != std::string_view::npos &&
        (head.find_first_of(".:") != std::string_view::npos || head == "localhost")) {
        out.registry = head == "index.docker.io" ? "docker.io" : std::string(head);
        const auto path = rest.substr(first + 1);
        const bool official = out.registry == "docker.io" && path.find('/') == std::string_view::npos;
        out.repository = official ? cat("library/", path) : std::string(path);
    } else {
        out.registry = "docker.io";
        out.repository = first == std::string_view::npos ? cat("library/", rest) : std::string(rest);
    }
    if (!valid_repository(out.repository))
        return Error{"Invalid", to_lower(out.repository) != out.repository
                                    ? "invalid reference format: repository name must be lowercase"
                                    : "invalid reference format", {}, 0, 0};
    if (out.tag.empty() && out.digest.empty())
        out.tag = "latest";
    return out;
}

std::string ImageReference::name() const { return cat(registry, "/", repository); }

std::string ImageReference::text() const {
    std::string out = name();
    if (!tag.empty())
        append(out, ":", tag);
    if (!digest.empty())
        append(out, "@", digest);
    return out;
}

bool glob_match(std::string_view pattern, std::string_view text) {
    return matches_with_stars(pattern, text, [](std::string_view of, std::size_t& at, char c) {
        const char wanted = of[at++];
        return wanted == '?' || wanted == c;
    });
}

std::string content_hash(std::string_view text) {
    static constexpr char digits[] = "0123456789abcdef";
    Random random(fnv1a(text));
    std::string out;
    for (int word = 0; word < 4; ++word) {
        std::uint64_t bits = random.next();
        for (int i = 0; i < 16; ++i, bits >>= 4)
            out += digits[bits & 15];
    }
    return out;
}

}  // namespace kubewalk::kubelet
