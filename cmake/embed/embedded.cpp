#include <kubewalk/embedded.h>

#include <algorithm>
#include <array>

namespace kubewalk::embedded {

// One span per generated file; see embed.py.
std::span<const File> files_of_data();
std::span<const File> files_of_schema();
#ifdef KUBEWALK_EMBED_DOCS
std::span<const File> files_of_docs();
std::span<const File> files_of_parity();
#endif

namespace {

constexpr std::size_t max_files = 4096;

struct Index {
    std::array<File, max_files> files;
    std::size_t count = 0;

    void add(std::span<const File> more)
    {
        for (const File& file : more) {
            if (count < max_files)
                files[count++] = file;
        }
    }

    Index()
    {
        add(files_of_data());
        add(files_of_schema());
#ifdef KUBEWALK_EMBED_DOCS
        add(files_of_docs());
        add(files_of_parity());
#endif
        std::sort(files.begin(), files.begin() + static_cast<std::ptrdiff_t>(count),
            [](const File& a, const File& b) { return a.path < b.path; });
    }
};

const Index& index()
{
    static const Index the_index;
    return the_index;
}

}

std::span<const File> files()
{
    return { index().files.data(), index().count };
}

std::string_view find(std::string_view path)
{
    const auto all = files();
    const auto it = std::lower_bound(all.begin(), all.end(), path, [](const File& file, std::string_view wanted) { return file.path < wanted; });
    if (it == all.end() || it->path != path)
        return {};
    return it->data;
}

}
