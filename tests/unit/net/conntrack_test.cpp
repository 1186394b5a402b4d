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
                    const bool set = table.set_reply(id, reply, now);
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

TEST_CASE("what an expired entry was answered by is free for another's NAT") {
    Conntrack table;
    const Ip client = Ip::v4(10, 0, 0, 1), first = Ip::v4(10, 96, 0, 1), second = Ip::v4(10, 96, 0, 2), pod = Ip::v4(10, 244, 0, 2);
    const Tuple reply{pod, client, 8080, 40000, Protocol::tcp};
    REQUIRE(table.set_reply(table.create({client, first, 40000, 80, Protocol::tcp}, Time{}), reply, Time{}));
    const std::uint64_t other = table.create({client, second, 40000, 80, Protocol::tcp}, Time{} + seconds(30));
    CHECK(!table.set_reply(other, reply, Time{} + seconds(30)));
    CHECK(table.set_reply(other, reply, Time{} + seconds(31)));
    CHECK(table.find(reply, Time{} + seconds(31)).id == other);
}

TEST_CASE("an entry is found by both its tuples, whether NAT changed them or not") {
    Conntrack table;
    Random random(4);
    std::vector<std::uint64_t> ids;
    for (int i = 0; i < 500; ++i) {
        const Tuple original = tuple_of(random);
        Tuple reply = original.inverse();
        if (random.below(2))
            reply.source = Ip::v4(10, 0, 2, static_cast<std::uint8_t>(random.below(4)));
        if (table.find(original, Time{}).id || table.find(reply, Time{}).id)
            continue;
        ids.push_back(table.create(original, reply, Time{}));
        CHECK(table.find(original, Time{}).id == ids.back());
        CHECK(table.find(reply, Time{}).id == ids.back());
        CHECK((table.find(reply, Time{}).direction == Direction::reply));
        if (random.below(3) == 0) {
            const std::size_t at = random.below(ids.size());
            const ConntrackEntry gone = table.entry(ids[at]);
            table.erase(ids[at]);
            ids.erase(ids.begin() + static_cast<std::ptrdiff_t>(at));
            CHECK(table.find(gone.original, Time{}).id == 0);
            CHECK(table.find(gone.reply, Time{}).id == 0);
        }
    }
    for (const std::uint64_t id : ids)
        CHECK(table.find(table.entry(id).reply, Time{}).id == id);
}
