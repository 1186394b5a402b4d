// kubewalk_fuzz: plays every door's kept inputs (tests/fuzz/corpus/DOOR), then inputs made from seeds. Same numbers, same
// inputs, everywhere; libFuzzer (libfuzzer.cpp) finds more where clang is at hand.
//
//   kubewalk_fuzz [--project FOLDER] [--failures FOLDER] [--door NAME] [--seed N] [--from N] [--runs N] [--most N] [--cpu SECONDS]
//   kubewalk_fuzz --replay DOOR FILE...   these inputs, in this process (for a debugger)
//   kubewalk_fuzz --seeds FOLDER          writes DOOR/* and DOOR.dict there, for libFuzzer
//
// A door runs in a process of its own: what ends it (a sanitizer's report, a promise that does not hold, more memory or time
// than any input may cost) is told with the numbers that make the input again, the input is written to FAILURES/DOOR-N,
// and the door goes on behind it. Last line: N passed, N failed, 0 skipped.

#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <thread>

#include "tests/fuzz/driver/door.h"
#include "tests/fuzz/driver/mutate.h"
#include "tests/fuzz/driver/seeds.h"

// Pieces given back are watched for a while only: memory is what a door's inputs are judged by.
extern "C" const char* __asan_default_options() { return "quarantine_size_mb=32:detect_leaks=0:max_allocation_size_mb=1024:allocator_may_return_null=0"; }

