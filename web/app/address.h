#pragma once
// What the page's address asks for when it is opened. Everything in it comes from strangers: unknown parts are
// passed over, names are looked up in what the program has, and nothing is executed but a session's actions.
//
//   ?embed                 only the canvas and the time bar, for blogs and slides
//   ?present               presenter mode
//   ?lang=zh-CN&theme=light
//   ?view=traffic          architecture, cluster, traffic, dns
//   ?scenario=sock-shop    a sandbox with that scenario instead of a lesson
//   ?from=laptop&to=URL    a request that is sent at once
//   #lesson=SLUG&step=2    a lesson and its step (from 1)
//   #s=...                 a shared session (share.h)
// The parts may stand in the query or in the fragment.

#include <optional>
#include <string>
#include <string_view>

#include "web/app/action.h"

namespace kubewalk::app {

struct Address {
    bool embed = false;
    bool present = false;
    std::string language;  // "en", "zh-CN" or ""
    std::string theme;     // "dark", "light" or ""
    std::optional<View> view;
    std::string scenario;
    std::string lesson;
    int step = 0;        // from 1; 0: where the learner was
    std::string from;
    std::string to;
    std::string shared;  // "s=..." for decode_share(), "" for none
};

// `address`: the whole one, or without its fragment; `fragment`: what stands behind the '#'.
Address parse_address(std::string_view address, std::string_view fragment);
// The same page, whole rather than embedded in another one.
std::string whole_page(std::string_view address, std::string_view fragment);
// The address without query and fragment, for links to the page.
std::string_view without_query(std::string_view address);

std::string_view view_name(View view);
std::optional<View> view_named(std::string_view name);

}  // namespace kubewalk::app
