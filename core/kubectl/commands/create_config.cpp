// ConfigMaps and Secrets. Upstream: k8s.io/kubectl/pkg/cmd/create (create_configmap.go, create_secret.go,
// create_secret_tls.go, create_secret_docker.go), pkg/cmd/util/env_file.go, pkg/util/hash/hash.go.

#include "core/api/json.h"
#include "core/api/names.h"
#include "core/base/base64.h"
#include "core/base/sha256.h"
#include "core/base/text.h"
#include "core/kubectl/creating.h"

namespace kubewalk::kubectl::command {

using api::Value;

namespace {

using Data = std::map<std::string, std::string>;

// Collects keys; how a bad one is worded depends on what is being made.
class Collector {
public:
    Collector(Run& run, std::string_view kind) : run_(run), kind_(kind) {}

    std::optional<Refusal> collect() {
        if (run_.flags.has("from-env-file") && (run_.flags.has("from-file") || run_.flags.has("from-literal")))
            return Refusal::plain("from-env-file cannot be combined with from-file or from-literal");
        for (const auto& source : run_.flags.list("from-file"))
            if (auto wrong = from_file(source))
                return wrong;
        for (const auto& literal : run_.flags.list("from-literal")) {
            const auto equals = literal.find('=');
            if (equals == std::string::npos || equals == 0)
                return Refusal::plain(cat("invalid literal source ", literal, ", expected key=value"));
            if (auto wrong = add(literal.substr(0, equals), literal.substr(equals + 1)))
                return wrong;
        }
        for (const auto& path : run_.flags.list("from-env-file"))
            if (auto wrong = from_env_file(path))
                return wrong;
        return std::nullopt;
    }

    Data data;

private:
    std::optional<Refusal> add(const std::string& key, std::string value) {
        const bool secret = kind_ == "Secret";
        if (const auto wrong = api::is_config_map_key(key); !wrong.empty())
            return Refusal::plain(secret ? cat(quoted(key), " is not valid key name for a Secret ", join(wrong, ";"))
                                         : cat(quoted(key), " is not a valid key name for a ConfigMap: ", join(wrong, ",")));
        if (data.contains(key))
            return Refusal::plain(secret ? cat("cannot add key ", key, ", another key by that name already exists")
                                         : cat("cannot add key ", quoted(key), ", another key by that name already exists in Data for ConfigMap ",
                                               quoted(run_.args()[0])));
        data[key] = std::move(value);
        return std::nullopt;
    }

    Result<std::string> read(const std::string& path) const {
        return run_.environment.read_file ? run_.environment.read_file(path) : Result<std::string>(Error{});
    }

    // [KEY=]FILE or FOLDER.
    std::optional<Refusal> from_file(const std::string& source) {
        const auto equals = source.find('=');
        const auto path = equals == std::string::npos ? source : source.substr(equals + 1);
        if (equals == 0)
            return Refusal::plain(cat("key name for file path ", path, " missing"));
        if (path.empty())
            return Refusal::plain(cat("file path for key name ", source.substr(0, equals), " missing"));
        if (const auto folder = run_.environment.list_folder ? run_.environment.list_folder(path) : Result<std::vector<std::string>>(Error{});
            folder.ok()) {
            if (equals != std::string::npos)
                return Refusal::plain("cannot give a key name for a directory path");
            for (const auto& name : folder.value())
                if (auto text = read(cat(path, path.ends_with('/') ? "" : "/", name)); text.ok())
                    if (auto wrong = add(name, text.take()))
                        return wrong;
            return std::nullopt;
        }
        auto text = read(path);
        if (!text.ok())
            return Refusal::plain(cat("error reading ", path, ": no such file or directory"));
        const auto slash = path.rfind('/');
        return add(equals != std::string::npos ? source.substr(0, equals) : path.substr(slash == std::string::npos ? 0 : slash + 1), text.take());
    }

    std::optional<Refusal> from_env_file(const std::string& path) {
        const auto text = read(path);
        if (!text.ok())
            return Refusal::plain(cat("error reading ", path, ": no such file or directory"));
        for (auto line : split(text.value(), '\n')) {
            if (line.ends_with('\r'))
                line.remove_suffix(1);
            while (!line.empty() && (line[0] == ' ' || line[0] == '\t'))
                line.remove_prefix(1);
            if (line.empty() || line[0] == '#')
                continue;
            const auto equals = line.find('=');
            const auto key = std::string(line.substr(0, equals));
            if (const auto wrong = api::is_env_var_name(key); !wrong.empty())
                return Refusal::plain(cat(quoted(key), " is not a valid key name: ", join(wrong, ";")));
            // Without "=" the value would come from kubectl's own environment, which is empty here.
            if (auto refused = add(key, equals == std::string_view::npos ? std::string() : std::string(line.substr(equals + 1))))
                return refused;
        }
        return std::nullopt;
    }

