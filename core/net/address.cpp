// Text forms of addresses; IPv6 as RFC 5952 prints it.

#include "core/net/address.h"

#include "core/base/text.h"

namespace kubewalk::net {

namespace {

std::optional<std::uint32_t> parse_v4(std::string_view text) {
    std::uint32_t number = 0;
    int pieces = 0;
    for (std::string_view piece : split(text, '.')) {
        if (piece.empty() || piece.size() > 3 || (piece.size() > 1 && piece[0] == '0') || ++pieces > 4)
            return std::nullopt;
        std::uint32_t octet = 0;
        for (char digit : piece) {
            if (digit < '0' || digit > '9')
                return std::nullopt;
            octet = octet * 10 + static_cast<std::uint32_t>(digit - '0');
        }
        if (octet > 255)
            return std::nullopt;
        number = number << 8 | octet;
    }
    if (pieces != 4)
        return std::nullopt;
    return number;
}

int hex_digit(char c) {
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

void append_hex(std::string& out, unsigned number, int min_digits) {
    constexpr char digits[] = "0123456789abcdef";
    bool started = false;
    for (int shift = 12; shift >= 0; shift -= 4) {
        const unsigned digit = number >> shift & 15u;
        if (digit != 0 || started || shift / 4 < min_digits) {
            out.push_back(digits[digit]);
            started = true;
        }
    }
}

// Groups of one side of "::" into 16-bit words; the last may be dotted IPv4.
bool parse_groups(std::string_view text, std::array<std::uint16_t, 8>& words, std::size_t& count) {
    count = 0;
    if (text.empty())
        return true;
    const auto pieces = split(text, ':');
    for (std::size_t i = 0; i < pieces.size(); ++i) {
        const std::string_view piece = pieces[i];
        if (i + 1 == pieces.size() && piece.find('.') != std::string_view::npos) {
            const auto v4 = parse_v4(piece);
            if (!v4 || count + 2 > 8)
                return false;
            words[count++] = static_cast<std::uint16_t>(*v4 >> 16);
            words[count++] = static_cast<std::uint16_t>(*v4 & 0xffff);
            return true;
        }
        if (piece.empty() || piece.size() > 4 || count == 8)
            return false;
        unsigned word = 0;
        for (char c : piece) {
            const int digit = hex_digit(c);
            if (digit < 0)
                return false;
            word = word << 4 | static_cast<unsigned>(digit);
        }
        words[count++] = static_cast<std::uint16_t>(word);
    }
    return true;
}

std::optional<Ip> parse_v6(std::string_view text) {
    std::array<std::uint16_t, 8> head{}, tail{};
    std::size_t head_count = 0, tail_count = 0;
    const std::size_t gap = text.find("::");
    if (gap == std::string_view::npos) {
        if (!parse_groups(text, head, head_count) || head_count != 8)
            return std::nullopt;
    } else {
        if (!parse_groups(text.substr(0, gap), head, head_count) || !parse_groups(text.substr(gap + 2), tail, tail_count) ||
            head_count + tail_count > 7)
            return std::nullopt;
        for (std::size_t i = 0; i < tail_count; ++i)
            head[8 - tail_count + i] = tail[i];
    }
    Ip ip;
    ip.family = Family::ipv6;
    for (std::size_t i = 0; i < 8; ++i) {
        ip.bytes[2 * i] = static_cast<std::uint8_t>(head[i] >> 8);
        ip.bytes[2 * i + 1] = static_cast<std::uint8_t>(head[i] & 0xff);
    }
    return ip;
}

std::string v6_text(const Ip& ip) {
    unsigned words[8];
    for (std::size_t i = 0; i < 8; ++i)
        words[i] = static_cast<unsigned>(ip.bytes[2 * i]) << 8 | ip.bytes[2 * i + 1];
    int best_start = -1, best_length = 1;  // a single zero group is not shortened
    for (int i = 0; i < 8;) {
        int length = 0;
        while (i + length < 8 && words[i + length] == 0)
            ++length;
        if (length > best_length) {
            best_start = i;
            best_length = length;
        }
        i += length ? length : 1;
    }
    std::string out;
    for (int i = 0; i < 8; ++i) {
        if (i == best_start) {
            out += "::";
            i += best_length - 1;
            continue;
        }
        if (!out.empty() && out.back() != ':')
            out.push_back(':');
        append_hex(out, words[i], 1);
    }
    return out;
}

}  // namespace

std::optional<Ip> Ip::parse(std::string_view text) {
    if (text.find(':') != std::string_view::npos)
        return parse_v6(text);
    const auto number = parse_v4(text);
    if (!number)
        return std::nullopt;
    return from_v4_number(*number);
}

std::string Ip::text() const {
    if (family == Family::ipv6)
        return v6_text(*this);
    return cat(static_cast<unsigned>(bytes[0]), '.', static_cast<unsigned>(bytes[1]), '.', static_cast<unsigned>(bytes[2]), '.',
               static_cast<unsigned>(bytes[3]));
}

bool Ip::v6_loopback() const {
    for (std::size_t i = 0; i < 15; ++i)
        if (bytes[i] != 0)
            return false;
    return bytes[15] == 1;
}

Ip Ip::from_v4_number(std::uint32_t number) {
    return v4(static_cast<std::uint8_t>(number >> 24), static_cast<std::uint8_t>(number >> 16 & 255),
              static_cast<std::uint8_t>(number >> 8 & 255), static_cast<std::uint8_t>(number & 255));
}

Ip Ip::plus(std::uint64_t offset) const {
    Ip ip = *this;
    for (std::size_t i = family == Family::ipv4 ? 4 : 16; i-- > 0 && offset > 0; offset >>= 8) {
        const unsigned sum = ip.bytes[i] + static_cast<unsigned>(offset & 255);
        ip.bytes[i] = static_cast<std::uint8_t>(sum & 255);
        if (sum > 255)
            offset += 256;
    }
    return ip;
}

std::optional<Prefix> Prefix::parse(std::string_view text) {
    const std::size_t slash = text.find('/');
    const auto ip = Ip::parse(text.substr(0, slash));
    if (!ip)
        return std::nullopt;
    const int longest = ip->family == Family::ipv4 ? 32 : 128;
    if (slash == std::string_view::npos)
        return Prefix{*ip, longest};
    const auto length = parse_int(text.substr(slash + 1));
    if (!length || *length < 0 || *length > longest)
        return std::nullopt;
    return Prefix{*ip, static_cast<int>(*length)};
}

bool Prefix::contains(const Ip& address) const {
    if (address.family != ip.family)
        return false;
    if (ip.family == Family::ipv4) {
        if (length == 0)
            return true;
        return (address.v4_number() ^ ip.v4_number()) >> (32 - length) == 0;
    }
    for (int bit = 0; bit < length; bit += 8) {
        const std::size_t i = static_cast<std::size_t>(bit / 8);
        const int rest = length - bit;
        const unsigned mask = rest >= 8 ? 0xffu : 0xff00u >> rest & 0xffu;
        if (((address.bytes[i] ^ ip.bytes[i]) & mask) != 0)
            return false;
    }
    return true;
}

std::string Prefix::text() const { return cat(ip.text(), '/', length); }

Ip Prefix::network() const {
    Ip base = ip;
    const std::size_t bytes = ip.family == Family::ipv4 ? 4 : 16;
    for (std::size_t i = 0; i < bytes; ++i) {
        const int rest = length - static_cast<int>(i) * 8;
        const unsigned mask = rest >= 8 ? 0xffu : rest <= 0 ? 0u : 0xff00u >> rest & 0xffu;
        base.bytes[i] = static_cast<std::uint8_t>(base.bytes[i] & mask);
    }
    return base;
}

Ip Prefix::last() const {
    Ip end = network();
    const std::size_t bytes = ip.family == Family::ipv4 ? 4 : 16;
    for (std::size_t i = 0; i < bytes; ++i) {
        const int rest = length - static_cast<int>(i) * 8;
        const unsigned host = rest >= 8 ? 0u : rest <= 0 ? 0xffu : 0xffu >> rest;
        end.bytes[i] = static_cast<std::uint8_t>(end.bytes[i] | host);
    }
    return end;
}

std::string SocketAddress::text() const {
    if (ip.family == Family::ipv6)
        return cat('[', ip.text(), "]:", port);
    return cat(ip.text(), ':', port);
}

std::string_view protocol_name(Protocol protocol) {
    switch (protocol) {
    case Protocol::tcp: return "tcp";
    case Protocol::udp: return "udp";
    case Protocol::sctp: return "sctp";
    case Protocol::icmp: return "icmp";
    }
    return "";
}

std::string Mac::text() const {
    std::string out;
    for (std::uint8_t byte : bytes) {
        if (!out.empty())
            out.push_back(':');
        append_hex(out, byte, 2);
    }
    return out;
}

}  // namespace kubewalk::net
