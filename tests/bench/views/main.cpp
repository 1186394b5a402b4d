// kubewalk_views_bench [cluster] [editor] [terminal]: all of them when none is named.

#include <string_view>

#include "tests/bench/views/measure.h"

int main(int count, char** arguments) {
    using namespace kubewalk::views_bench;
    struct Part {
        std::string_view name;
        void (*run)();
    };
    for (const Part& part : {Part{"cluster", cluster_view}, Part{"editor", editor}, Part{"terminal", terminal}}) {
        bool wanted = count < 2;
        for (int i = 1; i < count; ++i) wanted = wanted || part.name == arguments[i];
        if (wanted) part.run();
    }
    return 0;
}
