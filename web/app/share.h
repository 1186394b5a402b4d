#pragma once
// A session as a link: options and actions behind the '#', never executed as anything but actions.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/cluster/session.h"

namespace kubewalk::app {

enum class ShareKind : unsigned char { command, manifest, request };

struct ShareAct {
    Time at;
    ShareKind kind = ShareKind::command;
    std::string text;
    std::string text2;
};

struct Shared {
    cluster::Options options;
    std::vector<ShareAct> acts;
};

// "s=..." in base64url; "" when it would be longer than browsers and chats let pass.
std::string encode_share(const cluster::Options& options, const std::vector<ShareAct>& acts);
// Nothing when it is no share link or malformed.
std::optional<Shared> decode_share(std::string_view fragment);

}  // namespace kubewalk::app
