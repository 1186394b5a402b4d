// The page's address and share links. The first line is the address, the rest its fragment (or a session as JSON, which is
// packed into a link here).

#include "core/api/json.h"
#include "core/base/base64.h"
#include "tests/fuzz/driver/door.h"
#include "web/app/address.h"
#include "web/app/settings.h"
#include "web/app/share.h"

namespace kubewalk::fuzz {

namespace {

void try_link(std::string_view link) {
    for (const auto bound : {app::ShareBound::link, app::ShareBound::none}) {
        const auto shared = app::decode_share(link, bound);
        if (!shared)
            continue;
        expect(shared->options.workers >= 1 && shared->options.workers <= 12, "a link's machines");
        for (const auto& action : shared->actions) {
            expect(action.at >= Time{}, "an action before the beginning");
            expect(action.terminal < cluster::Session::most_terminals, "a terminal that there is not");
            expect(bound == app::ShareBound::none || action.at <= Time{} + minutes(30), "an action later than links may ask");
        }
        const auto again = app::encode_share(*shared, app::ShareBound::none);
        const auto read = app::decode_share(again, app::ShareBound::none);
        expect(read.has_value(), "a link written again does not read");
        expect(read->actions == shared->actions && read->lesson == shared->lesson && read->until == shared->until, "a link written again");
        expect(app::encode_share(*read, app::ShareBound::none) == again, "a link written twice");
    }
}

int run(const std::uint8_t* bytes, std::size_t size) {
    auto fragment = text_of(bytes, size);
    const auto address = take_until(fragment, '\n');
    const auto parsed = app::parse_address(address, fragment);
    expect(parsed.step == 0 || parsed.step > 0 || parsed.step < 0, "a step");
    for (const auto* part : {&parsed.scenario, &parsed.lesson, &parsed.from, &parsed.to})
        expect(part->size() <= 400, "a part of an address is bounded");
    expect(parsed.language.empty() || parsed.language == "en" || parsed.language == "zh-CN", "a language");
    expect(parsed.theme.empty() || parsed.theme == "dark" || parsed.theme == "light", "a theme");
    expect(app::without_query(address).find_first_of("?#") == std::string_view::npos, "an address without its query");
    try_link(parsed.shared);
    try_link(cat("s=", to_base64(fragment, Base64::url)));
    app::Settings settings;
    app::load_settings(fragment, settings);
    const auto saved = app::save_settings(settings);
    app::Settings again;
    app::load_settings(saved, again);
    expect(app::save_settings(again) == saved, "settings kept twice", [&] { return saved; });
    return 0;
}

}  // namespace

Door address() {
    Door door{run, {"https://example.com/?embed&lang=zh-CN&theme=light&view=traffic\nlesson=welcome&step=2", "?scenario=sock-shop&from=laptop&to=http%3A%2F%2F10.0.0.1%3A80\nembed=0&present=1",
                    "\n{\"v\":2,\"scenario\":\"empty\",\"workers\":3,\"cloud\":true,\"podCIDR\":\"10.0.0.0/16\",\"seed\":7,\"lesson\":\"\",\"acts\":[[1000,0,\"kubectl get pods\"],[2000000000,2,\"kind: Pod\",\"x\",3]],\"until\":3000000000}",
                    "\n{\"v\":1,\"acts\":[[0,3,\"laptop\",\"http://web\"],[1,1,\"kind: X\"]]}",
                    "\n{\"theme\":\"dark\",\"language\":\"en\",\"mode\":\"sandbox\",\"view\":3,\"speed\":2.5,\"left\":300,\"right\":1e9,\"bottom\":-1,\"leftFolded\":true}"},
              {"&", "=", "%2", "%zz", "%00", "+", "#", "?", "s=", "lesson=", "step=-1", "step=99999999999", "view=", "\"v\":3", "\"acts\":", "[[", "\"until\":", "\"speed\":1e400", "\"left\":null", "\"seed\":-1"}};
    if (const auto link = app::encode_share({{}, "welcome", {{cluster::Action::Kind::command, 0, Time{5}, "kubectl get nodes", "", 0}}, Time{6}}, app::ShareBound::link); !link.empty())
        door.seeds.push_back(cat("\n", link));
    door.runs = 1200;
    return door;
}

}  // namespace kubewalk::fuzz
