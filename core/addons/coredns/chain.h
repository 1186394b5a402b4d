#pragma once
// The chain of plugins of a server block. A plugin's configuration never changes while it runs and is
// shared by all clones of a server; what changes with every query (cache entries, counters) lives in
// ChainState, a value. A new plugin is one file and one line in chain.cpp.
// Upstream: coredns plugin/plugin.go, core/dnsserver/{server.go,zdirectives.go}.

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/addons/coredns/corefile.h"
#include "core/addons/coredns/index.h"
#include "core/addons/coredns/metrics.h"
#include "core/base/ordered_map.h"
#include "core/base/random.h"
#include "core/net/network.h"
#include "core/net/server.h"

namespace kubewalk::addons::coredns {

// What came of a query: a message, or a code the server turns into one, with the error for the log.
struct Served {
    std::optional<net::DnsMessage> message;
    net::DnsCode code = net::DnsCode::noerror;
    std::string error;
    std::string_view plugin;  // who answered

    static Served failure(std::string error, net::DnsCode code = net::DnsCode::servfail) {
        return {std::nullopt, code, std::move(error), {}};
    }
};

struct CacheItem {
    net::DnsMessage message;
    Time stored;
    std::uint32_t ttl = 0;
    // For prefetch: how often it was asked for without a pause.
    int hits = 0;
    Time last_hit;
};

// An upstream of a forward plugin, and what its health checks say.
struct Upstream {
    net::SocketAddress address;
    net::Protocol protocol = net::Protocol::udp;  // of the checks
    Duration interval = milliseconds(500);
    std::string domain = ".";
    bool recursion_desired = true;
    std::uint32_t fails = 0;
    bool checking = false;
};

// Errors of one kind that the errors plugin writes down as one.
struct Consolidation {
    int count = 0;
    bool running = false;
};

// What a plugin wants to be done later; the process sees to it.
struct Timer {
    enum class Kind : std::uint8_t { health_check, consolidate, refresh };
    Kind kind = Kind::health_check;
    Duration delay{};
    std::string key;
};

// Answers of the kubernetes plugin that follow from the question, the index and the configuration alone. A copy begins
// empty: it is made again as it is asked for.
class AnswerMemo {
public:
    AnswerMemo() = default;
    AnswerMemo(const AnswerMemo&) {}
    AnswerMemo& operator=(const AnswerMemo&) {
        answers_.clear();
        return *this;
    }
    // Null when nothing is known under that revision of the index (and that configuration).
    const net::DnsMessage* find(const net::DnsQuestion& question, std::uint64_t revision, const void* config) {
        if (revision != revision_ || config != config_) {
            answers_.clear();
            revision_ = revision;
            config_ = config;
            return nullptr;
        }
        const auto [first, last] = answers_.equal_range(hash_of(question));
        for (auto at = first; at != last; ++at)
            if (at->second.question.type == question.type && at->second.question.name == question.name)
                return &at->second;
        return nullptr;
    }
    void keep(const net::DnsMessage& answer) {
        constexpr std::size_t most = 4096;
        if (answers_.size() >= most)
            answers_.clear();
        answers_.emplace(hash_of(answer.question), answer);
    }

private:
    static std::uint64_t hash_of(const net::DnsQuestion& question) {
        return fnv1a(question.name, static_cast<std::uint64_t>(question.type) * 0x9e3779b97f4a7c15ull);
    }
    std::uint64_t revision_ = 0;
    const void* config_ = nullptr;
    std::unordered_multimap<std::uint64_t, net::DnsMessage> answers_;  // never iterated
};

// Everything that queries change.
struct ChainState {
    AnswerMemo answers;
    using Cache = OrderedMap<std::string, CacheItem>;
    std::map<int, Cache> positive;  // by instance of the cache plugin
    std::map<int, Cache> negative;
    std::map<std::string, Upstream> upstreams;
    std::map<std::string, Consolidation> consolidations;
    std::map<std::string, std::uint64_t> turns;  // round robin of each forward
    std::vector<Timer> timers;
    Metrics metrics;
    Random random{1};
    // By instance of the loop plugin: the name it looks for, until it has given up, and how often that came by.
    struct LoopWatch {
        std::string name;
        int seen = 0;
    };
    std::map<int, LoopWatch> loops;
    std::string fatal;  // the process ends with this line
    std::vector<std::string> log;
};

class Servers;
struct Server;

// One query on its way.
struct Query {
    const Servers& servers;
    const Index& index;
    bool synced = true;                                    // the informers have listed
    std::function<std::vector<net::Ip>()> local_addresses;  // of the Pod
    net::Peer peer;
    Time now;
    ChainState& state;
    // Sends a packet to another server.
    std::function<net::Network::DnsExchange(net::SocketAddress server, const net::DnsMessage& query, Duration give_up,
                                            net::Protocol protocol)>
        ask;
    Duration elapsed{};
    int depth = 0;  // lookups a plugin makes of its own server
    const Server* server = nullptr;  // the block that serves it
    std::string zone{};              // its zone
    bool refreshing = false;         // nobody waits: the cache renews an entry
    bool dropped = false;            // no answer is sent
    std::string host_name{};         // of the Pod
};

// A lookup that a plugin makes of its own server (plugin/pkg/upstream).
std::optional<net::DnsMessage> look_up(Query& query, std::string_view name, net::DnsType type);

class Handler;
using Chain = std::vector<std::shared_ptr<const Handler>>;

class Handler {
public:
    virtual ~Handler() = default;
    virtual std::string_view name() const = 0;
    virtual Served serve(Query& query, const net::DnsMessage& message, const Chain& chain,
                         std::size_t position) const = 0;
    // /ready names the plugins that are not.
    virtual bool ready(bool synced) const {
        (void)synced;
        return true;
    }
    // A timer has come due; each plugin knows its own by kind and key.
    virtual void on_timer(const Timer& timer, Query& query) const {
        (void)timer;
        (void)query;
    }

