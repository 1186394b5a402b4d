#pragma once
// A session as a link: options and actions behind the '#', never executed as anything but actions.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/cluster/session.h"

namespace kubewalk::app {

struct Shared {
    cluster::Options options;
    std::string lesson;  // "": a sandbox
    std::vector<cluster::Action> actions;  // their steps are not kept: cluster::repeat goes by the clock
    std::optional<Time> until;             // the instant that was shared; none in links of the first format
    Time limit{INT64_MAX};                 // as far as repeating them may let the clock go
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
