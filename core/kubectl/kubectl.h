#pragma once
// The command line kubectl: a client of the API server and nothing else. Between the two there is
// only client::Transport (verb, path, headers, body). Output, errors and exit codes follow the real
// program, release 1.36.

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/client/transport.h"

namespace kubewalk::api {
class Schema;
}

namespace kubewalk::kubectl {

struct Output {
    int exit = 0;
    std::string out;
    std::string err;
    bool wiped = false;  // the screen was cleared before `out` was printed (watch)
};

// A port that a command opened on the machine it runs on (proxy, port-forward), and what it is asked there.
// Whoever runs kubectl listens in its place: kubectl itself knows no sockets.
struct LocalPort {
    std::string address;     // "127.0.0.1"
    std::uint16_t port = 0;  // 0: any that is free
};
struct LocalRequest {
    std::string method;
    std::string path;  // with query
    std::string host;
    std::map<std::string, std::string> headers;  // lower-case names
    std::string body;
    bool tls = false;  // the client speaks TLS, which only a forwarded port hands on
};
struct LocalResponse {
    int status = 200;  // 0: the connection is closed without an answer
    std::map<std::string, std::string> headers;
    std::string body;
    Duration took{};
};
// The certificate at the far end of a forwarded port; nothing where nobody speaks TLS.
struct LocalCertificate {
    std::string subject;
    std::string issuer;
    std::vector<std::string> names;
};

// What an editor is opened with.
struct EditedFile {
    std::string name;  // "kubectl-edit-1234.yaml"
    std::string text;
};

// The rest of a command that waits (delete, wait, rollout status, get --watch, logs --follow).
// Copyable by clone(), so that a checkpoint may hold a running command.
class Continuation {
public:
    virtual ~Continuation() = default;
    // Called every 100 ms of virtual time. Appends what was printed since; true when the command has
    // ended (then exit is valid).
    virtual bool poll(Time now, Output& more) = 0;
    // Ctrl+C: its last words.
    virtual void interrupted(Output&) {}
    // Ctrl+C ends what the command is doing and not the command: a shell with a prompt.
    virtual bool survives_interrupt() const { return false; }

    // Commands that listen. First all ports are opened: opened() is told which (in the order of ports()), or
    // not_opened() which one could not be, and then the command has ended.
    virtual std::vector<LocalPort> ports() const { return {}; }
    virtual void opened(const std::vector<LocalPort>&, Output&) {}
    virtual void not_opened(const LocalPort&, Output&) {}
    virtual LocalResponse serve(const LocalPort&, const LocalRequest&, Time, Output&) { return {}; }
    virtual std::optional<LocalCertificate> certificate(const LocalPort&, const std::string&) { return std::nullopt; }

    // Commands that read what is typed while they run: the words before the cursor (may be empty). Nothing when
    // the command reads nothing.
    virtual std::optional<std::string> prompt() const { return std::nullopt; }
    // One line of what is typed, and its end (Ctrl+D).
    virtual void typed(std::string_view line, Time now, Output& more);
    virtual void input_ended(Time now, Output& more);
    // Tab: the words that could stand at the end of what is typed to the command.
    virtual std::vector<std::string> complete(std::string_view) const { return {}; }

    // Commands that open an editor: the file it shall show. edited() gives it back as it was saved, or nothing
    // when the editor was closed without saving.
    virtual std::optional<EditedFile> editing() const { return std::nullopt; }
    virtual void edited(const std::optional<std::string>& text, Time now, Output& more);

    virtual std::unique_ptr<Continuation> clone() const = 0;
};

struct Started {
    Output output;
    std::unique_ptr<Continuation> rest;  // null: the command has ended
    Duration elapsed{};                  // what an exec took inside the container
};

struct Environment {
    client::Transport& transport;
    const api::Schema& schema;  // for explain, completion and `apply`'s merge keys
    Time now;
    std::string user = "kubernetes-admin";
    std::string namespace_name = "default";  // of the current context, unless a kubeconfig says otherwise
    std::string kubeconfig = "/root/.kube/config";
    std::string server_url = "https://192.168.122.11:6443";
    // A file of the machine kubectl runs on; error reason "NotFound". Null: there are no files.
    std::function<Result<std::string>(std::string_view path)> read_file = nullptr;
    // Files in a folder, sorted by name; error when it is no folder.
    std::function<Result<std::vector<std::string>>(std::string_view path)> list_folder = nullptr;
    // Writes a file of that machine. Null: there is nowhere to write.
    std::function<Result<void>(std::string_view path, std::string_view text)> write_file = nullptr;
    // What a type of the schema ("V1PodSpec"), or one of its fields, is for; "" when nobody says. For explain.
    std::function<std::string_view(std::string_view type, std::string_view field)> documentation = nullptr;
};

// argv[0] is "kubectl". `input` is standard input (for -f -).
Started start(const Environment& environment, const std::vector<std::string>& argv, std::string_view input);

// `kubectl apply -f -` as the editor uses it: one entry per document, in order, so that each answer can
// be shown at its place. Documents after a refused one are still tried, as kubectl does.
struct Applied {
    int document = 0;
    std::string line;    // "deployment.apps/carts configured"; empty when refused
    std::string error;   // what kubectl prints on stderr; empty when accepted
    api::Value status;   // the metav1.Status of a refusal by the server, else null
    std::vector<std::string> warnings;
    api::Value object;   // as the server has it now, or would have it after a trial; null when refused
};
// A trial is --dry-run=server: everything up to the store.
enum class Trial : unsigned char { no, yes };
std::vector<Applied> apply_documents(const Environment& environment, std::string_view manifest, Trial trial = Trial::no);

// Words that could stand at the end of `line` (which begins with "kubectl").
std::vector<std::string> complete(const Environment& environment, std::string_view line);

}  // namespace kubewalk::kubectl
