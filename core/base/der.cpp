#include "core/base/der.h"

#include "core/base/base64.h"
#include "core/base/text.h"

namespace kubewalk::der {

std::optional<Element> take(std::string_view& bytes) {
    if (bytes.size() < 2)
        return std::nullopt;
    Element element;
    element.tag = static_cast<unsigned char>(bytes[0]);
    std::size_t size = static_cast<unsigned char>(bytes[1]);
    std::size_t at = 2;
    if (size >= 0x80) {
        const std::size_t count = size & 0x7f;
        if (count == 0 || count > 4 || bytes.size() < 2 + count)
            return std::nullopt;
        size = 0;
        for (std::size_t i = 0; i < count; ++i)
            size = size << 8 | static_cast<unsigned char>(bytes[at++]);
    }
    if (bytes.size() - at < size)
        return std::nullopt;
    element.content = bytes.substr(at, size);
    element.whole = bytes.substr(0, at + size);
    bytes.remove_prefix(at + size);
    return element;
}

std::string make(unsigned char tag, std::string_view content) {
    std::string size;
    for (std::size_t left = content.size(); left > 0 || size.empty(); left >>= 8)
        size.insert(size.begin(), static_cast<char>(left & 0xff));
    std::string out(1, static_cast<char>(tag));
    if (content.size() > 0x7f)
        out += static_cast<char>(0x80 | size.size());
    return out.append(size).append(content);
}

std::optional<std::string> from_pem(std::string_view text, std::string_view type) {
    const auto begin = cat("-----BEGIN ", type, "-----"), end = cat("-----END ", type, "-----");
    const auto start = text.find(begin);
    const auto stop = text.find(end, start == std::string_view::npos ? 0 : start);
    if (start == std::string_view::npos || stop == std::string_view::npos)
        return std::nullopt;
    std::string body;
    for (const auto piece : fields(text.substr(start + begin.size(), stop - start - begin.size())))
        body += piece;
    return base64_prefix(body).bytes;
}

std::string to_pem(std::string_view bytes, std::string_view type) {
    constexpr std::size_t width = 64;
    auto out = cat("-----BEGIN ", type, "-----\n");
    const auto body = to_base64(bytes);
    for (std::size_t i = 0; i < body.size(); i += width)
        append(out, std::string_view(body).substr(i, width), "\n");
    return out + cat("-----END ", type, "-----\n");
}

}  // namespace kubewalk::der