    Run& run_;
    std::string_view kind_;
};

// --append-hash: ten letters of the content behind the name.
void append_hash(Value& object) {
    Value hashed = Value::object({{"kind", object["kind"]}, {"name", object["metadata"]["name"]}, {"data", object["data"]}});
    if (object["kind"].as_string() == "Secret")
        hashed.set("type", object["type"].str());
    if (object["data"].is_null() && object["kind"].as_string() == "Secret")
        hashed.set("data", Value::object());
    std::string suffix;
    for (const auto byte : sha256(api::to_json(hashed))) {
        for (const int nibble : {byte >> 4, byte & 15}) {
            constexpr std::string_view letters = "gh2k456789mbcdtf";
            suffix += letters[static_cast<std::size_t>(nibble)];
        }
        if (suffix.size() >= 10)
            break;
    }
    object.edit("metadata").set("name", cat(api::name_of(object), "-", suffix.substr(0, 10)));
}

void finish(Run& run, const api::Kind& kind, Value object) {
    if (run.flags.is("append-hash"))
        append_hash(object);
    create_and_print(run, kind, std::move(object), "created");
}

void add_source_flags(FlagSet& set) {
    set.array("from-literal", "One key and its value: KEY=VALUE; may come again")
        .list("from-file", "A file as one value, or a folder of them: [KEY=]PATH; may come again")
        .list("from-env-file", "A file of KEY=VALUE lines; may come again")
        .boolean("append-hash", "Add a hash of the content to the name");
}

Value secret_of(const Run& run, const Data& data, std::string_view type) {
    Value object = object_with_name("v1", "Secret", run.args()[0]);
    for (const auto& [key, value] : data)
        object.edit("data").set(key, to_base64(value));
    if (!type.empty())
        object.set("type", type);
    return object;
}

}  // namespace

void create_configmap_flags(FlagSet& set) {
    add_create_flags(set);
    add_source_flags(set);
}
void create_configmap(Run& run) {
    if (!one_name(run))
        return;
    Collector collector(run, "ConfigMap");
    if (auto wrong = collector.collect())
        return run.fail(*wrong);
    Value object = object_with_name("v1", "ConfigMap", run.args()[0]);
    for (const auto& [key, value] : collector.data)
        object.edit("data").set(key, value);
    finish(run, api::kind::config_maps, std::move(object));
}

void create_secret_flags(FlagSet& set) {
    create_configmap_flags(set);
    set.text("type", "The type of the Secret; Opaque without one");
}
void create_secret(Run& run) {
    if (!one_name(run))
        return;
    Collector collector(run, "Secret");
    if (auto wrong = collector.collect())
        return run.fail(*wrong);
    finish(run, api::kind::secrets, secret_of(run, collector.data, run.flags.text("type")));
}

void create_tls_secret_flags(FlagSet& set) {
    add_create_flags(set);
    set.text("cert", "The file with the certificate, PEM")
        .text("key", "The file with its private key, PEM")
        .boolean("append-hash", "Add a hash of the content to the name");
}
void create_tls_secret(Run& run) {
    if (!one_name(run))
        return;
    if (!run.flags.has("cert") || !run.flags.has("key"))
        return run.fail("key and cert must be specified");
    Data data;
    struct Part {
        std::string_view flag;
        std::string_view key;
        std::string_view what;
    };
    for (const auto& part : {Part{"cert", "tls.crt", "certificate"}, Part{"key", "tls.key", "key"}}) {
        const auto path = run.flags.text(part.flag);
        auto text = run.environment.read_file ? run.environment.read_file(path) : Result<std::string>(Error{});
        if (!text.ok())
            return run.fail(cat("Cannot read file ", path, ", open ", path, ": no such file or directory"));
        if (text.value().find("-----BEGIN ") == std::string::npos)
            return run.fail(cat("tls: failed to find any PEM data in ", part.what, " input"));
        data[std::string(part.key)] = text.take();
    }
    finish(run, api::kind::secrets, secret_of(run, data, "kubernetes.io/tls"));
}

void create_docker_secret_flags(FlagSet& set) {
    add_create_flags(set);
    set.text("docker-username", "The name at the registry")
        .text("docker-password", "The password at the registry")
        .text("docker-email", "The mail address at the registry")
        .text("docker-server", "The registry", 0, "https://index.docker.io/v1/")
        .list("from-file", "A file .dockerconfigjson instead: [KEY=]PATH")
        .boolean("append-hash", "Add a hash of the content to the name");
}
void create_docker_secret(Run& run) {
    if (!one_name(run))
        return;
    Collector collector(run, "Secret");
    if (run.flags.has("from-file")) {
        if (auto wrong = collector.collect())
            return run.fail(*wrong);
    } else {
        const auto user = run.flags.text("docker-username");
        const auto password = run.flags.text("docker-password");
        const auto server = run.flags.text("docker-server");
        if (user.empty() || password.empty() || server.empty())
            return run.fail("either --from-file or the combination of --docker-username, --docker-password and --docker-server is required");
        const auto email = run.flags.text("docker-email");
        collector.data[".dockerconfigjson"] =
            cat("{\"auths\":{", quoted(server), ":{\"username\":", quoted(user), ",\"password\":", quoted(password),
                email.empty() ? std::string() : cat(",\"email\":", quoted(email)), ",\"auth\":",
                quoted(to_base64(cat(user, ":", password))), "}}}");
    }
    finish(run, api::kind::secrets, secret_of(run, collector.data, "kubernetes.io/dockerconfigjson"));
}

}  // namespace kubewalk::kubectl::command
