// ls: coreutils src/ls.c, busybox coreutils/ls.c. Files have neither owners nor modes of their own here; what -l shows of them follows
// from where they lie and who looks.

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "core/shell/access.h"
#include "core/shell/programs.h"

namespace kubewalk::shell {

namespace {

// What every Linux root file system has, though nothing of it may be known here.
constexpr std::string_view image_folders[] = {"bin", "dev", "etc", "home", "lib", "proc", "root", "sys", "tmp", "usr", "var"};
constexpr std::string_view distribution_folders[] = {"boot", "media", "mnt", "opt", "run", "sbin", "srv"};  // of a distribution

struct ListedFile {
    std::string mode;
    std::string link;  // what it leads to
    int links = 1;
    std::int64_t uid = 0;
    std::int64_t gid = 0;
    std::size_t size = 0;
};

class FolderListing {
public:
    FolderListing(Process& process, const Options& options)
        : process_(process), long_(options.has("l")), all_(options.has("a")), hidden_(all_ || options.has("A")), numeric_(options.has("n")) {}

    bool shows_long() const { return long_ || numeric_; }

    // Nothing: there is no such folder.
    std::optional<std::set<std::string>> names_in(std::string folder) const {
        const auto plain = folder == "/" ? std::string() : folder;
        folder = plain + "/";
        std::set<std::string> names;
        const auto& context = process_.context;
        bool known = plain.empty() || is_standard(plain);
        const auto add = [&](std::string_view path) {
            if (!path.starts_with(folder) || path.size() == folder.size())
                return;
            known = true;
            const auto rest = path.substr(folder.size());
            names.emplace(rest.substr(0, rest.find('/')));
        };
        for (auto file = context.files.lower_bound(folder); file != context.files.end() && file->first.starts_with(folder); ++file) {
            known = true;
            add(file->first);
        }
        for (const auto& mount : context.folders) {
            known = known || mount == plain;
            add(mount);
        }
        if (!known)
            return std::nullopt;
        if (plain.empty() && in_container(context)) {
            for (const auto standard : image_folders)
                names.emplace(standard);
            for (const auto standard : distribution_folders)
                if (!is_applet(context, "ls"))
                    names.emplace(standard);
        }
        names.erase(".");  // what mkdir puts into an empty folder
        if (linked_root(plain)) {
            names.insert(snapshot());
            names.insert("..data");
        }
        for (auto name = names.begin(); name != names.end();)
            name = name->starts_with('.') && !hidden_ ? names.erase(name) : std::next(name);
        if (all_)
            names.insert({".", ".."});
        return names;
    }

    void print(const std::vector<std::pair<std::string, std::string>>& entries) {  // what is shown, and its path
        if (!shows_long()) {
            for (const auto& [name, path] : entries)
                process_.print(name, "\n");
            return;
        }
        std::vector<ListedFile> rows;
        std::size_t widths[4] = {};
        const auto owner = [this](std::int64_t id) { return numeric_ ? cat(id) : user_name(id); };
        for (const auto& [name, path] : entries) {
            rows.push_back(entry(name, path));
            const ListedFile& row = rows.back();
            const std::size_t sizes[] = {cat(row.links).size(), owner(row.uid).size(), owner(row.gid).size(), cat(row.size).size()};
            for (int i = 0; i < 4; ++i)
                widths[i] = std::max(widths[i], sizes[i]);
        }
        // BusyBox has fixed widths: "%4lu %-8.8s %-8.8s " and "%9llu ".
        const bool applet = is_applet(process_.context, "ls");
        if (applet) {
            const std::size_t fixed[] = {4, 8, 8, 9};
            std::copy(std::begin(fixed), std::end(fixed), std::begin(widths));
        }
        const auto right = [](std::string text, std::size_t width) { return std::string(width > text.size() ? width - text.size() : 0, ' ') + text; };
        const auto left = [](std::string text, std::size_t width) { return text + std::string(width > text.size() ? width - text.size() : 0, ' '); };
        const auto date = formatted_date(process_.context.simulation.now(), "%b %e %H:%M");
        for (std::size_t i = 0; i < rows.size(); ++i) {
            const ListedFile& row = rows[i];
            process_.print(row.mode, " ", right(cat(row.links), widths[0]), " ", left(owner(row.uid), widths[1]), " ", left(owner(row.gid), widths[2]), " ",
                           right(cat(row.size), widths[3]), " ", date, " ", entries[i].first, row.link.empty() ? "" : " -> ", row.link, "\n");
        }
    }

