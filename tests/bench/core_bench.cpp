// What core costs, natively and (the same program under Node) in WebAssembly: kubewalk_bench [NAME...]
// Without names all parts but the large cluster, which takes a minute.

#include "bench.h"

namespace {

using namespace kubewalk::bench;

struct Part {
    std::string_view name;
    void (*run)();
    bool asked_for_only = false;  // not without its name
};
constexpr Part parts[] = {
    {"start", start}, {"deployment", deployment}, {"history", history}, {"large", large, true},
};

}  // namespace

int main(int count, char** arguments) {
    for (const Part& part : parts) {
        bool wanted = count < 2 && !part.asked_for_only;
        for (int i = 1; i < count; ++i)
            wanted = wanted || part.name == arguments[i];
        if (wanted)
            part.run();
    }
    return 0;
}
