#pragma once
// A session as a link: options and actions behind the '#', never executed as anything but actions.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/cluster/session.h"

namespace kubewalk::app {

// typed, input_ended and edited answer the command before them; text2 of an edit is "saved" or "".
enum class ShareKind : unsigned char { command, manifest, request, typed, input_ended, edited };

struct ShareAct {
    Time at;
    ShareKind kind = ShareKind::command;
    std::string text;
    std::string text2;
};

struct Shared {
    cluster::Options options;
    std::string lesson;  // "": a sandbox
    std::vector<ShareAct> acts;
};

enum class ShareBound : unsigned char {
    link,  // as long as browsers and chats let pass, and as costly as a stranger may ask
    none,  // for the browser's own store
};

// "s=..." in base64url; "" when it would be too long.
std::string encode_share(const Shared& shared, ShareBound bound);
// Nothing when it is no share link or malformed.
std::optional<Shared> decode_share(std::string_view fragment, ShareBound bound);

}  // namespace kubewalk::app
