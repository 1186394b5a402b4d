#include "core/kubectl/raw.h"

#include "core/api/json.h"
#include "core/base/text.h"

namespace kubewalk::kubectl {

namespace {

std::string unescaped(std::string_view text) {
    constexpr std::string_view digits = "0123456789abcdef0123456789ABCDEF";
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto high = text[i] == '%' && i + 2 < text.size() ? digits.find(text[i + 1]) : std::string_view::npos;
        const auto low = high == std::string_view::npos ? high : digits.find(text[i + 2]);
        if (low == std::string_view::npos) {
            out += text[i] == '+' ? ' ' : text[i];
            continue;
        }
        out += static_cast<char>((high % 16) << 4 | low % 16);
        i += 2;
    }
    return out;
}

}  // namespace

void send_raw(Run& run, client::Method method) {
    const std::string target = run.flags.text("raw");
    const auto mark = target.find('?');
    auto request = run.server.request(method, target.substr(0, mark));
    if (mark != std::string::npos)
        for (const auto pair : split(std::string_view(target).substr(mark + 1), '&')) {
            const auto equals = pair.find('=');
            auto& values = request.query[unescaped(pair.substr(0, equals))];
            append(values, values.empty() ? "" : "\n", equals == std::string_view::npos ? std::string() : unescaped(pair.substr(equals + 1)));
        }
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
    auto answer = run.server.answer(std::move(request));
    if (!answer.ok())
        return run.fail(answer.refusal());
    run.out(answer.value().is_string() ? answer.value().str() : api::to_json(answer.value()) + "\n");
}

}  // namespace kubewalk::kubectl
