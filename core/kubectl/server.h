#pragma once
// The API server as one command sees it: requests in the user's name over the Transport. Copyable, so that
// a command that goes on (a Continuation) may keep it; it holds a reference to the transport only.

#include <string>
#include <string_view>
#include <vector>

#include "core/api/kinds.h"
#include "core/client/transport.h"
#include "core/kubectl/refusal.h"

namespace kubewalk::kubectl {

enum class Recorded : unsigned char { yes, no };

class Server {
public:
    Server(client::Transport& transport, std::string user) : transport_(&transport), user_(std::move(user)) {}

    // --as and --as-group: whom every request asks to be taken for.
    void impersonate(std::string user, std::vector<std::string> groups);

    client::Request request(client::Method method, std::string path) const;
    // Sends; warnings of the answer and, with -v=6 and more, request lines are kept for take_notes().
    client::Response send(client::Request request);
    // The same for a bare path (--raw): a failure that does not say what it is stays as it came.
    client::Response exchange(client::Request request);

    Answer<api::Value> get(const api::Kind& kind, std::string_view namespace_name, std::string_view name);
    // The List object.
    Answer<api::Value> list(const api::Kind& kind, std::string_view namespace_name, std::string_view label_selector = {},
                            std::string_view field_selector = {});
    Answer<api::Value> answer(client::Request request);
    // The same server, but nothing of what is asked enters the cause log: for commands that look again and again.
    Server quiet() const;

    // -v: from 6 on each request leaves lines in the form of klog's.
    void set_verbosity(int level) { verbosity_ = level; }
    void set_address(std::string url) { address_ = std::move(url); }  // "https://192.168.122.11:6443"
    void set_time(Time now) { now_ = now; }
    // Whether answers are to have metadata.managedFields: what nobody is shown need not be worked out.
    void set_managed_fields(bool wanted) { managed_fields_ = wanted; }
    // A bearer token instead of a certificate.
    void use_token(std::string token) { token_ = std::move(token); }
    // What belongs on stderr since the last call.
    std::string take_notes();

private:
    void note_request(const client::Request& request);
    void note_response(const client::Request& request, const client::Response& response);

    client::Transport* transport_;
    std::string user_;
    std::string acting_user_;
    std::vector<std::string> acting_groups_;
    std::string token_;
    std::string address_;
    Time now_;
    Recorded recorded_ = Recorded::yes;
    bool managed_fields_ = false;
    int verbosity_ = 0;
    std::string notes_;
    std::vector<std::string> warned_;  // warnings that were printed: each is printed once
};

}  // namespace kubewalk::kubectl
