// The only input and output of core: files and streams of the machine the program runs on.

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>

#include "core/base/text.h"
#include "core/cli/command.h"
#include "core/cluster/cluster.h"

namespace kubewalk::cli {

namespace {
Error system_error(std::string_view path) {
    return Error{"NotFound", cat("open ", path, ": ", to_lower(std::strerror(errno))), {}, 0, 0};
}
}  // namespace

Result<std::string> read_file(std::string_view path) {
    struct Close {
        void operator()(std::FILE* file) const {
            if (file != stdin)
                std::fclose(file);
        }
    };
    std::error_code problem;
    if (path != "-" && std::filesystem::is_directory(std::string(path), problem))
        return Error{"IsDirectory", cat("read ", path, ": is a directory"), {}, 0, 0};
    const std::unique_ptr<std::FILE, Close> file(path == "-" ? stdin : std::fopen(std::string(path).c_str(), "rb"));
    if (!file)
        return system_error(path);
    std::string text;
    char buffer[65536];
    while (const std::size_t n = std::fread(buffer, 1, sizeof buffer, file.get()))
        text.append(buffer, n);
    return text;
}

Result<std::vector<std::string>> list_folder(std::string_view path) {
    std::error_code problem;
    std::vector<std::string> names;
    for (std::filesystem::directory_iterator it(std::string(path), problem), end; !problem && it != end; it.increment(problem))
        names.push_back(it->path().string());
    if (problem)
        return Error{"NotFound", cat("open ", path, ": ", to_lower(problem.message())), {}, 0, 0};
    std::sort(names.begin(), names.end());
    return names;
}

void print(std::string_view text) { std::fwrite(text.data(), 1, text.size(), stdout); }
void print_error(std::string_view text) { std::fwrite(text.data(), 1, text.size(), stderr); }

std::unique_ptr<cluster::Session> open_session(const Invocation& invocation) {
    auto session = std::make_unique<cluster::Session>(invocation.cluster);
    if (const auto& failure = session->cluster().failure()) {
        print_error(cat("kubewalk: ", failure->message, "\n"));
        return nullptr;
    }
    session->cluster().host_files() = {read_file, list_folder};
    for (const auto& file : invocation.files) {
        const auto result = session->run(cat("kubectl apply -f ", kubewalk::quoted(file)));
        print_error(result.err);
        if (result.exit != 0)
            return nullptr;
    }
    if (!invocation.files.empty())
        session->settle();
    return session;
}

}  // namespace kubewalk::cli
