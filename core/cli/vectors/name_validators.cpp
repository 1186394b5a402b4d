// validation/name-validators.json: names and what is wrong with them.
#include <algorithm>

#include "core/api/names.h"
#include "core/base/text.h"
#include "core/cli/vectors/runner.h"

namespace kubewalk::cli {

using api::Value;

namespace {

constexpr struct {
    std::string_view function;
    api::Messages (*check)(std::string_view);
} validators[] = {
    {"IsConfigMapKey", api::is_config_map_key},
    {"IsDNS1035Label", api::is_dns1035_label},
    {"IsDNS1123Label", api::is_dns1123_label},
    {"IsDNS1123Subdomain", api::is_dns1123_subdomain},
    {"IsEnvVarName", api::is_env_var_name},
    {"IsFullyQualifiedDomainName", api::is_fully_qualified_domain_name},
    {"IsQualifiedName", api::is_qualified_name},
    {"IsValidIP", api::is_valid_ip},
    {"IsValidLabelValue", api::is_valid_label_value},
    {"IsValidPortName", api::is_valid_port_name},
    {"IsWildcardDNS1123Subdomain", api::is_wildcard_dns1123_subdomain},
};

std::string text_of(std::vector<std::string> messages) {
    std::sort(messages.begin(), messages.end());
    return messages.empty() ? "valid" : join(messages, "\n");
}

// Some functions report field errors; their messages are the details.
std::string expected_text(const Value& errors) {
    std::vector<std::string> messages;
    for (const auto& error : errors.items())
        messages.push_back(error.is_string() ? error.str() : error["detail"].str());
    return text_of(std::move(messages));
}

}  // namespace

void run_name_validators(const Value& root, Report& report) {
    std::size_t number = 0;
    for (const auto& one : root["cases"].items()) {
        const auto function = one["func"].as_string();
        const std::string id = cat(number++, " ", function, " ", one["input"].as_string());
        const std::string expected = expected_text(one["errors"]);
        if (function == "IsValidPortNum") {
            report.check(id, expected, text_of(api::is_valid_port_num(one["input"].as_int())));
            continue;
        }
        const auto* validator = std::find_if(std::begin(validators), std::end(validators),
                                             [&](const auto& line) { return line.function == function; });
        if (validator == std::end(validators))
            report.skip(id, cat("no runner for ", function));
        else
            report.check(id, expected, text_of(validator->check(one["input"].as_string())));
    }
}

}  // namespace kubewalk::cli
