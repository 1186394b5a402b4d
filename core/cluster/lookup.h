#pragma once
// `dig FROM NAME [TYPE]`: the queries a resolver in that place sends, in their order, with answers.

#include <string>
#include <string_view>
#include <vector>

#include "core/api/value.h"
#include "core/base/result.h"
#include "core/net/resolver.h"

namespace kubewalk::cluster {

class Cluster;

struct Lookup {
    std::string from;
    std::string name;
    net::DnsType type = net::DnsType::A;
    std::vector<net::ResolverQuery> queries;
};

// UseSearch::no is `--absolute`: the name as it is. Error: unknown place or record type.
Result<Lookup> look_up(Cluster& cluster, std::string_view from, std::string_view name, std::string_view type,
                       net::UseSearch search);

api::Value lookup_json(const Lookup& lookup);
std::string lookup_text(const Lookup& lookup);

}  // namespace kubewalk::cluster
