// The table against a plain list that is searched from end to end.

#include <doctest/doctest.h>

#include <algorithm>

#include "core/base/random.h"
#include "core/net/conntrack.h"

using namespace kubewalk;
using namespace kubewalk::net;

namespace {

Tuple tuple_of(Random& random) {
    return {Ip::v4(10, 0, 0, static_cast<std::uint8_t>(random.below(6))), Ip::v4(10, 0, 1, static_cast<std::uint8_t>(random.below(3))),
            static_cast<std::uint16_t>(1000 + random.below(40)), static_cast<std::uint16_t>(80 + random.below(2)),
            random.below(2) ? Protocol::tcp : Protocol::udp};
}

Conntrack::Found slow_find(const Conntrack& table, const std::vector<std::uint64_t>& ids, const Tuple& tuple, Time now) {
    for (const std::uint64_t id : ids)
        if (const ConntrackEntry* entry = table.peek(id); entry && entry->expires >= now && entry->original == tuple)
            return {id, Direction::original};
    for (const std::uint64_t id : ids)
        if (const ConntrackEntry* entry = table.peek(id); entry && entry->expires >= now && entry->reply == tuple)
            return {id, Direction::reply};
    return {};
}

}  // namespace

TEST_CASE("whatever comes and goes, a tuple leads to its entry") {
    Random random(11);
    Conntrack table;
    std::vector<std::uint64_t> ids;
    Time now{};
    for (int step = 0; step < 6000; ++step) {
        const Tuple tuple = tuple_of(random);
        switch (random.below(6)) {
        case 0:
        case 1:
        case 2:
            if (table.find(tuple, now).id == 0 && table.find(tuple.inverse(), now).id == 0) {
                const std::uint64_t id = table.create(tuple, now);
                REQUIRE(id != 0);
                CHECK((ids.empty() || id > ids.back()));  // ids order as the entries were made
                ids.push_back(id);
                if (random.below(2)) {
                    Tuple reply = tuple.inverse();
                    reply.source = Ip::v4(10, 0, 2, static_cast<std::uint8_t>(random.below(4)));
                    const bool free = table.reply_free(reply, now);
                    const bool set = table.set_reply(id, reply);
                    if (free && set)
                        CHECK(table.find(reply, now).id == id);
                }
            }
            break;
        case 3:
            if (!ids.empty()) {
                const std::size_t at = random.below(ids.size());
                table.erase(ids[at]);
                CHECK(table.peek(ids[at]) == nullptr);
                ids.erase(ids.begin() + static_cast<std::ptrdiff_t>(at));
            }
            break;
        case 4: now = now + seconds(static_cast<std::int64_t>(random.below(3))); break;
        default: break;
        }
        const auto found = table.find(tuple, now), expected = slow_find(table, ids, tuple, now);
        CHECK((found.id != 0) == (expected.id != 0));
        if (found.id)
            CHECK((table.peek(found.id)->original == tuple || table.peek(found.id)->reply == tuple));
    }
    const auto list = table.list(now);
    CHECK(list.size() == static_cast<std::size_t>(std::count_if(ids.begin(), ids.end(), [&](std::uint64_t id) {
              return table.peek(id) && table.peek(id)->expires >= now;
          })));
}

TEST_CASE("a copy of the table goes its own way") {
    Conntrack table;
    Random random(3);
    for (int i = 0; i < 200; ++i)
        table.create({Ip::v4(10, 0, 0, 1), Ip::v4(10, 0, 0, 2), static_cast<std::uint16_t>(i + 1), 80, Protocol::tcp}, Time{});
    const Conntrack before = table;
    table.erase_if([](const ConntrackEntry& entry) { return entry.original.source_port % 2 == 0; });
    CHECK(table.size() == 100);
    CHECK(before.size() == 200);
    CHECK(before.find({Ip::v4(10, 0, 0, 1), Ip::v4(10, 0, 0, 2), 4, 80, Protocol::tcp}, Time{}).id != 0);
    CHECK(table.find({Ip::v4(10, 0, 0, 1), Ip::v4(10, 0, 0, 2), 4, 80, Protocol::tcp}, Time{}).id == 0);
}

TEST_CASE("a full table takes nothing until something has expired") {
    Conntrack table;
    table.settings.max = 3;
    for (std::uint16_t i = 1; i <= 3; ++i)
        CHECK(table.create({Ip::v4(10, 0, 0, 1), Ip::v4(10, 0, 0, 2), i, 80, Protocol::udp}, Time{}) != 0);
    const Tuple more{Ip::v4(10, 0, 0, 1), Ip::v4(10, 0, 0, 2), 9, 80, Protocol::udp};
    CHECK(table.create(more, Time{}) == 0);
    CHECK(table.create(more, Time{} + seconds(31)) != 0);
    CHECK(table.size() == 1);
}
