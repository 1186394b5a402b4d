#include "core/net/trace.h"

namespace kubewalk::net {

std::string_view outcome_name(Outcome outcome) {
    switch (outcome) {
    case Outcome::delivered: return "delivered";
    case Outcome::refused: return "refused";
    case Outcome::dropped: return "dropped";
    case Outcome::timeout: return "timeout";
    case Outcome::unreachable: return "unreachable";
    case Outcome::unresolved: return "unresolved";
    }
    return "";
}

}  // namespace kubewalk::net