namespace kubewalk::fuzz {

namespace {

namespace files = std::filesystem;

// Sanitized frames are some times as large as WebAssembly's, whose stack is small (cmake/Options.cmake).
constexpr rlim_t stack_bytes = 4u << 20;
constexpr long most_resident_mb = 2048;
constexpr std::size_t largest_input = 1u << 20;

struct Settings {
    std::string project = ".", failures = "build/fuzz-failures", door;
    std::uint64_t seed = 1, from = 0;
    std::int64_t runs = -1;  // each door's own
    int most = 3;            // failures of a door before it is left alone
    int cpu_seconds = 60;    // against inputs that never end; no measure of speed
};

// What the process of a door tells the one that watches it.
struct Shared {
    std::uint64_t number;  // of the input under way
    std::size_t size;
    char complaint[200];
    char bytes[largest_input];
};

long resident_mb() {
    long pages = 0, all = 0;
    if (FILE* file = std::fopen("/proc/self/statm", "r")) {
        if (std::fscanf(file, "%ld %ld", &all, &pages) != 2)
            pages = 0;
        std::fclose(file);
    }
    return pages * sysconf(_SC_PAGESIZE) / (1 << 20);
}

double cpu_now() {
    timespec time{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

// Beside the inputs: ends the process when one takes more than any may.
void watch(Shared& shared, const Settings& settings) {
    const long at_start = resident_mb();
    std::uint64_t number = shared.number;
    double began = cpu_now();
    while (true) {
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
        if (shared.number != number) {
            number = shared.number;
            began = cpu_now();
        }
        const char* complaint = resident_mb() > at_start + most_resident_mb ? "it takes too much memory" : cpu_now() - began > settings.cpu_seconds ? "it does not end" : nullptr;
        if (!complaint)
            continue;
        std::snprintf(shared.complaint, sizeof shared.complaint, "%s", complaint);
        std::fprintf(stderr, "%s\n", complaint);
        std::abort();
    }
}

void run_one(const Door& door, Shared& shared, std::uint64_t number, const std::string& input) {
    shared.size = std::min(input.size(), largest_input);
    std::memcpy(shared.bytes, input.data(), shared.size);
    shared.number = number;
    // Of exactly that size, so that a byte too far is seen.
    const std::vector<std::uint8_t> bytes(input.begin(), input.end());
    door.run(bytes.data(), bytes.size());
}

// Runs `work(number)` for the numbers from `from` to `to` in a process that may end on the way; the number at which it did.
template <typename Work>
std::uint64_t in_process(Shared& shared, const Settings& settings, std::uint64_t from, std::uint64_t to, const Work& work) {
    shared.number = from;
    shared.complaint[0] = '\0';
    std::fflush(nullptr);
    const pid_t child = fork();
    if (child == 0) {
        const rlimit stack{stack_bytes, stack_bytes}, no_core{0, 0};
        setrlimit(RLIMIT_STACK, &stack);
        setrlimit(RLIMIT_CORE, &no_core);
        std::thread([&shared, &settings] { watch(shared, settings); }).detach();
        for (auto number = from; number < to; ++number)
            work(number);
        shared.number = to;
        _exit(0);
    }
    int status = 0;
    waitpid(child, &status, 0);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? to : shared.number;
}

// For a person's eyes, and short.
std::string shown(const Shared& shared) {
    std::string out;
    for (std::size_t i = 0; i < shared.size && out.size() < 1500; ++i) {
        const auto byte = static_cast<unsigned char>(shared.bytes[i]);
        if (byte == '\n' || (byte >= ' ' && byte != 0x7f))
            out += shared.bytes[i];
        else {
            char escaped[8];
            std::snprintf(escaped, sizeof escaped, "\\x%02x", byte);
            out += escaped;
        }
    }
    return out;
}

void report(std::string_view door, const Shared& shared, const Settings& settings, const std::string& what, const std::string& name) {
    files::create_directories(settings.failures);
    const auto path = files::path(settings.failures) / name;
    std::ofstream(path, std::ios::binary).write(shared.bytes, static_cast<std::streamsize>(shared.size));
    std::printf("FAIL %s: %s %s\n  again: kubewalk_fuzz --replay %s %s\n%s\n", std::string(door).c_str(), what.c_str(), shared.complaint,
                std::string(door).c_str(), path.c_str(), shown(shared).c_str());
}

std::vector<files::path> kept_inputs(const Settings& settings, std::string_view door) {
    std::vector<files::path> paths;
    std::error_code none;
    for (const auto& entry : files::directory_iterator(files::path(settings.project) / "tests/fuzz/corpus" / door, none))
        paths.push_back(entry.path());
    std::sort(paths.begin(), paths.end());
    return paths;
}

struct Count {
    int passed = 0, failed = 0;
};

void try_door(const DoorEntry& entry, Shared& shared, const Settings& settings, Count& count) {
    const std::string name(entry.name);
    const Door door = entry.make();
    const auto kept = kept_inputs(settings, name);
    int kept_failed = 0;
    for (std::uint64_t at = 0; at < kept.size(); ++at) {
        at = in_process(shared, settings, at, kept.size(), [&](std::uint64_t number) { run_one(door, shared, number, file_text(kept[number])); });
        if (at == kept.size())
            break;
        report(name, shared, settings, cat("the kept input ", kept[at].filename().string()), cat(name, "-kept-", kept[at].filename().string()));
        ++kept_failed;
    }
    count.failed += kept_failed;
    count.passed += static_cast<int>(kept.size()) - kept_failed;
    const auto end = settings.from + static_cast<std::uint64_t>(settings.runs >= 0 ? settings.runs : door.runs);
    int failed = 0;
    for (auto at = settings.from; at < end; ++at) {
        at = in_process(shared, settings, at, end, [&](std::uint64_t number) { run_one(door, shared, number, made_input(name, door, settings.seed, number)); });
        if (at >= end)
            break;
        report(name, shared, settings, cat("--seed ", settings.seed, " --from ", at, " --runs 1"), cat(name, "-", settings.seed, "-", at));
        if (++failed >= settings.most)
            break;
    }
    count.failed += failed;
    count.passed += failed == 0 ? 1 : 0;
    std::printf("%s %s: %zu kept, %lld made\n", failed == 0 ? "ok" : "FAIL", name.c_str(), kept.size(), static_cast<long long>(end - settings.from));
    std::fflush(stdout);
}

int write_seeds(const files::path& folder) {
    for (const auto& [name, make] : doors()) {
        const Door door = make();
        files::create_directories(folder / name);
        for (std::size_t i = 0; i < door.seeds.size(); ++i)
            std::ofstream(folder / name / std::to_string(i), std::ios::binary) << door.seeds[i];
        std::ofstream words(folder / cat(name, ".dict"), std::ios::binary);
        for (const auto& word : door.words) {
            words << '"';
            for (const char c : word) {
                char escaped[8];
                std::snprintf(escaped, sizeof escaped, "\\x%02x", static_cast<unsigned char>(c));
                words << escaped;
            }
            words << "\"\n";
        }
    }
    return 0;
}

int replay(int count, char** words) {
    for (const auto& [name, make] : doors()) {
        if (count < 1 || name != words[0])
            continue;
        const Door door = make();
        for (int i = 1; i < count; ++i) {
            const auto text = file_text(words[i]);
            const std::vector<std::uint8_t> bytes(text.begin(), text.end());
            door.run(bytes.data(), bytes.size());
            std::printf("ok %s\n", words[i]);
        }
        return 0;
    }
    std::fprintf(stderr, "no such door\n");
    return 2;
}

int run(int argc, char** argv) {
    Settings settings;
    std::string seeds;
    for (int i = 1; i < argc; ++i) {
        const std::string_view option = argv[i];
        if (option == "--replay") {
            set_project(settings.project);
            return replay(argc - i - 1, argv + i + 1);
        }
        if (++i == argc) {
            std::fprintf(stderr, "%s needs a value\n", argv[i - 1]);
            return 2;
        }
        const std::string value = argv[i];
        const auto number = parse_int(value).value_or(0);
        if (option == "--project") settings.project = value;
        else if (option == "--failures") settings.failures = value;
        else if (option == "--door") settings.door = value;
        else if (option == "--seed") settings.seed = static_cast<std::uint64_t>(number);
        else if (option == "--from") settings.from = static_cast<std::uint64_t>(number);
        else if (option == "--runs") settings.runs = number;
        else if (option == "--most") settings.most = static_cast<int>(number);
        else if (option == "--cpu") settings.cpu_seconds = static_cast<int>(number);
        else if (option == "--seeds") seeds = value;
        else return std::fprintf(stderr, "unknown option %s\n", argv[i - 1]), 2;
    }
    set_project(settings.project);
    if (!seeds.empty())
        return write_seeds(seeds);
    void* memory = mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    auto& shared = *static_cast<Shared*>(memory);
    Count count;
    for (const auto& entry : doors())
        if (settings.door.empty() || settings.door == entry.name)
            try_door(entry, shared, settings, count);
    std::printf("%d passed, %d failed, 0 skipped\n", count.passed, count.failed);
    return count.failed == 0 && count.passed > 0 ? 0 : 1;
}

}  // namespace

}  // namespace kubewalk::fuzz

int main(int argc, char** argv) { return kubewalk::fuzz::run(argc, argv); }
