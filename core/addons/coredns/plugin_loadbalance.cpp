// loadbalance: shuffles address records. Upstream: coredns plugin/loadbalance/loadbalance.go.

#include <utility>

#include "core/addons/coredns/plugins.h"
#include "core/base/text.h"

namespace kubewalk::addons::coredns {

using net::DnsMessage;
using net::DnsRecord;
using net::DnsType;

namespace {

void shuffle(std::vector<DnsRecord>& records, Random& random) {
    for (std::size_t i = 0; i + 1 < records.size(); ++i)
        std::swap(records[i], records[i + static_cast<std::size_t>(random.below(records.size() - i))]);
}

// CNAMEs first, then the rest, then addresses, then MX; the last two shuffled.
std::vector<DnsRecord> round_robin(std::vector<DnsRecord> in, Random& random) {
    if (in.size() <= 1)
        return in;
    std::vector<DnsRecord> cname;
    std::vector<DnsRecord> rest;
    std::vector<DnsRecord> address;
    std::vector<DnsRecord> mx;
    for (auto& record : in) {
        switch (record.type) {
        case DnsType::CNAME: cname.push_back(std::move(record)); break;
        case DnsType::A:
        case DnsType::AAAA: address.push_back(std::move(record)); break;
        case DnsType::MX: mx.push_back(std::move(record)); break;
        default: rest.push_back(std::move(record)); break;
        }
    }
    shuffle(address, random);
    shuffle(mx, random);
    for (auto* part : {&rest, &address, &mx})
        for (auto& record : *part)
            cname.push_back(std::move(record));
    return cname;
}

class LoadBalance final : public Handler {
public:
    std::string_view name() const override { return "loadbalance"; }
    Served serve(Query& query, const DnsMessage& message, const Chain& chain, std::size_t position) const override {
        auto served = next(query, message, chain, position, name());
        if (served.message && served.message->code == net::DnsCode::noerror) {
            auto& random = query.state.random;
            for (auto* section :
                 {&served.message->answer, &served.message->authority, &served.message->additional})
                *section = round_robin(std::move(*section), random);
        }
        return served;
    }
};

}  // namespace

Result<void> setup_loadbalance(const Setup& setup, PluginSetup& into) {
    const auto& args = setup.directives.front().args;
    if (args.size() > 1)
        return setup.argument_error(setup.directives.front());
    if (!args.empty() && args[0] != "round_robin")
        return plain_error(cat("unknown policy: ", args[0]));
    into.chain.push_back(std::make_shared<LoadBalance>());
    return {};
}

}  // namespace kubewalk::addons::coredns
