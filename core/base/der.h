#pragma once
// DER, the bytes of certificates and of requests for them: elements with a tag, a length and a content. X.690.

#include <optional>
#include <string>
#include <string_view>

namespace kubewalk::der {

enum Tag : unsigned char {
    boolean = 0x01, integer = 0x02, bits = 0x03, octets = 0x04, null = 0x05, object_id = 0x06, utf8 = 0x0c, printable = 0x13, utc_time = 0x17,
    sequence = 0x30, set = 0x31, email = 0x81, dns_name = 0x82, uri = 0x86, ip_address = 0x87, explicit0 = 0xa0, explicit3 = 0xa3,
};

struct Element {
    unsigned char tag = 0;
    std::string_view content;
    std::string_view whole;  // with tag and length
};

// One element off the front; nothing when the bytes are not well formed.
std::optional<Element> take(std::string_view& bytes);
std::string make(unsigned char tag, std::string_view content);

// The bytes of a PEM block of that type ("CERTIFICATE"), whose lines may be indented; nothing when the text has none.
std::optional<std::string> from_pem(std::string_view text, std::string_view type);
std::string to_pem(std::string_view bytes, std::string_view type);

}  // namespace kubewalk::der
