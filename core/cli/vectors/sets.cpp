#include "core/cli/vectors/runner.h"

namespace kubewalk::cli {

namespace {
constexpr VectorSet table[] = {{"", nullptr}};
}

std::span<const VectorSet> vector_sets() { return table; }

}  // namespace kubewalk::cli
