#pragma once
// What a certificate in PEM says of itself: names, nothing of its keys or signatures. RFC 5280, X.690.

#include <optional>
#include <string_view>

#include "core/net/server.h"

namespace kubewalk::net {

// The first CERTIFICATE block of the text; nothing when there is none that can be read.
std::optional<Certificate> read_certificate(std::string_view pem);

// Would a client accept the certificate for that name or address (RFC 6125: a wildcard stands for one label)?
bool certificate_fits(const Certificate& certificate, std::string_view host);

}  // namespace kubewalk::net
