#pragma once
// What a process may do, from its context's Confinement: who one is, and who may write where. Machines guard nothing here.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/shell/program.h"

namespace kubewalk::shell {

struct Access {
    std::string path;        // of the mount that the file lies in, "" for the root file system
    bool mounted = false;    // a volume's
    bool read_only = false;
    bool linked = false;     // the files of a ConfigMap and its like: links into ..data (pkg/volume/util/atomic_writer.go)
};
Access access_to(const ProcessContext& context, std::string_view absolute_path);
// Why nothing can be written or removed there, as strerror words it; "" when it can.
std::string_view write_refusal(const ProcessContext& context, std::string_view absolute_path);

struct Identity {
    std::int64_t gid = 0;
    std::vector<std::int64_t> groups;  // all of them, in order
};
Identity identity_of(const ProcessContext& context);
bool in_container(const ProcessContext& context);

// BusyBox's applet of that name, not a distribution's program.
bool is_applet(const ProcessContext& context, std::string_view name);
// Of the users that every image knows; a number for others.
std::string user_name(std::int64_t uid);
// strftime's most used conversions, in UTC.
std::string formatted_date(Time now, std::string_view format);

}  // namespace kubewalk::shell
