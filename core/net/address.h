#pragma once
// IP addresses and prefixes, IPv4 and IPv6, and link-layer addresses.

#include <array>
#include <compare>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

namespace kubewalk::net {

enum class Family : std::uint8_t { ipv4, ipv6 };

// libc++ 14's std::array has no <=>.
inline std::strong_ordering compare_bytes(const std::uint8_t* a, const std::uint8_t* b, std::size_t size) {
    return std::memcmp(a, b, size) <=> 0;
}

// Eight bytes as the number that orders as they do; compilers make one load of it.
inline std::uint64_t ordered_number(const std::uint8_t* bytes) {
    const auto at = [bytes](int index, int shift) { return static_cast<std::uint64_t>(bytes[index]) << shift; };
    return at(0, 56) | at(1, 48) | at(2, 40) | at(3, 32) | at(4, 24) | at(5, 16) | at(6, 8) | at(7, 0);
}

// Eight bytes as this machine reads them: for equality and for hashes.
inline std::uint64_t plain_number(const std::uint8_t* bytes) {
    std::uint64_t number = 0;
    std::memcpy(&number, bytes, sizeof number);
    return number;
}

// Network byte order; IPv4 uses the first four bytes, the rest is zero. Default: 0.0.0.0.
struct Ip {
    Family family = Family::ipv4;
    std::array<std::uint8_t, 16> bytes{};

    static std::optional<Ip> parse(std::string_view text);
    static constexpr Ip v4(std::uint8_t a, std::uint8_t b, std::uint8_t c, std::uint8_t d) {
        Ip ip;
        ip.bytes[0] = a;
        ip.bytes[1] = b;
        ip.bytes[2] = c;
        ip.bytes[3] = d;
        return ip;
    }
    std::string text() const;
    // 0.0.0.0 or ::
    bool unspecified() const { return (plain_number(bytes.data()) | plain_number(bytes.data() + 8)) == 0; }
    bool loopback() const { return family == Family::ipv4 ? bytes[0] == 127 : v6_loopback(); }  // 127.0.0.0/8 or ::1
    std::uint32_t v4_number() const {
        return static_cast<std::uint32_t>(bytes[0]) << 24 | static_cast<std::uint32_t>(bytes[1]) << 16 |
               static_cast<std::uint32_t>(bytes[2]) << 8 | bytes[3];
    }
    static Ip from_v4_number(std::uint32_t number);
    // So many addresses further on; wraps around at the end of the family.
    Ip plus(std::uint64_t offset) const;

    // Addresses are compared more often than anything else in a packet's walk.
    friend bool operator==(const Ip& a, const Ip& b) {
        return a.family == b.family && plain_number(a.bytes.data()) == plain_number(b.bytes.data()) &&
               plain_number(a.bytes.data() + 8) == plain_number(b.bytes.data() + 8);
    }
    friend std::strong_ordering operator<=>(const Ip& a, const Ip& b) {
        if (a.family != b.family)
            return a.family <=> b.family;
        const auto order = ordered_number(a.bytes.data()) <=> ordered_number(b.bytes.data());
        return order != 0 || a.family == Family::ipv4 ? order
                                                      : ordered_number(a.bytes.data() + 8) <=> ordered_number(b.bytes.data() + 8);
    }

private:
    bool v6_loopback() const;
};

// For hash tables that are never iterated.
struct IpHash {
    std::size_t operator()(const Ip& ip) const {
        const std::uint64_t mixed = (plain_number(ip.bytes.data()) ^ plain_number(ip.bytes.data() + 8) * 31) * 0x9e3779b97f4a7c15ull;
        return static_cast<std::size_t>(mixed >> 32);
    }
};

struct Prefix {
    Ip ip;
    int length = 0;

    // "10.244.1.0/24"; a bare address is a host prefix.
    static std::optional<Prefix> parse(std::string_view text);
    bool contains(const Ip& address) const;
    Ip network() const;  // the address with all host bits zero
    Ip last() const;     // ... and with all of them one
    std::string text() const;

    friend auto operator<=>(const Prefix&, const Prefix&) = default;
};

struct SocketAddress {
    Ip ip;
    std::uint16_t port = 0;

    std::string text() const;  // "10.244.1.4:80", "[::1]:80"
    friend auto operator<=>(const SocketAddress&, const SocketAddress&) = default;
};

enum class Protocol : std::uint8_t { tcp, udp, sctp, icmp };
std::string_view protocol_name(Protocol protocol);  // "tcp", ...

struct Mac {
    std::array<std::uint8_t, 6> bytes{};
    std::string text() const;  // "0a:58:0a:f4:01:01"
    friend bool operator==(const Mac&, const Mac&) = default;
    friend std::strong_ordering operator<=>(const Mac& a, const Mac& b) {
        return compare_bytes(a.bytes.data(), b.bytes.data(), a.bytes.size());
    }
};

}  // namespace kubewalk::net