    // Hands the query to the next plugin.
    static Served next(Query& query, const net::DnsMessage& message, const Chain& chain, std::size_t position,
                       std::string_view from);
};

// What a plugin's set-up sees.
struct Setup {
    std::string path;                // of the Corefile
    std::vector<std::string> zones;  // of the server block, normalised
    std::uint16_t port = 53;
    const std::map<std::string, std::string>& files;  // "/etc/resolv.conf", "/etc/hosts", mounted zone files
    std::vector<Directive> directives;                // all of this plugin's in the block
    int instance = 0;                                 // differs from block to block

    Error error(int line, std::string_view message) const { return corefile_error(path, line, message); }
    const Directive& only() const { return directives.front(); }
    // The error of a plugin that may stand only once in a block; nothing when it does.
    std::optional<Error> more_than_once() const;
    Error argument_error(const Directive& d) const { return coredns::argument_error(path, d.line, d.last()); }
    Error argument_error(const Property& p) const { return coredns::argument_error(path, p.line, p.last()); }
    Error unknown(const Property& p) const { return error(p.line, "unknown property '" + p.name + "'"); }
    // The plugin's own zones, or the server block's.
    std::vector<std::string> origins(const std::vector<std::string>& args) const;
};

// Settings of plugins that do not answer queries but change the process.
struct ProcessSettings {
    std::optional<net::SocketAddress> health;  // an address that is none: every one of the machine's
    std::optional<net::SocketAddress> ready;
    std::optional<net::SocketAddress> metrics;
    std::vector<std::string> metric_zones;
    Duration lameduck{};
    bool reload = false;
    Duration reload_interval = seconds(30);
    Duration reload_jitter = seconds(15);
    bool loop = false;
};

struct KubernetesConfig;

// One server block, ready to serve.
struct Server {
    std::vector<std::string> zones;
    std::uint16_t port = 53;
    std::vector<net::Ip> bind;  // empty: every address
    Chain chain;
    std::vector<std::string> plugins;  // names in the order of the chain, process plugins included
    bool chaos = false;                // answers class CH as well
    int number = 0;                    // its place in the Corefile
};

// All server blocks of a Corefile. Immutable.
class Servers {
public:
    // Errors as CoreDNS prints them before it exits.
    static Result<std::shared_ptr<const Servers>> load(std::string_view corefile, std::string path,
                                                       const std::map<std::string, std::string>& files);

    // Finds the block with the longest zone that holds the name and runs its chain; REFUSED without one.
    net::DnsMessage serve(Query& query, const net::DnsMessage& message) const;
    void on_timer(const Timer& timer, Query& query) const;

    const std::vector<Server>& servers() const { return servers_; }
    std::vector<std::uint16_t> ports() const;
    // Where to listen: one address of every port, or those of `bind`.
    std::vector<net::SocketAddress> sockets() const;
    const ProcessSettings& settings() const { return settings_; }
    // Null without the kubernetes plugin.
    const KubernetesConfig* kubernetes() const { return kubernetes_.get(); }
    // Names of plugins that are not ready, sorted, joined by commas.
    std::string not_ready(bool synced) const;

private:
    friend struct PluginSetup;
    void count(Query& query, const Server& server, const net::DnsMessage& message, const Served& served,
               net::DnsCode code) const;
    std::vector<Server> servers_;
    ProcessSettings settings_;
    std::shared_ptr<const KubernetesConfig> kubernetes_;
};

// What set-up functions fill in: a handler in the chain, or settings of the process.
struct PluginSetup {
    Servers& servers;
    Chain& chain;
    Server& server;
    ProcessSettings& settings() { return servers.settings_; }
    std::shared_ptr<const KubernetesConfig>& kubernetes() { return servers.kubernetes_; }
};

// Lower case with the final dot; a CIDR becomes its reverse zones.
std::vector<std::string> normalised_zones(std::string_view name);

// `fallthrough [ZONES...]`: names that go on to the next plugin.
struct Fallthrough {
    std::vector<std::string> zones;
    void set(const std::vector<std::string>& args);
    bool through(std::string_view name) const;
};

}  // namespace kubewalk::addons::coredns
