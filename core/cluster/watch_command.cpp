#include "core/cluster/watch_command.h"

#include <algorithm>

#include "core/base/text.h"
#include "core/cluster/cluster.h"
#include "core/cluster/laptop.h"

namespace kubewalk::cluster {

namespace {

constexpr Duration shortest = milliseconds(100);  // as watch has it
constexpr int most_commands = 500;                // of one round

// Runs the command again and again; the screen shows what it printed last.
class Watching final : public kubectl::Continuation {
public:
    Watching(Cluster& cluster, shell::Script shell, std::string line, Duration every, bool title)
        : cluster_(&cluster), shell_(std::move(shell)), line_(std::move(line)), every_(every), title_(title) {}

    bool poll(Time now, kubectl::Output& out) override {
        if (now < next_)
            return false;
        next_ = now + every_;
        out.wiped = true;
        if (title_)
            append(out.out, header(now), "\n\n");
        shell::Script round = shell_;
        if (auto wrong = round.take(line_)) {
            out.out += *wrong;
            return false;
        }
        for (int i = 0; i < most_commands && !round.done(); ++i) {
            const auto run = step_on_laptop(*cluster_, round, line_, {});
            append(out.out, run.result.out, run.result.err);
        }
        return false;
    }
    std::unique_ptr<kubectl::Continuation> clone() const override { return std::make_unique<Watching>(*this); }

private:
    std::string header(Time now) const {
        constexpr std::size_t width = 80;
        const auto tenths = every_.ns / 100'000'000;
        const auto left = cat("Every ", tenths / 10, ".", tenths % 10, "s: ", line_);
        const auto right = cat("laptop: ", shell::date_text(now, {}));
        const auto gap = left.size() + right.size() + 2 < width ? width - left.size() - right.size() : 2;
        return cat(left, std::string(gap, ' '), right);
    }

    Cluster* cluster_;  // a service
    shell::Script shell_;
    std::string line_;
    Duration every_;
    bool title_;
    Time next_{};
};

}  // namespace

Result<std::unique_ptr<kubectl::Continuation>> start_watching(Cluster& cluster, const shell::Script& shell, const std::vector<std::string>& argv) {
    const auto wrong = [](std::string text) { return Error{"Usage", std::move(text), {}, 0, 0}; };
    Duration every = seconds(2);
    bool title = true;
    std::size_t at = 1;
    for (; at < argv.size() && argv[at].starts_with('-') && argv[at].size() > 1; ++at) {
        const std::string& word = argv[at];
        if (word == "-t" || word == "--no-title") {
            title = false;
        } else if (word.starts_with("-n") || word.starts_with("--interval")) {
            std::string number;
            if (const auto equals = word.find('='); equals != std::string::npos)
                number = word.substr(equals + 1);
            else if (word.size() > 2 && word[1] == 'n')
                number = word.substr(2);
            else if (at + 1 < argv.size())
                number = argv[++at];
            const auto interval = parse_go_duration(number + "s");
            if (!interval || interval->ns <= 0)
                return wrong(cat("watch: failed to parse argument: '", number, "'"));
            every = std::max(*interval, shortest);
        } else if (word != "-d" && word != "--differences" && word != "-c" && word != "--color") {
            return wrong(cat("watch: invalid option -- '", word.substr(1), "'"));
        }
    }
    if (at >= argv.size())
        return wrong("Usage:\n watch [options] command");
    const std::vector<std::string> words(argv.begin() + static_cast<std::ptrdiff_t>(at), argv.end());
    return std::unique_ptr<kubectl::Continuation>(std::make_unique<Watching>(cluster, shell, join(words, " "), every, title));
}

}  // namespace kubewalk::cluster
