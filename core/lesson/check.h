#pragma once
// The checks a lesson's task may use, as data in lesson.json. Each looks at the live cluster or at
// what the learner did, never at which button was pressed:
//   {"object": {"kind": "Service", "namespace": "sock-shop", "name": "front-end"},
//    "path": "spec.externalTrafficPolicy", "equals": "Local"}      also "not_equals", "exists": bool,
//                                                                  "at_least": n, "contains": "text"
//   {"requested": {"from": "laptop", "to": "192.168.122.12:30001", "outcome": "delivered",
//                  "status": 200, "endpoint": "sock-shop/front-end-*", "client_seen": "192.168.122.1",
//                  "line": "GET /*"}}                              the learner sent such a request
//   {"behaves": {"from": "laptop", "url": "http://...", "outcome": "delivered", ...}}  it would go so now
//   {"ran": "kubectl * get svc*"}                                  a command that ended with exit 0
//   {"all": [...]}, {"any": [...]}, {"not": {...}}
// Texts match as patterns: "*" stands for anything.

#include <string_view>

#include "core/api/value.h"
#include "core/base/result.h"
#include "core/cluster/session.h"

namespace kubewalk::lesson {

// Is the check well formed? The error names the key that is wrong.
Result<void> validate_check(const api::Value& check);

bool holds(const api::Value& check, const cluster::Session& session);

// "*" matches any text, everything else itself.
bool matches_pattern(std::string_view pattern, std::string_view text);

}  // namespace kubewalk::lesson
