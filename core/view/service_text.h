#pragma once
// A Service's columns as `kubectl get svc` prints them.

#include <string>

#include "core/api/value.h"

namespace kubewalk::view {

std::string external_address(const api::Value& service);
std::string port_list(const api::Value& service);  // "80:30001/TCP,443/TCP"

}  // namespace kubewalk::view
