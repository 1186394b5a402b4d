#include "core/kubectl/raw.h"

#include "core/api/json.h"
#include "core/api/wire_json.h"
#include "core/base/text.h"
#include "core/client/query.h"

namespace kubewalk::kubectl {

void send_raw(Run& run, client::Method method) {
    const std::string target = run.flags.text("raw");
    const auto mark = target.find('?');
    auto request = run.server.request(method, target.substr(0, mark));
    if (mark != std::string::npos)
        client::read_query(std::string_view(target).substr(mark + 1), request);
    if (method == client::Method::post || method == client::Method::put) {
        const auto files = run.flags.list("filename");
        if (files.size() != 1 || files[0].starts_with("http://") || files[0].starts_with("https://"))
            return run.fail("--raw can only use a single local file or stdin");
        std::string text(run.input);
        if (files[0] != "-") {
            const auto read = run.environment.read_file ? run.environment.read_file(files[0]) : Result<std::string>(Error{"NotFound", {}, {}, 0, 0});
            if (!read.ok())
                return run.fail(cat("open ", files[0], ": no such file or directory"));
            text = read.value();
        }
        auto body = api::parse_json(text);
        request.body = body.ok() ? body.take() : api::Value(text);
    }
    const auto response = run.server.exchange(std::move(request));
    if (!response.ok())
        return run.fail(Refusal::from(response));
    run.out(response.body.is_string() ? response.body.str() : api::to_wire_json(response.body) + "\n");
}

}  // namespace kubewalk::kubectl
