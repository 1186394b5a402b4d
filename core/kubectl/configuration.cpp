#include "core/kubectl/configuration.h"

#include "core/api/yaml.h"
#include "core/base/text.h"

namespace kubewalk::kubectl {

using api::Value;

namespace {

constexpr std::string_view cluster_name = "kubernetes";

// As kubeadm writes /etc/kubernetes/admin.conf.
Value original(const Environment& environment) {
    const auto context = cat(environment.user, "@", cluster_name);
    Value inner = Value::object({{"cluster", cluster_name}, {"user", environment.user}});
    if (environment.namespace_name != "default")
        inner.set("namespace", environment.namespace_name);
    const Value cluster = Value::object({{"certificate-authority-data", "Q0E="}, {"server", environment.server_url}});
    const Value user = Value::object({{"client-certificate-data", "Q0VSVA=="}, {"client-key-data", "S0VZ"}});
    return Value::object({{"apiVersion", "v1"},
                          {"kind", "Config"},
                          {"clusters", Value::array({Value::object({{"name", cluster_name}, {"cluster", cluster}})})},
                          {"contexts", Value::array({Value::object({{"name", context}, {"context", inner}})})},
                          {"current-context", context},
                          {"users", Value::array({Value::object({{"name", environment.user}, {"user", user}})})}});
}

}  // namespace

const Value& Configuration::entry(std::string_view list, std::string_view name) const {
    for (const auto& one : content[list].items())
        if (one["name"].as_string() == name)
            return one;
    return api::null_value();
}

Configuration load_configuration(const Environment& environment, const Parsed& flags) {
    Configuration configuration;
    configuration.path = flags.has("kubeconfig") ? flags.text("kubeconfig") : environment.kubeconfig;
    auto text = environment.read_file ? environment.read_file(configuration.path) : Result<std::string>(Error{});
    auto parsed = text.ok() ? api::parse_yaml(text.value()) : Result<Value>(Error{});
    configuration.content = parsed.ok() && parsed.value().is_object() ? parsed.take() : original(environment);
    return configuration;
}

Answer<Done> store_configuration(const Environment& environment, const Configuration& configuration) {
    if (!environment.write_file)
        return Refusal::plain(cat("open ", configuration.path, ": read-only file system"));
    auto written = environment.write_file(configuration.path, api::to_yaml(configuration.content));
    return written.ok() ? Answer<Done>(Done{}) : Refusal::plain(cat("open ", configuration.path, ": ", written.error().message));
}

Answer<Connection> connection_of(const Environment& environment, const Parsed& flags) {
    const auto configuration = load_configuration(environment, flags);
    Connection connection;
    const auto context_name = flags.has("context") ? flags.text("context") : configuration.content["current-context"].str();
    const auto& context = configuration.entry("contexts", context_name)["context"];
    if (context.is_null() && flags.has("context"))
        return Refusal::plain(cat("context ", quoted(context_name), " does not exist"));
    const auto user = flags.has("user") ? flags.text("user") : context["user"].str();
    const auto& credentials = configuration.entry("users", user)["user"];
    if (flags.has("user") && credentials.is_null())
        return Refusal::plain(cat("auth info ", quoted(user), " does not exist"));
    if (flags.has("cluster") && configuration.entry("clusters", flags.text("cluster")).is_null())
        return Refusal::plain(cat("cluster ", quoted(flags.text("cluster")), " does not exist"));
    connection.token = flags.has("token") ? flags.text("token") : credentials["token"].str();
    // The certificate of the administrator is the only one here; who shows none is nobody.
    if (connection.token.empty() && user == environment.user && credentials.contains("client-certificate-data"))
        connection.user = environment.user;
    connection.namespace_name = flags.has("namespace") ? flags.text("namespace") : context["namespace"].str();
    if (connection.namespace_name.empty())
        connection.namespace_name = "default";
    return connection;
}

}  // namespace kubewalk::kubectl