    // The line "total N": blocks of 1 KiB, each file in whole pages.
    void print_total(const std::vector<std::pair<std::string, std::string>>& entries) {
        if (!shows_long())
            return;
        constexpr std::size_t page = 4096;
        std::size_t pages = 0;
        for (const auto& [name, path] : entries)
            if (const auto row = entry(name, path); row.link.empty())
                pages += (row.size + page - 1) / page;
        process_.print("total ", pages * 4, "\n");
    }

private:
    static bool is_standard(std::string_view path) {
        const auto name = path.substr(1);
        const auto among = [name](const auto& list) { return std::find(std::begin(list), std::end(list), name) != std::end(list); };
        return among(image_folders) || among(distribution_folders);
    }

    // The folder is the root of a volume that is written atomically.
    bool linked_root(std::string_view folder) const {
        const auto access = access_to(process_.context, folder);
        return access.linked && access.path == folder;
    }
    // When the volume was written last is not known; its name stays the same.
    static std::string snapshot() { return formatted_date(Time{}, "..%Y_%m_%d_%H_%M_%S.2982406531"); }

    ListedFile entry(const std::string& name, const std::string& path) const {
        const auto& context = process_.context;
        const auto access = access_to(context, path);
        const std::string* content = process_.file(path);
        const bool mount = access.mounted && access.path == path;
        // In a volume, files are those of who looks; everything else is the image's and so root's.
        const bool own = access.mounted && !access.read_only && !mount;
        const auto who = identity_of(context);
        // fsGroup is the first of the groups beside the process's own, which is as near as one comes from here.
        std::int64_t group = -1;
        for (const auto candidate : who.groups)
            if (group < 0 && candidate != who.gid)
                group = candidate;
        ListedFile made;
        made.uid = own ? context.uid : 0;
        made.gid = access.mounted && group >= 0 ? group : own ? who.gid : 0;
        const std::string_view parent = std::string_view(path).substr(0, path.rfind('/'));
        if (access.linked && linked_root(parent) && name != "." && name != ".." && name != snapshot()) {
            made.gid = 0;
            made.mode = "lrwxrwxrwx";
            made.link = name == "..data" ? snapshot() : cat("..data/", name);
            made.size = made.link.size();
        } else if (content) {
            made.mode = "-rw-r--r--";
            made.size = content->size();
        } else {
            const bool with_group = access.mounted && group >= 0;
            made.mode = path == "/tmp" || path == "/var/tmp" || access.linked ? "drwxrwxrwt"
                        : mount                                             ? with_group ? "drwxrwsrwx" : "drwxrwxrwx"
                                                                            : with_group ? "drwxr-sr-x" : "drwxr-xr-x";
            made.links = 2;
            made.size = 4096;
        }
        return made;
    }

    Process& process_;
    bool long_;
    bool all_;
    bool hidden_;
    bool numeric_;
};

}  // namespace

// Files come first, then each folder under its name where several things were asked for.
int ls_main(Process& process) {
    const auto options = parse_options(process.args, "l a 1 A h R d n t r S F all=a almost-all=A", "color");
    auto asked = options.operands;
    const bool here = asked.empty();
    if (here)
        asked.emplace_back(".");
    FolderListing listing(process, options);
    const bool applet = is_applet(process.context, "ls");
    int exit = 0;
    std::vector<std::pair<std::string, std::string>> files;
    std::vector<std::pair<std::string, std::set<std::string>>> folders;
    for (const auto& operand : asked) {
        const auto path = absolute_path(process.context, operand);
        const bool file = !operand.empty() && process.file(path);
        auto names = file || operand.empty() ? std::nullopt : listing.names_in(path);
        if (!names && here)
            names.emplace();
        if (file || (names && options.has("d")))
            files.emplace_back(operand, path);
        else if (names)
            folders.emplace_back(operand, std::move(*names));
        else if (applet)
            exit = process.fail(1, "ls: ", operand, ": No such file or directory\n");
        else
            exit = process.fail(2, "ls: cannot access '", operand, "': No such file or directory\n");
    }
    listing.print(files);
    bool printed = !files.empty();
    for (const auto& [name, names] : folders) {
        if (asked.size() > 1)
            process.print(std::exchange(printed, true) ? "\n" : "", name, ":\n");
        const auto path = absolute_path(process.context, name);
        std::vector<std::pair<std::string, std::string>> entries;
        for (const auto& entry : names)
            entries.emplace_back(entry, entry == "." || entry == ".." ? path : cat(path == "/" ? "" : path, "/", entry));
        listing.print_total(entries);
        listing.print(entries);
    }
    return exit;
}

}  // namespace kubewalk::shell
